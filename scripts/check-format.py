#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""clang-format decides how C looks; nobody discusses it."""

import os
import re
import shutil
import subprocess

import stylelib

VERSION = '14'


def main():
    args = stylelib.arguments(__doc__)
    tool = shutil.which('clang-format-' + VERSION) or shutil.which('clang-format')
    if not tool:
        stylelib.skip('format', 'clang-format is not installed')
    version = subprocess.run([tool, '--version'], text=True, capture_output=True).stdout
    if f'version {VERSION}.' not in version:
        stylelib.skip('format', f'needs clang-format {VERSION}, found {version.strip()}')
    paths = stylelib.files(args.root, stylelib.SOURCE_FOLDERS + ('include', 'tests'),
                           ('.c', '.h'))
    run = subprocess.run([tool, '--dry-run', '-Werror', *paths], cwd=args.root, text=True,
                         capture_output=True)
    findings = sorted(set(re.findall(r'^(\S+:\d+):\d+: error', run.stderr, re.MULTILINE)))
    if run.returncode and not findings:
        findings = [run.stderr.strip()]
    stylelib.finish('format', [f'{where}: not as clang-format would have it'
                               if os.path.exists(os.path.join(args.root, where.split(':')[0]))
                               else where for where in findings], len(paths))


if __name__ == '__main__':
    main()
