# SPDX-License-Identifier: GPL-2.0-or-later
"""Comparing CPU models over QMP, and the tool's answers about this host."""

import json
import os
import subprocess

import pytest

from qmp import QmpError

BUILD = os.environ.get('VPMU_BUILD', 'build')


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


def test_t20_static_expansion_carries_the_pmu(vm):
    """What a static expansion says, given back as properties, is the same CPU."""
    for name, props in (('host', {}), ('host', {'pmu': False}), ('qemu64', {})):
        model = {'name': name, 'props': props}
        expanded = vm.qmp.command('query-cpu-model-expansion', type='static',
                                  model=model)['model']
        assert expanded['name'] == 'base'
        assert 'pmu' in expanded['props']
        assert compare(vm, model, expanded)['result'] == 'identical'


def test_b17_unset_formats_are_absent(vm):
    props = vm.qmp.command('query-cpu-model-expansion', type='full',
                           model={'name': 'host'})['model']['props']
    assert not {'pebs-fmt', 'lbr-fmt'} & set(props)


def test_unknown_model_is_refused(vm):
    with pytest.raises(QmpError):
        compare(vm, {'name': 'host'}, {'name': 'nosuch'})


def test_recorded_host_answers_like_the_live_one(kvm, tmp_path):
    tool, host = os.path.join(BUILD, 'vpmu'), tmp_path / 'host.json'
    subprocess.run([tool, 'record', '-o', host], check=True)
    answers = [subprocess.run([tool, 'resolve', '--host', source, '--json', '--full', '--',
                               '-cpu', 'host'], check=True, capture_output=True).stdout
               for source in ('live', host)]
    assert answers[0] == answers[1]
    contract = tmp_path / 'contract.json'
    contract.write_bytes(answers[0])
    check = subprocess.run([tool, 'check', '--contract', contract, '--host', host, '--json'],
                           capture_output=True, text=True)
    assert check.returncode == 0 and json.loads(check.stdout)[0]['ok'], check.stdout
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
