# SPDX-License-Identifier: GPL-2.0-or-later
"""Counters that run while their guest is saved, restored and moved, on real kvm_amd."""

import os

import pytest

import moves

LONG = 'VPMU_LONG' in os.environ
# How many moves over which transports; K7 is Linux 6.1, the others are 6.12.
PLANS = {
    'v2': (10, moves.KINDS) if LONG else (1, moves.KINDS),
    'k7': (4, moves.KINDS) if LONG else (1, ('unix', 'file')),
    'core': (4, moves.KINDS) if LONG else (0, ()),
}
MONITOR = ('vpmu-system-x86_64 -M q35 -cpu host,pmu=on -m 32 -smp 2 -nodefaults '
           '-display none -kernel /rig/vpmu-guest -append "work=900000000 count=1"')
# The made-up counters count with the TSC, and also while their thread is not in the guest:
# of the stopped source somewhat more is read than travelled, and one may overflow.
COUNTERS = r'pmu-msrs \S+ amd-(k7|core)-counter$'
PMI = 0x41
OVERFLOW = (
    (r'pmu-msrs \S+ amd-global-status$', 0b11),
    (rf'lapic {0x200 + PMI // 32 * 16:#x}$', 1 << PMI % 32),  # requested
    (r'lapic 0x340$', 1 << 16),  # its delivery masks LVTPC
)
# The host's time of loading the PIT; the APIC's priority, which KVM derives when it is
# needed; what is left of its timer.
FREE = (r'pit 0x(10|20|40)$', r'lapic 0xa0$', r'lapic 0x390$')


@pytest.fixture(scope='module', params=[kind for kind in PLANS if PLANS[kind][0]])
def moved(request, rig, split):
    laps, kinds = PLANS[request.param]
    script = moves.script(MONITOR, 'work.round=', kinds, laps, show=r'work\.\|count\.')
    result = rig(script, fakepmu=request.param, timeout=60 + 4 * laps * len(kinds))
    assert result.ok, result.explain()
    found = split(result.output)
    assert len(moves.read_laps(found)) == laps * len(kinds), result.explain()
    return request.param, found


def test_every_row_is_the_same_after_each_move(moved):
    kind, found = moved

    for lap in moves.read_laps(found):
        assert lap.rows > 1000
        clocks = {r'msrs 0x10 tsc$': (lap.tsc_hz, 64), r'clock-ns$': (1e9, 64),
                  r'timer-us$': (1e6, 64)}
        flags = ()
        # Linux 6.1 starts a counter when it is written, later ones when the guest runs.
        if kind == 'k7' or lap.kind not in ('file', 'exec'):
            clocks[COUNTERS] = lap.tsc_hz, 48
            flags = OVERFLOW
        moves.check_time(lap, clocks, FREE, flags)


def test_counters_go_on_and_interrupt_after_each_move(moved):
    _, found = moved
    monitors = [text for name, text in found.items() if name.startswith('monitor ')]
    count = interrupts = 0

    for text in monitors:
        assert 'bad' not in text, text
        values, taken = moves.numbers(text, 'count.value'), moves.numbers(
            text, 'count.interrupts')
        assert values == sorted(values) and values[0] >= count, text
        count = values[-1]
        assert taken[-1] > interrupts, text
        interrupts = taken[-1]
