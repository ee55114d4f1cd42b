#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every function declared in include/ stands under a comment.

Declarations that follow each other without a blank line are one paragraph and share the
comment above it.
"""

import re

import stylelib

PROTOTYPE = re.compile(r'^(?!typedef\b|struct\b[^()]*\{|enum\b|union\b|return\b|#|G_DEFINE_)'
                       r'[A-Za-z_][\w\s\*]*?\b\*?(\w+)\s*\([^;{]*\)[^;{=]*[;{]', re.MULTILINE)


def paragraphs(text):
    """(first line number, lines) of each block between blank lines, comments kept whole."""
    block, start, inside = [], 1, False
    for number, line in enumerate(text.splitlines() + [''], 1):
        if not line.strip() and not inside:
            if block:
                yield start, block
            block, start = [], number + 1
            continue
        block.append(line)
        if '/*' in line and '*/' not in line[line.index('/*'):]:
            inside = True
        elif '*/' in line:
            inside = False


def check_file(path, text):
    findings = []
    depth = 0
    for start, block in paragraphs(text):
        whole = '\n'.join(block)
        code = stylelib.code_only(whole)
        at_top = depth == 0
        depth += code.count('{') - code.count('}')
        if not at_top or '/*' in block[0]:
            continue
        # A type may stand between the comment and its function: macros with bodies too.
        match = PROTOTYPE.search(code)
        if match and block[0].lstrip()[0] not in '#':
            line = start + code.count('\n', 0, match.start())
            findings.append(f'{path}:{line}: {match.group(1)} has no comment')
    return findings


def main():
    args = stylelib.arguments(__doc__)
    paths = stylelib.files(args.root, ('include',), ('.h',))
    findings = []
    for path in paths:
        findings += check_file(path, stylelib.read(args.root, path))
    stylelib.finish('docs', findings, len(paths))


if __name__ == '__main__':
    main()
