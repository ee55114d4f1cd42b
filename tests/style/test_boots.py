#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Which boots of an emulated machine are made again, and which are a verdict."""

import os
import sys
import unittest

RIG = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'rig')
sys.path.insert(0, RIG)
sys.dont_write_bytecode = True

import machine  # noqa: E402

GOOD = 'RIG-BEGIN\nhello\n\nRIG-STATUS=0\n'
FAILED = 'RIG-BEGIN\nhello\n\nRIG-STATUS=1\n'
DIED = 'RIG-BEGIN\nhello\n[ 9.1] Kernel panic - not syncing: Fatal exception in interrupt\n'
STUCK = 'RIG-BEGIN\nTALK: gave up after 9 seconds\nTALK: exits 7\n\nRIG-STATUS=1\n'


class Boots(unittest.TestCase):
    def boot(self, *consoles, **state):
        """The result of machines that say @consoles, one after the other."""
        left = list(consoles)
        result = machine.boot_soundly(lambda: machine.Result(left.pop(0), 1.0, False, **state))
        return result, len(left)

    def test_good_boot_is_made_once(self):
        result, left = self.boot(GOOD, GOOD)
        self.assertTrue(result.ok)
        self.assertEqual((left, result.repeats), (1, []))

    def test_failed_job_is_a_verdict(self):
        result, left = self.boot(FAILED, GOOD)
        self.assertEqual((result.status, left, result.repeats), (1, 1, []))

    def test_kernel_that_died_is_booted_again_and_told(self):
        result, left = self.boot(DIED, GOOD)
        self.assertTrue(result.ok)
        self.assertEqual(left, 0)
        self.assertIn('died', result.repeats[0])
        self.assertIn('Fatal exception', result.repeats[0])

    def test_guest_that_dies_in_a_good_machine_is_a_verdict(self):
        result, left = self.boot(DIED + 'RIG-STATUS=1\n', GOOD)
        self.assertEqual((result.status, left), (1, 1))

    def test_machine_that_always_fails_is_given_up(self):
        result, left = self.boot(DIED, DIED, DIED, GOOD)
        self.assertFalse(result.ok)
        self.assertEqual(left, 1)
        self.assertIn('died', result.explain())

    def test_machine_that_stands_still_is_booted_again(self):
        result, left = self.boot('RIG-BEGIN\n', '', '', GOOD, stopped=True)
        self.assertEqual((left, len(result.repeats)), (1, 2))

    def test_end_without_a_word_is_a_verdict(self):
        result, left = self.boot('RIG-BEGIN\nhello\n', GOOD)
        self.assertEqual((result.status, left), (None, 1))

    def test_stuck_guest_is_repeated_once(self):
        result, left = self.boot(STUCK, STUCK, GOOD)
        self.assertEqual((result.status, left, len(result.repeats)), (1, 1, 1))
        self.assertIn('exits 7', result.repeats[0])


if __name__ == '__main__':
    unittest.main()
