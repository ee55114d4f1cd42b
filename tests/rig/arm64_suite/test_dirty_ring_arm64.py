# SPDX-License-Identifier: GPL-2.0-or-later
"""Dirty rings of arm64 KVM: the guest writes twice as many pages as a ring holds, and each
page it reads back is right."""

import moves

MONITOR = ('vpmu-system-aarch64 -M virt -accel kvm,dirty-ring-size=1024 -cpu host -m 64 -smp 2 '
           '-nodefaults -display none -kernel /rig/vpmu-guest -append dirty=8')


def test_guest_moves_with_rings_that_fill(rig, split):
    script = moves.script(MONITOR, 'dirty.lap=', ('unix',), 1, show=r'dirty\.')
    result = rig(script, series='6.12', timeout=200)
    assert result.ok, result.explain()
    found = split(result.output)
    assert len(moves.read_laps(found)) == 1, result.explain()
    monitors = [text for name, text in found.items() if name.startswith('monitor ')]
    assert len(monitors) == 2
    assert all('dirty.lap=' in text and 'bad' not in text for text in monitors), \
        result.explain()
