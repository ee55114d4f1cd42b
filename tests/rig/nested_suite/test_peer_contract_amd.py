# SPDX-License-Identifier: GPL-2.0-or-later
"""A QEMU with our steps and libvpmu (QEMU=/path) on real kvm_amd with a PMU: its guest's contract
is ours, and a move that cannot be is refused before RAM.  The PMU behind KVM is made up."""

import pytest

import peer
import peer_contract

MACHINE = '-M pc-q35-10.2'
GUEST = '-m 64 -nodefaults -display none -kernel /rig/vpmu-guest'
CPUS = ['host', 'host,pmu=on', 'host,pmu=off', 'EPYC', 'EPYC,pmu=on,perfctr-core=on']
PAIRS = [('host', 'host,pmu=off'), ('host', 'host,perfmon-v2=off')]


@pytest.fixture(scope='module')
def seen(rig, split):
    command, files = peer.qemu()
    theirs = f"{command.replace('-M q35', MACHINE)} {GUEST}"
    script = peer_contract.script(theirs, f'vpmu-system-x86_64 {MACHINE} {GUEST}', CPUS, PAIRS)
    result = rig(script, files, fakepmu='v2', timeout=240)
    assert result.ok, result.explain()[-6000:]
    return split(result.output)


@pytest.mark.parametrize('cpu', CPUS)
def test_the_contract_is_ours(seen, cpu):
    contract = peer_contract.check_contract(seen, cpu)

    assert contract['pmu']['enabled'] == ('pmu=on' in cpu or cpu == 'host')
    if cpu == 'host':
        assert contract['pmu']['gp-counters'] == 6
        assert contract['pmu']['version'] == 2


@pytest.mark.parametrize('pair, row', zip(PAIRS, ['pmu', 'perfmon-v2']), ids=str)
def test_a_move_that_cannot_be_is_refused_before_ram(seen, pair, row):
    peer_contract.check_refusal(seen, pair, row)
