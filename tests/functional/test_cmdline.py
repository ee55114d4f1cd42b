# SPDX-License-Identifier: GPL-2.0-or-later
"""Questions and refusals on the command line: one line, named, status 1."""

import json
import os
import re
import signal
import time

import pytest

QUESTIONS = [
    (['-version'], 'vpmu'),
    (['-help'], '-machine'),
    (['-M', 'help'], 'none'),
    (['-machine', 'help'], 'none'),
    (['-cpu', 'help'], 'host'),
    (['-device', 'help'], 'isa-debug-exit'),
    (['-accel', 'help'], 'kvm'),
    (['-accel', 'help'], 'dirty-ring-size='),
    (['-accel', 'kvm,help'], 'pmu=<number|name|auto|none|big|little|fixed-counters-only>'),
    (['-machine', 'help'], '(alias of '),
    (['-cpu', 'help'], 'pmu=<'),
]


@pytest.mark.parametrize('options,expected', QUESTIONS, ids=lambda v: ' '.join(v)
                         if isinstance(v, list) else '')
def test_question_is_answered_without_kvm(ask, options, expected):
    got = ask(*options)

    assert got.returncode == 0, got
    assert expected in got.stdout
    assert got.stderr == ''


def test_default_for_a_type_that_does_not_exist_is_told(ask, kvm):
    got = ask('-M', 'none', '-nodefaults', '-global', 'nosuch.pmu=off', '--dry-run')

    assert got.returncode == 0 and 'warning: -global nosuch.pmu: ' in got.stdout + got.stderr


@pytest.mark.parametrize('options,named', [
    (['-accel', 'tcg'], 'tcg'),
    (['-M', 'none,accel=tcg'], 'tcg'),
    (['-no-such-option'], '-no-such-option'),
    (['-M', 'no-such-machine'], 'no-such-machine'),
    (['-M', 'none', '-cpu', 'no-such-cpu'], 'no-such-cpu'),
    (['-m', 'lots'], 'lots'),
    (['-m', '-1'], '-1'),
    (['-smp', '0'], '0'),
    (['-smp', '99999999999'], '99999999999'),
    (['-smp', 'cpus'], 'cpus'),
    (['-serial', 'nowhere:1'], 'nowhere'),
    (['-chardev', 'stdio'], 'id'),
    (['-device', 'no-such-device'], 'no-such-device'),
    (['-global', 'x'], 'x'),
    (['-uuid', 'abc'], 'abc'),
    (['-M'], '-M'),
    (['-kernel'], '-kernel'),
    (['-accel', 'kvm,no-such-property=1'], 'no-such-property'),
    (['-accel', 'kvm,dirty-ring=1'], "did you mean 'dirty-ring-size'?"),
    (['-M', 'none,memory-bakend=x'], "did you mean 'memory-backend'?"),
    (['-M', 'nome'], "did you mean 'none'?"),
    (['-M', 'none,kernel_irqchip=split'], '-accel kvm,kernel-irqchip=split'),
    (['-M', 'Nome,help'], "did you mean 'none'?"),
    (['-M', 'something else'], '-machine help'),
    (['-M', 'none', '-cpu', 'Host'], "did you mean 'host'?"),
])
def test_refusal_is_one_line_that_names_the_value(ask, options, named):
    got = ask('-display', 'none', '-nodefaults', *options)

    assert got.returncode == 1, got
    assert named in got.stderr
    assert len(got.stderr.strip().splitlines()) == 1, got.stderr
    assert got.stdout == ''


def images(guest):
    data = open(guest, 'rb').read()
    huge_header = bytearray(data)
    huge_header[32:40] = (2**63).to_bytes(8, 'little')
    return {
        'empty': b'',
        'short': data[:40],
        'header-only': data[:64],
        'half': data[:len(data) // 2],
        'text': b'this is not a kernel\n' * 1000,
        'zeros': bytes(65536),
        'huge-table-offset': bytes(huge_header),
        'bzimage-cut': bytes(0x1f1) + b'\x1f' + bytes(12) + b'\x55\xaa\xeb\x66HdrS\x0f\x02',
    }


@pytest.mark.parametrize('name', ['empty', 'short', 'header-only', 'half', 'text', 'zeros',
                                  'huge-table-offset', 'bzimage-cut'])
def test_bad_kernel_is_one_clear_error(ask, kvm, x86, guest, tmp_path, name):
    image = tmp_path / name
    image.write_bytes(images(guest)[name])
    got = ask('-M', 'q35', '-nodefaults', '-display', 'none', '-kernel', str(image))

    assert got.returncode == 1, got
    assert str(image) in got.stderr
    assert len(got.stderr.strip().splitlines()) == 1, got.stderr


@pytest.mark.parametrize('device', ['isa-serial,chardev=nope',
                                    '{"driver": "isa-serial", "chardev": "nope"}'])
def test_dry_run_sees_a_stream_that_is_not_there(ask, x86, device):
    got = ask('-M', 'q35', '-nodefaults', '-display', 'none', '-device', device, '-dry-run')

    assert got.returncode == 1, got
    assert 'there is no -chardev with id=nope' in got.stderr
    assert got.stdout == ''


@pytest.mark.parametrize('options', [
    ['-pidfile', '{}/no/x'], ['-D', '{}/no/x'], ['-serial', 'file:{}/no/x'],
    ['-serial', 'file:{}'], ['-serial', 'unix:{}/no/x,server=on,wait=off'],
    ['-serial', 'unix:{}/none'], ['-qmp', 'unix:{}/no/x,server=on,wait=off'],
    ['-serial', 'unix:{}/' + 'x' * 120], ['-serial', 'file:/dev/fdset/7'],
    ['-add-fd', 'set=7,fd=99', '-serial', 'file:/dev/fdset/7'], ['-chardev', 'null,id=a,logfile={}/no/x'],
], ids=' '.join)
def test_dry_run_sees_a_file_that_cannot_be(ask, kvm, machine, tmp_path, options):
    options = [option.format(tmp_path) for option in options]
    common = ['-M', machine, '-nodefaults', '-display', 'none', *options]
    dry, start = ask(*common, '-dry-run'), ask(*common)

    assert dry.returncode == start.returncode == 1, (dry, start)
    assert dry.stdout == ''
    assert dry.stderr.splitlines()[-1] == start.stderr.splitlines()[-1]
    assert not list(tmp_path.iterdir())


def test_dry_run_makes_no_file(ask, kvm, machine, tmp_path):
    names = [str(tmp_path / name) for name in ('pid', 'serial', 'qmp', 'log')]
    got = ask('-M', machine, '-nodefaults', '-display', 'none', '-pidfile', names[0],
              '-serial', f'file:{names[1]}', '-qmp', f'unix:{names[2]},server=on,wait=off',
              '-D', names[3], '-dry-run')

    assert got.returncode == 0, got
    assert not [path for path in tmp_path.iterdir() if path.name != 'log']


@pytest.mark.parametrize('option', ['-kernel', '-initrd'])
def test_missing_file_is_named(ask, kvm, machine, guest, option):
    options = ['-kernel', guest] if option == '-initrd' else []
    got = ask('-M', machine, '-nodefaults', '-display', 'none', *options, option,
              '/no/such/file')

    assert got.returncode == 1, got
    assert '/no/such/file' in got.stderr
    assert len(got.stderr.strip().splitlines()) == 1, got.stderr


def test_initrd_larger_than_memory_is_refused(ask, kvm, machine, guest, tmp_path):
    initrd = tmp_path / 'initrd'
    with open(initrd, 'wb') as stream:
        stream.truncate(256 * 2**20)
    got = ask('-M', machine, '-m', '64', '-nodefaults', '-display', 'none', '-kernel', guest,
              '-initrd', str(initrd))

    assert got.returncode == 1, got
    assert len(got.stderr.strip().splitlines()) == 1, got.stderr


def test_dry_run_prints_the_plan(ask, kvm, machine, guest):
    got = ask('-M', machine, '-smp', '2', '-kernel', guest, '--dry-run')

    assert got.returncode == 0, got
    assert re.search(r'cpus?\b', got.stdout)


def test_dry_run_is_also_json_and_needs_no_memory(ask, kvm, machine, guest):
    got = ask('-M', machine, '-smp', '2', '-m', '64G', '-kernel', guest, '--dry-run=json')

    assert got.returncode == 0, got
    assert isinstance(json.loads(got.stdout), dict)


def test_pidfile_holds_the_process_and_goes_away(start, kvm, machine, guest, tmp_path):
    path = tmp_path / 'pid'
    vm = start('-M', machine, '-m', 64, '-kernel', guest, '-append', 'exit=loop',
               '-pidfile', path)
    vm.wait_text('done=ok')

    assert int(path.read_text()) == vm.process.pid
    vm.terminate()
    assert vm.wait() == 0
    assert not path.exists()


def end_process(number):
    """A daemon is nobody's child here: see it gone, or kill it."""
    for _ in range(600):
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    os.kill(number, signal.SIGKILL)
    raise AssertionError('the daemon did not end')


def test_daemonize_returns_when_the_monitor_listens(ask, kvm, machine, guest, tmp_path):
    from qmp import Qmp
    pid, sock, log = (str(tmp_path / name) for name in ('pid', 'qmp', 'serial'))
    got = ask('-M', machine, '-m', '64', '-nodefaults', '-display', 'none', '-kernel', guest,
              '-append', 'exit=halt', '-serial', f'file:{log}', '-daemonize',
              '-pidfile', pid, '-qmp', f'unix:{sock},server=on,wait=off')

    assert got.returncode == 0, got
    number = int(open(pid).read())
    try:
        qmp = Qmp(sock)
        qmp.capabilities()
        assert number != os.getpid()
        qmp.command('quit')
        qmp.drain()
    finally:
        end_process(number)
