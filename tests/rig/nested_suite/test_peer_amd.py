# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest's PMU on real kvm_amd: one table for our monitor and a QEMU with our steps.

Results are of real KVM with made-up counters.
"""

import os
import re

import pytest

import compare_contract
import moves
import peer

LONG = 'VPMU_LONG' in os.environ
KINDS = ('core', 'v2') if LONG else ('core',)
COMMON = '-m 128 -nodefaults -display none -kernel /rig/vpmu-guest'
HELD = {'selects': ' '.join(f'{(n << 8) + 0xc0:#x}' for n in range(1, 7)),
        'counters': ' '.join(f'{n * 0x1000:#x}' for n in range(1, 7))}
REST = ' '.join(['0x0'] * 6)

# section, key, every value that it may have in all the guest's reports
ROWS = [
    ('reboot', 'msr.amd-core-event-selects', '0,1,2,3,4,5'),
    ('reboot', 'msr.amd-core-counters', '0,1,2,3,4,5'),
    ('reboot', 'counts.amd-core-0', r'yes \d+'),
    ('reboot', 'reset.selects', REST),
    ('reboot', 'reset.counters', REST),
    ('reboot', 'reset.lvtpc', '0x10000'),
    ('reboot', 'reset.stale-pmi', 'no'),
    ('off', 'msr.amd-core-event-selects', 'none'),
    ('off', 'msr.amd-core-counters', 'none'),
    ('off', 'msr.amd-global-ctl', 'none'),
    ('off', 'counts.amd-k7-0', 'no'),
    ('off', 'counts.amd-core-0', 'absent'),
    ('off', 'counts.pmi', 'no|absent'),
    ('monitor 0', 'hold.selects', HELD['selects']),
    ('monitor 0', 'hold.counters', HELD['counters']),
    ('monitor 1', 'hold.selects', HELD['selects']),
    ('monitor 1', 'hold.counters', HELD['counters']),
]


@pytest.fixture(scope='module', params=['vpmu', 'qemu'])
def monitor(request):
    return peer.qemu() if request.param == 'qemu' else ('vpmu-system-x86_64 -M q35', {})


@pytest.fixture(scope='module', params=KINDS)
def seen(request, monitor, rig, split):
    """Section -> what the guest printed; one boot of the rig."""
    command, files = monitor
    script = f'''
dmesg -n 1 # KVM's remarks would land in the middle of a guest's lines
MONITOR='{command} {COMMON}'
echo "### reboot"
reboots 2 $MONITOR -serial stdio -cpu host,pmu=on -append 'leave-running=1 exit=reboot'
echo; echo "### off"; $MONITOR -serial stdio -cpu host,pmu=off
''' + moves.script(f'{command} {COMMON} -cpu host,pmu=on -append "repeat=0 hold=1000000"',
                   'hold.counters=', ['file'], 1, show='hold', steps=3, compare=False)
    # The made-up counters overflow by a timer that comes too late now and then: once in
    # two starts is enough, else the boot is made again.
    for _ in range(3):
        result = rig(script, files, fakepmu=request.param, timeout=240)
        assert result.ok, result.explain()
        sections = split(result.output)
        if 'counts.pmi=yes' in sections['reboot']:
            break
    # It was ended somewhere in a line of the next start.
    whole, _, _ = sections['reboot'].rpartition('done=ok')
    return {**sections, 'kind': request.param, 'reboot': whole + 'done=ok'}


@pytest.mark.parametrize('section, key, expected', ROWS,
                         ids=[f'{section}-{key}'.replace(' ', '') for section, key, _ in ROWS])
def test_the_guest_sees_what_is_expected(seen, section, key, expected):
    text = seen[section].replace('\r', '')
    values = re.findall(rf'^vpmu-guest: {re.escape(key)}=(.*)$', text, re.MULTILINE)

    assert len(values) >= (1 if section == 'off' else 2), text
    assert {value for value in values if not re.fullmatch(expected, value)} == set(), text


def test_the_guest_finds_this_kind_of_pmu(seen):
    assert seen['reboot'].count(f'pmu.set=amd-{seen["kind"]}') >= 2, seen['reboot']


def test_an_overflow_interrupts(seen):
    assert 'counts.pmi=yes' in seen['reboot'], seen['reboot']


def test_nothing_goes_wrong_beside_it(seen):
    assert seen['reboot'].count('done=ok') >= 2
    assert compare_contract.facts(seen['off']).get('done') == 'ok'
    assert 'exception' not in seen['reboot'] + seen['off']
