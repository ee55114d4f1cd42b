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


def replace_rows(payload, version, changes):
    """A saved state table as of @version: rows by name get other bytes, or None: go."""
    kept = []
    _, count = struct.unpack_from('<II', payload, 0)
    at = 8
    for _ in range(count):
        size = payload[at]
        name = payload[at + 1:at + 1 + size].decode()
        kind, elements = struct.unpack_from('<BI', payload, at + 1 + size)
        end = at + 6 + size + elements * WIDTHS[kind]
        if name not in changes:
            kept.append(payload[at:end])
        elif changes[name] is not None:
            head = payload[at:at + 2 + size]
            kept.append(head + struct.pack('<I', len(changes[name]) // WIDTHS[kind]) +
                        changes[name])
        at = end
    return struct.pack('<II', version, len(kept)) + b''.join(kept)


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


MSR_TSC, MSR_TSC_ADJUST = 0x10, 0x3b
LAPIC_COUNT = 0x390


def msrs(blob):
    """Pairs of number and value."""
    return [struct.unpack_from('<IQ', blob, at) for at in range(0, len(blob), 12)]


def compare(before, after, seconds):
    """Two streams of one stopped x86 guest: every row is the same.

    What follows time goes on meanwhile, and differs by no more than the @seconds that
    have passed: the TSC, the clock, the power-management timer, the APIC timer's count, the
    PIT's time of loading.
    """
    assert before.contract == after.contract
    assert before.sections.keys() == after.sections.keys()
    for place, rows in before.sections.items():
        others = after.sections[place]
        assert rows.keys() == others.keys()
        for name, value in rows.items():
            check = TIME_ROWS.get(name)
            if check:
                check(rows, others, seconds)
            else:
                assert value == others[name], (place, name)


def compare_msrs(before, after, seconds):
    mine, theirs = msrs(before['msrs']), msrs(after['msrs'])
    khz, = before['tsc-khz']
    assert [number for number, _ in mine] == [number for number, _ in theirs]
    for (number, value), (_, other) in zip(mine, theirs):
        if number == MSR_TSC:
            assert abs(other - value) <= seconds * khz * 1000, (value, other, seconds)
        else:
            assert value == other, (hex(number), hex(value), hex(other))


def compare_lapic(before, after, _):
    """The count is what is left of the initial count, which is a row of its own."""
    mine, theirs = (bytes(rows['lapic']) for rows in (before, after))
    for at in range(0, len(mine), 16):
        if at != LAPIC_COUNT:
            assert mine[at:at + 16] == theirs[at:at + 16], f'lapic {at:#x}'


def compare_clock(before, after, seconds):
    assert abs(before['clock-ns'][0] - after['clock-ns'][0]) <= seconds * 1e9


def compare_timer(before, after, seconds):
    assert abs(before['timer-us'][0] - after['timer-us'][0]) <= seconds * 1e6


def compare_pit(before, after, _):
    """Of each channel the host's time of loading its count is the host's business."""
    mine, theirs = (bytes(rows['pit']) for rows in (before, after))
    for channel in range(3):
        end = channel * 24 + 16
        assert mine[end - 16:end] == theirs[end - 16:end], f'channel {channel}'
    assert mine[72:] == theirs[72:]


TIME_ROWS = {'msrs': compare_msrs, 'lapic': compare_lapic, 'clock-ns': compare_clock,
             'timer-us': compare_timer, 'pit': compare_pit}
