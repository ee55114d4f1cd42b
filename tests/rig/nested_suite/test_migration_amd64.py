# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's amd64 Linux under load, perf counting, moves between monitors on real kvm_amd."""

import os

import pytest

import fetch
import moves
import nested

LAPS = 10
MONITOR = ('vpmu-system-x86_64 -M q35 -cpu host,pmu=on -m 256 -smp 2 -nodefaults '
           '-display none -kernel /rig/vmlinuz -initrd /rig/load.gz '
           '-append "console=ttyS0 quiet rdinit=/init init_on_free=1"')


@pytest.mark.skipif('VPMU_LONG' not in os.environ, reason='minutes long: scripts/test --long')
def test_linux_under_load_goes_on(rig, split, tmp_path):
    """With the K7 PMU: Debian's driver for the core counters does not know the family of
    the emulated CPU."""
    try:
        files = {'rig/vmlinuz': fetch.Kernel('amd64').image,
                 'rig/load.gz': moves.load_initramfs(str(tmp_path / 'load.gz'), 'amd64',
                                                     nested.LIBRARY_FOLDERS)}
    except fetch.Unavailable as reason:
        pytest.skip(str(reason))
    result = rig(moves.load_script(MONITOR, LAPS), files, fakepmu='k7', memory=3072,
                 timeout=500)

    assert result.ok, result.explain()
    found = split(result.output)
    assert len(moves.read_laps(found)) == LAPS, result.explain()
    moves.check_load(found)
