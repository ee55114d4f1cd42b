# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's kernel with its drivers of virtio, and what it has to say of its devices."""

import fetch

MODULES = ['virtio_ring', 'virtio', 'virtio_pci_modern_dev', 'virtio_pci_legacy_dev',
           'virtio_pci', 'virtio_mmio', 'virtio-rng', 'virtio_console', 'virtio_balloon']

# The agent's port is the one with a name.
LOOK = '''cd /m; for m in {modules}; do insmod $m.ko 2>/dev/null; done
for d in /sys/bus/virtio/devices/*; do echo device $(cat $d/device) $(cat $d/status); done
dd if=/dev/hwrng bs=64 count=16 2>/dev/null | md5sum | grep -v d41d8cd9 && echo rng-works
for p in /sys/class/virtio-ports/*; do [ -e $p/name ] && cat $p/name; done
port=/dev/$(cd /sys/class/virtio-ports; for p in *; do [ -e $p/name ] && echo $p; done)
echo from-guest > $port && echo port-works
dmesg | grep -iE "virtio.*(fail|error|broken)"
echo looked-$((40 + 2))'''

DEVICES = ('-chardev ringbuf,id=ring -device virtio-rng-{bus},id=r0{form} '
           '-device virtio-serial-{bus},id=vs0{form} '
           '-device virtserialport,bus=vs0.0,nr=1,chardev=ring,name=org.example.0 '
           '-device virtio-balloon-{bus},id=b0{form}')


def files(kernel):
    """Path in the guest -> path here, for machine.guest_initramfs().  The arm64 kernel has
    the first ones built in."""
    found = {}
    for name in MODULES:
        try:
            found[f'm/{name}.ko'] = kernel.module(name)
        except fetch.Unavailable:
            if name not in ('virtio_ring', 'virtio'):
                raise
    return found


def look():
    return LOOK.format(modules=' '.join(MODULES)).replace('\n', '; ').replace('do;', 'do')


def devices(bus, form=''):
    return DEVICES.format(bus=bus, form=form)


def check(output, explain):
    """Three drivers that are ready, and whose devices work."""
    for number in ('0x0003', '0x0004', '0x0005'):
        assert f'device {number} 0x0000000f' in output, explain
    for word in ('rng-works', 'port-works', 'org.example.0'):
        assert word in output, explain
