# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's own drivers find virtio devices on both transports, and they work."""

import pytest

import fetch
import machine
import nested
import suite
import virtio_guest

LINUX = ('vpmu-system-x86_64 -cpu host -nodefaults -display none -serial stdio -m 512 '
         '-kernel /rig/vmlinux -initrd /rig/virtio.gz -append "console=ttyS0 quiet"')


@pytest.fixture(scope='module')
def files(tmp_path_factory):
    try:
        kernel = fetch.Kernel('amd64')
        return {'rig/vmlinux': nested.kernel_elf(kernel),
                'rig/virtio.gz': machine.guest_initramfs(
                    str(tmp_path_factory.mktemp('virtio') / 'virtio.gz'), 'amd64',
                    virtio_guest.files(kernel))}
    except fetch.Unavailable as reason:
        pytest.skip(str(reason))


WAYS = {
    'ports': ('q35 -device pcie-root-port,id=p0 -device pcie-root-port,id=p1', 'pci', ',packed=on'),
    'root bus': ('q35', 'pci', ''),
    'pins': ('q35', 'pci', ',vectors=0'),
    'microvm': ('microvm', 'device', ''),
    'microvm, packed': ('microvm', 'device', ',packed=on'),
}


@pytest.mark.parametrize('way', suite.long_but_first(WAYS))
def test_drivers_find_working_devices(rig, files, way):
    board, bus, form = way
    result = rig(f'''
talk 100 'guest# ' '{virtio_guest.look()}' 'looked-42' 'poweroff -f' -- \\
    {LINUX} -M {board} {virtio_guest.devices(bus, form)}
''', files, timeout=300)

    assert result.ok, result.explain()
    virtio_guest.check(result.output, result.explain())
