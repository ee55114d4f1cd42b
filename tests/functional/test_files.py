# SPDX-License-Identifier: GPL-2.0-or-later
"""Files a guest starts from: what becomes of them later is no matter, and those without an
end are refused."""

import os
import shutil
import subprocess
import threading

import pytest

from conftest import ROOT, built

PROFILE = os.path.join(ROOT, 'tests', 'profiles', 'intel-sapphirerapids.json')


def cut(path):
    os.truncate(path, 0)


def overwrite(path):
    size = path.stat().st_size
    with open(path, 'r+b') as stream:
        stream.write(os.urandom(size))


@pytest.mark.parametrize('change', [cut, overwrite, os.unlink])
def test_a_reset_needs_no_file(start, kvm, guest, tmp_path, change):
    kernel, initrd, item = (tmp_path / name for name in ('kernel', 'initrd', 'item'))
    shutil.copy(guest, kernel)
    initrd.write_bytes(b'i' * 100000)
    item.write_bytes(b'f' * 5000)
    vm = start('-m', 64, '-kernel', kernel, '-initrd', initrd, '-append', 'exit=loop',
               '-fw_cfg', f'name=opt/x,file={item}')
    vm.wait_text('done=ok')

    for path in (kernel, initrd, item):
        change(path)
    vm.qmp.command('system_reset')
    vm.wait_text('done=ok', count=2)


def fill(path, content):
    """Writes to a named pipe as soon as somebody reads."""
    def write():
        with open(path, 'wb') as stream:
            stream.write(content)
    thread = threading.Thread(target=write, daemon=True)
    thread.start()


def test_a_kernel_may_come_through_a_pipe(start, kvm, guest, tmp_path):
    os.mkfifo(tmp_path / 'pipe')
    with open(guest, 'rb') as stream:
        fill(tmp_path / 'pipe', stream.read())

    vm = start('-m', 64, '-kernel', tmp_path / 'pipe', '-append', 'exit=loop')
    vm.wait_text('done=ok')
    vm.qmp.command('system_reset')
    vm.wait_text('done=ok', count=2)


@pytest.mark.parametrize('place', ['/dev/zero', '/dev/urandom', '/', '/proc/self/mem'])
def test_what_is_no_file_is_no_kernel(ask, kvm, place):
    result = ask('-nodefaults', '-m', '64', '-kernel', place, timeout=30)

    assert result.returncode == 1 and place in result.stderr, result
    assert len(result.stderr.splitlines()) == 1


def test_the_tool_reads_a_host_from_a_pipe(tmp_path):
    os.mkfifo(tmp_path / 'pipe')
    with open(PROFILE, 'rb') as stream:
        fill(tmp_path / 'pipe', stream.read())

    result = subprocess.run([built('vpmu'), 'resolve', '--host', tmp_path / 'pipe', '--',
                             '-cpu', 'host'], capture_output=True, text=True, timeout=40)
    assert result.returncode == 0, result
