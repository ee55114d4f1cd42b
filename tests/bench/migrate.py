# SPDX-License-Identifier: GPL-2.0-or-later
"""Migration against a memcpy of the same memory, and against an installed QEMU.

Every contender runs the same guest with the same options, one after the other in each
round, so that a busy moment hits everybody.
"""

import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, 'tests', name) for name in ('functional', 'bench')]

import peer  # noqa: E402
from qmp import Qmp, QmpError  # noqa: E402

BANDWIDTH = 1 << 60  # no limit, in the words of both
WARM = 3  # times the guest's memory
CHANNELS = 4  # of multifd
ROOM = 56  # MiB of the guest's memory that are not filled
# What the guest does: name -> words of its command line, for so many MiB of memory.
GUESTS = {
    'full': 'fill={fill} exit=halt',   # no page of zeros, nothing is written
    'empty': 'exit=halt',              # almost only pages of zeros
    'busy': 'fill={fill} dirty=4',     # full, and 4 MiB are written all the time
}


class Side:
    """One monitor with QMP; its guest's output in a file."""

    def __init__(self, command, folder, *options, channels=1):
        self.folder = folder
        path = os.path.join(folder, f'qmp-{time.monotonic_ns()}')
        self.serial = path + '.serial'
        self.process = subprocess.Popen(
            [*command, '-serial', f'file:{self.serial}', '-qmp',
             f'unix:{path},server=on,wait=off', *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.qmp = Qmp(path, 30)
        self.qmp.capabilities()
        try:
            self.qmp.command('migrate-set-capabilities',
                             capabilities=[{'capability': 'events', 'state': True}])
            self.qmp.command('migrate-set-parameters', max_bandwidth=BANDWIDTH)
            if channels > 1:
                self.qmp.command('migrate-set-capabilities',
                                 capabilities=[{'capability': 'multifd', 'state': True}])
                self.qmp.command('migrate-set-parameters', multifd_channels=channels)
        except QmpError as error:
            sys.exit(f'bench: {command[0]}: {error}')

    def wait_guest(self, wanted, timeout=60):
        deadline = time.monotonic() + timeout
        while True:
            with open(self.serial, encoding='utf-8', errors='replace') as stream:
                if wanted in stream.read():
                    return
            if time.monotonic() > deadline or self.process.poll() is not None:
                sys.exit(f'bench: the guest does not say {wanted!r}')
            time.sleep(0.02)

    def wait_migrated(self):
        while True:
            status = self.qmp.wait_event('MIGRATION')['data']['status']
            if status == 'completed':
                return self.qmp.command('query-migrate')
            if status == 'failed':
                sys.exit(f'bench: {self.qmp.command("query-migrate")}')

    def send_fd(self, fd):
        request = b'{"execute":"getfd","arguments":{"fdname":"file"}}\r\n'
        socket.send_fds(self.qmp.socket, [request], [fd])
        assert self.qmp.reply() == {'return': {}}

    def close(self):
        self.qmp.close()
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()


def stamp(event):
    when = event['timestamp']
    return when['seconds'] + when['microseconds'] / 1e6


def source_of(command, folder, kind, channels=1):
    source = Side(command, folder, channels=channels)
    source.wait_guest({'full': 'fill.mib', 'empty': 'done=', 'busy': 'dirty.lap'}[kind])
    return source


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def move(command, folder, kind, channels=1, tcp=False):
    """Seconds until the source is rid of its guest; seconds the guest stood still."""
    uri = f'tcp:127.0.0.1:{free_port()}' if tcp else \
        f'unix:{folder}/move-{time.monotonic_ns()}'
    source = source_of(command, folder, kind, channels)
    target = Side(command, folder, '-incoming', 'defer', channels=channels)
    target.qmp.command('migrate-incoming', uri=uri)
    begin = time.perf_counter()
    source.qmp.command('migrate', uri=uri)
    source.wait_migrated()
    seconds = time.perf_counter() - begin
    stood = stamp(target.qmp.wait_event('RESUME')) - stamp(source.qmp.wait_event('STOP'))
    source.close()
    target.close()
    return {'move': seconds, 'downtime': stood}


def save(command, folder, kind):
    """Seconds to save to a file, and to go on from it."""
    path = os.path.join(folder, 'saved')
    source = source_of(command, folder, kind)
    with open(path, 'wb') as file:
        source.send_fd(file.fileno())
        begin = time.perf_counter()
        source.qmp.command('migrate', uri='fd:file')
        source.wait_migrated()
        saved = time.perf_counter() - begin
    source.close()
    target = Side(command, folder, '-incoming', 'defer')
    with open(path, 'rb') as file:
        target.send_fd(file.fileno())
    begin = time.perf_counter()
    target.qmp.command('migrate-incoming', uri='fd:file')
    target.qmp.wait_event('RESUME')
    restored = time.perf_counter() - begin
    target.close()
    os.unlink(path)
    return {'save': saved, 'restore': restored}


def contenders(build, machine, memory, kind):
    arch = platform.machine()
    folder = {'x86_64': 'x86', 'aarch64': 'arm64'}.get(arch, arch)
    guest = os.path.join(build, 'tests', 'guest', folder, f'vpmu-guest-{arch}')
    options = ['-M', machine, '-m', str(memory), '-nodefaults', '-display', 'none',
               '-kernel', guest, '-append', GUESTS[kind].format(fill=memory - ROOM)]
    commands = {'vpmu': [os.path.join(build, f'vpmu-system-{arch}'), *options]}
    installed = peer.command(options)
    if installed:
        commands['qemu'] = installed
    return commands


def copy_seconds(build, memory):
    """The floor.  More memory than a contender takes is touched, so that pages this machine
    has to be given by a host of its own are there before anybody is measured."""
    got = subprocess.run([os.path.join(build, 'tests', 'bench', 'bench-copy'),
                          str(memory * WARM)], capture_output=True, text=True, check=True)
    return int(got.stdout) / WARM / 1e6


def measure(build, machine, memory, runs, kind, folder):
    """name -> what -> median seconds; and the median of the floor."""
    samples, floors = {}, []
    for _ in range(runs):
        for name, command in contenders(build, machine, memory, kind).items():
            floors.append(copy_seconds(build, memory))
            found = dict(move(command, folder, kind), **save(command, folder, kind))
            for what, seconds in move(command, folder, kind, tcp=True).items():
                found[f'tcp {what}'] = seconds
            found[f'move x{CHANNELS}'] = move(command, folder, kind, CHANNELS)['move']
            for what, seconds in found.items():
                samples.setdefault(name, {}).setdefault(what, []).append(seconds)
    return {name: {what: statistics.median(values) for what, values in found.items()}
            for name, found in samples.items()}, statistics.median(floors)


def report(kind, found, floor):
    for what in ('move', 'tcp move', 'save', 'restore', 'downtime', 'tcp downtime'):
        ours = found['vpmu'][what]
        line = f'{kind:6}{what:13}'
        if 'downtime' not in what:
            line += f' vpmu/memcpy {ours / floor:7.2f}'
        if 'qemu' in found:
            line += f'  vpmu/qemu {ours / found["qemu"][what]:6.2f}'
            if 'downtime' not in what:
                line += f'  qemu/memcpy {found["qemu"][what] / floor:7.2f}'
        for name in sorted(found, reverse=True) if what == 'move' else ():
            several = found[name][f'move x{CHANNELS}']
            line += f'  {name} x{CHANNELS}/{name} {several / found[name]["move"]:6.2f}'
        print(line, flush=True)


def run(build, machine, memory, runs):
    # Where files are memory, a disk has no say.
    shared = '/dev/shm' if os.path.isdir('/dev/shm') else None
    if not shutil.which(f'qemu-system-{platform.machine()}'):
        print('no QEMU is installed: nothing to compare with but memcpy')
    print(f'machine {machine}, 1 vCPU, {memory} MiB, medians of {runs} runs; time as a '
          'multiple of')
    for kind in GUESTS:
        with tempfile.TemporaryDirectory(dir=shared) as folder:
            found, floor = measure(build, machine, memory, runs, kind, folder)
        report(kind, found, floor)
