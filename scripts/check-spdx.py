#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The licence is named in the first line of each file (the second after #!)."""

import stylelib

TAG = 'SPDX-License-Identifier: GPL-2.0-or-later'
SUFFIXES = ('.c', '.h', '.S', '.lds', '.py', '.sh')


def is_tagged(text):
    if not text:
        return True  # an empty file says nothing anybody could license
    lines = text.split('\n', 2)
    return TAG in lines[0] or (lines[0].startswith('#!') and len(lines) > 1 and TAG in lines[1])


def main():
    args = stylelib.arguments(__doc__)
    paths = stylelib.files(args.root, stylelib.SOURCE_FOLDERS + ('include', 'tests', 'scripts'),
                           SUFFIXES)
    findings = [f'{path}:1: no {TAG}' for path in paths
                if not is_tagged(stylelib.read(args.root, path))]
    stylelib.finish('spdx', findings, len(paths))


if __name__ == '__main__':
    main()
