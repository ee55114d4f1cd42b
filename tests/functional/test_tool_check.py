# SPDX-License-Identifier: GPL-2.0-or-later
"""vpmu check and vpmu diff: verdicts, codes, ranking and exit status over recorded hosts."""
import json
import os
import pty
import select
import subprocess

import pytest
from conftest import BUILD, ROOT

TOOL = os.path.join(BUILD, 'vpmu')
PROFILES = os.path.join(ROOT, 'tests', 'profiles')


def profile(name):
    return os.path.join(PROFILES, name + '.json')


def contract(tmp_path, host, cpu='host', machine='q35'):
    path = tmp_path / f'{host}.contract'
    text = subprocess.run([TOOL, 'resolve', '--host', profile(host), '--json',
                           '--', '-M', machine, '-cpu', cpu],
                          check=True, capture_output=True).stdout
    path.write_bytes(text)
    return str(path)


def run(*args):
    return subprocess.run([TOOL, *args], capture_output=True, text=True)


def check(path, *hosts):
    done = run('check', '--contract', path, '--json', '--host', *hosts)
    return done.returncode, json.loads(done.stdout)


def test_reasons_are_codes_and_status_is_for_gates(tmp_path):
    guest = contract(tmp_path, 'intel-sapphirerapids', 'host,pebs-fmt=5')
    status, verdict = check(guest, profile('intel-sapphirerapids'))
    assert (status, verdict['hosts'][0]['verdict']) == (0, 'ok')
    status, verdict = check(guest, profile('intel-icelake-sp'))
    host = verdict['hosts'][0]
    codes = {finding['row']: finding['code'] for finding in host['findings']}
    assert (status, host['ok'], host['verdict']) == (1, False, 'refused')
    assert codes['pebs-fmt'] == 'pebs-format-differs'
    assert verdict['summary']['reasons']['pebs-format-differs'] == 1
    assert verdict['summary']['nearest'] == profile('intel-icelake-sp')


def test_targets_are_ranked_by_what_they_have_beyond_the_guest(tmp_path):
    guest = contract(tmp_path, 'intel-icelake-sp', 'host,pebs-fmt=off')
    status, verdict = check(guest, PROFILES)
    hosts = {host['host']: host for host in verdict['hosts']}
    surplus = [hosts[name]['surplus'] for name in verdict['ranked']]
    assert status == 1
    assert verdict['ranked'][0] == profile('intel-icelake-sp')
    assert surplus == sorted(surplus) and len(surplus) > 2
    assert {name for name in hosts if hosts[name]['ok']} == set(verdict['ranked'])
    assert verdict['summary']['hosts'] == len(hosts)


def test_a_guest_that_is_tied_to_its_host_goes_nowhere(tmp_path):
    guest = contract(tmp_path, 'intel-skylake-sp', 'host,migratable=off')
    status, verdict = check(guest, profile('intel-skylake-sp'))
    assert status == 1
    assert verdict['summary']['reasons'] == {'tied-to-host': 1}


def test_nearest_is_one_of_the_same_kind(tmp_path):
    """Few reasons are no nearness where it is another kind of processor."""
    guest = contract(tmp_path, 'amd-zen5-turin')
    others = [profile(name) for name in ('arm-altra', 'intel-icelake-sp', 'amd-zen1-naples')]
    status, verdict = check(guest, *others)
    assert (status, verdict['summary']['nearest']) == (1, profile('amd-zen1-naples'))
    status, verdict = check(guest, *others[:2])
    assert verdict['summary']['nearest'] == profile('intel-icelake-sp')


SIX_GENERATIONS = ('intel-skylake-sp', 'intel-cascadelake-sp', 'intel-icelake-sp',
                   'intel-sapphirerapids', 'intel-emeraldrapids', 'intel-graniterapids-d')


def test_starting_with_less_is_what_the_remedy_says(tmp_path):
    """8 counters here, 4 there: the remedy names property and value, and they do."""
    cpu = 'Skylake-Server,pku=off,pmu=on'
    target = profile('intel-skylake-sp')
    for _ in range(3):
        status, verdict = check(contract(tmp_path, 'intel-icelake-sp', cpu), target)
        found = verdict['hosts'][0]['findings']
        if status == 0:
            break
        words = found[0]['remedy'].split('start the guest with ')
        assert len(words) == 2, found
        cpu += ',' + words[1]
    assert status == 0 and ',pmu-counters=4' in cpu, (cpu, found)


def test_baseline_is_one_that_moves_both_ways(tmp_path):
    """Each host's guest of it can go to each; else it says why there is none, or no PMU."""
    def made(*names):
        return run('baseline', *[profile(name) for name in names])

    done = made('intel-icelake-sp', 'amd-zen4-genoa')
    assert (done.returncode, done.stdout) == (1, '')
    assert 'GenuineIntel' in done.stderr and 'AuthenticAMD' in done.stderr
    for names, says in ((('intel-skylake-sp', 'intel-sapphirerapids'), 'pmu-counters=4,'),
                        (('intel-skylake-sp', 'intel-cascadelake-sp'), 'pmu=on,family='),
                        (('amd-zen1-naples', 'amd-zen5-turin'), 'pmu=on,family='),
                        (('intel-alderlake-n', 'intel-icelake-sp'), 'pmu-counters=6,'),
                        (('intel-sapphirerapids', 'intel-icelake-sp',
                          'intel-emeraldrapids'), 'pmu=on,'),
                        (SIX_GENERATIONS, 'pmu-version=2,pmu-counters=4,pmu-fixed-counters=3')):
        done = made(*names)
        assert (done.returncode, done.stderr) == (0, ''), done
        cpu = done.stdout.strip()
        assert says in cpu, cpu
        for name in names:
            guest = contract(tmp_path, name, cpu + ',enforce')
            assert check(guest, *[profile(other) for other in names])[0] == 0, (name, cpu)


def test_a_baseline_does_not_depend_on_the_order():
    names = list(SIX_GENERATIONS)
    lines = {run('baseline', *[profile(name) for name in order]).stdout
             for order in (names, names[::-1], names[3:] + names[:3])}
    assert len(lines) == 1, lines


def test_baseline_takes_folders(tmp_path):
    for name in ('intel-sapphirerapids', 'intel-emeraldrapids'):
        os.symlink(profile(name), tmp_path / f'{name}.json')
    (tmp_path / 'README').write_text('no profile')
    done = run('baseline', str(tmp_path))
    assert (done.returncode, done.stderr) == (0, ''), done
    assert done.stdout.startswith('base,pmu=on,'), done.stdout


def test_baseline_of_arm64_is_the_hosts_cpu(tmp_path):
    same = run('baseline', profile('arm-altra'), profile('arm-altra'))
    other = run('baseline', profile('arm-altra'), profile('arm-grace'))
    mixed = run('baseline', profile('arm-altra'), profile('intel-icelake-sp'))
    assert (same.returncode, same.stdout) == (0, 'host,pmu=on\n'), same
    assert other.returncode == 1 and 'midr' in other.stderr, other
    assert mixed.returncode == 1 and 'x86_64' in mixed.stderr, mixed
    fewer = json.loads(open(profile('arm-altra'), encoding='utf-8').read())
    fewer['arm']['nr-counters'] = True
    (tmp_path / 'six.json').write_text(json.dumps(fewer))
    fewer['arm']['pmu-counters'] = 4
    (tmp_path / 'four.json').write_text(json.dumps(fewer))
    done = run('baseline', str(tmp_path))
    assert (done.returncode, done.stdout) == (0, 'host,pmu=on,pmu-counters=4\n'), done


def test_a_broken_profile_does_not_hide_the_others(tmp_path):
    broken = tmp_path / 'broken.json'
    broken.write_text('{"format": 3}')
    guest = contract(tmp_path, 'intel-icelake-sp')
    status, verdict = check(guest, str(broken), profile('intel-icelake-sp'))
    assert status == 2
    assert [host['verdict'] for host in verdict['hosts']] == ['unreadable', 'ok']
    assert 'format' in verdict['hosts'][0]['error']


def fleet(tmp_path, number):
    """Hosts of every committed kind, under other names."""
    folder = tmp_path / 'fleet'
    folder.mkdir()
    kinds = sorted(name for name in os.listdir(PROFILES) if name.endswith('.json'))
    for i in range(number):
        os.symlink(os.path.join(PROFILES, kinds[i % len(kinds)]), folder / f'h{i:05}.json')
    return str(folder), len(kinds)


def test_a_fleet_is_judged_like_each_of_it(tmp_path):
    """Several threads: same verdicts, in the order of the names."""
    guest = contract(tmp_path, 'intel-icelake-sp', 'host,pebs-fmt=off')
    folder, kinds = fleet(tmp_path, 700)
    _, single = check(guest, PROFILES)
    _, verdict = check(guest, folder)
    names = [host['host'] for host in verdict['hosts']]
    assert names == sorted(names) and len(names) == 700
    for i, host in enumerate(verdict['hosts']):
        assert host['findings'] == single['hosts'][i % kinds]['findings']


@pytest.mark.parametrize('piped', [False, True])
def test_progress_is_for_terminals(tmp_path, piped):
    guest = contract(tmp_path, 'intel-icelake-sp')
    folder, _ = fleet(tmp_path, 300)
    master, slave = pty.openpty()
    args = [TOOL, 'check', '--contract', guest, '--host', folder]
    process = subprocess.Popen(args + (['--json'] if piped else []),
                               stdout=subprocess.DEVNULL, stderr=slave)
    os.close(slave)
    shown = b''
    while select.select([master], [], [], 30)[0]:
        try:
            shown += os.read(master, 4096)
        except OSError:  # the other end is closed
            break
    os.close(master)
    assert process.wait() == 1
    assert (b'of 300 hosts' in shown) == (not piped)
    assert not subprocess.run(args, capture_output=True).stderr


def test_diff_explains_two_hosts_in_both_directions():
    done = run('diff', profile('intel-sapphirerapids'), profile('intel-sapphirerapids-mediated'))
    assert done.returncode == 1
    assert 'kvm_intel.enable_mediated_pmu' in done.stdout
    assert 'left to right: a guest with all of it is refused' in done.stdout
    assert 'right to left: a guest with all of it can move' in done.stdout
    rows = json.loads(run('diff', profile('intel-sapphirerapids'), profile('intel-icelake-sp'),
                          '--json').stdout)['rows']
    pebs = next(row for row in rows if row['row'] == 'pebs-fmt')
    assert (pebs['left'], pebs['right'], pebs['code']) == ('5', '4', 'pebs-format-differs')


def test_diff_has_a_verdict_each_way(tmp_path):
    """Of hosts that of the check; of contracts that of the rows; findings as the check's."""
    new, old = 'intel-sapphirerapids', 'intel-icelake-sp'
    for left, right in ((profile(new), profile(new + '-mediated')),
                        (contract(tmp_path, new, 'host,pebs-fmt=off'),
                         contract(tmp_path, old, 'Skylake-Server'))):
        done = run('diff', left, right, '--json')
        verdict = json.loads(done.stdout)
        assert done.returncode == 1 and not verdict['same']
        assert not verdict['left-to-right']['ok'] and verdict['right-to-left']['ok'], verdict
        assert verdict['left-to-right']['findings'] and all(
            {'level', 'code', 'row', 'cause'} <= row.keys()
            for row in verdict['left-to-right']['findings'])
        mirror = json.loads(run('diff', right, left, '--json').stdout)
        assert mirror['left-to-right'] == verdict['right-to-left']
        assert mirror['right-to-left'] == verdict['left-to-right']
        text = run('diff', left, right).stdout
        assert 'left to right: a guest with all of it is refused' in text
        assert 'right to left: a guest with all of it can move' in text
    same = json.loads(run('diff', left, left, '--json').stdout)
    assert same['same'] and same['left-to-right'] == {'ok': True, 'findings': []}


@pytest.mark.parametrize('folder', [False, True])
def test_live_host_is_judged_like_its_record(tmp_path, kvm, folder):
    """Of a guest of its own, and of a foreign one; a folder of that name is ./live."""
    record = tmp_path / 'record.json'
    assert run('record', '-o', str(record)).returncode == 0
    own = tmp_path / 'own'
    arch = json.loads(record.read_text())['arch']
    board = 'virt' if arch == 'aarch64' else 'q35'
    own.write_text(run('resolve', '--host', 'live', '--json', '--', '-M', board).stdout)
    foreign = contract(tmp_path, 'arm-grace', machine='virt') if board == 'q35' else contract(
        tmp_path, 'intel-icelake-sp')
    if folder:
        (tmp_path / 'live').mkdir()
    for guest, status in ((str(own), 0), (foreign, 1)):
        done = subprocess.run([TOOL, 'check', '--contract', guest, '--json', '--host', 'live',
                               str(record)], capture_output=True, text=True, cwd=tmp_path)
        live, recorded = json.loads(done.stdout)['hosts']
        assert done.returncode == status and live.pop('host') == 'live', done
        assert recorded.pop('host') == str(record)
        assert live == recorded and live['ok'] == (status == 0)


def test_help_and_manual_name_the_live_host():
    for words in (run('help').stdout, run('check', '--help').stdout,
                  run('help', '--man').stdout.replace('\\-', '-')):
        assert '--host FILE|DIR|live…' in words, words


def test_diff_of_a_host_with_a_contract_is_bad_input(tmp_path):
    guest = contract(tmp_path, 'intel-icelake-sp')
    assert run('diff', guest, profile('intel-icelake-sp')).returncode == 2
    assert run('diff', guest).returncode == 2
    same = run('diff', guest, guest)
    assert (same.returncode, same.stdout) == (0, 'the same\n')


def test_a_folder_without_profiles_is_named_as_that(tmp_path):
    guest = contract(tmp_path, 'intel-icelake-sp')
    (tmp_path / 'empty').mkdir()
    done = run('check', '--contract', guest, '--host', str(tmp_path / 'empty'))
    assert done.returncode == 2 and 'there is no profile' in done.stderr


def test_an_offset_that_is_no_number_is_named_as_that(tmp_path):
    for offset in ('-1', 'x', '99999999999999999999'):
        done = run('stream', str(tmp_path / 'saved'), '--offset', offset)
        assert done.returncode == 2 and f'--offset {offset}: ' in done.stderr, done.stderr
