#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The schema compiler: what it refuses, and what it makes of a small schema."""

import json
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))), 'scripts'))

from qapi import gen_c, gen_doc, gen_introspect, schema  # noqa: E402

SMALL = [
    {'enum': 'Colour', 'doc': 'A colour.', 'values': {'dark-red': 'red', 'blue': 'blue'}},
    {'struct': 'Lamp', 'doc': 'A lamp.', 'members': {
        'colour': 'Colour: its colour', '*level': 'uint8: how bright',
        '*default': 'str: a keyword of C'}},
    {'command': 'query-lamps', 'doc': 'Lists lamps.', 'args': {'*room': 'str: only here'},
     'returns': '[Lamp]: the lamps', 'features': {'fast': 'is fast'}},
    {'command': 'ping', 'doc': 'Does nothing.'},
    {'event': 'LAMP_LIT', 'doc': 'A lamp was lit.', 'data': {'lamp': 'Lamp: which'}},
]


def load(entries):
    with tempfile.NamedTemporaryFile('w', suffix='.json', encoding='utf-8') as file:
        file.write(entries if isinstance(entries, str) else json.dumps(entries))
        file.flush()
        return schema.load([file.name])


class Refusals(unittest.TestCase):
    CASES = {
        'no documentation': [{'command': 'x'}],
        'no known kind': [{'thing': 'x', 'doc': 'd'}],
        'unknown key': [{'command': 'x', 'doc': 'd', 'colour': 1}],
        'no good name': [{'command': 'X', 'doc': 'd'}],
        "there is no type 'Y'": [{'command': 'x', 'doc': 'd', 'returns': 'Y: t'}],
        'defined twice': [{'command': 'x', 'doc': 'd'}, {'command': 'x', 'doc': 'd'}],
        'nothing uses': [{'enum': 'E', 'doc': 'd', 'values': {'a': 'a'}}],
        'is empty': [{'struct': 'S', 'doc': 'd', 'members': {}}],
        "not 'TYPE: TEXT'": [{'command': 'x', 'doc': 'd', 'args': {'a': 'str'}}],
        'occurs twice': '[{"command": "x", "command": "y", "doc": "d"}]',
        'Expecting': '[{]',
    }

    def test_each_mistake_is_named(self):
        for text, entries in self.CASES.items():
            with self.subTest(text):
                with self.assertRaisesRegex(schema.SchemaError, text):
                    load(entries)


class Output(unittest.TestCase):
    def setUp(self):
        self.schema = load(SMALL)

    def test_c_names(self):
        for name, expected in {'RunState': 'run_state', 'query-status': 'query_status',
                               'KvmInfo': 'kvm_info', 'GICCapability': 'gic_capability',
                               'IOThreadInfo': 'io_thread_info'}.items():
            self.assertEqual(gen_c.snake(name), expected)

    def test_types_have_enums_optionals_and_keywords(self):
        header = gen_c.types_header(self.schema)
        for text in ('COLOUR_DARK_RED,', 'bool has_level;', 'char *q_default;',
                     'void lamp_free(Lamp *value);'):
            self.assertIn(text, header)
        self.assertNotIn('has_q_default', header)

    def test_commands_are_sorted_and_typed(self):
        source = gen_c.commands_source(self.schema)
        self.assertLess(source.index('{"ping", NULL, NULL'), source.index('{"query-lamps"'))
        self.assertIn('bool qmp_query_lamps(QmpContext *ctx, const QueryLampsArgs *args, '
                      'GPtrArray **ret, GError **errp);', gen_c.commands_header(self.schema))

    def test_introspection_has_every_type_it_names(self):
        entries = {entry['name']: entry for entry in gen_introspect.entries(self.schema)}
        command = entries['query-lamps']
        self.assertEqual(command['features'], ['fast'])
        element = entries[entries[command['ret-type']]['element-type']]
        self.assertEqual(element['meta-type'], 'object')
        members = {member['name']: member for member in element['members']}
        self.assertIsNone(members['level']['default'])
        self.assertEqual(members['level']['type'], 'int')
        self.assertEqual(entries['int']['json-type'], 'int')
        self.assertEqual(entries[members['colour']['type']]['values'], ['dark-red', 'blue'])
        self.assertEqual(entries[entries['ping']['arg-type']]['members'], [])

    def test_reference_names_everything(self):
        text = gen_doc.reference(self.schema)
        for name in ('query-lamps', 'LAMP_LIT', 'dark-red', 'how bright'):
            self.assertIn(name, text)


if __name__ == '__main__':
    unittest.main()
