#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""No line of C is over 100 columns, tables that clang-format leaves alone included."""

import stylelib

COLUMNS = 100


def check_file(path, text):
    return [f'{path}:{number}: {len(line)} columns, {COLUMNS} at most'
            for number, line in enumerate(text.splitlines(), 1) if len(line) > COLUMNS]


def main():
    args = stylelib.arguments(__doc__)
    paths = stylelib.files(args.root, stylelib.SOURCE_FOLDERS + ('include', 'tests'),
                           ('.c', '.h'))
    findings = []
    for path in paths:
        findings += check_file(path, stylelib.read(args.root, path))
    stylelib.finish('columns', findings, len(paths))


if __name__ == '__main__':
    main()
