# SPDX-License-Identifier: GPL-2.0-or-later
"""The aarch64 build in the arm64 rig; what cannot be had is a skip with its reason."""

import os
import sys

import pytest

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(FOLDER))

import arm64  # noqa: E402
import fetch  # noqa: E402
import machine  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(FOLDER)))
BUILD = os.path.join(ROOT, os.environ.get('VPMU_BUILD_ARM64', 'build-arm64'))


def built(*path):
    full = os.path.join(BUILD, *path)
    if not os.path.exists(full):
        pytest.skip(f'{full} is not built')
    return full


@pytest.fixture(scope='session')
def rig():
    """Runs a script in the rig with our monitor, tool and guest in /rig."""
    files = {'rig/vpmu-system-aarch64': built('vpmu-system-aarch64'),
             'rig/vpmu-guest': built('tests', 'guest', 'arm64', 'vpmu-guest-aarch64')}
    if os.path.exists(os.path.join(BUILD, 'vpmu')):
        files['rig/vpmu'] = os.path.join(BUILD, 'vpmu')

    def run(script, more=None, **options):
        try:
            return arm64.run(script, {**files, **(more or {})}, **options)
        except fetch.Unavailable as reason:
            pytest.skip(str(reason))

    return run


@pytest.fixture(scope='session')
def linux_guest(tmp_path_factory):
    """Debian's arm64 kernel and an initramfs with a shell and perf, as files of the rig."""
    try:
        files, folders = arm64.perf_files()
        initrd = machine.guest_initramfs(
            str(tmp_path_factory.mktemp('guest') / 'guest.gz'), 'arm64', files,
            [*folders, *arm64.library_folders()])
        return {'rig/Image': fetch.Kernel('arm64').image, 'rig/guest.gz': initrd}
    except fetch.Unavailable as reason:
        pytest.skip(str(reason))



def sections(output):
    """Output of several runs in one boot: name -> text, split at lines '### name'."""
    found, name = {}, None
    for line in output.splitlines():
        if line.startswith('### '):
            name = line[4:].strip()
            found[name] = ''
        elif name:
            found[name] += line + '\n'
    return found


@pytest.fixture(scope='session')
def split():
    return sections
