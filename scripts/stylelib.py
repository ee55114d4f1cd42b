# SPDX-License-Identifier: GPL-2.0-or-later
"""What the style checkers share: the files to look at, C without comments, exceptions."""

import argparse
import os
import re
import sys

SOURCE_FOLDERS = ('util', 'qapi', 'qom', 'target', 'accel', 'block', 'net', 'chardev', 'ui',
                  'hw', 'migration', 'monitor', 'system', 'lib', 'tools')
SKIP = 77


def arguments(description):
    """Every checker takes the same two folders."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('--root', default=os.path.dirname(os.path.dirname(
        os.path.abspath(__file__))), help='source tree')
    parser.add_argument('--build', default='build', help='build folder')
    return parser.parse_args()


def files(root, folders, suffixes):
    """Paths below @root, sorted, relative to it."""
    found = []
    for folder in folders:
        for where, subfolders, names in os.walk(os.path.join(root, folder)):
            subfolders[:] = sorted(d for d in subfolders if not d.startswith(('.', 'build')))
            found += [os.path.relpath(os.path.join(where, name), root)
                      for name in names if name.endswith(suffixes)]
    return sorted(found)


def read(root, path):
    with open(os.path.join(root, path), encoding='utf-8') as stream:
        return stream.read()


def code_only(text):
    """@text with comments and the insides of strings blanked; line numbers stay."""
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
                         re.DOTALL)

    def blank(match):
        piece = match.group(0)
        keep = piece[0] if piece[0] in '"\'' else ''
        return keep + re.sub(r'[^\n]', ' ', piece[len(keep):len(piece) - len(keep)]) + keep

    return pattern.sub(blank, text)


def exceptions(root, check):
    """Lines 'check subject reason...' of scripts/style-exceptions.txt for one check."""
    allowed = {}
    path = os.path.join(root, 'scripts', 'style-exceptions.txt')
    if not os.path.exists(path):
        return allowed
    with open(path, encoding='utf-8') as stream:
        for number, line in enumerate(stream, 1):
            words = line.split(None, 2)
            if not words or words[0].startswith('#'):
                continue
            if len(words) < 3:
                sys.exit(f'{path}:{number}: an exception needs a check, a subject and a reason')
            if words[0] == check:
                allowed[words[1]] = words[2].strip()
    return allowed


def finish(check, findings, looked_at):
    """Print what was found and leave with the matching status."""
    for finding in findings:
        print(finding)
    print(f'{check}: {looked_at} looked at, {len(findings)} findings')
    sys.exit(1 if findings else 0)


def skip(check, reason):
    print(f'{check}: skipped: {reason}')
    sys.exit(SKIP)
