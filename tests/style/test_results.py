#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The counting behind the closing line of scripts/test."""

import json
import os
import sys
import tempfile
import unittest

SCRIPTS = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))), 'scripts')
sys.path.insert(0, SCRIPTS)
sys.dont_write_bytecode = True

import testresults  # noqa: E402


class Tap(unittest.TestCase):
    def counts(self, text, status=0):
        results = testresults.Results()
        results.add_tap('x', text, status)
        return len(results.passed), len(results.failed), len(results.skipped)

    def test_each_verdict_is_counted(self):
        text = '1..3\nok 1 /a\nnot ok 2 /b\nok 3 /c # SKIP no kvm\n'
        self.assertEqual(self.counts(text, 1), (1, 1, 1))

    def test_program_that_dies_is_a_failure(self):
        self.assertEqual(self.counts('1..3\nok 1 /a\n', -6), (1, 1, 0))

    def test_program_that_stops_short_is_a_failure(self):
        self.assertEqual(self.counts('1..3\nok 1 /a\n'), (1, 1, 0))

    def test_program_that_says_nothing_is_a_failure(self):
        self.assertEqual(self.counts(''), (0, 1, 0))

    def test_whole_program_skipped(self):
        self.assertEqual(self.counts('1..0 # SKIP no kvm\n'), (0, 0, 1))


class Files(unittest.TestCase):
    def test_meson_log(self):
        rows = [{'name': 'vpmu:unit / a', 'result': 'OK', 'returncode': 0,
                 'stdout': '1..1\nok 1 /a\n'},
                {'name': 'vpmu:style / b', 'result': 'OK', 'returncode': 0, 'stdout': 'fine\n'},
                {'name': 'vpmu:style / c', 'result': 'SKIP', 'returncode': 77,
                 'stdout': 'c: skipped: no tool\n'},
                {'name': 'd', 'result': 'TIMEOUT', 'returncode': -9, 'stdout': ''}]
        results = testresults.Results()
        with tempfile.NamedTemporaryFile('w', suffix='.json') as log:
            log.write('\n'.join(json.dumps(row) for row in rows))
            log.flush()
            results.add_meson('build', log.name)
        self.assertEqual((len(results.passed), results.failed), (2, ['build: d']))
        self.assertEqual(results.skipped, [('build: c', 'c: skipped: no tool')])

    def test_junit_file(self):
        results = testresults.Results()
        with tempfile.NamedTemporaryFile('w', suffix='.xml') as log:
            log.write('<testsuites><testsuite><properties><property name="repeated" '
                      'value="b: it stood still"/></properties>'
                      '<testcase name="a"/><testcase name="b">'
                      '<failure/></testcase><testcase name="c"><skipped message="why"/>'
                      '</testcase></testsuite></testsuites>')
            log.flush()
            results.add_junit('x', log.name)
        self.assertEqual(results.summary()[-1], '1 passed, 1 failed, 1 skipped')
        self.assertIn('SKIPPED 1: why', results.summary())
        self.assertIn('REPEATED x: b: it stood still', results.summary())


if __name__ == '__main__':
    unittest.main()
