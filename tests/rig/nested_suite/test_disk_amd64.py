# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's kernel and its virtio drivers over PCI Express and virtio-mmio."""

import re

import fetch
import machine
import moves
import pytest
import suite

MODULES = ('virtio-ring', 'virtio', 'virtio-pci-legacy-dev', 'virtio-pci-modern-dev',
           'virtio-pci', 'virtio-mmio', 'virtio-blk', 'virtio-rng')
LINUX = ('vpmu-system-x86_64 -cpu host -nodefaults -display none -serial stdio -m 512 '
         '-kernel /rig/vmlinuz -initrd /rig/virtio.gz -append "console=ttyS0 quiet"')
LOAD = 'for m in ' + ' '.join(MODULES) + '; do insmod /lib/$m.ko; done; echo loaded-$((40 + 2))'
DISK = 'dd if=/dev/zero of=/tmp/disk.img bs=1M count=16 2>/dev/null; '
WAYS = {
    'behind a port': '-M q35 -blockdev driver=file,node-name=f,filename=/tmp/disk.img '
                     '-blockdev driver=raw,node-name=d,file=f -device pcie-root-port,id=rp1 '
                     '-device virtio-blk-pci,drive=d,serial=number-1,bus=rp1,packed=on '
                     '-device virtio-rng-pci '
                     '-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,'
                     'resourcecontrol=deny',
    'q35': '-M q35 -drive file=/tmp/disk.img,format=raw,if=none,id=d '
           '-device virtio-blk-pci,drive=d,serial=number-1 -device virtio-rng-pci',
    'microvm': '-M microvm -drive file=/tmp/disk.img,format=raw,if=none,id=d '
               '-device virtio-blk-device,drive=d,serial=number-1 -device virtio-rng-device',
}


@pytest.fixture(scope='session')
def virtio_guest(tmp_path_factory):
    """Debian's kernel and an initramfs with a shell and the drivers."""
    folder = tmp_path_factory.mktemp('virtio')
    try:
        kernel = fetch.Kernel('amd64')
        modules = {f'lib/{name}.ko': kernel.module(name) for name in MODULES}
        return {'rig/vmlinuz': kernel.image,
                'rig/virtio.gz': machine.guest_initramfs(str(folder / 'virtio.gz'), 'amd64',
                                                         modules)}
    except fetch.Unavailable as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize('way', suite.long_but_first(WAYS))
def test_what_a_guest_writes_to_its_disk_it_reads(rig, virtio_guest, way):
    result = rig(f'''
{DISK}
talk 200 'guest# ' '{LOAD}' 'loaded-42' \\
    'cat /sys/block/vda/serial /sys/block/vda/size; cat /proc/interrupts' 'guest# ' \\
    'dd if=/dev/hwrng of=/tmp/r bs=4096 count=256 iflag=fullblock; sha256sum /tmp/r' 'guest# ' \\
    'dd if=/tmp/r of=/dev/vda bs=64k; sync; echo 3 >/proc/sys/vm/drop_caches; echo' 'guest# ' \\
    'dd if=/dev/vda bs=64k count=16 | sha256sum; echo sum-$((40 + 2))' 'sum-42' \\
    'poweroff -f' -- {LINUX} {way}
echo; dd if=/tmp/disk.img bs=64k count=16 2>/dev/null | sha256sum
''', virtio_guest, timeout=400)

    assert result.ok, result.explain()
    assert 'number-132768' in result.output, result.explain() # and no end of line between
    assert 'CRITICAL' not in result.output, result.explain()
    sums = re.findall(r'\b([0-9a-f]{64})\b', result.output)
    assert len(sums) == 3 and len(set(sums)) == 1, result.explain()


MOVED = {
    'pci': '-M q35 -drive file=/tmp/disk.img,format=raw,if=none,id=d '
           '-device pcie-root-port,id=rp1 -device virtio-blk-pci,drive=d,bus=rp1',
    'mmio': '-M microvm -drive file=/tmp/disk.img,format=raw,if=virtio',
}


@pytest.mark.parametrize('way', suite.long_but_first(MOVED))
def test_a_guest_moves_while_it_writes(rig, split, tmp_path, way):
    """Two moves from monitor to monitor, then through a file: one image, one writer."""
    try:
        files = {'rig/vmlinuz': fetch.Kernel('amd64').image,
                 'rig/disk.gz': moves.disk_initramfs(str(tmp_path / 'disk.gz'), 'amd64')}
    except fetch.Unavailable as reason:
        pytest.skip(str(reason))
    monitor = (f'vpmu-system-x86_64 {way} -cpu host -m 256 -nodefaults -display none '
               '-kernel /rig/vmlinuz -initrd /rig/disk.gz '
               '-append "console=ttyS0 quiet rdinit=/init"')
    script = DISK + moves.script(monitor, 'disk ', ['unix', 'file'], 2, show='disk\\|guest:',
                                 steps=5, compare=False)
    result = rig(script, files, memory=3072, timeout=500)

    assert result.ok, result.explain()
    assert moves.check_disk(split(result.output)) > 20, result.explain()
