#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""MAINTAINERS draws the borders of check-layers.py: what it names is there, each room is named."""

import glob
import importlib.util
import os
import re

import stylelib


def rooms():
    """The folders and rooms of the layers' table."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'check-layers.py')
    spec = importlib.util.spec_from_file_location('layers', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return sorted(module.ALLOWED)


def named(text):
    """(line, pattern) of every file or test that MAINTAINERS @text names."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r'[FT]: ', line):
            found += [(number, word.rstrip(';')) for word in line[3:].split()
                      if '/' in word]
    return found


def check_text(root, text, folders):
    """@folders: rooms that there are, each of which has to be named as such."""
    names = named(text)
    findings = [f'MAINTAINERS:{line}: there is no {pattern}' for line, pattern in names
                if not glob.glob(os.path.join(root, pattern))]
    whole = {pattern.rstrip('/') for _, pattern in names}
    findings += [f'MAINTAINERS: nobody looks after {folder}/' for folder in folders
                 if folder not in whole and folder + '/*.c' not in whole]
    return findings


def main():
    args = stylelib.arguments(__doc__)
    folders = [room for room in rooms() if os.path.isdir(os.path.join(args.root, room))]
    stylelib.finish('maintainers', check_text(
        args.root, stylelib.read(args.root, 'MAINTAINERS'), folders), len(folders))


if __name__ == '__main__':
    main()
