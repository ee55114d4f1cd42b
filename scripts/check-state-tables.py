#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares the state tables of two builds and refuses an incompatible change.

usage: check-state-tables.py OLD.json NEW.json

The files are what "vpmu-system-… -dump-state-tables" prints.  What an older build saved
must load in the newer one, and what the newer build saves of a guest of a machine version
that the older one has, in the older one: no table, row, kind or version may change or go; a
row may only be added with the 'machine' version that came with it.  Of
the registers a row lists none may go and no run of them may shrink; new ones may come, where
a stream may be without them.  Who has a row or a register ('when') may not change: a guest
that has it no longer cannot load what was saved.  A condition that was widened, so that
whoever had it has it still, is listed in WIDENED.
"""
import json
import sys


# (table.row or table.row register, 'when' of the released version, 'when' of this one)
WIDENED = {
    # One name for another: ibt is cet-ibt.
    ('x86-vcpu.msrs user-cet', 'ibt', 'cet-ibt'),
    ('x86-vcpu.msrs supervisor-cet', 'ibt', 'cet-ibt'),
}

# Tables that were raised to a version, and by which row, before rows had machine versions:
# builds from before do not read them.
RAISED = {('program', 2): {'run-state'}}


def tables_of(path):
    with open(path, encoding='utf-8') as file:
        return {table['name']: table for table in json.load(file)}


def registers_of(row):
    return {(reg['name'], reg['number'], reg.get('group')): reg
            for reg in row.get('registers', [])}


def compare_when(where, old, new, widened):
    before, now = old.get('when'), new.get('when')
    if before == now or (where, before, now) in widened:
        return []
    return [f'{where}: there when {before}, now when {now}; where that is only wider, list it']


def compare_register(where, old, new, widened):
    problems = compare_when(where, old, new, widened)
    if new.get('count', 1) < old.get('count', 1):
        problems.append(f'{where}: {old.get("count", 1)} of them, now {new.get("count", 1)}')
    if new.get('needed', False) and not old.get('needed', False):
        problems.append(f'{where}: a stream could be without it, and may no more')
    return problems


def compare_registers(where, old, new, widened):
    problems = []
    before, now = registers_of(old), registers_of(new)
    for key, register in before.items():
        if key in now:
            problems += compare_register(f'{where} {register["name"]}', register, now[key],
                                         widened)
        else:
            problems.append(f'{where}: register {register["name"]} ({register["number"]}) is '
                            'gone or changed')
    for key, register in now.items():
        if key not in before and register.get('needed', False):
            problems.append(f'{where}: new register {register["name"]}, which no older stream '
                            'has, is needed')
    return problems


def compare_table(old, new, widened):
    """Sentences about what the newer table breaks."""
    problems = []
    name = old['name']
    new_rows = {row['name']: row for row in new['rows']}
    old_names = {row['name'] for row in old['rows']}
    raised = RAISED.get((name, new['version']), set())
    if new['version'] != old['version'] and not raised:
        problems.append(f'{name}: version went from {old["version"]} to {new["version"]}')
    for row in old['rows']:
        now = new_rows.get(row['name'])
        where = f'{name}.{row["name"]}'
        if now is None:
            problems.append(f'{where}: the row is gone')
            continue
        for key in ('kind', 'since', 'conditional', 'machine'):
            if now.get(key) != row.get(key):
                problems.append(f'{where}: {key} was {row.get(key)}, is {now.get(key)}')
        problems += compare_when(where, row, now, widened)
        problems += compare_registers(where, row, now, widened)
        grown = row['kind'] == 'blob' and now['count'] >= row['count']
        if now['count'] != row['count'] and not grown:
            problems.append(f'{where}: count was {row["count"]}, is {now["count"]}')
    for row in new['rows']:
        where = f'{name}.{row["name"]}'
        if row['name'] in old_names | raised:
            continue
        if 'machine' not in row:
            problems.append(f'{where}: new row, without the machine version that came with it: '
                            'an older build would refuse guests of its own machines')
    return problems


def compare(old, new, widened=frozenset(WIDENED)):
    """Sentences about what the newer build breaks; none: everything old still loads."""
    problems = []
    for name, table in sorted(old.items()):
        if name in new:
            problems += compare_table(table, new[name], widened)
        else:
            problems.append(f'{name}: the table is gone')
    return problems


def main(argv):
    if len(argv) != 3:
        print(__doc__.split('\n\n')[1], file=sys.stderr)
        return 2
    problems = compare(tables_of(argv[1]), tables_of(argv[2]))
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv))
