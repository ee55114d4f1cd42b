#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a whole x86 guest that is kept as a stream and must go on for ever.

usage: kept_guest.py [BUILD [OUT]]

The guest runs on this machine's KVM while it is saved.  Its CPU is one that any KVM takes and
that has no PMU; its memory is small, most of it zero, and packed.  A vendor's KVM takes guests
of its own vendor: the stream is called after it, and one is made on a machine of each.
"""
import os
import platform
import re
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
STREAMS = os.path.join(HERE, 'streams')
VENDORS = {'AuthenticAMD': 'amd', 'HygonGenuine': 'amd', 'GenuineIntel': 'intel'}
# Enough that every row of memory and counters has been in use.
ROUNDS = 300
FOREVER = 900000000

sys.path.insert(0, os.path.join(ROOT, 'tests', 'functional'))

from monitor import Monitor  # noqa: E402


def options(build):
    """Both sides' command line."""
    return ['-M', 'pc-q35-11.1', '-cpu', 'qemu64,pmu=off,pni=off', '-smp', '2', '-m', '4',
            '-kernel', os.path.join(build, 'tests', 'guest', 'x86', 'vpmu-guest-x86_64'),
            '-append', f'work={FOREVER}']


def vendor():
    """"amd" or "intel", as KVM's vendor module on this machine; None where it is another."""
    with open('/proc/cpuinfo', encoding='utf-8') as file:
        found = re.search(r'^vendor_id\s*: (\S+)', file.read(), re.MULTILINE)
    return VENDORS.get(found[1]) if found else None


def path_of(name):
    return os.path.join(STREAMS, f'x86-guest-{name}-1.stream')


def wait(what, vm):
    while not what():
        if vm.process.poll() is not None:
            raise SystemExit(vm.explain())
        vm.qmp.command('query-status')


def make(build, out):
    with tempfile.TemporaryDirectory() as folder:
        vm = Monitor(os.path.join(build, f'vpmu-system-{platform.machine()}'), folder,
                     *options(build))
        try:
            wait(lambda: f'work.round={ROUNDS}' in vm.text, vm)
            vm.qmp.command('migrate-set-capabilities',
                           capabilities=[{'capability': 'compress', 'state': True}])
            vm.qmp.command('migrate', uri=f'file:{out}')
            wait(lambda: vm.qmp.command('query-migrate')['status'] in ('completed', 'failed'),
                 vm)
            print(vm.qmp.command('query-migrate'))
        finally:
            vm.close()


def main(argv):
    build = argv[1] if len(argv) > 1 else os.path.join(ROOT, 'build')
    out = argv[2] if len(argv) > 2 else path_of(vendor())
    if os.path.exists(out):
        print(f'{out} is there, and a kept stream is never changed', file=sys.stderr)
        return 1
    make(build, out)
    print(f'{out}: {os.path.getsize(out)} bytes')
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv))
