# SPDX-License-Identifier: GPL-2.0-or-later
"""The reporting guest on our monitor, on real arm64 KVM with a real PMU driver."""

import re

import pytest

MONITOR = ('vpmu-system-aarch64 -nodefaults -display none -serial stdio -m 128 '
           '-kernel /rig/vpmu-guest')


def facts(text):
    return dict(re.findall(r'^vpmu-guest: ([^=\n]+)=(.*)$', text, re.MULTILINE))


@pytest.fixture(scope='module')
def stock(rig, split):
    result = rig(f'''
echo "### one"
{MONITOR} -M virt -cpu host -smp 1 -append "hello one"; echo status=$?
echo "### two"
{MONITOR} -M virt -cpu host -smp 2; echo status=$?
echo "### off"
{MONITOR} -M virt -cpu host,pmu=off; echo status=$?
echo "### old"
{MONITOR} -M virt-7.2 -cpu host; echo status=$?
echo "### named"
{MONITOR} -M virt -accel kvm,pmu=armv8_pmuv3 -cpu host,pmu=on; echo status=$?
echo "### number"
{MONITOR} -M virt -accel kvm,pmu=$(cat /sys/bus/event_source/devices/armv8_pmuv3/type) -cpu host; echo status=$?
echo "### software"
{MONITOR} -M virt -accel kvm,pmu=1 -cpu host,pmu=on; echo status=$?
echo "### huge"
{MONITOR} -M virt -accel kvm,pmu=4294967296 -cpu host; echo status=$?
echo "### reboot"
{MONITOR} -M virt -cpu host -no-reboot -append exit=reboot; echo status=$?
true
''')
    assert result.ok, result.explain()
    return split(result.output)


@pytest.mark.parametrize('name,cpus', [('one', 1), ('two', 2)])
def test_guest_has_a_pmu_that_counts(stock, name, cpus):
    text = stock[name]
    found = facts(text)

    assert 'status=0' in text, text
    assert found['done'] == 'ok', text
    assert found['cpus'] == str(cpus)
    assert found['dtb.pmu'].startswith('arm,armv8-pmuv3')
    assert int(found['pmuver']) >= 1
    assert int(found['pmcr.n']) >= 1
    assert found['counts.cycles'].startswith('yes'), text
    assert found['counts.event-cycles'].startswith('yes'), text


def test_command_line_arrives(stock):
    assert facts(stock['one'])['cmdline'] == 'hello one'


def test_pmu_off_is_off(stock):
    found = facts(stock['off'])

    assert found['done'] == 'ok', stock['off']
    assert found['dtb.pmu'] == 'none'
    assert found['pmuver'] == '0'
    assert found['pmcr'] == 'fault'


@pytest.mark.parametrize('name', ['old', 'named', 'number'])
def test_other_ways_to_the_same_pmu(stock, name):
    found = facts(stock[name])

    assert found['done'] == 'ok', stock[name]
    assert found['counts.cycles'].startswith('yes'), stock[name]


@pytest.mark.parametrize('name', ['software', 'huge'])
def test_impossible_pmu_is_refused_before_the_guest_starts(stock, name):
    assert 'status=1' in stock[name], stock[name]
    assert 'vpmu-guest:' not in stock[name]
    assert 'pmu' in stock[name]


def test_reboot_ends_with_no_reboot(stock):
    assert 'status=0' in stock['reboot'], stock['reboot']
    assert facts(stock['reboot'])['done'] == 'ok'


@pytest.fixture(scope='module')
def two(rig, split):
    result = rig(f'''
echo "### auto"
{MONITOR} -M virt -cpu host; echo status=$?
for source in armv8_cortex_a53 armv8_cortex_a72; do
echo "### $source"
{MONITOR} -M virt -smp 2 -accel kvm,pmu=$source -cpu host; echo status=$?
done
echo "### explicit"
{MONITOR} -M virt -cpu host,pmu=on; echo status=$?
true
''', variant='two')
    assert result.ok, result.explain()
    return split(result.output)


def test_two_partial_pmus_give_none_and_say_why(two):
    text = two['auto']

    assert 'status=0' in text, text
    assert facts(text)['dtb.pmu'] == 'none', text
    assert 'armv8_cortex_a53' in text and 'armv8_cortex_a72' in text, text


@pytest.mark.parametrize('source', ['armv8_cortex_a53', 'armv8_cortex_a72'])
def test_named_partial_source_counts_because_vcpus_are_confined(two, source):
    found = facts(two[source])

    assert found.get('done') == 'ok', two[source]
    assert found['cpus'] == '2'
    assert found['counts.cycles'].startswith('yes'), two[source]


def test_explicit_pmu_that_cannot_be_is_refused(two):
    assert 'status=1' in two['explicit'], two['explicit']
    assert 'vpmu-guest:' not in two['explicit']


def test_host_without_pmu_gives_none(visit):
    texts = visit('none')

    assert facts(texts['guest host'])['done'] == 'ok', texts['guest host']
    assert facts(texts['guest host'])['dtb.pmu'] == 'none'
    assert 'status=1' in texts['guest host,pmu=on'], texts['guest host,pmu=on']


@pytest.mark.parametrize('variant', ['swapped', 'two-full', 'partial'])
def test_every_machine_starts_a_guest(visit, variant):
    text = visit(variant)['guest host']
    found = facts(text)

    assert found['done'] == 'ok' and 'status=0' in text, text
    if variant == 'two-full':
        assert found['counts.cycles'].startswith('yes'), text
