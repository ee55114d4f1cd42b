#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writable symbols of the built objects: none, but those that are listed with a reason."""

import os
import re
import subprocess

import stylelib

# ELF section names that hold data the program can change.
WRITABLE = re.compile(r'^(\.data(?!\.rel\.ro)|\.bss|\.tdata|\.tbss|\*COM\*)')
SYMBOL = re.compile(r'^[0-9a-f]+ (.{7}) (\S+)\s+[0-9a-f]+ (?:\.hidden )?(\S+)$')


def objects(build):
    """(object file, source folder it came from), tests and generated code left out."""
    for where, subfolders, names in os.walk(build):
        subfolders.sort()
        folder = os.path.relpath(where, build).split(os.sep)[0]
        if folder in stylelib.SOURCE_FOLDERS:
            for name in sorted(names):
                if name.endswith('.o'):
                    yield os.path.join(where, name)


def parse(listing):
    """Names of writable objects in the output of objdump -t."""
    found = []
    for line in listing.splitlines():
        match = SYMBOL.match(line)
        if match and 'O' in match.group(1) and WRITABLE.match(match.group(2)):
            found.append(re.sub(r'\.\d+$', '', match.group(3)))
    return found


def is_instrumented(build):
    """Sanitizers and coverage add symbols of their own."""
    path = os.path.join(build, 'compile_commands.json')
    if not os.path.exists(path):
        return True
    with open(path, encoding='utf-8') as stream:
        text = stream.read()
    return '-fsanitize' in text or '--coverage' in text


def main():
    args = stylelib.arguments(__doc__)
    if is_instrumented(args.build):
        stylelib.skip('globals', 'needs a plain build')
    allowed = stylelib.exceptions(args.root, 'globals')
    findings, count, used = [], 0, set()
    for path in objects(args.build):
        count += 1
        run = subprocess.run(['objdump', '-t', path], text=True, capture_output=True)
        if run.returncode:
            findings.append(f'{path}: {run.stderr.strip()}')
        name = os.path.relpath(path, args.build)
        if name.startswith('system' + os.sep):
            continue
        source = re.sub(r'\.o$', '', os.path.basename(path))
        for symbol in parse(run.stdout):
            if symbol in allowed:
                used.add(symbol)
            else:
                findings.append(f'{source}: writable global {symbol}')
    if not count:
        stylelib.skip('globals', f'no objects in {args.build}')
    stylelib.finish('globals', findings, count)


if __name__ == '__main__':
    main()
