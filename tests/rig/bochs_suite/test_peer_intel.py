# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest's PMU on real kvm_intel with PEBS and LBR: one table for our monitor and a QEMU
with our steps.  Results are of real KVM with made-up counters.

Two boots of the Bochs rig, so only where a QEMU is named, or with scripts/test --long.
"""

import os
import re

import pytest

import bochs_msrs
import compare_contract
import machine
import moves
import peer
import suite
from conftest import built

COMMON = '-m 128 -nodefaults -display none -kernel /rig/vpmu-guest'
WITHOUT = {'perf-capabilities': '0x2000', 'misc-enable': '0x1801',
           'msr.pebs-enable': 'none', 'msr.lbr-tos': 'none'}
# Format 4 with bits 6, 7 and 13; there is no adaptive PEBS.
PEBS = {'perf-capabilities': '0x24c0', 'misc-enable': '0x801', 'msr.pebs-enable': '0',
        'msr.pebs-data-cfg': 'none', 'msr.ds-area': '0', 'msr.lbr-tos': 'none'}
BOTH = {**PEBS, 'perf-capabilities': '0x24c5', 'msr.lbr-tos': '0'}
OFF = {'pmu.set': 'none', 'perf-capabilities': 'fault', 'msr.pebs-enable': 'none',
       'msr.ds-area': 'none', 'cpuid.1.ds': '0', 'cpuid.1.dtes64': '0'}

# what is asked for: what the guest finds
GIVEN = {
    'pmu=on': WITHOUT,
    'pmu=off': OFF,
    'pmu=on,pebs-fmt=off,lbr-fmt=0': WITHOUT,
    'pmu=on,full-width-write=off': {'perf-capabilities': '0x0'},
    'pmu=on,pebs-fmt=host': PEBS,
    'pmu=on,pebs-fmt=4,lbr-fmt=5': BOTH,
    'pmu=on,pebs-arch-reg=on': PEBS,
}
# what is asked for: what the guest finds, and the feature that the warning names
WARNED = {
    'pmu=on,pebs-baseline=on': (PEBS, 'pebs-baseline'),  # KVM withholds it
    'pmu=on,perf-metrics=on': (WITHOUT, 'perf-metrics'),  # no fixed counter 3
    'pmu=off,pebs-arch-reg=on': (OFF, 'pebs-arch-reg'),
    'pmu=on,pebs-arch-reg=on,ds=off': (WITHOUT, 'pebs-arch-reg'),
    'pmu=on,pebs-arch-reg=on,pdcm=off': ({'perf-capabilities': 'fault'}, 'pebs-arch-reg'),
    'pmu=on,pebs-arch-reg=on,model=9': (WITHOUT, 'pebs-arch-reg'),
}
# what is asked for: every word of it is in the one line of the refusal
REFUSED = {
    'pmu=on,pebs-fmt=3': ('pebs-fmt', '3', '4'),
    'pmu=on,pebs-fmt=16': ('pebs-fmt', "'?host'?.*'?off'?|'?off'?.*'?host'?"),
    'pmu=on,lbr-fmt=4': ('lbr-fmt', '4', '5'),
    'pmu=off,pebs-fmt=host': ('pebs-fmt', 'pmu=on'),
    'pmu=on,pebs-fmt=0,pebs-trap=on': ('pebs-fmt', 'pebs-trap'),
    'pmu=on,pebs-fmt=host,pebs-trap=off': ('pebs-trap', 'off'),
    'pmu=on,pebs-fmt=host,dtes64=off': ('pebs-fmt', 'dtes64'),
    'pmu=on,pebs-fmt=host,pdcm=off': ('pebs-fmt', 'pdcm'),
    'pmu=on,lbr-fmt=host,model=9': ('lbr-fmt', 'family', 'model'),
    'pmu=on,pebs-arch-reg=on,ds=off,enforce=on': ('pebs-arch-reg', 'ds'),
    'pmu=on,pebs-baseline=on,enforce=on': ('pebs-baseline',),
}
HELD = {'selects': '0x1c0 0x2c0 0x3c0 0x4c0', 'counters': '0x1000 0x2000 0x3000 0x4000',
        'others': '0x1 0x2 0x3 0x4 0x5'}
# A kernel that refuses an MSR at a start, and one that comes with a saved guest: what the one
# line of the error has.
REFUSING = {'start': ('0x345', '', ('0x345', 'perf.capabilities', '0x24c0')),
            'incoming': ('0x3f1=0x5', '-incoming file:/tmp/kept', ('0x3f1', 'pebs.enable', '0x5'))}


@pytest.fixture(scope='module', params=['vpmu', 'qemu'])
def seen(request, rig):
    """What was asked for -> what was printed, of one boot."""
    if request.param == 'qemu':
        command, files = peer.qemu()
    elif 'QEMU' in os.environ or 'VPMU_LONG' in os.environ:
        command, files = 'vpmu-system-x86_64 -M q35', {}
    else:
        pytest.skip('a boot of several minutes; runs with --long')
    script = 'dmesg -n 1\n(\n'
    for cpu in [*GIVEN, *WARNED, *REFUSED]:
        script += (f'echo "### {cpu}"; {command} {COMMON} -cpu host,{cpu} -serial '
                   'file:/tmp/guest > /tmp/out 2>&1; echo status=$?; cat /tmp/out\n'
                   'cat /tmp/guest; rm -f /tmp/guest\n')
    script += moves.script(f'{command} {COMMON} -cpu host,pmu=on,pebs-fmt=host '
                           '-append "repeat=0 hold=1000000"', 'hold.counters=', ['file'], 1,
                           show='hold', steps=1, compare=False,
                           after='mv /tmp/saved /tmp/kept\n')
    for name, (msr, options, _) in REFUSING.items():
        script += (f'\necho "### refusing {name}"\n'
                   f'LD_PRELOAD=/rig/refuse-msr.so REFUSE_MSR={msr} {command} {COMMON} -cpu '
                   f'host,pmu=on,pebs-fmt=host {options} -serial null 2>&1; echo status=$?\n')
    script += '\n) 2>&1 | gzip -c | base64'
    files['rig/refuse-msr.so'] = built('tests', 'rig', 'refuse-msr', 'refuse-msr.so')
    result = rig(script, files, timeout=400, msrs=bochs_msrs.definition(), fakepmu='pebs')
    found = suite.sections(machine.unpack(result.output))
    assert 'refusing incoming' in found, result.explain()[-6000:]
    return found


def reported(text):
    """What the monitor itself has printed."""
    return [line for line in text.splitlines() if not line.startswith(('vpmu-guest:', 'status='))]


@pytest.mark.parametrize('cpu', [*GIVEN, *WARNED])
def test_the_guest_finds_what_was_asked_for(seen, cpu):
    expected = GIVEN[cpu] if cpu in GIVEN else WARNED[cpu][0]
    found = compare_contract.facts(seen[cpu])

    assert 'status=0' in seen[cpu] and found.get('done') == 'ok', seen[cpu]
    assert {key: found.get(key) for key in expected} == expected, seen[cpu]


@pytest.mark.parametrize('cpu', GIVEN)
def test_what_can_be_had_is_given_without_a_word(seen, cpu):
    assert reported(seen[cpu]) == []


@pytest.mark.parametrize('cpu', WARNED)
def test_what_a_guest_cannot_have_is_one_warning(seen, cpu):
    lines = reported(seen[cpu])

    assert len(lines) == 1 and 'warning: ' in lines[0] and WARNED[cpu][1] in lines[0], lines


@pytest.mark.parametrize('cpu', REFUSED)
def test_what_cannot_be_is_refused_before_a_guest_is(seen, cpu):
    text = '\n'.join(reported(seen[cpu]))

    assert 'status=1' in seen[cpu] and 'vpmu-guest:' not in seen[cpu], seen[cpu]
    for word in REFUSED[cpu]:
        assert re.search(word, text), (word, text)


@pytest.mark.parametrize('number', [0, 1])
@pytest.mark.parametrize('key', HELD)
def test_state_is_saved_and_restored(seen, number, key):
    values = re.findall(rf'^vpmu-guest: hold\.{key}=(.*)$', seen[f'monitor {number}'],
                        re.MULTILINE)

    assert values and set(values) == {HELD[key]}, seen[f'monitor {number}']


@pytest.mark.parametrize('name', REFUSING)
def test_what_kvm_refuses_is_an_error_with_name_and_value(seen, name):
    text = seen[f'refusing {name}']

    assert 'status=1' in text, text
    for word in REFUSING[name][2]:
        assert re.search(word, text, re.IGNORECASE), (word, text)
