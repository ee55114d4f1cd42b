# SPDX-License-Identifier: GPL-2.0-or-later
"""Saving, restoring and live migration of an arm64 guest on real KVM with a real PMU."""

import re

import pytest

FUNCTIONS = '''
# start NAME OPTIONS: a monitor with its QMP input on descriptor pipe /tmp/NAME.in
start() {
    name=$1; shift
    mkfifo /tmp/$name.in
    vpmu-system-aarch64 -nodefaults -display none -serial file:/tmp/$name.txt -m 64 -smp 2 \\
        -kernel /rig/vpmu-guest -append work=900000000 -M virt -cpu host -qmp stdio "$@" \\
        < /tmp/$name.in > /tmp/$name.out 2> /tmp/$name.err &
}
say() { echo "{\\"execute\\":\\"$1\\"${2:+,\\"arguments\\":$2}}"; }
lines() { n=$(grep -c work.round= /tmp/$1.txt 2>/dev/null); echo ${n:-0}; }
# wait_rounds NAME COUNT: that many more lines
wait_rounds() {
    want=$(($(lines $1) + $2)); tries=0
    while [ $(lines $1) -lt $want ]; do
        tries=$((tries + 1)); [ $tries -gt 60 ] && { echo "no rounds of $1"; cat /tmp/$1.err; return; }
        sleep 1
    done
}
wait_word() {
    tries=0
    until grep -q "$2" /tmp/$1.out; do
        tries=$((tries + 1)); [ $tries -gt 60 ] && { echo "no $2 of $1"; cat /tmp/$1.out /tmp/$1.err; return; }
        sleep 1
    done
}
show() { grep work.round= /tmp/$1.txt | tail -n 1; cat /tmp/$1.err; echo bad=$(grep -c work.bad /tmp/$1.txt); }
EVENTS='{"capabilities":[{"capability":"events","state":true}]}'
'''


@pytest.fixture(scope='module')
def moved(rig, split):
    result = rig(FUNCTIONS + '''
start a; exec 3> /tmp/a.in
say qmp_capabilities >&3; say migrate-set-capabilities "$EVENTS" >&3
wait_rounds a 2
say migrate '{"uri":"file:/tmp/saved"}' >&3
wait_word a completed
echo "### saved"; show a; ls -l /tmp/saved
say quit >&3; exec 3>&-
start b -incoming file:/tmp/saved; exec 4> /tmp/b.in
say qmp_capabilities >&4; say migrate-set-capabilities "$EVENTS" >&4
wait_rounds b 2
echo "### restored"; show b
start c -incoming unix:/tmp/socket; exec 5> /tmp/c.in
say qmp_capabilities >&5; sleep 1
say migrate '{"uri":"unix:/tmp/socket"}' >&4
wait_word b completed
wait_rounds c 2
echo "### migrated"; show c; tail -n 3 /tmp/b.out
say quit >&4; say quit >&5
vpmu-system-aarch64 -M virt -cpu host,pmu=off -m 64 -smp 2 -nodefaults -display none \\
    -kernel /rig/vpmu-guest -incoming file:/tmp/saved > /tmp/d.txt 2>&1 < /dev/null
echo "### refused"; echo status=$?; cat /tmp/d.txt
true
''', timeout=240)
    assert result.ok, result.explain()
    return split(result.output)


@pytest.mark.parametrize('name', ['restored', 'migrated'])
def test_guest_goes_on_with_its_memory(moved, name):
    text = moved[name]

    assert re.search(r'work\.round=\d+', text), text
    assert 'bad=0' in text, text
    assert 'no rounds' not in text, text


def test_another_pmu_is_refused(moved):
    assert 'pmu' in moved['refused'], moved['refused']
