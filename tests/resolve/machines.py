#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Hold the lists of old defaults against those of QEMU's machines.

usage: machines.py DOC_TABLES

DOC_TABLES is the built program of that name.  Each machine version of QEMU is here, and
each of its compat properties of CPUs and accelerator is a row here with the same value for
the same versions, or has a reason in qemu-11.1.3/machine-differences.json.  What is here
and not there undoes what the project's own versions brought: it ends with QEMU's newest.
"""
import json
import os
import subprocess
import sys

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'qemu-11.1.3')


def load(name):
    with open(os.path.join(DATA, name), encoding='utf-8') as stream:
        return json.load(stream)


def table(program, name):
    """The rows of a generated table, cell by cell."""
    text = subprocess.run([program, name], check=True, capture_output=True,
                          text=True).stdout
    return [[cell.strip(' `') for cell in line.strip('|').split('|')]
            for line in text.splitlines()[2:]]


def judge(qemu, ours, reasons, versions):
    """What is wrong, a sentence each."""
    here = {prop: (upto, value) for upto, prop, value, _ in ours}
    there, used = {}, set()
    for family in ('pc-q35', 'virt'):
        for version in qemu[family]['versions']:
            if version not in versions:
                yield f'{family}-{version} is not here'
        for row in qemu[family]['compat']:
            there[row['property']] = (row['up-to'], row['value'])
    newest = qemu['pc-q35']['versions'][0]
    for prop, row in there.items():
        if prop in reasons:
            used.add(prop)
        if (prop in here) == (prop in reasons):
            yield f'{prop} is a row here and has a reason why not, or neither'
        elif prop in here and here[prop] != row:
            yield f'{prop} is {" up to, ".join(here[prop])} here and {" up to, ".join(row)} there'
    for prop in reasons.keys() - used:
        yield f'{prop} has a reason, and no row of QEMU needs it'
    for prop, (upto, _) in here.items():
        if prop not in there and upto != newest:
            yield f'{prop} changes at {upto}, where QEMU changes nothing'


def main():
    qemu = load('machines.json')
    ours = table(sys.argv[1], 'compat')
    versions = [row[0] for row in table(sys.argv[1], 'versions')]
    reasons = {row['property']: row['reason'] for row in load('machine-differences.json')}
    wrong = list(judge(qemu, ours, reasons, versions))
    print('\n'.join(wrong))
    own = sum(row[0] == qemu['pc-q35']['versions'][0] for row in ours)
    print(f'{len(qemu["pc-q35"]["compat"]) + len(qemu["virt"]["compat"])} rows of QEMU: '
          f'{len(ours) - own} the same here, {len(reasons)} with a reason; '
          f'{own} undo what is ours')
    return 1 if wrong or not ours else 0


if __name__ == '__main__':
    sys.exit(main())
