# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory over several connections (capability multifd)."""

import json
import os
import re
import socket
import struct

import pytest

import stream
from conftest import MACHINES
from qmp import QmpError
from test_migration import (free_port, rounds, send_fd, wait_migrated, wait_rounds,
                            wait_status)
from test_migration_convergence import set_up, wait_laps, watch

CHANNEL = 13
TOKEN = '0123456789abcdef' * 2


@pytest.fixture
def machine():
    return MACHINES[0]


@pytest.fixture
def options(machine, guest):
    return ['-M', machine, '-m', 64, '-smp', 2, '-kernel', guest,
            '-append', 'repeat=0 work=900000000']


def listen(start, options, uri):
    target = start(*options, '-incoming', uri)
    wait_status(target, 'inmigrate')
    return target


@pytest.mark.parametrize('kind', ['unix', 'tcp'])
@pytest.mark.parametrize('channels', [1, 2, 5])
def test_guest_moves_over_channels(start, kvm, options, tmp_path, kind, channels):
    vm = start(*options)
    for lap in range(2):
        uri = f'unix:{tmp_path}/{lap}' if kind == 'unix' else f'tcp:127.0.0.1:{free_port()}'
        wait_rounds(vm)
        target = listen(start, options, uri)
        set_up(vm, 'multifd', max_bandwidth=0, multifd_channels=channels)
        vm.qmp.command('migrate', uri=uri)
        info = wait_migrated(vm)
        assert info['status'] == 'completed', vm.explain() + target.explain()
        assert info['ram']['duplicate'] + info['ram']['normal'] >= 64 * 256
        assert info['ram']['transferred'] > info['ram']['normal-bytes']
        reached = rounds(vm)[-1]
        wait_rounds(target, 2)
        assert rounds(target)[-1] > reached
        assert vm.complaints == [], vm.explain()
        vm.close()
        vm = target


def test_busy_guest_keeps_every_page(start, kvm, machine, guest, tmp_path):
    """Pages written again and again come over other channels each pass; packed, too."""
    busy = ['-M', machine, '-m', 96, '-kernel', guest, '-append', 'fill=8 dirty=4']
    vm = start(*busy)
    for capabilities in (('multifd',), ('multifd', 'compress')):
        path = f'unix:{tmp_path}/{len(capabilities)}'
        wait_laps(vm)
        target = listen(start, busy, path)
        set_up(vm, 'auto-converge', *capabilities, max_bandwidth=0, multifd_channels=4,
               downtime_limit=500)
        vm.qmp.command('migrate', uri=path)
        assert wait_migrated(vm)['status'] == 'completed', vm.explain() + target.explain()
        wait_laps(target, 3)
        vm.close()
        vm = target


def test_only_addresses_have_channels(start, kvm, options, tmp_path):
    """Refused by the command, before anything begins; a descriptor given is closed."""
    source = start(*options)
    set_up(source, 'multifd')
    reader, writer = os.pipe()
    one, other = socket.socketpair()
    for name, end in (('pipe', writer), ('socket', one.detach())):
        send_fd(source, name, end)
        os.close(end)
    for uri in (f'file:{tmp_path}/f', 'exec:cat > /dev/null', 'fd:pipe', 'fd:socket'):
        with pytest.raises(QmpError, match='^GenericError: capability multifd .* unix: or tcp:'):
            source.qmp.command('migrate', uri=uri)
        assert 'status' not in source.qmp.command('query-migrate')
    assert not os.path.exists(tmp_path / 'f')
    assert os.read(reader, 1) == b'' and other.recv(1) == b''
    for count in (0, 256):
        with pytest.raises(QmpError, match='multifd-channels'):
            source.qmp.command('migrate-set-parameters', multifd_channels=count)
    wait_rounds(source)


def test_cancel_with_channels(start, kvm, options, tmp_path):
    source = start(*options)
    wait_rounds(source)
    target = listen(start, options, f'unix:{tmp_path}/m')
    set_up(source, 'multifd', max_bandwidth=10000, multifd_channels=3)
    source.qmp.command('migrate', uri=f'unix:{tmp_path}/m')
    watch(source, lambda info: info['status'] == 'active')
    source.qmp.command('migrate_cancel')
    assert wait_migrated(source)['status'] == 'cancelled'
    assert target.wait() == 1
    wait_rounds(source)
    # And again, to somebody who is there.
    target = listen(start, options, f'unix:{tmp_path}/n')
    set_up(source, max_bandwidth=0)
    source.qmp.command('migrate', uri=f'unix:{tmp_path}/n')
    assert wait_migrated(source)['status'] == 'completed'
    wait_rounds(target)


@pytest.mark.parametrize('victim', ['source', 'target'])
def test_a_peer_that_is_killed(start, kvm, options, tmp_path, victim):
    source = start(*options)
    wait_rounds(source)
    target = listen(start, options, f'unix:{tmp_path}/m')
    set_up(source, 'multifd', max_bandwidth=150000, multifd_channels=3)
    source.qmp.command('migrate', uri=f'unix:{tmp_path}/m')
    watch(source, lambda info: info.get('ram', {}).get('transferred', 0) > 20000)
    if victim == 'source':
        source.process.kill()
        assert target.wait() == 1, target.explain()
        assert 'incoming migration' in target.error_text
    else:
        target.process.kill()
        assert wait_migrated(source)['status'] == 'failed'
        wait_rounds(source)


def saved_handshake(start, options, tmp_path):
    """Header and contract of this guest."""
    path = tmp_path / 'saved'
    source = start(*options, '-S')
    source.qmp.command('migrate', uri=f'file:{path}')
    assert wait_migrated(source)['status'] == 'completed'
    source.close()
    saved = stream.Saved(path.read_bytes())
    return saved.header, saved.frames[1][2]


def begin(frames=b''):
    return stream.MAGIC + struct.pack('<I', 1) + frames


def connect(path, data=b''):
    peer = socket.socket(socket.AF_UNIX)
    peer.connect(path)
    peer.sendall(data)
    return peer


def announce(start, options, tmp_path, channels, **more):
    """A destination that was told of a guest over @channels, and the main connection."""
    header, contract = saved_handshake(start, options, tmp_path)
    target = listen(start, options, f'unix:{tmp_path}/m')
    handshake = dict(header, channels=channels, **{'channel-token': TOKEN}, **more)
    return target, connect(f'{tmp_path}/m', begin(
        stream.frame(stream.HEADER, json.dumps(handshake).encode())
        + stream.frame(stream.CONTRACT, contract)))


@pytest.mark.parametrize('bad,message', [
    (b'x' * 100, r'channel 1 of 1: .*damaged in memory at offset 56'),
    (stream.frame(stream.STATE, b''), r"channel 1 of 1: at offset 56: a frame 'state'"),
    (stream.frame(stream.RAM, b'\0' * 20), r'channel 1 of 1: at offset 56: RAM: 0 pages'),
    (stream.frame(stream.END, struct.pack('<Q', 7)), r'channel 1 of 1: 0 frames came'),
    (None, r'channel 1 of 1: '),
])
def test_a_hostile_channel_is_an_error(start, kvm, options, tmp_path, bad, message):
    target, main = announce(start, options, tmp_path, 1, **{'return-path': True})
    # Strangers: another token, and garbage.
    strangers = [connect(f'{tmp_path}/m', begin(stream.frame(CHANNEL, b'f' * 32))),
                 connect(f'{tmp_path}/m', b'?' * 100)]
    peer = connect(f'{tmp_path}/m', begin(stream.frame(CHANNEL, TOKEN.encode())))
    if bad is None:
        peer.close()
    else:
        peer.sendall(bad)
        peer.shutdown(socket.SHUT_WR)
    answers = b''
    while data := main.recv(4096):
        answers += data
    assert target.wait() == 1, target.explain()
    assert re.search(message, target.error_text), target.error_text
    assert b'channel 1 of 1' in answers
    for stranger in strangers:
        stranger.close()


def test_silent_strangers_are_let_go(start, kvm, options, tmp_path):
    """They connect before the channel does, and keep the connection."""
    target, main = announce(start, options, tmp_path, 1, **{'return-path': True})
    strangers = [connect(f'{tmp_path}/m', data) for data in (b'', b'?', begin())]
    with connect(f'{tmp_path}/m', begin(
            stream.frame(CHANNEL, TOKEN.encode())
            + stream.frame(stream.END, struct.pack('<Q', 7)))):
        assert target.wait() == 1, target.explain()
    assert 'channel 1 of 1: 0 frames came' in target.error_text, target.error_text
    for peer in (main, *strangers):
        peer.close()


@pytest.mark.parametrize('end', ['time', 'quit', 'SIGTERM'])
def test_stranger_with_a_long_frame_holds_nobody(start, kvm, options, tmp_path, end):
    """The length is a stranger's word; what it promises never comes."""
    target, main = announce(start, options, tmp_path, 2, **{'return-path': True})
    stranger = connect(f'{tmp_path}/m', begin(struct.pack('<III', CHANNEL, 1 << 19, 0)
                                              + b'b' * 64))
    with main, stranger:
        assert main.recv(4096)
        if end == 'time':
            assert target.wait(60) == 1, target.explain()
            assert 'did not connect within 10 seconds' in target.error_text
        elif end == 'quit':
            target.qmp.command('quit')
            assert target.wait(8) == 0, target.explain()
        else:
            target.terminate()
            assert target.wait(8) == 0, target.explain()


def test_channels_of_a_source_that_never_comes(start, kvm, options, tmp_path):
    target, main = announce(start, options, tmp_path, 2)
    with main:
        assert target.wait() == 1
    assert 'did not connect within 10 seconds' in target.error_text, target.error_text
