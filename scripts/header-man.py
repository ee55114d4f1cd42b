#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The public header as a page of the manual, section 3.

usage: header-man.py HEADER VERSION
"""

import re
import sys

# "/* ---- Hosts ---- */" begins a section.
HEADING = re.compile(r'^/\* ---- (.*) ---- \*/$')


def roff(text):
    """@text as troff shows it: hyphens as typed, no line taken for a request."""
    text = text.replace('\\', '\\e').replace('-', '\\-')
    return re.sub(r'^([.\'])', r'\\&\1', text, flags=re.MULTILINE)


def comment_text(block):
    """A comment without its stars; paragraphs and indented lists stay."""
    text = re.sub(r'^/\*+ ?|\s*\*+/$', '', block.strip())
    lines = [re.sub(r'^\s*\* ?', '', line) for line in text.splitlines()]
    return '\n'.join(lines).strip('\n')


def paragraphs(text):
    """troff of a comment: what is indented keeps its lines."""
    out = []
    for part in re.split(r'\n\s*\n', text):
        lines = part.split('\n')
        as_it_is = any(line.startswith(('@', ' ', '- ')) for line in lines[1:] + lines[:1])
        out.append('.PP')
        if as_it_is:
            out += ['.nf', *(roff(line) for line in lines), '.fi']
        else:
            out.append(roff(' '.join(lines)))
    return out


def blocks(header):
    """(heading, comment, declaration) of each thing between the guards."""
    heading = ''
    body = header[header.index('extern "C" {'):]
    for part in re.split(r'\n\n', body[body.index('\n\n'):body.rindex('#ifdef')]):
        part = part.strip()
        if HEADING.match(part):
            heading = HEADING.match(part).group(1)
            continue
        match = re.match(r'(/\*.*?\*/)\n?(.*)', part, re.DOTALL)
        yield (heading, *(match.groups() if match else ('', part)))


def join(header):
    """Comments with empty lines in them are one part: their lines have a star."""
    return re.sub(r'^ \*$', ' * ', header, flags=re.MULTILINE)


def main():
    path, version = sys.argv[1:]
    with open(path, encoding='utf-8') as stream:
        header = join(stream.read())
    intro = re.search(r'^/\*\n \* libvpmu: (.*?)\*/', header, re.DOTALL | re.MULTILINE)
    title, _, rest = comment_text('/* ' + intro.group(1) + '*/').partition('\n')
    print(f'.TH vpmu 3 "" "libvpmu {version}"\n.SH NAME\nvpmu \\- {roff(title.rstrip("."))}')
    print('.SH SYNOPSIS\n.nf\n#include <vpmu/vpmu.h>\n\n'
          'cc ... $(pkg\\-config \\-\\-cflags \\-\\-libs vpmu)\n.fi\n.SH DESCRIPTION')
    print('\n'.join(paragraphs(rest.strip('\n'))))
    last = None
    for heading, comment, code in blocks(header):
        if heading != last:
            print(f'.SH {roff((heading or "Types").upper())}')
            last = heading
        if code:
            print('.PP\n.nf\n.B \\&\n' + roff(code.replace('VPMU_API ', '')) + '\n.fi')
        if comment:
            print('.RS 4')
            print('\n'.join(paragraphs(comment_text(comment))))
            print('.RE')


if __name__ == '__main__':
    main()
