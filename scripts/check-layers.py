#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Includes point down: who may include whom is the table below and nothing else.

An arrow that is missing is added here first, with a reason, or not at all.  A folder's rooms
have layers of their own, and no two headers need each other.
"""

import os
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
    # Text to spec: whether what it names exists is for the plan to say.
    'system/cmdline': BASE | BACKENDS,
    # Spec and profile to plan, and what a plan says of its guest to a stream.
    'system/plan': BASE | BACKENDS | {'target', 'accel', 'hw', 'migration', 'system/cmdline'},
    # Plan to what exists.
    'system/vm': BASE | BACKENDS | {'target', 'accel', 'hw', 'system/cmdline', 'system/plan'},
    # What an operator asks of all that.
    'system/qmp': BASE | BACKENDS | {'target', 'accel', 'hw', 'migration', 'monitor',
                                     'system/cmdline', 'system/plan', 'system/vm'},
    # The process.
    'system': BASE | BACKENDS | {'target', 'accel', 'hw', 'migration', 'monitor',
                                 'system/cmdline', 'system/plan', 'system/vm', 'system/qmp'},
    # libvpmu's header stands by itself; who uses it may have nothing else of this tree.
    'vpmu': set(),
    # Reads streams and, with the monitor's own parser, its command lines; of hw only what a
    # section of a stream is and what -machine accepts.
    'lib': BASE | {'target', 'accel', 'hw', 'migration', 'system/cmdline', 'vpmu'},
    # The library's first user: what is known of CPUs and streams comes through its header.
    'tools': {'vpmu'},
}

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def folder_of(path):
    """The room @path is in, or else its folder: 'system/plan/x.c' is in system/plan."""
    parts = path.removeprefix('include/').split('/')
    room = '/'.join(parts[:2])
    return room if room in ALLOWED else parts[0]


def check_file(path, text):
    folder = folder_of(path)
    if folder not in ALLOWED:
        return []
    findings = []
    for match in INCLUDE.finditer(text):
        target = folder_of(match.group(1))
        line = text.count('\n', 0, match.start()) + 1
        if '/' not in match.group(1) or target == folder or target not in ALLOWED:
            continue
        if target not in ALLOWED[folder]:
            findings.append(f'{path}:{line}: {folder} may not include {match.group(1)}')
    return findings


def find_circles(headers):
    """@headers: path to text.  Headers that lead back to themselves, each circle once."""
    arrows = {}
    for path, text in headers.items():
        near = [os.path.join(os.path.dirname(path), name) for name in INCLUDE.findall(text)]
        far = [os.path.join('include', name) for name in INCLUDE.findall(text)]
        arrows[path] = [target for target in near + far if target in headers]
    findings, done = [], set()

    def walk(path, trail):
        if path in trail:
            circle = trail[trail.index(path):] + [path]
            findings.append(f'{path}: includes itself: ' + ' -> '.join(circle))
        elif path not in done:
            for target in arrows[path]:
                walk(target, trail + [path])
            done.add(path)

    for path in sorted(arrows):
        walk(path, [])
    return findings


def main():
    args = stylelib.arguments(__doc__)
    paths = stylelib.files(args.root, stylelib.SOURCE_FOLDERS + ('include',), ('.c', '.h'))
    texts = {path: stylelib.read(args.root, path) for path in paths}
    findings = find_circles({path: text for path, text in texts.items() if path.endswith('.h')})
    for path, text in texts.items():
        findings += check_file(path, text)
    stylelib.finish('layers', findings, len(paths))


if __name__ == '__main__':
    main()
