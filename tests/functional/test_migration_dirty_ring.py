# SPDX-License-Identifier: GPL-2.0-or-later
"""Dirty rings instead of bitmaps: nothing a guest writes is lost, or it is said so.

A KVM that interprets guest code (kvm_pvm, guests without its protocol) notes each write again
and writes on into a ring that is full; what is to succeed here has the largest ring there is,
and a machine too slow for that is a skip.
"""

import fcntl
import time

import pytest

from conftest import MACHINES
from test_migration import migrate, wait_migrated, wait_status
from test_migration_convergence import SLOW, set_up, wait_laps, watch

KVM_CHECK_EXTENSION = 0xae03
KVM_CAP_DIRTY_LOG_RING_ACQ_REL = 223


@pytest.fixture
def ring(kvm):
    with open('/dev/kvm', 'rb+', buffering=0) as device:
        if not fcntl.ioctl(device, KVM_CHECK_EXTENSION, KVM_CAP_DIRTY_LOG_RING_ACQ_REL):
            pytest.skip('needs KVM_CAP_DIRTY_LOG_RING_ACQ_REL (Linux 6.1)')


def skip_where_overrun(vm, info):
    """Pages were lost, which was said, and the guest runs on.

    A ring that is overrun while it is given back has entries that KVM does not take.
    """
    if info['status'] == 'failed' and ('full dirty ring' in info['error-desc'] or
                                       'are not taken back' in info['error-desc']):
        wait_laps(vm)
        pytest.skip('this KVM overruns dirty rings, and was found out')


def wait_second_pass(vm):
    info = watch(vm, lambda info: info.get('status') == 'failed' or
                 info.get('ram', {}).get('dirty-sync-count', 0) > 1)[-1]
    skip_where_overrun(vm, info)
    assert info['status'] != 'failed', vm.explain()


def check_moved(vm):
    info = wait_migrated(vm)
    skip_where_overrun(vm, info)
    assert info['status'] == 'completed', vm.explain()


@pytest.fixture
def options(guest):
    """8 MiB are written all the time, and the ring holds more than all pages there are."""
    return ['-M', MACHINES[0], '-accel', 'kvm,dirty-ring-size=65536', '-m', 64, '-smp', 2,
            '-kernel', guest, '-append', 'dirty=8']


def test_guest_moves_with_a_ring(start, ring, options, tmp_path):
    vm = start(*options, '-trace', 'kvm_ioctl', '-D', tmp_path / 'trace')
    wait_laps(vm)
    for lap in range(3):
        path = f'unix:{tmp_path}/m{lap}'
        target = start(*options, '-incoming', path)
        wait_status(target, 'inmigrate')
        migrate(vm, path)
        check_moved(vm)
        wait_laps(target)
        if lap == 0:
            trace = (tmp_path / 'trace').read_text()
            assert 'KVM_RESET_DIRTY_RINGS' in trace
            assert 'KVM_GET_DIRTY_LOG' not in trace
        vm.close()
        vm = target


def test_a_ring_that_fills_loses_nothing_or_says_so(start, ring, options, tmp_path):
    small = ['kvm,dirty-ring-size=1024' if 'dirty-ring' in str(option) else option
             for option in options]
    source = start(*small)
    target = start(*small, '-incoming', f'unix:{tmp_path}/m')
    wait_laps(source)
    set_up(source, max_bandwidth=64 * 2**20)
    source.qmp.command('migrate', uri=f'unix:{tmp_path}/m')
    check_moved(source)
    wait_laps(target)


def test_saved_with_a_ring_restored_without(start, ring, options, tmp_path):
    vm = start(*options)
    wait_laps(vm)
    migrate(vm, f'file:{tmp_path}/saved')
    check_moved(vm)
    vm.close()
    without = [option for option in options if 'dirty-ring' not in str(option)]
    without.remove('-accel')
    wait_laps(start(*without, '-incoming', f'file:{tmp_path}/saved'))


def test_cancelled_with_a_ring_it_goes_on_at_once(start, ring, options, tmp_path):
    """Entries nobody takes any more do not stop the guest."""
    source = start(*options)
    wait_laps(source)
    for lap in range(2):
        start(*options, '-incoming', f'unix:{tmp_path}/m{lap}').qmp.command('query-status')
        set_up(source, **SLOW)
        source.qmp.command('migrate', uri=f'unix:{tmp_path}/m{lap}')
        wait_second_pass(source)
        source.qmp.command('migrate_cancel')
        info = wait_migrated(source)
        skip_where_overrun(source, info)
        assert info['status'] == 'cancelled', info
        wait_laps(source)


def test_a_reset_while_it_moves_is_no_loss(start, ring, options, tmp_path):
    source = start(*options)
    target = start(*options, '-incoming', f'unix:{tmp_path}/m')
    wait_laps(source)
    set_up(source, **SLOW)
    source.qmp.command('migrate', uri=f'unix:{tmp_path}/m')
    wait_second_pass(source)
    source.qmp.command('system_reset')
    time.sleep(0.2)
    source.qmp.command('migrate-set-parameters', max_bandwidth=0, downtime_limit=60000)
    check_moved(source)
    wait_laps(target)


def test_sizes_that_cannot_be_are_refused(ask, ring):
    for size in ('512', '5000', '131072'):
        got = ask('-M', MACHINES[0], '-accel', f'kvm,dirty-ring-size={size}')
        assert got.returncode == 1 and f'dirty-ring-size: asked {size}' in got.stderr, got
