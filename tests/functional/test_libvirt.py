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


def test_libvirt_probes_and_starts_a_guest(virt_qemu_run, kvm, x86, monitor, guest, tmp_path):
    serial = tmp_path / 'serial'
    xml = tmp_path / 'domain.xml'
    (tmp_path / 'etc').mkdir()
    (tmp_path / 'etc' / 'qemu.conf').write_text(QEMU_CONF)
    xml.write_text(DOMAIN.format(guest=guest, monitor=monitor, serial=serial))
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
