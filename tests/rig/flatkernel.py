# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's kernel as a bzImage that is not packed, for emulators that interpret."""

import os
import struct
import subprocess
import tempfile

import machine
import nested

FOLDER = os.path.dirname(os.path.abspath(__file__))
STUB_ROOM = 0x4000


def load_image(path):
    """(physical address, entry, bytes) of an ELF kernel as it wants to lie in memory."""
    with open(path, 'rb') as stream:
        data = stream.read()
    offset, = struct.unpack_from('<Q', data, 32)
    size, count = struct.unpack_from('<HH', data, 54)
    segments = []
    for i in range(count):
        kind, _, at, _, physical, filled = struct.unpack_from('<IIQQQQ', data,
                                                              offset + i * size)
        if kind == 1 and filled:
            segments.append((physical, data[at:at + filled]))
    start = min(physical for physical, _ in segments)
    end = max(physical + len(content) for physical, content in segments)
    image = bytearray(-(-(end - start) // 4096) * 4096)
    for physical, content in segments:
        image[physical - start:physical - start + len(content)] = content
    entry, = struct.unpack_from('<Q', data, 24)
    return start, entry, bytes(image)


def assemble(folder, target, entry, size):
    machine.need('gcc', 'objcopy')
    elf, flat = os.path.join(folder, 'stub.elf'), os.path.join(folder, 'stub')
    subprocess.run(['gcc', '-m64', '-nostdlib', '-static', '-no-pie', f'-DTARGET={target}',
                    f'-DENTRY={entry}', f'-DBYTES={size}', '-Wl,-Ttext=0x100000',
                    '-Wl,-N', '-Wl,--build-id=none', '-o', elf, os.path.join(FOLDER, 'flatkernel.S')],
                   check=True, capture_output=True)
    subprocess.run(['objcopy', '-O', 'binary', '-j', '.text', elf, flat], check=True,
                   capture_output=True)
    with open(flat, 'rb') as stream:
        stub = stream.read()
    return stub + bytes(STUB_ROOM - len(stub))


def write(path, kernel):
    """Make @path a bzImage of the fetch.Kernel @kernel without a packed payload."""
    with open(kernel.image, 'rb') as stream:
        packed = stream.read()
    setup = bytearray(packed[:((packed[0x1f1] or 4) + 1) * 512])
    with tempfile.TemporaryDirectory() as folder:
        target, entry, image = load_image(nested.kernel_elf(kernel))
        payload = assemble(folder, target, entry, len(image)) + image
    struct.pack_into('<I', setup, 0x1f4, len(payload) // 16)
    with open(path, 'wb') as stream:
        stream.write(setup + payload)
