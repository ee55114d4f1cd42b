#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Keep the generated tables of docs/*.md as the program's own rows have them.

usage: doc-tables.py PROGRAM [--write]

PROGRAM is the built doc-tables.  A table stands between the lines
<!-- table: NAME --> and <!-- end of table -->.
"""
import os
import re
import subprocess
import sys

DOCS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'docs')
TABLE = re.compile(r'(<!-- table: (\S+) -->\n).*?(<!-- end of table -->)', re.DOTALL)


def main():
    program, write = sys.argv[1], '--write' in sys.argv[2:]

    def table(match):
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
