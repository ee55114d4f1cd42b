# SPDX-License-Identifier: GPL-2.0-or-later
"""Virtio devices of the built program: a guest's own driver, operators, saving, moving."""


import pytest

from conftest import ARCH
from qmp import QmpError
from test_migration import migrate, wait_migrated, wait_status

MACHINE, SLOT = ('microvm', 0xfeb00e00) if ARCH == 'x86_64' else ('virt', 0xa003e00)
FOREVER = 900000000


def options(guest, *more, laps=1, machine=MACHINE):
    return ['-M', machine, '-m', 64, '-kernel', guest, '-append',
            f'repeat=0 exit=loop virtio={SLOT} laps={laps}', *more]


@pytest.mark.parametrize('kicks', ['on', 'off'])
def test_guest_gets_random_bytes(start, kvm, guest, kicks):
    vm = start(*options(guest, '-object', 'rng-random,id=rng0,filename=/dev/urandom',
                        '-device', f'virtio-rng-device,rng=rng0,ioeventfd={kicks}', laps=1000))
    vm.wait_text('virtio=ok')
    assert 'virtio.device=4' in vm.text, vm.explain()


def test_reset_gives_a_new_device(start, kvm, guest):
    vm = start(*options(guest, '-device', 'virtio-rng-device', laps=10))
    vm.wait_text('virtio=ok')
    vm.qmp.command('system_reset')
    vm.wait_text('virtio=ok', count=2)


def test_missing_file_of_random_bytes_is_named(start, kvm, guest):
    vm = start(*options(guest, '-object', 'rng-random,id=r,filename=/no/such',
                        '-device', 'virtio-rng-device,rng=r'), qmp=False)
    assert vm.wait() == 1
    assert "cannot open '/no/such'" in vm.error_text, vm.explain()


# All kinds at once; the rng first, so that it has the last slot.
EVERYTHING = ['-device', 'virtio-rng-device', '-device', 'virtio-serial-device,id=vs0',
              '-chardev', 'ringbuf,id=ring', '-device', 'virtconsole,chardev=ring',
              '-chardev', 'null,id=none', '-device',
              'virtserialport,bus=vs0.0,chardev=none,name=org.example.0,id=port0',
              '-device', 'virtio-balloon-device,id=balloon0,free-page-reporting=on']


def wait_laps(vm, more=2):
    count = vm.text.count('virtio.lap=')
    vm.wait_text('virtio.lap=', count=count + more)


def test_saved_guest_goes_on_asking(start, kvm, guest, tmp_path):
    asked = options(guest, *EVERYTHING, laps=FOREVER)
    vm = start(*asked)
    wait_laps(vm)
    vm.qmp.command('balloon', value=32 * 2**20)
    migrate(vm, f'file:{tmp_path}/saved')
    assert wait_migrated(vm)['status'] == 'completed', vm.explain()
    vm.qmp.command('quit')
    vm.wait()
    other = start(*asked, '-incoming', f'file:{tmp_path}/saved')
    wait_status(other, 'running')
    wait_laps(other)
    assert 'virtio.bad' not in other.text, other.explain()


def test_guest_asks_while_it_moves(start, kvm, guest, tmp_path):
    asked = options(guest, *EVERYTHING, laps=FOREVER)
    vm = start(*asked)
    wait_laps(vm)
    for lap in range(3):
        path = f'unix:{tmp_path}/move{lap}'
        other = start(*asked, '-incoming', path)
        migrate(vm, path)
        assert wait_migrated(vm)['status'] == 'completed', vm.explain()
        wait_status(other, 'running')
        wait_laps(other)
        assert 'virtio.bad' not in other.text, other.explain()
        vm = other


def test_other_features_are_refused_at_an_arrival(start, kvm, guest, tmp_path):
    vm = start(*options(guest, '-device', 'virtio-rng-device', laps=FOREVER))
    wait_laps(vm)
    other = start(*options(guest, '-device', 'virtio-rng-device,event_idx=off',
                           laps=FOREVER), '-incoming', f'unix:{tmp_path}/move')
    migrate(vm, f'unix:{tmp_path}/move')
    assert wait_migrated(vm)['status'] == 'failed'
    wait_status(vm, 'running')
    wait_laps(vm)
    other.terminate()


def test_operator_asks_for_memory(start, kvm, guest):
    vm = start(*options(guest, *EVERYTHING, laps=FOREVER))
    assert vm.qmp.command('query-balloon') == {'actual': 64 * 2**20}
    vm.qmp.command('balloon', value=32 * 2**20)
    path = '/machine/peripheral/balloon0'
    stats = vm.qmp.command('qom-get', path=path, property='guest-stats')
    assert stats['last-update'] == 0 and stats['stats']['stat-total-memory'] == 2**64 - 1
    vm.qmp.command('qom-set', path=path, property='guest-stats-polling-interval', value=2)
    assert vm.qmp.command('qom-get', path=path, property='guest-stats-polling-interval') == 2


def test_without_a_balloon_the_error_says_so(start, kvm, guest):
    vm = start(*options(guest, '-device', 'virtio-rng-device'))
    with pytest.raises(QmpError) as error:
        vm.qmp.command('query-balloon')
    assert error.value.name == 'DeviceNotActive'
