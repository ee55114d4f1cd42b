# SPDX-License-Identifier: GPL-2.0-or-later
"""The contract of one line in a QEMU with our steps and libvpmu and in our monitor, inside a
rig; and a move that the QEMU refuses.  The same for both architectures."""

import json
import re

import moves

# Needs THEIRS and OURS, commands without a CPU; monitors have numbers from 1 on.
FUNCTIONS = r'''
n=0
BUSY='-append work=900000000' # a guest that has done what it has to do ends
# asked NAME COMMAND: what its guest has, which does not run
asked() {
    n=$((n + 1)); MONITOR="$2 -S"; begin $n
    echo "### $1"; ask $n query-vpmu; quit $n
}
# contract N: of the QEMU N, as it stands in JSON text, whose quotes have a \ before them
contract() { ask $1 query-vpmu | sed 's/.*"contract"://; s/}".*/}"/'; }
# both CPU: the line in QEMU and in our monitor
both() { asked "theirs $1" "$THEIRS -cpu $1"; asked "ours $1" "$OURS -cpu $1"; }
# refuse A B: a guest of CPU A for a QEMU with B; what either monitor says of it, and QEMU does
refuse() {
    n=$((n + 1)); from=$n; MONITOR="$THEIRS $BUSY -object vpmu-contract,id=contract0 -cpu $1"
    begin $from
    n=$((n + 1)); to=$n; MONITOR="$THEIRS $BUSY -cpu $2"; begin $to -incoming unix:/tmp/in
    text=$(contract $from)
    echo "### their verdict $1 $2"; ask $to query-vpmu-compat "{\"contract\":$text}"
    n=$((n + 1)); MONITOR="$OURS -S -cpu $2"; begin $n
    bare=$(echo "$text" | sed 's/^"//; s/"$//; s/\\"/"/g')
    echo "### our verdict $1 $2"; ask $n query-vpmu-compat "{\"contract\":$bare}"; quit $n
    ask $from migrate '{"uri":"unix:/tmp/in"}' > /dev/null
    eval pid=\$pid_$to; wait $pid; status=$?
    left=100
    until ask $from query-migrate | grep -q '"status":"\(failed\|completed\)"' || [ $left = 0 ]; do
        left=$((left - 1)); pause
    done
    echo "### refusal $1 $2"; echo "status=$status"; cat /tmp/m$to.err
    ask $from query-migrate; ask $from query-status; quit $from
}
# served FROM TO: a guest that goes from one command to another
served() {
    n=$((n + 1)); MONITOR="$1 $BUSY"; begin $n; source=$n
    n=$((n + 1)); MONITOR="$2 $BUSY"; begin $n -incoming unix:/tmp/in$n
    ask $source migrate "{\"uri\":\"unix:/tmp/in$n\"}" > /dev/null; settle $source
    status $n running; ask $n query-status; quit $source; quit $n
}
'''


def script(theirs, ours, cpus, refused, more=''):
    """Of the two commands (machine and guest, no CPU) with each of @cpus, and moves between the
    pairs of CPUs in @refused."""
    text = moves.FUNCTIONS + FUNCTIONS + f"THEIRS='{theirs}'\nOURS='{ours}'\n"
    text += ''.join(f'both {cpu}\n' for cpu in cpus)
    text += ''.join(f'refuse {a} {b}\n' for a, b in refused)
    return text + more + '\n[ ! -e /tmp/failed ]\n'


def answer(text):
    """What came back from the last question of a section."""
    replies = [json.loads(line) for line in text.splitlines() if line.startswith('{"')]
    assert replies and 'return' in replies[-1], text
    return replies[-1]['return']


def check_contract(seen, cpu):
    """The QEMU's vCPU has the contract of our monitor, line by line."""
    theirs, ours = answer(seen[f'theirs {cpu}']), answer(seen[f'ours {cpu}'])

    assert theirs['verified'], theirs['findings']
    found = json.loads(theirs['contract'])
    assert {key: found[key] for key in found if found[key] != ours['contract'].get(key)} == {}
    assert found == ours['contract'] and theirs['digest'] == found['digest']
    assert theirs['pmu'] == ours['pmu']
    return found


def check_refusal(seen, pair, *rows):
    """For the reasons that our monitor has, and before any RAM; the guest goes on."""
    name = ' '.join(pair)
    theirs, ours = answer(seen[f'their verdict {name}']), answer(seen[f'our verdict {name}'])
    refusal = seen[f'refusal {name}']
    replies = [json.loads(line)['return'] for line in refusal.splitlines()
               if line.startswith('{"')]

    assert theirs['findings'] == ours['findings']
    assert not theirs['compatible'] and not ours['compatible']
    assert set(rows) <= {row['row'] for row in theirs['findings'] if row['level'] == 'error'}
    assert re.search(r'^status=[1-9]', refusal, re.MULTILINE), refusal
    assert 'the guest cannot go on here' in refusal, refusal
    for row in rows:
        assert row in refusal, refusal
    assert replies[0]['status'] == 'failed' and replies[-1]['running'], refusal
