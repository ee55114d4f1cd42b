# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest's PMU on real kvm_amd over the made-up core PMU: K7, core counters, PerfMonV2.

One boot of the rig per kind of PMU collects everything; the tests look at parts of it.
Results are of real KVM with made-up counters.
"""

import json
import os
import re
import subprocess

import pytest

import compare_contract
from conftest import built

KINDS = {
    # offered: version, counters, perfctr-core, perfmon-v2
    'k7': (1, 4, False, False),
    'core': (1, 6, True, False),
    'v2': (2, 6, True, True),
}
OPTIONS = '-M q35 -m 128 -nodefaults -display none -serial stdio -kernel /rig/vpmu-guest'
FEWER = 'pmu=on,pmu-counters=5'
JOB = f'''
dmesg -n 1 # KVM's remarks would land in the middle of a guest's lines
section() {{ echo; echo "SECTION $1"; }}
section doctor; vpmu doctor 2>&1
section record; vpmu record
section plan-on; vpmu-system-x86_64 {OPTIONS} -cpu host,pmu=on --dry-run=json
section guest-on; vpmu-system-x86_64 {OPTIONS} -cpu host,pmu=on -append leaves=1
section plan-fewer; vpmu-system-x86_64 {OPTIONS} -cpu host,{FEWER} --dry-run=json 2>&1
section guest-fewer; vpmu-system-x86_64 {OPTIONS} -cpu host,{FEWER} -append leaves=1 2>&1
section plan-off; vpmu-system-x86_64 {OPTIONS} -cpu host,pmu=off --dry-run=json
section guest-off
vpmu-system-x86_64 -trace kvm_ioctl {OPTIONS} -cpu host,pmu=off -append leaves=1 2> /tmp/trace
section trace-off; cat /tmp/trace
section trace-on
vpmu-system-x86_64 -trace kvm_ioctl {OPTIONS} -cpu host,pmu=on 2>&1 | grep KVM_ENABLE_CAP
section reboot
reboots 3 vpmu-system-x86_64 {OPTIONS} -cpu host,pmu=on -append 'leave-running=1 exit=reboot'
section rules; kvm-pmu
section end
'''


class Run:
    """One boot's console, in sections."""

    def __init__(self, kind, result):
        self.kind = kind
        self.result = result
        parts = re.split(r'^SECTION (\S+)\n', result.console, flags=re.MULTILINE)
        self.sections = dict(zip(parts[1::2], parts[2::2]))
        assert 'end' in self.sections, result.explain()

    def facts(self, section):
        return compare_contract.facts(self.sections[section])

    def contract(self, section):
        return json.loads(self.json_text(section))['contract']

    def json_text(self, section):
        text = self.sections[section]
        return text[text.index('{'):text.rindex('}') + 1]

    def rules(self):
        return dict(re.findall(r'^kvm-pmu: ([^=\n]+)=(.*)$', self.sections['rules'],
                               re.MULTILINE))


@pytest.fixture(scope='module', params=sorted(KINDS))
def boot(request, rig):
    probe = built('tests', 'rig', 'kvm-pmu', 'kvm-pmu')
    # The made-up counters overflow by a timer of an emulated machine; where the host is
    # busy it comes too late for the guest now and then, so such a boot is made again.
    for _ in range(3):
        run = Run(request.param, rig(JOB, {'rig/kvm-pmu': probe}, fakepmu=request.param,
                                     timeout=240))
        if run.facts('guest-on').get('counts.pmi') == 'yes':
            break
    return run


def test_doctor_and_record_show_the_pmu(boot):
    version, counters, core, v2 = KINDS[boot.kind]
    rows = dict(re.findall(r'^(\S.*?) {2,}\S+ +(\S+) +\S+$', boot.sections['doctor'],
                           re.MULTILINE))

    assert rows['pmu'] == 'on'
    assert 'taken, CPUID and MSRs read back as told' in boot.sections['doctor']
    assert rows['version'] == str(version)
    assert rows['general-purpose counters'] == str(counters)
    assert rows['perfctr-core'] == ('on' if core else 'off')
    assert rows['perfmon-v2'] == ('on' if v2 else 'off')
    profile = json.loads(boot.json_text('record'))
    assert profile['kvm']['caps']['pmu-capability'] == 1


def test_contract_gives_what_is_offered(boot):
    version, counters, core, v2 = KINDS[boot.kind]
    contract = boot.contract('plan-on')

    assert contract['pmu']['enabled']
    assert (contract['pmu']['version'], contract['pmu']['gp-counters']) == (version, counters)
    assert ('perfctr-core' in contract['features']) == core
    assert ('perfmon-v2' in contract['features']) == v2


@pytest.mark.parametrize('pmu', ['on', 'off'])
def test_guest_sees_its_contract(boot, pmu):
    found = boot.facts(f'guest-{pmu}')

    assert found.get('done') == 'ok', boot.sections[f'guest-{pmu}']
    assert compare_contract.compare(boot.contract(f'plan-{pmu}'), found) == []
    # This KVM keeps CPUID as told.
    assert 'warning: cpuid-' not in boot.sections[f'guest-{pmu}']
    assert 'KVM_GET_CPUID2' in boot.sections['trace-off']


def test_fewer_counters_are_fewer(boot):
    """Leaf 0x80000022 tells the number, and KVM gives no other; without it none is told."""
    if boot.kind != 'v2':
        assert 'pmu-counters' in boot.sections['plan-fewer']
        assert 'perfctr-core and perfmon-v2 alone' in boot.sections['plan-fewer']
        assert 'vpmu-guest:' not in boot.sections['guest-fewer']
        return
    contract, found = boot.contract('plan-fewer'), boot.facts('guest-fewer')
    assert found.get('done') == 'ok', boot.sections['guest-fewer']
    assert compare_contract.compare(contract, found) == []
    assert contract['pmu']['gp-counters'] == 5
    assert found['msr.amd-core-counters'].replace(' ', ',') == '0,1,2,3,4'


def test_counters_count_and_interrupt(boot):
    found = boot.facts('guest-on')

    key = 'counts.amd-core-0' if KINDS[boot.kind][2] else 'counts.amd-k7-0'
    assert found[key].startswith('yes'), found
    assert found['counts.pmi'] == 'yes'
    if KINDS[boot.kind][3]:
        assert found['pmi.global-status'] == '0x1'
        assert found['pmi.global-status-cleared'] == '0x0'


def test_off_is_off(boot):
    found = boot.facts('guest-off')

    assert found['msr.amd-core-event-selects'] == 'none'
    assert found['msr.amd-core-counters'] == 'none'
    assert found['msr.amd-global-ctl'] == 'none'
    assert found['counts.amd-k7-0'] == 'no'
    assert found['counts.amd-core-0'] == 'absent'
    assert found['counts.pmi'] != 'yes'
    disable = 'kvm_ioctl KVM_ENABLE_CAP cap 212 arg 0x1 ret 0'  # PMU_CAPABILITY
    calls = boot.sections['trace-off']
    assert disable in calls, calls
    assert calls.index(disable) < calls.index('kvm_ioctl KVM_CREATE_VCPU')
    assert disable not in boot.sections['trace-on']


def test_kvm_has_no_such_registers_with_off(boot):
    rules = boot.rules()

    assert rules['off.set.amd-core-event-selects'] == 'none'
    assert rules['off.set.amd-core-counters'] == 'none'
    assert rules['off.set.amd-global-ctl'] == 'none'


def test_reset_is_clean_with_counters_running(boot):
    text = boot.sections['reboot']

    assert 'exception' not in text
    assert text.count('done=ok') >= 3
    counters = KINDS[boot.kind][1]
    zeros = ' '.join(['0x0'] * counters)
    for key in ('selects', 'counters'):
        values = re.findall(rf'reset\.{key}=(.*)', text.replace('\r', ''))
        assert len(values) >= 3
        # The guest is ended in the middle of whatever it says: the last may be half of one.
        if zeros.startswith(values[-1]):
            values.pop()
        assert set(values) == {zeros}
    for key in ('global-ctrl', 'global-status'):
        assert set(re.findall(rf'reset\.{key}=(.*)', text.replace('\r', ''))) <= {'0x0'}
    assert set(re.findall(r'reset\.stale-pmi=(\w+)', text)) == {'no'}
    assert set(re.findall(r'reset\.lvtpc=(\w+)', text)) == {'0x10000'}


def test_state_survives_save_and_load(boot):
    rules = boot.rules()

    assert rules['done'] == 'ok'
    version, counters, _, _ = KINDS[boot.kind]
    assert rules['state.registers'] == str(2 * counters + (2 if version == 2 else 0))
    assert rules['running.counters'] == 'advance'
    for key in ('resting.loaded', 'resting.moved', 'resting.reset', 'running.loaded',
                'running.moved', 'running.reset'):
        assert rules[key] == 'the same', key


def test_modelled_kernel_keeps_the_same_rules(boot, tmp_path):
    """Line by line; only counting is something the model does not do."""
    profile = tmp_path / 'profile.json'
    profile.write_text(boot.json_text('record'))
    program = built('tests', 'rig', 'kvm-pmu', 'kvm-pmu')
    model = subprocess.run([program, '--model', str(profile)], capture_output=True, text=True,
                           env=dict(os.environ, ASAN_OPTIONS='detect_leaks=0'), check=True)

    modelled = dict(re.findall(r'^kvm-pmu: ([^=\n]+)=(.*)$', model.stdout, re.MULTILINE))
    real = boot.rules()
    differ = {key: (real.get(key), modelled.get(key)) for key in real.keys() | modelled.keys()
              if real.get(key) != modelled.get(key)}
    assert differ == {'running.counters': ('advance', 'stand still')}
