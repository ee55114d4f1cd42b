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

    def test_a_new_row_of_a_new_version_is_fine(self):
        self.new['version'] = 2
        self.new['rows'].append(row('c', since=2))
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
            lambda t: t['rows'].append(row('c', since=2)),
            lambda t: t.update(version=0),
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

    def test_a_table_that_is_gone_is_found(self):
        self.assertEqual(len(checker.compare({'toy': OLD}, {})), 1)


if __name__ == '__main__':
    unittest.main()
