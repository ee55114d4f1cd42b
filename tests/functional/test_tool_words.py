# SPDX-License-Identifier: GPL-2.0-or-later
"""vpmu and the monitor as commands: their words, their output, their exit status."""
import json
import os
import stat
import subprocess

import pytest
from conftest import BUILD, ROOT

TOOL = os.path.join(BUILD, 'vpmu')
HOST = os.path.join(ROOT, 'tests', 'profiles', 'intel-icelake-sp.json')
SPR, ZEN3 = (os.path.join(ROOT, 'tests', 'profiles', 'cpuid', name + '.json')
             for name in ('intel-sapphirerapids', 'amd-zen3-milan'))
FACTS = os.path.join(ROOT, 'tests', 'profiles', 'cpuid')


def run(*args, **more):
    return subprocess.run([TOOL, *args], stdin=subprocess.DEVNULL, text=True,
                          stderr=subprocess.PIPE, **{'stdout': subprocess.PIPE, **more})


@pytest.mark.parametrize('args', [['help'], ['--help'], ['-h'], ['help', 'resolve'],
                                  ['resolve', '--help'], ['resolve', '-h']],
                         ids=' '.join)
def test_help_is_an_answer(args):
    done = run(*args)
    assert (done.returncode, done.stderr) == (0, '')
    assert 'vpmu resolve --host FILE|live' in done.stdout
    assert ('vpmu doctor' in done.stdout) == ('resolve' not in args)


@pytest.mark.parametrize('args, words', [
    (['resolv'], "no command 'resolv'; did you mean 'resolve'?"),
    (['x' * 300], 'vpmu help lists them'),
    (['help', 'dctor'], "did you mean 'doctor'?"),
    (['resolve', '--host'], '--host: a value is missing'),
    (['doctor', '--host'], '--host: a value is missing'),
    (['check', '--contract'], '--contract: a value is missing'),
    (['check', '--host'], '--host: a value is missing'),
    (['record', '-o'], '-o: a value is missing'),
    (['record', '-o', ''], '-o: the name of the file is empty'),
    (['record', '--mediated'], '--from-cpuid'),
    (['record', '--kernel', '6.12'], '--from-cpuid'),
    (['record', '--from-cpuid', SPR, '--kernel', 'six'], "--kernel: 'six' is no version"),
    (['record', '--from-cpuid', SPR, '--kernel', '5.4'], 'those from 5.10 on are'),
    (['record', '--from-cpuid', SPR, '--mediated'], 'name a kernel from 7.0 on'),
    (['record', '--from-cpuid', ZEN3, '--mediated', '--kernel', '7.2'], 'needs PerfMonV2'),
    (['record', '--midr', '0x1'], '--sysfs'),
    (['resolve', '--host', HOST, '--', '-cpu', 'help'],
     'vpmu-system-x86_64 -cpu help'),
    (['resolve', '--host', HOST, '--', '-M', '?'], 'vpmu-system-x86_64 -M ?'),
    (['resolve', '--host', HOST, '--', '-accel', 'kvm,help'], '-accel kvm,help'),
    (['resolve', '--host', HOST, '--', '-cpu', 'host', '--json'], '--json stands before --'),
    (['resolve', '--host', HOST, '--', '-M', 'q35,foo=bar'],
     "'pc-q35-vpmu1.0-machine' has no property 'foo'"),
    (['resolve', '--host', HOST, '--', '-M', 'microvm,foo=bar'],
     "'microvm-machine' has no property 'foo'"),
    (['resolve', '--host', HOST, '--', 'host'], "'host' is not an option; -machine"),
    (['doctor', '--host', HOST, '--', '-cpu', 'hots'], "did you mean 'host'?"),
    (['diff', '--jsn', HOST, HOST], "'--jsn' is not an option"),
    (['baseline', '--jsno', HOST], "'--jsno' is not an option"),
    (['baseline'], 'host profiles, or folders that have some'),
    (['baseline', FACTS + '/nobody'], 'nobody'),
    (['record', '--sysfs', '/nonexistent'], '--sysfs /nonexistent: there is no'),
    (['stream', HOST, '--offset', '1X'], '--offset 1X: a number of bytes'),
    (['stream', HOST, '--offset'], '--offset: a value is missing'),
    (['stream', HOST, '--offset', '1k'], 'does not begin as'),
], ids=lambda value: None)
def test_bad_words_are_one_line_and_status_2(args, words):
    done = run(*args)
    assert (done.returncode, done.stdout) == (2, ''), done
    assert words in done.stderr and len(done.stderr.splitlines()) == 1, done


@pytest.mark.parametrize('cpu, facts, kernel, offered, cap', [
    ('intel-sapphirerapids', '0xf5c0', '5.10', '0x2000', 0),
    ('intel-sapphirerapids', '0xf5c0', '5.15.0-91-generic', '0x2000', 0),
    ('intel-sapphirerapids', '0xf5c0', '6.1', '0x25c0', 1),
    ('intel-sapphirerapids', '0xf5c0', '7.3', '0x25c0', 1),
    ('intel-icelake-sp', '0xf4c5', '5.15', '0x2005', 0),
    ('intel-icelake-sp', '0xf4c5', '6.12.117', '0x24c5', 1),
    ('intel-graniterapids-d', '0x2f5c0', '6.17', '0x25c0', 1),
    ('intel-graniterapids-d', '0x2f5c0', '6.18', '0x225c0', 1),
    ('intel-graniterapids-d', '0x2f5c0', '8.0', '0x225c0', 1),
])
def test_what_kvm_offers_goes_by_its_kernel(cpu, facts, kernel, offered, cap):
    path = os.path.join(FACTS, cpu + '.json')
    host = json.loads(run('record', '--from-cpuid', path, '--perf-capabilities', facts,
                          '--kernel', kernel).stdout)
    assert host['x86']['feature-msrs']['0x345'] == offered
    assert host['kvm']['caps']['pmu-capability'] == cap
    known = 'as far as those of 7.3 go' in host['origin']['detail']
    assert known == (kernel == '8.0')


def test_a_value_may_stand_behind_an_equals_sign():
    """Of the tool's own options; what follows -- is the monitor's."""
    done = run('resolve', f'--host={HOST}', '--json', '--', '-cpu', 'host,pmu=off')
    assert done.returncode == 0, done
    assert json.loads(done.stdout)['contract']['pmu']['enabled'] is False


def test_what_was_refused_is_nobodys_contract(tmp_path):
    """A gate that looks at check alone is not told that a guest which cannot be can go."""
    plan = tmp_path / 'plan'
    done = run('resolve', '--host', HOST, '--json', '--', '-cpu', 'host,pebs-fmt=5')
    assert done.returncode == 1 and json.loads(done.stdout)['resolved'] is False
    plan.write_text(done.stdout)
    for args in (['check', '--contract', str(plan), '--host', HOST],
                 ['diff', str(plan), str(plan)]):
        done = run(*args)
        assert (done.returncode, done.stdout) == (2, '') and 'was refused' in done.stderr


def test_cut_file_is_named_with_the_place(tmp_path):
    plan = tmp_path / 'plan'
    plan.write_bytes(open(HOST, 'rb').read()[:1000])
    done = run('resolve', '--host', str(plan))
    assert done.returncode == 2
    assert f'{plan}: not JSON at offset 1000: the text ends too early' in done.stderr


def test_record_writes_through_what_is_no_file(tmp_path):
    """A pipe and a link stay what they are; a profile is there whole or not at all."""
    facts = ['--from-cpuid', os.path.join(FACTS, sorted(os.listdir(FACTS))[0])]
    expected = run('record', *facts).stdout
    pipe, link = tmp_path / 'pipe', tmp_path / 'link'
    os.mkfifo(pipe)
    reader = subprocess.Popen(['cat', pipe], stdout=subprocess.PIPE, text=True)
    assert run('record', *facts, '-o', str(pipe)).returncode == 0
    assert reader.communicate()[0] == expected
    assert stat.S_ISFIFO(os.stat(pipe).st_mode)
    link.symlink_to('file')
    assert run('record', *facts, '-o', str(link)).returncode == 0
    assert link.is_symlink() and (tmp_path / 'file').read_text() == expected
    for place in (tmp_path, tmp_path / 'no' / 'such', '/dev/full'):
        done = run('record', *facts, '-o', str(place))
        assert done.returncode == 2 and f'-o {place}: ' in done.stderr, done
    assert sorted(name.name for name in tmp_path.iterdir()) == ['file', 'link', 'pipe']


@pytest.mark.parametrize('args', [['help'], ['help', '--man'], ['--version'],
                                  ['resolve', '--host', HOST]], ids=' '.join)
def test_output_that_cannot_be_written_is_no_success(args):
    with open('/dev/full', 'w', encoding='utf-8') as full:
        done = run(*args, stdout=full)
    assert done.returncode == 2 and 'standard output' in done.stderr, done


@pytest.mark.parametrize('options', [['-help'], ['-cpu', 'help'], ['-dump-state-tables']],
                         ids=' '.join)
def test_answer_of_the_monitor_that_cannot_be_written_is_no_success(monitor, options):
    with open('/dev/full', 'w', encoding='utf-8') as full:
        done = subprocess.run([monitor, *options], stdout=full, stderr=subprocess.PIPE,
                              text=True, check=False)
    assert done.returncode == 1 and 'standard output' in done.stderr, done
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([monitor, *options], stdout=writer, stderr=subprocess.PIPE,
                          check=False)
    os.close(writer)
    assert done.returncode != 0 and done.stderr == b'', done
