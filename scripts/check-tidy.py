#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What clang-tidy finds in the sources of this build, by the rules of .clang-tidy."""

import concurrent.futures
import json
import os
import re
import shutil
import subprocess

import stylelib

VERSION = '14'
FINDING = re.compile(r'^(\S+?):(\d+):\d+: (?:warning|error): (.*)$', re.MULTILINE)


def sources(root, build):
    """Paths of the C files outside tests/ that are compiled there."""
    with open(os.path.join(build, 'compile_commands.json'), encoding='utf-8') as stream:
        paths = {os.path.realpath(os.path.join(row['directory'], row['file']))
                 for row in json.load(stream)}
    return sorted(path for path in paths
                  if os.path.relpath(path, root).split(os.sep)[0] in stylelib.SOURCE_FOLDERS)


def main():
    args = stylelib.arguments(__doc__)
    tool = shutil.which('clang-tidy-' + VERSION) or shutil.which('clang-tidy')
    if not tool:
        stylelib.skip('tidy', 'clang-tidy is not installed')
    root = os.path.realpath(args.root)
    paths = sources(root, os.path.join(root, args.build))

    def look(path):
        run = subprocess.run([tool, '--quiet', '-p', args.build, path], cwd=root, text=True,
                             capture_output=True)
        found = FINDING.findall(run.stdout)
        if run.returncode and not found:
            return [f'{os.path.relpath(path, root)}: {run.stderr.strip() or "no reason given"}']
        return [f'{os.path.relpath(os.path.realpath(where), root)}:{line}: {text}'
                for where, line, text in found]

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        findings = sorted({finding for found in pool.map(look, paths) for finding in found})
    stylelib.finish('tidy', findings, len(paths))


if __name__ == '__main__':
    main()
