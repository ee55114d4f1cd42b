# SPDX-License-Identifier: GPL-2.0-or-later
"""Unmodified libvirt as the driver: probe and start in one process, without a daemon."""

import os
import shutil
import signal
import subprocess
import time

import pytest

QEMU_CONF = '''
stdio_handler = "file"
user = "root"
group = "root"
namespaces = [ ]
cgroup_controllers = [ ]
security_driver = "none"
dynamic_ownership = 0
remember_owner = 0
'''

DOMAIN = '''
<domain type='kvm'>
  <name>tested</name>
  <memory unit='MiB'>64</memory>
  <vcpu>2</vcpu>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>{guest}</kernel>
    <cmdline>exit=loop</cmdline>
  </os>
  <features><acpi/><apic/></features>
  <cpu mode='host-passthrough' check='full'/>
  <pm><suspend-to-mem enabled='no'/><suspend-to-disk enabled='no'/></pm>
  <clock offset='utc'><timer name='pit' tickpolicy='delay'/></clock>
  <devices>
    <emulator>{monitor}</emulator>
    <controller type='usb' model='none'/>
    <memballoon model='none'/>
    <serial type='file'><source path='{serial}'/></serial>
  </devices>
</domain>
'''


@pytest.fixture
def virt_qemu_run():
    program = shutil.which('virt-qemu-run')
    if not program:
        pytest.skip('needs virt-qemu-run (libvirt-daemon-driver-qemu)')
    if os.geteuid() != 0:
        pytest.skip('needs root')
    return program


# What virt-install gives a guest of virtio: ports behind ports, nodes behind nodes.
DEVICES = '''
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw' cache='none' discard='unmap'/>
      <source file='{image}'/>
      <target dev='vda' bus='virtio'/>
      <boot order='1'/>
    </disk>
    <interface type='user'><model type='virtio'/></interface>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
    <memballoon model='virtio'><stats period='5'/></memballoon>
    <video><model type='none'/></video>
'''


@pytest.mark.parametrize('with_devices', [False, True])
def test_libvirt_probes_and_starts_a_guest(virt_qemu_run, kvm, x86, monitor, guest, tmp_path,
                                           with_devices):
    serial = tmp_path / 'serial'
    xml = tmp_path / 'domain.xml'
    image = tmp_path / 'disk.img'
    image.write_bytes(bytes(2 ** 20))
    (tmp_path / 'etc').mkdir()
    (tmp_path / 'etc' / 'qemu.conf').write_text(QEMU_CONF)
    text = DOMAIN.format(guest=guest, monitor=monitor, serial=serial)
    if with_devices:
        text = text.replace("    <memballoon model='none'/>\n", DEVICES.format(image=image))
    xml.write_text(text)
    run = subprocess.Popen([virt_qemu_run, '-v', '-r', str(tmp_path), str(xml)],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + 180
    try:
        while not serial.exists() or 'done=ok' not in serial.read_text():
            assert run.poll() is None, run.communicate()[0].decode()
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        run.send_signal(signal.SIGTERM)
        output = run.communicate(timeout=120)[0].decode()
    assert 'vpmu-guest: arch=x86_64' in serial.read_text(), output
