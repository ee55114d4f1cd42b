# SPDX-License-Identifier: GPL-2.0-or-later
"""Kind 2: evidence that was copied.  It is read in the forms it comes in, what it has lost is
said, and what has no end is not waited for."""

import json
import os
import shutil
import subprocess

import pytest

from conftest import ROOT, built

FACTS = os.path.join(ROOT, 'tests', 'profiles', 'cpuid')
SPR = os.path.join(FACTS, 'intel-sapphirerapids.json')
PROFILE = os.path.join(ROOT, 'tests', 'profiles', 'intel-sapphirerapids.json')


def record(*args):
    return subprocess.run([built('vpmu'), 'record', *map(str, args)], text=True, timeout=60,
                          stdin=subprocess.DEVNULL, capture_output=True)


def profile(*args):
    done = record(*args)
    assert done.returncode == 0, done
    return json.loads(done.stdout)


# ---- copied trees ----

def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


@pytest.fixture
def tree(tmp_path):
    """As the kernel shows two clusters: sources are links into devices."""
    root = tmp_path / 'sys'
    for name in ('possible', 'present', 'online'):
        put(root / 'devices/system/cpu' / name, '0-7\n')
    links = root / 'bus/event_source/devices'
    links.mkdir(parents=True)
    for name, number, cpus in (('armv8_cortex_a55', 9, '0-3'), ('armv8_cortex_a76', 10, '4-7'),
                               ('software', 1, None)):
        put(root / 'devices' / name / 'type', f'{number}\n')
        if cpus:
            put(root / 'devices' / name / 'cpus', f'{cpus}\n')
        os.symlink(f'../../../devices/{name}', links / name)
    return root


def sources(found):
    return {source['name']: source.get('cpus') for source in found['event-sources']}


EVERY = {'armv8_cortex_a55': '0-3', 'armv8_cortex_a76': '4-7', 'software': None}


def test_a_tree_is_read(tree):
    done = record('--sysfs', tree)
    assert (done.returncode, done.stderr) == (0, '')
    assert sources(json.loads(done.stdout)) == EVERY


def test_plain_folders_are_sources(tree, tmp_path):
    """`cp -rL` has no links."""
    shutil.copytree(tree, tmp_path / 'copy', symlinks=False)

    done = record('--sysfs', tmp_path / 'copy')
    assert (done.returncode, done.stderr) == (0, '')
    assert sources(json.loads(done.stdout)) == EVERY


def test_one_dangling_link_is_named(tree):
    shutil.rmtree(tree / 'devices/armv8_cortex_a76')

    done = record('--sysfs', tree)
    assert done.returncode == 0 and len(done.stderr.splitlines()) == 1, done
    assert 'warning' in done.stderr and 'armv8_cortex_a76' in done.stderr
    assert sources(json.loads(done.stdout)) == {
        name: cpus for name, cpus in EVERY.items() if name != 'armv8_cortex_a76'}


def test_a_tree_that_lost_all_is_no_evidence(tree, tmp_path):
    """`cp -r` of the two folders alone: every link dangles."""
    shutil.copytree(tree / 'bus', tmp_path / 'copy/bus', symlinks=True)
    shutil.copytree(tree / 'devices/system', tmp_path / 'copy/devices/system')

    done = record('--sysfs', tmp_path / 'copy')
    assert (done.returncode, done.stdout) == (2, ''), done
    assert 'none of its 3 event sources' in done.stderr
    assert 'armv8_cortex_a55' in done.stderr and len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize('end', ['', '\n', '\r\n', '\r', '\n\n'])
def test_the_end_of_a_line_may_be_any(tree, end):
    for file in tree.rglob('*'):
        if file.is_file():
            file.write_bytes(file.read_bytes().strip() + end.encode())

    done = record('--sysfs', tree)
    assert (done.returncode, done.stderr) == (0, '')
    assert sources(json.loads(done.stdout)) == EVERY


@pytest.mark.parametrize('file, text', [
    ('type', 'ten\n'), ('type', ''), ('type', '-1\n'), ('type', '10 11\n'),
    ('type', '4294967296\n'), ('cpus', 'f0\n'), ('cpus', '4-\n'), ('cpus', '00000000,000000f0'),
    ('cpus', '7-4\n'), ('cpus', '0x4\n'), ('cpus', '4 5 6 7\n'), ('cpus', '30\n')])
def test_what_is_no_number_or_list_is_named_with_its_content(tree, file, text):
    put(tree / 'devices/armv8_cortex_a76' / file, text)

    done = record('--sysfs', tree)
    assert done.returncode == 0 and len(done.stderr.splitlines()) == 1, done
    assert f'armv8_cortex_a76/{file}' in done.stderr and repr(text.strip()) in done.stderr
    assert 'armv8_cortex_a76' not in sources(json.loads(done.stdout))


@pytest.mark.parametrize('told, most', [
    ('counters=99', 31), ('counters=32', 31), ('pmuver=300', 15), ('pmuver=16', 15),
    ('set-pmu=2', 1), ('pmu-v3=2', 1), ('strict=256', 1)])
def test_what_no_kvm_answers_is_refused(tree, told, most):
    done = record('--sysfs', tree, '--kvm', told)
    assert (done.returncode, done.stdout) == (2, '')
    assert done.stderr.rstrip().endswith(f'0 to {most} is accepted'), done


@pytest.mark.parametrize('file', ['possible', 'online'])
def test_cpus_that_cannot_be_read_are_named(tree, file):
    put(tree / 'devices/system/cpu' / file, 'all')

    done = record('--sysfs', tree)
    assert done.returncode == 0 and f'cpu/{file}' in done.stderr and "'all'" in done.stderr


@pytest.mark.parametrize('names', [['cpu_core', 'cpu_atom'], ['cpu'], ['cpu', 'msr'],
                                   ['ibs_op'], ['intel_pt']], ids=' '.join)
def test_an_x86_tree_is_refused(tree, names):
    for name in names:
        put(tree / 'bus/event_source/devices' / name / 'type', '4\n')

    done = record('--sysfs', tree)
    assert (done.returncode, done.stdout) == (2, '')
    assert any(name in done.stderr for name in names) and 'x86' in done.stderr


# ---- dumps of CPUID ----

def leaves():
    facts = json.load(open(SPR, encoding='utf-8'))['cpuid']
    for name, regs in facts.items():
        leaf, sub = name.split('.')
        yield int(leaf, 16), int(sub, 16), [int(reg, 16) for reg in regs]


def as_cpuid_r(cpus=1, head='CPU {}:'):
    text = ''
    for cpu in range(cpus):
        text += head.format(cpu) + '\n'
        for leaf, sub, regs in leaves():
            values = ' '.join(f'e{name}x=0x{reg:08x}' for name, reg in zip('abcd', regs))
            text += f'   0x{leaf:08x} 0x{sub:02x}: {values}\n'
    return text


def as_instlat(cpus=1):
    text = 'CPU Name: something\n\n'
    for cpu in range(cpus):
        text += f'------[ Logical CPU #{cpu} ]------\n\n'
        for leaf, sub, regs in leaves():
            values = '-'.join(f'{reg:08X}' for reg in regs)
            text += f'CPUID {leaf:08X}: {values}' + (f' [SL {sub:02X}]' if sub else '') + '\n'
    return text


def offered(found):
    return found['x86']['cpuid-supported']


@pytest.mark.parametrize('text', [
    as_cpuid_r(), as_cpuid_r(3), as_cpuid_r(head='CPU:'), as_cpuid_r().replace('\n', '\r\n'),
    '\ufeff' + as_cpuid_r(2), as_instlat(), as_instlat(4), as_instlat().replace('\n', '\r\n'),
    '\ufeff' + open(SPR, encoding='utf-8').read(), '\n \n' + open(SPR, encoding='utf-8').read(),
], ids=['cpuid-r', 'cpuid-r-all', 'cpuid-r-one', 'cpuid-r-crlf', 'cpuid-r-bom', 'instlat',
        'instlat-all', 'instlat-crlf', 'json-bom', 'json-space'])
@pytest.mark.parametrize('encoding', ['utf-8', 'utf-16'])
def test_facts_come_in_many_forms(tmp_path, text, encoding):
    (tmp_path / 'facts').write_bytes(text.encode(encoding))

    found = profile('--from-cpuid', tmp_path / 'facts', '--perf-capabilities', '0xf5c0')
    assert offered(found) == offered(
        profile('--from-cpuid', SPR, '--perf-capabilities', '0xf5c0'))


# Found here: AIDA64 counts processors from 1 and names the vendor; mail quotes; a terminal's
# prompts; capitals.
@pytest.mark.parametrize('text', [
    as_instlat(2).replace('#1', '#2').replace('#0', '#1').replace('CPUID 0', '  CPUID 0'),
    as_instlat().replace('CPUID 00000000:', 'CPUID 00000000:', 1).replace(
        '\nCPUID 00000001', ' [GenuineIntel]\nCPUID 00000001', 1),
    ''.join(f'> {line}\n' for line in as_cpuid_r().splitlines()),
    f'root@host:~# cpuid -1 -r\n{as_cpuid_r(head="CPU:")}root@host:~# \n',
    as_cpuid_r().replace('eax', 'EAX').replace('edx', 'EDX'),
    as_cpuid_r(head='CPU 3:'), as_cpuid_r().replace('   0x', '\t0x'),
], ids=['aida64', 'vendor', 'mail', 'prompt', 'capitals', 'cpu-3', 'tabs'])
def test_facts_come_as_they_were_pasted(tmp_path, text):
    (tmp_path / 'facts').write_text(text, encoding='utf-8')

    found = profile('--from-cpuid', tmp_path / 'facts', '--perf-capabilities', '0xf5c0')
    assert offered(found) == offered(
        profile('--from-cpuid', SPR, '--perf-capabilities', '0xf5c0'))


# Found here: a dump that was cut lost its last leaves in silence.
@pytest.mark.parametrize('text', [as_cpuid_r()[:600], as_instlat()[:400]])
def test_a_leaf_in_part_is_named(tmp_path, text):
    (tmp_path / 'facts').write_text(text, encoding='utf-8')

    done = record('--from-cpuid', tmp_path / 'facts')
    assert (done.returncode, done.stdout) == (2, ''), done
    assert f'line {len(text.splitlines())} is a part of a leaf' in done.stderr


# Found here: a profile as other systems store it.
@pytest.mark.parametrize('change', [
    lambda text: text.replace('\n', '\r\n').encode(), lambda text: b'\xef\xbb\xbf' + text.encode(),
    lambda text: text.encode('utf-16'), lambda text: (text + '\n \n').encode()],
    ids=['crlf', 'bom', 'utf-16', 'space'])
def test_a_profile_is_read_as_it_was_stored(tmp_path, change):
    with open(PROFILE, encoding='utf-8') as stream:
        (tmp_path / 'host').write_bytes(change(stream.read()))

    digests = [subprocess.run([built('vpmu'), 'resolve', '--host', host, '--', '-cpu', 'host'],
                              capture_output=True, text=True, timeout=60).stdout.splitlines()[-1]
               for host in (PROFILE, tmp_path / 'host')]
    assert digests[0] == digests[1] and digests[0].startswith('resolved, contract ')


@pytest.mark.parametrize('text, words', [
    ('{"cpuid":{}}', 'name'),
    ('{"name":"a","source":"b","cpuid":{}}', 'leaf 0 is missing'),
    ('{"name":"a","source":"b","cpuid":{"0x1.0":["0x1","0x0","0x0","0x0"]}}', 'leaf 0'),
    ('{"name":"a","source":"b","cpuid":{"0x0.0":["0x1","0x0","0x0","0x0"]}}', 'leaf 1'),
    ('CPU 0:\n   0x00000001 0x00: eax=0x1 ebx=0x0 ecx=0x0 edx=0x0\n', 'leaf 0 is missing'),
    ('processor : 0\nvendor_id : GenuineIntel\n', 'InstLatX64'),
    ('', 'InstLatX64'), ('\0', 'NUL'), ('CPU 0:\n', 'InstLatX64'), ('[]', 'InstLatX64'),
    ('{', 'not JSON'),
])
def test_what_has_no_facts_is_refused(tmp_path, text, words):
    (tmp_path / 'facts').write_text(text, encoding='utf-8')

    done = record('--from-cpuid', tmp_path / 'facts')
    assert (done.returncode, done.stdout) == (2, ''), done
    assert words in done.stderr and len(done.stderr.splitlines()) == 1, done


@pytest.mark.parametrize('given, read', [('f4c5', '0xf4c5'), ('0xf4c5', '0xf4c5'),
                                         ('F5C0', '0xf5c0'), ('7', '0x7'), ('0', '0x0'),
                                         ('0X2000', '0x2000')])
def test_a_register_is_read_as_rdmsr_prints_it(given, read):
    assert profile('--from-cpuid', SPR, '--perf-capabilities', given) == \
        profile('--from-cpuid', SPR, '--perf-capabilities', read)


@pytest.mark.parametrize('given, words', [
    ('2000', ['0x2000', '0x7d0']), ('62912', ['0x62912', '0xf5c0']), ('10', ['0x10', '0xa']),
    ('', ["''"]), ('f4g5', ["'f4g5'"]), ('-1', ["'-1'"]), (' f4c5', ["' f4c5'"]),
    ('0x', ["'0x'"])])
def test_a_register_that_could_be_two_is_refused(given, words):
    done = record('--from-cpuid', SPR, '--perf-capabilities', given)

    assert done.returncode == 2 and all(word in done.stderr for word in words), done


@pytest.mark.parametrize('eax, ebx, missing', [
    (0x0d300806, 0x280, 0x280), (0x07300806, 0x280, 0x0), (0x08300806, 0x2ff, 0xff),
    (0x20300806, 0xffffffff, 0xffffffff), (0x00300806, 0xff, 0x0)])
def test_missing_events_are_as_many_as_leaf_0xa_counts(tmp_path, eax, ebx, missing):
    facts = json.load(open(SPR, encoding='utf-8'))
    facts['cpuid']['0x0000000a.0'] = [hex(eax), hex(ebx), '0x0', '0x8603']
    (tmp_path / 'facts').write_text(json.dumps(facts))

    leaf = offered(profile('--from-cpuid', tmp_path / 'facts'))['0x0000000a.0']
    assert int(leaf[1], 16) == missing


# ---- files that never end ----

def test_a_pipe_nobody_writes_is_refused_in_time(monitor, kvm, guest, tmp_path):
    pipe = f'{tmp_path}/pipe'
    os.mkfifo(pipe)
    lines = (['-kernel', pipe], ['-kernel', guest, '-initrd', pipe],
             ['-kernel', guest, '-fw_cfg', f'name=opt/x,file={pipe}'],
             ['-accel', f'kvm,host-profile={pipe}', '--dry-run'])

    running = [subprocess.Popen([monitor, '-nodefaults', '-m', '64', *line],
                                stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
               for line in lines]
    for vm in running:
        errors = vm.communicate(timeout=60)[1]
        assert vm.returncode == 1 and pipe in errors, (vm.args, errors)
        assert 'nothing came within' in errors


PIPED = [
    ['check', '--host', '{pipe}', '--contract', '{contract}'],
    ['check', '--host', PROFILE, '--contract', '{pipe}'],
    ['resolve', '--host', '{pipe}', '--', '-cpu', 'host'],
    ['diff', '{pipe}', PROFILE],
    ['baseline', '{pipe}', PROFILE],
    ['record', '--from-cpuid', '{pipe}'],
    ['stream', '{pipe}'],
]


def test_the_tool_waits_for_no_pipe(tmp_path):
    pipe = tmp_path / 'pipe'
    contract = os.path.join(ROOT, 'tests', 'migration', 'streams', 'x86-contract-1.json')
    os.mkfifo(pipe)

    running = [subprocess.Popen(
        [built('vpmu'), *(word.format(pipe=pipe, contract=contract) for word in words)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
        for words in PIPED]
    for tool in running:
        errors = ''.join(tool.communicate(timeout=60))
        assert tool.returncode == 2 and str(pipe) in errors, (tool.args, errors)
        assert 'nothing came within' in errors
