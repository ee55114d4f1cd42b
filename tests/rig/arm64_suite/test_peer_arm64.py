# SPDX-License-Identifier: GPL-2.0-or-later
"""The host PMU behind a guest: one table for our monitor and a QEMU with our steps.

Each row is a request on a host with one or two PMUs; what is expected is the same of both.
"""

import re

import pytest

# name, device tree, options, types set (None: KVM refuses or nobody asked), does it count
ROWS = [
    ('auto-one', 'stock', '-M virt -accel kvm', ['armv8_pmuv3'], 'yes'),
    ('auto-two', 'two', '-M virt -accel kvm', [], 'absent'),
    ('by-name', 'two', '-M virt -accel kvm,pmu=armv8_cortex_a72', ['armv8_cortex_a72'], 'yes'),
    ('by-type', 'two', '-M virt -accel kvm,pmu=$A53', ['armv8_cortex_a53'], 'yes'),
    ('none', 'two', '-M virt -accel kvm,pmu=none', [], 'absent'),
    ('old-auto', 'stock', '-M virt-10.2 -accel kvm,pmu=auto', ['armv8_pmuv3'], 'yes'),
    ('old', 'stock', '-M virt-10.2 -accel kvm', [], 'yes'),
    ('no-pmu', 'stock', '-M virt -accel kvm,pmu=armv8_pmuv3 -cpu host,pmu=off', None, 'absent'),
]
REFUSED = [('software', '1'), ('unknown', '77'), ('minus', '-1'), ('text', 'abc'),
           ('range', '4294967296')]
SCRIPT = '''
A53=$(cat /sys/bus/event_source/devices/armv8_cortex_a53/type 2>/dev/null)
echo "### types"
for s in /sys/bus/event_source/devices/arm*; do echo $(basename $s)=$(cat $s/type); done
ask() {
    $MONITOR -nodefaults -display none -serial stdio -m 128 -kernel /rig/vpmu-guest \\
        -trace "kvm_arm_set_pmu" "$@" 2>&1
    echo status=$?
}
'''


@pytest.fixture(scope='module')
def answers(rig, split, monitor):
    """Name of a row -> (what was printed, name of each type)."""
    command, files = monitor
    found = {}
    for variant in ('stock', 'two'):
        script = f"MONITOR='{command}'\n{SCRIPT}"
        for name, tree, options, _, _ in ROWS:
            if tree == variant:
                script += f'echo "### {name}"; ask {options}\n'
        for name, text in REFUSED if variant == 'two' else ():
            script += f'echo "### {name}"; ask -M virt -accel kvm,pmu={text}\n'
        result = rig(script + 'true\n', files, variant=variant, timeout=240)
        assert result.ok, result.explain()
        sections = split(result.output)
        types = {number: name for name, number in
                 re.findall(r'^(\w+)=(\d+)$', sections.pop('types'), re.MULTILINE)}
        found.update({name: (text, types) for name, text in sections.items()})
    return found


@pytest.mark.parametrize('row', ROWS, ids=[row[0] for row in ROWS])
def test_the_guest_gets_the_pmu_that_is_expected(answers, row):
    name, _, _, sources, counts = row
    text, types = answers[name]
    told = {types[number] for number in
            re.findall(r'kvm_arm_set_pmu type (\d+) ret 0$', text, re.MULTILINE)}

    assert f'counts.cycles={counts}' in text, text
    # A guest without a PMU leaves open whether the source was tried.
    if sources is not None:
        assert told == set(sources), text


@pytest.mark.parametrize('name, value', REFUSED)
def test_what_is_no_pmu_is_one_early_error(answers, name, value):
    text, _ = answers[name]

    assert 'status=1' in text and 'pmu' in text and value in text, text
    assert 'done=ok' not in text, text
