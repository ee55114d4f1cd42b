# SPDX-License-Identifier: GPL-2.0-or-later
"""Each KVM call of a start on arm64 fails once in turn: probing, choosing, initialising.

An error is one line on stderr with status 1; what a start can do without goes unnoticed and
the guest runs.  Nothing of KVM is open at the end either way."""

import os
import re

import pytest

from conftest import built

# The report of the preloaded library begins with the number of calls, then (place 4) what
# was left open; see tests/fault/shim.c.
SCRIPT = '''
export VPMU_SHIM_REPORT=/report VPMU_SHIM_KIND=ioctl
word() { hexdump -s $((8 * $1)) -n 4 -e '1/4 "%u"' /report; }
start() {
    dd if=/dev/zero of=/report bs=512 count=1 2>/dev/null
    VPMU_SHIM_FAIL=$1 LD_PRELOAD=/rig/libshim.so vpmu-system-aarch64 -M virt -m 64 \
        -nodefaults -display none -serial stdio -kernel /rig/vpmu-guest \
        -accel kvm,pmu=armv8_pmuv3 >/out 2>/err
    echo "use=$1 status=$? left=$(word 4) lines=$(grep -c . /err) done=$(grep -c done=ok /out)" \
        "said=$(head -1 /err)"
}
start 0
N=$(word 0)
echo "calls=$N"
i=FIRST
while [ $i -le $N ]; do start $i; i=$((i + STEP)); done
'''

STEP = 1 if 'VPMU_LONG' in os.environ else 7


def test_each_kvm_call_of_a_start_fails_in_turn(rig):
    more = {'rig/libshim.so': built('tests', 'fault', 'libshim.so')}
    script = SCRIPT.replace('FIRST', '1').replace('STEP', str(STEP))
    result = rig(script, more, timeout=600)

    assert result.ok, result.explain()
    calls = int(re.search(r'calls=(\d+)', result.output).group(1))
    rows = re.findall(r'^use=(\d+) status=(\d+) left=(\d+) lines=(\d+) done=(\d+) said=(.*)$',
                      result.output, re.MULTILINE)
    assert calls > 30, result.output
    assert len(rows) == 1 + (calls + STEP - 1) // STEP, result.output
    assert rows[0][1:5] == ('0', '0', '0', '1'), rows[0]
    refused = 0
    for use, status, left, lines, done, said in rows[1:]:
        assert left == '0', f'use {use}: {left} descriptors left open: {said}'
        if status == '0':
            assert done == '1', f'use {use}: the guest did not run: {said}'
        else:
            assert (status, lines, done) == ('1', '1', '0'), f'use {use}: {said}'
            assert 'KVM' in said or 'pmu:' in said, f'use {use}: {said}'
            refused += 1
    assert refused > 0, result.output
