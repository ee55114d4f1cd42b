# SPDX-License-Identifier: GPL-2.0-or-later
"""Counting what several kinds of tests say: meson logs, TAP, JUnit files, plain runs."""

import json
import re
import xml.etree.ElementTree as ElementTree

TAP = re.compile(r'^(not ok|ok) \d+(?: -)? ?([^#\n]*)(?:# *(SKIP|TODO)\b *(.*))?$', re.MULTILINE)


class Results:
    """Passed and failed and skipped tests, by name."""

    def __init__(self):
        self.passed = []
        self.failed = []
        self.skipped = []  # (name, reason)
        self.repeated = []  # texts: what had to be done again, and why

    def add(self, name, verdict, reason=''):
        if verdict == 'passed':
            self.passed.append(name)
        elif verdict == 'failed':
            self.failed.append(name)
        else:
            self.skipped.append((name, reason or 'no reason given'))

    def extend(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.repeated += other.repeated

    def add_tap(self, prefix, text, status=0):
        """One program's TAP output; a status that no line explains is a failure."""
        plan = re.search(r'^1\.\.0(?: *# *SKIP\b *(.*))?$', text, re.MULTILINE)
        rows = TAP.findall(text)
        announced = re.search(r'^1\.\.(\d+)', text, re.MULTILINE)
        if plan:
            self.add(prefix, 'skipped', plan.group(1) or '')
            return
        for verdict, name, directive, reason in rows:
            name = f'{prefix}: {name.strip()}'
            if directive == 'SKIP':
                self.add(name, 'skipped', reason.strip())
            else:
                self.add(name, 'failed' if verdict == 'not ok' else 'passed')
        explained = any(verdict == 'not ok' for verdict, *unused in rows)
        short = announced and int(announced.group(1)) > len(rows)
        if (status or short or not rows) and not explained:
            self.add(f'{prefix}: ended with status {status} after {len(rows)} tests', 'failed')

    def add_meson(self, prefix, path):
        """A testlog.json of meson: one object per line."""
        with open(path, encoding='utf-8') as stream:
            for line in stream:
                test = json.loads(line)
                name = f'{prefix}: {test["name"].split(" / ")[-1]}'
                text = test.get('stdout', '')
                if TAP.search(text) or re.search(r'^1\.\.\d', text, re.MULTILINE):
                    status = test.get('returncode', 0)
                    self.add_tap(name, text, status)
                elif test['result'] == 'SKIP':
                    self.add(name, 'skipped', last_line(text))
                elif test['result'] in ('OK', 'EXPECTEDFAIL'):
                    self.add(name, 'passed')
                else:
                    self.add(name, 'failed')

    def add_junit(self, prefix, path):
        """A JUnit file as pytest writes it."""
        tree = ElementTree.parse(path)
        for note in tree.iter('property'):
            if note.get('name') == 'repeated':
                self.repeated.append(f'{prefix}: {note.get("value")}')
        for case in tree.iter('testcase'):
            name = f'{prefix}: {case.get("name")}'
            skipped = case.find('skipped')
            if case.find('failure') is not None or case.find('error') is not None:
                self.add(name, 'failed')
            elif skipped is not None:
                self.add(name, 'skipped', (skipped.get('message') or '').replace('\n', ' '))
            else:
                self.add(name, 'passed')

    def summary(self):
        """Lines of text: failures, what was repeated, skips grouped by reason, the closing
        line last."""
        lines = [f'FAILED  {name}' for name in self.failed]
        lines += [f'REPEATED {text}' for text in self.repeated]
        reasons = {}
        for name, reason in self.skipped:
            reasons.setdefault(reason, []).append(name)
        for reason, names in sorted(reasons.items()):
            lines.append(f'SKIPPED {len(names)}: {reason}')
            lines += [f'        {name}' for name in names]
        lines.append(f'{len(self.passed)} passed, {len(self.failed)} failed, '
                     f'{len(self.skipped)} skipped')
        return lines


def last_line(text):
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1] if lines else ''
