#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What libvpmu.so exports is what its header declares and its symbol map lists.

usage: test_symbols.py LIBRARY
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HEADER = os.path.join(ROOT, 'include', 'vpmu', 'vpmu.h')
MAP = os.path.join(ROOT, 'lib', 'libvpmu.map')
LIBRARY = sys.argv.pop(1) if len(sys.argv) > 1 else ''

# Uses the header as its users do, in the strictest of either language.
SOURCE = '#include <vpmu/vpmu.h>\nint main(void) { return vpmu_version() == 0; }\n'


def read(path):
    with open(path, encoding='utf-8') as stream:
        return stream.read()


def declared():
    return re.findall(r'^VPMU_API [^;(]*?(vpmu_\w+)\(', read(HEADER), re.MULTILINE)


def listed():
    """{version: names} of the symbol map."""
    nodes = re.findall(r'([\w.]+) \{\s*(?:global:)?([^}]*?)(?:local:[^}]*)?\}', read(MAP))
    return {name: re.findall(r'(\w+);', body) for name, body in nodes}


def exported():
    """(name, version) of each defined dynamic symbol."""
    run = subprocess.run(['nm', '-D', '--defined-only', '--with-symbol-versions', LIBRARY],
                         text=True, capture_output=True, check=True)
    rows = (line.split() for line in run.stdout.splitlines())
    return {tuple(row[2].split('@@')) for row in rows if row[1] != 'A'}


class Symbols(unittest.TestCase):
    def test_the_map_lists_what_the_header_declares(self):
        names = [name for node in listed().values() for name in node]
        self.assertEqual(sorted(names), sorted(declared()))
        self.assertGreater(len(names), 50)

    def test_the_library_exports_that_and_nothing_else(self):
        wanted = {(name, version) for version, names in listed().items() for name in names}
        self.assertEqual(exported(), wanted)

    def test_its_name_is_that_of_the_first_interface(self):
        run = subprocess.run(['readelf', '-d', LIBRARY], text=True, capture_output=True,
                             check=True)
        self.assertIn('soname: [libvpmu.so.1]', run.stdout)


class Header(unittest.TestCase):
    def compile(self, compiler, suffix, *flags):
        if not shutil.which(compiler):
            self.skipTest(f'{compiler} is missing')
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'main' + suffix)
            with open(path, 'w', encoding='utf-8') as stream:
                stream.write(SOURCE)
            # Alone in a folder: nothing else of this tree can be included.
            shutil.copytree(os.path.join(ROOT, 'include', 'vpmu'),
                            os.path.join(folder, 'include', 'vpmu'))
            run = subprocess.run(
                [compiler, *flags, '-Wall', '-Wextra', '-Wpedantic', '-Werror',
                 '-fsyntax-only', '-I', os.path.join(folder, 'include'), path],
                text=True, capture_output=True)
            self.assertEqual((run.returncode, run.stderr), (0, ''))

    def test_it_is_c99(self):
        self.compile('cc', '.c', '-std=c99', '-Wstrict-prototypes')

    def test_it_is_cplusplus(self):
        self.compile('c++', '.cc', '-std=c++11')


if __name__ == '__main__':
    unittest.main()
