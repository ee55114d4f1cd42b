# SPDX-License-Identifier: GPL-2.0-or-later
"""The arm64 build saves what is kept and documented."""

import os
import sys

from suite import ROOT

sys.path.insert(0, os.path.join(ROOT, 'tests', 'migration'))

import state_tables  # noqa: E402


def test_tables_are_those_that_are_kept(visit):
    assert not state_tables.problems('aarch64', visit('stock')['tables'].replace('\r', ''))
