# SPDX-License-Identifier: GPL-2.0-or-later
"""The reporting guest on our monitor, on real kvm_amd."""

import re

import pytest

MONITOR = ('vpmu-system-x86_64 -nodefaults -display none -serial stdio -m 128 '
           '-kernel /rig/vpmu-guest')
SHAPES = [(machine, cpus) for machine in ('microvm', 'q35') for cpus in (1, 2)]


def facts(text):
    return dict(re.findall(r'^vpmu-guest: ([^=\n]+)=(.*)$', text, re.MULTILINE))


@pytest.fixture(scope='module')
def texts(rig, split):
    """Every guest in one boot: what each said and its status."""
    script = ''.join(f'echo "### {machine}-{cpus}"\n'
                     f'{MONITOR} -M {machine} -cpu host -smp {cpus}; echo status=$?\n'
                     for machine, cpus in SHAPES)
    result = rig(script + f'echo "### off"\n'
                          f'{MONITOR} -M q35 -cpu host,pmu=off; echo status=$?\n')
    assert result.ok, result.explain()
    return split(result.output)


@pytest.mark.parametrize('machine, cpus', SHAPES)
def test_guest_reports_and_powers_off(texts, machine, cpus):
    text = texts[f'{machine}-{cpus}']
    found = facts(text)

    assert 'status=0' in text, text
    assert found['done'] == 'ok', text
    assert found['vendor'] == 'AuthenticAMD'
    assert found['cpus'] == str(cpus)


def test_pmu_off_is_off_on_amd_too(texts):
    found = facts(texts['off'])

    assert 'status=0' in texts['off'], texts['off']
    assert found['done'] == 'ok', texts['off']
    assert found['cpuid.80000001.perfctr-core'] == '0'
