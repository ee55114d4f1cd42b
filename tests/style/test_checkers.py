#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The style checkers find what they are for, and leave clean code alone."""

import importlib.util
import os
import sys
import tempfile
import unittest

SCRIPTS = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))), 'scripts')
sys.path.insert(0, SCRIPTS)
sys.dont_write_bytecode = True


def load(name):
    spec = importlib.util.spec_from_file_location(name, os.path.join(SCRIPTS, name + '.py'))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Library(unittest.TestCase):
    def test_comments_and_strings_are_blanked_and_lines_stay(self):
        code = load('stylelib').code_only('a("exit(1)"); /* exit(\n2) */ b // abort()\n')
        self.assertNotIn('exit', code)
        self.assertNotIn('abort', code)
        self.assertEqual(code.count('\n'), 2)

    def test_an_exception_without_a_reason_is_refused(self):
        with tempfile.TemporaryDirectory() as root:
            os.mkdir(os.path.join(root, 'scripts'))
            with open(os.path.join(root, 'scripts', 'style-exceptions.txt'), 'w') as stream:
                stream.write('exits a.c\n')
            with self.assertRaises(SystemExit):
                load('stylelib').exceptions(root, 'exits')


class Layers(unittest.TestCase):
    check = staticmethod(load('check-layers').check_file)

    def test_upward_include_is_found(self):
        self.assertEqual(len(self.check('target/i386/cpu.c', '#include "accel/kvm-sys.h"\n')), 1)
        self.assertEqual(len(self.check('include/util/x.h', '#include "qom/object.h"\n')), 1)
        self.assertEqual(len(self.check('monitor/qmp.c', '#include "target/pmu.h"\n')), 1)

    def test_downward_own_and_system_includes_are_fine(self):
        text = '#include "cpu.h"\n#include <accel/x.h>\n#include "util/bits.h"\n'
        self.assertEqual(self.check('target/i386/cpu.c', text), [])
        self.assertEqual(self.check('system/main.c', '#include "hw/board.h"\n'), [])

    def test_rooms_of_a_folder_have_layers_of_their_own(self):
        text = '#include "system/vm/vm.h"\n'
        self.assertEqual(len(self.check('system/plan/vm-plan.c', text)), 1)
        self.assertEqual(len(self.check('include/system/cmdline/x.h', text)), 1)
        self.assertEqual(len(self.check('tools/x.c', text)), 1)
        self.assertEqual(self.check('system/qmp/qmp-run.c', text), [])
        self.assertEqual(self.check('system/main.c', text), [])
        self.assertEqual(len(self.check('system/vm/vm.c', '#include "system/daemonize.h"\n')), 1)

    def test_headers_that_need_each_other_are_found(self):
        circles = load('check-layers').find_circles
        self.assertEqual(circles({'include/a/x.h': '#include "a/y.h"\n', 'include/a/y.h': ''}), [])
        self.assertEqual(len(circles({'include/a/x.h': '#include "a/y.h"\n',
                                      'include/a/y.h': '#include "b/z.h"\n',
                                      'include/b/z.h': '#include "a/x.h"\n'})), 1)
        self.assertEqual(len(circles({'a/x.h': '#include "y.h"\n',
                                      'a/y.h': '#include "x.h"\n'})), 1)

    def test_table_only_points_down(self):
        allowed = load('check-layers').ALLOWED
        for folder, below in allowed.items():
            for other in below:
                self.assertNotIn(folder, allowed[other], f'{folder} and {other}')


class Maintainers(unittest.TestCase):
    check = staticmethod(load('check-maintainers').check_text)

    def test_what_is_not_there_and_who_is_not_named_are_found(self):
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(os.path.join(root, 'util'))
            self.assertEqual(self.check(root, 'F: util/\nT: meson test\n', ['util']), [])
            self.assertEqual(len(self.check(root, 'F: util/ utli/\n', ['util'])), 1)
            self.assertEqual(len(self.check(root, 'T: tests/x.py; util/\n', ['util'])), 1)
            self.assertEqual(len(self.check(root, 'F: util/\n', ['qom', 'util'])), 1)


class Unused(unittest.TestCase):
    check = staticmethod(load('check-unused').check_files)
    header = 'int x_find(int a);\n\nvoid x_free(X *x);\nG_CLEANUP(X, x_free)\n'

    def test_a_function_that_only_its_definition_knows_is_found(self):
        source = '#include "x.h"\n\nint x_find(int a)\n{\n    return a;\n}\n'
        self.assertEqual(self.check({'include/x.h': self.header, 'x.c': source}),
                         ['include/x.h:1: nothing but tests calls x_find()'])

    def test_calls_and_pointers_count_wherever_they_are(self):
        for use in ('    int a = x_find(1);\n', '    return x_find;\n', '    {"x", x_find},\n'):
            files = {'include/x.h': self.header, 'x.c': 'int x_find(int a)\n{\n}\n',
                     'y.c': 'void y(void)\n{\n' + use + '}\n'}
            self.assertEqual(self.check(files), [], use)


class Columns(unittest.TestCase):
    check = staticmethod(load('check-columns').check_file)

    def test_only_lines_that_are_too_long_are_found(self):
        self.assertEqual(self.check('x.c', 'a' * 100 + '\n'), [])
        self.assertEqual(self.check('x.c', 'int a;\n' + 'é' * 101 + '\n'),
                         ['x.c:2: 101 columns, 100 at most'])


class Exits(unittest.TestCase):
    check = staticmethod(load('check-exits').check_file)

    def test_each_way_to_end_or_print_is_found(self):
        for call in ('exit(1);', 'abort();', 'errx(1, "x");', 'printf("x");',
                     'fprintf(stderr, "x");', 'g_printerr("x");', 'assert(x);'):
            self.assertEqual(len(self.check('util/x.c', 'int f(void) { ' + call + ' }')), 1, call)

    def test_names_that_only_look_alike_are_fine(self):
        text = 'f->exit(1); my_exit(); snprintf(b, 2, "x"); g_assert_not_reached(); ' \
               'fprintf(out, "x"); s.abort(); kvm_exit(); /* exit() */'
        self.assertEqual(self.check('util/x.c', text), [])


class Failures(unittest.TestCase):
    check = staticmethod(load('check-failures').check_file)

    def of(self, body):
        return self.check('util/x.c', 'bool f(int a, GError **errp)\n{\n' +
                          body.replace('}', ' }') + '\n}\n')

    def test_a_part_that_sets_no_error_is_found(self):
        for body in ('if (seen++ || !load(a, errp)) {\nreturn false;\n}',
                     'if (!a) {\nreturn false;\n}',
                     'if (x) {\n} else if (a > 3) {\ng_prefix_error(errp, "x");\n'
                     'return NULL;\n}',
                     'if (a < 0 || (b = open_it(errp)) < 0) {\nreturn -1;\n}',
                     'return load(a, errp) && a == 1;',
                     'return a == 1 || (load(a, errp) && a);'):
            self.assertEqual(len(self.of(body)), 1, body)

    def test_what_a_failed_call_left_behind_is_fine(self):
        for body in ('if (!load(a, errp) || !store(a, errp)) {\nreturn false;\n}',
                     'char *x = load(a, errp);\nif (!x) {\nreturn NULL;\n}',
                     'x->fd = open_it(a, errp);\nif (x->fd < 0) {\nreturn -1;\n}',
                     'x = load(a, errp);\ny = x ? x->y : NULL;\nif (!y) {\nreturn NULL;\n}',
                     'load(a, &ok, errp);\nreturn ok && store(a, errp);',
                     'if (a) {\nerror_set(errp, "a");\n}\nreturn !a && load(errp);',
                     'return !a || load(a, errp);',
                     'return load(a, errp) && (!a || store(a, errp));',
                     'if (a) {\nerror_set(errp, "no");\nreturn false;\n}',
                     'if (a) {\nreturn true;\n}'):
            self.assertEqual(self.of(body), [], body)

    def test_functions_without_errors_are_left_alone(self):
        self.assertEqual(self.check('util/x.c', 'bool f(int a)\n{\nif (!a) {\n'
                                    'return false;\n}\n}\n'), [])


class Ioctl(unittest.TestCase):
    check = staticmethod(load('check-ioctl').check_file)

    def test_call_is_found_and_wrapper_is_not(self):
        self.assertEqual(len(self.check('hw/x.c', 'r = ioctl(fd, 1);')), 1)
        self.assertEqual(self.check('hw/x.c', 'kvm_sys_ioctl(s); ops->ioctl(s); "ioctl("'), [])


class Globals(unittest.TestCase):
    def test_writable_sections_are_told_from_constant_ones(self):
        listing = ('0000000000000000 l     O .bss\t0000000000000008 quark.0\n'
                   '0000000000000000 l     O .data.rel.ro.local\t0000000000000008 rows\n'
                   '0000000000000000 g     O .data\t0000000000000008 current\n'
                   '0000000000000000 g     F .text\t0000000000000008 main\n'
                   '0000000000000008 g     O .rodata\t0000000000000008 name\n')
        self.assertEqual(load('check-globals').parse(listing), ['quark', 'current'])


class Docs(unittest.TestCase):
    check = staticmethod(load('check-docs').check_file)

    def test_function_without_comment_is_found(self):
        findings = self.check('include/x.h', '#define A 1\n\nint x_new(int a,\n          int b);\n')
        self.assertEqual(len(findings), 1)
        self.assertIn('x_new', findings[0])

    def test_commented_functions_and_paragraphs_are_fine(self):
        text = ('/* x_new - make.\n *\n * At all.\n */\nint x_new(void);\nvoid x_free(int x);\n\n'
                'typedef int (*Fn)(void);\n\ntypedef struct X {\n    int a;\n\n'
                '    int (*get)(void);\n} X;\n\n#define F(x) g(x)\n')
        self.assertEqual(self.check('include/x.h', text), [])


class Spdx(unittest.TestCase):
    def test_first_or_second_line(self):
        check = load('check-spdx').is_tagged
        self.assertTrue(check('/* SPDX-License-Identifier: GPL-2.0-or-later */\n'))
        self.assertTrue(check('#!/bin/sh\n# SPDX-License-Identifier: GPL-2.0-or-later\n'))
        self.assertFalse(check('int a;\n/* SPDX-License-Identifier: GPL-2.0-or-later */\n'))
        self.assertTrue(check(''))


class Headers(unittest.TestCase):
    def test_header_that_needs_another_is_found(self):
        check = load('check-headers').check_header
        with tempfile.TemporaryDirectory() as root:
            for name, body in (('good.h', '#include <stdint.h>\nextern uint8_t x;\n'),
                               ('bad.h', 'extern uint8_t x;\n')):
                with open(os.path.join(root, name), 'w') as stream:
                    stream.write(f'#ifndef X_H\n#define X_H\n{body}#endif\n')
            self.assertEqual(check(root, 'cc', [], 'good.h'), [])
            self.assertEqual(len(check(root, 'cc', [], 'bad.h')), 1)


if __name__ == '__main__':
    unittest.main()
