#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The arm64 rig: Debian's arm64 kernel with real KVM and a real PMU driver, at EL2 of an
emulated machine.  A device tree of our own gives it other sets of PMUs.

By hand:  python3 tests/rig/arm64.py [--dt VARIANT] [--file DEST=SRC]... 'shell commands'
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import fetch  # noqa: E402
import machine  # noqa: E402

MACHINE = 'virt,virtualization=on,gic-version=3'
CPU = 'neoverse-n1'

# name: list of (node name, core, CPUs); None keeps what the emulator describes.
VARIANTS = {
    'stock': None,
    'none': [],
    'two': [('pmu-a53', 'cortex-a53', (0, 1)), ('pmu-a72', 'cortex-a72', (2, 3))],
    'swapped': [('pmu-a72', 'cortex-a72', (2, 3)), ('pmu-a53', 'cortex-a53', (0, 1))],
    'two-full-swapped': [('pmu-a', 'cortex-a72', (0, 1, 2, 3)),
                         ('pmu-z', 'cortex-a53', (0, 1, 2, 3))],
    'two-full': [('pmu-z', 'cortex-a53', (0, 1, 2, 3)), ('pmu-a', 'cortex-a72', (0, 1, 2, 3))],
    'partial': [('pmu-a53', 'cortex-a53', (0, 1))],
}


def pmu_nodes(nodes, phandles):
    """Device-tree source; each PMU gets shared interrupts nothing else uses."""
    text, spi = '', 100
    for name, core, cpus in nodes:
        interrupts = ' '.join(f'0 {spi + i} 4' for i in range(len(cpus)))
        affinity = ' '.join(f'0x{phandles[cpu]:x}' for cpu in cpus)
        spi += len(cpus)
        text += (f'\t{name} {{\n\t\tcompatible = "arm,{core}-pmu";\n'
                 f'\t\tinterrupts = <{interrupts}>;\n'
                 f'\t\tinterrupt-affinity = <{affinity}>;\n\t}};\n')
    return text


def edit_tree(source, nodes):
    """Replace the pmu node of @source by @nodes."""
    phandles = {int(number, 16): int(phandle, 16) for number, phandle in re.findall(
        r'cpu@([0-9a-f]+) \{[^}]*?phandle = <(0x[0-9a-f]+)>', source, re.DOTALL)}
    source, count = re.subn(r'\n\tpmu \{[^}]*\};\n', '\n', source)
    if count != 1:
        raise fetch.Unavailable('the emulator describes its PMU in a way this rig does not know')
    end = source.rstrip().rindex('};')
    return source[:end] + pmu_nodes(nodes, phandles) + source[end:]


def machine_options(smp, memory):
    return ['-machine', MACHINE, '-cpu', CPU, '-accel', 'tcg,thread=multi',
            '-smp', str(smp), '-m', str(memory), '-nodefaults', '-display', 'none']


def make_tree(folder, variant, smp, memory):
    """Path of the device tree of @variant, None for the emulator's own."""
    nodes = VARIANTS[variant]
    if nodes is None:
        return None
    machine.need('dtc')
    dtb, dts = os.path.join(folder, 'stock.dtb'), os.path.join(folder, 'variant.dts')
    options = machine_options(smp, memory)
    options[1] += ',dumpdtb=' + dtb
    subprocess.run(['qemu-system-aarch64', *options], check=True, capture_output=True)
    source = subprocess.run(['dtc', '-q', '-I', 'dtb', '-O', 'dts', dtb], check=True,
                            text=True, capture_output=True).stdout
    with open(dts, 'w') as stream:
        stream.write(edit_tree(source, nodes))
    out = os.path.join(folder, 'variant.dtb')
    subprocess.run(['dtc', '-q', '-I', 'dts', '-O', 'dtb', '-o', out, dts], check=True,
                   capture_output=True)
    return out


def library_folders():
    root = fetch.sysroot()
    # The cross compiler's own folder has the sanitizers' runtimes.
    return [os.path.join(root, 'lib/aarch64-linux-gnu'),
            os.path.join(root, 'usr/lib/aarch64-linux-gnu'), '/usr/aarch64-linux-gnu/lib']


def run(script, files=None, variant='stock', smp=4, memory=1536, timeout=90, append='',
        libraries=(), series=''):
    """Boot, run the shell commands @script, power off.

    @files: path inside -> path here, a file (ELF programs bring their libraries) or folder.
    @series: of the kernel, such as 6.12; the default is Debian's own
    Raises fetch.Unavailable where a part of the rig cannot be had.
    """
    machine.need('qemu-system-aarch64')
    kernel = fetch.Kernel('arm64', series)
    with tempfile.TemporaryDirectory(prefix='vpmu-rig-') as folder:
        initrd = os.path.join(folder, 'initrd.gz')
        machine.rig_initramfs(initrd, script, fetch.busybox('arm64'), files or {}, [],
                              [*library_folders(), *libraries])
        command = ['qemu-system-aarch64', *machine_options(smp, memory), '-no-reboot',
                   '-serial', 'stdio', '-kernel', kernel.image, '-initrd', initrd,
                   '-append', f'console=ttyAMA0 oops=panic panic=-1 quiet rdinit=/init {append}']
        tree = make_tree(folder, variant, smp, memory)
        if tree:
            command += ['-dtb', tree]
        return machine.boot_soundly(lambda: machine.boot(command, timeout))


def perf_files():
    """Debian's perf for a guest inside: (files, library folders)."""
    folder = fetch.package('linux-perf', 'arm64')
    return ({'usr/bin/perf': os.path.join(folder, 'usr/bin/perf')},
            fetch.library_folders(fetch.PERF_PACKAGES, 'arm64'))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--dt', default='stock', choices=sorted(VARIANTS))
    parser.add_argument('--smp', type=int, default=4)
    parser.add_argument('--timeout', type=int, default=90)
    parser.add_argument('--append', default='')
    parser.add_argument('--kernel', default='', help='series of the kernel, such as 6.12')
    parser.add_argument('--file', action='append', default=[], metavar='DEST=SRC')
    parser.add_argument('script')
    args = parser.parse_args()
    try:
        result = run(args.script, dict(pair.split('=', 1) for pair in args.file), args.dt,
                     args.smp, timeout=args.timeout, append=args.append,
                     series=args.kernel)
    except fetch.Unavailable as reason:
        sys.exit(f'arm64 rig: {reason}')
    print(result.console)
    print(f'status {result.status}, {result.seconds:.1f} s')
    sys.exit(0 if result.ok else 1)


if __name__ == '__main__':
    main()
