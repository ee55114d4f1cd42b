# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads the migration stream, independently of the program: frames, sections, rows."""

import json
import struct
import zlib

MAGIC = b'VPMUSTRM'
HEADER, CONTRACT, RAM, RAM_PASS, STATE, END = range(1, 7)
WIDTHS = {0: 1, 1: 2, 2: 4, 3: 8, 4: 1, 5: 1}
BLOB = 5


def frames(data):
    """(offset, kind, payload) of each frame; raises ValueError where one is damaged."""
    if data[:8] != MAGIC:
        raise ValueError('no magic number')
    at = 12
    while at < len(data):
        kind, size, crc = struct.unpack_from('<III', data, at)
        payload = data[at + 12:at + 12 + size]
        if len(payload) != size or zlib.crc32(data[at:at + 8] + payload) != crc:
            raise ValueError(f'damaged at {at}')
        yield at, kind, payload
        at += 12 + size
        if kind == END:
            return


def frame(kind, payload):
    """The bytes of a frame, checksum right."""
    head = struct.pack('<II', kind, len(payload))
    return head + struct.pack('<I', zlib.crc32(head + payload)) + payload


def rows(payload):
    """Row name -> bytes, or list of numbers, of one saved state table."""
    found = {}
    _, count = struct.unpack_from('<II', payload, 0)
    at = 8
    for _ in range(count):
        size = payload[at]
        name = payload[at + 1:at + 1 + size].decode()
        at += 1 + size
        kind, elements = struct.unpack_from('<BI', payload, at)
        at += 5
        data = payload[at:at + elements * WIDTHS[kind]]
        at += len(data)
        found[name] = data if kind == BLOB else [
            int.from_bytes(data[i:i + WIDTHS[kind]], 'little')
            for i in range(0, len(data), WIDTHS[kind])]
    assert at == len(payload)
    return found


class Saved:
    """A whole stream: header, contract, sections by (name, instance)."""

    def __init__(self, data):
        self.frames = list(frames(data))
        kinds = [kind for _, kind, _ in self.frames]
        assert kinds[:2] == [HEADER, CONTRACT] and kinds[-1] == END, kinds
        self.header = json.loads(self.frames[0][2])
        self.contract = json.loads(self.frames[1][2])
        self.sections = {}
        for _, kind, payload in self.frames:
            if kind == STATE:
                size = payload[0]
                name = payload[1:1 + size].decode()
                instance, = struct.unpack_from('<I', payload, 1 + size)
                self.sections[name, instance] = rows(payload[5 + size:])
