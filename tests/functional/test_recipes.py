# SPDX-License-Identifier: GPL-2.0-or-later
"""Each -cpu of the recipes and of the x86 manual gives on a fitting host what is written."""
import json
import os
import re
import subprocess

import pytest
from conftest import BUILD, ROOT

# -cpu, a host that has what it takes, what the guest then has of its PMU and features.
CLAIMS = [
    ('host', 'intel-skylake-sp', {'enabled': True}, []),
    ('host,pmu=on', 'intel-skylake-sp', {'enabled': True}, []),
    ('Skylake-Server,pmu=on,pdcm=on,full-width-write=on', 'intel-skylake-sp',
     {'enabled': True}, ['full-width-write']),
    ('host,pebs-fmt=host', 'intel-sapphirerapids', {'pebs-fmt': 5}, ['pebs-arch-reg']),
    ('host,lbr-fmt=host', 'intel-icelake-sp', {'lbr-fmt': 5}, []),
    ('host,pebs-fmt=host,lbr-fmt=host', 'intel-icelake-sp', {'pebs-fmt': 4, 'lbr-fmt': 5},
     []),
    ('host,perf-metrics=on', 'intel-sapphirerapids-topdown', {'fixed-counters': 4},
     ['perf-metrics']),
    ('host,pmu=on', 'amd-zen4-genoa', {'gp-counters': 6, 'version': 2}, ['perfmon-v2']),
    ('EPYC-Genoa-v2,pmu=on', 'amd-zen4-genoa',
     {'gp-counters': 6, 'version': 2}, ['perfmon-v2']),
    ('host,pmu=off', 'amd-zen4-genoa', {'enabled': False, 'gp-counters': 0}, []),
    ('host,pmu=off', 'intel-skylake-sp', {'enabled': False, 'gp-counters': 0}, []),
]


def read(name):
    with open(os.path.join(ROOT, 'docs', name), encoding='utf-8') as page:
        return page.read()


def test_every_recipe_is_claimed_here():
    """Of the x86 table and of the manual's examples; what has an ellipsis is no recipe."""
    table = read('recipes.md').split('| arm64 |')[0]
    examples = re.search(r'Examples:\n\n```\n(.*?)```', read('vpmu-x86.md'), re.S).group(1)
    written = set(re.findall(r'`-cpu (\S+)`', table))
    written |= set(re.findall(r'^-cpu (\S+)', examples, re.M))
    assert written == {claim[0] for claim in CLAIMS}


@pytest.mark.parametrize('cpu, host, pmu, features', CLAIMS)
def test_recipe_gives_what_is_written(cpu, host, pmu, features):
    profile = os.path.join(ROOT, 'tests', 'profiles', host + '.json')
    done = subprocess.run([os.path.join(BUILD, 'vpmu'), 'resolve', '--host', profile,
                           '--json', '--', '-cpu', cpu], capture_output=True, check=False)
    assert done.returncode == 0, done
    contract = json.loads(done.stdout)['contract']
    assert pmu.items() <= contract['pmu'].items()
    assert set(features) <= set(contract['features'])
