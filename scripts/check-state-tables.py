#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares the state tables of two builds and refuses an incompatible change.

usage: check-state-tables.py OLD.json NEW.json

The files are what "vpmu-system-… -dump-state-tables" prints.  What an older build saved
must load in the newer one: no table, row or kind may change or go; a row may only be added
with a 'since' above the old version of its table, and the version must be raised to it.  Of
the registers a row lists none may go; new ones may come.
"""
import json
import sys


def tables_of(path):
    with open(path, encoding='utf-8') as file:
        return {table['name']: table for table in json.load(file)}


def registers_of(row):
    return {(reg['name'], reg['number'], reg.get('count', 1))
            for reg in row.get('registers', [])}


def compare_table(old, new):
    """Sentences about what the newer table breaks."""
    problems = []
    name = old['name']
    new_rows = {row['name']: row for row in new['rows']}
    old_names = {row['name'] for row in old['rows']}
    if new['version'] < old['version']:
        problems.append(f'{name}: version went from {old["version"]} to {new["version"]}')
    for row in old['rows']:
        now = new_rows.get(row['name'])
        where = f'{name}.{row["name"]}'
        if now is None:
            problems.append(f'{where}: the row is gone')
            continue
        for key in ('kind', 'since', 'conditional'):
            if now[key] != row[key]:
                problems.append(f'{where}: {key} was {row[key]}, is {now[key]}')
        for register, number, _ in sorted(registers_of(row) - registers_of(now)):
            problems.append(f'{where}: register {register} ({number}) is gone or changed')
        grown = row['kind'] == 'blob' and now['count'] >= row['count']
        if now['count'] != row['count'] and not grown:
            problems.append(f'{where}: count was {row["count"]}, is {now["count"]}')
    for row in new['rows']:
        where = f'{name}.{row["name"]}'
        if row['name'] in old_names:
            continue
        if row['since'] <= old['version']:
            problems.append(f'{where}: new row, but version {old["version"]} is said to '
                            'have it')
        if row['since'] > new['version']:
            problems.append(f'{where}: since {row["since"]}, but the table has version '
                            f'{new["version"]}')
    return problems


def compare(old, new):
    """Sentences about what the newer build breaks; none: everything old still loads."""
    problems = []
    for name, table in sorted(old.items()):
        if name in new:
            problems += compare_table(table, new[name])
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
