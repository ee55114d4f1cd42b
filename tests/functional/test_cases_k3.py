# SPDX-License-Identifier: GPL-2.0-or-later
"""Kind 3: parts of a plan that contradict each other.  They are checked against each other, in a
dry run and at a start."""

import os
import subprocess

import pytest

from conftest import ROOT, built

PROFILE = os.path.join(ROOT, 'tests', 'profiles', 'intel-sapphirerapids.json')


def refusal(result):
    lines = [line for line in (result.stdout + result.stderr).splitlines()
             if line.startswith('error: ') or 'vpmu-system' in line and 'warning' not in line]
    assert result.returncode == 1 and len(lines) == 1, result
    return lines[0]


@pytest.mark.parametrize('mode', [[], ['--dry-run']], ids=['start', 'dry-run'])
@pytest.mark.parametrize('line, words', [
    ('-m 6G -cpu host,phys-bits=32', ['0x1ffffffff', '33 bits', '32 bits', 'phys-bits=33']),
    ('-m 2T -cpu qemu64', ['42 bits', '40 bits', '-m']),
    ('-m 600G -cpu host,phys-bits=39', ['40 bits', '39 bits']),
    ('-M microvm -m 6G -cpu host,phys-bits=32', ['33 bits', '32 bits']),
    ('-m 1000G -cpu base', ['40 bits', '32 bits']),
    ('-m 3G -cpu host,phys-bits=32', ['33 bits']),
    ('-m 64T', ['-m 64 TiB', '8 TiB in one piece']),
    ('-m 8191P', ['8 TiB in one piece']),
    ('-m 18446744073709551615b', ['more than any machine has']),
    ('-smp 4,clusters=2,cores=2', ['clusters', 'no level of machine', 'modules']),
    ('-M microvm -smp 4,dies=2,cores=2', ['dies=2', 'no level of machine microvm']),
    ('-M microvm -smp 4,modules=2,cores=2', ['modules=2', 'no level']),
    ('-incoming tcp:0:70000', ['-incoming tcp:0:70000', '0 to 65535']),
    ('-incoming tcp:9', ['-incoming tcp:9', 'HOST:PORT']),
    ('-incoming exec:', ["-incoming 'exec:'", 'no address']),
    ('-incoming rdma:x', ["-incoming 'rdma:x'", 'no address']),
    ('-incoming file:/x,offset=-1', ['offset= takes a number']),
    ('-accel kvm,kernel-irqchip=off', ['kernel-irqchip=off', "only 'on'"]),
    ('-accel kvm,kernel-irqchip=split', ['kernel-irqchip=split', "only 'on'"]),
    ('-accel kvm,kvm-shadow-mem=1M', ['kvm-shadow-mem', 'only 0']),
    # Found here.
    ('-m 16G -cpu host,host-phys-bits-limit=33', ['35 bits', '33 bits', 'phys-bits=35']),
    ('-m 65G -cpu host,phys-bits=36', ['37 bits', '36 bits']),
    ('-m 4G -cpu qemu32,check=off', ['33 bits', '32 bits']),
    ('-m 600G -cpu host,phys-bits=39,check=off', ['40 bits', '39 bits']),
    ('-m 128 -object memory-backend-ram,id=r,size=1G -M memory-backend=r', ['1073741824']),
    ('-smp 4,dies=2,cores=3', ['sockets=0', 'cores=3', 'is not maxcpus=4']),
    ('-smp 6,sockets=4', ['cpus=6', 'maxcpus=4']),
    ('-smp 4,sockets=1,cores=2,threads=1,maxcpus=4', ['cores=2', 'maxcpus=4']),
    ('-smp 288', ['-smp 288', '255 CPUs']),
    ('-only-migratable -cpu host,migratable=off', ['-only-migratable', 'invtsc']),
    ('-qmp stdio -serial stdio', ['stdio', 'it can serve one']),
    ('-M q35 -device pvpanic,ioport=0x60', ['pvpanic', '0x60', 'taken by i8042']),
    ('-device pvpanic -device pvpanic', ['0x505', 'taken by pvpanic']),
    ('-device pvpanic,ioport=0x601', ['0x601', 'taken by acpi-pm']),
    ('-device isa-serial,index=0 -device isa-serial,index=0', ['0x3f8', 'isa-serial']),
])
def test_what_does_not_fit_is_refused_by_name(ask, kvm, x86, guest, line, words, mode):
    said = refusal(ask('-nodefaults', '-display', 'none', '-kernel', guest, *line.split(),
                       *mode))

    for word in words:
        assert word in said, said


# Found here: what just fits is no contradiction.
@pytest.mark.parametrize('line', ['-m 62G -cpu host,phys-bits=36', '-m 2G -cpu qemu32,check=off',
                                  '-m 14G -cpu host,host-phys-bits-limit=34',
                                  '-smp 8,sockets=2,dies=2,clusters=1,cores=2',
                                  '-smp 5,sockets=1,maxcpus=8'])
def test_what_just_fits_is_planned(ask, kvm, x86, guest, line):
    got = ask('-nodefaults', '-display', 'none', '-kernel', guest, *line.split(), '--dry-run')

    assert got.returncode == 0, got


@pytest.mark.parametrize('accel', ['kernel-irqchip=off', 'kernel-irqchip=split',
                                   'kvm-shadow-mem=1M'])
def test_the_tool_refuses_what_the_monitor_does(accel):
    result = subprocess.run([built('vpmu'), 'resolve', '--host', PROFILE, '--', '-accel',
                             f'kvm,{accel}'], capture_output=True, text=True, timeout=60)

    assert result.returncode != 0 and accel.partition('=')[0] in result.stderr, result


def test_modules_are_a_level(start, kvm, x86, guest):
    vm = start('-M', 'q35', '-m', 64, '-smp', '8,dies=2,modules=2,cores=2', '-S',
               '-kernel', guest)

    places = [cpu['props'] for cpu in vm.qmp.command('query-cpus-fast')]
    assert [(place['socket-id'], place['die-id'], place['module-id'], place['core-id'],
             place['thread-id']) for place in places] == [
                 (0, die, module, core, 0) for die in (0, 1) for module in (0, 1)
                 for core in (0, 1)]
