# SPDX-License-Identifier: GPL-2.0-or-later
"""libvirt with the extended map on a host that has PEBS: real libvirt, real kvm_intel, made-up
counters.  One more boot of the Bochs rig, so with scripts/test --long only.

libvirt runs in one process there (virt-qemu-run), with all it reads of this machine's.
"""

import os
import shutil
import subprocess
import sys

import pytest

import bochs_msrs
import compare_contract
import suite

DRIVER = '/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so'
MAP = '/usr/share/libvirt/cpu_map'
FILES = {
    'etc/passwd': 'root:x:0:0::/root:/bin/sh\nlibvirt-qemu:x:64055:64055::/:/bin/false\n',
    'etc/group': 'root:x:0:\nlibvirt-qemu:x:64055:\n',
    'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
    'vq/etc/qemu.conf': '''stdio_handler = "file"
user = "root"
group = "root"
namespaces = [ ]
cgroup_controllers = [ ]
security_driver = "none"
dynamic_ownership = 0
remember_owner = 0
''',
}
DOMAIN = '''
<domain type='kvm'>
  <name>tested</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type><kernel>/rig/vpmu-guest</kernel>
    <cmdline>exit=loop</cmdline></os>
  <features><acpi/><apic/><pmu state='on'/></features>
  <cpu mode='host-passthrough' check='full'><feature policy='require' name='{name}'/></cpu>
  <devices><emulator>/rig/vpmu-system-x86_64</emulator>
    <controller type='usb' model='none'/><memballoon model='none'/>
    <serial type='file'><source path='/tmp/{name}.serial'/></serial></devices>
</domain>
'''
JOB = '''
dmesg -n 1
mkdir -p /var/tmp
for name in pebs-baseline pebs-arch-reg; do
    virt-qemu-run -v -r /vq /rig/$name.xml > /tmp/out 2>&1 & libvirt=$!
    while kill -0 $libvirt 2> /dev/null && ! grep -qs done= /tmp/$name.serial; do sleep 0.5; done
    echo "### $name"; cat /tmp/out
    echo "### $name-guest"; cat /tmp/$name.serial
    kill $libvirt 2> /dev/null; wait $libvirt
done
echo "### line"; grep -e ^-cpu /vq/log/qemu/tested.log
'''


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


@pytest.fixture(scope='module')
def said(rig, tmp_path_factory):
    if not os.environ.get('VPMU_LONG'):
        pytest.skip('scripts/test --long: one more boot under Bochs')
    program = shutil.which('virt-qemu-run')
    if not program or not os.path.exists(DRIVER):
        pytest.skip('needs virt-qemu-run (libvirt-daemon-driver-qemu)')
    folder = tmp_path_factory.mktemp('libvirt')
    write(folder / 'var/lib/dpkg/diversions', '')
    shutil.copytree(MAP, str(folder) + MAP)
    subprocess.run([sys.executable, '-B', os.path.join(suite.ROOT, 'patches/libvirt/cpu-map'),
                    'install', '--root', str(folder)], check=True)
    files = {'usr/bin/virt-qemu-run': program, DRIVER.strip('/'): DRIVER,
             MAP.strip('/'): str(folder) + MAP}
    files.update({path: write(folder / path, text) for path, text in FILES.items()})
    for name in ('pebs-arch-reg', 'pebs-baseline'):
        files[f'rig/{name}.xml'] = write(folder / f'{name}.xml', DOMAIN.format(name=name))
    result = rig(JOB, files, timeout=400, msrs=bochs_msrs.definition(), fakepmu='pebs')
    found = suite.sections(result.console)
    assert 'line' in found, result.explain()[-6000:]
    return found


def test_guest_that_requires_a_name_has_pebs(said):
    found = compare_contract.facts(said['pebs-arch-reg-guest'])

    assert found.get('done') == 'ok', said
    assert found['perf-capabilities'] == '0x24c0'  # format 4, bits 6, 7 and 13
    assert found['msr.pebs-enable'] == found['msr.ds-area'] == '0'
    assert '-cpu host,migratable=on,pebs-arch-reg=on,pmu=on' in said['line']


def test_guest_that_requires_what_kvm_withholds_does_not_start(said):
    assert 'missing features: pebs-baseline' in said['pebs-baseline']
    assert 'cannot start VM' in said['pebs-baseline']
