#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compare what every machine version gives on every host, and what every x86 CPU model
is, with the committed text.

usage: golden.py GOLDEN [--write]

GOLDEN is the built program of that name.  A difference is a guest that would see another
CPU after an update: the diff is printed, and --write accepts it.  Lines of released
versions may be added to, not changed; say why in the commit that changes one.
"""
import difflib
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PROFILES = os.path.join(os.path.dirname(HERE), 'profiles')
SHOWN = 60


def main():
    golden = sys.argv[1]
    write = '--write' in sys.argv[2:]
    bad = 0
    hosts = [os.path.splitext(file) for file in sorted(os.listdir(PROFILES))]
    for name in [name for name, ext in hosts if ext == '.json'] + ['models']:
        path = os.path.join(HERE, 'golden', name + '.txt')
        text = subprocess.run([golden, name], check=True, capture_output=True,
                              text=True).stdout
        try:
            with open(path, encoding='utf-8') as stream:
                before = stream.read()
        except FileNotFoundError:
            before = ''
        if text == before:
            continue
        if write:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'w', encoding='utf-8') as stream:
                stream.write(text)
            continue
        bad += 1
        diff = difflib.unified_diff(before.splitlines(), text.splitlines(), path, 'now',
                                    lineterm='', n=1)
        print('\n'.join(line[:300] for line in list(diff)[:SHOWN]))
    print(f'{bad} of the texts differ')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
