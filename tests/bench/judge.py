# SPDX-License-Identifier: GPL-2.0-or-later
"""One contract against thousands of hosts: `vpmu check` against reading the same files."""

import glob
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROFILES = os.path.join(ROOT, 'tests', 'profiles')
GUEST_HOST = 'intel-icelake-sp'


def derive(folder, count):
    """@count hosts: the recorded ones again and again, each with a name of its own."""
    seeds = []
    for path in sorted(glob.glob(os.path.join(PROFILES, '*.json'))):
        with open(path, encoding='utf-8') as stream:
            seeds.append(json.load(stream))
    for number in range(count):
        host = dict(seeds[number % len(seeds)])
        host['model-name'] = f'{host.get("model-name", "host")} number {number}'
        with open(os.path.join(folder, f'host-{number:05}.json'), 'w',
                  encoding='utf-8') as stream:
            json.dump(host, stream)


def contract(build, folder):
    got = subprocess.run(
        [os.path.join(build, 'vpmu'), 'resolve', '--json', '--host',
         os.path.join(PROFILES, GUEST_HOST + '.json'), '--', '-cpu', 'host,pmu=on'],
        capture_output=True, text=True, check=True)
    path = os.path.join(folder, 'contract')
    with open(path, 'w', encoding='utf-8') as stream:
        stream.write(got.stdout)
    return path


def judge(build, wanted, hosts):
    """(seconds, peak KiB) of one check; yes and no are both verdicts."""
    command = [os.path.join(build, 'vpmu'), 'check', '--contract', wanted, '--host', hosts]
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f'bench: vpmu check ended with {process.returncode}')
    return seconds, usage.ru_maxrss


def run(build, count, runs):
    shared = '/dev/shm' if os.path.isdir('/dev/shm') else None
    with tempfile.TemporaryDirectory(dir=shared) as folder:
        many, one = os.path.join(folder, 'many'), os.path.join(folder, 'one')
        for hosts, number in ((many, count), (one, 1)):
            os.mkdir(hosts)
            derive(hosts, number)
        wanted = contract(build, folder)
        floors, checks, single = [], [], []
        for _ in range(runs):
            got = subprocess.run([os.path.join(build, 'tests', 'bench', 'bench-parse'),
                                  many], capture_output=True, text=True, check=True)
            floors.append(float(got.stdout) / 1e6)
            checks.append(judge(build, wanted, many))
            single.append(judge(build, wanted, one))
    each = statistics.median(seconds for seconds, _ in checks) / count
    peaks = [statistics.median(kib for _, kib in sample) for sample in (checks, single)]
    print(f'one contract, {count} hosts, medians of {runs} runs')
    print(f'time per host: {each / statistics.median(floors):.2f} of reading and parsing '
          'its file')
    print(f'peak memory: {peaks[0] / peaks[1]:.2f} of checking one host')
