# SPDX-License-Identifier: GPL-2.0-or-later
"""Saving, restoring and live migration on real KVM, with a guest that checks its memory."""

import os
import random
import re
import signal
import socket
import struct
import subprocess
import time

import pytest

import stream

FOREVER = 900000000
END_STATES = ('completed', 'failed', 'cancelled')
# What goes on while a guest stands still: clocks, and counters that follow them.
TIME_ROWS = {'tsc', 'tsc-adjust', 'kvm-clock', 'clock-ns', 'timer-us', 'pit', 'cmos'}
MSR_TSC = 0x10


@pytest.fixture
def options(machine, guest):
    return ['-M', machine, '-m', 64, '-smp', 2, '-kernel', guest,
            '-append', f'work={FOREVER}']


def wait_migrated(vm, timeout=60):
    deadline = time.monotonic() + timeout
    while True:
        info = vm.qmp.command('query-migrate')
        if info.get('status') in END_STATES:
            return info
        assert time.monotonic() < deadline, info
        time.sleep(0.01)


def wait_status(vm, wanted, timeout=30):
    deadline = time.monotonic() + timeout
    while vm.qmp.command('query-status')['status'] != wanted:
        assert time.monotonic() < deadline and vm.process.poll() is None, vm.explain()
        time.sleep(0.01)


def migrate(vm, uri, **parameters):
    vm.qmp.command('migrate-set-capabilities',
                   capabilities=[{'capability': 'events', 'state': True}])
    vm.qmp.command('migrate-set-parameters', **{'max_bandwidth': 0, **parameters})
    vm.qmp.command('migrate', uri=uri)


def rounds(vm):
    """Numbers of the lines that are whole: a line may begin in one process and end in
    the next."""
    return [int(number) for number in
            re.findall(r'^vpmu-guest: work\.round=(\d+)\n', vm.text, re.MULTILINE)]


def wait_rounds(vm, count=1, timeout=60):
    """The guest says that it goes on, @count times from now."""
    deadline = time.monotonic() + timeout
    wanted = len(rounds(vm)) + count
    while len(rounds(vm)) < wanted:
        assert time.monotonic() < deadline and vm.process.poll() is None, vm.explain()
        time.sleep(0.01)
    assert 'work.bad' not in vm.text, vm.explain()


def last_round(vm):
    return rounds(vm)[-1]


def events(vm):
    return [event['event'] + (':' + event['data']['status']
                              if event['event'] == 'MIGRATION' else '')
            for event in vm.qmp.events if event['event'] != 'MIGRATION_PASS']


@pytest.mark.parametrize('form', ['file:{}', 'file:{},offset=4096', 'exec:cat > {}'])
def test_saved_guest_goes_on(start, kvm, options, tmp_path, form):
    path = tmp_path / 'saved'
    path.write_bytes(b'')
    source = start(*options)
    wait_rounds(source)
    migrate(source, form.format(path))
    assert wait_migrated(source)['status'] == 'completed', source.explain()
    assert source.qmp.command('query-status')['status'] == 'postmigrate'
    reached = last_round(source)
    source.close()

    target = start(*options, '-incoming', form.replace('cat >', 'cat').format(path))
    wait_rounds(target, 2)
    assert last_round(target) > reached


def test_save_of_libvirt_kind(start, kvm, options, tmp_path):
    """Stopped first, to a pipe by getfd; back from a file at an offset, deferred."""
    path = tmp_path / 'saved'
    source = start(*options)
    wait_rounds(source)
    source.qmp.command('stop')
    with open(path, 'wb') as file:
        file.write(b'x' * 1000)
        file.flush()
        reader, writer = os.pipe()
        with subprocess.Popen(['cat'], stdin=reader, stdout=file) as cat:
            os.close(reader)
            request = b'{"execute":"getfd","arguments":{"fdname":"migrate"}}\r\n'
            socket.send_fds(source.qmp.socket, [request], [writer])
            assert source.qmp.reply() == {'return': {}}
            os.close(writer)
            migrate(source, 'fd:migrate')
            assert wait_migrated(source)['status'] == 'completed'
            assert cat.wait(20) == 0
    seen = events(source)
    assert seen == ['STOP', 'MIGRATION:setup', 'MIGRATION:active', 'MIGRATION:completed']
    source.close()

    fd = os.open(path, os.O_RDONLY)
    os.lseek(fd, 1000, os.SEEK_SET)
    os.set_inheritable(fd, True)
    # The descriptor goes over by getfd here; libvirt inherits it, which the monitor takes
    # as well.
    target = start(*options, '-S', '-incoming', 'defer')
    request = b'{"execute":"getfd","arguments":{"fdname":"saved"}}\r\n'
    assert target.qmp.command('query-status')['status'] == 'inmigrate'
    socket.send_fds(target.qmp.socket, [request], [fd])
    assert target.qmp.reply() == {'return': {}}
    os.close(fd)
    target.qmp.command('migrate-incoming', uri='fd:saved')
    wait_status(target, 'paused')
    assert 'work.round' not in target.text
    target.qmp.command('cont')
    wait_rounds(target)


def send_fd(vm, name, fd):
    request = f'{{"execute":"getfd","arguments":{{"fdname":"{name}"}}}}\r\n'
    assert vm.qmp.command('query-status')
    socket.send_fds(vm.qmp.socket, [request.encode()], [fd])
    assert vm.qmp.reply() == {'return': {}}


def address(kind, source, target, tmp_path, lap):
    if kind == 'fd':
        for peer, end in zip((source, target), socket.socketpair()):
            send_fd(peer, 'peer', end.fileno())
            end.close()
        return 'fd:peer'
    if kind == 'tcp':
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            return f'tcp:127.0.0.1:{probe.getsockname()[1]}'
    return f'unix:{tmp_path}/m{lap}'


def move(start, vm, options, tmp_path, kind, lap):
    """The guest of @vm in another process, by a transport of this kind."""
    target = start(*options, '-incoming', 'defer')
    if kind in ('file', 'exec'):
        path = f'{tmp_path}/m{lap}'
        migrate(vm, f'file:{path}' if kind == 'file' else f'exec:cat > {path}')
        info = wait_migrated(vm)
        target.qmp.command('migrate-incoming',
                           uri=f'file:{path}' if kind == 'file' else f'exec:cat {path}')
    else:
        uri = address(kind, vm, target, tmp_path, lap)
        target.qmp.command('migrate-incoming', uri=uri)
        migrate(vm, uri)
        info = wait_migrated(vm)
    assert info['status'] == 'completed', vm.explain()
    assert info['ram']['total'] == 64 * 2**20
    wait_status(target, 'running')
    assert vm.qmp.command('query-status')['status'] == 'postmigrate'
    return target


@pytest.mark.parametrize('kind', ['unix', 'tcp', 'fd', 'file', 'exec'])
def test_guest_moves_again_and_again(start, kvm, options, tmp_path, kind):
    vm = start(*options)
    wait_rounds(vm)
    for lap in range(int(os.environ.get('VPMU_MIGRATION_LAPS', 3))):
        reached = last_round(vm)
        target = move(start, vm, options, tmp_path, kind, lap)
        wait_rounds(target)
        assert last_round(target) > reached
        vm.close()
        vm = target


def test_every_register_row_survives(start, kvm, options, tmp_path):
    """Saved, restored without running, saved again: the same but for time."""
    first, second = tmp_path / 'first', tmp_path / 'second'
    vm = start(*options)
    wait_rounds(vm)
    migrate(vm, f'file:{first}')
    assert wait_migrated(vm)['status'] == 'completed'
    vm.close()
    vm = start(*options, '-S', '-incoming', f'file:{first}')
    wait_status(vm, 'paused')
    migrate(vm, f'file:{second}')
    assert wait_migrated(vm)['status'] == 'completed'

    one, two = stream.Saved(first.read_bytes()), stream.Saved(second.read_bytes())
    assert one.contract == two.contract
    assert one.sections.keys() == two.sections.keys()
    for place, rows in one.sections.items():
        others = two.sections[place]
        assert rows.keys() == others.keys()
        for name in sorted(rows.keys() - TIME_ROWS):
            mine, other = rows[name], others[name]
            if name == 'msrs':
                mine, other = without_tsc(mine), without_tsc(other)
            if name == 'lapic':
                mine, other = without_count(mine), without_count(other)
            if name == 'was-running':
                continue
            assert mine == other, (place, name)


def without_tsc(blob):
    pairs = [struct.unpack_from('<IQ', blob, at) for at in range(0, len(blob), 12)]
    return [pair for pair in pairs if pair[0] != MSR_TSC]


def without_count(registers):
    """Offset 0x390 is the timer's current count."""
    return registers[:0x390] + registers[0x394:]


def test_refusal_comes_before_memory_and_the_source_goes_on(start, kvm, options, tmp_path):
    other = [128 if option == 64 else option for option in options]
    source = start(*options)
    wait_rounds(source)
    target = start(*other, '-incoming', f'unix:{tmp_path}/m')
    wait_status(target, 'inmigrate')
    migrate(source, f'unix:{tmp_path}/m')

    info = wait_migrated(source)
    assert info['status'] == 'failed'
    assert [row['row'] for row in info['vpmu-refusal']] == ['ram']
    assert info['ram']['transferred'] == 0 if 'ram' in info else True
    assert target.wait() == 1
    assert 'ram' in target.error_text and 'ram' in source.error_text
    assert source.qmp.command('query-status')['status'] == 'running'
    wait_rounds(source)


def test_parameters_are_kept_one_by_one(start, kvm, options):
    vm = start(*options, '-S')
    for name, value in (('max-bandwidth', 12345), ('downtime-limit', 67)):
        vm.qmp.command('migrate-set-parameters', **{name.replace('-', '_'): value})
        assert vm.qmp.command('query-migrate-parameters')[name] == value
    assert vm.qmp.command('query-migrate-parameters')['max-bandwidth'] == 12345


def test_contract_is_judged_without_moving_anything(start, kvm, options, tmp_path):
    path = tmp_path / 'saved'
    vm = start(*options)
    wait_rounds(vm)
    migrate(vm, f'file:{path}')
    assert wait_migrated(vm)['status'] == 'completed'
    contract = stream.Saved(path.read_bytes()).contract
    verdict = vm.qmp.command('query-vpmu-compat', contract=contract)
    assert verdict == {'compatible': True, 'host-compatible': True, 'findings': []}
    assert stream.Saved(path.read_bytes()).header['digest'] == contract['digest']

    other = start(*options, '-S', '-cpu', 'host,-pat')
    verdict = other.qmp.command('query-vpmu-compat', contract=contract)
    assert verdict['host-compatible'] and not verdict['compatible'], verdict
    assert [finding['row'] for finding in verdict['findings']] == ['pat']


def test_cancel_leaves_the_guest_running(start, kvm, options, tmp_path):
    source = start(*options)
    target = start(*options, '-incoming', f'unix:{tmp_path}/m')
    wait_status(target, 'inmigrate')
    wait_rounds(source)
    migrate(source, f'unix:{tmp_path}/m', max_bandwidth=10000)
    time.sleep(0.2)
    source.qmp.command('migrate_cancel')

    assert wait_migrated(source)['status'] == 'cancelled'
    assert target.wait() == 1
    wait_rounds(source)


def check_orphan(target):
    """The source is dead: the target has the whole guest, or says that it has none."""
    deadline = time.monotonic() + 20
    status = 'inmigrate'
    while status == 'inmigrate' and time.monotonic() < deadline:
        try:
            status = target.qmp.command('query-status')['status']
            if target.qmp.command('query-migrate').get('status') == 'setup':
                return  # killed before it connected: this one still listens
        except (AssertionError, OSError):
            break  # it has gone, too: the connection ends within a command
    if status == 'paused':
        target.qmp.command('cont')
    if status in ('running', 'paused'):
        wait_rounds(target)
    else:
        assert target.wait() == 1, target.explain()
        assert 'incoming migration: ' in target.error_text


@pytest.mark.parametrize('victim', ['source', 'target'])
def test_kill_at_any_moment_leaves_one_guest(start, kvm, options, tmp_path, victim):
    dice = random.Random(5)
    for lap in range(int(os.environ.get('VPMU_KILL_LAPS', 4))):
        path = f'{tmp_path}/k{lap}'
        source = start(*options)
        target = start(*options, '-incoming', f'unix:{path}')
        wait_status(target, 'inmigrate')
        wait_rounds(source)
        migrate(source, f'unix:{path}')
        time.sleep(dice.random() * 0.15)
        killed, other = (source, target) if victim == 'source' else (target, source)
        killed.process.send_signal(signal.SIGKILL)
        killed.process.wait()
        time.sleep(0.2)
        if victim == 'target':
            # Whatever the source says it is: running, or rightly given away.
            info = wait_migrated(source)
            if info['status'] == 'failed':
                wait_rounds(source)
            else:
                assert info['status'] == 'completed'
        else:
            check_orphan(target)
        other.close()


def test_damaged_streams_are_errors_that_name_the_place(start, kvm, options, tmp_path):
    path = tmp_path / 'saved'
    source = start(*options)
    wait_rounds(source)
    migrate(source, f'file:{path}')
    assert wait_migrated(source)['status'] == 'completed'
    source.close()
    data = path.read_bytes()
    dice = random.Random(7)
    damaged = [data[:size] for size in (0, 5, 12, 30, len(data) // 2, len(data) - 1)]
    for _ in range(6):
        flipped = bytearray(data)
        flipped[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        damaged.append(bytes(flipped))
    for piece in damaged:
        path.write_bytes(piece)
        target = start(*options, '-incoming', f'file:{path}', qmp=False)
        assert target.wait() == 1, target.explain()
        assert 'incoming migration: ' in target.error_text
        assert 'offset' in target.error_text or 'does not begin' in target.error_text \
            or 'version' in target.error_text, target.error_text


def test_a_stream_that_is_whole_but_wrong_is_refused(start, kvm, options, tmp_path):
    """Checksums right, content not: a section missing, twice, unknown, cut."""
    path = tmp_path / 'saved'
    source = start(*options)
    wait_rounds(source)
    migrate(source, f'file:{path}')
    assert wait_migrated(source)['status'] == 'completed'
    source.close()
    data = path.read_bytes()
    parts = [(kind, payload) for _, kind, payload in stream.frames(data)]
    states = [i for i, (kind, _) in enumerate(parts) if kind == stream.STATE]

    def without(index):
        return parts[:index] + parts[index + 1:]

    changes = [
        without(states[0]),
        parts[:states[0]] + [parts[states[0]]] + parts[states[0]:],
        parts[:states[0]] + [(stream.STATE, b'\x03odd' + bytes(4))] + parts[states[0]:],
        [(kind, payload[:-3] if i == states[1] else payload)
         for i, (kind, payload) in enumerate(parts)],
        without(0),
        without(1),
        [part for part in parts if part[0] != stream.RAM],
    ]
    for change in changes:
        change = change[:-1] + [(stream.END, struct.pack('<Q', len(change) - 1))]
        path.write_bytes(data[:12] + b''.join(stream.frame(*part) for part in change))
        target = start(*options, '-incoming', f'file:{path}', qmp=False)
        assert target.wait() == 1, target.explain()
        assert 'incoming migration: ' in target.error_text
