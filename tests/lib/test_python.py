#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The Python module: each call of the library from Python, values as Python has them.

Runs by itself and under pytest; PYTHONPATH and LD_LIBRARY_PATH say where module and library
are.
"""

import concurrent.futures
import gc
import inspect
import json
import os
import re
import tempfile
import unittest

import vpmu

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROFILES = os.path.join(ROOT, 'tests', 'profiles')
STREAMS = os.path.join(ROOT, 'tests', 'migration', 'streams')
HEADER = os.path.join(ROOT, 'include', 'vpmu', 'vpmu.h')


def host(name):
    return vpmu.Host.read(os.path.join(PROFILES, name + '.json'))


def plan(name, cpu='host,pmu=on', machine=None):
    on = host(name)
    return vpmu.Request(on.arch, machine, cpu).resolve(on)


class Whole(unittest.TestCase):
    def test_each_function_of_the_header_is_bound(self):
        with open(HEADER, encoding='utf-8') as stream:
            declared = set(re.findall(r'^VPMU_API [^;(]*?(vpmu_\w+)\(', stream.read(),
                                      re.MULTILINE))
        # What Python has by itself: names of its enums, a sequence's length.
        own = {'vpmu_arch_name', 'vpmu_level_name', 'vpmu_report_errors',
               'vpmu_report_to_json', 'vpmu_plan_table_to_text'}
        self.assertEqual(set(vpmu._PROTOTYPES), declared - own)

    def test_numbers_are_those_of_the_header(self):
        with open(HEADER, encoding='utf-8') as stream:
            numbers = dict(re.findall(r'^    (VPMU_\w+) = (\d+),', stream.read(),
                                      re.MULTILINE))
        for enum, prefix in ((vpmu.Status, ''), (vpmu.Arch, ''), (vpmu.Level, 'LEVEL_'),
                             (vpmu.Order, ''), (vpmu.SavedKind, 'SAVED_')):
            for member in enum:
                self.assertEqual(numbers[f'VPMU_{prefix}{member.name}'], str(member.value))

    def test_what_is_public_is_documented_and_typed(self):
        for name in vpmu.__all__:
            thing = getattr(vpmu, name)
            if inspect.isclass(thing):
                members = [member for key, member in vars(thing).items()
                           if not key.startswith('_') and
                           isinstance(member, (property, classmethod)) or
                           inspect.isfunction(member) and not key.startswith('__') and
                           not key.startswith('_')]
            else:
                members = [thing] if callable(thing) else []
            for member in members:
                function = getattr(member, 'fget', None) or getattr(member, '__func__', member)
                self.assertTrue(function.__doc__, f'{name}.{function}')
                self.assertIn('return', function.__annotations__, f'{name}.{function}')


class Plans(unittest.TestCase):
    def test_a_plan_is_values(self):
        got = plan('intel-icelake-sp')
        self.assertTrue(got.is_resolved)
        self.assertTrue(got.contract.has_pmu)
        self.assertEqual(got.contract.arch, vpmu.Arch.X86_64)
        self.assertEqual(got.to_dict()['contract'], got.contract.to_dict())
        self.assertEqual(got.contract.to_dict()['digest'], got.contract.digest)
        self.assertEqual(got.findings.errors, [])
        self.assertEqual((got.cpu, got.machine[:7]), ('host', 'pc-q35-'))
        self.assertTrue(all(set(row) == {'what', 'asked', 'offered', 'given'}
                            for row in got.table))
        self.assertIn('resolved, contract ' + got.contract.digest, str(got))
        self.assertEqual(got.advice, '')

    def test_a_guest_that_cannot_start_has_findings_and_no_contract(self):
        got = plan('intel-icelake-sp', 'host,pmu=on,pebs-fmt=3,enforce=on')
        self.assertFalse(got.is_resolved)
        self.assertIsNone(got.contract)
        error, = [found for found in got.findings.errors if found.row == 'pebs-fmt']
        self.assertEqual((error.level, error.asked), (vpmu.Level.ERROR, '3'))
        self.assertEqual(list(got.findings)[-1], got.findings[-1])
        with self.assertRaises(IndexError):
            got.findings[len(got.findings)]
        self.assertEqual(len(list(got.findings.lines())), len(got.findings))

    def test_a_command_line_is_read(self):
        on = host('intel-icelake-sp')
        line = ['qemu-system-x86_64', '-name', 'guest', '-M', 'pc-q35-9.0', '-cpu', 'host']
        got = vpmu.Request.from_args('x86_64', line).resolve(on)
        self.assertEqual(got.machine, 'pc-q35-9.0')
        self.assertIn('-name', next(found.cause for found in got.findings
                                    if found.row == 'command line'))

    def test_a_wish_tells_what_is_lacking(self):
        on = host('amd-zen3-milan')
        got = vpmu.Request.wish(on).resolve(on)
        self.assertIn('perfmon-v2', [found.row for found in got.findings])

    def test_bad_input_raises_with_a_status(self):
        cases = [
            (lambda: vpmu.Request('x86_64', cpu='hots'), vpmu.Status.INVALID, "mean 'host'?"),
            (lambda: vpmu.Request('sparc'), vpmu.Status.INVALID, 'sparc'),
            (lambda: vpmu.Host.read('/nonexistent'), vpmu.Status.SYSTEM, '/nonexistent'),
            (lambda: vpmu.Host.parse('{"format": 1}'), vpmu.Status.INVALID, 'format'),
            (lambda: vpmu.Contract.parse(b'\xff'), vpmu.Status.INVALID, 'JSON'),
            (lambda: vpmu.Request('aarch64').resolve(host('amd-zen4-genoa')),
             vpmu.Status.INVALID, 'the host is x86_64'),
        ]
        for call, status, words in cases:
            with self.assertRaises(vpmu.Error) as caught:
                call()
            self.assertEqual(caught.exception.status, status)
            self.assertIn(words, str(caught.exception))

    def test_parts_live_as_long_as_they_are_held(self):
        contract, findings = plan('intel-icelake-sp').contract, plan('amd-zen4-genoa').findings
        gc.collect()
        self.assertEqual(len(contract.digest), 64)
        self.assertEqual(len(list(findings)), len(findings))

    def test_threads_share_values(self):
        on, request = host('intel-icelake-sp'), vpmu.Request('x86_64', cpu='host,pmu=on')
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            digests = pool.map(lambda _: request.resolve(on).contract.digest, range(200))
            self.assertEqual(len(set(digests)), 1)


class Hosts(unittest.TestCase):
    def test_a_profile_survives_text(self):
        on = host('arm-altra')
        self.assertEqual(vpmu.Host.parse(on.to_json()).to_dict(), on.to_dict())
        self.assertEqual(on.arch, vpmu.Arch.AARCH64)
        self.assertTrue(str(on).startswith('host: '))

    def test_cpuid_with_what_it_cannot_tell(self):
        path = os.path.join(PROFILES, 'cpuid', 'intel-sapphirerapids.json')
        on = vpmu.Host.read_cpuid(path, kernel='6.1', perf_capabilities=0xf5c0)
        with open(path, encoding='utf-8') as stream:
            same = vpmu.Host.parse_cpuid(stream.read(), 'x', kernel='6.1',
                                         perf_capabilities=0xf5c0)
        self.assertEqual(on.to_dict()['x86'], same.to_dict()['x86'])
        without = vpmu.Host.read_cpuid(path, no_pmu=True)
        self.assertFalse(without.most().contract.has_pmu)
        with self.assertRaisesRegex(vpmu.Error, "^kernel: 'six' is no version"):
            vpmu.Host.read_cpuid(path, kernel='six')

    def test_a_copy_of_sysfs(self):
        with tempfile.TemporaryDirectory() as root:
            files = {'devices/system/cpu/possible': '0-3', 'devices/system/cpu/present': '0-3',
                     'devices/system/cpu/online': '0-3',
                     'bus/event_source/devices/armv8_pmuv3_0/type': '8',
                     'bus/event_source/devices/armv8_pmuv3_0/cpus': '0-3',
                     'bus/event_source/devices/broken/cpus': '0-3'}
            for name, text in files.items():
                os.makedirs(os.path.dirname(os.path.join(root, name)), exist_ok=True)
                with open(os.path.join(root, name), 'w', encoding='utf-8') as stream:
                    stream.write(text + '\n')
            on, lost = vpmu.Host.read_sysfs(root, midr=0x410fd0c0, pmu_v3=1, set_pmu=1,
                                            mode='vhe')
            self.assertEqual(on.to_dict()['arm']['midr'], '0x410fd0c0')
            self.assertIn('broken', ' '.join(lost.lines()))
            with self.assertRaisesRegex(vpmu.Error, '^kvm: counters=0x63: 0 to 31'):
                vpmu.Host.read_sysfs(root, counters=99)

    def test_two_hosts_differ(self):
        diff = host('intel-icelake-sp').diff(host('intel-icelake-sp-nopmu'))
        self.assertFalse(diff.is_same)
        self.assertEqual(diff.to_dict()['rows'][0]['row'], diff.rows[0].row)
        self.assertTrue(diff.to_right.errors)
        self.assertFalse(diff.to_dict()['left-to-right']['ok'])
        self.assertTrue(str(diff).endswith('different\n'))
        self.assertTrue(diff.to_left is not None)

    def test_a_baseline(self):
        baseline = vpmu.Baseline()
        for name in ('intel-icelake-sp', 'intel-sapphirerapids'):
            baseline.add(host(name), name)
        cpu, no_pmu = baseline.find()
        self.assertTrue(cpu.startswith('base,pmu=on,'))
        self.assertIsNone(no_pmu)
        with self.assertRaisesRegex(vpmu.Error, 'have no CPU in common') as caught:
            baseline.add(host('arm-altra'), 'arm')
        self.assertEqual(caught.exception.status, vpmu.Status.REFUSED)


class Contracts(unittest.TestCase):
    def test_a_contract_is_judged_on_hosts(self):
        guest = plan('intel-sapphirerapids', 'host,pmu=on,pebs-fmt=host')
        contract = vpmu.Contract.parse(json.dumps(guest.to_dict()))
        self.assertEqual(contract.to_json(), guest.contract.to_json())
        self.assertTrue(contract.check(host('intel-sapphirerapids')).holds)
        verdict = contract.check(host('amd-zen4-genoa'))
        self.assertFalse(verdict.holds)
        codes = {reason.code: reason for reason in vpmu.reasons()}
        self.assertTrue(all(found.code in codes for found in verdict.errors))
        self.assertEqual(codes['vendor-differs'].relation, 'equal')
        self.assertGreaterEqual(contract.surplus(host('intel-sapphirerapids')), 0)
        own = plan('intel-sapphirerapids', 'host,pmu=off').contract
        self.assertFalse(contract.check_arrival(own, host('intel-sapphirerapids')).holds)

    def test_two_contracts_are_compared(self):
        more = plan('intel-icelake-sp').contract
        less = plan('intel-icelake-sp', 'host,pmu=on,avx512f=off').contract
        order, names = more.compare(less)
        self.assertEqual(order, vpmu.Order.SUPERSET)
        self.assertIn('avx512f', names)
        self.assertTrue(more.diff(more).is_same)
        self.assertEqual(more.compare(plan('arm-altra', 'host').contract),
                         (vpmu.Order.INCOMPATIBLE, ['arch']))

    def test_a_file_is_either(self):
        with tempfile.NamedTemporaryFile('w', suffix='.json') as file:
            file.write(plan('arm-altra', 'host').contract.to_json())
            file.flush()
            self.assertIsInstance(vpmu.read_either(file.name), vpmu.Contract)
            self.assertEqual(vpmu.Contract.read(file.name).arch, vpmu.Arch.AARCH64)
        path = os.path.join(PROFILES, 'arm-altra.json')
        self.assertIsInstance(vpmu.read_either(path), vpmu.Host)

    def test_a_vcpu_is_verified(self):
        contract = plan('intel-icelake-sp').contract
        leaves = [(*(int(part, 16) for part in name.split('.')),
                   *(int(value, 16) for value in regs))
                  for name, regs in contract.to_dict()['cpuid'].items()]
        self.assertTrue(contract.verify_x86(leaves, {}).holds)
        wrong = [(leaf, sub, eax ^ (0x100 if leaf == 0xa else 0), *rest)
                 for leaf, sub, eax, *rest in leaves]
        self.assertEqual([found.row for found in contract.verify_x86(wrong, {}).errors],
                         ['CPUID 0xa.0 eax'])
        with self.assertRaisesRegex(vpmu.Error, 'topology'):
            contract.verify_x86(leaves, {}, topology=(0, 1, 1, 1, 1))
        arm = plan('arm-altra').contract
        self.assertEqual([found.row for found in arm.verify_arm64({}).errors], ['pmu'])

    def test_a_saved_guest_is_read(self):
        things = vpmu.read_saved(os.path.join(STREAMS, 'x86-2.stream'))
        kinds = [thing.kind for thing in things]
        self.assertEqual(kinds[:2], [vpmu.SavedKind.HEADER, vpmu.SavedKind.CONTRACT])
        self.assertEqual(kinds[-1], vpmu.SavedKind.RAM)
        self.assertEqual(things[1].value['arch'], 'x86_64')
        rip, = [thing.value for thing in things if (thing.section, thing.row) ==
                ('x86-vcpu', 'rip') and thing.instance == 0]
        self.assertEqual(len(rip), 1)
        self.assertTrue(any(thing.name for thing in things
                            if thing.kind == vpmu.SavedKind.REGISTER))
        with self.assertRaisesRegex(vpmu.Error, 'does not begin as'):
            vpmu.read_saved(HEADER)


class Version(unittest.TestCase):
    def test_it_has_one(self):
        self.assertRegex(vpmu.version(), r'^\d+\.\d+\.\d+$')


if __name__ == '__main__':
    unittest.main()
