#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The x86 nested rig: Debian's amd64 kernel with real kvm_amd in an emulated machine.

By hand:  python3 tests/rig/nested.py [--fakepmu k7|core|v2] [--file DEST=SRC]...
              'shell commands'
"""

import argparse
import lzma
import os
import subprocess
import sys
import tempfile
import zlib

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [FOLDER, os.path.join(FOLDER, 'fakepmu')]

import build as fakepmu_build  # noqa: E402
import fetch  # noqa: E402
import machine  # noqa: E402

# The made-up PMUs: parameters of the module, the kernel whose KVM offers that much.
FAKE_PMUS = {
    'k7': ('counters=4', ''),
    'core': ('counters=6 core=1', '6.12'),
    'v2': ('counters=6 version=2 core=1 v2=1', '6.12'),
}
# With two, each has a thread of the emulator, and one may translate code that the other is
# patching (QEMU 7.2): the old code stays.  Linux patches its own while it runs, and so dies
# of a breakpoint nobody knows, or stands still.
CPUS = 1
LIBRARY_FOLDERS = ('/lib/x86_64-linux-gnu', '/usr/lib/x86_64-linux-gnu', '/lib64')


def modules_for(kernel, fakepmu):
    """What to load, in order: the made-up PMU first, KVM asks for its size."""
    irqbypass, kvm, ccp, vendor = (kernel.module(name)
                                   for name in ('irqbypass', 'kvm', 'ccp', 'kvm-amd'))
    if not fakepmu:
        return [irqbypass, kvm, ccp, vendor]
    parameters, _ = FAKE_PMUS[fakepmu]
    ours = fakepmu_build.modules(kernel)
    longer_list = [ours['fakecpuid']] if 'v2=1' in parameters else []
    return [(ours['fakepmu'], parameters), irqbypass, kvm, *longer_list, ccp, vendor]


def run(script, files=None, smp=CPUS, memory=2048, timeout=120, append='', cpu='max',
        module_options='', fakepmu=None, series=None):
    """Boot, load kvm_amd, run the shell commands @script, power off.

    @files: path inside -> path here, a file (ELF programs bring their libraries) or folder.
    @fakepmu: a name of FAKE_PMUS; @series: of the kernel, the usual one where None.
    Raises fetch.Unavailable where a part of the rig cannot be had.
    """
    machine.need('qemu-system-x86_64')
    if series is None:
        series = FAKE_PMUS[fakepmu][1] if fakepmu else ''
    kernel = fetch.Kernel('amd64', series)
    modules = modules_for(kernel, fakepmu)
    with tempfile.TemporaryDirectory(prefix='vpmu-rig-') as folder:
        initrd = os.path.join(folder, 'initrd.gz')
        machine.rig_initramfs(initrd, script, fetch.busybox('amd64'), files or {}, modules,
                              LIBRARY_FOLDERS, heartbeat=True)
        beats = os.path.join(folder, 'beats')
        command = ['qemu-system-x86_64', '-accel', 'tcg', '-cpu', cpu,
                   '-smp', str(smp), '-m', str(memory), '-nodefaults', '-display', 'none',
                   '-no-reboot', '-serial', 'stdio', '-serial', 'file:' + beats,
                   # Unpacking would take the emulated machine several seconds.
                   '-kernel', kernel_elf(kernel),
                   '-initrd', initrd,
                   '-append', f'console=ttyS0 oops=panic panic=-1 quiet {module_options} {append}']

        def attempt():
            if os.path.exists(beats):
                os.remove(beats)
            return machine.boot(command, timeout, machine.Heartbeat(beats, smp))

        return machine.boot_soundly(attempt)


def unpack_kernel(image):
    """The ELF file in the bzImage @image."""
    with open(image, 'rb') as stream:
        data = stream.read()
    setup = (data[0x1f1] or 4) * 512 + 512
    offset = int.from_bytes(data[0x248:0x24c], 'little')
    length = int.from_bytes(data[0x24c:0x250], 'little')
    payload = data[setup + offset:setup + offset + length]
    if payload.startswith(b'\xfd7zXZ'):
        return lzma.LZMADecompressor().decompress(payload)
    if payload.startswith(b'\x1f\x8b'):
        return zlib.decompressobj(31).decompress(payload)
    if payload.startswith(b'\x28\xb5\x2f\xfd'):
        machine.need('zstd')
        return subprocess.run(['zstd', '-dcq'], input=payload[:-4], check=True,
                              capture_output=True).stdout
    raise fetch.Unavailable('the kernel is packed in a way this rig does not know')


def kernel_elf(kernel):
    """Path of the ELF file in the bzImage of @kernel; it has a PVH note."""
    path = os.path.join(kernel.folder, 'boot', f'vmlinux-{kernel.release}')
    with fetch.Lock():
        if not os.path.exists(path):
            with open(path + '.new', 'wb') as stream:
                stream.write(unpack_kernel(kernel.image))
            os.rename(path + '.new', path)
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--smp', type=int, default=CPUS)
    parser.add_argument('--timeout', type=int, default=120)
    parser.add_argument('--append', default='')
    parser.add_argument('--file', action='append', default=[], metavar='DEST=SRC')
    parser.add_argument('--fakepmu', choices=sorted(FAKE_PMUS))
    parser.add_argument('--kernel', help='series of the kernel, such as 6.12')
    parser.add_argument('script')
    args = parser.parse_args()
    try:
        result = run(args.script, dict(pair.split('=', 1) for pair in args.file), args.smp,
                     timeout=args.timeout, append=args.append, fakepmu=args.fakepmu,
                     series=args.kernel)
    except fetch.Unavailable as reason:
        sys.exit(f'nested rig: {reason}')
    print(result.console)
    print(f'status {result.status}, {result.seconds:.1f} s')
    sys.exit(0 if result.ok else 1)


if __name__ == '__main__':
    main()
