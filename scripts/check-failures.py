#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whoever returns a failure has set an error.

In a function that takes `GError **errp`, a condition that leads to nothing but `return
false`, NULL or -1, and a condition that is returned, is made of parts each of which can
have set the error: it passes errp on, or it asks a value that came of a call which did.  A
part that does neither is bare: `if (seen++ || !load(errp)) { return false; }` fails
without a word where it is seen twice, and so does `return load(errp) && seen == 1`.
"""

import re

import stylelib

FUNCTION = re.compile(r'^[a-zA-Z_][^;{}()]*\([^;{}]*GError \*\*errp\)\n\{\n(.*?)^\}',
                      re.MULTILINE | re.DOTALL)
BARE_RETURN = re.compile(r'\s*(?:g_prefix_error\([^;]*\);\s*)?return (?:false|NULL|-1);\s*')
WORD = re.compile(r'[A-Za-z_]\w*(?:(?:->|\.)\w+)*')
TELLS = re.compile(r'\berrp\b|&\w*error\b|&\w*cause\b')


def closing(code, start, pair='()'):
    """Index behind the bracket that closes the one at @start."""
    depth = 0
    for at in range(start, len(code)):
        depth += (code[at] == pair[0]) - (code[at] == pair[1])
        if depth == 0:
            return at + 1
    return len(code)


def split_at(text, operator):
    """@text split where @operator stands outside brackets."""
    parts, depth, last = [], 0, 0
    for at, char in enumerate(text):
        depth += (char in '([') - (char in ')]')
        if depth == 0 and text.startswith(operator, at):
            parts.append(text[last:at])
            last = at + len(operator)
    return parts + [text[last:]]


def told(body, end):
    """The values that came of a call which was given errp, before @end, or were asked
    before one was."""
    names = set()
    for match in re.finditer(r'\bif (\([^{};]*\)) \{([^{}]*)\}', body[:end]):
        if TELLS.search(match.group(2)):
            names |= set(WORD.findall(match.group(1)))
    for statement in re.split(r'[;{}]', body[:end]):
        if TELLS.search(statement):
            names |= set(re.findall(r'&(\w+)', statement))
        match = re.match(r'\s*(?:[\w*() ]*?[\s*])?([A-Za-z_]\w*(?:(?:->|\.|\[\w*\])\w*)*)'
                         r'\s*=(?!=)(.*)', statement, re.DOTALL)
        if match and (TELLS.search(match.group(2)) or
                      names & set(WORD.findall(match.group(2)))):
            names.add(match.group(1))
    return names


def is_told(part, names, value=True):
    """Whether @part can only come out as @value where an error was set."""
    part = part.strip()
    if part.startswith('(') and closing(part, 0) == len(part):
        return is_told(part[1:-1], names, value)
    for operator, decides in (('||', True), ('&&', False)):
        pieces = split_at(part, operator)
        if len(pieces) > 1:
            # One piece alone makes it come out so, or they all have to.
            judge = all if value == decides else any
            return judge(is_told(piece, names, value) for piece in pieces)
    if part.startswith('!'):
        return is_told(part[1:], names, not value)
    return bool(TELLS.search(part) or names & set(WORD.findall(part)))


def conditions(body):
    """(offset, condition, the value that fails) of what leads to a bare failure."""
    for match in re.finditer(r'\bif \(', body):
        start = match.end() - 1
        end = closing(body, start)
        block = body[end:].lstrip()
        if block.startswith('{') and \
                BARE_RETURN.fullmatch(block[1:closing(block, 0, '{}') - 1]):
            yield match.start(), body[start:end], True
    for match in re.finditer(r'\breturn ([^;?]*(?:&&|\|\|)[^;?]*);', body):
        yield match.start(), match.group(1), False


def check_file(path, text):
    findings = []
    code = stylelib.code_only(text)
    for function in FUNCTION.finditer(code):
        body = function.group(1)
        for offset, condition, value in conditions(body):
            if not is_told(condition, told(body, offset), value):
                line = code.count('\n', 0, function.start(1) + offset) + 1
                words = ' '.join(condition.split())
                findings.append(f'{path}:{line}: {words} fails without an error')
    return findings


def main():
    args = stylelib.arguments(__doc__)
    allowed = stylelib.exceptions(args.root, 'failures')
    paths = stylelib.files(args.root, stylelib.SOURCE_FOLDERS, ('.c',))
    findings = []
    for path in paths:
        if path not in allowed:
            findings += check_file(path, stylelib.read(args.root, path))
    stylelib.finish('failures', findings, len(paths))


if __name__ == '__main__':
    main()
