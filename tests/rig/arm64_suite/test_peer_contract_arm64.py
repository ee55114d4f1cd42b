# SPDX-License-Identifier: GPL-2.0-or-later
"""A QEMU with our steps and libvpmu (QEMU=/path) on real KVM of arm64: its guest's contract is
ours, a move that cannot be is refused before RAM, and a QEMU without our steps is served."""

import os

import pytest

import peer_contract
import suite
from conftest import built

GUEST = '-m 64 -nodefaults -display none -kernel /rig/vpmu-guest'
ROWS = {'stock': [('virt-10.2', '', ['host', 'host,pmu=on', 'host,pmu=off']),
                  ('virt-11.0', ',backcompat-pmu=off', ['host'])],
        'two': [('virt-10.2', ',pmu=armv8_cortex_a53', ['host', 'host,pmu=off']),
                ('virt-10.2', ',pmu=armv8_cortex_a72,backcompat-pmu=off', ['host,pmu=on']),
                ('virt-11.0', ',pmu=none', ['host'])]}
PAIRS = {'stock': [('host', 'host,pmu=off')], 'two': []}
CASES = [(tree, number, cpu) for tree, rows in ROWS.items()
         for number, (_, _, cpus) in enumerate(rows) for cpu in cpus]


@pytest.fixture(scope='module')
def seen(rig, split):
    """(tree, number of a row) -> sections; two boots."""
    files = {'lib/libvpmu.so.1': built('lib', 'libvpmu.so.1'), 'rig/qemu': suite.peer()}
    old = os.environ.get('QEMU_UNPATCHED')
    if old:
        files['rig/unpatched'] = old
    found = {}
    for tree, rows in ROWS.items():
        for number, (machine, accel, cpus) in enumerate(rows):
            line = f'-M {machine} -accel kvm{accel} {GUEST}'
            more = ''
            if old and not accel:
                for name, way in (('to', 'qemu unpatched'), ('from', 'unpatched qemu')):
                    a, b = (f'/rig/{program} {line} -cpu host' for program in way.split())
                    more += f'echo "### {name} unpatched"; served "{a}" "{b}"\n'
            script = peer_contract.script(f'/rig/qemu {line}', f'vpmu-system-aarch64 {line}', cpus,
                                          PAIRS[tree] if not number else [], more)
            result = rig(script, files, variant=tree, timeout=240)
            assert result.ok, result.explain()[-6000:]
            found[tree, number] = split(result.output)
    return found


@pytest.mark.parametrize('tree, number, cpu', CASES)
def test_the_contract_is_ours(seen, tree, number, cpu):
    contract = peer_contract.check_contract(seen[tree, number], cpu)

    # Of the newest machine KVM makes no choice, so the rig's one PMU is there by default.
    assert contract['machine'] == ROWS[tree][number][0]


@pytest.mark.parametrize('pair', PAIRS['stock'], ids=str)
def test_a_move_that_cannot_be_is_refused_before_ram(seen, pair):
    peer_contract.check_refusal(seen['stock', 0], pair, 'pmu')


@pytest.mark.parametrize('way', ['to', 'from'])
def test_a_qemu_without_our_steps_is_served(seen, way):
    if 'QEMU_UNPATCHED' not in os.environ:
        pytest.skip('QEMU_UNPATCHED is not set: path of the same QEMU without our steps')
    assert peer_contract.answer(seen['stock', 0][f'{way} unpatched'])['running']
