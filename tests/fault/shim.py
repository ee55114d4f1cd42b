# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading what shim.c reports; names of KVM requests."""

import re
import struct

LAYOUT = struct.Struct('<6Q208s')


class Report:
    """The shared page of a preloaded shim."""

    def __init__(self, path):
        self.path = str(path)
        with open(self.path, 'wb') as stream:
            stream.write(bytes(LAYOUT.size))

    def read(self):
        with open(self.path, 'rb') as stream:
            values = LAYOUT.unpack(stream.read(LAYOUT.size))
        names = ('ioctls', 'files', 'all_ioctls', 'failed', 'left_open', 'has_run', 'path')
        return dict(zip(names, values[:6] + (values[6].rstrip(b'\0').decode(),)))

    def clear(self):
        with open(self.path, 'r+b') as stream:
            stream.write(bytes(LAYOUT.size))


def request_names(header='/usr/include/linux/kvm.h'):
    """Request number (the low byte) -> the names the kernel header gives it."""
    names = {}
    with open(header, encoding='utf-8') as stream:
        for name, number in re.findall(
                r'^#define\s+(KVM_\w+)\s+_IO[RW]*\(KVMIO,\s*(0x[0-9a-f]+)', stream.read(),
                re.MULTILINE):
            names.setdefault(int(number, 16), []).append(name)
    return names
