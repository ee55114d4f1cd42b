# SPDX-License-Identifier: GPL-2.0-or-later
"""The x86_64 build in the Bochs rig; what cannot be had is a skip with its reason."""

import os
import sys

import pytest

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(FOLDER))

import bochs  # noqa: E402
import fetch  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(FOLDER)))
BUILD = os.path.join(ROOT, os.environ.get('VPMU_BUILD', 'build'))
FILES = {'rig/vpmu-system-x86_64': ('vpmu-system-x86_64',),
         'rig/vpmu': ('vpmu',),
         'rig/kvm-pmu': ('tests', 'rig', 'kvm-pmu', 'kvm-pmu'),
         'rig/vpmu-guest': ('tests', 'guest', 'x86', 'vpmu-guest-x86_64')}


def built(*path):
    full = os.path.join(BUILD, *path)
    if not os.path.exists(full):
        pytest.skip(f'{full} is not built')
    return full


@pytest.fixture(scope='session')
def rig():
    """Runs a script in the rig with our programs in /rig."""
    files = {target: built(*path) for target, path in FILES.items()}

    def run(script, **options):
        try:
            return bochs.run(script, files, **options)
        except fetch.Unavailable as reason:
            pytest.skip(str(reason))

    return run
