# SPDX-License-Identifier: GPL-2.0-or-later
"""Saving, restoring and live migration of an arm64 guest on real KVM with a real PMU.

The guest checks its memory, and counters of its own run beside that.
"""

import base64
import gzip
import json
import os
import re
import sys

import pytest

import arm64
import fetch
import moves
from suite import ROOT

sys.path.insert(0, os.path.join(ROOT, 'tests', 'functional'))

import stream  # noqa: E402

LONG = 'VPMU_LONG' in os.environ
STREAM = os.path.join(ROOT, 'tests', 'migration', 'streams', 'arm64-1.stream')
MONITOR = ('vpmu-system-aarch64 -M virt -cpu host -m 32 -smp 2 -nodefaults -display none '
           '-kernel /rig/vpmu-guest -append "work=900000000 count=1"')
# The counts of the stopped source go on in the kernel; 62.5 MHz in this rig.  Linux 6.12
# lists the physical one, too.
CLOCKS = {r'regs 0x603000000013df1a': (62.5e6, 64), r'regs 0x603000000013df01': (62.5e6, 64)}
REFUSED = '''
echo "### refused"
ask $last stop > /dev/null; ask $last migrate '{"uri":"file:/tmp/kept"}' > /dev/null
settle $last
vpmu-system-aarch64 -M virt -cpu host,pmu=off -m 32 -smp 2 -nodefaults -display none \\
    -kernel /rig/vpmu-guest -incoming file:/tmp/kept < /dev/null 2>&1
echo status=$?
'''


KEPT = '''
cat > /tmp/monitor <<'END'
#!/bin/sh
exec vpmu-system-aarch64 -M virt-11.1 -accel kvm,backcompat-pmu=off -cpu host -m 32 \\
    -smp 2 -nodefaults -display none \\
    -kernel /rig/vpmu-guest "$@"
END
begin 900 -incoming file:/rig/kept.stream
status 900 paused
ask 900 cont > /dev/null
PROGRESS=counts.cycles; progress 900 3; quit 900
echo "### kept"; tail -n 6 /tmp/m900.txt; echo # its last line may be a part
'''
# Debug architecture v8.2, as Linux 6.12 shows it, is more than 6.1 gives (v8.0): KVM there
# refuses the value.  15 is a version nobody has.
DFR0 = '0x603000000013c028'
OTHER = '''
echo "### other"
vpmu-system-aarch64 -M virt-11.1 -accel kvm,backcompat-pmu=off -cpu host -m 32 \\
    -smp 2 -nodefaults -display none \\
    -kernel /rig/vpmu-guest -incoming file:/rig/other.stream < /dev/null 2>&1
echo status=$?
echo "### gic"
vpmu-system-aarch64 -M virt-11.1 -accel kvm,backcompat-pmu=off -cpu host -m 32 \\
    -smp 2 -nodefaults -display none \\
    -kernel /rig/vpmu-guest -incoming file:/rig/gic.stream < /dev/null 2>&1
echo status=$?
'''
# A guest that was saved under the rig's own kernel and counted; it goes on under a newer one.
SAVE = '''
ask $last stop > /dev/null; ask $last migrate '{"uri":"file:/tmp/kept"}' > /dev/null
settle $last
echo "### saved"; gzip -c /tmp/kept | base64; echo "### end of it"
'''
CARRIED = r'''
cat > /tmp/monitor <<'END'
#!/bin/sh
exec @MONITOR@ "$@"
END
begin 800 -incoming defer
in800='"uri":"tcp:127.0.0.1:6800","exit-on-error":false'
ask 800 migrate-incoming "{$in800}" > /dev/null
echo "### compat"; ask $last query-vpmu-compat '{"address":"tcp:127.0.0.1:6800"}'
for handshake in takes lacks refused; do
    echo "### $handshake"; timeout 10 nc 127.0.0.1 6800 < /rig/handshake.$handshake | strings; echo
done
echo "### stays"; cat /tmp/m800.err
ask 800 migrate-incoming '{"uri":"file:/rig/carried.stream"}' > /dev/null
status 800 paused
ask 800 cont > /dev/null
progress 800 4; ask 800 stop > /dev/null
echo "### carried"; grep -a 'count\.\|work\.' /tmp/m800.txt | sed '$d'
ask 800 migrate '{"uri":"file:/tmp/again"}' > /dev/null; settle 800
echo "### again"; vpmu stream /tmp/again | grep '^header id-registers'
quit 800
'''.replace('@MONITOR@', MONITOR)


def with_header(data, change, only_handshake=False):
    """The stream @data with another header; change(header) makes it so."""
    out = data[:12]
    for _, kind, payload in stream.frames(data):
        if kind == stream.HEADER:
            header = json.loads(payload)
            change(header)
            payload = json.dumps(header, separators=(',', ':')).encode()
        if not only_handshake or kind in (stream.HEADER, stream.CONTRACT):
            out += stream.frame(kind, payload)
    return out


@pytest.fixture(scope='module')
def moved(rig, split, tmp_path_factory):
    laps = 50 if LONG else 1
    script = moves.script(MONITOR, 'work.round=', moves.KINDS, laps,
                          after=SAVE + REFUSED + KEPT + OTHER,
                          show=r'work\.\|count\.', steps=3)
    files = {'rig/kept.stream': STREAM}
    folder = tmp_path_factory.mktemp('other')
    with open(STREAM, 'rb') as stream_file:
        kept = stream_file.read()
    for name, members in (('other', {'id-registers': [{DFR0: '0x10305408'}]}),
                          ('gic', {'machine-properties': {'gic-version': '2'}})):
        files[f'rig/{name}.stream'] = str(folder / name)
        (folder / name).write_bytes(with_header(kept, lambda header, more=members:
                                                header.update(more)))
    result = rig(script, files,
                 timeout=100 + 5 * laps * len(moves.KINDS))
    assert result.ok, result.explain()
    found = split(result.output)
    assert len(moves.read_laps(found)) == laps * len(moves.KINDS), result.explain()
    return found


def test_every_register_is_the_same_after_each_move(moved):
    for lap in moves.read_laps(moved):
        assert lap.rows > 1000
        moves.check_time(lap, CLOCKS)


def test_guest_and_its_counters_go_on_after_each_move(moved):
    overflows = grown = 0
    monitors = [text for name, text in moved.items() if name.startswith('monitor ')]

    for text in monitors:
        assert 'bad' not in text, text
        values = moves.numbers(text, 'count.value')
        assert values and values == sorted(values), text
        rounds = moves.numbers(text, 'work.round')
        assert rounds and rounds == sorted(rounds), text
        taken = moves.numbers(text, 'count.overflows')
        assert taken[-1] >= overflows, text
        grown += taken[-1] > overflows
        overflows = taken[-1]
    # Half a range that Linux adds to this counter keeps it from overflowing for a while, so
    # not every monitor sees it; two do: one that the guest began on or moved to, and another.
    assert grown >= 2, monitors


def test_another_pmu_is_refused(moved):
    assert 'pmu: the guest has on, offered is off' in moved['refused'], moved['refused']
    assert 'status=1' in moved['refused'], moved['refused']


def test_a_kept_guest_goes_on(moved):
    assert re.search(r'^vpmu-guest: counts.cycles=yes \d+$', moved['kept'], re.MULTILINE)


@pytest.fixture(scope='module')
def newer(rig, split, moved, tmp_path_factory):
    """Under Linux 6.12: a guest that moves, and the one of `moved`, saved under 6.1."""
    folder = tmp_path_factory.mktemp('carried')
    carried = folder / 'carried.stream'
    carried.write_bytes(gzip.decompress(base64.b64decode(moved['saved'])))
    handshakes = {}
    for name, value, is_probe in (('takes', '0x10305406', True), ('lacks', '0x1030540f', True),
                                  ('refused', '0x1030540f', False)):
        def change(header):
            header['id-registers'] = [{DFR0: value}]
            header['return-path'] = True
            if is_probe:
                header['probe'] = True
        handshakes[f'rig/handshake.{name}'] = str(folder / name)
        (folder / name).write_bytes(with_header(carried.read_bytes(), change, True))
    script = moves.script(MONITOR, 'work.round=', ['file'], 1, after=CARRIED,
                          show=r'work\.\|count\.', steps=3)
    result = rig(script, {'rig/carried.stream': str(carried), **handshakes}, series='6.12',
                 timeout=150)
    assert result.ok, result.explain()
    return split(result.output)


def test_a_newer_kernel_loads_all_it_saved(newer):
    """Linux 6.7 made writing enables and overflows of counters mean setting or clearing."""
    laps = moves.read_laps(newer)

    assert len(laps) == 1 and laps[0].rows > 1000
    moves.check_time(laps[0], CLOCKS)
    for name in ('monitor 0', 'monitor 1'):
        assert 'bad' not in newer[name], newer[name]
        assert moves.numbers(newer[name], 'count.value'), newer[name]


def test_a_guest_of_an_older_kernel_counts_on_under_a_newer_one(newer):
    values = moves.numbers(newer['carried'], 'count.value')

    assert 'bad' not in newer['carried'], newer['carried']
    assert len(values) >= 2 and values == sorted(set(values)), newer['carried']
    # Debug architecture v8.0, as Linux 6.1 showed it; v8.2 is what this kernel gives.
    assert f'"{DFR0}":"0x10305406"' in newer['again'], newer['again']


def test_an_id_register_is_refused_before_state(moved):
    text = moved['other']

    assert 'ID_AA64DFR0_EL1: the guest has 0x10305408, offered is 0x10305406 (' in text, text
    assert 'KVM on the host refuses DebugVer 8 (here 6): Invalid argument' in text, text
    assert 'status=1' in text, text


def test_another_interrupt_controller_is_refused_before_state(moved):
    text = moved['gic']

    assert 'machine.gic-version: the guest has 2, offered is 3 (' in text, text
    assert 'status=1' in text, text


def test_header_tells_the_machine(moved):
    """What gic-version=host came to, and where the board puts its devices."""
    data = gzip.decompress(base64.b64decode(moved['saved']))
    header = json.loads(next(stream.frames(data))[2])

    assert header['machine-properties'] == {'gic-version': '3'}
    assert 'smp' not in header
    assert header['devices'] == ['fw_cfg_mem', 'pl031', 'pl061', 'pl011']
    assert [set(each) for each in header['device-properties']] == [{'base', 'irq'}] * 4


def test_who_asks_hears_of_id_registers_and_leaves_none_behind(newer):
    """What one asked for, and was given to try it, is not what the next one is offered."""
    assert '"error"' not in newer['takes'], newer['takes']
    for name in ('lacks', 'refused'):
        assert '"code":"id-register-differs"' in newer[name], newer[name]
        assert '"offered":"0x10305408"' in newer[name], newer[name]
        assert 'DebugVer 15 (here 8)' in newer[name], newer[name]
    assert newer['stays'].count('ID_AA64DFR0_EL1: the guest has 0x1030540f') == 1, newer['stays']
    assert '"compatible":true' in newer['compat'], newer['compat']


HETEROGENEOUS = f'''
MONITOR=/tmp/monitor; PROGRESS=work.round=
cat > /tmp/monitor <<'END'
#!/bin/sh
exec {MONITOR} "$@"
END
chmod +x /tmp/monitor
{moves.FUNCTIONS}
begin 0 -accel kvm,pmu=armv8_cortex_a53
progress 0 2
# judge N OPTIONS: monitor N, made with OPTIONS, is asked to take the guest.
judge() {{
    echo "### $1"; n=$1; shift
    rm -f /tmp/p$n /tmp/p$((n + 1))
    begin $n -incoming defer "$@"
    ask $n migrate-incoming "{{\\"uri\\":\\"unix:/tmp/s$n\\"}}" > /dev/null
    ask 0 migrate "{{\\"uri\\":\\"unix:/tmp/s$n\\"}}" > /dev/null
    left=300
    until ask 0 query-migrate | grep '"status":"\\(failed\\|completed\\)"'; do
        left=$((left - 1)); [ $left -gt 0 ] || fail "no end"; pause
    done
    eval wait \\$pid_$n; echo "target exits with $?"; cat /tmp/m$n.err
    ask 0 query-status
    progress 0 1; echo "source goes on"
}}
judge 10 -accel kvm,pmu=armv8_cortex_a72
judge 20 -accel kvm,pmu=none
judge 30 -M virt-10.2
echo "### source"; cat /tmp/m0.err; grep -c bad /tmp/m0.txt
echo "### offline"
ask 0 stop > /dev/null; ask 0 migrate '{{"uri":"file:/tmp/kept"}}' > /dev/null; settle 0
vpmu stream /tmp/kept --json > /tmp/contract
vpmu record > /tmp/here
sed 's/cortex_a53/cortex_a55/' /tmp/here > /tmp/elsewhere
vpmu check --contract /tmp/contract --host /tmp/here; echo "here $?"
vpmu check --contract /tmp/contract --host /tmp/elsewhere; echo "elsewhere $?"
quit 0
[ ! -f /tmp/failed ]
'''


@pytest.fixture(scope='module')
def heterogeneous(rig, split):
    result = rig(HETEROGENEOUS, variant='two', timeout=150)
    assert result.ok, result.explain()
    return split(result.output)


@pytest.mark.parametrize('target,row,asked,offered', [
    ('10', 'pmu.source', 'armv8_cortex_a53', 'armv8_cortex_a72'),
    ('20', 'pmu', 'on', 'off'),
    ('30', 'pmu.kind', 'event-source', 'kvm-default'),
])
def test_another_event_source_is_refused_before_state(heterogeneous, target, row, asked,
                                                      offered):
    """Row, asked, offered and relation on both sides; the source goes on."""
    text = heterogeneous[target]
    sentence = f'{row}: the guest has {asked}, offered is {offered} ('

    assert '"status":"failed"' in text, text
    refusal = re.search(r'"vpmu-refusal":\[(.*?)\]', text)[1]
    assert f'"row":"{row}"' in refusal and f'"asked":"{asked}"' in refusal, refusal
    assert f'"offered":"{offered}"' in refusal and 'equal' in refusal, refusal
    assert '"transferred":0' in text or '"ram"' not in text, text
    assert 'target exits with 1' in text, text
    assert sentence in text, text
    assert sentence in heterogeneous['source'], heterogeneous['source']
    assert '"status":"running"' in text and 'source goes on' in text, text


def test_the_same_is_said_offline(heterogeneous):
    text = heterogeneous['offline']

    assert 'here 0' in text and 'elsewhere 1' in text, text
    assert 'armv8_cortex_a53' in text.split('here 0')[1], text


@pytest.mark.skipif(not LONG, reason='minutes long: scripts/test --long')
def test_linux_under_load_goes_on(rig, split, tmp_path):
    try:
        files = {'rig/Image': fetch.Kernel('arm64').image,
                 'rig/load.gz': moves.load_initramfs(str(tmp_path / 'load.gz'), 'arm64',
                                                     arm64.library_folders())}
    except fetch.Unavailable as reason:
        pytest.skip(str(reason))
    monitor = ('vpmu-system-aarch64 -M virt -cpu host -m 256 -smp 2 -nodefaults '
               '-display none -kernel /rig/Image -initrd /rig/load.gz '
               '-append "console=ttyAMA0 quiet rdinit=/init init_on_free=1"')
    result = rig(moves.load_script(monitor, 10), files, memory=3072, timeout=600)

    assert result.ok, result.explain()
    found = split(result.output)
    assert len(moves.read_laps(found)) == 10, result.explain()
    moves.check_load(found)
