# SPDX-License-Identifier: GPL-2.0-or-later
"""A QEMU with our steps and libvpmu (QEMU=/path): its guest's contract is ours, it compares CPU
models as our monitor does, and refuses the moves that our monitor refuses."""

import json
import os
import subprocess

import pytest

from cases import tool
from monitor import Monitor
from qmp import QmpError

MACHINES = ('q35', 'pc', 'microvm', 'pc-q35-11.0', 'pc-q35-10.2', 'pc-q35-10.0', 'pc-q35-9.0')
CPUS = ('host', 'max', 'host,pmu=off', 'host,-x2apic,phys-bits=36', 'host,migratable=off',
        'qemu64', 'qemu64,pmu=on', 'EPYC', 'Skylake-Server', 'Skylake-Server-v4,-avx2')
MODELS = [{'name': 'host'}, {'name': 'max'}, {'name': 'qemu64'}, {'name': 'EPYC'},
          {'name': 'host', 'props': {'x2apic': False}}, {'name': 'host', 'props': {'pmu': False}},
          {'name': 'host', 'props': {'phys-bits': 36, 'lbr-fmt': 'off'}},
          {'name': 'Skylake-Server', 'props': {'avx2': False}}]
NO_MODELS = [{'name': 'nosuch'}, {'name': 'host', 'props': {'nosuch': True}},
             {'name': 'host', 'props': {'avx2': 7}}, {'name': 'host', 'props': {'pebs-fmt': 99}},
             {'name': 'host,avx2=off'}]
REST = ('-L', '/usr/share/seabios', '-L', '/usr/share/qemu', '-m', '64')


@pytest.fixture(scope='module')
def peer():
    path = os.environ.get('QEMU')
    if not path or not os.path.exists(path):
        pytest.skip('QEMU is not set: path of an emulator built with the steps of patches/qemu')
    return path


@pytest.fixture
def theirs(peer, kvm, x86, tmp_path):
    """Starts peers; those without libvpmu are a skip."""
    running = []

    def begin(*options):
        running.append(Monitor(peer, str(tmp_path), '-accel', 'kvm', *REST, *options, serial=None))
        try:
            running[-1].qmp.command('query-vpmu')
        except QmpError as error:
            if 'CommandNotFound' in str(error) or 'without libvpmu' in str(error):
                pytest.skip(f'{peer} was built without libvpmu: {error}')
        return running[-1]

    yield begin
    for monitor in running:
        monitor.close()


def machine_of(vm):
    """The name of the machine that runs, without alias."""
    kind = vm.qmp.command('qom-get', path='/machine', property='type')
    return kind.removesuffix('-machine')


def described(vm, cpu):
    """The line that runs as options for libvpmu: the machine by its name, and what became of
    defaults that a development tree changes."""
    path = vm.qmp.command('query-cpus-fast')[0]['qom-path']
    words = ['qemu-kvm', '-M', machine_of(vm), '-cpu', cpu]
    for name in ('x-ds-without-pmu', 'x-intel-pt-without-pmu', 'x-debug-store-always-available'):
        on = vm.qmp.command('qom-get', path=path, property=name)
        words += ['-global', f'x86_64-cpu.{name}={"on" if on else "off"}']
    return words


@pytest.mark.parametrize('cpu', CPUS)
@pytest.mark.parametrize('machine', MACHINES)
def test_the_vcpu_has_the_contract_of_the_tool(theirs, machine, cpu):
    vm = theirs('-M', machine, '-cpu', cpu, '-S')
    found = vm.qmp.command('query-vpmu')
    wanted = tool('resolve', '--host', 'live', '--json', '--', *described(vm, cpu),
                  *([] if machine != 'microvm' else
                    ['-global', 'x86_64-cpu.x-auto-perf-capabilities=off', '-global',
                     'x86_64-cpu.x-amd-perfmon-always-on=on']))

    assert found['verified'], found['findings']
    assert found['digest'] == json.loads(wanted.stdout)['contract']['digest']
    assert json.loads(found['contract'])['machine'] == machine_of(vm)


@pytest.mark.parametrize('cpu', CPUS)
def test_our_monitor_gives_the_same_contract(theirs, start, guest, cpu):
    """Of a machine that both have released."""
    line = ('-M', 'pc-q35-10.2', '-cpu', cpu, '-S')
    found = theirs(*line).qmp.command('query-vpmu')
    ours = start(*line, '-kernel', guest).qmp.command('query-vpmu')

    assert json.loads(found['contract']) == ours['contract']


def answers(qmp, command):
    found = {}
    for a in MODELS:
        for b in MODELS:
            try:
                found[json.dumps([a, b])] = qmp.command(command, modela=a, modelb=b)
            except QmpError:
                found[json.dumps([a, b])] = 'refused'
    return found


@pytest.mark.parametrize('command', ['query-cpu-model-comparison', 'query-cpu-model-baseline'])
@pytest.mark.parametrize('machine', ['pc-q35-10.2', 'pc-q35-9.0', 'none'])
def test_models_are_compared_alike(theirs, start, guest, machine, command):
    ours = start('-M', machine, *([] if machine == 'none' else ['-kernel', guest, '-S']))
    vm = theirs('-M', machine, *([] if machine == 'none' else ['-S']))
    if vm.qmp.command('query-version')['qemu']['major'] < 10:
        pytest.skip('this QEMU has the command for s390x alone')
    expected, found = answers(ours.qmp, command), answers(vm.qmp, command)

    assert {pair: found[pair] for pair in expected if expected[pair] != found[pair]} == {}
    assert list(expected.values()).count('refused') < len(expected)


@pytest.mark.parametrize('model', NO_MODELS, ids=str)
def test_what_is_no_model_is_refused_by_both(theirs, start, model):
    for vm in (start('-M', 'none'), theirs('-M', 'none')):
        for command in ('query-cpu-model-comparison', 'query-cpu-model-baseline'):
            with pytest.raises(QmpError):
                vm.qmp.command(command, modela=model, modelb={'name': 'host'})


PASSED = ('-M', 'pc,usb=on,smm=off,hpet=off,max-ram-below-4g=1G', '-accel',
          'kvm,notify-vmexit=run', '-object', 'iothread,id=thread0', '-global', 'PIIX4_PM.disable_s3=1')


def test_what_decides_no_cpu_is_passed_over(theirs):
    found = theirs(*PASSED, '-cpu', 'host', '-S').qmp.command('query-vpmu')
    note = next(row for row in found['findings'] if row['row'] == 'command line')

    assert found['verified'], found
    assert '-machine usb' in note['cause'] and 'notify-vmexit' in note['cause']


@pytest.mark.parametrize('cpu', ['host', 'host,kvm-msi-ext-dest-id=on', 'EPYC'])
def test_a_split_interrupt_controller_is_in_the_contract(theirs, cpu):
    vm = theirs('-M', 'pc-q35-10.2,kernel-irqchip=split', '-cpu', cpu, '-S')
    found = vm.qmp.command('query-vpmu')

    assert found['verified'], found
    assert ('kvm-msi-ext-dest-id' in json.loads(found['contract'])['features']) == ('host' in cpu)


def test_what_decides_one_and_has_no_contract_is_an_error(theirs):
    vm = theirs('-M', 'pc-q35-10.2', '-object', json.dumps(
        {'qom-type': 'kvm-pmu-filter', 'id': 'filter0', 'action': 'deny',
         'events': [{'format': 'raw', 'code': 0xc0}]}), '-accel', 'kvm,pmu-filter=filter0',
                '-cpu', 'host', '-S')
    with pytest.raises(QmpError, match='pmu-filter=filter0: it takes events'):
        vm.qmp.command('query-vpmu')


def arrive(vm, address):
    """Waits until the source is done; its status."""
    vm.qmp.command('migrate', uri=address)
    while True:
        status = vm.qmp.command('query-migrate').get('status')
        if status in ('completed', 'failed', 'cancelled'):
            return status


# the guest's CPU, the destination's, rows that refuse it
MOVES = [('host', 'host', ()), ('host', 'host,-x2apic,-erms', ('x2apic', 'erms')),
         ('host,-x2apic,-erms', 'host', ())]


@pytest.mark.parametrize('guest_cpu, own, rows', MOVES, ids=str)
def test_moves_are_refused_before_ram_and_for_the_same_reasons(theirs, start, guest, tmp_path,
                                                               guest_cpu, own, rows):
    address = f'unix:{tmp_path}/in'
    line = ('-M', 'pc-q35-10.2', '-object', 'vpmu-contract,id=contract0')
    source = theirs(*line, '-cpu', guest_cpu)
    target = theirs(*line, '-cpu', own, '-incoming', address)
    text = source.qmp.command('query-vpmu')['contract']
    judged = target.qmp.command('query-vpmu-compat', contract=text)
    ours = start('-M', 'pc-q35-10.2', '-cpu', own, '-kernel', guest, '-S').qmp.command(
        'query-vpmu-compat', contract=json.loads(text))
    errors = sorted(row['row'] for row in judged['findings'] if row['level'] == 'error')

    assert judged['compatible'] == ours['compatible'] == (not rows)
    assert judged['findings'] == ours['findings']
    assert set(rows) <= set(errors)
    arrive(source, address)
    if rows:
        assert target.wait() != 0
        for row in rows:
            assert row in target.error_text, target.error_text
        assert source.qmp.command('query-status')['running']
    else:
        target.qmp.wait_event('RESUME')
        assert target.qmp.command('query-status')['running']


@pytest.mark.parametrize('patched_is', ['source', 'destination'])
def test_an_unpatched_peer_is_served(peer, theirs, tmp_path, patched_is):
    old = os.environ.get('QEMU_UNPATCHED')
    if not old or not os.path.exists(old):
        pytest.skip('QEMU_UNPATCHED is not set: path of the same QEMU without our steps')
    address = f'unix:{tmp_path}/in'
    line = ('-M', 'pc-q35-10.2', '-cpu', 'host')
    running = []

    def unpatched(*options):
        running.append(Monitor(old, str(tmp_path), '-accel', 'kvm', *REST, *options, serial=None))
        return running[-1]

    begin = {'source': (theirs, unpatched), 'destination': (unpatched, theirs)}[patched_is]
    source = begin[0](*line)
    target = begin[1](*line, '-incoming', address)
    target.qmp.command('query-status')  # from here on events are seen
    try:
        assert arrive(source, address) == 'completed'
        target.qmp.wait_event('RESUME')
    finally:
        for monitor in running:
            monitor.close()
