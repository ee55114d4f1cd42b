# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/bench works; what it measures is nobody's pass or fail."""

import os
import re
import subprocess
import sys

from conftest import BUILD, ROOT


def test_migrate_compares_with_a_floor(monitor, kvm):
    got = subprocess.run(
        [sys.executable, '-B', os.path.join(ROOT, 'scripts', 'bench'), 'migrate', '--build',
         BUILD, '--runs', '1', '--memory', '64', '--hosts', '30'],
        capture_output=True, text=True, timeout=300)
    assert got.returncode == 0, got
    for kind in ('full', 'empty', 'busy'):
        for what in ('move', 'save', 'restore'):
            assert re.search(rf'^{kind} +{what} +vpmu/memcpy +\d', got.stdout, re.MULTILINE), \
                got.stdout
    assert re.search(r'^time per host: \d', got.stdout, re.MULTILINE), got.stdout
    assert re.search(r'^peak memory: \d', got.stdout, re.MULTILINE), got.stdout
