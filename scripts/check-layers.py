#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Includes point down: who may include whom is the table below and nothing else.

An arrow that is missing is added here first, with a reason, or not at all.
"""

import re

import stylelib

BASE = {'util', 'qapi', 'qom'}
BACKENDS = {'block', 'net', 'chardev', 'ui'}

ALLOWED = {
    'util': set(),
    'qapi': {'util'},
    'qom': {'util', 'qapi'},
    'target': BASE,
    'accel': BASE | {'target'},
    'block': BASE,
    'net': BASE,
    'chardev': BASE,
    'ui': BASE,
    # Of accel only include/accel/: interrupt lines, notifiers, memory slots.
    'hw': BASE | BACKENDS | {'target', 'accel'},
    # Walks state tables and dirty pages; knows no device.
    'migration': BASE | {'target', 'accel'},
    'monitor': BASE | {'chardev'},
    'system': BASE | BACKENDS | {'target', 'accel', 'hw', 'migration', 'monitor'},
    # Reads streams and, with the monitor's own parser, its command lines; of hw only what a
    # section of a stream is and what -machine accepts.
    'tools': BASE | {'target', 'accel', 'hw', 'migration', 'system'},
}

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def folder_of(path):
    parts = path.split('/')
    return parts[1] if parts[0] == 'include' else parts[0]


def check_file(path, text):
    folder = folder_of(path)
    if folder not in ALLOWED:
        return []
    findings = []
    for match in INCLUDE.finditer(text):
        target = match.group(1).split('/')[0]
        line = text.count('\n', 0, match.start()) + 1
        if '/' not in match.group(1) or target == folder or target not in ALLOWED:
            continue
        if target not in ALLOWED[folder]:
            findings.append(f'{path}:{line}: {folder} may not include {match.group(1)}')
    return findings


def main():
    args = stylelib.arguments(__doc__)
    paths = stylelib.files(args.root, stylelib.SOURCE_FOLDERS + ('include',), ('.c', '.h'))
    findings = []
    for path in paths:
        findings += check_file(path, stylelib.read(args.root, path))
    stylelib.finish('layers', findings, len(paths))


if __name__ == '__main__':
    main()
