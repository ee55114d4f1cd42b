# SPDX-License-Identifier: GPL-2.0-or-later
"""Kind 5: one text that tool and monitor judged differently.  They read it alike."""

import json
import os
import re
import shlex
import subprocess

import pytest

from cases import TIMEOUT, contract, profile, tool

HOST = 'intel-sapphirerapids'


def both(monitor, guest, *line, host=HOST):
    """The status and the complaint of either, the program's name aside."""
    theirs = subprocess.run([monitor, '-nodefaults', '-display', 'none', '-kernel', guest,
                             '-accel', f'kvm,host-profile={profile(host)}', *line,
                             '--dry-run'],
                            stdin=subprocess.DEVNULL, capture_output=True, text=True,
                            timeout=TIMEOUT)
    ours = tool('resolve', '--host', profile(host), '--', *line)
    begin = re.compile(r'\S*vpmu-system-\w+: |vpmu resolve: |error: ')
    said = [[begin.sub('', text, 1) for text in (done.stdout + done.stderr).splitlines()
             if begin.match(text)] for done in (theirs, ours)]
    return (theirs.returncode == 0, said[0]), (ours.returncode == 0, said[1])


REFUSED = [
    '-M q35,foo=bar', '-M q35,usb=on', '-M q35,acpi=maybe', '-M q35,memory-backend=x',
    '-accel kvm -accel kvm,pmu=5', '-accel kvm,pmu=5',
    # Found here.
    '-machine q35,accel=hvf', '-accel kvm:tcg', '-accel kvm,thread=multi',
    '-accel kvm,pmu=4294967296', '-accel kvm,dirty-ring-size=3',
    '-M microvm,hpet=off', '-M q35,hpet=off -M microvm', '-cpu host,pmu=maybe', '-cpu Host',
    '-cpu host,avx1024=on', '-global host-x86_64-cpu.nosuch=on', '-global machine.foo=on',
    '-global x86_64-cpu.pmu=maybe', '-cpu host,pebs-fmt=5,pebs-fmt=3', '-cpu=host', '--cpu=host',
    '-M q35,kernel_irqchip=off', '-accel kvm,notify-vmexit=run', '-foo',
]


@pytest.mark.parametrize('line', REFUSED)
def test_what_one_refuses_the_other_does(monitor, guest, x86, line):
    theirs, ours = both(monitor, guest, *line.split())

    assert not theirs[0] and len(theirs[1]) == 1, theirs
    if 'memory-backend' in line:  # the tool knows ids, and not what they are of
        assert not ours[0] and 'memory-backend=x' in ours[1][0]
    else:
        assert theirs == ours


ACCEPTED = [
    '-M q35,usb=off,vmport=off', '-accel tcg -accel kvm', '-machine q35,accel=kvm:tcg',
    '-enable-kvm -enable-kvm', '-accel kvm,dirty-ring-size=0 -accel kvm',
    '-cpu host -cpu qemu64', '-global host-x86_64-cpu.x2apic=off', '-global nosuch.pmu=on',
    '--cpu host', '-M q35 -M microvm', '-machine accel=kvm -machine microvm',
    '-global driver=host-x86_64-cpu,property=pmu,value=off', '-cpu host,pmu=off',
]


@pytest.mark.parametrize('line', ACCEPTED)
def test_what_one_takes_is_the_same_guest_for_the_other(monitor, guest, x86, line):
    words = line.split()
    theirs = subprocess.run([monitor, '-nodefaults', '-kernel', guest, '-accel',
                             f'kvm,host-profile={profile(HOST)}', *words, '--dry-run=json'],
                            capture_output=True, text=True, timeout=TIMEOUT)

    assert theirs.returncode == 0, theirs
    assert json.loads(theirs.stdout)['contract']['digest'] == contract(HOST, *words)['digest']


@pytest.mark.parametrize('mode', [[], ['--dry-run']], ids=['start', 'dry-run'])
def test_a_dry_run_judges_what_a_start_judges(ask, kvm, x86, guest, mode):
    got = ask('-nodefaults', '-display', 'none', '-kernel', guest, '-cpu', 'host,migratable=off',
              '-only-migratable', *mode)

    assert got.returncode == 1 and '-only-migratable' in got.stdout + got.stderr, got


# As virsh domxml-to-native prints it for virt-install's XML, to be read by a shell.
LIBVIRT = r"""
LC_ALL=C \
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
HOME=/var/lib/libvirt/qemu/domain--1-vm \
/usr/bin/qemu-system-x86_64 \
-name guest=vm,debug-threads=on \
-S \
-object '{"qom-type":"secret","id":"masterKey0","format":"raw","file":"/var/lib/m.aes"}' \
-machine pc-q35-7.2,usb=off,vmport=off,dump-guest-core=off,memory-backend=pc.ram \
-accel kvm \
-cpu host,migratable=on \
-m 2048 \
-object '{"qom-type":"memory-backend-ram","id":"pc.ram","size":2147483648}' \
-overcommit mem-lock=off \
-smp 2,sockets=2,cores=1,threads=1 \
-uuid 0b7c5a6e-6d2b-4e9c-9a35-2d8c5f3d9f10 \
-no-user-config \
-nodefaults \
-chardev socket,id=charmonitor,fd=26,server=on,wait=off \
-mon chardev=charmonitor,id=monitor,mode=control \
-rtc base=utc,driftfix=slew \
-global kvm-pit.lost_tick_policy=delay \
-no-hpet \
-no-shutdown \
-global ICH9-LPC.disable_s3=1 \
-boot strict=on \
-device '{"driver":"pcie-root-port","port":16,"chassis":1,"id":"pci.1","bus":"pcie.0"}' \
-blockdev '{"driver":"file","filename":"/var/lib/libvirt/images/vm.qcow2","node-name":"s1"}' \
-netdev '{"type":"tap","fd":"28","vhost":true,"vhostfd":"30","id":"hostnet0"}' \
-spice port=5900,addr=127.0.0.1,disable-ticketing=on \
-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny \
-msg timestamp=on
"""
SHELL_READ = shlex.split(LIBVIRT.replace('\\\n', ' '))
LINES = {
    'libvirt': SHELL_READ,
    'libvirt by $(...)': LIBVIRT.split(),
    # Found here.
    'of /proc/PID/cmdline': [word for item in SHELL_READ for word in item.split()] +
                            '-append console=ttyS0 root=/dev/vda1 quiet'.split(),
    'with sudo': ['sudo', '-u', 'qemu'] + SHELL_READ[3:],
    'with taskset': 'taskset -c 4-7 qemu-system-x86_64 -machine pc-q35-7.2 -cpu host '
                    '-m 2G disk.img'.split(),
    'with numactl': 'numactl --cpunodebind=0 --membind=0 /usr/libexec/qemu-kvm -M pc-q35-7.2 '
                    '-cpu host -drive file=a.img,if=virtio'.split(),
    'with env': 'env A=b C=d kvm -M pc-q35-7.2 -cpu host -nographic'.split(),
    'a name with blanks': ['qemu-system-x86_64', '-name', 'my', 'vm', '-M', 'pc-q35-7.2', '-cpu',
                           'host'],
}


@pytest.mark.parametrize('line', LINES.values(), ids=LINES.keys())
def test_a_whole_line_is_accepted_with_one_note(line):
    done = tool('resolve', '--host', profile(HOST), '--json', '--', *line)
    assert done.returncode == 0, done
    answer = json.loads(done.stdout)

    notes = [finding for finding in answer['findings'] if finding['row'] == 'command line']
    assert len(notes) == 1 and 'passed over' in notes[0]['cause'], notes
    assert answer['contract']['digest'] == contract(HOST, '-M', 'pc-q35-7.2', '-cpu',
                                                    'host')['digest']
    doctor = tool('doctor', '--host', profile(HOST), '--', *line)
    assert doctor.returncode == 0 and doctor.stdout.count('passed over') == 1, doctor


# Found here: what is no option and belongs to none is still an error.
@pytest.mark.parametrize('line, word', [
    ('-cpu host ,pmu=on', ',pmu=on'), ('-nodefaults extra', 'extra'), ('nohup -cpu host', 'nohup'),
    ('host', 'host'), ('-cpu host pmu=on', 'pmu=on')])
def test_a_stray_word_is_named(line, word):
    done = tool('resolve', '--host', profile(HOST), '--', *line.split())

    assert done.returncode == 2 and f"'{word}' is not an option" in done.stderr, done


# By what a vendor's processors are, not by "not Intel": the same CPU under other names.
@pytest.mark.parametrize('vendor, is_amd', [
    ('GenuineIntel', False), ('  Shanghai  ', False), ('CentaurHauls', False),
    ('HygonGenuine', True), ('AuthenticAMD', True)])
def test_doctor_asks_for_what_the_vendor_has(tmp_path, vendor, is_amd):
    facts = os.path.join(os.path.dirname(profile('x')), 'cpuid',
                         'amd-zen4-genoa.json' if is_amd else 'intel-icelake-sp.json')
    with open(facts, encoding='utf-8') as stream:
        found = json.load(stream)
    text = vendor.encode()
    for leaf in ('0x00000000.0', '0x80000000.0'):
        if leaf in found['cpuid']:
            regs = found['cpuid'][leaf]
            regs[1], regs[3], regs[2] = (
                hex(int.from_bytes(text[at:at + 4], 'little')) for at in (0, 4, 8))
    (tmp_path / 'facts').write_text(json.dumps(found))
    host = tmp_path / 'host'
    done = tool('record', '--from-cpuid', tmp_path / 'facts', '-o', host)
    assert done.returncode == 0, done

    doctor = tool('doctor', '--host', host)
    assert doctor.returncode == 0, doctor
    asked = dict(re.findall(r'^(perfmon-v2|pebs-fmt) +(\S+)', doctor.stdout, re.MULTILINE))
    assert asked == ({'perfmon-v2': 'on'} if is_amd else {'pebs-fmt': 'host'}), doctor
