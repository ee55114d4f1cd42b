# SPDX-License-Identifier: GPL-2.0-or-later
"""The reporting guest on real KVM: what it says, and how it ends."""

import os
import time

import pytest


@pytest.mark.parametrize('cpus', [1, 4])
def test_guest_reports_and_powers_off(start, kvm, machine, guest, cpus):
    vm = start('-M', machine, '-m', 128, '-smp', cpus, '-kernel', guest,
               '-append', 'one two=three')

    assert vm.wait() == 0, vm.explain()
    facts = vm.facts()
    assert facts['done'] == 'ok', vm.explain()
    assert facts['cpus'] == str(cpus)
    assert facts['cmdline'].endswith('one two=three')
    assert vm.complaints == []


def test_guest_is_told_its_memory_and_initrd(start, kvm, machine, guest, tmp_path):
    initrd = tmp_path / 'initrd'
    initrd.write_bytes(b'x' * 12345)
    vm = start('-M', machine, '-m', 256, '-kernel', guest, '-initrd', initrd)

    assert vm.wait() == 0, vm.explain()
    facts = vm.facts()
    assert abs(int(facts['ram-bytes']) - 256 * 2**20) < 2**20
    assert facts.get('module-bytes', facts.get('initrd-bytes')) == '12345'


def test_pvh_entry_is_used_for_elf(start, kvm, x86, machine, guest):
    vm = start('-M', machine, '-m', 128, '-kernel', guest)

    assert vm.wait() == 0, vm.explain()
    assert vm.facts()['boot'] in ('pvh', 'multiboot')


def test_pvh_note_alone_is_enough(start, kvm, x86, machine, guest, tmp_path):
    data = open(guest, 'rb').read().replace(bytes.fromhex('02b0ad1b'), bytes(4))
    image = tmp_path / 'pvh'
    image.write_bytes(data)
    vm = start('-M', machine, '-m', 128, '-kernel', image, '-append', 'by-pvh')

    assert vm.wait() == 0, vm.explain()
    assert vm.facts()['boot'] == 'pvh'
    assert vm.facts()['cmdline'] == 'by-pvh'


def test_multiboot_header_alone_is_enough(start, kvm, x86, machine, guest, tmp_path):
    data = open(guest, 'rb').read()
    image = tmp_path / 'multiboot'
    image.write_bytes(data.replace(b'Xen\0', b'Nil\0', 1))
    vm = start('-M', machine, '-m', 128, '-kernel', image, '-append', 'by-multiboot')

    assert vm.wait() == 0, vm.explain()
    assert vm.facts()['boot'] == 'multiboot'
    assert 'by-multiboot' in vm.facts()['cmdline']


def test_reboot_starts_the_guest_again(start, kvm, machine, guest):
    vm = start('-M', machine, '-m', 128, '-smp', 2, '-kernel', guest, '-append', 'exit=reboot')

    vm.wait_text('done=ok', count=3)
    assert vm.qmp.wait_event('RESET')['data']['guest'] is True
    assert vm.facts()['cpus'] == '2'
    vm.qmp.command('quit')
    assert vm.wait() == 0, vm.explain()


def test_no_reboot_turns_reboot_into_exit(start, kvm, machine, guest):
    vm = start('-M', machine, '-m', 128, '-kernel', guest, '-append', 'exit=reboot',
               '-no-reboot')

    assert vm.wait() == 0, vm.explain()
    assert vm.text.count('done=ok') == 1


def test_triple_fault_is_a_reset(start, kvm, x86, machine, guest):
    vm = start('-M', machine, '-m', 128, '-kernel', guest, '-append', 'exit=triple',
               '-no-reboot')

    assert vm.wait() == 0, vm.explain()
    assert vm.facts()['done'] == 'ok'


def test_debug_exit_gives_its_status(start, kvm, x86, guest):
    vm = start('-M', 'q35', '-m', 128, '-kernel', guest, '-append', 'exit=debug',
               '-device', 'isa-debug-exit,iobase=0xf4,iosize=0x4')

    assert vm.wait() == 1, vm.explain()
    assert vm.facts()['done'] == 'ok'


def test_no_shutdown_keeps_the_machine_for_questions(start, kvm, machine, guest):
    vm = start('-M', machine, '-m', 128, '-kernel', guest, '-no-shutdown')

    event = vm.qmp.wait_event('SHUTDOWN')
    assert event['data'] == {'guest': True, 'reason': 'guest-shutdown'}
    assert vm.qmp.command('query-status')['status'] == 'shutdown'
    vm.qmp.command('quit')
    assert vm.wait() == 0, vm.explain()


@pytest.mark.parametrize('ending', ['loop', 'halt'])
def test_sigterm_ends_at_once(start, kvm, machine, guest, ending):
    vm = start('-M', machine, '-m', 128, '-smp', 4, '-kernel', guest,
               '-append', f'exit={ending}')
    vm.wait_text('done=ok')
    qmp = vm.qmp

    begin = time.monotonic()
    vm.terminate()
    assert vm.wait() == 0, vm.explain()
    assert time.monotonic() - begin < 5
    events = qmp.drain()
    shutdown = [event for event in events if event['event'] == 'SHUTDOWN']
    assert shutdown and shutdown[0]['data'] == {'guest': False, 'reason': 'host-signal'}


def test_descriptors_close_on_exec_and_do_not_grow_over_resets(start, kvm, machine, guest):
    vm = start('-M', machine, '-m', 128, '-smp', 2, '-kernel', guest, '-append', 'exit=loop')
    vm.wait_text('done=ok')
    before = vm.qmp and vm.descriptors()

    open_over_exec = {number: target for number, (target, cloexec) in before.items()
                      if number > 2 and not cloexec}
    assert open_over_exec == {}
    for count in range(2, 7):
        vm.qmp.command('system_reset')
        vm.wait_text('done=ok', count=count)
    assert len(vm.descriptors()) == len(before)


def test_starts_in_a_row(start, kvm, machine, guest):
    """Two at a time, one of them with several vCPUs."""
    starts = int(os.environ.get('VPMU_STARTS', '200'))
    descriptors = None

    for number in range(starts // 2):
        pair = [(cpus, start('-M', machine, '-m', 64, '-smp', cpus, '-kernel', guest,
                             '-append', 'repeat=0', qmp=False)) for cpus in (1, 4)]
        for cpus, vm in pair:
            assert vm.wait() == 0, f'start {number}: {vm.explain()}'
            assert vm.facts()['done'] == 'ok', f'start {number}: {vm.explain()}'
            assert vm.facts()['cpus'] == str(cpus)
            vm.close()
        now = len(os.listdir('/proc/self/fd'))
        descriptors = descriptors or now
        assert now == descriptors
