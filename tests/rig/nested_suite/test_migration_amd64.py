# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's amd64 kernel under load moves between monitors on real kvm_amd."""

import os
import re

import pytest

import fetch
import machine

LAPS = 1
INIT = '''#!/bin/busybox sh
/bin/busybox mkdir -p /proc
/bin/busybox mount -t proc proc /proc
n=0
while true; do
    n=$((n + 1))
    sum=$(/bin/busybox md5sum /bin/busybox)
    echo "tick $n $sum"
done
'''

SCRIPT = '''
# start NAME OPTIONS: a monitor with its QMP input on the pipe /tmp/NAME.in
start() {
    name=$1; shift
    mkfifo /tmp/$name.in
    vpmu-system-x86_64 -M q35 -cpu host -smp 2 -m 256 -nodefaults -display none \\
        -serial file:/tmp/$name.txt -kernel /rig/vmlinuz -initrd /rig/load.gz \\
        -append "console=ttyS0 quiet rdinit=/init" -qmp stdio "$@" \\
        < /tmp/$name.in > /tmp/$name.out 2> /tmp/$name.err &
}
say() { echo "{\\"execute\\":\\"$1\\"${2:+,\\"arguments\\":$2}}"; }
wait_word() {
    tries=0
    until grep -q "$3" /tmp/$1.$2 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -gt 90 ] && { echo "no $3 of $1"; tail -n 5 /tmp/$1.*; return; }
        sleep 1
    done
}
EVENTS='{"capabilities":[{"capability":"events","state":true}]}'
start m0; exec 3> /tmp/m0.in
say qmp_capabilities >&3; say migrate-set-capabilities "$EVENTS" >&3
wait_word m0 txt "tick 3 "
lap=0
while [ $lap -lt LAPS ]; do
    next=$((lap + 1))
    start m$next -incoming unix:/tmp/s$next; exec 4> /tmp/m$next.in
    say qmp_capabilities >&4; say migrate-set-capabilities "$EVENTS" >&4
    tries=0; until [ -S /tmp/s$next ] || [ $tries -gt 30 ]; do tries=$((tries + 1)); sleep 1; done
    say migrate "{\\"uri\\":\\"unix:/tmp/s$next\\"}" >&3
    wait_word m$lap out '"completed"'
    say quit >&3; exec 3>&-
    exec 3>&4 4>&-
    wait_word m$next txt "tick "; sleep 2
    lap=$next
done
cat /tmp/m*.err
for n in $(seq 0 LAPS); do echo "### m$n"; grep -a tick /tmp/m$n.txt; done
echo "### end"
grep -a -i "bug\\|rcu\\|stall\\|panic\\|oops" /tmp/m*.txt
say quit >&3
true
'''


@pytest.mark.skipif('VPMU_LONG' not in os.environ, reason='minutes long: scripts/test --long')
@pytest.mark.parametrize('laps', [LAPS])
def test_linux_under_load_goes_on(rig, split, tmp_path, laps):
    try:
        image = machine.Initramfs([])
        image.busybox(fetch.busybox('amd64'))
        image.data('init', INIT, 0o755)
        image.pack(str(tmp_path / 'load.gz'))
        files = {'rig/vmlinuz': fetch.Kernel('amd64').image,
                 'rig/load.gz': str(tmp_path / 'load.gz')}
    except fetch.Unavailable as reason:
        pytest.skip(str(reason))
    result = rig(SCRIPT.replace('LAPS', str(laps)), files, timeout=300)

    assert result.ok, result.explain()
    parts = split(result.output)
    ticks = [re.findall(r'tick (\d+) ([0-9a-f]{32}) ', parts[f'm{n}'])
             for n in range(laps + 1)]
    assert all(ticks), result.explain()
    numbers = [int(number) for part in ticks for number, _ in part]
    assert numbers == sorted(numbers), numbers
    assert len({sum_ for part in ticks for _, sum_ in part}) == 1
    assert parts['end'].strip() == '', parts['end']
