# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest sees the same processor under an installed QEMU and under vpmu; a model is the
same in both."""

import os
import shutil
import subprocess
import sys

import pytest

from monitor import Monitor

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get('VPMU_BUILD', os.path.join(ROOT, 'build'))


# Of what a model is; formats of numbers and what follows from the host aside.
IDENTITY = ('vendor', 'family', 'model', 'stepping', 'level', 'xlevel', 'model-id')
# Goes with the PMU, which is off in named models.
WITH_THE_PMU = {'perfctr-core'}
# Known by name alone: there is no leaf 0x40000010.
ABSENT = {'vmware-cpuid-freq'}
# What QEMU changed in a model after its version 7.2.
LATER = {'legacy-cache'}


@pytest.fixture
def peer():
    program = shutil.which('qemu-system-x86_64')
    if not program:
        pytest.skip('needs qemu-system-x86_64')
    return program


def models(vm, props):
    """name -> properties of every model with a definition of its own, and @props."""
    names = [info['name'] for info in vm.qmp.command('query-cpu-definitions')]
    return {name: vm.qmp.command('query-cpu-model-expansion', type='full',
                                 model={'name': name, 'props': props})['model']['props']
            for name in names if name not in ('host', 'max', 'base')}


@pytest.mark.parametrize('wish', [{}, {'svm': True}], ids=['plain', 'svm'])
def test_every_model_is_what_qemu_says(start, kvm, x86, peer, tmp_path, wish):
    theirs = Monitor(peer, str(tmp_path), '-machine', 'none,accel=kvm', serial=None)
    try:
        expected = models(theirs, wish)
    finally:
        theirs.close()
    found = models(start('-M', 'none', serial=None), wish)

    assert not expected.keys() - found.keys()
    for name, props in expected.items():
        wrong = {key: (value, found[name][key]) for key, value in props.items()
                 if (isinstance(value, bool) or key in IDENTITY) and key in found[name] and
                 key not in WITH_THE_PMU | ABSENT | LATER and found[name][key] != value}
        assert not wrong, (name, wrong)
        assert sum(props[key] is True for key in props.keys() & found[name].keys()) > 5


@pytest.mark.parametrize('smp', ['1', '4,cores=2,threads=2'])
def test_every_difference_has_a_reason(kvm, x86, guest, peer, smp):
    result = subprocess.run([sys.executable, os.path.join(ROOT, 'scripts', 'compare-qemu'),
                             '--build', BUILD, '--smp', smp, 'host', 'qemu64'],
                            capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
