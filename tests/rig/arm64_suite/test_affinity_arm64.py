# SPDX-License-Identifier: GPL-2.0-or-later
"""vCPU threads stay where the guest's PMU counts; moved by hand, they are put back once,
then the guest is paused, and goes on when its thread is back.

The same for our monitor and, with QEMU=/path, for a QEMU with the steps of patches/qemu."""

import json
import re

import pytest

# A guest that prints its cycle counter for a while, its monitor on a loopback port.
SCRIPT = '''
ifconfig lo 127.0.0.1 up
QMP=127.0.0.1:4444
$MONITOR -nodefaults -display none -M virt -m 128 -serial file:/out \
    -accel kvm,pmu=armv8_cortex_a72 -cpu host -kernel /rig/vpmu-guest \
    -append "repeat=100000" -qmp tcp:$QMP,server=on,wait=off 2>/err &
PID=$!
lines() { grep -c counts.cycles /out; }
cpus() { grep Cpus_allowed_list /proc/$PID/task/$TID/status | cut -f2; }
thread() { for t in /proc/$PID/task/*; do grep -q KVM $t/comm && basename $t; done; }
# The guest goes on: whether it prints more lines.
grows() { before=$(lines); await 20 '[ $(lines) -gt $((before + 1)) ]' && echo yes || echo no; }
: > /out; mkfifo /to
await 20 '[ $(lines) -gt 0 ]'
nc 127.0.0.1 4444 </to >/qmp &
exec 3>/to
echo '{"execute":"qmp_capabilities"}' >&3
await 20 'grep -q return /qmp'
TID=$(thread)
echo "### start"; echo cpus=$(cpus) grows=$(grows)
taskset -p 1 $TID >/dev/null
await 20 '[ "$(cpus)" = 2-3 ]'
echo "### moved"; echo cpus=$(cpus) grows=$(grows)
taskset -p 1 $TID >/dev/null
await 20 'grep -q STOP /qmp'
# Nothing follows a pause: what came is all there is, however long one waits.
before=$(lines); sleep 1
echo "### forced"; echo cpus=$(cpus) more=$(($(lines) - before))
taskset -p c $TID >/dev/null
echo '{"execute":"cont"}' >&3
await 20 'grep -q RESUME /qmp'
echo "### back"; echo cpus=$(cpus) grows=$(grows)
echo "### qmp"; cat /qmp
echo "### err"; cat /err
kill $PID; wait $PID
# The last line may be cut short.
echo "### counts"; sed '$d' /out | grep counts.cycles | grep -v 'counts.cycles=yes'
echo counted=$(grep -c 'counts.cycles=yes' /out)
'''


@pytest.fixture(scope='module')
def moved(rig, split, monitor):
    command, files = monitor
    result = rig(f"MONITOR='{command}'\n{SCRIPT}", files, variant='two', timeout=120)
    assert result.ok, result.explain()
    return split(result.output)


def value(text, key):
    return re.search(rf'{key}=(\S+)', text).group(1)


def test_threads_start_confined(moved):
    assert value(moved['start'], 'cpus') == '2-3', moved
    assert value(moved['start'], 'grows') == 'yes', moved


def test_moved_once_is_put_back(moved):
    assert value(moved['moved'], 'cpus') == '2-3', moved
    assert value(moved['moved'], 'grows') == 'yes', moved


def test_moved_again_pauses_with_the_event(moved):
    events = [json.loads(line) for line in moved['qmp'].splitlines() if '"event"' in line]
    names = [event['event'] for event in events]

    assert value(moved['forced'], 'cpus') == '0', moved
    assert value(moved['forced'], 'more') == '0', moved
    assert names.index('VPMU_CPU_UNSUPPORTED') < names.index('STOP'), names
    data = events[names.index('VPMU_CPU_UNSUPPORTED')]['data']
    assert data == {'vcpu': 0, 'host-cpu': 0, 'source': 'armv8_cortex_a72', 'cpus': '2-3'}
    assert 'armv8_cortex_a72' in moved['err'] and '2-3' in moved['err'], moved['err']


def test_back_in_place_it_goes_on(moved):
    assert value(moved['back'], 'cpus') == '2-3', moved
    assert value(moved['back'], 'grows') == 'yes', moved
    assert '"RESUME"' in moved['qmp'], moved['qmp']


def test_the_counter_advanced_in_every_report(moved):
    assert re.fullmatch(r'counted=[1-9]\d*\s*', moved['counts']), moved['counts']
