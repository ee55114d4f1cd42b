# SPDX-License-Identifier: GPL-2.0-or-later
"""What both rigs share: an initramfs that runs one script, and what came of it."""

import base64
import gzip
import os
import re
import shutil
import subprocess
import tempfile
import time

import fetch
from initramfs import Initramfs

HEARTBEAT_LOST = 40  # seconds without a beat; under load one may be late
ATTEMPTS = 3  # boots for one result
KERNEL_DIED = r'Kernel panic|Internal error: |Oops: |BUG: |---\[ end trace'

INIT = '''#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
/bin/busybox mkdir -p /sbin /usr/bin /usr/sbin
/bin/busybox --install -s
export PATH=/rig:/bin:/sbin:/usr/bin:/usr/sbin HOME=/root TERM=dumb
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run
while read -r module; do
    insmod /rig/$module || echo "RIG: cannot load $module"
done < /rig/modules
if [ -s /rig/heartbeat ]; then
    for cpu in $(seq 0 $(($(nproc) - 1))); do
        taskset -c $cpu sh -c "while sleep 1; do echo $cpu; done" > /dev/ttyS1 2>/dev/null &
    done
fi
echo RIG-BEGIN
cd /root
sh /rig/job
status=$?
echo
echo RIG-STATUS=$status
stty -echo < /dev/console # waits until all is out; power-off would not
poweroff -f
'''

# What each job may use.
FUNCTIONS = r'''
# await SECONDS 'CONDITION': until it is true; status 1 where it does not become so
await() {
    await_left=$(($1 * 10))
    until eval "$2"; do
        [ $await_left -gt 0 ] || return 1
        await_left=$((await_left - 1)); usleep 100000
    done 2> /dev/null
}
# reboots COUNT MONITOR...: what its guest prints until it has been done so often
reboots() {
    reboots_count=$1; shift
    : > /tmp/reboots # before the monitor has it: asked for at once
    "$@" > /tmp/reboots 2>&1 &
    reboots_pid=$!
    await 30 '[ $(grep -c done= /tmp/reboots) -ge $reboots_count ] || [ ! -d /proc/$reboots_pid ]'
    kill $reboots_pid; wait $reboots_pid
    cat /tmp/reboots
}
'''

# Runs a monitor with its console on a pipe; types a line when a text has appeared.  Of one
# that does not end it tells what its threads, its KVM and its guest are doing.
# usage: talk SECONDS 'TEXT' 'LINE' ['TEXT' 'LINE']... -- monitor...
TALK = r'''#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
QMP=127.0.0.1:4440
explain() {
    mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
    for round in 1 2; do
        for task in /proc/$pid/task/*; do
            echo "TALK: $(cat $task/comm): $(cut -d')' -f2 $task/stat | cut -d' ' -f2,13,14)" \
                "(state, user and system ticks), in $(cat $task/wchan)"
        done
        for count in exits halt_exits io_exits mmio_exits irq_injections irq_window_exits halt_wakeup; do
            echo "TALK: $count $(cat /sys/kernel/debug/kvm/$pid-*/$count 2>/dev/null)"
        done
        sleep 1
    done
    {
        echo '{"execute":"qmp_capabilities"}'
        echo '{"execute":"query-status"}'
        echo '{"execute":"stop"}'
        echo "{\"execute\":\"migrate\",\"arguments\":{\"uri\":\"file:$dir/state\"}}"
        sleep 10
    } | timeout 15 nc ${QMP%:*} ${QMP#*:}
    vpmu stream $dir/state | grep -Ev ' [=0 ]*$|= 0x0$|^contract|^ram|fpu|xsave'
}
seconds=$1; shift
count=0
while [ "$1" != -- ]; do
    count=$((count + 1))
    eval "wait_$count=\$1; line_$count=\$2"
    shift 2
done
shift
dir=$(mktemp -d)
mkfifo $dir/in
ip link set lo up
"$@" -qmp tcp:$QMP,server=on,wait=off < $dir/in > $dir/out 2>&1 &
pid=$!
exec 3> $dir/in
step=1
left=$((seconds * 5))
while kill -0 $pid 2>/dev/null && [ $left -gt 0 ]; do
    if [ $step -le $count ]; then
        eval "text=\$wait_$step; line=\$line_$step"
        if grep -qF -- "$text" $dir/out; then
            printf '%s\n' "$line" >&3
            step=$((step + 1))
        fi
    fi
    sleep 0.2 2>/dev/null || usleep 200000
    left=$((left - 1))
done
exec 3>&-
if kill -0 $pid 2>/dev/null; then
    echo "TALK: gave up after $seconds seconds" >> $dir/out
    explain >> $dir/out 2>&1
    kill -9 $pid
fi
wait $pid
status=$?
cat $dir/out
echo "TALK: status=$status"
exit $status
'''

# The init of a guest inside: a shell on the serial port.
GUEST_INIT = '''#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
/bin/busybox mkdir -p /sbin /usr/bin /usr/sbin
/bin/busybox --install -s
export PATH=/bin:/sbin:/usr/bin:/usr/sbin HOME=/root TERM=dumb PS1='guest# '
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
cd /root
echo "guest: $(uname -r) $(nproc) cpus"
exec setsid cttyhack sh -i
'''


def unpack(text):
    """What 'gzip -c | base64' printed on a console in one piece, or @text as it is."""
    match = re.search(r'^H4sI[A-Za-z0-9+/=\s]+', text, re.MULTILINE)
    if not match:
        return text
    return gzip.decompress(base64.b64decode(match[0])).decode(errors='replace')


class Result:
    """What came over the console of the rig."""

    def __init__(self, console, seconds, timed_out, stopped=False):
        self.console = console.replace('\r', '')
        self.seconds = seconds
        self.timed_out = timed_out
        self.stopped = stopped  # the emulated machine itself stood still
        self.repeats = []  # why earlier boots for this result did not count
        status = re.findall(r'^RIG-STATUS=(\d+)$', self.console, re.MULTILINE)
        self.status = int(status[-1]) if status else None
        begin = self.console.find('RIG-BEGIN\n')
        self.output = self.console[begin + 10:] if begin >= 0 else ''
        self.output = re.sub(r'\n?RIG-STATUS=\d+\n.*', '', self.output, flags=re.DOTALL)

    @property
    def ok(self):
        return self.status == 0

    def facts(self):
        """The vpmu-guest lines as a dictionary; of a repeated key the last value."""
        return dict(re.findall(r'^vpmu-guest: ([^=\n]+)=(.*)$', self.console, re.MULTILINE))

    def stuck_guest(self):
        """What 'talk' found out of a guest that did not get to its end; '' if all did."""
        return self.output.partition('TALK: gave up')[2]

    def machine_fault(self):
        """Why this says nothing of what ran inside; '' where it does.  No program may
        stop a machine or bring its kernel down, whatever it does."""
        if self.stopped:
            return 'the emulated machine stood still'
        if self.status is None and not self.timed_out and re.search(KERNEL_DIED, self.console):
            return 'the kernel of the emulated machine died'
        return ''

    def explain(self):
        """For a failed assertion."""
        state = (self.machine_fault() or
                 ('timed out' if self.timed_out else f'status {self.status}'))
        return f'{state} after {self.seconds:.1f} s, console:\n{self.console}'


def rig_initramfs(path, script, busybox, files, modules, library_folders, heartbeat=False):
    """The initramfs of the outer machine: runs @script, reports its status, powers off.

    @modules: loaded in this order; each a path, or a pair of path and parameters.
    @heartbeat: each CPU of the machine writes its number to the second serial port.
    """
    image = Initramfs(library_folders)
    image.busybox(busybox)
    image.data('init', INIT, 0o755)
    image.data('rig/talk', TALK, 0o755)
    image.data('rig/job', FUNCTIONS + script)
    image.data('rig/heartbeat', 'yes' if heartbeat else '')
    lines = []
    for module in modules:
        source, parameters = module if isinstance(module, tuple) else (module, '')
        image.file('rig/' + os.path.basename(source), source)
        lines.append(f'{os.path.basename(source)} {parameters}\n')
    image.data('rig/modules', ''.join(lines))
    for target, source in files.items():
        if os.path.isdir(source):
            image.tree(target, source)
        else:
            image.file(target, source)
    image.pack(path)


def guest_initramfs(path, arch, files=None, library_folders=()):
    """The initramfs of a Linux guest inside: busybox, a shell with the prompt 'guest# '."""
    image = Initramfs(library_folders)
    image.busybox(fetch.busybox(arch))
    image.data('init', GUEST_INIT, 0o755)
    for target, source in (files or {}).items():
        image.file(target, source)
    image.pack(path)
    return path


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            raise fetch.Unavailable(f'{program} is not installed')


class Heartbeat:
    """Notices that a CPU of the emulated machine has stopped: that is the emulator's
    doing, whatever runs inside."""

    def __init__(self, path, cpus):
        self.path = path
        self.seen = {str(cpu): (0, None) for cpu in range(cpus)}

    def is_lost(self):
        if not os.path.exists(self.path):
            return False
        with open(self.path, encoding='ascii', errors='replace') as stream:
            beats = stream.read().split()
        now = time.monotonic()
        for cpu, (count, when) in self.seen.items():
            if beats.count(cpu) != count:
                self.seen[cpu] = (beats.count(cpu), now)
            elif when and now - when > HEARTBEAT_LOST:
                return True
        return False


def patience():
    """How many times as long as on a machine that does nothing else a boot may take."""
    return float(os.environ.get('VPMU_RIG_PATIENCE', '3'))


def boot(command, timeout, heartbeat=None):
    """Run the emulator to its end; the console is what it prints.

    @timeout: seconds it takes at most on a machine that does nothing else.  Waiting longer
    costs only a test that fails; sanitized programs and shared machines need it.
    """
    timeout *= patience()
    start = time.monotonic()
    stopped = timed_out = False
    with tempfile.TemporaryFile() as console:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=console,
                                   stderr=subprocess.STDOUT)
        while process.poll() is None and not stopped and not timed_out:
            time.sleep(0.1)
            stopped = heartbeat is not None and heartbeat.is_lost()
            timed_out = time.monotonic() - start > timeout
        process.kill()
        process.wait()
        console.seek(0)
        text = console.read().decode(errors='replace')
    return Result(text, time.monotonic() - start, timed_out, stopped)


def boot_soundly(attempt):
    """What @attempt, a function that boots once, returns where the machine was sound.

    A fault of the machine is the emulator's doing, and the boot is made again.  A guest
    that stands still in a machine that goes on may be ours: once, told with all there is.
    """
    repeats = []
    while True:
        result = attempt()
        result.repeats = repeats
        fault = result.machine_fault()
        if fault and len(repeats) + 1 < ATTEMPTS:
            repeats.append(f'{fault}, after\n{result.console[-1000:]}')
        elif not fault and result.stuck_guest() and not repeats:
            repeats.append('a guest in it stood still' + result.stuck_guest())
        else:
            return result
