# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's arm64 kernel and its virtio drivers over PCI Express and virtio-mmio."""

import re

import fetch
import machine
import moves
import pytest
import suite

MODULES = ('virtio-ring', 'virtio', 'virtio-pci-legacy-dev', 'virtio-pci-modern-dev',
           'virtio-pci', 'virtio-mmio', 'virtio-blk', 'virtio-rng')
LINUX = ('vpmu-system-aarch64 -M virt -cpu host -nodefaults -display none -serial stdio '
         '-m 512 -kernel /rig/Image -initrd /rig/virtio.gz '
         '-append "console=ttyAMA0 quiet rdinit=/init" '
         '-drive file=/tmp/disk.img,format=raw,if=none,id=d')
LOAD = ('for m in ' + ' '.join(MODULES) + '; do insmod /lib/$m.ko 2>/dev/null; done; '
        'echo loaded-$((40 + 2))')
WAYS = {
    'pci': '-device virtio-blk-pci,drive=d,serial=number-1 -device virtio-rng-pci',
    'mmio': '-device virtio-blk-device,drive=d,serial=number-1 -device virtio-rng-device',
}


@pytest.fixture(scope='session')
def virtio_guest(tmp_path_factory):
    """Debian's kernel and an initramfs with a shell and the drivers that are modules."""
    try:
        kernel = fetch.Kernel('arm64')
        modules = moves.kernel_modules(kernel, MODULES)
        path = str(tmp_path_factory.mktemp('virtio') / 'virtio.gz')
        return {'rig/Image': kernel.image,
                'rig/virtio.gz': machine.guest_initramfs(path, 'arm64', modules)}
    except fetch.Unavailable as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize('way', suite.long_but_first(WAYS))
def test_what_a_guest_writes_to_its_disk_it_reads(rig, virtio_guest, way):
    result = rig(f'''
dd if=/dev/zero of=/tmp/disk.img bs=1M count=16 2>/dev/null
talk 400 'guest# ' '{LOAD}' 'loaded-42' \\
    'cat /sys/block/vda/serial /sys/block/vda/size; cat /proc/interrupts' 'guest# ' \\
    'dd if=/dev/hwrng of=/tmp/r bs=4096 count=64 iflag=fullblock; sha256sum /tmp/r' 'guest# ' \\
    'dd if=/tmp/r of=/dev/vda bs=64k; sync; echo 3 >/proc/sys/vm/drop_caches; echo' 'guest# ' \\
    'dd if=/dev/vda bs=64k count=4 | sha256sum; echo sum-$((40 + 2))' 'sum-42' \\
    'poweroff -f' -- {LINUX} {way}
echo; dd if=/tmp/disk.img bs=64k count=4 2>/dev/null | sha256sum
''', virtio_guest, timeout=600)

    assert result.ok, result.explain()
    assert 'number-132768' in result.output, result.explain()  # and no end of line between
    sums = re.findall(r'\b([0-9a-f]{64})\b', result.output)
    assert len(sums) == 3 and len(set(sums)) == 1, result.explain()


@suite.LONG
@pytest.mark.parametrize('device', ['virtio-blk-pci', 'virtio-blk-device'])
def test_a_guest_moves_while_it_writes(rig, split, tmp_path, device):
    """Two moves from monitor to monitor, then through a file: one image, one writer."""
    try:
        files = {'rig/Image': fetch.Kernel('arm64').image,
                 'rig/disk.gz': moves.disk_initramfs(str(tmp_path / 'disk.gz'), 'arm64')}
    except fetch.Unavailable as reason:
        pytest.skip(str(reason))
    monitor = ('vpmu-system-aarch64 -M virt -cpu host -m 256 -nodefaults -display none '
               '-drive file=/tmp/disk.img,format=raw,if=none,id=d '
               f'-device {device},drive=d -kernel /rig/Image -initrd /rig/disk.gz '
               '-append "console=ttyAMA0 quiet rdinit=/init"')
    script = ('dd if=/dev/zero of=/tmp/disk.img bs=1M count=16 2>/dev/null\n' +
              moves.script(monitor, 'disk ', ['unix', 'file'], 1, show='disk\\|guest:',
                           steps=3, compare=False))
    result = rig(script, files, timeout=700)

    assert result.ok, result.explain()
    assert moves.check_disk(split(result.output)) > 5, result.explain()
