# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's driver of virtio-net has an address from the user network, and reaches its host."""

import hashlib

import pytest

import fetch
import machine
import nested

MODULES = ['virtio_ring', 'virtio', 'virtio_pci_modern_dev', 'virtio_pci_legacy_dev',
           'virtio_pci', 'virtio_mmio', 'failover', 'net_failover', 'virtio_net', 'af_packet']
LINUX = ('vpmu-system-x86_64 -cpu host -nodefaults -display none -serial stdio -m 512 '
         '-kernel /rig/vmlinux -initrd /rig/net.gz -append "console=ttyS0 quiet"')
CONTENT = b''.join(b'line %d\n' % number for number in range(200000))

GUEST = '; '.join([
    'cd /m', f'for m in {" ".join(MODULES)}; do insmod $m.ko 2>/dev/null; done',
    'echo address $(cat /sys/class/net/eth0/address)',
    r'printf "#!/bin/sh\n[ \$1 = bound ] && ifconfig \$interface \$ip netmask \$subnet\n" '
    '> /dhcp',
    'chmod +x /dhcp', 'ifconfig eth0 up', 'udhcpc -i eth0 -n -q -s /dhcp',
    'echo has $(ifconfig eth0 | grep -o "addr:[0-9.]*")',
    'wget -q -O - http://10.0.2.2:8080/file | md5sum',
    'dmesg | grep -iE "virtio.*(fail|error|broken)"', 'echo looked-$((40 + 2))'])


@pytest.fixture(scope='module')
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp('net')
    (folder / 'file').write_bytes(CONTENT)
    try:
        kernel = fetch.Kernel('amd64')
        modules = {}
        for name in MODULES:
            try:
                modules[f'm/{name}.ko'] = kernel.module(name)
            except fetch.Unavailable:
                assert name == 'af_packet'  # in some kernels it is built in
        return {'rig/vmlinux': nested.kernel_elf(kernel), 'rig/www/file': str(folder / 'file'),
                'rig/net.gz': machine.guest_initramfs(str(folder / 'net.gz'), 'amd64',
                                                      modules)}
    except fetch.Unavailable as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize('network', [
    '-M q35 -netdev user,id=n -device virtio-net-pci,netdev=n',
    '-M q35 -nic user,model=virtio -global virtio-net-pci.packed=on',
    '-M microvm -netdev user,id=n -device virtio-net-device,netdev=n',
])
def test_an_address_and_a_file(rig, files, network):
    result = rig(f'''
ip link set lo up
httpd -p 127.0.0.1:8080 -h /rig/www
talk 100 'guest# ' '{GUEST}' 'looked-42' 'poweroff -f' -- {LINUX} {network}
''', files, timeout=300)

    assert result.ok, result.explain()
    assert 'address 52:54:00:12:34:56' in result.output, result.explain()
    assert 'has addr:10.0.2.15' in result.output, result.explain()
    assert hashlib.md5(CONTENT).hexdigest() in result.output, result.explain()
