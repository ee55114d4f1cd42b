# SPDX-License-Identifier: GPL-2.0-or-later
"""The x86_64 build in the nested rig; what cannot be had is a skip with its reason."""

import os
import sys

import pytest

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(FOLDER))

import fetch  # noqa: E402
import machine  # noqa: E402
import nested  # noqa: E402
import suite  # noqa: E402

BUILD, built = suite.builder('VPMU_BUILD', 'build')


@pytest.fixture(scope='session')
def rig(record_testsuite_property):
    """Runs a script in the rig with our monitor, tool and guest in /rig."""
    files = {'rig/vpmu-system-x86_64': built('vpmu-system-x86_64'),
             'rig/vpmu-guest': built('tests', 'guest', 'x86', 'vpmu-guest-x86_64')}
    if os.path.exists(os.path.join(BUILD, 'vpmu')):
        files['rig/vpmu'] = os.path.join(BUILD, 'vpmu')
    return suite.runner(nested.run, files, record_testsuite_property)


@pytest.fixture(scope='session')
def linux_guest(tmp_path_factory):
    """Debian's amd64 kernel, packed and as ELF, and an initramfs with a shell."""
    folder = tmp_path_factory.mktemp('guest')
    try:
        return {'rig/vmlinuz': fetch.Kernel('amd64').image,
                'rig/vmlinux': nested.kernel_elf(fetch.Kernel('amd64')),
                'rig/guest.gz': machine.guest_initramfs(str(folder / 'guest.gz'), 'amd64')}
    except fetch.Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope='session')
def split():
    return suite.sections
