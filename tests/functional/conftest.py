# SPDX-License-Identifier: GPL-2.0-or-later
"""Each test states what it needs by the fixtures it takes; what is missing is a skip."""

import fcntl
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from monitor import Monitor, PATIENCE  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get('VPMU_BUILD', 'build'))
ARCH = platform.machine()
KVM_GET_API_VERSION = 0xae00


def built(*path):
    full = os.path.join(BUILD, *path)
    if not os.path.exists(full):
        pytest.skip(f'{full} is not built')
    return full


@pytest.fixture
def tmp_path(request, tmp_path_factory):
    """A folder with a short name: what listens in it has 107 characters for its own, and
    libvirt needs 50 of them.  It is kept where --basetemp says where."""
    if request.config.option.basetemp:
        yield tmp_path_factory.mktemp('t')
        return
    place = tempfile.gettempdir()
    folder = tempfile.mkdtemp(prefix='vpmu', dir=place if len(place) <= 30 else '/tmp')
    yield pathlib.Path(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def monitor():
    """Path of the monitor of this machine's architecture."""
    return built(f'vpmu-system-{ARCH}')


@pytest.fixture
def guest():
    """Path of the reporting guest."""
    folder = {'x86_64': 'x86', 'aarch64': 'arm64'}[ARCH]
    return built('tests', 'guest', folder, f'vpmu-guest-{ARCH}')


@pytest.fixture
def kvm():
    """A usable /dev/kvm."""
    try:
        with open('/dev/kvm', 'rb+', buffering=0) as device:
            version = fcntl.ioctl(device, KVM_GET_API_VERSION, 0)
    except OSError as error:
        pytest.skip(f'needs /dev/kvm: {error.strerror}')
    if version != 12:
        pytest.skip(f'needs KVM API version 12, /dev/kvm has {version}')


@pytest.fixture
def x86():
    if ARCH != 'x86_64':
        pytest.skip(f'needs an x86_64 machine, this is {ARCH}')


@pytest.fixture
def start(monitor, tmp_path):
    """Starts monitors; whatever still runs at the end of the test is killed."""
    running = []

    def begin(*options, **keywords):
        vm = Monitor(monitor, str(tmp_path), *options, **keywords)
        running.append(vm)
        return vm

    yield begin
    for vm in running:
        vm.close()


@pytest.fixture
def ask(monitor):
    """Runs the monitor for a question or a refusal, without a guest."""

    def run(*options, timeout=PATIENCE):
        return subprocess.run([monitor, *options], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=timeout)

    return run


MACHINES = ['microvm', 'q35'] if ARCH == 'x86_64' else ['virt']


@pytest.fixture(params=MACHINES)
def machine(request):
    return request.param


def pytest_collection_modifyitems(items):
    """Order as written; the many starts last."""
    items.sort(key=lambda item: 'starts_in_a_row' in item.name)
