# SPDX-License-Identifier: GPL-2.0-or-later
"""Kind 7: remedies that do not help, and causes that are not true.  A finding says what is, and
what it says to do takes it away.  Every remedy is followed in tests/unit/test-remedies.c,
"taskset" among them.
"""

import json

import pytest

from cases import contract, findings, profile, resolve, tool


# host, line, row, what the cause or the remedy says.
@pytest.mark.parametrize('host, line, row, words', [
    ('intel-sapphirerapids', '-cpu host,pebs-fmt=host,+pebs-baseline', 'pebs-baseline',
     'no kernel gives adaptive PEBS to a guest'),
    ('arm-rk3588', '-cpu host,pmu=on', 'pmu', 'taskset -c 4-7'),
    ('arm-rk3588', '-cpu host,pmu=on', 'pmu', '-accel kvm,pmu=armv8_cortex_a76'),
    ('arm-rk3399-linux510', '-cpu host,pmu=on', 'pmu', 'use Linux 5.18 or later'),
    ('intel-icelake-sp', '-cpu Skylake-Server', 'pmu', 'use pmu=on'),
    # Found here.
    ('amd-zen4-genoa', '-cpu EPYC-Genoa', 'pmu', 'use pmu=on'),
    ('intel-alderlake-hybrid', '-cpu host,pmu=on', 'pmu', 'hybrid host CPU'),
    ('intel-skylake-sp', '-cpu host,pebs-fmt=3', 'pebs-fmt', 'nested paging'),
    ('amd-zen3-milan', '-cpu host,pebs-fmt=host', 'pebs-fmt', 'always 0 on AMD'),
    ('amd-zen3-milan', '-cpu host,perfmon-v2=on', 'perfmon-v2', 'the host CPU lacks it'),
    ('intel-sapphirerapids-mediated', '-cpu host,lbr-fmt=host', 'lbr-fmt',
     'architectural LBR instead'),
    ('intel-graniterapids-d', '-cpu host,+pebs-timing-info', 'pebs-timing-info', 'Linux 6.18'),
    ('arm-apple-m1', '-cpu host,pmu=on', 'pmu', 'pmu=apple_firestorm_pmu'),
    ('arm-altra', '-cpu host,pmu-counters=40', 'pmu-counters', 'older than 6.16'),
    ('intel-icelake-sp', '-cpu host,phys-bits=31', 'phys-bits', 'no processor has that many'),
])
def test_the_cause_is_true_and_the_remedy_named(host, line, row, words):
    found = findings(resolve(host, *line.split()), row)

    assert any(words in f'{finding["cause"]} ({finding.get("remedy", "")})'
               for finding in found), found


# What the remedy said, followed: the finding is gone, or a note is left.
@pytest.mark.parametrize('host, line, row', [
    ('arm-rk3588', '-cpu host,pmu=on -accel kvm,pmu=armv8_cortex_a76', 'pmu'),
    ('arm-rk3588', '-cpu host,pmu=on -accel kvm,pmu=big', 'pmu'),
    ('arm-rk3588', '-cpu host,pmu=off', 'pmu'),
    ('arm-rk3399-linux510', '-cpu host,pmu=off', 'pmu'),
    ('intel-icelake-sp', '-cpu Skylake-Server,pmu=on', 'pmu'),
    ('intel-sapphirerapids', '-cpu host,pebs-fmt=host', 'pebs-baseline'),
    # Found here.
    ('amd-zen4-genoa', '-cpu EPYC-Genoa,pmu=on', 'pmu'),
    ('arm-apple-m1', '-cpu host,pmu=on -accel kvm,pmu=apple_firestorm_pmu', 'pmu'),
    ('arm-rk3588', '-cpu host -accel kvm,pmu=little', 'pmu'),
    ('intel-graniterapids-d-linux72', '-cpu host,+pebs-timing-info', 'pebs-timing-info'),
    ('amd-zen3-milan', '-cpu host', 'pebs-fmt'),
])
def test_what_the_remedy_says_helps(host, line, row):
    done = resolve(host, *line.split())

    assert done.returncode == 0, done
    assert {finding['level'] for finding in findings(done, row)} <= {'note'}


@pytest.mark.parametrize('names, reason', [
    (['amd-zen4-genoa-nopmu', 'amd-zen3-milan'], 'genoa-nopmu.json has none for guests: module'),
    (['amd-zen3-milan', 'amd-zen4-genoa-nopmu'], 'genoa-nopmu.json has none for guests: module'),
    (['intel-alderlake-hybrid', 'intel-icelake-sp', 'intel-skylake-sp'],
     'hybrid.json has none for guests: hybrid host CPU'),
    (['arm-rk3588', 'arm-rk3588'], 'rk3588.json has none for guests by itself: no event source'),
], ids=str)
def test_a_baseline_without_pmu_names_the_host_and_the_reason(names, reason):
    paths = [profile(name) for name in names]
    done = tool('baseline', *paths)
    verdict = json.loads(tool('baseline', '--json', *paths).stdout)
    assert done.returncode == 0 and 'pmu=off' in done.stdout, done
    assert 'note: pmu=off: ' in done.stderr and reason in done.stderr, done.stderr
    assert reason in verdict['no-pmu'] and verdict['pmu'] is False, verdict
    assert verdict['cpu'] == done.stdout.strip() and verdict['hosts'] == len(paths)


# 8 counters here, 4 there: the guest may be started with less.
def test_a_guest_with_fewer_counters_can_be_had():
    found = contract('intel-icelake-sp', '-cpu', 'host,pmu-counters=4')

    assert found['pmu']['gp-counters'] == 4
