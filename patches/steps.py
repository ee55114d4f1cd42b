# SPDX-License-Identifier: GPL-2.0-or-later
"""Steps that change a QEMU tree: read, planned in memory, and only then written.

A step is a folder of patches/qemu: `message` is the commit message, `files/` are new files,
`rules.cocci` are semantic patches, `lines` adds lines to files that are not C, `when` is there
for a step of some versions only.  Above each rule and each group of lines stands where it belongs
and when:

    // in target/i386/cpu.c: 1 place
    // in hw/i386/pc.c, in development trees: 1 place
    in target/i386/kvm/meson.build, before 10.1, after: 'kvm-cpu.c',

A rule has to change exactly as many places of its file as it says.  One that begins with
"// or in" is for trees in which the rule above it changes nothing.
"""

import difflib
import os
import re
import subprocess
import tempfile

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'qemu')
OLDEST, NEWEST = (8, 2, 90), (11, 1, 99)
WHEN = r'((?:, (?:from [\d.]+|before [\d.]+|in releases|in development trees))*)'
RULE = re.compile(r'^// (or )?in (\S+?)' + WHEN + r': (\d+) places?$')
LINES = re.compile(r'^in (\S+?)' + WHEN + r', (after|before): (.*)$')


class Refused(Exception):
    """What cannot be done, in one line."""


def number(text):
    """'10.2' or '10.2.50' as numbers to compare."""
    return tuple(int(part) for part in text.split('.'))


class Tree:
    """A QEMU source tree, read as it stands; `text` holds what the steps made of it so far."""

    def __init__(self, root):
        self.root = os.path.abspath(root)
        self.text = {}
        try:
            with open(os.path.join(self.root, 'VERSION'), encoding='utf-8') as file:
                self.version = file.read().strip()
            self.at = number(self.version)
        except (OSError, ValueError):
            raise Refused(f'{root}: no QEMU tree (it has no VERSION file with a number)') from None
        if not os.path.isfile(os.path.join(self.root, 'target/i386/cpu.c')):
            raise Refused(f'{root}: no QEMU tree (it has no target/i386/cpu.c)')
        if not OLDEST <= self.at <= NEWEST:
            raise Refused(f'{root} is QEMU {self.version}; the steps know 9.0 to 11.1')

    def is_release(self):
        """A release has a micro version below 50: its newest machine is a promise too."""
        return len(self.at) < 3 or self.at[2] < 50

    def is_git(self):
        return os.path.exists(os.path.join(self.root, '.git'))

    def git(self, *arguments, **more):
        done = subprocess.run(['git', '-C', self.root, *arguments], text=True,
                              capture_output=True, check=False, **more)
        if done.returncode:
            raise Refused(f'git {arguments[0]}: {done.stderr.strip() or done.stdout.strip()}')
        return done.stdout

    def read(self, path):
        """The text of a file after the steps so far, or None."""
        if path not in self.text:
            try:
                with open(os.path.join(self.root, path), encoding='utf-8') as file:
                    self.text[path] = file.read()
            except FileNotFoundError:
                return None
        return self.text[path]

    def fits(self, when):
        """Whether a condition such as ', from 10.0, in releases' is met."""
        for word in filter(None, when.split(', ')):
            first, _, rest = word.partition(' ')
            if ((first == 'from' and self.at < number(rest))
                    or (first == 'before' and self.at >= number(rest))
                    or (word == 'in releases' and not self.is_release())
                    or (word == 'in development trees' and self.is_release())):
                return False
        return True

    def terms(self, text):
        """Fills in what has another name in another version."""
        def array(match):
            names = re.findall(r'\b' + match[1] + r'(\d+)_(\d+)\[\]', self.read(match[2]) or '')
            if not names:
                raise Refused(f'{match[2]} has no array {match[1]}N_N[]')
            return match[1] + '_'.join(max(names, key=lambda pair: tuple(map(int, pair))))

        text = re.sub(r'NEWEST\((\w+), ([\w/.-]+)\)', array, text)
        text = text.replace('CLASS_CONST ', 'const ' if self.at >= (10, 0, 50) else '')
        for now, then in (('system/system.h', 'sysemu/sysemu.h'), ('system/', 'sysemu/'),
                          ('qobject/', 'qapi/qmp/'),
                          ('hw/core/boards.h', 'hw/boards.h'),
                          ('hw/core/qdev-properties.h', 'hw/qdev-properties.h')):
            name = now if now.endswith('.h') else now.rstrip('/')
            if not os.path.exists(os.path.join(self.root, 'include', name)):
                text = text.replace('#include "' + now, '#include "' + then)
        return text


class Step:
    """One numbered folder."""

    def __init__(self, name, purpose):
        self.name, self.purpose = name, purpose
        self.folder = os.path.join(HERE, name)
        with open(os.path.join(self.folder, 'message'), encoding='utf-8') as file:
            self.message = file.read()
        self.when = self.part('when').strip()

    def part(self, name):
        try:
            with open(os.path.join(self.folder, name), encoding='utf-8') as file:
                return file.read()
        except FileNotFoundError:
            return ''

    def new_files(self):
        """Pairs of path in the tree and text."""
        top = os.path.join(self.folder, 'files')
        for folder, _, names in sorted(os.walk(top)):
            for name in sorted(names):
                path = os.path.relpath(os.path.join(folder, name), top)
                yield path, self.part(os.path.join('files', path))

    def rules(self):
        """Tuples of whether it replaces the one before, file, condition, places, rule."""
        head, body = None, []
        for line in self.part('rules.cocci').splitlines() + ['// in end: 0 places']:
            match = RULE.match(line)
            if match:
                if head:
                    yield (*head, '\n'.join(body) + '\n')
                head, body = (bool(match[1]), match[2], match[3], int(match[4])), []
            else:
                body.append(line)

    def lines(self):
        """Tuples of file, condition, 'after' or 'before', anchor, lines to add."""
        groups = []
        for line in self.part('lines').splitlines():
            match = LINES.match(line)
            if match:
                groups.append((*match.groups(), []))
            elif line.startswith('+') and groups:
                groups[-1][4].append(line[1:])
            elif line.strip():
                raise Refused(f'{self.name}/lines: neither a place nor a line to add: {line}')
        return groups

    def fits(self, tree):
        """Whether the step is for this version."""
        return not self.when or tree.fits(', ' + self.when)

    def changes(self, tree):
        """Whether the step does anything in this version."""
        return self.fits(tree) and (any(True for _ in self.new_files()) or any(True for _ in self.added(tree)))

    def added(self, tree):
        """Pairs of file and line that the tree has once this step is applied."""
        for _, path, when, _, body in self.rules():
            if tree.fits(when):
                for line in body.splitlines():
                    if (line.startswith('+') and len(line[1:].strip()) > 3
                            and not placeholders(body) & set(re.findall(r'\w+', line))):
                        yield path, tree.terms(line[1:])
        for path, when, _, _, new in self.lines():
            if tree.fits(when):
                for line in new:
                    if len(line.strip()) > 3:
                        yield path, tree.terms(line)


def load():
    """All steps in the order of the series."""
    steps = []
    with open(os.path.join(HERE, 'series'), encoding='utf-8') as file:
        for line in file:
            if line.strip() and not line.startswith('#'):
                steps.append(Step(*line.strip().split(None, 1)))
    return steps


def stages(tree, path, text):
    """What a new file of ours is step by step: as it came, and with lines added later."""
    texts = [tree.terms(text)]
    for step in load():
        for where, when, side, anchor, new in step.lines():
            if where == path and step.fits(tree) and tree.fits(when):
                text = insert(texts[-1], side, anchor, [tree.terms(line) for line in new])
                if text is None:
                    raise Refused(f'{step.name}: {path} has not exactly one line "{anchor}"')
                texts.append(text)
    return texts


def own_files(tree):
    """Our new files as they are after all steps, by path; no spatch is needed for them."""
    return {path: stages(tree, path, text)[-1]
            for step in load() if step.fits(tree) for path, text in step.new_files()}


def tidy(before, after):
    """Puts back what spatch cannot print: spaces for tabs, one line for a row of a table."""
    old = set(before.splitlines())
    text = '\n'.join(line if line in old else line.expandtabs(4).rstrip().replace('? :', '?:')
                     for line in after.splitlines()) + '\n'

    def one_row(match):
        return match[0] if match[0] in before else f'{{ {match[1].strip()} }}'

    row = r'\{\n *((?:[A-Z0-9_]+|"[^"\n]*"), "[^{}\n]*)\n *\}'
    text = re.sub(row, one_row, text)
    return re.sub(r'^( *)(\{ (?:[A-Z0-9_]+|"[^"\n]*"), "[^{}\n]* \},)(?: \{|(?: \{ .* \},)+)$',
                  lambda match: match[0].replace(' }, {', ' },\n' + match[1] + '{'),
                  text, flags=re.M)


def places(before, after):
    """How many separate places of a text differ."""
    matcher = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    return sum(1 for kind, *_ in matcher.get_opcodes() if kind != 'equal')


def spatch(rule, text, suffix):
    """What Coccinelle makes of a text."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ('rule.cocci', 'in' + suffix, 'out' + suffix)]
        for path, content in zip(paths, (rule, text, text)):
            with open(path, 'w', encoding='utf-8') as file:
                file.write(content)
        try:
            done = subprocess.run(['spatch', '--very-quiet', '--sp-file', paths[0], paths[1],
                                   '-o', paths[2]], text=True, capture_output=True, check=False)
        except FileNotFoundError:
            raise Refused('spatch is not installed (Debian: apt install coccinelle)') from None
        if 'there are no modified files' in done.stderr:
            return text
        if done.returncode:
            raise Refused('spatch: ' + ' '.join(done.stderr.split())[:300])
        with open(paths[2], encoding='utf-8') as file:
            return file.read()


def insert(text, where, anchor, new):
    """The text with lines added at the one line that is the anchor; None if it is not one."""
    lines = text.splitlines()
    hits = [i for i, line in enumerate(lines) if line.strip() == anchor]
    if len(hits) != 1:
        return None
    at = hits[0] + (where == 'after')
    return '\n'.join(lines[:at] + new + lines[at:]) + '\n'


def plan(tree, step):
    """Applies a step to tree.text; returns the paths it changed."""
    try:
        return planned(tree, step)
    except Refused as refused:
        raise Refused(f'{step.name}: {refused}') from None


def planned(tree, step):
    changed = []
    if not step.fits(tree):
        return changed
    for path, text in step.new_files():
        if tree.read(path) is not None:
            raise Refused(f'{path} exists already')
        tree.text[path] = tree.terms(text)
        changed.append(path)
    rules = [rule for rule in step.rules() if tree.fits(rule[2])]
    for i, (other, path, _, want, rule) in enumerate(rules):
        before = tree.read(path)
        if before is None:
            raise Refused(f'the tree has no {path}')
        if other and done:
            continue
        after = tidy(before, spatch(tree.terms(rule), before, os.path.splitext(path)[1]))
        done = places(before, after)
        if not done and i + 1 < len(rules) and rules[i + 1][0]:
            continue
        if done != want:
            name = re.search(r'^@ *(\w*)', rule, re.M)[1]
            raise Refused(f'rule {name} changes {done} places of {path}, not {want}: '
                          'this tree has another shape there')
        tree.text[path] = after
        changed.append(path)
    for path, when, where, anchor, new in step.lines():
        if not tree.fits(when):
            continue
        before = tree.read(path)
        after = insert(before or '', where, tree.terms(anchor), [tree.terms(line) for line in new])
        if after is None:
            raise Refused(f'{path} has not exactly one line "{anchor}"')
        tree.text[path] = after
        changed.append(path)
    return sorted(set(changed))


def placeholders(rule):
    """Names that stand for another text in each tree."""
    return {name for names in re.findall(r'^(?:expression|identifier|statement)(?: list)? (.*);$',
                                         rule, re.M) for name in re.findall(r'\w+', names)}


def squeeze(text):
    return re.sub(r'\s+', '', text)


def state(tree, step):
    """What a tree lacks of a step: an empty list if it is whole, None if it is not there.

    It counts as there if its first new file is, or its longest line if it brings no file.
    """
    if not step.fits(tree):
        return []
    new, added = list(step.new_files()), list(step.added(tree))
    mark = [pair for pair in added if pair[1] == max((line for _, line in added), key=len)][:1]
    if new:
        if tree.read(new[0][0]) is None:
            return None
    elif mark and squeeze(mark[0][1]) not in squeeze(tree.read(mark[0][0]) or ''):
        return None
    missing = []
    for path, text in new:
        have = tree.read(path)
        if have is None:
            missing.append(f'{path} is not there')
        elif have not in stages(tree, path, text):
            missing.append(f'{path} differs')
    return missing + [f'{path} lacks: {line.strip()}' for path, line in added
                      if squeeze(line).rstrip(',') not in squeeze(tree.read(path) or '')]
