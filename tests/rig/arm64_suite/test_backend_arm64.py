# SPDX-License-Identifier: GPL-2.0-or-later
"""Which PMU backend a guest gets on real KVM, and what is said about it, on Debian's own
kernel and on a newer one."""

import os
import re

import pytest

SERIES = ['', '6.12']
MONITOR = ('vpmu-system-aarch64 -nodefaults -display none -serial stdio -m 128 '
           '-trace "kvm_arm_*" -kernel /rig/vpmu-guest')


def facts(text):
    return dict(re.findall(r'^vpmu-guest: ([^=\n]+)=(.*)$', text, re.MULTILINE))


def set_pmu_types(text):
    return re.findall(r'^kvm_arm_set_pmu type (\d+) ret 0$', text, re.MULTILINE)


@pytest.fixture(scope='module', params=SERIES)
def stock(request, rig, split):
    result = rig(f'''
echo "### type"; cat /sys/bus/event_source/devices/armv8_pmuv3/type
echo "### auto"; {MONITOR} -M virt
echo "### auto-said"; {MONITOR} -M virt-10.2 -accel kvm,pmu=auto
echo "### old"; {MONITOR} -M virt-10.2
echo "### none"; {MONITOR} -M virt -accel kvm,pmu=none
echo "### off"; {MONITOR} -M virt -accel kvm,pmu=armv8_pmuv3 -cpu host,pmu=off
for type in 1 77 -1 abc 4294967296 18446744073709551615; do
echo "### bad$type"; {MONITOR} -M virt -accel kvm,pmu=$type; echo status=$?
done
true
''', series=request.param, timeout=150)
    assert result.ok, result.explain()
    return split(result.output)


@pytest.mark.parametrize('name', ['auto', 'auto-said'])
def test_auto_takes_the_one_source(stock, name):
    assert set_pmu_types(stock[name]) == [stock['type'].strip()], stock[name]
    assert facts(stock[name])['counts.cycles'].startswith('yes'), stock[name]


def test_old_machine_issues_no_set_pmu(stock):
    assert 'kvm_arm' not in stock['old'], stock['old']
    assert facts(stock['old'])['counts.cycles'].startswith('yes'), stock['old']


@pytest.mark.parametrize('name', ['none', 'off'])
def test_without_a_pmu_no_attribute_is_set(stock, name):
    assert 'kvm_arm' not in stock[name], stock[name]
    assert facts(stock[name])['dtb.pmu'] == 'none', stock[name]
    assert facts(stock[name])['pmuver'] == '0', stock[name]


@pytest.mark.parametrize('number', ['1', '77'])
def test_type_that_is_no_cpu_pmu(stock, number):
    text = stock['bad' + number]

    assert 'status=1' in text, text
    assert 'No such device or address' in text and 'armv8_pmuv3 (type' in text, text
    assert 'kvm_arm' not in text, text


@pytest.mark.parametrize('text', ['-1', 'abc', '4294967296', '18446744073709551615'])
def test_what_is_no_type_at_all(stock, text):
    assert 'status=1' in stock['bad' + text], stock['bad' + text]
    assert f'{text}' in stock['bad' + text], stock['bad' + text]
    assert 'done=ok' not in stock['bad' + text]


@pytest.fixture(scope='module', params=SERIES)
def two(request, rig, split):
    result = rig(f'''
echo "### a53"; {MONITOR} -M virt -smp 2 -accel kvm,pmu=armv8_cortex_a53
echo "### a72"; {MONITOR} -M virt -smp 2 -accel kvm,pmu=armv8_cortex_a72
echo "### outside"; taskset 1 {MONITOR} -M virt -accel kvm,pmu=armv8_cortex_a72; echo status=$?
echo "### overlap"; taskset 7 {MONITOR} -M virt -accel kvm,pmu=armv8_cortex_a72
echo "### pinned"; taskset c {MONITOR} -M virt -cpu host,pmu=on -smp 2
echo "### pinned-small"; taskset 1 {MONITOR} -M virt -cpu host,pmu=on
echo "### across"; taskset 7 {MONITOR} -M virt -cpu host,pmu=on; echo status=$?
echo "### big"; {MONITOR} -M virt -accel kvm,pmu=big; echo status=$?
echo "### old-wrong"; taskset c {MONITOR} -M virt-10.2
echo "### old-right"; taskset 3 {MONITOR} -M virt-10.2
echo "### doctor"; vpmu doctor -- -M virt-10.2
true
''', variant='two', series=request.param, timeout=150)
    assert result.ok, result.explain()
    return split(result.output), request.param


@pytest.mark.parametrize('name', ['pinned', 'pinned-small'])
def test_the_affinity_it_was_started_with_counts(two, name):
    """What the remedy of pmu=on on such a host says, done."""
    texts, _ = two

    assert facts(texts[name])['done'] == 'ok', texts[name]
    assert facts(texts[name])['counts.cycles'].startswith('yes'), texts[name]
    assert 'status=1' in texts['across'] and 'taskset -c ' in texts['across'], texts['across']


def test_cores_of_one_capacity_are_neither_big_nor_little(two):
    texts, _ = two

    assert 'status=1' in texts['big'], texts['big']
    assert 'the same capacity' in texts['big'] or 'does not tell' in texts['big'], texts['big']


@pytest.mark.parametrize('name', ['a53', 'a72', 'overlap'])
def test_named_source_counts_without_taskset(two, name):
    texts, _ = two

    assert facts(texts[name])['done'] == 'ok', texts[name]
    assert facts(texts[name])['counts.cycles'].startswith('yes'), texts[name]


def test_empty_intersection_names_both_sets(two):
    texts, _ = two

    assert 'status=1' in texts['outside'], texts['outside']
    assert 'CPUs 2-3' in texts['outside'] and 'on 0 only' in texts['outside'], texts


def test_old_machine_on_the_wrong_cluster_has_a_frozen_counter(two):
    texts, series = two

    assert facts(texts['old-right'])['counts.cycles'].startswith('yes'), texts['old-right']
    if series:
        # From 6.12 on the default is the PMU of the CPU that initialises the vCPU.
        assert facts(texts['old-wrong'])['counts.cycles'].startswith('yes')
    else:
        assert facts(texts['old-wrong'])['counts.cycles'] == 'no', texts['old-wrong']


def test_doctor_says_why_it_freezes(two):
    texts, _ = two

    assert 'stand still' in texts['doctor'], texts['doctor']
    assert 'armv8_cortex_a53 lacks CPUs 2-3' in texts['doctor'], texts['doctor']


@pytest.mark.parametrize('series', SERIES)
def test_two_full_sources_same_choice_every_time(rig, split, series):
    chosen = set()
    starts = 5 if series and 'VPMU_LONG' not in os.environ else 25
    for variant in ('two-full', 'two-full-swapped'):
        result = rig(f'''
echo "### names"
for i in $(seq {starts}); do
    vpmu-system-aarch64 -M virt --dry-run=json | grep '"source":'
done
echo "### run"; {MONITOR} -M virt -smp 2
true
''', variant=variant, series=series, timeout=180)
        assert result.ok, result.explain()
        texts = split(result.output)
        names = re.findall(r'"source":\s*"(\w+)"', texts['names'])
        assert len(names) == starts, texts['names']
        chosen.update(names)
        assert facts(texts['run'])['counts.cycles'].startswith('yes'), texts['run']
    assert len(chosen) == 1, chosen
