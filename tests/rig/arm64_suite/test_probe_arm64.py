# SPDX-License-Identifier: GPL-2.0-or-later
"""What vpmu record and vpmu doctor say about real KVM hosts with other sets of PMUs."""

import json

import pytest

# device tree, the sources with CPUs, what auto gives on the newest machine
HOSTS = [
    ('stock', {'armv8_pmuv3': '0-3'}, 'event-source'),
    ('two', {'armv8_cortex_a53': '0-1', 'armv8_cortex_a72': '2-3'}, 'none'),
    ('two-full', {'armv8_cortex_a53': '0-3', 'armv8_cortex_a72': '0-3'}, 'event-source'),
    ('partial', {'armv8_cortex_a53': '0-1'}, 'none'),
    ('none', {}, 'none'),
]


@pytest.mark.parametrize('variant,sources,kind', HOSTS)
def test_recorded_host(visit, variant, sources, kind):
    texts = visit(variant)
    profile, live = json.loads(texts['record']), json.loads(texts['live'])
    cores = {source['name']: source for source in profile['event-sources']
             if 'cpus' in source}
    assert {name: source['cpus'] for name, source in cores.items()} == sources
    assert all(source['set-pmu-errno'] == 0 for source in cores.values())
    assert profile['kvm']['caps']['pmu-v3'] == (1 if sources else 0)
    assert live['contract']['pmu']['kind'] == kind
    # The same answer from the recorded host, and wherever the probing thread sits.
    for name in ('recorded', 'cpu0', 'cpu1', 'cpu2', 'cpu3'):
        assert json.loads(texts[name]) == live, name


def test_probing_again_and_again(visit):
    assert visit('partial')['again'] == ''
