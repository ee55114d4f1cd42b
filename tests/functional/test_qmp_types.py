# SPDX-License-Identifier: GPL-2.0-or-later
"""Every command of the schema gets every wrong type at every place.

The calls are made from the schema the monitor itself publishes, so that a new command is
tried by being there.  Each is answered, and the monitor goes on; the answer of a place
with a type of its own is an error.
"""

import json
import os

import pytest

from conftest import ROOT

# One of each kind of JSON, and what lies at the edges of its kind.
VALUES = [None, True, False, 0, 1, -1, 2 ** 63, 2 ** 64 - 1, -2 ** 63, 0.5, 1e300, '', 'x',
          'a\0b', 'on', [], [None], [[]], [{}], ['x'], {}, {'': None}, {'x': {'y': []}}]

# What a client may ask for at any time, and what ends the monitor by design.
NOT_CALLED = {'quit'}
PROFILE = os.path.join(ROOT, 'tests', 'profiles', 'intel-sapphirerapids.json')


class Schema:
    """The monitor's own description of what it takes."""

    def __init__(self, entries):
        self.types = {entry['name']: entry for entry in entries}
        self.commands = sorted(entry['name'] for entry in entries
                               if entry['meta-type'] == 'command')

    def arguments(self, command):
        return self.types[self.types[command]['arg-type']]

    def sample(self, name, depth=0):
        """A value that the type takes; optional members to a depth that ends."""
        entry = self.types[name]
        kind = entry['meta-type']
        if kind == 'builtin':
            return {'string': 'x', 'int': 1, 'number': 1, 'boolean': True,
                    'null': None, 'value': {'x': True}}[entry['json-type']]
        if kind == 'enum':
            return (entry.get('values') or [m['name'] for m in entry['members']])[0]
        if kind == 'array':
            return [self.sample(entry['element-type'], depth + 1)]
        if kind == 'alternate':
            return self.sample(entry['members'][0]['type'], depth + 1)
        return {member['name']: self.sample(member['type'], depth + 1)
                for member in entry['members']
                if 'default' not in member or depth < 3}

    def takes(self, name, value):
        """Whether @value is of the type @name."""
        entry = self.types[name]
        kind = entry['meta-type']
        if kind == 'builtin':
            return {'string': isinstance(value, str) and '\0' not in value,
                    'int': isinstance(value, int) and not isinstance(value, bool),
                    'number': isinstance(value, (int, float)) and
                    not isinstance(value, bool),
                    'boolean': isinstance(value, bool),
                    'null': value is None, 'value': True}[entry['json-type']]
        if kind == 'enum':
            return value in (entry.get('values') or [m['name'] for m in entry['members']])
        if kind == 'array':
            return isinstance(value, list) and \
                all(self.takes(entry['element-type'], item) for item in value)
        members = {member['name']: member for member in entry['members']}
        return isinstance(value, dict) and set(value) <= set(members) and \
            all('default' in members[name] or name in value for name in members) and \
            all(self.takes(members[name]['type'], value[name]) for name in value)

    def places(self, name, sample, path=()):
        """(path, type) of everything within @sample, outermost first."""
        yield path, name
        entry = self.types[name]
        if entry['meta-type'] == 'array':
            yield from self.places(entry['element-type'], sample[0], path + (0,))
        for member in entry.get('members', []) if entry['meta-type'] == 'object' else []:
            if member['name'] in sample:
                yield from self.places(member['type'], sample[member['name']],
                                       path + (member['name'],))


def put(sample, path, value):
    """A copy of @sample with @value at @path."""
    if not path:
        return value
    copy = dict(sample) if isinstance(sample, dict) else list(sample)
    copy[path[0]] = put(copy[path[0]], path[1:], value)
    return copy


def wrong_calls(schema):
    """(command, arguments, whether it must be refused)."""
    for command in schema.commands:
        arguments = schema.types[command]['arg-type']
        sample = schema.sample(arguments)
        for path, name in schema.places(arguments, sample):
            for value in VALUES:
                if command not in NOT_CALLED or not schema.takes(name, value):
                    yield (command, put(sample, path, value),
                           not schema.takes(name, value))
        for name in list(sample) + ['surprise']:
            changed = dict(sample)
            known = changed.pop(name, KeyError)
            changed['surprise' if known is KeyError else 'surprise ' + name] = None
            yield command, changed, True


def call(vm, command, arguments):
    vm.qmp.send_raw(json.dumps({'execute': command, 'arguments': arguments}).encode() + b'\n')
    reply = vm.qmp.reply()
    assert reply is not None, f'{command} {arguments} ended it\n{vm.explain()}'
    if 'error' in reply:
        assert reply['error']['class'] and reply['error']['desc'], (command, arguments)
    return reply


@pytest.fixture(params=['none', 'machine'])
def vm(request, start, x86):
    """Without a guest, on a recorded host; and with one, on this host."""
    if request.param == 'none':
        return start('-M', 'none', '-accel', f'kvm,host-profile={PROFILE}')
    request.getfixturevalue('kvm')
    return start('-M', 'q35', '-m', 32, '-S', '-kernel', request.getfixturevalue('guest'),
                 '-append', 'exit=loop')


def test_a_wrong_type_at_any_place_is_refused_and_the_monitor_lives(vm):
    schema = Schema(vm.qmp.command('query-qmp-schema'))
    calls = 0

    for command, arguments, is_wrong in wrong_calls(schema):
        reply = call(vm, command, arguments)
        assert not is_wrong or 'error' in reply, (command, arguments, reply)
        calls += 1
    assert calls > 1000, 'the schema was not walked'
    assert vm.qmp.command('query-version')


@pytest.mark.parametrize('command', ['query-cpu-model-expansion',
                                     'query-cpu-model-comparison',
                                     'query-cpu-model-baseline'])
def test_a_cpu_property_takes_its_own_type_only(vm, command):
    """`props` is any to the schema; the properties say what they take."""
    types = {entry['name']: entry['type'] for entry in
             vm.qmp.command('qom-list-properties', typename='max-x86_64-cpu')}
    good = {'bool': bool, 'uint32': int, 'uint64': int, 'size': int}

    for name, kind in types.items():
        for value in VALUES:
            model = {'name': 'max', 'props': {name: value}}
            reply = call(vm, command, {'type': 'full', 'model': model}
                         if command.endswith('expansion')
                         else {'modela': model, 'modelb': {'name': 'qemu64'}})
            fits = type(value) is good.get(kind, str) or isinstance(value, str)
            assert fits or 'error' in reply, (name, kind, value, reply)
    assert vm.qmp.command('query-version')


@pytest.mark.parametrize('option, form', [
    ('-device', '{"driver":%s}'), ('-device', '{"driver":"pvpanic","ioport":%s}'),
    ('-device', '{"driver":"pvpanic","id":%s}'),
    ('-device', '{"driver":"isa-serial","chardev":%s}'), ('-device', '%s'),
    ('-device', '{"driver":"pvpanic",%s}'), ('-object', '{"qom-type":%s}'),
    ('-object', '{"qom-type":"memory-backend-ram","id":%s,"size":1}'),
    ('-object', '{"qom-type":"memory-backend-ram","id":"m","size":%s}'), ('-object', '%s'),
    ('-accel', '{"accel":%s}'), ('-machine', '{"type":"q35","acpi":%s}'),
    ('-smp', '{"cpus":%s}')])
def test_json_of_an_option_takes_its_own_type_only(ask, kvm, x86, guest, option, form):
    for value in VALUES:
        got = ask('-nodefaults', '-m', '32', '-kernel', guest, '--dry-run', option,
                  form % json.dumps(value))
        assert got.returncode in (0, 1), (option, value, got)
        assert got.returncode == 0 or got.stdout or \
            [line for line in got.stderr.splitlines() if option in line], (value, got)
