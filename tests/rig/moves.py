# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest that is moved from monitor to monitor inside a rig, lap after lap, and what
became of it.  The same for both architectures."""

import re

import fetch
import machine

KINDS = ('unix', 'tcp', 'fd', 'file', 'exec')

# Needs MONITOR (a command with its guest) and PROGRESS (a pattern of the guest's console).
# Rows are compared with the guest stopped on both sides.
FUNCTIONS = r'''
pause() { usleep 100000; }
# begin N OPTIONS: monitor N.  It holds both ends of its QMP input, so it never ends.
# Descriptor 8 is a pipe from the monitor before, 9 one to the next.
begin() {
    n=$1; shift
    mkfifo /tmp/m$n.in; [ -p /tmp/p$n ] || mkfifo /tmp/p$n; mkfifo /tmp/p$((n + 1))
    $MONITOR -serial file:/tmp/m$n.txt -qmp stdio "$@" \
        0<> /tmp/m$n.in 8<> /tmp/p$n 9<> /tmp/p$((n + 1)) > /tmp/m$n.out 2> /tmp/m$n.err &
    eval pid_$n=$!
    ask $n qmp_capabilities > /dev/null
}
fail() { echo "FAILED: $*"; tail -n 3 /tmp/m*.err; touch /tmp/failed; exit 1; }
serial=0
# ask N COMMAND ARGUMENTS: the reply, without the blanks that QEMU writes
ask() {
    serial=$((serial + 1)); tag="$2-$serial-$(cut -d' ' -f1 /proc/uptime)"; left=600
    echo "{\"execute\":\"$2\",\"id\":\"$tag\"${3:+,\"arguments\":$3}}" > /tmp/m$1.in
    until reply=$(grep -a -F "\"$tag\"" /tmp/m$1.out); do
        left=$((left - 1)); [ $left -gt 0 ] || fail "no answer of $1 to $2"
        pause
    done
    echo "${reply//\": /\":}"
}
# settle N: the end of N's migration
settle() {
    left=1200
    while true; do
        reply=$(ask $1 query-migrate)
        case "$reply" in
        *'"status":"completed"'*) return;;
        *'"status":"failed"'*|*'"status":"cancelled"'*) echo "$reply"; fail "migration of $1";;
        esac
        left=$((left - 1)); [ $left -gt 0 ] || { echo "$reply"; fail "$1 does not settle"; }
        pause
    done
}
# status N STATUS: wait for it
status() {
    left=600
    until ask $1 query-status | grep -q "\"status\":\"$2\""; do
        left=$((left - 1)); [ $left -gt 0 ] || fail "$1 is not $2"
        pause
    done
}
count() { c=$(grep -a -c "$PROGRESS" /tmp/m$1.txt 2>/dev/null); echo ${c:-0}; }
# progress N COUNT: that many more lines of the guest
progress() {
    want=$(($(count $1) + $2)); left=1800
    until [ $(count $1) -ge $want ]; do
        left=$((left - 1)); [ $left -gt 0 ] || fail "the guest of $1 stands still"
        pause
    done
}
# print_rows STREAM FILE: all but how much memory there is, and what the monitor did
print_rows() { vpmu stream $1 | grep -v '^ram \|^header return-path\|was-running\|run-state' > $2; }
# rows N FILE: every row of the stopped monitor N
rows() {
    ask $1 migrate "{\"uri\":\"file:/tmp/rows\"}" > /dev/null; settle $1
    print_rows /tmp/rows $2; rm /tmp/rows
}
quit() { eval pid=\$pid_$1; ask $1 quit > /dev/null; wait $pid; }
# move N KIND: the guest of N goes to N+1, every row is compared, it runs there
move() {
    from=$1; to=$(($1 + 1)); began=$(cut -d' ' -f1 /proc/uptime)
    rm -f /tmp/saved
    case $2 in
    unix) out=unix:/tmp/s$to; in=$out;;
    tcp) out=tcp:127.0.0.1:$((5000 + to)); in=$out;;
    fd) out=fd:9; in=fd:8;;
    file) out=file:/tmp/saved; in=$out;;
    exec) out="exec:cat > /tmp/saved"; in="exec:cat /tmp/saved";;
    esac
    begin $to -S -incoming defer
    ask $from migrate-set-parameters '{"max-bandwidth":0}' > /dev/null
    case $2 in
    file|exec)
        ask $from migrate "{\"uri\":\"$out\"}" > /dev/null; settle $from
        ask $to migrate-incoming "{\"uri\":\"$in\"}" > /dev/null;;
    *)
        ask $to migrate-incoming "{\"uri\":\"$in\"}" > /dev/null
        ask $from migrate "{\"uri\":\"$out\"}" > /dev/null; settle $from;;
    esac
    echo "### lap $to $2"
    ask $from query-migrate
    status $to paused; status $from postmigrate
    if [ -z "$NO_ROWS" ]; then
        # What travelled, where it can be seen; else what the stopped source still has.
        if [ -f /tmp/saved ]; then print_rows /tmp/saved /tmp/before
        else rows $from /tmp/before; fi
        rows $to /tmp/after
        echo "rows $(wc -l < /tmp/before)"; grep -m 1 'vcpu.0 tsc-khz' /tmp/after
        diff /tmp/before /tmp/after | grep '^[-+][^-+]'
    fi
    echo "seconds $began $(cut -d' ' -f1 /proc/uptime)"
    quit $from
    rm -f /tmp/p$from /tmp/m$from.in /tmp/s$to
    ask $to cont > /dev/null
    progress $to ${STEPS:-1}
}
# laps FIRST COUNT KIND: so many moves, from monitor FIRST on
laps() {
    lap=$1
    while [ $lap -lt $(($1 + $2)) ]; do move $lap $3; lap=$((lap + 1)); done
}
ip link set lo up 2>/dev/null || ifconfig lo up
dmesg -n 1
'''

FINISH = r'''
# trimmed FILE: the first and the last lines of it
trimmed() {
    if [ $(wc -l < $1) -le 16 ]; then cat $1
    else head -n 8 $1; tail -n 8 $1; fi
}
quit $last
for n in $(seq 0 $last); do
    echo "### monitor $n"
    # The last line may go on at the next monitor.
    grep -a "$SHOW" /tmp/m$n.txt | sed '$d' > /tmp/shown
    # Apart, or a few of one kind are lost among many of the other.
    grep -a "$PROGRESS" /tmp/shown > /tmp/kind; trimmed /tmp/kind
    grep -a -v "$PROGRESS" /tmp/shown > /tmp/kind; trimmed /tmp/kind
    grep -a '[kt].bad\|BUG\|Oops\|stall\|lockup\|Call Trace' /tmp/m$n.txt; cat /tmp/m$n.err
done
echo "### end"
[ ! -f /tmp/failed ]
'''


def numbers(text, key):
    """The values of the guest's lines @key that came over whole."""
    return [int(value) for value in
            re.findall(rf'^vpmu-guest: {re.escape(key)}=(\d+)$', text, re.MULTILINE)]


def script(monitor, progress, kinds, laps, show='', after='', steps=1, compare=True):
    """A shell script: start, then @laps moves over each of @kinds.

    @monitor: command without quotes of the single kind
    @progress: pattern of a line the guest goes on writing; @show: of those to report
    @after: shell commands when all moves are done
    @steps: lines the guest writes before it moves on; @compare: all rows at each move
    """
    text = (f"echo '#!/bin/sh\nexec {monitor} \"$@\"' > /tmp/monitor\n"
            f"chmod +x /tmp/monitor\nMONITOR=/tmp/monitor\nPROGRESS='{progress}'\nSHOW='{show or progress}'\n"
            f"STEPS={steps}\nNO_ROWS={'' if compare else 'yes'}\n"
            f'{FUNCTIONS}\nbegin 0\nprogress 0 2\nlast=0\n')
    for kind in kinds:
        text += f'laps $last {laps} {kind}; last=$((last + {laps}))\n'
    return text + after + FINISH


def load_script(monitor, laps):
    """The script for a Linux guest under load, see LOAD_INIT.  It moves on when perf has
    reported twice, once a second: sums come faster, by how much depends on the host."""
    return script(monitor, 'perf ', ['unix'], laps, show=r'tick\|perf\|guest:', steps=2,
                  compare=False)


# The init of a Linux guest under load: sums of a file, and perf that counts.
LOAD_INIT = '''#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-or-later
/bin/busybox mkdir -p /sbin /usr/bin /usr/sbin
/bin/busybox --install -s
mount -t proc proc /proc
mount -t sysfs sysfs /sys
echo "guest: $(uname -r) $(nproc) cpus"
perf stat -a -x, -e cycles -I 1000 2>&1 | while read line; do echo "perf $line"; done &
n=0
while true; do
    n=$((n + 1))
    echo "tick $n $(md5sum /bin/busybox)"
done
'''


def load_initramfs(path, arch, libraries):
    """The initramfs of a Linux guest under load, with Debian's perf.

    @libraries: folders of the C library
    Raises fetch.Unavailable where a package cannot be had.
    """
    image = machine.Initramfs([*fetch.library_folders(fetch.PERF_PACKAGES, arch),
                               *libraries])
    image.busybox(fetch.busybox(arch))
    image.data('init', LOAD_INIT, 0o755)
    image.file('usr/bin/perf', fetch.package('linux-perf', arch) + '/usr/bin/perf')
    image.pack(path)
    return path


def check_load(sections):
    """What a guest under load has said on every monitor it was on: no sum differs, no
    number is missing but where a line was cut in two, perf counts everywhere."""
    monitors = [text for name, text in sections.items() if name.startswith('monitor ')]
    sums = set(re.findall(r'^tick \d+ ([0-9a-f]{32})  /bin/busybox$', '\n'.join(monitors),
                          re.MULTILINE))
    assert len(sums) == 1, sums
    number = 0
    for text in monitors:
        ticks = [int(tick) for tick in re.findall(r'^tick (\d+) [0-9a-f]{32}  ', text,
                                                  re.MULTILINE)]
        assert ticks == sorted(ticks) and ticks[0] > number, text
        number = ticks[-1]
        counts = re.findall(r'^perf +[0-9.]+,(\d+),,cycles,', text, re.MULTILINE)
        assert counts and all(int(count) for count in counts), text
        assert '<not' not in text, text
        assert not re.search(r'BUG|Oops|stall|lockup|Call Trace', text), text
    return number


class Lap:
    """One move: the rows that differ as name -> (before, after), and how long it took."""

    def __init__(self, number, kind, text):
        self.number, self.kind, self.text = number, kind, text
        self.rows = int(re.search(r'^rows (\d+)$', text, re.MULTILINE)[1]) \
            if 'rows ' in text else 0
        began, ended = re.search(r'^seconds (\S+) (\S+)$', text, re.MULTILINE).groups()
        self.seconds = float(ended) - float(began)
        sides = {sign: dict(re.findall(rf'^\{sign}(\S.*?) = (.*)$', text, re.MULTILINE))
                 for sign in '-+'}
        self.differ = {name: (sides['-'].get(name), sides['+'].get(name))
                       for name in sides['-'].keys() | sides['+'].keys()}

    @property
    def tsc_hz(self):
        return int(re.search(r'tsc-khz = (\S+)', self.text)[1], 0) * 1000

    @property
    def downtime(self):
        return int(re.search(r'"downtime":(\d+)', self.text)[1])


def read_laps(sections):
    return [Lap(int(name.split()[1]), name.split()[2], text)
            for name, text in sections.items() if name.startswith('lap ')]


def number(text):
    """Of a row: '0x12', or bytes as they lie in memory: '12 00 00 00'."""
    return int(text, 0) if text.startswith('0x') else int.from_bytes(
        bytes.fromhex(text), 'little')


def check_time(lap, clocks, free=(), flags=()):
    """Only what follows time differs, by no more than the time that passed.

    @clocks: pattern of a row's name -> (ticks per second, bits)
    @free: patterns of rows that hold the host's own time
    @flags: pattern of a row's name -> bits that time sets
    """
    def first(patterns, name):
        return next((value for pattern, value in patterns if re.search(pattern, name)), None)

    def is_right(name, before, after):
        rate, bits = first(clocks.items(), name) or (0, 0)
        if not before or not after:
            return False
        if not rate:
            return (number(before) ^ number(after)) & ~(first(flags, name) or 0) == 0
        gap = (number(after) - number(before)) % 2**bits
        return min(gap, 2**bits - gap) / rate <= lap.seconds

    wrong = {name: values for name, values in lap.differ.items()
             if not any(re.search(pattern, name) for pattern in free) and
             not is_right(name, *values)}
    assert not wrong, (lap.number, lap.kind, lap.seconds, wrong)


# The init of a Linux guest that writes to its disk: blocks of random bytes, one after the
# other, each read back from the medium, and with it the one before.
DISK_INIT = '''#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-or-later
/bin/busybox mkdir -p /sbin /usr/bin /usr/sbin
/bin/busybox --install -s
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
for module in MODULES; do insmod /lib/$module.ko 2>/dev/null; done
echo "guest: $(uname -r) $(nproc) cpus, $(cat /sys/block/vda/size) sectors"
sum() { dd if=/dev/vda bs=64k skip=$1 count=1 2>/dev/null | md5sum; }
n=0
before=0
was=$(sum 0)
while true; do
    n=$((n + 1))
    at=$((n % 128))
    dd if=/dev/urandom of=/tmp/block bs=64k count=1 2>/dev/null
    dd if=/tmp/block of=/dev/vda bs=64k seek=$at conv=fsync,notrunc 2>/dev/null
    echo 3 > /proc/sys/vm/drop_caches
    is=$(md5sum < /tmp/block)
    if [ "$(sum $at)" = "$is" ] && [ "$(sum $before)" = "$was" ]; then echo "disk $n good"
    else echo "disk $n BAD"; fi
    before=$at
    was=$is
done
'''

DISK_MODULES = ('virtio-ring', 'virtio', 'virtio-pci-legacy-dev', 'virtio-pci-modern-dev',
                'virtio-pci', 'virtio-mmio', 'virtio-blk')


def kernel_modules(kernel, names):
    """Those of @names that are no part of the kernel itself, as files of an initramfs."""
    found = {}
    for name in names:
        try:
            found[f'lib/{name}.ko'] = kernel.module(name)
        except fetch.Unavailable:
            pass
    return found


def disk_initramfs(path, arch):
    """The initramfs of a Linux guest that writes to its disk."""
    image = machine.Initramfs()
    image.busybox(fetch.busybox(arch))
    image.data('init', DISK_INIT.replace('MODULES', ' '.join(DISK_MODULES)), 0o755)
    for target, source in kernel_modules(fetch.Kernel(arch), DISK_MODULES).items():
        image.file(target, source)
    image.pack(path)
    return path


def check_disk(sections):
    """Every block came back as it was written, on every monitor; the number of the last."""
    monitors = [text for name, text in sections.items() if name.startswith('monitor ')]
    last = 0
    for text in monitors:
        assert 'BAD' not in text, text
        blocks = [int(n) for n in re.findall(r'^disk (\d+) good', text, re.MULTILINE)]
        assert blocks and blocks == sorted(blocks) and blocks[0] > last, text
        last = blocks[-1]
    return last
