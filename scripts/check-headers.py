#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Each header compiles alone, and has a guard; *.list.h are pieces, not headers."""

import concurrent.futures
import json
import os
import re
import shlex
import subprocess

import stylelib


def compile_flags(build):
    """Compiler and the include and define flags of the whole build, from its database."""
    path = os.path.join(build, 'compile_commands.json')
    if not os.path.exists(path):
        stylelib.skip('headers', f'{path} is missing')
    compiler, flags = None, []
    with open(path, encoding='utf-8') as stream:
        entries = json.load(stream)
    for entry in entries:
        words = shlex.split(entry['command'])
        if not entry['file'].endswith('.c') or entry.get('output', '').startswith('tests/'):
            continue  # tests compile sources their own way
        if os.path.basename(words[0]) == 'ccache':
            words = words[1:]
        compiler = compiler or words[0]
        for word in words[1:]:
            if word.startswith('-I'):
                word = '-I' + os.path.normpath(os.path.join(entry['directory'], word[2:]))
            if word.startswith(('-I', '-D', '-std=')) and word not in flags:
                flags.append(word)
    return compiler, flags


def check_header(root, compiler, flags, path):
    findings = []
    text = stylelib.read(root, path)
    if not re.search(r'^#ifndef (\w+)\n#define \1$', text, re.MULTILINE):
        findings.append(f'{path}:1: no include guard')
    run = subprocess.run(
        [compiler, *flags, '-fsyntax-only', '-Wall', '-Werror', '-x', 'c', '-'],
        input=f'#include "{os.path.join(root, path)}"\n', text=True, capture_output=True)
    if run.returncode:
        findings.append(f'{path}: does not compile alone:\n{run.stderr.strip()}')
    return findings


def main():
    args = stylelib.arguments(__doc__)
    root = os.path.abspath(args.root)
    compiler, flags = compile_flags(args.build)
    if not compiler:
        stylelib.skip('headers', 'no C file in the compile database')
    paths = [path for path in stylelib.files(root, stylelib.SOURCE_FOLDERS + ('include',),
                                             ('.h',)) if not path.endswith('.list.h')]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda path: check_header(root, compiler, flags, path), paths)
        findings = [finding for result in results for finding in result]
    stylelib.finish('headers', findings, len(paths))


if __name__ == '__main__':
    main()
