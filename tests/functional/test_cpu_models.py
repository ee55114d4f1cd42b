# SPDX-License-Identifier: GPL-2.0-or-later
"""Comparing CPU models over QMP, and the tool's answers about this host."""

import json
import os
import subprocess

import pytest

from qmp import QmpError

BUILD = os.environ.get('VPMU_BUILD', 'build')
PROFILES = os.path.join(os.path.dirname(__file__), os.pardir, 'profiles')


@pytest.fixture
def vm(start, kvm, x86):
    return start('-M', 'none', '-nodefaults')


def compare(vm, a, b):
    return vm.qmp.command('query-cpu-model-comparison', modela=a, modelb=b)


def test_comparison_of_a_model_with_itself(vm):
    assert compare(vm, {'name': 'host'}, {'name': 'host'}) == {
        'result': 'identical', 'responsible-properties': []}


def test_comparison_names_what_differs(vm):
    less = {'name': 'host', 'props': {'x2apic': False}}
    assert compare(vm, {'name': 'host'}, less) == {
        'result': 'superset', 'responsible-properties': ['x2apic']}
    assert compare(vm, less, {'name': 'host'})['result'] == 'subset'


def test_baseline_is_below_both(vm):
    a, b = {'name': 'host'}, {'name': 'qemu64'}
    model = vm.qmp.command('query-cpu-model-baseline', modela=a, modelb=b)['model']
    assert model['name'] == 'base'
    for other in (a, b):
        assert compare(vm, model, other)['result'] in ('subset', 'identical')


def on_recorded(start, host, *more):
    """A monitor that decides for a recorded host."""
    return start('-M', 'none', '-nodefaults', '-accel',
                 f'kvm,host-profile={PROFILES}/{host}.json', *more)


def expand(vm, name, props=None, kind='full'):
    return vm.qmp.command('query-cpu-model-expansion', type=kind,
                          model={'name': name, 'props': props or {}})['model']


# What QEMU's static expansion holds beside the features.
IDENTITY = {'min-level', 'min-xlevel', 'family', 'model', 'stepping', 'model-id', 'vendor', 'lmce'}


@pytest.mark.parametrize('host, name, props, on', [
    ('intel-icelake-sp', 'host', {}, {'pdcm', 'full-width-write', 'avx512f'}),
    ('intel-icelake-sp', 'Skylake-Server', {'pmu': False}, {'avx512f'}),
    ('intel-sapphirerapids-topdown', 'host', {}, {'perf-metrics'}),
    ('amd-zen4-genoa', 'host', {}, {'perfmon-v2', 'perfctr-core'})])
def test_t20_static_expansion_holds_features_only(start, x86, host, name, props, on):
    """And what it says, given back as properties, is a CPU with the same features."""
    vm = on_recorded(start, host)
    expanded = expand(vm, name, props, 'static')
    features = {key: value for key, value in expanded['props'].items() if key not in IDENTITY}
    assert expanded['name'] == 'base' and IDENTITY <= set(expanded['props'])
    assert all(isinstance(value, bool) for value in features.values())
    assert len(features) > 400 and on <= {key for key in features if features[key]}
    back = expand(vm, 'base', {**expanded['props'], 'pmu': True})['props']
    assert {key for key in features if features[key] and not back[key]} == set()


REFUSED = [('host', {'pebs-fmt': 5}, 'pebs-fmt'), ('host', {'family': 999}, 'family'),
           ('host', {'vendor': 'short'}, 'vendor'), ('host', {'hv-relaxed': True}, 'Hyper-V'),
           ('host,avx2=off', {}, 'props'), ('host', {'nosuch': True}, 'nosuch')]


@pytest.mark.parametrize('name, props, word', REFUSED)
def test_what_cannot_be_is_no_cpu_to_compare(start, x86, name, props, word):
    vm = on_recorded(start, 'intel-icelake-sp')
    model = {'name': name, 'props': props}
    with pytest.raises(QmpError, match=word):
        compare(vm, model, {'name': 'host'})
    with pytest.raises(QmpError, match=word):
        vm.qmp.command('query-cpu-model-baseline', modela={'name': 'host'}, modelb=model)
    with pytest.raises(QmpError, match=word):
        expand(vm, name, props)


@pytest.mark.parametrize('host, less, row', [
    ('intel-icelake-sp', {'phys-bits': 36}, 'phys-bits'),
    ('intel-icelake-sp', {'pmu': False}, 'pmu'),
    ('intel-graniterapids-d', {'avx512f': False}, 'avx512f')])
def test_comparison_is_by_the_rows_of_the_check(start, x86, host, less, row):
    vm = on_recorded(start, host)
    found = compare(vm, {'name': 'host'}, {'name': 'host', 'props': less})
    assert found['result'] == 'superset' and row in found['responsible-properties'], found


def test_models_are_those_of_the_machine(start, ask, kvm, x86, guest):
    """Old defaults and -global are in what a model is, as they are in a guest."""
    for options in (['-M', 'q35'], ['-M', 'pc-q35-11.1'], ['-M', 'pc-q35-9.0'],
                    ['-M', 'q35', '-global', 'host-x86_64-cpu.x2apic=off']):
        contract = json.loads(ask(*options, '-cpu', 'host', '--dry-run=json').stdout)['contract']
        props = expand(start(*options, '-kernel', guest, '-S'), 'host')['props']
        on = {name for name, value in props.items() if value is True}
        assert set(contract['features']) <= on, options
        assert ('x2apic' in on) == ('x2apic' in contract['features'])


def test_expansion_is_the_model_not_what_the_host_lacks(vm):
    """What cannot be had here is the business of unavailable-features."""
    missing = {info['name']: info['unavailable-features']
               for info in vm.qmp.command('query-cpu-definitions')}
    lacking = [name for name in missing if missing[name] and name not in ('host', 'max')]
    if not lacking:
        pytest.skip('this host has all that any model has')
    for name in lacking:
        props = vm.qmp.command('query-cpu-model-expansion', type='full',
                               model={'name': name})['model']['props']
        assert all(props[feature] for feature in missing[name]), name
    name = lacking[0]
    less = {missing[name][0]: False}
    props = vm.qmp.command('query-cpu-model-expansion', type='full',
                           model={'name': name, 'props': less})['model']['props']
    assert not props[missing[name][0]]


def test_b17_unset_formats_are_absent(vm):
    props = vm.qmp.command('query-cpu-model-expansion', type='full',
                           model={'name': 'host'})['model']['props']
    assert not {'pebs-fmt', 'lbr-fmt'} & set(props)


def test_models_say_what_they_are_another_name_of(vm):
    by_name = {info['name']: info for info in vm.qmp.command('query-cpu-definitions')}
    aliases = {name: info['alias-of'] for name, info in by_name.items()
               if 'alias-of' in info}

    assert aliases['EPYC-IBPB'] == 'EPYC-v2' and aliases['qemu64'] == 'qemu64-v1'
    for name, target in aliases.items():
        assert 'alias-of' not in by_name[target]
        assert (by_name[name].get('unavailable-features') ==
                by_name[target].get('unavailable-features'))


def test_a_pmu_nobody_asked_for_makes_no_model_unusable(start, x86):
    """libvirt calls a model usable where unavailable-features is empty."""
    def unavailable(host):
        accel = f'kvm,host-profile={PROFILES}/{host}.json'
        vm = start('-M', 'none', '-nodefaults', '-accel', accel)
        return {info['name']: info['unavailable-features']
                for info in vm.qmp.command('query-cpu-definitions')}

    genoa, icelake = unavailable('amd-zen4-genoa'), unavailable('intel-icelake-sp')
    assert [genoa[name] for name in ('EPYC', 'EPYC-Rome', 'EPYC-Genoa')] == [[], [], []]
    assert genoa['Nehalem-IBRS'] == ['spec-ctrl']
    assert 'svm' not in icelake['Nehalem'] and 'sse4a' in icelake['EPYC-Rome']


def test_questions_are_answered_without_kvm(start):
    vm = start('-M', 'none', '-nodefaults', '-accel', 'kvm,device=/no/such/device')

    assert vm.qmp.command('query-kvm') == {'enabled': False, 'present': False}
    definitions = vm.qmp.command('query-cpu-definitions')
    assert 'host' in [info['name'] for info in definitions]
    assert not any('unavailable-features' in info for info in definitions)
    with pytest.raises(QmpError, match='KVM'):
        vm.qmp.command('query-cpu-model-expansion', type='full', model={'name': 'host'})
    vm.qmp.command('system_reset')
    assert vm.qmp.command('query-status')['status'] == 'prelaunch'


def test_help_lists_models_flags_and_options(ask, x86):
    text = ask('-cpu', 'help').stdout

    assert '\n  EPYC-IBPB                  alias of EPYC-v2\n' in text
    flags = text.split('Recognized CPUID flags')[1].split('\n\n')[0].split()
    assert {'pebs-baseline', 'perf-metrics', 'avx512-vpopcntdq', 'perfmon-v2'} <= set(flags)
    assert not {'pmu', 'pebs-fmt', 'sse4-1'} & set(flags)
    for option in ('pmu=<on|off|auto>', 'pebs-fmt=<0-15|host|off>', 'lbr-fmt=<0-63|host|off>',
                   'migratable=<on|off>'):
        assert f'\n  {option} ' in text
    assert all(len(line) <= 80 for line in text.split('\n\n')[1].splitlines())


def test_unknown_model_is_refused(vm):
    with pytest.raises(QmpError):
        compare(vm, {'name': 'host'}, {'name': 'nosuch'})


def test_recorded_host_answers_like_the_live_one(kvm, tmp_path):
    tool, host = os.path.join(BUILD, 'vpmu'), tmp_path / 'host.json'
    subprocess.run([tool, 'record', '-o', host], check=True)
    answers = [subprocess.run([tool, 'resolve', '--host', source, '--json', '--',
                               '-cpu', 'host'], check=True, capture_output=True).stdout
               for source in ('live', host)]
    assert answers[0] == answers[1]
    contract = tmp_path / 'contract.json'
    contract.write_bytes(answers[0])
    check = subprocess.run([tool, 'check', '--contract', contract, '--host', host, '--json'],
                           capture_output=True, text=True)
    assert check.returncode == 0 and json.loads(check.stdout)['hosts'][0]['ok'], check.stdout
    same = subprocess.run([tool, 'diff', contract, contract], capture_output=True, text=True)
    assert (same.returncode, same.stdout) == (0, 'the same\n')


def test_bad_input_has_status_two(kvm, tmp_path):
    tool, broken = os.path.join(BUILD, 'vpmu'), tmp_path / 'broken.json'
    broken.write_text('{"format": 3}')
    for args in (['resolve'], ['resolve', '--host', broken, '--'],
                 ['resolve', '--host', 'live', '--', '-cpu', 'nosuch'],
                 ['resolve', '--host', 'live', '--', '-M', 'pc-q35-6.2'],
                 ['check', '--contract', broken, '--host', broken], ['nosuch'], []):
        result = subprocess.run([tool, *args], capture_output=True, text=True)
        assert result.returncode == 2, args
        assert result.stderr.startswith(('vpmu', 'usage')) and not result.stdout


def test_a_contract_is_read_as_it_is_printed(start, kvm, x86, guest, tmp_path):
    tool, host, saved = os.path.join(BUILD, 'vpmu'), tmp_path / 'host', tmp_path / 'contract'
    vm = start('-M', 'microvm', '-S', '-kernel', guest)
    answer = vm.qmp.command('query-vpmu')
    subprocess.run([tool, 'record', '-o', host], check=True)

    assert vm.qmp.command('query-vpmu-compat', contract=answer['contract'])['compatible']
    for wrapped in ({'return': answer}, answer, answer['contract']):
        saved.write_text(json.dumps(wrapped))
        got = subprocess.run([tool, 'check', '--contract', saved, '--host', host],
                             capture_output=True, text=True)
        assert got.returncode == 0, got.stdout + got.stderr


def test_doctor_tells_one_cause_once():
    hybrid = os.path.join(PROFILES, 'intel-alderlake-hybrid.json')
    text = subprocess.run([os.path.join(BUILD, 'vpmu'), 'doctor', '--host', hybrid],
                          check=True, capture_output=True, text=True).stdout
    told = [line for line in text.splitlines() if line.startswith('warning: ')]

    assert len(told) == 1 and told[0].count('hybrid host CPU') == 1
    rows = told[0].removeprefix('warning: ').split(': ')[0].split(', ')
    assert {'pmu', 'pdcm', 'pebs-fmt', 'lbr-fmt', 'perf-metrics'} <= set(rows)


def test_each_command_explains_itself(tmp_path):
    tool = os.path.join(BUILD, 'vpmu')
    for command in ('record', 'resolve', 'check', 'baseline', 'diff', 'stream', 'doctor'):
        got = subprocess.run([tool, command, '--help'], capture_output=True, text=True)
        assert got.returncode == 0 and f'vpmu {command} ' in got.stdout, command
