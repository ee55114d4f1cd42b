# SPDX-License-Identifier: GPL-2.0-or-later
"""-sandbox: the filter is there, and the guest runs under it."""

import pytest

# The leak checker starts a process of its own at exit, which is just what is denied.
QUIET = {'ASAN_OPTIONS': 'detect_leaks=0'}
ALL = 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'


def seccomp_mode(vm):
    with open(f'/proc/{vm.process.pid}/status') as status:
        return next(line.split()[1] for line in status if line.startswith('Seccomp:'))


@pytest.mark.parametrize('sandbox', [ALL, 'on', 'on,elevateprivileges=children'])
def test_guest_runs_under_the_filter(start, kvm, machine, guest, sandbox):
    vm = start('-M', machine, '-m', 64, '-smp', 2, '-kernel', guest, '-append', 'exit=loop',
               '-sandbox', sandbox, environment=QUIET)
    vm.wait_text('done=ok')

    assert seccomp_mode(vm) == '2'
    vm.qmp.command('system_reset')
    vm.wait_text('done=ok', count=2)
    vm.qmp.command('quit')
    vm.qmp.drain()
    assert vm.wait() == 0, vm.explain()


def test_off_means_no_filter(start, kvm, machine, guest):
    vm = start('-M', machine, '-m', 64, '-kernel', guest, '-append', 'exit=loop',
               '-sandbox', 'off')
    vm.wait_text('done=ok')

    assert seccomp_mode(vm) == '0'
