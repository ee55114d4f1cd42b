# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest of a newer kernel is not sent to an older one, whose KVM lacks registers of it."""

import json
import os
import subprocess

import pytest

from suite import ROOT

RECORD = 'echo "### record"; vpmu record; echo "### end"'


@pytest.fixture(scope='module')
def tool():
    """The tool of the machine the rig runs on; it knows both architectures."""
    path = os.path.join(ROOT, os.environ.get('VPMU_BUILD', 'build'), 'vpmu')
    if not os.path.exists(path):
        pytest.skip(f'{path} is not built')
    return path


@pytest.fixture(scope='module')
def hosts(rig, split, visit, tmp_path_factory):
    """Profiles of the rig's own kernel (6.1) and of 6.12, recorded in them."""
    folder = tmp_path_factory.mktemp('hosts')
    newer = rig(RECORD, series='6.12')
    assert newer.ok, newer.explain()
    paths = {}
    for series, texts in (('', visit('stock')), ('6.12', split(newer.output))):
        paths[series] = folder / f'host{series}.json'
        paths[series].write_text(json.dumps(json.loads(texts['record'])))
    return paths


def check(tool, hosts, tmp_path, source, target, cpu):
    contract = tmp_path / 'contract'
    contract.write_bytes(subprocess.run(
        [tool, 'resolve', '--host', hosts[source], '--json', '--', '-M', 'virt', '-cpu',
         cpu], check=True, capture_output=True).stdout)
    verdict = json.loads(subprocess.run(
        [tool, 'check', '--contract', contract, '--host', hosts[target], '--json'],
        capture_output=True, text=True).stdout)
    return {row['code']: row for row in verdict['hosts'][0]['findings']}


@pytest.mark.parametrize('cpu', ['host', 'host,pmu=off'])
def test_newer_registers_refuse_an_older_kernel(hosts, tmp_path, cpu, tool):
    refused = check(tool, hosts, tmp_path, '6.12', '', cpu)
    assert ' more' in refused['register-missing']['asked']
    assert 'register-missing' not in check(tool, hosts, tmp_path, '', '6.12', cpu)
    assert not check(tool, hosts, tmp_path, '6.12', '6.12', cpu)
