# SPDX-License-Identifier: GPL-2.0-or-later
"""What vpmu record and vpmu doctor say about real KVM hosts with other sets of PMUs."""

import json

import pytest

RECORD = '/rig/vpmu record -o /tmp/host.json && cat /tmp/host.json'

# device tree, the sources with CPUs, what auto gives on the newest machine
HOSTS = [
    ('stock', {'armv8_pmuv3': '0-3'}, 'event-source'),
    ('two', {'armv8_cortex_a53': '0-1', 'armv8_cortex_a72': '2-3'}, 'none'),
    ('two-full', {'armv8_cortex_a53': '0-3', 'armv8_cortex_a72': '0-3'}, 'event-source'),
    ('partial', {'armv8_cortex_a53': '0-1'}, 'none'),
    ('none', {}, 'none'),
]


def documents(output):
    """Every top-level JSON value in the output."""
    decoder, found, at = json.JSONDecoder(), [], output.find('{')
    while at >= 0:
        value, end = decoder.raw_decode(output, at)
        found.append(value)
        at = output.find('{', end)
    return found


@pytest.mark.parametrize('variant,sources,kind', HOSTS)
def test_recorded_host(rig, variant, sources, kind):
    result = rig(f'{RECORD}\n'
                 '/rig/vpmu resolve --host live --json -- -cpu host\n'
                 '/rig/vpmu resolve --host /tmp/host.json --json -- -cpu host\n'
                 'for cpu in 0 1 2 3; do taskset -c $cpu '
                 '/rig/vpmu resolve --host live --json -- -cpu host; done\n',
                 variant=variant)
    assert result.ok, result.explain()
    profile, live, *others = documents(result.output)
    cores = {source['name']: source for source in profile['event-sources']
             if 'cpus' in source}
    assert {name: source['cpus'] for name, source in cores.items()} == sources
    assert all(source['set-pmu-errno'] == 0 for source in cores.values())
    assert profile['kvm']['caps']['pmu-v3'] == (1 if sources else 0)
    assert live['contract']['pmu']['kind'] == kind
    # The same answer from the recorded host, and wherever the probing thread sits.
    assert all(other == live for other in others)


def test_probing_leaves_nothing_open(rig):
    result = rig('for i in 1 2 3; do /rig/vpmu record >/dev/null || exit 1; done\n'
                 'taskset -c 2 /rig/vpmu doctor && taskset -p 1\n', variant='partial')
    assert result.ok, result.explain()
