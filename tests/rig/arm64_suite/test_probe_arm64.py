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


def source_of(sources, cpu):
    """The one that covers it: of lists such as "0-1"; None where there is none."""
    for name, cpus in sources.items():
        first, last = (int(number) for number in cpus.split('-'))
        if first <= cpu <= last:
            return name
    return None


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
    # The same answer from the recorded host, and wherever the probing thread sits …
    assert json.loads(texts['recorded']) == live
    for cpu in range(4):
        here = json.loads(texts[f'cpu{cpu}'])
        if kind == 'event-source':
            assert here == live, cpu
        else:
            # … but where no source covers all, that of the CPUs it was started on counts.
            pmu = here['contract']['pmu']
            assert pmu.get('source') == source_of(sources, cpu), (cpu, pmu)


def test_probing_again_and_again(visit):
    assert visit('partial')['again'] == ''
