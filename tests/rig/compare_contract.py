#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds what vpmu-guest printed from inside an x86 guest against the contract.

By hand:  python3 tests/rig/compare_contract.py DRY-RUN.json GUEST-OUTPUT
(the guest started with leaves=1; the first from the same options with --dry-run=json)
"""

import json
import re
import sys

# Parts of leaves a contract does not decide: leaf, subleaf (None: each), register, mask.
NOT_DECIDED = [
    (0x1, None, 'ebx', 0xffffffff, 'APIC id and number of processors'),
    (0x1, None, 'ecx', 1 << 27, 'OSXSAVE follows CR4'),
    (0x1, None, 'ecx', 1 << 3, 'MONITOR follows IA32_MISC_ENABLE'),
    (0x1, None, 'edx', 1 << 9, 'APIC follows IA32_APIC_BASE'),
    (0x1, None, 'edx', 1 << 28, 'HTT follows the topology'),
    (0x4, None, 'eax', 0xffffc000, 'how many processors share a cache'),
    (0x7, 0, 'ecx', 1 << 4, 'OSPKE follows CR4'),
    (0xd, 0, 'ebx', 0xffffffff, 'size for what XCR0 enables'),
    (0xd, 1, 'ebx', 0xffffffff, 'size for what XCR0 and XSS enable'),
    (0x80000001, None, 'ecx', 1 << 1, 'CmpLegacy follows the topology'),
    (0x80000008, None, 'ecx', 0xffffffff, 'number of processors'),
    (0x8000001d, None, 'eax', 0xffffc000, 'how many processors share a cache'),
]
TOPOLOGY_LEAVES = (0xb, 0x1f, 0x8000001e, 0x80000026)
REGISTERS = ('eax', 'ebx', 'ecx', 'edx')

# KVM answers these of old with 0 instead of a fault, PMU or not.
ALWAYS_READABLE = {'msr.gp-counters': {0, 1}, 'msr.event-selects': {0, 1},
                   'msr.amd-k7-event-selects': {0, 1, 2, 3},
                   'msr.amd-k7-counters': {0, 1, 2, 3}}


def facts(text):
    """The vpmu-guest lines of @text; of a repeated key the last value."""
    return dict(re.findall(r'^vpmu-guest: ([^=\n]+)=(.*)$', text.replace('\r', ''),
                           re.MULTILINE))


def numbers(values):
    return [int(value, 0) for value in values]


def mask_of(leaf, part, register):
    """Bits of the register that the contract decides."""
    mask = 0xffffffff
    for row_leaf, row_part, row_register, bits, _ in NOT_DECIDED:
        if row_leaf == leaf and row_part in (None, part) and row_register == register:
            mask &= ~bits
    return mask


def decided_leaves(contract):
    """(leaf, subleaf) -> four numbers."""
    decided = {}
    for key, values in contract['cpuid'].items():
        leaf, part = key.split('.')
        decided[int(leaf, 0), int(part)] = numbers(values)
    return decided


def changed_by_kvm(contract, kept):
    """(leaf, subleaf, register) where KVM, told the contract, keeps something else."""
    decided = decided_leaves(contract)
    changed = {}
    for leaf, part in decided.keys() | kept.keys():
        want, have = (values.get((leaf, part), [0] * 4) for values in (decided, kept))
        for register, wanted, given in zip(REGISTERS, want, have):
            if (wanted ^ given) & mask_of(leaf, part, register):
                changed[leaf, part, register] = given
    return changed


def compare_cpuid(contract, found, changed):
    decided = decided_leaves(contract)
    seen = {}
    for key, values in found.items():
        match = re.fullmatch(r'leaf\.0x([0-9a-f]+)\.(\d+)', key)
        if match:
            seen[int(match[1], 16), int(match[2])] = numbers(values.split())
    if not seen:
        yield 'the guest printed no leaves; it needs leaves=1'
    for leaf, part in sorted(decided.keys() | seen.keys()):
        if leaf in TOPOLOGY_LEAVES:
            continue
        want, have = (values.get((leaf, part), [0] * 4) for values in (decided, seen))
        for register, wanted, given in zip(REGISTERS, want, have):
            mask = mask_of(leaf, part, register)
            wanted = changed.get((leaf, part, register), wanted)
            if (wanted ^ given) & mask:
                yield (f'CPUID 0x{leaf:x}.{part} {register}: the contract says '
                       f'0x{wanted & mask:x}, the guest sees 0x{given & mask:x}')


def expected_registers(contract):
    """Which PMU MSRs a guest of @contract can read: key -> set of numbers."""
    pmu, features = contract['pmu'], contract['features']
    is_amd = contract['cpuid']['0x00000000.0'][1] in ('0x68747541', '0x6f677948')
    on = pmu['enabled']
    intel = on and not is_amd
    general = set(range(pmu['gp-counters'])) if intel else set()
    fixed = set(range(pmu['fixed-counters'])) if intel else set()
    fixed |= {n for n in range(7) if intel and pmu['fixed-bitmap'] >> n & 1}
    second = {0} if intel and pmu['version'] >= 2 else set()
    perfcap = int(pmu['perf-capabilities'], 0)
    pebs = {0} if pmu['pebs-fmt'] else set()

    def one(condition):
        return {0} if condition else set()

    expected = {
        'msr.gp-counters': general,
        'msr.gp-full-width': general if perfcap >> 13 & 1 else set(),
        'msr.event-selects': general,
        'msr.fixed': fixed,
        'msr.fixed-ctrl': second,
        'msr.global-status': second,
        'msr.global-ctrl': second,
        'msr.pebs-enable': pebs,
        'msr.pebs-data-cfg': pebs if perfcap >> 14 & 1 else set(),
        'msr.ds-area': one('ds' in features),
        'msr.perf-metrics': one(perfcap >> 15 & 1),
        'msr.lbr-tos': one(pmu['lbr-fmt']),
        'msr.arch-lbr-ctl': one('arch-lbr' in features),
    }
    if is_amd:
        core = set(range(pmu['gp-counters'])) if on and 'perfctr-core' in features else set()
        second = one(on and 'perfmon-v2' in features)
        expected.update({
            'msr.amd-k7-event-selects': set(), 'msr.amd-k7-counters': set(),
            'msr.amd-core-event-selects': core, 'msr.amd-core-counters': core,
            'msr.amd-global-status': second, 'msr.amd-global-ctl': second,
            'msr.amd-global-status-clr': second,
        })
    return {key: values | ALWAYS_READABLE.get(key, set()) for key, values in expected.items()}


def expected_fields(contract):
    """Fields the guest prints that a contract decides: key -> text."""
    pmu, features = contract['pmu'], contract['features']
    vendor = numbers(contract['cpuid']['0x00000000.0'])
    signature = int(contract['cpuid']['0x00000001.0'][0], 0)
    family, model = signature >> 8 & 0xf, signature >> 4 & 0xf
    if family in (6, 15):
        model |= (signature >> 16 & 0xf) << 4
    if family == 15:
        family += signature >> 20 & 0xff
    expected = {
        'vendor': b''.join(vendor[i].to_bytes(4, 'little') for i in (1, 3, 2)).decode(),
        'family': str(family), 'model': str(model), 'stepping': str(signature & 0xf),
        'perf-capabilities': hex(int(pmu['perf-capabilities'], 0))
        if 'pdcm' in features else 'fault',
        'perf-capabilities.write': 'fault',
        'misc-enable': hex(int(contract['msrs']['0x1a0'], 0)),
    }
    for name in ('pdcm', 'ds', 'dtes64', 'ds-cpl'):
        expected[f'cpuid.1.{name}'] = str(int(name in features))
    for name in ('perfctr-core', 'perfctr-nb', 'perfctr-llc'):
        expected[f'cpuid.80000001.{name}'] = str(int(name in features))
    return expected


def expected_leaf_a(contract):
    """Leaf 0xA in words, where the guest has that leaf."""
    pmu = contract['pmu']
    if vendor_is_amd(contract) or not pmu['enabled']:
        pmu = dict.fromkeys(pmu, 0)
    return {
        'cpuid.a.version': str(pmu['version']),
        'cpuid.a.gp-counters': str(pmu['gp-counters']),
        'cpuid.a.gp-width': str(pmu['gp-width']),
        'cpuid.a.event-bits': str(pmu['events']),
        'cpuid.a.events-missing': hex(pmu['events-missing']),
        'cpuid.a.fixed-mask': hex(pmu['fixed-bitmap']),
        'cpuid.a.fixed-counters': str(pmu['fixed-counters']),
        'cpuid.a.fixed-width': str(pmu['fixed-width']),
        'cpuid.a.anythread-deprecated': str(int(pmu['anythread-deprecated'])),
    }


def vendor_is_amd(contract):
    return contract['cpuid']['0x00000000.0'][1] in ('0x68747541', '0x6f677948')


def compare_counting(contract, found):
    """A PMU that is there counts and interrupts; one that is not does neither."""
    pmu = contract['pmu']
    trials = {'counts.gp0': not vendor_is_amd(contract) and pmu['enabled']}
    trials['counts.fixed0'] = trials['counts.gp0'] and pmu['fixed-counters'] > 0
    if vendor_is_amd(contract):
        trials['counts.amd-k7-0'] = pmu['enabled']
        trials['counts.amd-core-0'] = pmu['enabled'] and \
            'perfctr-core' in contract['features']
    trials['counts.pmi'] = pmu['enabled']
    for key, counts in trials.items():
        value = found.get(key, 'not printed')
        if value.startswith('yes') != counts:
            yield f'{key}: the guest says {value}, the contract gives ' \
                  f'{"a PMU that counts" if counts else "none there"}'


def compare(contract, found, changed=None):
    """List of differences, each one sentence; empty where all is as promised.

    @changed: what changed_by_kvm() found, where the KVM in use is known to do that
    """
    differences = list(compare_cpuid(contract, found, changed or {}))
    expected = expected_fields(contract)
    if 'cpuid.a' in found:
        expected.update(expected_leaf_a(contract))
    for key, values in expected_registers(contract).items():
        expected[key] = ','.join(str(n) for n in sorted(values)) or 'none'
    for key, value in expected.items():
        if found.get(key) != value:
            differences.append(f'{key}: the contract says {value}, the guest says '
                               f'{found.get(key, "nothing")}')
    return differences + list(compare_counting(contract, found))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1]) as stream:
        contract = json.load(stream)['contract']
    with open(sys.argv[2], errors='replace') as stream:
        found = facts(stream.read())
    differences = compare(contract, found)
    for difference in differences:
        print(difference)
    print(f'{len(contract["cpuid"])} leaves, {len(found)} lines, {len(differences)} '
          'differences')
    sys.exit(1 if differences else 0)


if __name__ == '__main__':
    main()
