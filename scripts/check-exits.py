#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Library code neither ends the process nor prints: the main files do."""

import re

import stylelib

FORBIDDEN = re.compile(
    r'(?<![\w.>])('
    r'exit|_exit|_Exit|quick_exit|abort|assert|err|errx|g_error|g_abort'
    r'|printf|vprintf|puts|putchar|perror|warn|warnx|g_print|g_printerr|g_warning|g_critical'
    r')\s*\(|(?<![\w])v?fprintf\s*\(\s*(?:stdout|stderr)\b')


def check_file(path, text):
    findings = []
    code = stylelib.code_only(text)
    for match in FORBIDDEN.finditer(code):
        line = code.count('\n', 0, match.start()) + 1
        what = match.group(1) or 'fprintf to the terminal'
        findings.append(f'{path}:{line}: {what} outside the main files')
    return findings


def main():
    args = stylelib.arguments(__doc__)
    allowed = stylelib.exceptions(args.root, 'exits')
    paths = stylelib.files(args.root, stylelib.SOURCE_FOLDERS + ('include',), ('.c', '.h'))
    findings = []
    for path in paths:
        if path not in allowed:
            findings += check_file(path, stylelib.read(args.root, path))
    stylelib.finish('exits', findings, len(paths))


if __name__ == '__main__':
    main()
