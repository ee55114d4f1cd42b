# SPDX-License-Identifier: GPL-2.0-or-later
"""What the files test_cases_k*.py share: one line given to the tool and to the monitor."""

import json
import os
import subprocess

from conftest import ROOT, built

TIMEOUT = 60


def profile(name):
    return os.path.join(ROOT, 'tests', 'profiles', name + '.json')


def tool(*args, **more):
    return subprocess.run([built('vpmu'), *map(str, args)], stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, timeout=TIMEOUT, **more)


def resolve(host, *line):
    """The tool's answer to @line for the recorded @host."""
    return tool('resolve', '--host', profile(host), '--json', '--', *line)


def contract(host, *line):
    """What the guest of @line has on @host."""
    done = resolve(host, *line)
    assert done.returncode == 0, done
    return json.loads(done.stdout)['contract']


def findings(done, row=None):
    return [finding for finding in json.loads(done.stdout)['findings']
            if row in (None, finding['row'])]
