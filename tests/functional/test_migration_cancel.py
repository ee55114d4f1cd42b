# SPDX-License-Identifier: GPL-2.0-or-later
"""A migration that waits for somebody can be cancelled, and the program can end."""

import json
import os
import socket
import struct
import time

import pytest

import stream
from conftest import MACHINES
from qmp import QmpError
from test_migration import migrate, wait_migrated, wait_rounds, wait_status, FOREVER

ACCEPT, LOADED = 7, 9


@pytest.fixture
def machine():
    return MACHINES[0]


@pytest.fixture
def options(machine, guest):
    return ['-M', machine, '-m', 32, '-kernel', guest, '-append', f'repeat=0 work={FOREVER}']


def test_stop_holds_where_a_stopped_guest_stays(start, kvm, options, tmp_path):
    """While it waits for migrate-continue; without stop it runs on after the cancel."""
    for lap, with_stop in enumerate((True, False)):
        source = start(*options)
        target = start(*options, '-incoming', f'unix:{tmp_path}/{lap}')
        wait_status(target, 'inmigrate')
        wait_rounds(source)
        source.qmp.command('migrate-set-capabilities', capabilities=[
            {'capability': 'pause-before-switchover', 'state': True}])
        migrate(source, f'unix:{tmp_path}/{lap}')
        wait_status(source, 'finish-migrate')
        if with_stop:
            source.qmp.command('stop')
        source.qmp.command('migrate_cancel')
        assert wait_migrated(source)['status'] == 'cancelled'
        wait_status(source, 'paused' if with_stop else 'running')
        source.qmp.command('cont')
        wait_rounds(source)


def test_peer_that_is_no_destination_is_named_as_that(start, kvm, options, tmp_path):
    """A QMP socket in place of the one that was meant."""
    source = start(*options, '-qmp', f'unix:{tmp_path}/qmp,server=on,wait=off')
    wait_rounds(source)
    migrate(source, f'unix:{tmp_path}/qmp')
    info = wait_migrated(source)
    assert info['status'] == 'failed'
    assert ': what answers is no destination of this program: ' in info['error-desc']
    with pytest.raises(QmpError, match='what answers is no destination'):
        source.qmp.command('query-vpmu-compat', address=f'unix:{tmp_path}/qmp')
    wait_rounds(source)


def full_listener(path):
    """A listener nobody accepts from, whose queue is full."""
    listener, client = (socket.socket(socket.AF_UNIX) for _ in range(2))
    listener.bind(str(path))
    listener.listen(0)
    client.connect(str(path))
    return listener, client


def stuck_address(kind, folder):
    """An address at which a migration waits, and what must live meanwhile."""
    if kind == 'unix':
        return f'unix:{folder}/full', full_listener(folder / 'full')
    if kind == 'file':
        os.mkfifo(folder / 'fifo')
        return f'file:{folder}/fifo', None
    # The first takes nothing; the second takes everything and does not end.
    return {'exec-deaf': 'exec:sleep 300', 'exec-slow': 'exec:cat > /dev/null; sleep 300',
            'exec-stubborn': "exec:trap '' TERM; cat > /dev/null; sleep 300"}[kind], None


STUCK = ['unix', 'file', 'exec-deaf', 'exec-slow', 'exec-stubborn']


@pytest.mark.parametrize('kind', STUCK)
@pytest.mark.parametrize('end', ['migrate_cancel', 'quit'])
def test_who_waits_can_be_stopped(start, kvm, options, tmp_path, kind, end):
    source = start(*options)
    wait_rounds(source)
    address, alive = stuck_address(kind, tmp_path)
    migrate(source, address)
    if kind in ('exec-slow', 'exec-stubborn'):
        wait_status(source, 'finish-migrate')
    else:
        time.sleep(0.2)
    source.qmp.command(end)
    if end == 'quit':
        assert source.wait(60) == 0
    else:
        assert wait_migrated(source, 60)['status'] == 'cancelled'
        wait_rounds(source)
    del alive


def test_command_is_ended_where_it_leads_no_group(start, kvm, options):
    source = start(*options, '-sandbox', 'on,elevateprivileges=deny')
    wait_rounds(source)
    migrate(source, 'exec:exec sleep 300')
    time.sleep(0.2)
    source.qmp.command('migrate_cancel')
    assert wait_migrated(source, 60)['status'] == 'cancelled'
    wait_rounds(source)


def test_named_pipe_waits_for_its_reader(start, kvm, options, tmp_path):
    os.mkfifo(tmp_path / 'fifo')
    source = start(*options)
    wait_rounds(source)
    migrate(source, f'file:{tmp_path}/fifo')
    target = start(*options, '-incoming', f'file:{tmp_path}/fifo')
    assert wait_migrated(source)['status'] == 'completed'
    wait_rounds(target)


def test_command_that_brought_a_guest_leaves_no_child(start, kvm, options, tmp_path):
    source = start(*options)
    wait_rounds(source)
    migrate(source, f'file:{tmp_path}/saved')
    assert wait_migrated(source)['status'] == 'completed'
    target = start(*options, '-incoming', f'exec:cat {tmp_path}/saved')
    wait_rounds(target)
    children = f'/proc/{target.process.pid}/task'
    deadline = time.monotonic() + 60
    while any(open(f'{children}/{task}/children').read() for task in os.listdir(children)):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_second_guest_is_refused_at_once(start, kvm, options, tmp_path):
    address = f'unix:{tmp_path}/m'
    first, second = start(*options), start(*options)
    target = start(*options, '-incoming', address)
    wait_status(target, 'inmigrate')
    migrate(first, address)
    assert wait_migrated(first)['status'] == 'completed'
    migrate(second, address)
    info = wait_migrated(second, 60)
    assert info['status'] == 'failed' and 'cannot connect' in info['error-desc']
    wait_rounds(second)


def test_capabilities_are_not_changed_under_way(start, kvm, options, tmp_path):
    source = start(*options)
    wait_rounds(source)
    migrate(source, f'file:{tmp_path}/saved', max_bandwidth=1000)
    with pytest.raises(QmpError, match='under way'):
        source.qmp.command('migrate-set-capabilities',
                           capabilities=[{'capability': 'compress', 'state': True}])


def test_limit_is_raised_while_it_is_waited_for(start, kvm, options, tmp_path):
    """At one byte per second the first frame alone would take hours."""
    source = start(*options)
    wait_rounds(source)
    migrate(source, f'file:{tmp_path}/saved', max_bandwidth=1)
    time.sleep(0.3)
    source.qmp.command('migrate-set-parameters', **{'max-bandwidth': 0})
    assert wait_migrated(source)['status'] == 'completed'


class Peer:
    """A destination that takes everything and says what it is told to."""

    def __init__(self, path):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen(1)

    def take(self, size):
        data = b''
        while len(data) < size:
            piece = self.socket.recv(size - len(data))
            assert piece
            data += piece
        return data

    def take_until(self, kind):
        found = None
        while found != kind:
            found, size, _ = struct.unpack('<III', self.take(12))
            self.take(size)

    def accept(self):
        self.socket, _ = self.listener.accept()
        self.take(12)
        self.take_until(stream.CONTRACT)
        self.socket.sendall(stream.frame(ACCEPT, json.dumps([]).encode()))


def test_guest_that_cannot_be_given_away_goes_on(start, kvm, options, tmp_path):
    """The destination has loaded everything, but is gone before it is told to run."""
    peer = Peer(tmp_path / 'm')
    source = start(*options)
    wait_rounds(source)
    migrate(source, f'unix:{tmp_path}/m')
    peer.accept()
    peer.take_until(stream.END)
    peer.socket.shutdown(socket.SHUT_RD)
    peer.socket.sendall(stream.frame(LOADED, b''))
    assert wait_migrated(source)['status'] == 'failed'
    wait_rounds(source)


def test_own_descriptors_of_the_program_are_no_transport(start, kvm, options):
    source = start(*options)
    wait_rounds(source)
    folder = f'/proc/{source.process.pid}/fd'
    own = [number for number in os.listdir(folder)
           if 'kvm-vm' in os.readlink(f'{folder}/{number}')]
    assert own
    with pytest.raises(QmpError, match='no descriptor called'):
        migrate(source, f'fd:{own[0]}')
    wait_rounds(source)


def test_machine_without_cpus_takes_no_guest(start, kvm, tmp_path):
    target = start('-M', 'none', '-incoming', f'unix:{tmp_path}/m')
    assert target.wait() == 1 and 'cannot take a guest' in target.error_text
    target = start('-M', 'none', '-incoming', 'defer')
    with pytest.raises(QmpError, match='cannot take a guest'):
        target.qmp.command('migrate-incoming', uri=f'unix:{tmp_path}/m')


def test_a_guest_that_reboots_all_the_time_is_not_lost(start, kvm, machine, guest, tmp_path):
    """Whatever moment it is stopped at, it boots again on one side."""
    again = ['-M', machine, '-m', 64, '-kernel', guest, '-append', 'exit=reboot']
    vm = start(*again)
    for lap in range(6):
        vm.wait_text('done=ok')
        target = start(*again, '-incoming', f'unix:{tmp_path}/{lap}')
        wait_status(target, 'inmigrate')
        migrate(vm, f'unix:{tmp_path}/{lap}')
        info = wait_migrated(vm)
        if info['status'] == 'completed':
            vm.close()
            vm = target
        else:
            assert 'asked for a reset' in info['error-desc'], info
            target.close()
        vm.wait_text('done=ok', count=vm.text.count('done=ok') + 2)
