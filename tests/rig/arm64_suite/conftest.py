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
import suite  # noqa: E402

BUILD, built = suite.builder('VPMU_BUILD_ARM64', 'build-arm64')


@pytest.fixture(scope='session')
def rig(record_testsuite_property):
    """Runs a script in the rig with our monitor, tool and guest in /rig."""
    files = {'rig/vpmu-system-aarch64': built('vpmu-system-aarch64'),
             'rig/vpmu-guest': built('tests', 'guest', 'arm64', 'vpmu-guest-aarch64')}
    if os.path.exists(os.path.join(BUILD, 'vpmu')):
        files['rig/vpmu'] = os.path.join(BUILD, 'vpmu')
    return suite.runner(arm64.run, files, record_testsuite_property)


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


@pytest.fixture(scope='module', params=['vpmu', 'qemu'])
def monitor(request):
    """Our monitor and a QEMU with our steps, one after the other: (command, files)."""
    if request.param == 'vpmu':
        return 'vpmu-system-aarch64', {}
    # QEMU names a CPU always, and its threads only when told.
    return ('/rig/qemu -cpu host -name rig,debug-threads=on',
            {'lib/libvpmu.so.1': built('lib', 'libvpmu.so.1'), 'rig/qemu': suite.peer()})


@pytest.fixture(scope='session')
def split():
    return suite.sections


# What several files ask of a machine with one set of PMUs or another.
VISIT = '''
echo "### record"; vpmu record -o /tmp/host.json && cat /tmp/host.json
echo "### live"; vpmu resolve --host live --json -- -cpu host
echo "### recorded"; vpmu resolve --host /tmp/host.json --json -- -cpu host
for cpu in 0 1 2 3; do
    echo "### cpu$cpu"; taskset -c $cpu vpmu resolve --host live --json -- -cpu host
done
echo "### again"; for i in 1 2 3; do vpmu record > /dev/null || echo failed; done
taskset -c 2 vpmu doctor > /dev/null || echo failed
echo "### tables"; vpmu-system-aarch64 -dump-state-tables
for cpu in host host,pmu=on; do
    echo "### guest $cpu"
    vpmu-system-aarch64 -nodefaults -display none -serial stdio -m 128 \\
        -kernel /rig/vpmu-guest -M virt -cpu $cpu; echo status=$?
done
true
'''


@pytest.fixture(scope='session')
def visit(rig, split):
    """A function: name of a device tree -> sections of VISIT; one boot for each."""
    seen = {}

    def sections(variant):
        if variant not in seen:
            result = rig(VISIT, variant=variant, timeout=120)
            assert result.ok, result.explain()
            seen[variant] = split(result.output)
        return seen[variant]

    return sections
