# SPDX-License-Identifier: GPL-2.0-or-later
"""Guests that write faster than their memory can be sent, and the moment of switchover."""

import time

import pytest

from conftest import MACHINES
from monitor import PATIENCE
from qmp import QmpError
from test_migration import (events, wait_complaint, wait_migrated, wait_rounds,
                            wait_status)

BUSY = 'dirty=4'
SLOW = {'max_bandwidth': 16 * 2**20, 'downtime_limit': 100}
# A pass takes a second, and a guest would have to rest for most of it to be caught up with.
HOPELESS = {'max_bandwidth': 4 * 2**20, 'downtime_limit': 100}


@pytest.fixture
def machine():
    return MACHINES[0]


@pytest.fixture
def busy(machine, guest):
    return ['-M', machine, '-m', 64, '-kernel', guest, '-append', BUSY]


def laps(vm):
    return vm.text.count('vpmu-guest: dirty.lap=')


def wait_laps(vm, count=1, timeout=PATIENCE):
    deadline = time.monotonic() + timeout
    wanted = laps(vm) + count
    while laps(vm) < wanted:
        assert time.monotonic() < deadline and vm.process.poll() is None, vm.explain()
        time.sleep(0.01)
    assert 'dirty.bad' not in vm.text, vm.explain()


def set_up(vm, *capabilities, **parameters):
    vm.qmp.command('migrate-set-capabilities',
                   capabilities=[{'capability': name, 'state': True}
                                 for name in ('events', *capabilities)])
    vm.qmp.command('migrate-set-parameters', **parameters)


def watch(vm, wanted, timeout=PATIENCE):
    """query-migrate until @wanted says so; all answers."""
    deadline = time.monotonic() + timeout
    seen = []
    while True:
        seen.append(vm.qmp.command('query-migrate'))
        if wanted(seen[-1]):
            return seen
        assert time.monotonic() < deadline, seen[-1]
        time.sleep(0.02)


def test_without_auto_converge_it_says_why_it_does_not_end(start, kvm, busy, tmp_path):
    source = start(*busy)
    target = start(*busy, '-incoming', f'unix:{tmp_path}/m')
    wait_laps(source)
    set_up(source, **HOPELESS)
    source.qmp.command('migrate', uri=f'unix:{tmp_path}/m')

    info = watch(source, lambda info: 'not-converging' in info)[-1]
    assert info['status'] == 'active'
    assert 'cpu-throttle-percentage' not in info
    assert 'it does not end: the guest writes' in info['not-converging']
    assert 'switch on auto-converge' in info['not-converging']
    wait_complaint(source, 'migrate: it does not end')
    # What the message advises helps.
    source.qmp.command('migrate-set-parameters', downtime_limit=60000)
    info = wait_migrated(source)
    assert info['status'] == 'completed' and 'not-converging' not in info
    assert source.error_text.count('migrate: it does not end') == 1
    wait_laps(target)


def test_auto_converge_slows_the_guest_down_until_it_ends(start, kvm, busy, tmp_path):
    source = start(*busy)
    target = start(*busy, '-incoming', f'unix:{tmp_path}/m')
    wait_laps(source)
    set_up(source, 'auto-converge', cpu_throttle_initial=60, cpu_throttle_increment=39,
           **HOPELESS)
    source.qmp.command('migrate', uri=f'unix:{tmp_path}/m')

    seen = watch(source, lambda info: info.get('cpu-throttle-percentage') == 60)
    source.qmp.command('migrate-set-parameters', **SLOW)
    seen += watch(source, lambda info: info['status'] != 'active' and 'ram' in info)
    assert seen[-1]['status'] == 'completed', seen[-1]
    throttles = [info.get('cpu-throttle-percentage', 0) for info in seen]
    assert 60 in throttles and throttles[-1] == 0
    assert [step for step in throttles[:-1] if step] == sorted(filter(None, throttles))
    wait_laps(target)  # at full speed, and with what it wrote


def test_max_cpu_throttle_is_kept_and_told(start, kvm, busy, tmp_path):
    source = start(*busy)
    start(*busy, '-incoming', f'unix:{tmp_path}/m').qmp.command('query-status')
    wait_laps(source)
    set_up(source, 'auto-converge', max_cpu_throttle=25, **HOPELESS)
    source.qmp.command('migrate', uri=f'unix:{tmp_path}/m')

    seen = watch(source, lambda info: 'not-converging' in info)
    assert max(info.get('cpu-throttle-percentage', 0) for info in seen) == 25
    assert 'max-cpu-throttle' in seen[-1]['not-converging']
    source.qmp.command('migrate_cancel')
    assert wait_migrated(source)['status'] == 'cancelled'
    assert 'cpu-throttle-percentage' not in source.qmp.command('query-migrate')
    wait_laps(source)


def test_a_guest_at_full_throttle_can_be_stopped_at_once(start, kvm, busy, tmp_path):
    source = start(*busy)
    start(*busy, '-incoming', f'unix:{tmp_path}/m').qmp.command('query-status')
    wait_laps(source)
    set_up(source, 'auto-converge', cpu_throttle_initial=99, max_bandwidth=8 * 10**6)
    source.qmp.command('migrate', uri=f'unix:{tmp_path}/m')
    watch(source, lambda info: info.get('cpu-throttle-percentage') == 99)
    took, asked = [], []
    for _ in range(7):
        begin = time.monotonic()
        source.qmp.command('stop')
        took.append(time.monotonic() - begin)
        source.qmp.command('cont')
        time.sleep(0.1)
        begin = time.monotonic()
        source.qmp.command('query-status')  # how busy this machine is
        asked.append(time.monotonic() - begin)
    # It rests for a second at a time.
    assert sorted(took)[3] < 0.3 + 5 * sorted(asked)[3], (took, asked)
    source.qmp.command('migrate_cancel')
    assert wait_migrated(source)['status'] == 'cancelled'
    wait_laps(source)


@pytest.mark.parametrize('change, named', [
    ({'cpu_throttle_initial': 0}, 'cpu-throttle-initial'),
    ({'cpu_throttle_increment': 100}, 'cpu-throttle-increment'),
    ({'max_cpu_throttle': 100}, 'max-cpu-throttle'),
    ({'cpu_throttle_initial': 50, 'max_cpu_throttle': 40}, 'max-cpu-throttle'),
    ({'compress_level': 0}, 'compress-level'),
    ({'downtime_limit': 2000001}, 'downtime-limit')])
def test_parameters_out_of_range_are_refused_whole(start, kvm, busy, change, named):
    vm = start(*busy, '-S')
    before = vm.qmp.command('query-migrate-parameters')
    with pytest.raises(Exception) as caught:
        vm.qmp.command('migrate-set-parameters', max_bandwidth=5, **change)
    assert named in str(caught.value)
    assert vm.qmp.command('query-migrate-parameters') == before


def test_packed_pages_are_fewer_bytes(start, kvm, machine, guest, tmp_path):
    options = ['-M', machine, '-m', 64, '-kernel', guest, '-append', 'fill=24 exit=halt']
    sent = {}
    for name, capabilities in (('plain', ()), ('packed', ('compress',))):
        source = start(*options)
        target = start(*options, '-incoming', f'unix:{tmp_path}/{name}')
        source.wait_text('fill.mib=24')
        try:
            set_up(source, *capabilities, max_bandwidth=0, compress_level=3)
        except QmpError as error:
            pytest.skip(error.text)
        source.qmp.command('migrate', uri=f'unix:{tmp_path}/{name}')
        info = wait_migrated(source)
        assert info['status'] == 'completed', info
        wait_status(target, 'running')
        sent[name] = info['ram']['transferred']
    assert sent['packed'] * 5 < sent['plain'], sent


def test_pause_before_switchover_waits_for_migrate_continue(start, kvm, machine, guest,
                                                            tmp_path):
    options = ['-M', machine, '-m', 64, '-kernel', guest, '-append', 'repeat=0 work=900000000']
    source = start(*options)
    target = start(*options, '-incoming', f'unix:{tmp_path}/m')
    wait_rounds(source)
    with pytest.raises(Exception, match='pre-switchover'):
        source.qmp.command('migrate-continue', state='pre-switchover')
    set_up(source, 'pause-before-switchover', max_bandwidth=0)
    source.qmp.command('migrate', uri=f'unix:{tmp_path}/m')
    watch(source, lambda info: info.get('status') == 'pre-switchover')

    # It stands still, here and there, for as long as nobody says otherwise.
    assert source.qmp.command('query-status')['status'] == 'finish-migrate'
    said = source.text
    time.sleep(0.5)
    assert source.text == said and 'work.round' not in target.text
    assert source.qmp.command('query-migrate')['status'] == 'pre-switchover'
    with pytest.raises(Exception, match='pre-switchover'):
        source.qmp.command('migrate-continue', state='device')
    source.qmp.command('migrate-continue', state='pre-switchover')
    assert wait_migrated(source)['status'] == 'completed'
    wait_status(target, 'running')
    wait_rounds(target)
    assert events(source) == ['MIGRATION:setup', 'MIGRATION:active', 'STOP',
                              'MIGRATION:pre-switchover', 'MIGRATION:device',
                              'MIGRATION:completed']


def test_cancel_at_pre_switchover_lets_the_source_go_on(start, kvm, machine, guest,
                                                        tmp_path):
    options = ['-M', machine, '-m', 64, '-kernel', guest, '-append', 'repeat=0 work=900000000']
    source = start(*options)
    target = start(*options, '-incoming', f'unix:{tmp_path}/m')
    wait_rounds(source)
    set_up(source, 'pause-before-switchover', max_bandwidth=0)
    source.qmp.command('migrate', uri=f'unix:{tmp_path}/m')
    watch(source, lambda info: info.get('status') == 'pre-switchover')
    source.qmp.command('migrate_cancel')
    assert wait_migrated(source)['status'] == 'cancelled'
    assert target.wait() == 1
    wait_rounds(source)
