# SPDX-License-Identifier: GPL-2.0-or-later
"""Packs an initramfs: files, folders, and the shared libraries an ELF program needs."""

import functools
import gzip
import os
import re
import stat
import subprocess


class MissingLibrary(Exception):
    """A program needs a library that none of the given folders has."""


@functools.lru_cache(maxsize=None)
def elf_needs(path):
    """(interpreter or None, names of needed libraries) of an ELF file; (None, []) if not ELF."""
    with open(path, 'rb') as stream:
        if stream.read(4) != b'\x7fELF':
            return None, []
    text = subprocess.run(['readelf', '-Wld', path], text=True, capture_output=True).stdout
    interpreter = re.search(r'Requesting program interpreter: ([^\]]+)\]', text)
    needed = re.findall(r'\(NEEDED\).*\[([^\]]+)\]', text)
    return interpreter.group(1) if interpreter else None, needed


class Initramfs:
    """Entries of a cpio archive in the form the kernel takes (newc)."""

    def __init__(self, library_folders=()):
        self.entries = {}
        self.library_folders = list(library_folders)
        for folder in ('dev', 'proc', 'sys', 'tmp', 'run', 'root', 'bin', 'etc'):
            self.folder(folder)
        self.entries['dev/console'] = (stat.S_IFCHR | 0o600, b'', (5, 1))
        self.entries['dev/null'] = (stat.S_IFCHR | 0o666, b'', (1, 3))

    def folder(self, path):
        path = path.strip('/')
        if path and path not in self.entries:
            self.folder(os.path.dirname(path))
            self.entries[path] = (stat.S_IFDIR | 0o755, b'', None)

    def data(self, path, content, mode=0o644):
        if isinstance(content, str):
            content = content.encode()
        self.folder(os.path.dirname(path))
        self.entries[path.strip('/')] = (stat.S_IFREG | mode, content, None)

    def link(self, path, target):
        self.folder(os.path.dirname(path))
        self.entries[path.strip('/')] = (stat.S_IFLNK | 0o777, target.encode(), None)

    def file(self, path, source):
        """One file; of an ELF program also its interpreter and libraries, and theirs."""
        with open(source, 'rb') as stream:
            self.data(path, stream.read(), 0o755 if os.access(source, os.X_OK) else 0o644)
        interpreter, needed = elf_needs(source)
        if interpreter and interpreter.strip('/') not in self.entries:
            self.file(interpreter, self.find_library(os.path.basename(interpreter), source))
        for name in needed:
            if 'lib/' + name not in self.entries:
                self.file('lib/' + name, self.find_library(name, source))

    def tree(self, path, source):
        for where, _, names in os.walk(source):
            for name in names:
                full = os.path.join(where, name)
                self.file(os.path.join(path, os.path.relpath(full, source)), full)

    def find_library(self, name, wanted_by):
        for folder in self.library_folders:
            candidate = os.path.join(folder, name)
            if os.path.exists(candidate):
                return os.path.realpath(candidate)
        raise MissingLibrary(f'{name}, needed by {wanted_by}')

    def busybox(self, source):
        self.file('bin/busybox', source)
        self.link('bin/sh', 'busybox')

    def pack(self, path, compress=True):
        with (gzip.open(path, 'wb', 1) if compress else open(path, 'wb')) as stream:
            for number, (name, entry) in enumerate(self.entries.items(), 1):
                stream.write(cpio_entry(name, number, *entry))
            stream.write(cpio_entry('TRAILER!!!', 0, 0, b'', None))


def padded(data):
    return data + b'\0' * (-len(data) % 4)


def cpio_entry(name, number, mode, content, device):
    major, minor = device or (0, 0)
    fields = (number, mode, 0, 0, 1, 0, len(content), 0, 0, major, minor, len(name) + 1, 0)
    header = b'070701' + b''.join(b'%08X' % field for field in fields)
    return padded(header + name.encode() + b'\0') + padded(content)
