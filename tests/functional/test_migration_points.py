# SPDX-License-Identifier: GPL-2.0-or-later
"""Either side may vanish or go silent at any point: the rows of the table in
docs/migration.md, one test each, in its order."""

import signal
import socket
import time

import pytest

import stream
from conftest import MACHINES
from line import BACK, OUT, Line
from monitor import PATIENCE
from test_migration import (FOREVER, free_port, migrate, rounds, wait_complaint, wait_migrated,
                            wait_rounds, wait_status)

ACCEPT, LOADED, FAILED, RUNNING = 7, 9, 10, 11
DOUBT = 'the source did not say that it gave the guest away; it may run there'


@pytest.fixture
def machine():
    return MACHINES[0]


@pytest.fixture
def options(machine, guest):
    return ['-M', machine, '-m', 32, '-kernel', guest, '-append', f'repeat=0 work={FOREVER}']


@pytest.fixture
def pair(start, kvm, options, tmp_path):
    """Begins to move a guest over a line that breaks: (source, target, line)."""
    lines = []

    def begin(*broken, **parameters):
        source = start(*options)
        target = start(*options, '-incoming', 'defer')
        target.qmp.command('migrate-incoming', uri=f'unix:{tmp_path}/m',
                           **{'exit-on-error': False})
        lines.append(Line(f'{tmp_path}/l', f'{tmp_path}/m', *broken))
        wait_rounds(source)
        migrate(source, f'unix:{tmp_path}/l', **parameters)
        if broken:
            assert lines[-1].reached.wait(PATIENCE), source.explain()
        return source, target, lines[-1]

    yield begin
    for line in lines:
        line.close()


def status(vm):
    return vm.qmp.command('query-migrate').get('status')


def wait_for(vm, *wanted):
    """query-migrate, once its status is one of @wanted."""
    deadline = time.monotonic() + PATIENCE
    while True:
        info = vm.qmp.command('query-migrate')
        if info.get('status') in wanted:
            return info
        assert time.monotonic() < deadline, info
        time.sleep(0.01)


def expect_source_goes_on(source, wanted='failed'):
    info = wait_migrated(source)
    assert info['status'] == wanted, info
    wait_status(source, 'running')
    wait_rounds(source)
    return info


def expect_nothing_arrived(target, start, options, tmp_path):
    """The destination failed, its machine is anew, and it takes another guest."""
    info = wait_for(target, 'failed', 'cancelled')
    assert target.qmp.command('query-status')['status'] == 'inmigrate'
    assert rounds(target) == []
    other = start(*options)
    wait_rounds(other)
    target.qmp.command('migrate-incoming', uri=f'unix:{tmp_path}/again')
    migrate(other, f'unix:{tmp_path}/again')
    assert wait_migrated(other)['status'] == 'completed'
    wait_rounds(target)
    return info


def expect_doubt(target):
    """The guest is here, whole and stopped, and it is said that it may run elsewhere."""
    info = wait_for(target, 'completed')
    assert info['error-desc'] == DOUBT
    wait_complaint(target, f'incoming migration: {DOUBT}')
    wait_status(target, 'paused')
    assert rounds(target) == []


def expect_whole(target):
    target.qmp.command('cont')
    wait_rounds(target)


# ---- before it is said what comes ----

@pytest.mark.parametrize('kind', ['unix', 'tcp'])
@pytest.mark.parametrize('said', [b'', stream.MAGIC + b'\1\0\0\0' + b'\1\0\0\0\0\1\0\0'])
def test_stranger_is_let_go_and_the_wait_goes_on(start, kvm, options, tmp_path, kind, said):
    """Who connects and says nothing, or half of it, has ten seconds."""
    place = str(tmp_path / 'm') if kind == 'unix' else ('127.0.0.1', free_port())
    uri = f'unix:{place}' if kind == 'unix' else f'tcp:127.0.0.1:{place[1]}'
    source, target = start(*options), start(*options, '-incoming', uri)
    wait_rounds(source)
    with socket.socket(socket.AF_UNIX if kind == 'unix' else socket.AF_INET) as stranger:
        stranger.connect(place)
        stranger.sendall(said)
        migrate(source, uri)
        assert wait_migrated(source)['status'] == 'completed', source.explain()
        wait_rounds(target)
        answer = stranger.recv(4096)
        assert (b'no guest came in time' in answer) == bool(said)
    assert target.complaints == []


def test_header_that_is_cut_is_a_failure(pair, start, options, tmp_path):
    source, target, _ = pair(OUT, stream.CONTRACT, 'cut')
    expect_source_goes_on(source)
    expect_nothing_arrived(target, start, options, tmp_path)


# ---- before the answer ----

def test_destination_that_ends_before_its_answer(pair):
    source, _, _ = pair(BACK, ACCEPT, 'cut')
    expect_source_goes_on(source)


@pytest.mark.parametrize('end', ['migrate_cancel', 'quit', 'SIGTERM'])
def test_destination_that_does_not_answer(pair, end):
    source, _, _ = pair(BACK, ACCEPT, 'hold')
    expect_end(source, end, 'setup')


def expect_end(vm, end, waits_as):
    """It waits, and the wait can be ended."""
    assert status(vm) == waits_as
    if end == 'SIGTERM':
        vm.terminate()
    else:
        vm.qmp.command(end)
    if end == 'migrate_cancel':
        expect_source_goes_on(vm, 'cancelled')
    else:
        assert vm.wait(20) == 0, vm.explain()


# ---- memory and state ----

def test_connection_that_ends_within_the_memory(pair, start, options, tmp_path):
    source, target, _ = pair(OUT, stream.RAM, 'cut')
    expect_source_goes_on(source)
    expect_nothing_arrived(target, start, options, tmp_path)


@pytest.mark.parametrize('end', ['migrate_cancel', 'quit', 'SIGTERM'])
def test_destination_that_takes_no_memory(pair, end):
    source, target, _ = pair(max_bandwidth=1)
    wait_for(source, 'active')
    target.process.send_signal(signal.SIGSTOP)
    source.qmp.command('migrate-set-parameters', max_bandwidth=0)
    expect_end(source, end, 'active')


@pytest.mark.parametrize('end', ['migrate_cancel', 'quit', 'SIGTERM'])
def test_source_that_goes_silent_within_the_memory(pair, start, options, tmp_path, end):
    source, target, _ = pair(OUT, stream.RAM, 'hold')
    wait_for(target, 'active')
    if end == 'migrate_cancel':
        target.qmp.command('migrate_cancel')
        info = expect_nothing_arrived(target, start, options, tmp_path)
        assert info['status'] == 'cancelled'
    else:
        expect_end(target, end, 'active')
    del source


def test_destination_that_is_cancelled(pair, start, options, tmp_path):
    source, target, _ = pair(max_bandwidth=10000)
    wait_for(target, 'active')
    target.qmp.command('migrate_cancel')
    info = expect_source_goes_on(source)
    assert 'the destination failed: the migration was cancelled' in info['error-desc']
    expect_nothing_arrived(target, start, options, tmp_path)


@pytest.mark.parametrize('end', ['migrate_cancel', 'quit', 'SIGTERM'])
def test_destination_that_nobody_comes_to(start, kvm, options, tmp_path, end):
    target = start(*options, '-incoming', f'unix:{tmp_path}/m')
    wait_status(target, 'inmigrate')
    if end == 'migrate_cancel':
        target.qmp.command('migrate_cancel')
        info = wait_for(target, 'cancelled')
        assert info['error-desc'] == f'unix:{tmp_path}/m: the migration was cancelled'
        assert not (tmp_path / 'm').exists()
        assert target.qmp.command('query-status')['status'] == 'inmigrate'
        assert target.complaints == []
    else:
        expect_end(target, end, 'setup')


# ---- the end is sent, 'loaded' is not heard ----

def test_destination_that_ends_before_it_has_loaded(pair, start, options, tmp_path):
    source, target, _ = pair(OUT, stream.END, 'cut')
    expect_source_goes_on(source)
    expect_nothing_arrived(target, start, options, tmp_path)


def test_source_that_is_cancelled_before_it_hears_loaded(pair, start, options, tmp_path):
    """It keeps the guest, so the destination must not."""
    source, target, _ = pair(BACK, LOADED, 'lose')
    assert source.qmp.command('query-status')['status'] == 'finish-migrate'
    source.qmp.command('migrate_cancel')
    expect_source_goes_on(source, 'cancelled')
    info = wait_for(target, 'failed')
    assert 'the source failed and keeps the guest: the migration was cancelled' in \
        info['error-desc']
    expect_nothing_arrived(target, start, options, tmp_path)


def test_source_that_keeps_the_guest_ends_a_destination_that_exits(start, kvm, options,
                                                                   tmp_path):
    source, target = start(*options), start(*options, '-incoming', f'unix:{tmp_path}/m')
    wait_rounds(source)
    line = Line(f'{tmp_path}/l', f'{tmp_path}/m', BACK, LOADED, 'lose')
    migrate(source, f'unix:{tmp_path}/l')
    assert line.reached.wait(PATIENCE)
    source.qmp.command('migrate_cancel')
    expect_source_goes_on(source, 'cancelled')
    assert target.wait() == 1 and 'the source failed and keeps the guest' in target.error_text
    line.close()


def test_connection_that_ends_with_loaded(pair):
    """The source goes on; the destination cannot know that, and says so."""
    source, target, _ = pair(BACK, LOADED, 'cut')
    expect_source_goes_on(source)
    expect_doubt(target)


@pytest.mark.parametrize('end', ['kill', 'quit', 'SIGTERM'])
def test_source_that_is_gone_before_it_hears_loaded(pair, end):
    """The guest it takes with it is whole at the destination."""
    source, target, _ = pair(BACK, LOADED, 'lose')
    if end == 'kill':
        source.process.kill()
        source.process.wait()
    else:
        expect_end(source, end, 'active')
    expect_doubt(target)
    expect_whole(target)


# ---- 'loaded' is heard ----

def test_running_that_cannot_be_sent(pair):
    source, target, _ = pair(BACK, LOADED, 'deaf')
    expect_source_goes_on(source)
    expect_doubt(target)


@pytest.mark.parametrize('then', ['cut', 'hold'])
def test_running_that_is_lost_with_the_connection(pair, then):
    source, target, line = pair(OUT, RUNNING, then)
    assert wait_migrated(source)['status'] == 'completed'
    wait_status(source, 'postmigrate')
    if then == 'hold':
        assert status(target) == 'active'
        line.cut()
    expect_doubt(target)
    expect_whole(target)


def test_guest_of_a_silent_source_runs_by_the_operators_word(pair):
    source, target, _ = pair(OUT, RUNNING, 'hold')
    wait_status(source, 'postmigrate')
    assert status(target) == 'active'
    source.process.send_signal(signal.SIGSTOP)
    target.qmp.command('cont')
    wait_rounds(target)
    info = target.qmp.command('query-migrate')
    assert info['status'] == 'completed' and 'error-desc' not in info
    assert target.complaints == []


def test_guest_of_a_silent_source_stays_where_the_wait_is_cancelled(pair):
    source, target, _ = pair(OUT, RUNNING, 'hold')
    wait_status(source, 'postmigrate')
    target.qmp.command('migrate_cancel')
    expect_doubt(target)
    expect_whole(target)


@pytest.mark.parametrize('end', ['quit', 'SIGTERM'])
def test_destination_of_a_silent_source_can_be_ended(pair, end):
    source, target, _ = pair(OUT, RUNNING, 'hold')
    wait_status(source, 'postmigrate')
    expect_end(target, end, 'active')


def test_stop_takes_the_operators_word_back(pair):
    source, target, line = pair(OUT, RUNNING, 'hold')
    wait_status(source, 'postmigrate')
    target.qmp.command('cont')
    target.qmp.command('stop')
    line.cut()
    expect_doubt(target)


# ---- 'running' is heard ----

def test_guest_that_was_given_away_needs_no_source(pair):
    source, target, line = pair()
    assert wait_migrated(source)['status'] == 'completed'
    line.cut()
    source.process.kill()
    wait_rounds(target)
    info = target.qmp.command('query-migrate')
    assert info['status'] == 'completed' and 'error-desc' not in info
    assert target.complaints == []
