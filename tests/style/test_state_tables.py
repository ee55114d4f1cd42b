# SPDX-License-Identifier: GPL-2.0-or-later
"""What check-state-tables.py lets pass and what it refuses."""
import copy
import importlib.util
import os
import unittest

SCRIPTS = os.path.join(os.path.dirname(__file__), '..', '..', 'scripts')
SPEC = importlib.util.spec_from_file_location(
    'check_state_tables', os.path.join(SCRIPTS, 'check-state-tables.py'))
checker = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(checker)


def row(name, **changes):
    return {'name': name, 'kind': 'u8', 'count': 1, 'since': 1, 'conditional': False,
            **changes}


OLD = {'name': 'toy', 'version': 1, 'rows': [row('a'), row('b', kind='blob', count=8)]}


class StateTables(unittest.TestCase):
    def setUp(self):
        self.new = copy.deepcopy(OLD)

    def problems(self):
        return checker.compare({'toy': OLD}, {'toy': self.new})

    def test_the_same_is_fine(self):
        self.assertEqual(self.problems(), [])

    def test_a_new_row_of_a_new_machine_is_fine(self):
        self.new['rows'].append(row('c', machine='vpmu1.1'))
        self.assertEqual(self.problems(), [])

    def test_a_blob_may_grow(self):
        self.new['rows'][1]['count'] = 16
        self.assertEqual(self.problems(), [])

    def test_each_incompatible_change_is_found(self):
        changes = [
            lambda t: t['rows'].pop(),
            lambda t: t['rows'][0].update(kind='u16'),
            lambda t: t['rows'][0].update(count=2),
            lambda t: t['rows'][0].update(since=2),
            lambda t: t['rows'][0].update(conditional=True),
            lambda t: t['rows'][1].update(count=4),
            lambda t: t['rows'].append(row('c')),
            lambda t: t['rows'][0].update(machine='vpmu1.1'),
            lambda t: t.update(version=0),
            lambda t: t.update(version=2),
        ]
        for change in changes:
            self.new = copy.deepcopy(OLD)
            change(self.new)
            self.assertEqual(len(self.problems()), 1, self.new)

    def test_registers_may_come_but_not_go(self):
        old = copy.deepcopy(OLD)
        register = {'name': 'pmcr', 'number': '0x10'}
        old['rows'][1]['registers'] = [register]
        new = copy.deepcopy(old)
        new['rows'][1]['registers'].append({'name': 'other', 'number': '0x20'})
        self.assertEqual(checker.compare({'toy': old}, {'toy': new}), [])
        for wrong in ([], [dict(register, number='0x11')], [dict(register, name='pmxx')]):
            new['rows'][1]['registers'] = wrong
            self.assertEqual(len(checker.compare({'toy': old}, {'toy': new})), 1)

    def test_a_run_of_registers_may_grow_but_not_shrink(self):
        """Streams hold as many as the older build saved."""
        for before, now, found in ((4, 8, 0), (4, 4, 0), (4, 2, 1), (4, None, 1),
                                   (None, 2, 0)):
            old, new = copy.deepcopy(OLD), copy.deepcopy(OLD)
            for table, count in ((old, before), (new, now)):
                register = {'name': 'bank', 'number': '0x400'}
                table['rows'][1]['registers'] = [
                    register if count is None else dict(register, count=count)]
            self.assertEqual(len(checker.compare({'toy': old}, {'toy': new})), found,
                             (before, now))

    def test_other_conditions_are_found_unless_listed(self):
        """Of a register as of a row: whoever has less of it cannot load what was saved."""
        def problems(of_register, before, now):
            old, new = copy.deepcopy(OLD), copy.deepcopy(OLD)
            for table, when in ((old, before), (new, now)):
                condition = {} if when is None else {'when': when}
                if of_register:
                    table['rows'][1]['registers'] = [
                        {'name': 'bank', 'number': '0x400', **condition}]
                else:
                    table['rows'][1].update(conditional=True, **condition)
            return checker.compare({'toy': old}, {'toy': new}, checker_list)

        for of_register in (True, False):
            name = 'toy.b bank' if of_register else 'toy.b'
            checker_list = {}
            self.assertEqual(problems(of_register, 'mca', 'mca'), [])
            for before, now in (('mca', 'mca and lm'), ('mca', None), (None, 'mca')):
                self.assertEqual(len(problems(of_register, before, now)), 1, (before, now))
            checker_list = {(name, 'mca', 'always')}
            self.assertEqual(problems(of_register, 'mca', 'always'), [])
            self.assertEqual(len(problems(of_register, 'mca', 'lm')), 1)
            self.assertEqual(len(problems(of_register, 'always', 'mca')), 1)

    def test_a_new_register_that_every_stream_must_have_is_found(self):
        old = copy.deepcopy(OLD)
        old['rows'][1]['registers'] = []
        for is_needed, found in ((True, 1), (False, 0)):
            self.new['rows'][1]['registers'] = [
                {'name': 'ctlr', 'number': '0x0', 'needed': is_needed}]
            self.assertEqual(len(checker.compare({'toy': old}, {'toy': self.new})), found)

    def test_a_register_that_is_needed_from_now_on_is_found(self):
        old = copy.deepcopy(OLD)
        register = {'name': 'ctlr', 'number': '0x0', 'needed': False}
        old['rows'][1]['registers'] = [register]
        self.new['rows'][1]['registers'] = [dict(register, needed=True)]
        self.assertEqual(len(checker.compare({'toy': old}, {'toy': self.new})), 1)

    def test_registers_of_one_number_are_told_apart_by_their_group(self):
        old = copy.deepcopy(OLD)
        registers = [{'name': 'ctlr', 'number': '0x0', 'group': group} for group in (0, 5)]
        old['rows'][1]['registers'] = registers
        self.new['rows'][1]['registers'] = registers[::-1]
        self.assertEqual(checker.compare({'toy': old}, {'toy': self.new}), [])
        self.new['rows'][1]['registers'] = registers[:1]
        self.assertEqual(len(checker.compare({'toy': old}, {'toy': self.new})), 1)

    def test_a_table_that_is_gone_is_found(self):
        self.assertEqual(len(checker.compare({'toy': OLD}, {})), 1)


if __name__ == '__main__':
    unittest.main()
