#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares what a build saves with what is kept.

usage: state_tables.py ARCH DUMP [--write]

DUMP is what "vpmu-system-ARCH -dump-state-tables" prints, or that program.  It must be
tables/ARCH.json to the letter, from which the manual is made (--write: make it so), and
must load what the released version, tables/ARCH-released.json, saved.
"""
import importlib.util
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SPEC = importlib.util.spec_from_file_location(
    'check_state_tables', os.path.join(ROOT, 'scripts', 'check-state-tables.py'))
checker = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(checker)


def tables_file(arch, suffix=''):
    return os.path.join(HERE, 'tables', f'{arch}{suffix}.json')


def problems(arch, dump):
    """Sentences about what is wrong with @dump, text; none: all is well."""
    with open(tables_file(arch), encoding='utf-8') as stream:
        kept = stream.read()
    tables = {table['name']: table for table in json.loads(dump)}
    found = checker.compare(checker.tables_of(tables_file(arch, '-released')), tables)
    found += [f'{table["name"]}.{row["name"]}: conditional, and not said when'
              for table in tables.values() for row in table['rows']
              if row['conditional'] and not row.get('when')]
    if dump != kept:
        found.append(f'{tables_file(arch)} is not what this build saves; look at the '
                     f'difference, then {os.path.basename(__file__)} {arch} DUMP --write and '
                     'scripts/doc-tables.py')
    return found


def main(argv):
    if len(argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    arch, source = argv[1:3]
    if os.access(source, os.X_OK):
        dump = subprocess.run([source, '-dump-state-tables'], check=True, text=True,
                              capture_output=True).stdout
    else:
        with open(source, encoding='utf-8') as stream:
            dump = stream.read()
    if '--write' in argv:
        with open(tables_file(arch), 'w', encoding='utf-8') as stream:
            stream.write(dump)
    found = problems(arch, dump)
    print('\n'.join(found) or f'{arch}: as kept')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv))
