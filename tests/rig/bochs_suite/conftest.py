# SPDX-License-Identifier: GPL-2.0-or-later
"""The x86_64 build in the Bochs rig; what cannot be had is a skip with its reason."""

import os
import sys

import pytest

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(FOLDER))

import bochs  # noqa: E402
import suite  # noqa: E402

BUILD, built = suite.builder('VPMU_BUILD', 'build')
FILES = {'rig/vpmu-system-x86_64': ('vpmu-system-x86_64',),
         'rig/vpmu': ('vpmu',),
         'rig/kvm-pmu': ('tests', 'rig', 'kvm-pmu', 'kvm-pmu'),
         'rig/vpmu-guest': ('tests', 'guest', 'x86', 'vpmu-guest-x86_64')}


@pytest.fixture(scope='session')
def rig(record_testsuite_property):
    """Runs a script in the rig with our programs in /rig."""
    files = {target: built(*path) for target, path in FILES.items()}
    return suite.runner(bochs.run, files, record_testsuite_property)
