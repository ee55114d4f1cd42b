# SPDX-License-Identifier: GPL-2.0-or-later
"""Names of the guest's PMU in our monitor and in a QEMU with our steps (QEMU=/path): the same
properties of the same types, in the same help, with the same defaults by machine version."""

import os
import re
import subprocess

import pytest

from monitor import Monitor
from qmp import QmpError

CPU_NAMES = {'pmu': 'bool', 'lbr-fmt': 'uint64', 'pebs-fmt': 'uint64',
             **{name: 'bool' for name in (
                 'full-width-write', 'pebs-trap', 'pebs-arch-reg', 'pebs-baseline',
                 'pebs-timing-info', 'perf-metrics', 'perfctr-core', 'perfctr-nb', 'perfmon-v2',
                 'pdcm', 'ds', 'dtes64', 'ds-cpl', 'intel-pt', 'arch-lbr')}}
OLD_DEFAULTS = ('x-ds-without-pmu', 'x-intel-pt-without-pmu', 'x-debug-store-always-available')
OURS = 'pc-q35-vpmu1.0'
MACHINES = (OURS, 'pc-q35-11.0', 'pc-q35-10.2', 'pc-q35-10.1', 'pc-q35-9.0', 'pc-q35-8.2')
FORMATS = ('lbr-fmt', 'pebs-fmt')
REQUESTS = [{}, {'pebs-fmt': 0}, {'pebs-fmt': 'off'}, {'lbr-fmt': 0}, {'full-width-write': False},
            {'pebs-trap': False}, {'perf-metrics': False}, {'pmu': False}]
# Refused by both: no such number, or nothing that can be had, with a PMU or without.
BAD = [{'pebs-fmt': 16}, {'pebs-fmt': -1}, {'pebs-fmt': 'x'}, {'pebs-fmt': True},
       {'lbr-fmt': 64}, {'lbr-fmt': [1]}, {'pebs-fmt': 0, 'pebs-trap': True},
       {'lbr-fmt': 5, 'pmu': False}, {'pebs-fmt': 4, 'pmu': False}]


@pytest.fixture(scope='module')
def peer():
    path = os.environ.get('QEMU')
    if not path or not os.path.exists(path):
        pytest.skip('QEMU is not set: path of an emulator built with the steps of patches/qemu')
    return path


@pytest.fixture
def theirs(peer, kvm, x86, tmp_path):
    """Starts the peer on a machine; nothing of a guest runs."""
    running = []

    def begin(machine):
        running.append(Monitor(peer, str(tmp_path), '-M', machine, '-accel', 'kvm', '-cpu',
                               'host', '-S', '-L', '/usr/share/seabios', '-L',
                               '/usr/share/qemu', serial=None))
        return running[-1].qmp

    yield begin
    for monitor in running:
        monitor.close()


@pytest.fixture
def ours(start, kvm, x86):
    return lambda machine: start('-M', machine, '-cpu', 'host', '-S', serial=None).qmp


def properties(qmp):
    """Name -> type of a CPU's."""
    return {row['name']: row['type']
            for row in qmp.command('qom-list-properties', typename='host-x86_64-cpu')}


def expansion(qmp, props):
    """What a request is to a query: the properties, or None where it is refused."""
    try:
        return qmp.command('query-cpu-model-expansion', type='full',
                           model={'name': 'host', 'props': props})['model']['props']
    except QmpError:
        return None


def test_properties_have_the_same_names_and_types(theirs, ours):
    a, b = properties(ours('q35')), properties(theirs('q35'))
    expected = {**CPU_NAMES, **{name: 'bool' for name in OLD_DEFAULTS}}

    assert {name: a.get(name) for name in expected} == expected
    assert {name: b.get(name) for name in expected} == expected


def test_help_names_the_same_features(peer, monitor, kvm, x86):
    names = [name for name, kind in CPU_NAMES.items() if kind == 'bool' and name != 'pmu']
    for program in (monitor, peer):
        text = subprocess.run([program, '-cpu', 'help'], text=True, capture_output=True,
                              check=True).stdout
        assert not set(names) - set(re.findall(r'[\w.-]+', text)), program


@pytest.mark.parametrize('machine', MACHINES)
def test_defaults_follow_the_machine_version(theirs, ours, machine):
    """What our own machine version is, the newest of a development tree is with the steps; in
    a release all machine versions exist already."""
    newest = theirs('q35')
    is_release = newest.command('query-version')['qemu']['micro'] < 50
    names = {row.get('alias', row['name']): row['name'] for row in newest.command('query-machines')}
    if machine == OURS and is_release:
        pytest.skip('the peer is a release, whose newest machine keeps what it had')
    if machine == names['q35'] and not is_release:
        pytest.skip(f'{machine} of the peer is compared as {OURS}')
    if machine != OURS and machine not in names.values():
        pytest.skip(f'the peer does not know {machine}')
    found = []
    for qmp in (ours(machine), theirs(names['q35'] if machine == OURS else machine)):
        path = qmp.command('query-cpus-fast')[0]['qom-path']
        found.append({name: qmp.command('qom-get', path=path, property=name)
                      for name in OLD_DEFAULTS})

    assert found[0] == found[1] == dict.fromkeys(OLD_DEFAULTS, machine != OURS)


@pytest.mark.parametrize('props', REQUESTS, ids=str)
def test_queries_expand_to_the_same(theirs, ours, props):
    """pmu of host is to us whether there is one, to QEMU whether it was not turned off; a
    format that the guest has not is absent from our answer and 0 in QEMU's."""
    a, b = expansion(ours('q35'), props), expansion(theirs('q35'), props)
    names = set(CPU_NAMES) - {'pmu'}

    assert not any(b.get(name) for name in FORMATS if name not in a)
    assert {name: a.get(name, 0) for name in names} == {name: b.get(name) for name in names}


@pytest.mark.parametrize('props', BAD, ids=str)
def test_queries_refuse_the_same(theirs, ours, props):
    assert expansion(ours('q35'), props) is None
    assert expansion(theirs('q35'), props) is None
