# SPDX-License-Identifier: GPL-2.0-or-later
"""Kind 4: a name that means something else on another machine."""

import pytest

from cases import contract, resolve

SPR, GENOA = 'intel-sapphirerapids', 'amd-zen4-genoa'


# On microvm a model without version is its newest, elsewhere its first.
@pytest.mark.parametrize('host, machine, model, is_of', [
    (SPR, 'microvm', 'Skylake-Server', 'Skylake-Server-v6'),
    (SPR, 'microvm', 'Icelake-Server', 'Icelake-Server-v9'),
    (SPR, 'microvm', 'Cascadelake-Server', 'Cascadelake-Server-v7'),
    (GENOA, 'microvm', 'EPYC', 'EPYC-v5'),
    (SPR, 'q35', 'Skylake-Server', 'Skylake-Server-v1'),
    # Found here: names with one version, with an alias, and with a version already.
    (SPR, 'microvm', 'SapphireRapids', 'SapphireRapids-v8'),
    (SPR, 'microvm', 'Haswell', 'Haswell-v4'), (SPR, 'microvm', 'Denverton', 'Denverton-v3'),
    (GENOA, 'microvm', 'EPYC-Rome', 'EPYC-Rome-v5'), (SPR, 'microvm', 'qemu64', 'qemu64-v1'),
    (SPR, 'microvm', 'Skylake-Server-v1', 'Skylake-Server-v1'),
    (SPR, 'microvm', 'Haswell-noTSX', 'Haswell-v2'),
    (SPR, 'microvm', 'Skylake-Server-IBRS', 'Skylake-Server-v2'),
    (SPR, 'q35', 'Skylake-Server-IBRS', 'Skylake-Server-v2'),
    (SPR, 'pc-q35-7.2', 'Icelake-Server', 'Icelake-Server-v1'), (SPR, 'q35', 'max', 'max'),
])
def test_a_model_is_the_version_of_its_machine(host, machine, model, is_of):
    found, expected = (contract(host, '-M', machine, '-cpu', name) for name in (model, is_of))

    assert (found['features'], found['identity']) == (expected['features'],
                                                      expected['identity'])


# Found here: other names that go by the machine.
@pytest.mark.parametrize('host, machine, given', [
    (SPR, 'q35', 'pc-q35-vpmu1.0'), (SPR, 'pc-q35-11.1', 'pc-q35-11.1'),
    (SPR, 'microvm', 'microvm'), ('arm-altra', 'virt', 'virt-vpmu1.0'),
    ('arm-altra', 'virt-11.1', 'virt-11.1')])
def test_an_alias_of_a_machine_is_frozen(host, machine, given):
    assert contract(host, '-M', machine)['machine'] == given


@pytest.mark.parametrize('host, line, words', [
    (SPR, '-M virt', 'virt'), ('arm-altra', '-M q35', 'q35'), (SPR, '-M pc', "'pc'"),
    (SPR, '-M pc-q35-6.2', 'pc-q35-6.2'), ('arm-altra', '-cpu Skylake-Server', 'Skylake'),
    ('arm-rk3588', '-cpu cortex-a76', 'host'), ('arm-rk3588', '-cpu cortex-a76', 'cortex-a76')])
def test_a_name_of_another_machine_is_refused_with_what_there_is(host, line, words):
    done = resolve(host, *line.split())

    assert done.returncode == 2 and words in done.stderr, done
