# SPDX-License-Identifier: GPL-2.0-or-later
"""QMP over a socket, against a machine that runs."""

import json
import socket

import pytest

from qmp import Qmp, QmpError


@pytest.fixture
def vm(start, kvm, machine, guest):
    vm = start('-M', machine, '-m', 128, '-smp', 2, '-kernel', guest, '-append', 'exit=loop',
               '-name', 'tested', '-uuid', '550e8400-e29b-41d4-a716-446655440000')
    vm.wait_text('done=ok')
    return vm


def test_greeting_names_a_version_and_capabilities(vm):
    greeting = Qmp(vm.socket_path).greeting

    version = greeting['QMP']['version']
    assert set(version['qemu']) == {'major', 'minor', 'micro'}
    assert isinstance(version['package'], str)
    assert isinstance(greeting['QMP']['capabilities'], list)


def test_commands_before_capabilities_are_refused(vm):
    qmp = Qmp(vm.socket_path)

    with pytest.raises(QmpError) as caught:
        qmp.command('query-status')
    assert caught.value.name == 'CommandNotFound'
    qmp.capabilities()
    assert qmp.command('query-status')['running'] is True


def test_queries_answer(vm):
    assert vm.qmp.command('query-status')['status'] == 'running'
    assert vm.qmp.command('query-kvm') == {'enabled': True, 'present': True}
    assert vm.qmp.command('query-target')['arch'] in ('x86_64', 'aarch64')
    assert vm.qmp.command('query-name') == {'name': 'tested'}
    assert vm.qmp.command('query-uuid')['UUID'] == '550e8400-e29b-41d4-a716-446655440000'
    assert 'qemu' in vm.qmp.command('query-version')
    cpus = vm.qmp.command('query-cpus-fast')
    assert [cpu['cpu-index'] for cpu in cpus] == [0, 1]
    assert len({cpu['thread-id'] for cpu in cpus}) == 2


def test_machines_have_their_aliases(vm, machine):
    machines = vm.qmp.command('query-machines')

    names = {entry['name'] for entry in machines}
    aliases = {entry.get('alias') for entry in machines}
    assert machine in names | aliases
    assert 'none' in names


def test_schema_describes_every_command_used_here(vm):
    schema = vm.qmp.command('query-qmp-schema')

    commands = {entry['name'] for entry in schema if entry['meta-type'] == 'command'}
    events = {entry['name'] for entry in schema if entry['meta-type'] == 'event'}
    assert {'query-status', 'stop', 'cont', 'system_reset', 'system_powerdown', 'quit',
            'qom-list', 'qom-get', 'qom-set', 'device-list-properties'} <= commands
    assert {'SHUTDOWN', 'RESET', 'STOP', 'RESUME', 'POWERDOWN'} <= events
    types = {entry['name'] for entry in schema}
    for entry in schema:
        for key in ('arg-type', 'ret-type'):
            assert entry.get(key, next(iter(types))) in types, entry


def test_stop_and_cont_are_told(vm):
    vm.qmp.command('stop')
    vm.qmp.wait_event('STOP')
    assert vm.qmp.command('query-status') == {'running': False, 'status': 'paused'} or \
        vm.qmp.command('query-status')['status'] == 'paused'
    vm.qmp.command('cont')
    vm.qmp.wait_event('RESUME')
    assert vm.qmp.command('query-status')['running'] is True


def test_reset_starts_over_and_is_told(vm):
    vm.qmp.command('system_reset')

    event = vm.qmp.wait_event('RESET')
    assert event['data'] == {'guest': False, 'reason': 'host-qmp-system-reset'}
    assert set(event['timestamp']) == {'seconds', 'microseconds'}
    vm.wait_text('done=ok', count=2)


def test_powerdown_is_told(vm):
    vm.qmp.command('system_powerdown')
    vm.qmp.wait_event('POWERDOWN')


def test_quit_ends_with_an_event(vm):
    vm.qmp.command('quit')
    events = vm.qmp.drain()

    assert vm.wait() == 0, vm.explain()
    shutdown = [event for event in events if event['event'] == 'SHUTDOWN']
    assert shutdown[0]['data'] == {'guest': False, 'reason': 'host-qmp-quit'}


@pytest.mark.parametrize('bad', [
    b'{"execute": "no-such-command"}\n',
    b'{"execute": "query-status", "arguments": {"x": 1}}\n',
    b'{"execute": 5}\n',
    b'{"arguments": {}}\n',
    b'[]\n',
    b'{"execute": "stop", "surprise": 1}\n',
    b'{]\n',
    b'\xff\xfe{}\n',
    b'{"execute": "qom-get", "arguments": {"path": "/nowhere", "property": "x"}}\n',
])
def test_bad_requests_get_an_error_and_the_connection_lives(vm, bad):
    vm.qmp.send_raw(bad)
    reply = vm.qmp.reply()
    assert set(reply['error']) == {'class', 'desc'}, reply
    # Broken JSON may draw more than one answer; what follows it must still work.
    vm.qmp.send_raw(b'{"execute": "query-status", "id": "after"}\n')
    while reply.get('id') != 'after':
        reply = vm.qmp.reply()
    assert reply['return']['running'] is True


def test_requests_in_one_segment_and_in_pieces(vm):
    request = json.dumps({'execute': 'query-kvm', 'id': 1}).encode()
    vm.qmp.send_raw(request + request)
    assert vm.qmp.reply()['return']['enabled'] and vm.qmp.reply()['return']['enabled']
    for byte in request:
        vm.qmp.send_raw(bytes([byte]))
    assert vm.qmp.reply()['id'] == 1


def test_client_that_vanishes_does_no_harm(vm):
    for _ in range(5):
        client = socket.socket(socket.AF_UNIX)
        client.connect(vm.socket_path)
        client.sendall(b'{"execute": "qmp_cap')
        client.close()
    assert vm.qmp.command('query-status')['running'] is True


def test_paused_start_waits_for_cont(start, kvm, machine, guest):
    vm = start('-M', machine, '-m', 128, '-kernel', guest, '-S')

    assert vm.qmp.command('query-status')['status'] == 'prelaunch'
    assert vm.text == ''
    vm.qmp.command('cont')
    assert vm.wait() == 0, vm.explain()
    assert vm.facts()['done'] == 'ok'


def test_object_properties_can_be_listed_and_read(vm):
    types = vm.qmp.command('qom-list-types')
    assert types and all('name' in entry for entry in types)
    listed = vm.qmp.command('qom-list', path='/machine')
    assert {entry['name'] for entry in listed} >= {'type'}
    assert isinstance(vm.qmp.command('qom-get', path='/machine', property='type'), str)
    with pytest.raises(QmpError):
        vm.qmp.command('qom-get', path='/machine', property='no-such-property')
