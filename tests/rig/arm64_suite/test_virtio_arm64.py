# SPDX-License-Identifier: GPL-2.0-or-later
"""Virtio devices of the arm64 build: a bare guest's driver, and Debian's."""

import pytest

import fetch
import machine
import suite
import virtio_guest

BARE = ('vpmu-system-aarch64 -nodefaults -display none -serial stdio -m 128 -M virt '
        '-kernel /rig/vpmu-guest -append "repeat=0 virtio=167788032 laps=200"')
LINUX = ('vpmu-system-aarch64 -nodefaults -display none -serial stdio -m 512 -M virt '
         '-cpu host -kernel /rig/Image -initrd /rig/virtio.gz -append "console=ttyAMA0 quiet"')


def test_bare_guest_gets_random_bytes(rig, split):
    result = rig(f'''
for form in packed=off packed=on; do
    echo "### $form"
    {BARE} -device virtio-rng-device,$form; echo status=$?
done
''')

    assert result.ok, result.explain()
    for name, text in split(result.output).items():
        assert 'virtio=ok' in text and 'status=0' in text, f'{name}: {text}'


@suite.LONG
@pytest.mark.parametrize('bus', ['device', 'pci'])
def test_drivers_find_working_devices(rig, tmp_path, bus):
    try:
        kernel = fetch.Kernel('arm64')
        files = {'rig/Image': kernel.image,
                 'rig/virtio.gz': machine.guest_initramfs(
                     str(tmp_path / 'virtio.gz'), 'arm64', virtio_guest.files(kernel))}
    except fetch.Unavailable as reason:
        pytest.skip(str(reason))
    result = rig(f'''
talk 300 'guest# ' '{virtio_guest.look()}' 'looked-42' 'poweroff -f' -- \\
    {LINUX} {virtio_guest.devices(bus)}
''', files, timeout=420)

    assert result.ok, result.explain()
    virtio_guest.check(result.output, result.explain())
