#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every test that docs/behaviours-*.md names exists, and every row names one or a reason."""

import os
import re

import stylelib

ROW = re.compile(r'^\| ([BT]\d+) \| .+ \| (.+) \|$', re.MULTILINE)
NAME = re.compile(r'`((?:/|test_)[^`]+)`')


def main():
    args = stylelib.arguments(__doc__)
    tests = '\n'.join(stylelib.read(args.root, path) for path in
                      stylelib.files(args.root, ('tests',), ('.c', '.py')))
    findings, count = [], 0
    for path in stylelib.files(args.root, ('docs',), ('.md',)):
        if not os.path.basename(path).startswith('behaviours-'):
            continue
        for row, kept in ROW.findall(stylelib.read(args.root, path)):
            count += 1
            for name in NAME.findall(kept):
                # A suite of unit tests may put its own name in front in one place.
                if not any(f'"{part}"' in tests or f'def {part}(' in tests
                           for part in (name, name.rsplit('/', 1)[-1])):
                    findings.append(f'{path}: {row}: there is no test {name}')
            if len(kept) < 8:
                findings.append(f'{path}: {row}: neither a test nor a reason')
    stylelib.finish('behaviours', findings, count)


if __name__ == '__main__':
    main()
