#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compare what every x86 CPU model says of every property with what QEMU says.

usage: properties.py PROGRAM [--all]

PROGRAM is the built program of that name.  What QEMU 11.1.3 says is in qemu-11.1.3/, what
QEMU 7.2 says of nested VMX in qemu-7.2/.  Each difference needs a row of model-differences.json, and
each row a difference.  --all prints them one by one.
"""
import argparse
import fnmatch
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
MACHINE = 'pc-q35-11.1'
SHOWN = 40

# Properties that host and max alone have; others are as if they were off.
HOSTS_ALONE = ['migratable']


def read(*path):
    with open(os.path.join(HERE, *path), encoding='utf-8') as stream:
        return json.load(stream)


def unfold(models):
    """{model: (what is on, {property: value})} of models that say what differs."""
    whole = {}

    def one(name):
        if name not in whole:
            row = models[name]
            before, values = one(row['from']) if 'from' in row else (set(), {})
            after = before | set(row.get('on', '').split())
            whole[name] = (after - set(row.get('off', '').split()),
                           {**values, **row.get('values', {})})
        return whole[name]

    return {name: one(name) for name in models}


def theirs():
    """{model: {property: value}}; a property without value is off."""
    data = read('qemu-11.1.3', 'models.json')
    whole = unfold(data['models'])
    whole.update((alias, whole[name]) for alias, name in data['aliases'].items())
    return {name: {prop: values.get(prop, prop in on) for prop in names()}
            for name, (on, values) in whole.items()}


def names():
    with open(os.path.join(HERE, 'qemu-11.1.3', 'properties.txt'), encoding='utf-8') as stream:
        return [line.strip() for line in stream if not line.startswith('#')]


def nested():
    """What QEMU 7.2 says of vmx-* with vmx=on, of the names it knows."""
    whole = unfold(read('qemu-7.2', 'vmx.json')['models'])
    known = set().union(*(on for on, _ in whole.values()))
    return {name: {f'vmx-{prop}': prop in on for prop in known}
            for name, (on, _) in whole.items()}


def ours(program, settings, props):
    text = '\n'.join(props) + '\n'
    result = subprocess.run([program, MACHINE, settings], input=text, check=True,
                            capture_output=True, text=True)
    return json.loads(result.stdout)


def differences(peer, own):
    """(model, property, QEMU's, ours), and the number of pairs that are equal."""
    found, equal = [], 0
    for model, props in sorted(peer.items()):
        if model not in own:
            found.append((model, '*', 'a model', None))
            continue
        for prop, value in props.items():
            got = own[model].get(prop, False if prop in HOSTS_ALONE else None)
            if got == value:
                equal += 1
            else:
                found.append((model, prop, value, got))
    return found, equal


def row_of(rows, model, prop):
    """Number of the first row that is about @prop of @model, or None."""
    return next((number for number, row in enumerate(rows)
                 if fnmatch.fnmatchcase(model, row['models'])
                 and fnmatch.fnmatchcase(prop, row['properties'])), None)


def judge(program):
    """The comparisons: (what, number of models, equal, [(difference, row or None)]), and
    the rows."""
    rows = read('qemu-11.1.3', 'model-differences.json')
    props = names()
    pairs = [('properties of QEMU 11.1.3', theirs(), ours(program, '', props)),
             ('vmx-* with vmx=on of QEMU 7.2', nested(), ours(program, ',vmx=on', props))]
    judged = []
    for what, peer, own in pairs:
        found, equal = differences(peer, own)
        judged.append((what, len(peer), equal,
                       [(row, row_of(rows, row[0], row[1])) for row in found]))
    return judged, rows


def table(program):
    """The comparison as a table of the manual."""
    judged, rows = judge(program)
    lines = ['| compared | models | equal | excepted |', '|---|---|---|---|']
    lines += [f'| {what} | {models} | {equal} | {len(found)} |'
              for what, models, equal, found in judged]
    counts = [number for _, _, _, found in judged for _, number in found]
    lines += ['', '| models | properties | how often | why |', '|---|---|---|---|']
    lines += [f"| `{row['models']}` | `{row['properties']}` | {counts.count(number)} | "
              f"{row['reason']} |" for number, row in enumerate(rows)]
    return '\n'.join(lines) + '\n'


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n', maxsplit=1)[0])
    parser.add_argument('program')
    parser.add_argument('--all', action='store_true')
    args = parser.parse_args()
    judged, rows = judge(args.program)
    for what, models, equal, found in judged:
        excepted = [row for row, number in found if number is not None]
        print(f'{models} models, {what}: {equal} equal, {len(excepted)} excepted')
        if args.all:
            print('\n'.join(f'  {m}.{p}: QEMU {t}, ours {o}' for (m, p, t, o), _ in found))
    found = [pair for _, _, _, pairs in judged for pair in pairs]
    unknown = [row for row, number in found if number is None]
    for model, prop, value, got in unknown[:SHOWN]:
        print(f'{model}.{prop}: QEMU {value!r}, ours {got!r}, and no row says why')
    unused = [row for number, row in enumerate(rows)
              if number not in [used for _, used in found]]
    for row in unused:
        print(f"{row['models']}.{row['properties']}: no such difference is left: drop the row")
    return 1 if unknown or unused else 0


if __name__ == '__main__':
    sys.exit(main())
