# SPDX-License-Identifier: GPL-2.0-or-later
"""KVM's rules that came after Debian 12's kernel, on real kvm_intel 6.12 with PEBS and LBR.

Only with scripts/test --long: one more boot of the Bochs rig.
"""

import json
import os
import re
import subprocess

import pytest

import bochs_msrs
import machine
from conftest import built

FORMATS = 'pebs-fmt=host,lbr-fmt=host'
JOB = f'dmesg -n 1; (vpmu record; echo; kvm-pmu {FORMATS}) 2>&1 | gzip -c | base64'


@pytest.fixture(scope='module')
def boot(rig):
    if not os.environ.get('VPMU_LONG'):
        pytest.skip('a boot of several minutes; runs with --long')
    return rig(JOB, timeout=250, msrs=bochs_msrs.definition(), fakepmu='pebs', series='6.12')


@pytest.fixture(scope='module')
def rules(boot):
    found = dict(re.findall(r'^kvm-pmu: ([^=\n]+)=(.*)$', machine.unpack(boot.output),
                            re.MULTILINE))
    assert found.get('done') == 'ok', boot.explain()[-6000:]
    return found


def test_capability_is_immutable_after_the_first_run(rules):
    assert rules['run.value'] == rules['capability']
    assert rules['run.same'] == 'accepted'
    assert rules['run.zero'] == 'refused'
    assert rules['run.single-changes'] == 'none'
    assert rules['run.value-after'] == rules['capability']


def test_pebs_group_is_whole_or_not_at_all(rules):
    assert rules['capability.single-changes'] == '10,13'
    assert rules['capability.pebs-formats'] == '0,4'
    assert rules['capability.lbr-formats'] == '0,5'


def test_pdcm_is_not_looked_at_and_a_pmu_is_asked_for(rules):
    assert rules['without-pdcm.value'] == '0x0'
    assert rules['without-pdcm.all'] == 'accepted'
    assert rules['without-pmu.all'] == 'refused'
    assert rules['without-pmu.single-bits'] == 'none'


# Still as in Linux 6.1; the model follows the rules of younger kernels (docs/rigs.md).
OLDER_KERNEL = ('without-pdcm.all', 'without-pdcm.single-bits', 'without-pmu.all',
                'without-pmu.single-bits', 'running.counters')


def test_modelled_kernel_keeps_the_same_rules(boot, rules, tmp_path):
    text = machine.unpack(boot.output)
    profile = tmp_path / 'profile.json'
    profile.write_text(text[text.index('{'):text.rindex('}') + 1])
    json.loads(profile.read_text())
    program = built('tests', 'rig', 'kvm-pmu', 'kvm-pmu')
    model = subprocess.run([program, '--model', str(profile), FORMATS], capture_output=True,
                           text=True, check=True,
                           env=dict(os.environ, ASAN_OPTIONS='detect_leaks=0'))
    modelled = dict(re.findall(r'^kvm-pmu: ([^=\n]+)=(.*)$', model.stdout, re.MULTILINE))

    differ = {key: (rules.get(key), modelled.get(key)) for key in rules.keys() | modelled.keys()
              if rules.get(key) != modelled.get(key) and key not in OLDER_KERNEL}
    assert differ == {}
