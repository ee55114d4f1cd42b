# SPDX-License-Identifier: GPL-2.0-or-later
"""A QEMU with the steps of patches/qemu in an x86 rig: the command, and what it needs."""

import os

import pytest

import suite

# What QEMU starts an ELF guest with, where Debian has it.
FIRMWARE = {'bios-256k.bin': '/usr/share/seabios', 'kvmvapic.bin': '/usr/share/qemu',
            'multiboot_dma.bin': '/usr/share/qemu', 'linuxboot_dma.bin': '/usr/share/qemu'}


def qemu():
    """(command, files) of the QEMU; the guest handles no legacy interrupts.  libvpmu is the one
    that was built, if it wants it."""
    program = suite.peer()
    files = {'lib/libvpmu.so.1': suite.builder('VPMU_BUILD', 'build')[1]('lib', 'libvpmu.so.1'),
             'rig/qemu': program}
    for name, folder in FIRMWARE.items():
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            pytest.skip(f'{path} is not there: QEMU cannot start a guest without')
        files[f'rig/firmware/{name}'] = path
    return '/rig/qemu -accel kvm -L /rig/firmware -M q35,pit=off,pic=off', files
