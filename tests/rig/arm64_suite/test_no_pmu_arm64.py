# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest without a PMU keeps having none where the command line would give one."""

import re

SCRIPT = '''
start() {
    name=$1; shift
    mkfifo /tmp/$name.in
    vpmu-system-aarch64 -M virt -m 32 -smp 2 -nodefaults -display none \\
        -serial file:/tmp/$name.txt -kernel /rig/vpmu-guest -append work=900000000 \\
        -qmp stdio "$@" < /tmp/$name.in > /tmp/$name.out 2> /tmp/$name.err &
}
say() { echo "{\\"execute\\":\\"$1\\"${2:+,\\"arguments\\":$2}}"; }
start a -cpu host,pmu=off; exec 3> /tmp/a.in
await 60 'grep -q work.round=2 /tmp/a.txt'
start b -cpu host -incoming unix:/tmp/m; exec 4> /tmp/b.in
say qmp_capabilities >&4; say qmp_capabilities >&3
await 60 'grep -q return /tmp/b.out'
say query-vpmu-compat '{"address":"unix:/tmp/m"}' >&3
say migrate '{"uri":"unix:/tmp/m"}' >&3
await 60 'grep -q work.round= /tmp/b.txt'
say query-vpmu >&4; await 60 'grep -q enabled /tmp/b.out'
echo "### asked"; cat /tmp/a.out /tmp/a.err; echo
echo "### moved"; cat /tmp/b.txt /tmp/b.err; echo
echo "### contract"; cat /tmp/b.out
'''


def test_guest_without_pmu_goes_on_without(rig, split):
    result = rig(SCRIPT)
    assert result.ok, result.explain()
    found = split(result.output)
    assert re.search(r'"compatible":\s*true', found['asked']), found['asked']
    assert re.search(r'work\.round=\d+', found['moved']), result.explain()
    assert 'work.bad' not in found['moved'] and 'ram-bytes' not in found['moved']
    assert re.search(r'"pmu":\s*\{\s*"enabled":\s*false', found['contract']), \
        found['contract'][:2000]
