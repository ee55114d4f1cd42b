# SPDX-License-Identifier: GPL-2.0-or-later
"""Every KVM call and every file read of a start fails once in turn.

Each failure is either refused with one line that names the call, or is one the start can
do without, and then the guest runs as if nothing had happened.
"""

import os
import subprocess
import sys

import pytest

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, FOLDER)
sys.path.insert(0, os.path.join(os.path.dirname(FOLDER), 'functional'))

from conftest import *  # noqa: E402,F401,F403
from conftest import built  # noqa: E402
from monitor import facts  # noqa: E402
import shim  # noqa: E402

# A start does without these: questions whose failure means "not offered".
OPTIONAL = {'KVM_CHECK_EXTENSION', 'KVM_GET_MSRS', 'KVM_GET_MSR_FEATURE_INDEX_LIST',
            'KVM_GET_ONE_REG', 'KVM_HAS_DEVICE_ATTR'}


def preload():
    """The shim, behind the sanitizer runtime where the build has one."""
    library = built('tests', 'fault', 'libshim.so')
    runtime = subprocess.run(['ldd', library], capture_output=True, text=True).stdout
    first = [line.split()[2] for line in runtime.splitlines() if 'libasan' in line]
    return ':'.join([*first, library])


@pytest.fixture
def run(monitor, kvm, machine, guest, tmp_path):
    report = shim.Report(tmp_path / 'report')
    command = [monitor, '-M', machine, '-m', '64', '-nodefaults', '-display', 'none',
               '-serial', 'stdio', '-kernel', guest]

    def begin(kind, nth):
        report.clear()
        got = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
            env=dict(os.environ, LD_PRELOAD=preload(), VPMU_SHIM_REPORT=report.path,
                     VPMU_SHIM_KIND=kind, VPMU_SHIM_FAIL=str(nth)))
        return got, report.read()

    return begin


def check_refusal(got, nth):
    assert got.returncode == 1, f'use {nth}: status {got.returncode}\n{got.stderr}'
    assert len(got.stderr.strip().splitlines()) == 1, f'use {nth}:\n{got.stderr}'
    assert 'Sanitizer' not in got.stderr, f'use {nth}:\n{got.stderr}'


def test_each_kvm_call_of_a_start_fails_in_turn(run):
    names = shim.request_names()
    got, seen = run('ioctl', 0)
    assert got.returncode == 0, got
    assert seen['left_open'] == 0, 'KVM descriptors are open at the end of a good run'

    for nth in range(1, seen['ioctls'] + 1):
        got, report = run('ioctl', nth)
        request = names.get(report['failed'] & 0xff, [hex(report['failed'])])
        if got.returncode == 0:
            assert OPTIONAL & set(request), f'use {nth}, {request}: went unnoticed'
            assert facts(got.stdout).get('done') == 'ok', f'use {nth}, {request}:\n{got}'
        else:
            check_refusal(got, f'{nth}, {request}')
            assert any(name in got.stderr for name in request), \
                f'use {nth}: {request} is not named: {got.stderr}'
            assert 'vpmu-guest:' not in got.stdout
        assert report['left_open'] == 0, f'use {nth}, {request}: left open'


def test_each_file_read_of_a_start_fails_in_turn(run):
    got, seen = run('file', 0)
    assert got.returncode == 0, got

    for nth in range(1, seen['files'] + 1):
        got, report = run('file', nth)
        if got.returncode == 0:
            assert facts(got.stdout).get('done') == 'ok', f'use {nth}, {report["path"]}:\n{got}'
        else:
            check_refusal(got, f'{nth}, {report["path"]}')
            assert os.path.basename(report['path']) in got.stderr, \
                f'use {nth}: {report["path"]} is not named: {got.stderr}'
        assert report['left_open'] == 0, f'use {nth}, {report["path"]}: left open'
