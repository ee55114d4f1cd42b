# SPDX-License-Identifier: GPL-2.0-or-later
"""A QEMU with our steps and libvpmu (QEMU=/path) on real kvm_intel with PEBS and LBR: its guest's
contract is ours, and a move that cannot be is refused before RAM.  The PMU behind KVM is made up.
"""

import pytest

import bochs_msrs
import machine
import peer
import peer_contract
import suite

MACHINE = '-M pc-q35-10.2'
GUEST = '-m 64 -nodefaults -display none -kernel /rig/vpmu-guest'
CPUS = ['host', 'host,pmu=off', 'host,pebs-fmt=host', 'host,pebs-fmt=4,lbr-fmt=5',
        'host,pebs-arch-reg=on', 'Skylake-Server,pmu=on,pdcm=on']
# What PERF_CAPABILITIES is: full-width writes, PEBS of format 4, LBR of format 5.
WORDS = ['0x2000', None, '0x24c0', '0x24c5', '0x24c0', None]
PAIRS = [('host,pebs-fmt=host', 'host'), ('host', 'host,pmu=off')]


@pytest.fixture(scope='module')
def seen(rig):
    command, files = peer.qemu()
    theirs = f"{command.replace('-M q35', MACHINE)} {GUEST}"
    script = peer_contract.script(theirs, f'vpmu-system-x86_64 {MACHINE} {GUEST}', CPUS, PAIRS)
    result = rig('(\n' + script + ') 2>&1 | gzip -c | base64', files, timeout=400,
                 msrs=bochs_msrs.definition(), fakepmu='pebs')
    found = suite.sections(machine.unpack(result.output))
    assert f'refusal {" ".join(PAIRS[-1])}' in found, result.explain()[-6000:]
    return found


@pytest.mark.parametrize('cpu, word', zip(CPUS, WORDS))
def test_the_contract_is_ours(seen, cpu, word):
    contract = peer_contract.check_contract(seen, cpu)

    assert word is None or contract['pmu']['perf-capabilities'] == word


@pytest.mark.parametrize('pair, row', zip(PAIRS, ['pebs-fmt', 'pmu']), ids=str)
def test_a_move_that_cannot_be_is_refused_before_ram(seen, pair, row):
    peer_contract.check_refusal(seen, pair, row)
