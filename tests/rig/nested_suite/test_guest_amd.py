# SPDX-License-Identifier: GPL-2.0-or-later
"""The reporting guest on our monitor, on real kvm_amd."""

import pytest

MONITOR = ('vpmu-system-x86_64 -nodefaults -display none -serial stdio -m 128 '
           '-kernel /rig/vpmu-guest')


@pytest.mark.parametrize('machine', ['microvm', 'q35'])
@pytest.mark.parametrize('cpus', [1, 2])
def test_guest_reports_and_powers_off(rig, machine, cpus):
    result = rig(f'{MONITOR} -M {machine} -cpu host -smp {cpus}')

    assert result.ok, result.explain()
    found = result.facts()
    assert found['done'] == 'ok', result.explain()
    assert found['vendor'] == 'AuthenticAMD'
    assert found['cpus'] == str(cpus)


def test_pmu_off_is_off_on_amd_too(rig):
    result = rig(f'{MONITOR} -M q35 -cpu host,pmu=off')

    assert result.ok, result.explain()
    found = result.facts()
    assert found['done'] == 'ok', result.explain()
    assert found['cpuid.80000001.perfctr-core'] == '0'
