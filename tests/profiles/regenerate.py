#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Derive the x86 host profiles from raw CPUID facts, and the arm64 ones from host rows.

usage: regenerate.py VPMU [--check]

VPMU is the built tool.  With --check nothing is written; the exit status says whether the
committed profiles are what the tool makes today.

The capability MSR of a processor is not part of public CPUID dumps.  The values below are
put together from single fields with a public source (record format, LBR format, baseline);
they were not read from hardware, and each profile says so in its origin.
"""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))

# profile, raw CPUID, further options of vpmu record
X86 = [
    ('amd-zen1-naples', 'amd-zen1-naples', []),
    ('amd-zen2-rome', 'amd-zen2-rome', []),
    ('amd-zen3-milan', 'amd-zen3-milan', []),
    ('amd-zen4-genoa', 'amd-zen4-genoa', []),
    ('amd-zen4-genoa-mediated', 'amd-zen4-genoa', ['--mediated', '--kernel', '7.2']),
    ('amd-zen4-genoa-nopmu', 'amd-zen4-genoa', ['--no-pmu']),
    ('amd-zen5-turin', 'amd-zen5-turin', []),
    ('intel-skylake-sp', 'intel-skylake-sp', ['--perf-capabilities', '0x33c5']),
    ('intel-cascadelake-sp', 'intel-cascadelake-sp', ['--perf-capabilities', '0x33c5']),
    ('intel-icelake-sp', 'intel-icelake-sp', ['--perf-capabilities', '0xf4c5']),
    ('intel-icelake-sp-nopmu', 'intel-icelake-sp',
     ['--perf-capabilities', '0xf4c5', '--no-pmu']),
    ('intel-sapphirerapids', 'intel-sapphirerapids', ['--perf-capabilities', '0xf5c0']),
    ('intel-sapphirerapids-mediated', 'intel-sapphirerapids',
     ['--perf-capabilities', '0xf5c0', '--mediated', '--kernel', '7.2']),
    ('intel-sapphirerapids-topdown', 'intel-sapphirerapids',
     ['--perf-capabilities', '0xf5c0', '--mediated', '--topdown', '--kernel', '7.2']),
    ('intel-emeraldrapids', 'intel-emeraldrapids', ['--perf-capabilities', '0xf5c0']),
    ('intel-graniterapids-d', 'intel-graniterapids-d', ['--perf-capabilities', '0x2f5c0']),
    ('intel-graniterapids-d-linux72', 'intel-graniterapids-d',
     ['--perf-capabilities', '0x2f5c0', '--kernel', '7.2']),
    ('intel-alderlake-hybrid', 'intel-alderlake-hybrid', ['--perf-capabilities', '0xf5c0']),
    ('intel-alderlake-n', 'intel-alderlake-n', ['--perf-capabilities', '0x14f4c0']),
]

# An arm64 host: possible CPUs, sources (name, type, location, cpus or None, cpumask or
# None), what KVM says.  CPU sets and source names as reported in public; see the README.
KVM = 'pmu-v3=1,set-pmu=1,nr-counters=0,strict=0,fixed-counters-only=0,counters=6'
ARM = [
    ('arm-rk3399', '0-5', [
        ('armv8_cortex_a53', 8, 'armv8_cortex_a53', '0-3', None),
        ('armv8_cortex_a72', 9, 'armv8_cortex_a72', '4-5', None)], KVM, '0x410fd034'),
    ('arm-rk3588', '0-7', [
        ('armv8_cortex_a55', 8, 'armv8_cortex_a55', '0-3', None),
        ('armv8_cortex_a76', 9, 'armv8_cortex_a76', '4-7', None)], KVM, '0x412fd050'),
    ('arm-apple-m1', '0-7', [
        ('apple_firestorm_pmu', 9, 'apple_firestorm_pmu', '4-7', None),
        ('apple_icestorm_pmu', 8, 'apple_icestorm_pmu', '0-3', None)],
     KVM.replace('counters=6', 'counters=1'), '0x611f0221'),
    ('arm-apple-m2', '0-9', [
        ('apple_avalanche_pmu', 9, 'apple_avalanche_pmu', '4-9', None),
        ('apple_blizzard_pmu', 8, 'apple_blizzard_pmu', '0-3', None)],
     KVM.replace('counters=6', 'counters=1'), '0x611f0321'),
    ('arm-altra', '0-159', [
        ('armv8_pmuv3_0', 8, 'armv8_pmuv3_0', '0-159', None),
        ('arm_cmn_0', 9, 'arm_cmn_0', None, '0'),
        ('arm_dsu_0', 10, 'arm_dsu_0', None, '0')], KVM, '0x413fd0c1'),
    ('arm-graviton', '0-63', [
        ('armv8_pmuv3_0', 8, 'armv8_pmuv3_0', '0-63', None)], KVM, '0x411fd401'),
    ('arm-grace', '0-71', [
        ('armv8_pmuv3_0', 8, 'armv8_pmuv3_0', '0-71', None),
        ('nvidia_scf_pmu_0', 9, 'nvidia_scf_pmu_0', None, '0')], KVM, '0x410fd4f0'),
    ('arm-gb10', '0-19', [
        ('armv8_pmuv3_0', 8, 'armv8_pmuv3_0', '0-4,10-14', None),
        ('armv8_pmuv3_1', 9, 'armv8_pmuv3_1', '5-9,15-19', None)], KVM, '0x410fd870'),
    ('arm-cix-p1', '0-11', [
        ('arm_spe_0', 12, 'arm_spe_0', None, '0-1,6-11'),
        ('armv8_pmuv3_0', 8, 'armv8_pmuv3_0', '0,6-11', None),
        ('armv8_pmuv3_1', 9, 'armv8_pmuv3_1', '1', None),
        ('armv8_pmuv3_2', 10, 'armv8_pmuv3_2', '2-5', None)], KVM, '0x410fd811'),
    ('arm-rk3399-linux510', '0-5', [
        ('armv8_cortex_a53', 8, 'armv8_cortex_a53', '0-3', None),
        ('armv8_cortex_a72', 9, 'armv8_cortex_a72', '4-5', None)],
     KVM.replace('set-pmu=1', 'set-pmu=0'), '0x410fd034'),
]


# MIDR_EL1 and capacity of the cores behind a source: part numbers of Arm's and Apple's
# manuals as Linux lists them (arch/arm64/include/asm/cputype.h), capacities of the device
# trees (capacity-dmips-mhz), in 1024ths of the greatest.  Others are not known.
CORES = {
    ('arm-rk3399', 'armv8_cortex_a53'): ('0x410fd034', 485),
    ('arm-rk3399', 'armv8_cortex_a72'): ('0x410fd082', 1024),
    ('arm-rk3588', 'armv8_cortex_a55'): ('0x412fd050', 530),
    ('arm-rk3588', 'armv8_cortex_a76'): ('0x414fd0b0', 1024),
    ('arm-apple-m1', 'apple_icestorm_pmu'): ('0x611f0221', 714),
    ('arm-apple-m1', 'apple_firestorm_pmu'): ('0x611f0231', 1024),
    ('arm-apple-m2', 'apple_blizzard_pmu'): ('0x611f0321', 756),
    ('arm-apple-m2', 'apple_avalanche_pmu'): ('0x611f0331', 1024),
}


def first_cpu(cpus):
    return int(cpus.split('-')[0].split(',')[0])


def sysfs_tree(root, possible, sources, cores):
    """The files of a host below root, as its /sys would have them."""
    def write(path, text):
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, 'w', encoding='ascii') as file:
            file.write(text + '\n')

    for name in ('possible', 'present', 'online'):
        write('devices/system/cpu/' + name, possible)
    os.makedirs(os.path.join(root, 'bus/event_source/devices'))
    for name, kind, location, cpus, cpumask in sources:
        write(f'devices/{location}/type', str(kind))
        if cpus:
            write(f'devices/{location}/cpus', cpus)
        if name in cores:
            cpu = f'devices/system/cpu/cpu{first_cpu(cpus)}'
            write(f'{cpu}/regs/identification/midr_el1', f'0x{int(cores[name][0], 16):016x}')
            write(f'{cpu}/cpu_capacity', str(cores[name][1]))
        if cpumask:
            write(f'devices/{location}/cpumask', cpumask)
        os.symlink('../../../devices/' + location,
                   os.path.join(root, 'bus/event_source/devices', name))


def make(vpmu, name, folder):
    """The text of profile name."""
    for profile, raw, options in X86:
        if profile == name:
            path = os.path.join(HERE, 'cpuid', raw + '.json')
            return subprocess.run([vpmu, 'record', '--from-cpuid', path, *options],
                                  check=True, capture_output=True, text=True).stdout
    for profile, possible, sources, kvm, midr in ARM:
        if profile == name:
            root = os.path.join(folder, profile)
            cores = {source: facts for (host, source), facts in CORES.items()
                     if host == name.replace('-linux510', '')}
            sysfs_tree(root, possible, sources, cores)
            return subprocess.run([vpmu, 'record', '--sysfs', root, '--kvm', kvm,
                                   '--midr', midr],
                                  check=True, capture_output=True, text=True).stdout
    raise KeyError(name)


def main():
    vpmu = sys.argv[1]
    check = '--check' in sys.argv[2:]
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in [row[0] for row in X86] + [row[0] for row in ARM]:
            path = os.path.join(HERE, name + '.json')
            text = make(vpmu, name, folder)
            if check:
                with open(path, encoding='utf-8') as file:
                    if file.read() != text:
                        print(f'{path} is not what {vpmu} makes now')
                        bad += 1
            else:
                with open(path, 'w', encoding='utf-8') as file:
                    file.write(text)
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
