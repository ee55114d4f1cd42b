# SPDX-License-Identifier: GPL-2.0-or-later
"""Every KVM call, write and read of a save and of a load fails once in turn.

A save that fails says why and the guest goes on where it is, with nothing left open; a load
that fails ends with one line.  What can be done without is done without.
"""

import os
import re
import subprocess
import sys

import pytest

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, FOLDER)
sys.path.insert(0, os.path.join(os.path.dirname(FOLDER), 'functional'))

from conftest import *  # noqa: E402,F401,F403
from conftest import MACHINES  # noqa: E402
from test_migration import migrate, wait_migrated, wait_rounds, wait_status  # noqa: E402
from test_start_faults import OPTIONAL, preload  # noqa: E402
import shim  # noqa: E402

# The log is switched off or a clock is told when everything has been said; EIO of
# KVM_GET_TSC_KHZ is KVM's word for a host whose TSC is unstable.
LOAD_OPTIONAL = OPTIONAL | {'KVM_GET_TSC_KHZ', 'KVM_KVMCLOCK_CTRL'}
SAVE_OPTIONAL = {'KVM_CHECK_EXTENSION', 'KVM_GET_TSC_KHZ', 'KVM_SET_USER_MEMORY_REGION'}

# All of them with VPMU_LONG.
SAVE_STEP, LOAD_STEP = (1, 1) if os.environ.get('VPMU_LONG') else (4, 3)


@pytest.fixture
def options(guest):
    return ['-M', MACHINES[0], '-m', 64, '-kernel', guest, '-append', 'repeat=0 work=900000000']


@pytest.fixture
def shimmed(start, options, kvm, tmp_path):
    """A running guest under the shim: (vm, report)."""
    report = shim.Report(tmp_path / 'report')
    vm = start(*options, environment={'LD_PRELOAD': preload(),
                                      'VPMU_SHIM_REPORT': report.path})
    wait_rounds(vm)
    return vm, report


def failed_names(report):
    return shim.request_names().get(report.read()['armed_failed'] & 0xff, [])


def save_loop(vm, report, kind, path):
    """Fails use 1, 2, … of @kind of a save until one is not reached."""
    def migrate_once():
        if os.path.exists(path):
            os.unlink(path)
        migrate(vm, f'file:{path}')

    migrate_once()
    wait_migrated(vm)
    vm.qmp.command('cont')
    opened = len(vm.descriptors())
    nth, failures = 1, 0
    while True:
        report.arm(kind, nth)
        migrate_once()
        info = wait_migrated(vm)
        report.disarm()
        seen = report.read()
        if not seen['armed_failed']:
            assert info['status'] == 'completed', (nth, info)
            vm.qmp.command('cont')
            return nth, failures
        names = failed_names(report) if kind == 'ioctl' else []
        if info['status'] == 'failed':
            failures += 1
            assert info['error-desc'], (nth, info)
            assert not names or any(name in info['error-desc'] for name in names), \
                f'use {nth}: {names} is not named: {info["error-desc"]}'
            assert vm.qmp.command('query-status')['status'] == 'running', (nth, names)
            assert not os.path.exists(path) or os.path.getsize(path) == 0, (nth, names)
        else:
            assert kind == 'ioctl' and SAVE_OPTIONAL & set(names), \
                f'use {nth}, {names}: went unnoticed'
            vm.qmp.command('cont')
        assert len(vm.descriptors()) == opened, f'use {nth}, {names}: {vm.descriptors()}'
        assert 'Sanitizer' not in vm.error_text, vm.error_text
        nth += SAVE_STEP


@pytest.mark.parametrize('kind', ['ioctl', 'file'])
def test_each_use_of_a_save_fails_in_turn(shimmed, tmp_path, kind):
    vm, report = shimmed
    reached, failures = save_loop(vm, report, kind, tmp_path / 'saved')
    assert reached > 20 and failures > reached / SAVE_STEP * 0.9 - 3
    wait_rounds(vm, 2)


@pytest.mark.parametrize('end', ['migrate_cancel', 'quit', 'SIGTERM'])
def test_name_that_nobody_answers_for_is_waited_for_no_longer(start, options, kvm, end):
    vm = start(*options, environment={'LD_PRELOAD': preload(), 'VPMU_SHIM_LOOKUP': '1'})
    wait_rounds(vm)
    migrate(vm, 'tcp:somewhere:1')
    if end == 'SIGTERM':
        vm.terminate()
    else:
        vm.qmp.command(end)
    if end == 'migrate_cancel':
        assert wait_migrated(vm, 20)['status'] == 'cancelled'
        wait_rounds(vm)
    else:
        assert vm.wait(20) == 0


def test_what_is_not_on_the_disk_is_not_saved(shimmed, tmp_path):
    vm, report = shimmed
    report.arm('sync', 1)
    migrate(vm, f'file:{tmp_path}/saved')
    info = wait_migrated(vm)

    assert info['status'] == 'failed'
    assert 'the disk did not take all of its' in info['error-desc']
    assert vm.qmp.command('query-status')['status'] == 'running'
    wait_rounds(vm, 2)
    report.arm('sync', 2)
    migrate(vm, f'file:{tmp_path}/saved')
    assert wait_migrated(vm)['status'] == 'completed'
    assert report.read()['armed_count'] == 1


def test_each_send_of_a_move_fails_in_turn(shimmed, start, options, tmp_path):
    vm, report = shimmed
    targets = []

    def once():
        for old in targets:
            old.close()
        path = f'{tmp_path}/m{len(os.listdir(tmp_path))}'
        targets[:] = [start(*options, '-S', '-incoming', f'unix:{path}')]
        wait_status(targets[0], 'inmigrate')
        migrate(vm, f'unix:{path}')

    # Frames are much alike; an odd step meets heads and payloads.
    step = 1 if os.environ.get('VPMU_LONG') else 9
    nth, failures, is_over = 1, 0, False
    while not is_over:
        report.arm('send', nth)
        once()
        info = wait_migrated(vm)
        report.disarm()
        if info['status'] == 'failed':
            assert info['error-desc'], (nth, info)
            assert vm.qmp.command('query-status')['status'] == 'running', nth
            failures += 1
        else:
            # All was sent, or all but the last word; the target is whole either way.
            wait_status(targets[0], 'paused')
            vm.qmp.command('cont')
            is_over = True
        nth += step
    assert failures > 50 / step
    wait_rounds(vm, 2)


def load(monitor, options, saved, report, kind, nth):
    """The monitor with its saved guest, stopped by its first KVM_RUN: @saved has run out."""
    report.clear()
    command = [monitor, '-nodefaults', '-display', 'none', '-serial', 'stdio',
               *map(str, options), '-incoming', f'file:{saved}']
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True,
                          env=dict(os.environ, LD_PRELOAD=preload(),
                                   VPMU_SHIM_REPORT=report.path, VPMU_SHIM_KIND=kind,
                                   VPMU_SHIM_FAIL=str(nth))) as process:
        output = ''
        while not re.search(r'work\.round=\d+\n', output):
            line = process.stdout.readline()
            if not line:
                break
            output += line
        else:
            process.terminate()
        rest, errors = process.communicate(timeout=60)
    return subprocess.CompletedProcess(command, process.returncode, output + rest, errors)


@pytest.mark.parametrize('kind, counter', [('ioctl', 'ioctls'), ('file', 'files')])
def test_each_use_of_a_load_fails_in_turn(start, monitor, options, kvm, tmp_path, kind,
                                          counter):
    saved = tmp_path / 'saved'
    vm = start(*options)
    wait_rounds(vm)
    migrate(vm, f'file:{saved}')
    assert wait_migrated(vm)['status'] == 'completed'
    vm.close()
    report = shim.Report(tmp_path / 'report')
    names = shim.request_names()

    uses = {}
    for what, command in (('start', [*options, '-S']), ('load', options)):
        if what == 'load':
            got = load(monitor, options, saved, report, kind, 0)
            assert 'work.round' in got.stdout, got
            uses[what] = report.read()[counter]
        else:
            uses[what] = start_uses(monitor, command, report, counter)
    # What a start does fails in turn in test_start_faults.py; from there on it is the load.
    step = LOAD_STEP * (1 if kind == 'ioctl' else 4)
    for nth in range(max(1, uses['start'] - 5), uses['load'] + 1, step):
        got = load(monitor, options, saved, report, kind, nth)
        seen = report.read()
        request = names.get(seen['failed'] & 0xff, [hex(seen['failed'])])
        if 'work.round' in got.stdout:
            assert kind == 'ioctl' and LOAD_OPTIONAL & set(request) or kind == 'file' and \
                str(saved) != seen['path'], f'use {nth}, {request}, {seen["path"]}'
            continue
        lines = [line for line in got.stderr.splitlines() if ': warning: ' not in line]
        assert got.returncode == 1 and len(lines) == 1, f'use {nth}, {request}: {got}'
        assert 'Sanitizer' not in got.stderr, got.stderr
        if kind == 'ioctl':
            assert any(name in got.stderr for name in request), \
                f'use {nth}: {request} is not named: {got.stderr}'
        assert seen['left_open'] == 0, f'use {nth}, {request}: left open'


def start_uses(monitor, command, report, counter):
    """Uses of a start that gets as far as waiting."""
    report.clear()
    process = subprocess.Popen(
        [monitor, '-nodefaults', '-display', 'none', '-serial', 'none', '-qmp', 'stdio',
         *map(str, command)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env=dict(os.environ, LD_PRELOAD=preload(), VPMU_SHIM_REPORT=report.path))
    process.stdout.readline()
    uses = report.read()[counter]
    process.kill()
    process.communicate()
    return uses
