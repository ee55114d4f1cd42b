# SPDX-License-Identifier: GPL-2.0-or-later
"""What goes wrong at the beginning or under way is told at once, and by its cause."""

import json
import os
import socket
import time

import pytest

import stream
from conftest import MACHINES
from qmp import QmpError
from test_migration import (free_port, migrate, send_fd, wait_complaint, wait_migrated,
                            wait_rounds, wait_status, FOREVER)


@pytest.fixture
def machine():
    return MACHINES[0]


@pytest.fixture
def options(machine, guest):
    return ['-M', machine, '-m', '64', '-kernel', guest, '-append', f'repeat=0 work={FOREVER}']


@pytest.mark.parametrize('address, cause', [
    ('unix:/nonexistent/x', 'unix:/nonexistent/x: cannot listen on /nonexistent/x: No such file'),
    ('file:/nonexistent', 'file:/nonexistent: cannot open it: No such file'),
    ('fd:99', 'fd:99: the number of a descriptor that was inherited'),
    ('bogus', "'bogus' is no address of a migration")])
def test_daemon_that_cannot_wait_for_a_guest_says_so(ask, kvm, options, tmp_path, address,
                                                     cause):
    done = ask('-nodefaults', '-display', 'none', *options, '-daemonize', '-pidfile',
               str(tmp_path / 'pid'), '-incoming', address)
    assert done.returncode == 1 and f'-incoming {cause}' in done.stderr, done
    assert done.stderr.count(address) == 1


def test_refused_address_leaves_the_destination_waiting(start, kvm, options, tmp_path):
    target = start(*options, '-incoming', 'defer')
    for address in ('bogus', 'unix:/nonexistent/x', 'file:/nonexistent', 'fd:nope'):
        with pytest.raises(QmpError) as error:
            target.qmp.command('migrate-incoming', uri=address)
        assert error.value.name == 'GenericError'
        assert 'status' not in target.qmp.command('query-migrate')
    source = start(*options)
    target.qmp.command('migrate-incoming', uri=f'unix:{tmp_path}/m')
    migrate(source, f'unix:{tmp_path}/m')
    assert wait_migrated(source)['status'] == 'completed'
    wait_rounds(target)


def test_listening_takes_nothing_from_others(start, kvm, options, tmp_path):
    """Only a socket that a killed program has left is replaced."""
    path = tmp_path / 'm'
    path.write_text('somebody else')
    target = start(*options, '-incoming', 'defer')
    with pytest.raises(QmpError, match='cannot listen on .*: what is there is no socket'):
        target.qmp.command('migrate-incoming', uri=f'unix:{path}')
    assert path.read_text() == 'somebody else'
    path.unlink()
    first = start(*options, '-incoming', f'unix:{path}')
    wait_status(first, 'inmigrate')
    with pytest.raises(QmpError, match='cannot listen on .*: another program does'):
        target.qmp.command('migrate-incoming', uri=f'unix:{path}')
    assert first.qmp.command('query-status')['status'] == 'inmigrate'
    first.process.kill()
    first.process.wait()
    assert path.is_socket()
    target.qmp.command('migrate-incoming', uri=f'unix:{path}')
    source = start(*options)
    migrate(source, f'unix:{path}')
    assert wait_migrated(source)['status'] == 'completed'
    wait_rounds(target)


def test_standard_input_can_bring_a_guest(start, kvm, options, tmp_path):
    path = tmp_path / 'saved'
    source = start(*options)
    wait_rounds(source)
    migrate(source, f'file:{path}')
    assert wait_migrated(source)['status'] == 'completed'
    with open(path, 'rb') as stdin:
        target = start(*options, '-incoming', 'fd:0', stdin=stdin, serial='null')
        wait_status(target, 'running')


def test_destination_takes_another_guest_after_one_that_failed(start, kvm, options, tmp_path):
    """The first has less than the command line; what came of it is gone."""
    target = start(*options, '-incoming', 'defer')
    lesser, whole = start(*options, '-cpu', 'host,-pat'), start(*options)
    wait_rounds(lesser)
    wait_rounds(whole)
    digest = target.qmp.command('query-vpmu')['contract']['digest']

    def wait_for_guest():
        target.qmp.command('migrate-incoming', uri=f'unix:{tmp_path}/m',
                           **{'exit-on-error': False})

    wait_for_guest()
    migrate(lesser, f'unix:{tmp_path}/m', max_bandwidth=100000)
    deadline = time.monotonic() + 20
    while target.qmp.command('query-migrate')['status'] != 'active':
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert target.qmp.command('query-vpmu')['contract']['digest'] != digest
    lesser.qmp.command('quit')
    while target.qmp.command('query-migrate')['status'] != 'failed':
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert target.qmp.command('query-vpmu')['contract']['digest'] == digest
    wait_for_guest()
    migrate(whole, f'unix:{tmp_path}/m')
    assert wait_migrated(whole)['status'] == 'completed', whole.explain()
    wait_rounds(target)


@pytest.mark.parametrize('kind', ['unix', 'tcp'])
def test_connection_without_a_byte_is_nobody(start, kvm, options, tmp_path, kind):
    """A check whether somebody listens does not end the wait; quitting does."""
    place = str(tmp_path / 'm') if kind == 'unix' else ('127.0.0.1', free_port())
    uri = f'unix:{place}' if kind == 'unix' else f'tcp:127.0.0.1:{place[1]}'
    target = start(*options, '-incoming', uri)
    wait_status(target, 'inmigrate')
    for _ in range(3):
        with socket.socket(socket.AF_UNIX if kind == 'unix' else socket.AF_INET) as looker:
            looker.connect(place)
    source = start(*options)
    wait_rounds(source)
    migrate(source, uri)
    assert wait_migrated(source)['status'] == 'completed'
    wait_rounds(target)
    assert target.complaints == []

    target = start(*options, '-incoming', uri)
    wait_status(target, 'inmigrate')
    with socket.socket(socket.AF_UNIX if kind == 'unix' else socket.AF_INET) as looker:
        looker.connect(place)
        target.qmp.command('query-migrate')
        target.qmp.command('quit')
        assert target.wait(10) == 0


def test_wrong_end_of_a_pipe_is_refused(start, kvm, options):
    """Waited for, it would never come; the other end sees that it is closed."""
    source, target = start(*options), start(*options, '-incoming', 'defer')
    for vm, command, end, other, words in ((source, 'migrate', 0, 1, 'writing'),
                                           (target, 'migrate-incoming', 1, 0, 'reading')):
        ends = os.pipe()
        send_fd(vm, 'end', ends[end])
        os.close(ends[end])
        with pytest.raises(QmpError, match=f'fd:end: the descriptor is not open for {words}'):
            vm.qmp.command(command, uri='fd:end')
        assert 'status' not in vm.qmp.command('query-migrate')
        if end:
            assert os.read(ends[other], 1) == b''
        else:
            with pytest.raises(BrokenPipeError):
                os.write(ends[other], b'x')
        os.close(ends[other])
    wait_rounds(source)


SERIAL = ['-serial', 'null']


@pytest.mark.parametrize('here, there, asked, offered', [
    (['-device', 'pvpanic'], [], '1 pvpanic', '0 pvpanic'),
    ([], ['-device', 'pvpanic'], '0 pvpanic', '1 pvpanic'),
    (SERIAL, [], '2 isa-serial', '1 isa-serial'),
    ([], SERIAL, '1 isa-serial', '2 isa-serial')])
def test_other_devices_are_refused_before_anything_stops(start, kvm, x86, guest, tmp_path, here,
                                                         there, asked, offered):
    """Also those without state, which would be lost in silence, and by who is asked."""
    options = ['-M', 'q35', '-m', '64', '-kernel', guest, '-append', f'repeat=0 work={FOREVER}']
    uri = f'unix:{tmp_path}/m'
    source = start(*options, *here)
    target = start(*options, *there, '-incoming', uri)
    wait_status(target, 'inmigrate')
    wait_rounds(source)
    verdict = source.qmp.command('query-vpmu-compat', address=uri)
    assert not verdict['compatible'] and verdict['host-compatible']
    migrate(source, uri)
    info = wait_migrated(source)
    assert info['status'] == 'failed' and info['vpmu-refusal'] == verdict['findings']
    row, = info['vpmu-refusal']
    assert (row['row'], row['code']) == ('devices', 'devices-differ')
    assert (row['asked'], row['offered']) == (asked, offered)
    assert f'devices: the guest has {asked}, offered is {offered} ' in info['error-desc']
    assert 'STOP' not in [event['event'] for event in source.qmp.events]
    wait_rounds(source)
    assert target.wait() == 1


def test_state_without_a_device_is_named(start, kvm, x86, guest, tmp_path):
    """A stream of an earlier build does not tell its devices; their state does."""
    path = tmp_path / 'saved'
    options = ['-M', 'q35', '-m', '64', '-kernel', guest, '-append', f'repeat=0 work={FOREVER}']
    source = start(*options, *SERIAL, '-S')
    migrate(source, f'file:{path}')
    assert wait_migrated(source)['status'] == 'completed'
    data = path.read_bytes()
    parts = [(kind, payload) for _, kind, payload in stream.frames(data)]
    header = json.loads(parts[0][1])
    assert header.pop('devices').count('isa-serial') == 2
    parts[0] = (stream.HEADER, json.dumps(header).encode())
    path.write_bytes(data[:12] + b''.join(stream.frame(*part) for part in parts))
    target = start(*options, '-incoming', f'file:{path}', qmp=False)
    assert target.wait() == 1
    assert 'state isa-serial 1: there is no such device here' in target.error_text
    target = start(*options, *SERIAL, '-incoming', f'file:{path}')
    wait_status(target, 'prelaunch')


def machine_options(guest, machine='q35', smp='2'):
    return ['-M', machine, '-m', '64', '-smp', smp, '-nodefaults', '-kernel', guest,
            '-append', f'repeat=0 work={FOREVER}']


COM1, COM2 = ['-device', 'isa-serial,index=0'], ['-device', 'isa-serial,index=1']


@pytest.mark.parametrize('here, there, row, code, asked, offered', [
    ({'machine': 'q35'}, {'machine': 'q35,pit=off'},
     'machine.pit', 'machine-property-differs', 'on', 'off'),
    ({'machine': 'q35,pit=off'}, {'machine': 'q35'},
     'machine.pit', 'machine-property-differs', 'off', 'on'),
    ({'machine': 'q35,acpi=off'}, {'machine': 'q35'},
     'machine.acpi', 'machine-property-differs', 'off', 'on'),
    ({'machine': 'q35'}, {'machine': 'q35', 'more': ['-no-acpi']},
     'machine.acpi', 'machine-property-differs', 'on', 'off'),
    ({'smp': '2,sockets=2'}, {'smp': '2,cores=2,sockets=1'},
     'smp.sockets', 'topology-differs', '2', '1'),
    ({'more': ['-device', 'pvpanic']}, {'more': ['-device', 'pvpanic,ioport=0x707']},
     'pvpanic.ioport', 'device-differs', '0x505', '0x707'),
    ({'more': COM1}, {'more': COM2},
     'isa-serial.iobase', 'device-differs', '0x3f8', '0x2f8'),
    ({'more': COM1 + COM2}, {'more': COM2 + COM1},
     'isa-serial[0].iobase', 'device-differs', '0x3f8', '0x2f8'),
    ({'more': COM2}, {'more': ['-device', 'isa-serial,index=1,irq=10']},
     'isa-serial.irq', 'device-differs', '3', '10')])
def test_other_machine_is_refused_before_a_page_moves(start, kvm, x86, guest, tmp_path, here,
                                                      there, row, code, asked, offered):
    """Over a socket the guest goes on at the source; a file is refused when it is read."""
    def options(more=(), **changes):
        return machine_options(guest, **changes) + list(more)

    uri = f'unix:{tmp_path}/m'
    source = start(*options(**here), serial=None)
    target = start(*options(**there), '-incoming', uri, serial=None)
    wait_status(target, 'inmigrate')
    verdict = source.qmp.command('query-vpmu-compat', address=uri)
    assert not verdict['compatible'] and verdict['host-compatible']
    migrate(source, uri)
    info = wait_migrated(source)
    assert info['status'] == 'failed' and info['vpmu-refusal'] == verdict['findings']
    finding = info['vpmu-refusal'][0]
    assert (finding['row'], finding['code']) == (row, code)
    assert (finding['asked'], finding['offered']) == (asked, offered)
    assert {each['code'] for each in info['vpmu-refusal']} == {code}
    assert f'{row}: the guest has {asked}, offered is {offered} ' in info['error-desc']
    assert 'STOP' not in [event['event'] for event in source.qmp.events]
    assert source.qmp.command('query-status')['status'] == 'running'
    assert target.wait() == 1
    assert info['error-desc'].split('refuses the guest: ')[1] in target.error_text

    migrate(source, f'file:{tmp_path}/saved')
    assert wait_migrated(source)['status'] == 'completed'
    reader = start(*options(**there), '-incoming', f'file:{tmp_path}/saved', serial=None,
                   qmp=False)
    assert reader.wait() == 1 and f'{row}: the guest has {asked}' in reader.error_text


@pytest.mark.parametrize('here, there', [
    (COM2, ['-device', 'isa-serial,iobase=0x2f8,irq=3,id=second']),
    (['-serial', 'null'], COM1)])
def test_what_a_guest_cannot_tell_apart_is_the_same(start, kvm, x86, guest, tmp_path, here,
                                                    there):
    """Names, back-ends and how a place was said are the command line's affair."""
    source = start(*machine_options(guest), *here, serial=None)
    target = start(*machine_options(guest), *there, '-incoming', f'unix:{tmp_path}/m',
                   serial=None)
    wait_status(target, 'inmigrate')
    migrate(source, f'unix:{tmp_path}/m')
    assert wait_migrated(source)['status'] == 'completed', source.explain()
    wait_status(target, 'running')


def test_guest_that_does_not_tell_its_machine_is_taken(start, kvm, x86, guest, tmp_path):
    """A stream of an earlier build has none of it."""
    path = tmp_path / 'saved'
    source = start(*machine_options(guest), *COM1, '-S', serial=None)
    migrate(source, f'file:{path}')
    assert wait_migrated(source)['status'] == 'completed'
    data = path.read_bytes()
    parts = [(kind, payload) for _, kind, payload in stream.frames(data)]
    header = json.loads(parts[0][1])
    for name in ('machine-properties', 'smp', 'device-properties'):
        del header[name]
    parts[0] = (stream.HEADER, json.dumps(header).encode())
    path.write_bytes(data[:12] + b''.join(stream.frame(*part) for part in parts))
    target = start(*machine_options(guest, smp='2,sockets=2'), *COM2, '-incoming',
                   f'file:{path}', serial=None)
    wait_status(target, 'prelaunch')


@pytest.mark.parametrize('command, status', [
    ('exit 3', 3), ('no-such-program-here', 127), ('kill -9 $$', 137)])
def test_command_that_fails_is_the_cause(start, kvm, options, tmp_path, command, status):
    source = start(*options)
    wait_rounds(source)
    migrate(source, f'exec:{command}')
    info = wait_migrated(source)
    assert info['status'] == 'failed'
    assert f'exec: the command failed with status {status}; ' in info['error-desc']
    wait_rounds(source)
    target = start(*options, '-incoming', f'exec:{command}', qmp=False)
    assert target.wait() == 1
    assert f'exec: the command failed with status {status}; ' in target.error_text


def test_socket_path_goes_with_the_wait(start, kvm, options, tmp_path):
    path = tmp_path / 'm'
    target = start(*options, '-incoming', f'unix:{path}')
    wait_status(target, 'inmigrate')
    assert path.is_socket()
    target.qmp.command('quit')
    assert target.wait() == 0 and not path.exists()

    source = start(*options)
    target = start(*options, '-incoming', f'unix:{path}')
    wait_status(target, 'inmigrate')
    migrate(source, f'unix:{path}')
    assert wait_migrated(source)['status'] == 'completed'
    assert not path.exists()
    # How long the guest stood still is what the source knows.
    wait_rounds(target)
    assert 'downtime' in source.qmp.command('query-migrate')
    assert 'downtime' not in target.qmp.command('query-migrate')


def test_slow_line_shows_what_was_sent(start, kvm, options, tmp_path):
    """Also while the bandwidth is waited for, which is most of the time."""
    source = start(*options)
    target = start(*options, '-incoming', f'unix:{tmp_path}/m')
    wait_status(target, 'inmigrate')
    wait_rounds(source)
    migrate(source, f'unix:{tmp_path}/m', max_bandwidth=100000)
    deadline = time.monotonic() + 20
    while source.qmp.command('query-migrate').get('ram', {}).get('transferred', 0) < 4096:
        assert time.monotonic() < deadline, source.qmp.command('query-migrate')
        time.sleep(0.05)
    assert source.qmp.command('query-migrate')['status'] == 'active'
    source.qmp.command('migrate_cancel')
    assert wait_migrated(source)['status'] == 'cancelled'


def test_expected_downtime_is_the_limit_until_it_is_known(start, kvm, options, tmp_path):
    """The destination expects none: it is not the one that stops the guest."""
    source = start(*options)
    target = start(*options, '-incoming', f'unix:{tmp_path}/m')
    wait_status(target, 'inmigrate')
    wait_rounds(source)
    source.qmp.command('migrate-set-capabilities', capabilities=[
        {'capability': 'pause-before-switchover', 'state': True}])
    migrate(source, f'unix:{tmp_path}/m', max_bandwidth=100000, downtime_limit=1234)
    for vm in (source, target):
        while (info := vm.qmp.command('query-migrate'))['status'] != 'active':
            time.sleep(0.01)
        assert info.get('expected-downtime') == (1234 if vm is source else None)
    source.qmp.command('migrate-set-parameters', max_bandwidth=0)
    wait_status(source, 'finish-migrate')
    # Known by now, and within the limit.
    info = source.qmp.command('query-migrate')
    assert info['status'] == 'pre-switchover' and info['expected-downtime'] < 1234
    source.qmp.command('migrate_cancel')
    assert 'expected-downtime' not in wait_migrated(source)


def test_full_disk_leaves_the_guest_running(start, kvm, options, tmp_path):
    """/dev/full, directly and behind a command; the guest that stays can be saved."""
    source = start(*options)
    wait_rounds(source)
    for address in ('file:/dev/full', 'exec:cat > /dev/full'):
        migrate(source, address)
        info = wait_migrated(source)
        assert info['status'] == 'failed', info
        assert ('No space left on device' in info['error-desc'] or
                'exec: the command failed with status 1; ' in info['error-desc']), info
        wait_rounds(source)
    migrate(source, f'file:{tmp_path}/saved')
    assert wait_migrated(source)['status'] == 'completed'


def test_errors_name_the_address(start, kvm, options, tmp_path):
    """Of either side, once; what travels to the other side is without it."""
    source = start(*options)
    wait_rounds(source)
    for uri, cause in (('file:/dev/full', 'migration stream: cannot write at offset 0: No space'),
                       ('exec:exit 3', 'exec: the command failed with status 3; migration'),
                       ('exec:cat > /dev/null; exit 4',
                        'exec: the command failed with status 4')):
        migrate(source, uri)
        info = wait_migrated(source)
        assert info['error-desc'].startswith(f'{uri}: {cause}'), info
        wait_complaint(source, f'migrate: {uri}: {cause}')
        wait_rounds(source)
    (tmp_path / 'short').write_bytes(stream.MAGIC)
    for uri, cause in ((f'file:{tmp_path}/short', 'migration stream: it ends within the magic'),
                       (f'file:{tmp_path}/short,offset=4', 'migration stream: it ends within'),
                       ('exec:exit 3', 'exec: the command failed with status 3; migration')):
        target = start(*options, '-incoming', uri, qmp=False)
        assert target.wait() == 1
        assert f'incoming migration: {uri}: {cause}' in target.error_text
    for uri in (f'unix:{tmp_path}/m', f'tcp:127.0.0.1:{free_port()}'):
        target = start(*options, '-incoming', uri)
        migrate(source, uri, max_bandwidth=200000)
        while target.qmp.command('query-migrate')['status'] != 'active':
            time.sleep(0.01)
        target.qmp.command('migrate_cancel')
        assert wait_migrated(source)['error-desc'] == \
            f'{uri}: the destination failed: the migration was cancelled'
        assert target.qmp.command('query-migrate')['error-desc'] == \
            f'{uri}: the migration was cancelled'
        target = start(*options, '-incoming', 'defer')
        target.qmp.command('migrate-incoming', uri=uri, **{'exit-on-error': False})
        migrate(source, uri, max_bandwidth=200000)
        while source.qmp.command('query-migrate')['status'] != 'active':
            time.sleep(0.01)
        source.qmp.command('migrate_cancel')
        wait_complaint(target, f'incoming migration: {uri}: migration stream: it ends within')
        assert wait_migrated(source)['status'] == 'cancelled'


def test_what_ties_a_guest_to_its_host_is_said_beforehand(start, ask, kvm, x86, guest, tmp_path):
    options = ['-M', 'q35', '-m', '64', '-kernel', guest, '-append', f'repeat=0 work={FOREVER}']
    asked = ask('-nodefaults', '-display', 'none', '-M', 'q35', '-cpu', 'host,+invtsc,enforce',
                '--dry-run')
    if asked.returncode:
        pytest.skip('this KVM does not offer invtsc')
    reason = 'the guest has invtsc, which no other host can promise'
    source = start(*options, '-cpu', 'host,+invtsc')
    wait_rounds(source)
    blocked = source.qmp.command('query-migrate')['blocked-reasons']
    assert len(blocked) == 1 and reason in blocked[0] and 'tsc-frequency=' in blocked[0]
    # Whoever is asked says the same, and nobody promises what cannot be.
    target = start(*options, '-cpu', 'host,+invtsc', '-incoming', f'unix:{tmp_path}/m')
    wait_status(target, 'inmigrate')
    contract = source.qmp.command('query-vpmu')['contract']
    for asked in ({'address': f'unix:{tmp_path}/m'}, {'contract': contract}):
        verdict = source.qmp.command('query-vpmu-compat', **asked)
        assert not verdict['compatible'], verdict
        assert [(row['code'], row['row']) for row in verdict['findings']] == \
            [('tied-to-host', 'invtsc')]
        assert blocked[0] in verdict['findings'][0]['cause']
    with pytest.raises(QmpError, match=reason):
        migrate(source, f'file:{tmp_path}/saved')
    assert not (tmp_path / 'saved').exists()
    wait_rounds(source)
    refused = ask('-nodefaults', '-display', 'none', *options, '-cpu', 'host,+invtsc',
                  '-only-migratable')
    assert refused.returncode == 1 and f'-only-migratable: {reason}' in refused.stderr
    free = start(*options, '-cpu', 'host', '-only-migratable')
    assert 'blocked-reasons' not in free.qmp.command('query-migrate')


def test_who_has_left_does_not_leave_again(start, kvm, options, tmp_path):
    source = start(*options)
    target = start(*options, '-incoming', f'unix:{tmp_path}/m')
    wait_status(target, 'inmigrate')
    wait_rounds(source)
    migrate(source, f'unix:{tmp_path}/m')
    assert wait_migrated(source)['status'] == 'completed'
    wait_status(target, 'running')
    other = start(*options, '-incoming', f'unix:{tmp_path}/o')
    wait_status(other, 'inmigrate')
    with pytest.raises(QmpError, match="has left already: 'cont' takes it back"):
        migrate(source, f'unix:{tmp_path}/o')
    with pytest.raises(QmpError, match='has left already'):
        migrate(source, 'exec:cat > /dev/null')
    assert source.qmp.command('query-migrate')['status'] == 'completed'
    migrate(source, f'file:{tmp_path}/copy')
    assert wait_migrated(source)['status'] == 'completed'
    wait_status(other, 'inmigrate')
    wait_rounds(target)
