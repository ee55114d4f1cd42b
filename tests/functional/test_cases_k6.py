# SPDX-License-Identifier: GPL-2.0-or-later
"""Kind 6: limits of the process.  What cannot be written or opened is an error, and no more."""

import os
import resource
import subprocess
import time

import pytest

from conftest import ROOT, built
from test_migration import migrate, wait_migrated
from test_migration_convergence import wait_laps

MEBIBYTE = 2 ** 20
PROFILE = os.path.join(ROOT, 'tests', 'profiles', 'intel-sapphirerapids.json')


def limit_files(vm, size):
    resource.prlimit(vm.process.pid, resource.RLIMIT_FSIZE, (size, size))


def is_sanitized(program):
    with open(program, 'rb') as stream:
        return b'__asan_init' in stream.read()


def cpu_seconds(vm):
    with open(f'/proc/{vm.process.pid}/stat', encoding='utf-8') as stream:
        fields = stream.read().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


@pytest.fixture
def options(guest):
    return ['-m', 64, '-kernel', guest, '-append', 'fill=8 dirty=1']


def test_a_save_that_may_not_grow_fails_and_the_guest_goes_on(start, kvm, tmp_path, options):
    vm = start(*options)
    wait_laps(vm)
    limit_files(vm, MEBIBYTE)

    migrate(vm, f'file:{tmp_path}/saved')
    info = wait_migrated(vm)
    assert info['status'] == 'failed', info
    assert 'File too large' in info['error-desc'], info
    assert vm.qmp.command('query-status')['status'] == 'running'
    laps = vm.text.count('dirty')
    vm.wait_text('dirty', count=laps + 1)


def test_a_command_of_a_save_has_its_signals_back(start, kvm, tmp_path, options):
    vm = start(*options)
    wait_laps(vm)

    migrate(vm, f'exec:grep -i ^SigIgn /proc/self/status >{tmp_path}/signals; cat >/dev/null')
    assert wait_migrated(vm)['status'] == 'completed'
    ignored = int((tmp_path / 'signals').read_text().split()[1], 16)
    assert not ignored & (1 << 12 | 1 << 24), hex(ignored)  # SIGPIPE 13, SIGXFSZ 25


def test_a_serial_file_that_may_not_grow_loses_output_only(start, kvm, tmp_path, guest):
    vm = start('-m', 64, '-kernel', guest, '-append', 'exit=loop',
               '-serial', f'file:{tmp_path}/out', serial=None, qmp=True)
    out = tmp_path / 'out'
    while not out.exists() or out.stat().st_size < 200:
        time.sleep(0.01)
    limit_files(vm, 256)
    vm.qmp.command('system_reset')
    vm.qmp.wait_event('RESET')
    vm.qmp.command('system_reset')
    vm.qmp.wait_event('RESET')
    assert vm.qmp.command('query-status')['status'] == 'running'


@pytest.mark.parametrize('options', [
    ['-D', 'trace', '-trace', 'kvm_ioctl'],
    ['-chardev', 'file,id=c,path=trace', '-serial', 'chardev:c'],
    ['-chardev', 'ringbuf,id=c,logfile=trace', '-serial', 'chardev:c'],
    ['-pidfile', 'trace'],
], ids=['log', 'serial', 'logfile', 'pidfile'])
def test_a_start_with_no_room_ends_by_itself(monitor, kvm, guest, tmp_path, options):
    """The guest ends as ever, or the file is named: never a signal."""
    result = subprocess.run(
        [monitor, '-nodefaults', '-display', 'none', '-m', '64', '-kernel', guest,
         '-no-reboot', *options], cwd=tmp_path, capture_output=True, text=True, timeout=180,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))
    assert result.returncode in ((1,) if '-pidfile' in options else (0,)), result
    assert '-pidfile' not in options or 'trace' in result.stderr, result.stderr


@pytest.mark.parametrize('command', [
    ['record', '--from-cpuid', '{cpuid}', '-o', 'out'],
    ['resolve', '--host', PROFILE, '--', '-cpu', 'host'],
], ids=['record', 'resolve'])
def test_the_tool_names_the_file_that_may_not_grow(tmp_path, command):
    cpuid = os.path.join(ROOT, 'tests', 'profiles', 'cpuid', 'intel-sapphirerapids.json')
    with open(tmp_path / 'stdout', 'w', encoding='utf-8') as stdout:
        result = subprocess.run(
            [built('vpmu'), *(word.format(cpuid=cpuid) for word in command)],
            cwd=tmp_path, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10)))
    assert result.returncode == 2, result
    assert ('out' in result.stderr or 'standard output' in result.stderr), result.stderr


# Found here: limits that a start meets.  It says what could not be had, or does without.
@pytest.mark.parametrize('limit, value, words', [
    (resource.RLIMIT_NOFILE, 4, 'the limit of open files is 4, at least 32'),
    (resource.RLIMIT_NOFILE, 12, 'the limit of open files is 12, at least 32'),
    (resource.RLIMIT_NOFILE, 32, None),
    (resource.RLIMIT_AS, 100 * MEBIBYTE, 'cannot'),
    (resource.RLIMIT_STACK, 64 * 1024, None),
    (resource.RLIMIT_CORE, 0, None),
])
def test_a_start_under_a_limit_ends_by_itself(monitor, kvm, guest, limit, value, words):
    if limit == resource.RLIMIT_AS and is_sanitized(monitor):
        pytest.skip('AddressSanitizer itself needs more addresses than the limit leaves')
    result = subprocess.run(
        [monitor, '-nodefaults', '-display', 'none', '-m', '64', '-smp', '4', '-kernel', guest,
         '-no-reboot'], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180,
        preexec_fn=lambda: resource.setrlimit(limit, (value, value)))

    assert result.returncode == (1 if words else 0), result
    assert words is None or words in result.stderr, result


# Found here: a device that is always full loses output only.
@pytest.mark.parametrize('options', [
    ['-serial', 'file:/dev/full'], ['-D', '/dev/full', '-trace', 'kvm_ioctl'],
    ['-chardev', 'ringbuf,id=c,logfile=/dev/full', '-serial', 'chardev:c']],
    ids=['serial', 'log', 'logfile'])
def test_output_to_a_full_device_is_lost(ask, kvm, guest, options):
    got = ask('-nodefaults', '-display', 'none', '-m', '64', '-kernel', guest, '-no-reboot',
              *options)

    assert got.returncode == 0, got


def test_without_descriptors_a_peer_waits_and_nothing_spins(start, kvm, tmp_path, guest):
    vm = start('-m', 64, '-kernel', guest, '-append', 'exit=loop', '-chardev',
               f'socket,id=c,path={tmp_path}/c,server=on,wait=off', '-serial', 'chardev:c',
               serial=None)
    assert vm.qmp.command('query-status')
    vm.qmp.command('stop')
    used = max(map(int, os.listdir(f'/proc/{vm.process.pid}/fd')))
    gaps = used + 1 - len(os.listdir(f'/proc/{vm.process.pid}/fd'))
    resource.prlimit(vm.process.pid, resource.RLIMIT_NOFILE, (used + 1 - gaps, 4096))
    peer = subprocess.Popen(['/usr/bin/python3', '-c', f"""
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect({str(tmp_path / 'c')!r})
sys.stdin.read()
"""], stdin=subprocess.PIPE)
    before = cpu_seconds(vm)
    time.sleep(1)
    assert cpu_seconds(vm) - before < 0.3
    peer.communicate(b'')
    assert vm.qmp.command('query-status')
