# SPDX-License-Identifier: GPL-2.0-or-later
"""What a save leaves in its file: all of the guest, or nothing that looks like it."""

import os
import time

import pytest

import stream
from conftest import MACHINES
from test_migration import migrate, wait_migrated, wait_status
from test_migration_convergence import wait_laps

BEFORE = b'x' * 4096


@pytest.fixture
def machine():
    return MACHINES[0]


@pytest.fixture
def options(machine, guest):
    # Pages that are not zero: frames of one save are as long as those of the next.
    return ['-M', machine, '-m', 64, '-kernel', guest, '-append', 'fill=8 dirty=1']


@pytest.fixture
def source(start, kvm, options):
    vm = start(*options)
    wait_laps(vm)
    return vm


def save_half(vm, uri):
    """A save that is under way; some of it is in the file."""
    migrate(vm, uri, max_bandwidth=3 * 2**20)
    while (info := vm.qmp.command('query-migrate')).get('ram', {}).get(
            'transferred', 0) < 2**20:
        assert info['status'] in ('setup', 'active'), info
        time.sleep(0.01)


def save(vm, uri):
    migrate(vm, uri)
    assert wait_migrated(vm)['status'] == 'completed', vm.explain()


@pytest.mark.parametrize('offset', [0, len(BEFORE)])
def test_save_ends_where_its_stream_does(source, tmp_path, offset):
    """What a longer file had behind it is gone; what is before offset= stays."""
    path = tmp_path / 'saved'
    path.write_bytes(BEFORE + os.urandom(32 * 2**20))
    save(source, f'file:{path},offset={offset}')
    data = path.read_bytes()
    assert data[:offset] == BEFORE[:offset]
    saved = stream.Saved(data[offset:])
    at, _, payload = saved.frames[-1]
    assert len(data) == offset + at + 12 + len(payload)


@pytest.mark.parametrize('offset', [0, len(BEFORE)])
def test_cancelled_save_takes_back_what_it_wrote(source, tmp_path, offset):
    path = tmp_path / 'saved'
    path.write_bytes(BEFORE)
    uri = f'file:{path},offset={offset}'
    save(source, uri)
    source.qmp.command('cont')
    save_half(source, uri)
    source.qmp.command('migrate_cancel')
    assert wait_migrated(source)['status'] == 'cancelled'
    assert path.read_bytes() == BEFORE[:offset]
    wait_laps(source)


def test_save_that_was_killed_is_not_taken_for_the_one_before(source, start, options, tmp_path):
    """Their frames are of the same lengths: the end of the old one would fit."""
    path = tmp_path / 'saved'
    source.qmp.command('stop')
    save(source, f'file:{path}')
    source.qmp.command('cont')
    wait_laps(source)
    save_half(source, f'file:{path}')
    source.process.kill()
    source.process.wait()
    assert path.stat().st_size > 2**20
    target = start(*options, '-incoming', f'file:{path}', qmp=False)
    assert target.wait() == 1 and 'it ends within' in target.error_text


def test_what_is_no_regular_file_is_not_cut(source, start, options, tmp_path):
    os.mkfifo(tmp_path / 'pipe')
    migrate(source, f'file:{tmp_path}/pipe')
    target = start(*options, '-incoming', f'file:{tmp_path}/pipe')
    assert wait_migrated(source)['status'] == 'completed'
    wait_status(target, 'running')
    migrate(source, 'file:/dev/null')
    assert wait_migrated(source)['status'] == 'completed'


def test_a_migration_takes_no_descriptor_that_is_in_use(start, kvm, guest):
    vm = start('-m', 64, '-kernel', guest, '-append', 'fill=8 dirty=1')  # the serial port is on standard output
    wait_laps(vm)

    for number in ('0', '1', '2', '3', '4', '999', '01', '-1', '1x'):
        vm.qmp.send_raw(b'{"execute": "migrate", "arguments": {"uri": "fd:%s"}}\n'
                        % number.encode())
        reply = vm.qmp.reply()
        assert 'error' in reply, (number, reply)
    laps = vm.text.count('dirty')
    vm.wait_text('dirty', count=laps + 1)
