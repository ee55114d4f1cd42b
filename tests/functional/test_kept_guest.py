# SPDX-License-Identifier: GPL-2.0-or-later
"""A whole guest of an earlier build, kept in tests/migration/streams, goes on here."""

import glob
import os
import subprocess
import sys
import time

import pytest

from conftest import BUILD, ROOT, built
from test_migration import rounds, wait_rounds

sys.path.insert(0, os.path.join(ROOT, 'tests', 'migration'))

import kept_guest  # noqa: E402

KEPT = sorted(glob.glob(os.path.join(kept_guest.STREAMS, 'x86-guest-*.stream')))
# What a host may lack, and the build; anything else is a failure.
LACKS = ('the host cannot scale it', 'packed: the guest has')


def need_host_for(path, tmp_path):
    """KVM here gives all that the guest was promised."""
    tool = built('vpmu')
    host, contract = tmp_path / 'host.json', tmp_path / 'contract.json'
    subprocess.run([tool, 'record', '-o', host], check=True)
    with open(contract, 'wb') as file:
        subprocess.run([tool, 'stream', path, '--json'], stdout=file, check=True)
    check = subprocess.run([tool, 'check', '--contract', contract, '--host', host],
                           capture_output=True, text=True)
    if check.returncode:
        pytest.skip(f'KVM here cannot run this guest: {check.stdout.strip()}')


@pytest.mark.parametrize('path', KEPT, ids=os.path.basename)
def test_kept_guest_goes_on(start, kvm, x86, guest, tmp_path, path):
    need_host_for(path, tmp_path)
    target = start(*kept_guest.options(BUILD), '-incoming', f'file:{path}')
    while not rounds(target) and target.process.poll() is None:
        time.sleep(0.01)
    if target.process.poll() is not None and any(word in target.error_text for word in LACKS):
        pytest.skip(target.error_text)
    wait_rounds(target, 3)
    assert rounds(target)[0] >= kept_guest.ROUNDS
    assert target.complaints == []


def test_there_is_a_kept_guest():
    assert KEPT
