#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What may change in a golden file, and what is a promise."""

import contextlib
import io
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                'resolve'))
sys.dont_write_bytecode = True

import golden  # noqa: E402

NEWEST_FIRST = ['3.1', '3.0', '2.9', '2.8']
BEFORE = """\
-cpu host
  3.1: aaaa pmu on
    features: x y
  3.0 .. 2.8: bbbb pmu on
    features: x
    note: pmu: why
-cpu max
  3.1 .. 2.8: cccc pmu on
    features: x y
"""
MODELS = """\
Old-v1-cpu: Intel, "Old"
    x y
Old-cpu is Old-v1-cpu
"""


class Unfolding(unittest.TestCase):
    def test_each_version_of_a_heading_says_the_same(self):
        promises = golden.unfold(BEFORE, NEWEST_FIRST)

        self.assertEqual(len(promises), 8)
        self.assertEqual(promises['-cpu host', '3.1'], ['aaaa pmu on', '    features: x y'])
        for version in ('3.0', '2.9', '2.8'):
            self.assertEqual(promises['-cpu host', version],
                             ['bbbb pmu on', '    features: x', '    note: pmu: why'])

    def test_models_are_promises_of_no_version(self):
        self.assertEqual(golden.unfold(MODELS, NEWEST_FIRST), {
            ('Old-v1-cpu', None): ['Old-v1-cpu: Intel, "Old"', '    x y'],
            ('Old-cpu', None): ['Old-cpu is Old-v1-cpu']})


class Promises(unittest.TestCase):
    def broken(self, *changes, before=BEFORE, versions=NEWEST_FIRST):
        after = before
        for old, new in changes:
            self.assertIn(old, after)
            after = after.replace(old, new)
        return golden.broken(before, after, versions)

    def test_newest_version_may_change(self):
        self.assertEqual(self.broken(('aaaa pmu on', 'dddd pmu off'), ('x y\n  3.0', 'x\n  3.0')),
                         [])

    def test_released_version_may_not_change(self):
        self.assertEqual(self.broken(('bbbb', 'dddd')),
                         [f'{version}, -cpu host: bbbb pmu on'
                          for version in ('3.0', '2.9', '2.8')])

    def test_one_version_that_leaves_its_heading_is_found(self):
        lost = self.broken(('  3.0 .. 2.8: bbbb pmu on\n    features: x\n',
                            '  3.0 .. 2.9: bbbb pmu on\n    features: x\n    note: pmu: why\n'
                            '  2.8: bbbb pmu on\n    features: x z\n'))

        self.assertEqual(lost, ['2.8, -cpu host: features: x'])

    def test_folding_otherwise_is_no_change(self):
        self.assertEqual(
            self.broken(('  3.1 .. 2.8: cccc pmu on\n    features: x y\n',
                         '  3.1: eeee pmu on\n    features: x\n'
                         '  3.0 .. 2.8: cccc pmu on\n    features: x y\n')), [])

    def test_lines_may_be_added(self):
        self.assertEqual(
            self.broken(('    note: pmu: why\n', '    note: a: new\n    note: pmu: why\n'
                                                 '    note: b: new\n'),
                        ('-cpu max', '-cpu new\n  3.1 .. 2.8: ffff\n-cpu max')), [])

    def test_lines_may_not_go_nor_change_places(self):
        self.assertEqual(len(self.broken(('    note: pmu: why\n', ''))), 3)
        self.assertEqual(len(self.broken(('    features: x\n    note: pmu: why\n',
                                          '    note: pmu: why\n    features: x\n'))), 3)

    def test_command_line_or_version_may_not_go(self):
        gone = BEFORE[:BEFORE.index('-cpu max')]

        self.assertEqual(len(golden.broken(BEFORE, gone, NEWEST_FIRST)), 3)
        self.assertEqual(len(self.broken(('.. 2.8', '.. 2.9'), versions=NEWEST_FIRST[:3])), 2)

    def test_new_version_makes_the_newest_a_released_one(self):
        versions = ['3.2'] + NEWEST_FIRST
        added = ('  3.1: aaaa', '  3.2 .. 3.1: aaaa')

        self.assertEqual(self.broken(added, versions=versions), [])
        self.assertEqual(self.broken(added, ('aaaa', 'dddd'), versions=versions),
                         ['3.1, -cpu host: aaaa pmu on'])

    def test_models_may_be_added_not_changed(self):
        added = ('Old-cpu is', 'New-v1-cpu: Intel, "New"\n    x y z\nOld-cpu is')

        self.assertEqual(self.broken(added, before=MODELS), [])
        self.assertEqual(self.broken(('    x y\n', '    x y z\n'), before=MODELS),
                         ['Old-v1-cpu: x y'])

    def test_new_host_breaks_nothing(self):
        self.assertEqual(golden.broken('', BEFORE, NEWEST_FIRST), [])


class Writing(unittest.TestCase):
    def write(self, old, new, reason=''):
        """Status, what is in the file afterwards, what was said."""
        said = io.StringIO()
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'host.txt')
            with open(path, 'w', encoding='utf-8') as stream:
                stream.write(BEFORE)
            with contextlib.redirect_stdout(said):
                status = golden.write([(path, BEFORE, BEFORE.replace(old, new))],
                                      NEWEST_FIRST, reason)
            return status, golden.read(path), said.getvalue()

    def test_change_of_the_newest_is_written(self):
        status, text, _ = self.write('aaaa', 'dddd')

        self.assertEqual((status, text), (0, BEFORE.replace('aaaa', 'dddd')))

    def test_change_of_a_released_one_is_refused(self):
        status, text, said = self.write('bbbb', 'dddd')

        self.assertEqual((status, text), (1, BEFORE))
        self.assertIn('host.txt: 2.9, -cpu host: bbbb', said)
        self.assertIn('--released', said)

    def test_change_of_a_released_one_needs_a_reason(self):
        status, text, said = self.write('bbbb', 'dddd', 'it never was true')

        self.assertEqual((status, text), (0, BEFORE.replace('bbbb', 'dddd')))
        self.assertIn('it never was true', said)


if __name__ == '__main__':
    unittest.main()
