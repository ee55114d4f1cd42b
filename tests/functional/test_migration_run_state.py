# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest that stood still arrives in the state it stood in."""

import struct

import pytest

import stream
from conftest import MACHINES
from qmp import QmpError
from test_migration import migrate, wait_migrated, wait_rounds, wait_status, FOREVER

RUNNING, SHUTDOWN, INTERNAL_ERROR = 2, 4, 6


@pytest.fixture
def machine():
    return MACHINES[0]


def guest_options(machine, guest, append):
    return ['-M', machine, '-m', 32, '-kernel', guest, '-append', append, '-no-shutdown']


def saved(vm, path):
    migrate(vm, f'file:{path}')
    assert wait_migrated(vm)['status'] == 'completed', vm.explain()
    return path.read_bytes()


def with_rows(data, section, version, **changes):
    """The stream with rows of one section replaced (bytes), or taken away (None)."""
    parts = []
    for _, kind, payload in stream.frames(data):
        size = payload[0] if kind == stream.STATE else 0
        if payload[1:1 + size] == section.encode() and size:
            head, rest = payload[:5 + size], payload[5 + size:]
            payload = head + stream.replace_rows(rest, version, changes)
        parts.append(stream.frame(kind, payload))
    return data[:12] + b''.join(parts)


def by_shutdown(start, options, _):
    vm = start(*options)
    wait_status(vm, 'shutdown')
    return vm


def by_panic(start, options, _):
    vm = start(*options, '-device', 'pvpanic')
    wait_status(vm, 'guest-panicked')
    return vm


def by_prelaunch(start, options, _):
    return start(*options, '-S')


def by_stop(start, options, _):
    vm = start(*options)
    vm.qmp.command('stop')
    return vm


def by_internal_error(start, options, tmp_path):
    """Nothing here breaks KVM at will; a saved guest can say that it was broken."""
    path = tmp_path / 'broken'
    vm = start(*options, '-S')
    data = saved(vm, path)
    vm.close()
    path.write_bytes(with_rows(data, 'program', 2, **{'run-state': bytes([INTERNAL_ERROR])}))
    vm = start(*options, '-incoming', f'file:{path}')
    wait_status(vm, 'internal-error')
    return vm


@pytest.mark.parametrize('state, append, bring', [
    ('shutdown', 'exit=poweroff', by_shutdown),
    ('guest-panicked', 'exit=panic', by_panic),
    ('internal-error', f'repeat=0 work={FOREVER}', by_internal_error),
    ('prelaunch', f'repeat=0 work={FOREVER}', by_prelaunch),
    ('paused', f'repeat=0 work={FOREVER}', by_stop)])
def test_state_of_the_source_arrives(start, kvm, x86, machine, guest, tmp_path, state,
                                     append, bring):
    """Over a socket and through a file, also where the destination is to start it."""
    options = guest_options(machine, guest, append)
    devices = ['-device', 'pvpanic'] if state == 'guest-panicked' else []
    vm = bring(start, options, tmp_path)
    for lap, more in enumerate(([], ['-S'])):
        target = start(*options, *devices, *more, '-incoming', f'unix:{tmp_path}/m{lap}')
        wait_status(target, 'inmigrate')
        migrate(vm, f'unix:{tmp_path}/m{lap}')
        assert wait_migrated(vm)['status'] == 'completed'
        wait_status(target, state)
        vm.close()
        vm = target
    path = tmp_path / 'saved'
    saved(vm, path)
    vm.close()
    # A source that has sent its guest away says so; what it sends again is just stopped.
    target = start(*options, *devices, '-incoming', f'file:{path}')
    wait_status(target, state)
    if state in ('prelaunch', 'paused'):
        target.qmp.command('cont')
        wait_rounds(target)
        return
    with pytest.raises(QmpError, match='Resetting the Virtual Machine is required'):
        target.qmp.command('cont')
    target.qmp.command('system_reset')
    target.qmp.command('cont')
    wait_status(target, 'running' if state == 'internal-error' else state)


def test_guest_that_was_sent_away_arrives_paused(start, kvm, machine, guest, tmp_path):
    options = guest_options(machine, guest, f'repeat=0 work={FOREVER}')
    vm = start(*options)
    wait_rounds(vm)
    saved(vm, tmp_path / 'one')
    saved(vm, tmp_path / 'two')
    vm.close()
    vm = start(*options, '-incoming', f'file:{tmp_path}/two')
    wait_status(vm, 'paused')
    vm.qmp.command('cont')
    wait_rounds(vm)


@pytest.mark.parametrize('running', [True, False])
def test_stream_of_version_1_tells_running_from_stopped(start, kvm, machine, guest, tmp_path,
                                                        running):
    path = tmp_path / 'saved'
    options = guest_options(machine, guest, f'repeat=0 work={FOREVER}')
    vm = start(*options)
    wait_rounds(vm)
    if not running:
        vm.qmp.command('stop')
    data = saved(vm, path)
    vm.close()
    path.write_bytes(with_rows(data, 'program', 1, **{'run-state': None}))
    vm = start(*options, '-incoming', f'file:{path}')
    wait_status(vm, 'running' if running else 'paused')
    vm.qmp.command('cont')
    wait_rounds(vm)


@pytest.mark.parametrize('changes', [
    {'run-state': b'\x08'}, {'run-state': b'\xff'}, {'run-state': bytes([RUNNING])},
    {'was-running': b'\x01', 'run-state': bytes([SHUTDOWN])}, {'run-state': None}])
def test_made_up_state_is_refused_by_name(start, kvm, machine, guest, tmp_path, changes):
    path = tmp_path / 'saved'
    options = guest_options(machine, guest, f'repeat=0 work={FOREVER}')
    data = saved(start(*options, '-S'), path)
    path.write_bytes(with_rows(data, 'program', 2, **changes))
    vm = start(*options, '-incoming', f'file:{path}', qmp=False)
    assert vm.wait() == 1
    assert f'incoming migration: file:{path}: state program: program.run-state' in vm.error_text
