# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading what shim.c reports; names of KVM requests."""

import re
import struct

LAYOUT = struct.Struct('<6Q208s4Q')
ARMED = struct.Struct('<4Q')
ARMED_AT = LAYOUT.size - ARMED.size
KINDS = {'ioctl': 1, 'file': 2, 'send': 3, 'sync': 4}


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
        armed = ('armed_kind', 'armed_fail', 'armed_count', 'armed_failed')
        return dict(zip(names + armed,
                        values[:6] + (values[6].rstrip(b'\0').decode(),) + values[7:]))

    def arm(self, kind, nth):
        """From here uses of @kind are counted, and number @nth fails; 0: none does."""
        with open(self.path, 'r+b', buffering=0) as stream:
            stream.seek(ARMED_AT)
            stream.write(ARMED.pack(KINDS[kind], nth, 0, 0))

    def disarm(self):
        with open(self.path, 'r+b', buffering=0) as stream:
            stream.seek(ARMED_AT)
            stream.write(struct.pack('<Q', 0))

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
