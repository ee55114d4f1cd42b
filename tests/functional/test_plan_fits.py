# SPDX-License-Identifier: GPL-2.0-or-later
"""Parts of a command line are checked against each other, in a dry run and at a start."""

import json
import os
import subprocess

import pytest

from conftest import ROOT, built

KIBIBYTE = 1024
PROFILE = os.path.join(ROOT, 'tests', 'profiles', 'intel-sapphirerapids.json')


def refusal(result):
    lines = [line for line in (result.stdout + result.stderr).splitlines()
             if line.startswith('error: ') or 'vpmu-system' in line and 'warning' not in line]
    assert result.returncode == 1 and len(lines) == 1, result
    return lines[0]


@pytest.mark.parametrize('mode', [[], ['--dry-run']], ids=['start', 'dry-run'])
@pytest.mark.parametrize('line, words', [
    ('-m 6G -cpu host,phys-bits=32', ['0x1ffffffff', '33 bits', '32 bits', 'phys-bits=33']),
    ('-m 2T -cpu qemu64', ['42 bits', '40 bits', '-m']),
    ('-m 600G -cpu host,phys-bits=39', ['40 bits', '39 bits']),
    ('-M microvm -m 6G -cpu host,phys-bits=32', ['33 bits', '32 bits']),
    ('-m 1000G -cpu base', ['40 bits', '32 bits']),
    ('-m 3G -cpu host,phys-bits=32', ['33 bits']),
    ('-m 64T', ['-m 64 TiB', '8 TiB in one piece']),
    ('-m 8191P', ['8 TiB in one piece']),
    ('-m 18446744073709551615b', ['more than any machine has']),
    ('-smp 4,clusters=2,cores=2', ['clusters', 'no level of machine', 'modules']),
    ('-M microvm -smp 4,dies=2,cores=2', ['dies=2', 'no level of machine microvm']),
    ('-M microvm -smp 4,modules=2,cores=2', ['modules=2', 'no level']),
    ('-accel kvm,kernel-irqchip=off', ['kernel-irqchip=off', "only 'on'"]),
    ('-accel kvm,kernel-irqchip=split', ['kernel-irqchip=split', "only 'on'"]),
    ('-accel kvm,kvm-shadow-mem=1M', ['kvm-shadow-mem', 'only 0']),
])
def test_what_does_not_fit_is_refused_by_name(ask, kvm, x86, guest, line, words, mode):
    said = refusal(ask('-nodefaults', '-display', 'none', '-kernel', guest, *line.split(),
                       *mode))

    for word in words:
        assert word in said, said


@pytest.mark.parametrize('accel', ['kernel-irqchip=off', 'kernel-irqchip=split',
                                   'kvm-shadow-mem=1M'])
def test_the_tool_refuses_what_the_monitor_does(accel):
    result = subprocess.run([built('vpmu'), 'resolve', '--host', PROFILE, '--', '-accel',
                             f'kvm,{accel}'], capture_output=True, text=True, timeout=60)

    assert result.returncode != 0 and accel.partition('=')[0] in result.stderr, result


@pytest.mark.parametrize('text, size', [
    ('65537K', 67117056), ('4092069k', 4190281728), ('4097K', 4104 * KIBIBYTE),
    ('64', 64 * KIBIBYTE ** 2), ('2097153b', 2056 * KIBIBYTE), ('3000.5K', 3008 * KIBIBYTE)])
def test_memory_is_rounded_up_to_8_kib(ask, kvm, guest, text, size):
    got = ask('-nodefaults', '-kernel', guest, '-m', text, '--dry-run=json')

    assert got.returncode == 0, got
    assert sum(part['bytes'] for part in json.loads(got.stdout)['ram']) == size


def test_modules_are_a_level(start, kvm, x86, guest):
    vm = start('-M', 'q35', '-m', 64, '-smp', '8,dies=2,modules=2,cores=2', '-S',
               '-kernel', guest)

    places = [cpu['props'] for cpu in vm.qmp.command('query-cpus-fast')]
    assert [(place['socket-id'], place['die-id'], place['module-id'], place['core-id'],
             place['thread-id']) for place in places] == [
                 (0, die, module, core, 0) for die in (0, 1) for module in (0, 1)
                 for core in (0, 1)]


@pytest.mark.parametrize('capabilities, named', [
    ([('xbzrle', False)], None),
    ([('postcopy-ram', False), ('events', True), ('made-up', False)], None),
    ([], None),
    ([('xbzrle', True)], 'xbzrle'),
    ([('events', True), ('made-up', True)], 'made-up'),
    ([('', True)], "''"),
])
def test_what_is_not_there_can_be_switched_off(start, capabilities, named):
    """Libvirt switches off what it does not want, known or not; all or nothing changes."""
    vm = start('-M', 'none')
    wanted = [{'capability': name, 'state': state} for name, state in capabilities]
    vm.qmp.send_raw(json.dumps({'execute': 'migrate-set-capabilities', 'arguments': {
        'capabilities': wanted}}).encode() + b'\n')
    reply = vm.qmp.reply()

    assert ('error' in reply) == (named is not None), reply
    assert named is None or named in reply['error']['desc']
    state = {entry['capability']: entry['state']
             for entry in vm.qmp.command('query-migrate-capabilities')}
    assert state['events'] == (named is None and ('events', True) in capabilities)
    assert 'xbzrle' not in state
