# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest's PMU on real kvm_intel over the made-up core PMU.

One boot of the Bochs rig collects everything, twice: with the PMU as it is, and after KVM
was loaded again over a CPU that has PEBS and LBR as well.  Results are of real kvm_intel
with made-up counters; the records and the branch stack themselves do not exist.
"""

import json
import os
import re
import subprocess

import pytest

import bochs_msrs
import compare_contract
import machine
from conftest import built

OPTIONS = '-M q35 -m 64 -nodefaults -display none -serial stdio -kernel /rig/vpmu-guest'
FORMATS = 'pebs-fmt=host,lbr-fmt=host'
FEWER = 'pmu=on,pmu-counters=2,pmu-fixed-counters=1,pmu-events=0x3'
JOB = f'''
dmesg -n 1
# The serial port is slow: everything goes over it packed.
section() {{
    echo; echo "SECTION $1 $(cut -d' ' -f1 /proc/uptime)"; shift
    "$@" 2>&1 | gzip -c | base64
}}
monitor() {{ vpmu-system-x86_64 {OPTIONS} "$@" > /tmp/out 2> /tmp/err; echo "status $?"
    cat /tmp/out; cat /tmp/err; }}
plain() {{
    section doctor vpmu doctor
    section record vpmu record
    section rules kvm-pmu
    section plan-on vpmu-system-x86_64 {OPTIONS} -cpu host,pmu=on --dry-run=json
    section guest-on monitor -cpu host,pmu=on -append leaves=1
    section plan-off vpmu-system-x86_64 {OPTIONS} -cpu host,pmu=off --dry-run=json
    section guest-off monitor -cpu host,pmu=off -append leaves=1
    section plan-fewer vpmu-system-x86_64 {OPTIONS} -cpu host,{FEWER} --dry-run=json
    section guest-fewer monitor -cpu host,{FEWER} -append leaves=1
    section vmx-plan vpmu-system-x86_64 {OPTIONS} -cpu Haswell,vmx=on --dry-run=json
    section vmx-guest monitor -cpu Haswell,vmx=on
    # A guest that leaves every counter running, about to overflow into an NMI, and resets.
    section reboot reboots 2 vpmu-system-x86_64 {OPTIONS} -cpu host,pmu=on \\
        -append 'leave-running=1 exit=reboot'
}}
pebs() {{
    rmmod kvm_intel && rmmod kvm || return
    echo 32 > /sys/module/fakepmu/parameters/lbr
    echo 1 > /sys/module/fakepmu/parameters/pebs
    insmod /rig/kvm.ko && insmod /rig/kvm-intel.ko || return
    section pebs-record vpmu record
    section pebs-rules kvm-pmu {FORMATS}
    section pebs-plan vpmu-system-x86_64 {OPTIONS} -cpu host,{FORMATS} --dry-run=json
    section pebs-guest monitor -cpu host,{FORMATS} -append leaves=1
    section pebs-named monitor -cpu host,+pebs-arch-reg
    section pebs-part monitor -cpu host,pebs-fmt=host,pebs-trap=off
}}
plain
pebs
section end true
'''


class Run:
    """One boot's console, in sections."""

    def __init__(self, result):
        self.result = result
        parts = re.split(r'^SECTION (\S+) \S+\n', result.console, flags=re.MULTILINE)
        self.sections = {name: machine.unpack(text)
                         for name, text in zip(parts[1::2], parts[2::2])}

    def text(self, section):
        assert section in self.sections, self.result.explain()[-6000:]
        return self.sections[section]

    def facts(self, section):
        return compare_contract.facts(self.text(section))

    def contract(self, section):
        return json.loads(self.json_text(section))['contract']

    def json_text(self, section):
        text = self.text(section)
        return text[text.index('{'):text.rindex('}') + 1]

    def rules(self, section):
        return dict(re.findall(r'^kvm-pmu: ([^=\n]+)=(.*)$', self.text(section),
                               re.MULTILINE))


@pytest.fixture(scope='module')
def boot(rig):
    return Run(rig(JOB, timeout=250, msrs=bochs_msrs.definition()))


def numbers(text):
    return set() if text == 'none' else {int(word) for word in text.split(',')}


def test_doctor_shows_the_pmu(boot):
    rows = dict(re.findall(r'^(\S.*?) {2,}\S+ +(\S+) +\S+$', boot.text('doctor'),
                           re.MULTILINE))

    assert rows['pmu'] == 'on'
    assert rows['version'] == '2'
    assert rows['general-purpose counters'] == '4'
    assert rows['fixed counters'] == '3'
    assert rows['perf-capabilities'] == '0x2000'


@pytest.mark.parametrize('pmu', ['on', 'off'])
def test_guest_sees_its_contract(boot, pmu):
    found = boot.facts(f'guest-{pmu}')

    assert found.get('done') == 'ok', boot.text(f'guest-{pmu}')
    assert compare_contract.compare(boot.contract(f'plan-{pmu}'), found) == []
    assert 'warning: cpuid-' not in boot.text(f'guest-{pmu}')


def test_fewer_counters_are_fewer(boot):
    """What a guest was not told of it does not have: KVM takes its counters from leaf 0xA."""
    contract = boot.contract('plan-fewer')
    found = boot.facts('guest-fewer')

    assert found.get('done') == 'ok', boot.text('guest-fewer')
    assert compare_contract.compare(contract, found) == []
    assert (contract['pmu']['gp-counters'], contract['pmu']['fixed-counters']) == (2, 1)
    assert found['cpuid.a.events-missing'] == '0x7c'
    assert numbers(found['msr.gp-full-width'].replace(' ', ',')) == {0, 1}
    assert numbers(found['msr.fixed'].replace(' ', ',')) == {0}
    for key in ('counts.gp0', 'counts.fixed0'):
        assert found[key].startswith('yes'), key


# What this KVM has of the controls of nested VMX, a register of which says twice what a bit
# may be: its low half has those that must be 1, its high half those that may be.
VMX_CONTROLS = ('0x48b', '0x48d', '0x48e', '0x48f', '0x490')


def test_nested_vmx_is_the_models_within_kvms(boot):
    """A vCPU that does not read back what it was told ends the start."""
    kvms = json.loads(boot.json_text('record'))['x86']['feature-msrs']
    told = boot.contract('vmx-plan')['msrs']
    features = boot.contract('vmx-plan')['features']

    assert {'vmx', 'vmx-ept', 'vmx-shadow-vmcs'} <= set(features)
    assert 'vmx-tsc-scaling' not in features  # Haswell had none
    for index in VMX_CONTROLS:
        may, must = int(told[index], 16) >> 32, int(told[index], 16) & 0xffffffff
        assert may & ~(int(kvms[index], 16) >> 32) == 0, index
        assert int(kvms[index], 16) & 0xffffffff & ~must == 0, index
    assert int(told['0x480'], 16) & 0xffffffff == int(kvms['0x480'], 16) & 0xffffffff
    assert boot.text('vmx-guest').startswith('status 0\n'), boot.text('vmx-guest')


def test_counters_count_and_interrupt(boot):
    found = boot.facts('guest-on')

    for key in ('counts.gp0', 'counts.fixed0', 'counts.fixed1', 'counts.pmi'):
        assert found[key].startswith('yes'), key
    assert found['pmi.global-status'] == '0x1'
    assert found['reset.counters'] == '0x0 0x0 0x0 0x0'
    assert found['reset.global-ctrl'] == '0x0'


def test_reset_is_clean_with_counters_running(boot):
    # The monitor was killed, maybe within a line.
    text = boot.text('reboot').replace('\r', '').rpartition('\n')[0]

    assert 'exception' not in text
    assert text.count('done=ok') >= 2, text
    for key in ('selects', 'counters'):
        values = re.findall(rf'reset\.{key}=(.*)', text)
        assert len(values) >= 2 and set(values) == {'0x0 0x0 0x0 0x0'}, text
    for key in ('fixed-ctrl', 'global-ctrl', 'global-status'):
        values = re.findall(rf'reset\.{key}=(.*)', text)
        assert len(values) >= 2 and set(values) == {'0x0'}, text
    assert set(re.findall(r'reset\.stale-pmi=(\w+)', text)) == {'no'}
    assert set(re.findall(r'reset\.lvtpc=(\w+)', text)) == {'0x10000'}


def test_only_full_width_write_can_be_set(boot):
    """All 64 bits of PERF_CAPABILITIES, walked."""
    rules = boot.rules('rules')

    assert rules['capability'] == '0x2000'
    assert rules['capability.all'] == rules['capability.zero'] == 'accepted'
    assert numbers(rules['capability.single-bits']) == {13}
    assert numbers(rules['capability.single-changes']) == {13}
    assert numbers(rules['capability.pebs-formats']) == {0}
    assert numbers(rules['capability.lbr-formats']) == {0}
    assert rules['without-pdcm.value'] == '0x0'
    assert rules['without-pdcm.zero'] == 'accepted'


def test_registers_follow_the_pmu(boot):
    rules = boot.rules('rules')

    assert numbers(rules['on.set.gp-counters']) == {0, 1, 2, 3}
    assert numbers(rules['on.set.gp-full-width']) == {0, 1, 2, 3}
    assert numbers(rules['on.set.fixed-counters']) == {0, 1, 2}
    for key in ('fixed-ctrl', 'global-status', 'global-ctrl'):
        assert numbers(rules[f'on.set.{key}']) == {0}
        assert numbers(rules[f'off.set.{key}']) == set()
    assert numbers(rules['off.set.gp-full-width']) == set()
    assert numbers(rules['off.set.fixed-counters']) == set()
    for key in ('pebs-enable', 'pebs-data-cfg', 'ds-area'):
        assert numbers(rules[f'on.set.{key}']) == set()


@pytest.mark.parametrize('section', ['rules', 'pebs-rules'])
def test_state_survives_save_and_load(boot, section):
    rules = boot.rules(section)

    assert rules['done'] == 'ok'
    assert rules['running.counters'] == 'advance'
    for key in ('resting.loaded', 'resting.moved', 'resting.reset', 'running.loaded',
                'running.moved', 'running.reset'):
        assert rules[key] == 'the same', key


def test_kvm_offers_what_it_can_of_the_capability(boot):
    """Whatever the CPU has: no freeze in SMM (12), metrics (15), PEBS to PT (16), and in
    this kernel neither adaptive PEBS (14) nor timing (17)."""
    rules = boot.rules('pebs-rules')

    assert bochs_msrs.PERF_CAPABILITIES == 0x3f4c5
    assert rules['capability'] == '0x24c5'
    assert rules['capability.all'] == 'accepted'


def test_pebs_group_is_whole_or_not_at_all(boot):
    """T1: with a format, no bit of 6, 7, 8-11, 14, 17 may differ from KVM's."""
    rules = boot.rules('pebs-rules')

    # Only full-width-write, and bit 10: without it the format is 0 and PEBS is off.
    assert numbers(rules['capability.single-changes']) == {10, 13}
    assert numbers(rules['capability.pebs-formats']) == {0, 4}
    assert numbers(rules['capability.pebs-formats-alone']) == {0}
    assert numbers(rules['capability.single-bits']) == {6, 7, 13}


def test_lbr_format_is_the_hosts_or_none(boot):
    assert numbers(boot.rules('pebs-rules')['capability.lbr-formats']) == {0, 5}


@pytest.mark.parametrize('condition', ['without-ds', 'without-dtes64', 'other-model',
                                       'other-family'])
def test_formats_need_debug_store_and_the_hosts_model(boot, condition):
    rules = boot.rules('pebs-rules')

    assert rules[f'{condition}.all'] == 'refused'
    assert rules[f'{condition}.zero'] == 'accepted'


def test_guest_with_formats_sees_its_contract(boot):
    contract = boot.contract('pebs-plan')
    found = boot.facts('pebs-guest')

    assert (contract['pmu']['pebs-fmt'], contract['pmu']['lbr-fmt']) == (4, 5)
    assert found.get('done') == 'ok', boot.text('pebs-guest')
    assert compare_contract.compare(contract, found) == []


def test_a_feature_of_pebs_by_name_is_pebs(boot):
    found = boot.facts('pebs-named')

    assert boot.text('pebs-named').startswith('status 0\n'), boot.text('pebs-named')
    assert int(found['perf-capabilities'], 16) == 0x24c0, found
    assert found['msr.pebs-enable'] == found['msr.ds-area'] == '0', found


def test_part_of_the_group_is_refused_by_name(boot):
    text = boot.text('pebs-part')

    assert 'status 1' in text
    assert 'pebs-trap' in text


# Where Linux 6.1 has other rules than the kernels the model follows (docs/rigs.md).
OLDER_KERNEL = {
    'run.zero': 'a value can be changed after the first run',
    'run.single-changes': 'the same',
    'run.value-after': 'the same',
    'without-pdcm.single-bits': 'PDCM is not looked at',
    'without-pdcm.all': 'the same',
    'without-pmu.single-bits': 'only 0 without a PMU',
    'without-pmu.all': 'the same',
    'initial.0x38f': 'no counter is enabled until somebody does it',
    'takes.global-status': 'user space may write every bit of GLOBAL_STATUS',
    'keeps.global-status': 'the same',
    'running.counters': 'the model does not count',
}


@pytest.mark.parametrize('record, section, cpu', [('record', 'rules', ''),
                                                  ('pebs-record', 'pebs-rules', FORMATS)])
def test_modelled_kernel_keeps_the_same_rules(boot, tmp_path, record, section, cpu):
    profile = tmp_path / 'profile.json'
    profile.write_text(boot.json_text(record))
    program = built('tests', 'rig', 'kvm-pmu', 'kvm-pmu')
    model = subprocess.run([program, '--model', str(profile), cpu], capture_output=True,
                           text=True, env=dict(os.environ, ASAN_OPTIONS='detect_leaks=0'),
                           check=True)
    modelled = dict(re.findall(r'^kvm-pmu: ([^=\n]+)=(.*)$', model.stdout, re.MULTILINE))
    real = boot.rules(section)

    differ = {key: (real.get(key), modelled.get(key)) for key in real.keys() | modelled.keys()
              if real.get(key) != modelled.get(key) and key not in OLDER_KERNEL}
    assert differ == {}
