#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a header declares, something that runs calls: a function only tests know is dead.

libvpmu's own header is for other programs and is left out.
"""

import re

import stylelib

# A prototype begins at the margin, and so does a definition.
DECLARATION = re.compile(r'^(?!typedef|static|return|#|G_)[A-Za-z_][\w \t*]*?[ *](\w+)\(',
                         re.MULTILINE)
WORD = re.compile(r'\b[a-z]\w*\b')


def declared(text):
    """Names of functions that a header declares, each with its line."""
    return {match.group(1): text.count('\n', 0, match.start()) + 1
            for match in DECLARATION.finditer(text)}


def used(texts):
    """How often each word is there, other than where a function begins at the margin."""
    counts = {}
    for text in texts:
        for word in WORD.findall(DECLARATION.sub('', text)):
            counts[word] = counts.get(word, 0) + 1
    return counts


def check_files(files):
    """@files: path to code without comments.  A line for each function nothing calls."""
    counts = used(files.values())
    return [f'{path}:{line}: nothing but tests calls {name}()'
            for path, text in sorted(files.items()) if path.endswith('.h')
            for name, line in declared(text).items() if not counts.get(name)]


def main():
    args = stylelib.arguments(__doc__)
    paths = stylelib.files(args.root, stylelib.SOURCE_FOLDERS + ('include',), ('.c', '.h'))
    files = {path: stylelib.code_only(stylelib.read(args.root, path)) for path in paths
             if not path.startswith('include/vpmu/')}
    allowed = stylelib.exceptions(args.root, 'unused')
    findings = [finding for finding in check_files(files)
                if finding.split()[-1].removesuffix('()') not in allowed]
    stylelib.finish('unused', findings, len(files))


if __name__ == '__main__':
    main()
