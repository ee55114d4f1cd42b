#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""One door to KVM: ioctl() is called in the listed files and nowhere else."""

import re

import stylelib

CALL = re.compile(r'(?<![\w.>])ioctl\s*\(')


def check_file(path, text):
    code = stylelib.code_only(text)
    return [f'{path}:{code.count(chr(10), 0, match.start()) + 1}: ioctl outside the door'
            for match in CALL.finditer(code)]


def main():
    args = stylelib.arguments(__doc__)
    allowed = stylelib.exceptions(args.root, 'ioctl')
    paths = stylelib.files(args.root, stylelib.SOURCE_FOLDERS + ('include',), ('.c', '.h'))
    findings = []
    for path in paths:
        if path not in allowed:
            findings += check_file(path, stylelib.read(args.root, path))
    stylelib.finish('ioctl', findings, len(paths))


if __name__ == '__main__':
    main()
