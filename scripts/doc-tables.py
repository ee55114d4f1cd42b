#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Keep the generated tables of docs/*.md as the program's own rows have them.

usage: doc-tables.py PROGRAM [--write]

PROGRAM is the built doc-tables.  A table stands between the lines
<!-- table: NAME --> and <!-- end of table -->.  The tables of saved state are made from
what tests/migration/tables keeps: state-ARCH lists tables and rows, registers-ARCH what is in
rows that are lists of registers.  differences-VERSION is what of that QEMU's old defaults has
no row here, from tests/resolve/qemu-VERSION; models is what tests/resolve/properties.py
finds.
"""
import importlib.util
import json
import os
import re
import subprocess
import sys

DOCS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'docs')
TABLE = re.compile(r'(<!-- table: (\S+) -->\n).*?(<!-- end of table -->)', re.DOTALL)


def state_tables(arch):
    path = os.path.join(DOCS, '..', 'tests', 'migration', 'tables', arch + '.json')
    with open(path, encoding='utf-8') as stream:
        return json.load(stream)


def state_rows(arch):
    """Neighbours of one kind share a line: cs.base, cs.limit, …"""
    lines = ['| table | version | rows |', '|---|---|---|']
    for table in state_tables(arch):
        groups = []
        for row in table['rows']:
            kind = row['kind'] + (f"[{row['count']}]" if row['count'] > 1 else '')
            kind += f", with {row['when']}" if row['conditional'] else ''
            kind += f", since {row['since']}" if row['since'] > 1 else ''
            kind += f", on machines from {row['machine']} on" if 'machine' in row else ''
            name = row['name'] + (f" ({row['doc']})" if 'doc' in row else '')
            if groups and groups[-1][0] == kind:
                groups[-1][1].append(name)
            else:
                groups.append((kind, [name]))
        text = '; '.join(f'{", ".join(names)}: {kind}' for kind, names in groups)
        lines.append(f"| `{table['name']}` | {table['version']} | {text} |")
    return '\n'.join(lines) + '\n'


def register_rows(arch):
    lines = ['| row | register | number | there |', '|---|---|---|---|']
    for table in state_tables(arch):
        for row in table['rows']:
            for reg in row.get('registers', []):
                name = reg['name'].replace('%u', 'n')
                count = reg.get('count', 1)
                there = reg.get('when', '' if count > 1 else 'where listed')
                if count > 1:
                    there += f"{'; ' if there else ''}{count} of them{' at most' if there else ''}"
                group = f"{reg['group']}:" if 'group' in reg else ''
                lines.append(f"| `{table['name']}.{row['name']}` | {name} | "
                             f"{group}{reg['number']} | {there} |")
    return '\n'.join(lines) + '\n'


def difference_rows(version):
    folder = os.path.join(DOCS, '..', 'tests', 'resolve', 'qemu-' + version)
    lines = ["| QEMU's old default | why it is none here |", '|---|---|']
    with open(os.path.join(folder, 'machine-differences.json'), encoding='utf-8') as stream:
        lines += [f"| `{row['property']}` | {row['reason']} |" for row in json.load(stream)]
    return '\n'.join(lines) + '\n'


def model_rows(program):
    """How the CPU models compare, by the program that stands beside @program."""
    folder = os.path.join(DOCS, '..', 'tests', 'resolve')
    spec = importlib.util.spec_from_file_location('properties',
                                                  os.path.join(folder, 'properties.py'))
    properties = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(properties)
    return properties.table(os.path.join(os.path.dirname(program), 'properties'))


def kept_table(name):
    """The tables that come from kept data; None for those of PROGRAM."""
    kind, _, of = name.partition('-')
    makers = {'state': state_rows, 'registers': register_rows, 'differences': difference_rows}
    return makers[kind](of) if kind in makers else None


def main():
    program, write = sys.argv[1], '--write' in sys.argv[2:]

    def table(match):
        kept = model_rows(program) if match[2] == 'models' else kept_table(match[2])
        if kept:
            return match[1] + kept + match[3]
        text = subprocess.run([program, match[2]], check=True, capture_output=True,
                              text=True).stdout
        return match[1] + text + match[3]

    stale = 0
    for name in sorted(os.listdir(DOCS)):
        path = os.path.join(DOCS, name)
        if not name.endswith('.md'):
            continue
        with open(path, encoding='utf-8') as stream:
            before = stream.read()
        after = TABLE.sub(table, before)
        if after == before:
            continue
        if write:
            with open(path, 'w', encoding='utf-8') as stream:
                stream.write(after)
        else:
            print(f'{path}: a table is stale; scripts/doc-tables.py {program} --write')
            stale += 1
    return 1 if stale else 0


if __name__ == '__main__':
    sys.exit(main())
