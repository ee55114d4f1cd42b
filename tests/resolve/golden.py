#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compare what every machine version gives on every host, and what every x86 CPU model
is, with the committed text.

usage: golden.py GOLDEN [--write [--released REASON]]

GOLDEN is the built program of that name.  A difference is a guest that would see another
CPU after an update: the diff is printed, and --write accepts it.  Lines of released
versions (all but the newest) and of models may be added to.  Where one would change or
go, --write writes nothing, unless --released says why; the commit then says it, too.
"""
import argparse
import difflib
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PROFILES = os.path.join(os.path.dirname(HERE), 'profiles')
SHOWN = 60
# "  vpmu1.0 .. 9.1: what these give"; what is more of it follows, indented further.
VERSION = r'((?:vpmu)?\d+\.\d+)'
VERSIONS = re.compile(rf'  {VERSION}(?: \.\. {VERSION})?: (.*)')


def versions_of(first, last, versions):
    """Those a heading speaks of; one that is no more is not in @versions, newest first."""
    if first not in versions:
        return [first] if last in (None, first) else [first, last]
    begin = versions.index(first)
    if last in versions:
        return versions[begin:versions.index(last) + 1]
    return versions[begin:] + [last] if last else [first]


def unfold(text, versions):
    """What each promise says: {(command line, version) or (model, None): lines}."""
    promises, cpu, keys = {}, None, []
    for line in text.splitlines():
        heading = VERSIONS.fullmatch(line)
        if line.startswith('-cpu '):
            cpu, keys = line, []
        elif heading:
            keys = [(cpu, version)
                    for version in versions_of(heading[1], heading[2], versions)]
            promises.update((key, [heading[3]]) for key in keys)
        elif line.startswith(' '):
            for key in keys:
                promises[key].append(line)
        else:
            keys = [(re.split(r': | is ', line)[0], None)]
            promises[keys[0]] = [line]
    return promises


def broken(before, after, versions):
    """Lines of @before that a released version or a model has no more: a text each."""
    new = unfold(after, versions)
    lost = []
    for (what, version), lines in unfold(before, versions).items():
        left = iter(new.get((what, version), []))
        if version == versions[0]:
            continue
        for line in lines:
            # Consumes what comes before it: the old lines have to keep their order.
            if line not in left:
                lost.append(f'{version + ", " if version else ""}{what}: {line.strip()}')
                break
    return lost


def run(golden, name):
    return subprocess.run([golden, name], check=True, capture_output=True,
                          text=True).stdout


def read(path):
    try:
        with open(path, encoding='utf-8') as stream:
            return stream.read()
    except FileNotFoundError:
        return ''


def differing(golden):
    """(path, committed text, text of today) of those that are not the same."""
    hosts = [os.path.splitext(file) for file in sorted(os.listdir(PROFILES))]
    for name in [name for name, ext in hosts if ext == '.json'] + ['models']:
        path = os.path.join(HERE, 'golden', name + '.txt')
        before, text = read(path), run(golden, name)
        if text != before:
            yield path, before, text


def show(texts):
    for path, before, text in texts:
        diff = difflib.unified_diff(before.splitlines(), text.splitlines(), path, 'now',
                                    lineterm='', n=1)
        print('\n'.join(line[:300] for line in list(diff)[:SHOWN]))
    print(f'{len(texts)} of the texts differ')
    return 1 if texts else 0


def write(texts, versions, reason):
    lost = [f'{os.path.basename(path)}: {line[:200]}' for path, before, text in texts
            for line in broken(before, text, versions)]
    if lost:
        print('\n'.join(lost[:SHOWN]))
        print(f'{len(lost)} promises of released versions or models '
              + (f'are broken: {reason}' if reason else 'would be broken'))
    if lost and not reason:
        print('nothing is written; --released REASON does it')
        return 1
    for path, _, text in texts:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as stream:
            stream.write(text)
    print(f'{len(texts)} of the texts written')
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n', maxsplit=1)[0])
    parser.add_argument('golden')
    parser.add_argument('--write', action='store_true')
    parser.add_argument('--released', metavar='REASON', default='')
    args = parser.parse_args()
    texts = list(differing(args.golden))
    if not args.write:
        return show(texts)
    return write(texts, run(args.golden, 'versions').split(), args.released.strip())


if __name__ == '__main__':
    sys.exit(main())
