# SPDX-License-Identifier: GPL-2.0-or-later
"""What the guest sees from inside equals the contract --dry-run=json prints, field by field."""

import fcntl
import json
import os
import struct
import subprocess
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'rig'))

import compare_contract  # noqa: E402

CPUS = ['host', 'max', 'qemu64', 'Nehalem', 'EPYC']
# Of each machine whose guests see another CPU than those of the one after it.
OLDER = ['pc-q35-11.1', 'pc-q35-10.2', 'pc-q35-10.0', 'pc-q35-9.0', 'pc-q35-7.2']
KVM_CREATE_VM, KVM_CREATE_VCPU = 0xae01, 0xae41
KVM_SET_CPUID2, KVM_GET_CPUID2 = 0x4008ae90, 0xc008ae91
KVM_CPUID_FLAG_SIGNIFICANT_INDEX = 1
PARTED_LEAVES = {4, 7, 0xb, 0xd, 0xf, 0x10, 0x12, 0x14, 0x17, 0x18, 0x1d, 0x1e, 0x1f, 0x23,
                 0x8000001d, 0x80000026}
ENTRY = struct.Struct('7I12x')
ROOM = 256


def kept_by_kvm(contract):
    """What a vCPU that was told the contract's leaves answers when asked for them."""
    entries = b''
    leaves = compare_contract.decided_leaves(contract)
    for (leaf, part), values in sorted(leaves.items()):
        flags = KVM_CPUID_FLAG_SIGNIFICANT_INDEX if leaf in PARTED_LEAVES else 0
        entries += ENTRY.pack(leaf, part, flags, *values)
    with open('/dev/kvm', 'rb+', buffering=0) as kvm:
        vm = fcntl.ioctl(kvm, KVM_CREATE_VM, 0)
        vcpu = fcntl.ioctl(vm, KVM_CREATE_VCPU, 0)
        try:
            told = bytearray(struct.pack('II', len(leaves), 0) + entries)
            fcntl.ioctl(vcpu, KVM_SET_CPUID2, told)
            answer = bytearray(struct.pack('II', ROOM, 0) + bytes(ENTRY.size * ROOM))
            fcntl.ioctl(vcpu, KVM_GET_CPUID2, answer)
        finally:
            os.close(vcpu)
            os.close(vm)
    # The kernel does not tell how many: unused entries stay zero.
    kept = {}
    for at in range(ROOM):
        leaf, part, _, *values = ENTRY.unpack_from(answer, 8 + at * ENTRY.size)
        if any(values):
            kept[leaf, part] = values
    return kept


def told_apart(contract, changed):
    """Whether KVM adds to what it is told, and whether it leaves something out."""
    told = compare_contract.decided_leaves(contract)
    beyond = below = 0
    for (leaf, part, register), given in changed.items():
        wanted = told.get((leaf, part), [0] * 4)[compare_contract.REGISTERS.index(register)]
        mask = compare_contract.mask_of(leaf, part, register)
        beyond |= given & ~wanted & mask
        below |= wanted & ~given & mask
    return beyond != 0, below != 0


@pytest.mark.parametrize('pmu', ['on', 'off'])
@pytest.mark.parametrize('cpu', CPUS)
def test_guest_sees_its_contract(start, ask, kvm, x86, machine, guest, cpu, pmu):
    check_guest(start, ask, guest, machine, f'{cpu},pmu={pmu}')


@pytest.mark.parametrize('pmu', ['on', 'off'])
@pytest.mark.parametrize('old', OLDER)
def test_guest_of_an_older_machine_sees_its_contract(start, ask, kvm, x86, guest, old, pmu):
    check_guest(start, ask, guest, old, f'host,pmu={pmu}')


def test_guest_sees_feature_registers_only_where_kvm_takes_them(start, ask, kvm, x86, guest):
    check_guest(start, ask, guest, 'q35', 'host,+arch-capabilities')


def check_guest(start, ask, guest, machine, cpu):
    options = ['-M', machine, '-cpu', cpu, '-m', '128']
    plan = ask(*options, '--dry-run=json')
    assert plan.returncode == 0, plan.stderr
    contract = json.loads(plan.stdout)['contract']
    # Some KVM gives a guest other bits than it was told, and says so when asked.
    changed = compare_contract.changed_by_kvm(contract, kept_by_kvm(contract))
    assert not {0xa, 0x80000022} & {leaf for leaf, _, _ in changed}
    beyond, below = told_apart(contract, changed)

    vm = start(*options, '-kernel', guest, '-append', 'leaves=1')

    assert vm.wait() == 0, vm.explain()
    assert compare_contract.compare(contract, vm.facts(), changed) == []
    assert ('warning: cpuid-added: ' in vm.error_text) == beyond, vm.explain()
    assert ('warning: cpuid-lost: ' in vm.error_text) == below, vm.explain()


def test_comparer_names_what_differs(start, ask, kvm, x86, guest):
    options = ['-M', 'q35', '-cpu', 'qemu64', '-m', '128']
    contract = json.loads(ask(*options, '--dry-run=json').stdout)['contract']
    vm = start(*options, '-kernel', guest, '-append', 'leaves=1')
    assert vm.wait() == 0, vm.explain()
    contract['msrs']['0x1a0'] = '0x5'
    contract['cpuid']['0x80000001.0'][3] = '0x0'
    contract['features'].append('pdcm')

    text = '\n'.join(compare_contract.compare(contract, vm.facts()))

    assert 'misc-enable: the contract says 0x5' in text
    assert 'CPUID 0x80000001.0 edx: the contract says 0x0' in text
    assert 'cpuid.1.pdcm: the contract says 1, the guest says 0' in text
    assert 'perf-capabilities: the contract says 0x0, the guest says fault' in text


def test_doctor_has_the_kernels_word(ask, kvm, x86, monitor):
    tool = os.path.join(os.path.dirname(monitor), 'vpmu')
    result = subprocess.run([tool, 'doctor', '--', '-cpu', 'qemu64'], capture_output=True,
                            text=True, timeout=120)
    contract = json.loads(ask('-cpu', 'qemu64', '--dry-run=json').stdout)['contract']
    changed = compare_contract.changed_by_kvm(contract, kept_by_kvm(contract))

    assert result.returncode == 0, result.stderr
    word = result.stdout.split('a vCPU of it, made and released: ')[1]
    assert word.startswith('taken, but kept' if changed else 'taken, CPUID and MSRs'), word
