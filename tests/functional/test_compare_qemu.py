# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest sees the same processor under an installed QEMU and under vpmu."""

import os
import shutil
import subprocess
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get('VPMU_BUILD', os.path.join(ROOT, 'build'))


@pytest.mark.parametrize('smp', ['1', '4,cores=2,threads=2'])
def test_every_difference_has_a_reason(kvm, x86, guest, smp):
    if not shutil.which('qemu-system-x86_64'):
        pytest.skip('needs qemu-system-x86_64')
    result = subprocess.run([sys.executable, os.path.join(ROOT, 'scripts', 'compare-qemu'),
                             '--build', BUILD, '--smp', smp, 'host', 'qemu64'],
                            capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
