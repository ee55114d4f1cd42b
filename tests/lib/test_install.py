#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What ninja install puts down is enough for those who use the library.

usage: test_install.py BUILD

Everything is installed below a folder of its own; there the example of the documentation is
compiled through pkg-config, and the installed tool and the Python module run.
"""

import glob
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROFILES = os.path.join(ROOT, 'tests', 'profiles')
BUILD = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else ''
ICELAKE = os.path.join(PROFILES, 'intel-icelake-sp.json')


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        subprocess.run(['meson', 'install', '-C', BUILD, '--no-rebuild', '--destdir',
                        cls.folder.name], check=True, capture_output=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def find(self, pattern):
        found = glob.glob(os.path.join(self.folder.name, '**', pattern), recursive=True)
        self.assertEqual(len(found), 1, f'{pattern}: {found}')
        return found[0]

    def pkg_config(self, *args):
        """As a build for another root asks."""
        env = dict(os.environ, PKG_CONFIG_SYSROOT_DIR=self.folder.name,
                   PKG_CONFIG_LIBDIR=os.path.dirname(self.find('vpmu.pc')))
        run = subprocess.run(['pkg-config', *args, 'vpmu'], text=True, capture_output=True,
                             env=env)
        self.assertEqual((run.returncode, run.stderr), (0, ''))
        return run.stdout.split()

    def environment(self):
        return dict(os.environ, PYTHONDONTWRITEBYTECODE='1',
                    LD_LIBRARY_PATH=os.path.dirname(self.find('libvpmu.so.1')),
                    PYTHONPATH=os.path.dirname(os.path.dirname(self.find('vpmu/py.typed'))))

    def run_installed(self, *command):
        return subprocess.run(command, text=True, capture_output=True, env=self.environment(),
                              cwd=self.folder.name)

    def build_example(self, compiler, *flags):
        program = os.path.join(self.folder.name, 'why')
        run = subprocess.run(
            [compiler, *flags, '-Wall', '-Wextra', '-Wpedantic', '-Werror',
             self.find('examples/why.c'), *self.pkg_config('--cflags', '--libs'), '-o',
             program], text=True, capture_output=True)
        self.assertEqual((run.returncode, run.stderr), (0, ''))
        return program

    def test_the_example_explains_a_host(self):
        if not shutil.which('pkg-config'):
            self.skipTest('pkg-config is missing')
        program = self.build_example('cc', '-std=c99')
        done = self.run_installed(program, ICELAKE, 'pc-q35-vpmu1.0',
                                  'host,pmu=on,perf-metrics=on')
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        self.assertIn('warning: perf-metrics: asked on, given off\n    because: ', done.stdout)
        self.assertRegex(done.stdout, r'\ncontract [0-9a-f]{64}\n$')

    def test_the_example_says_no_and_what_is_wrong(self):
        if not shutil.which('pkg-config'):
            self.skipTest('pkg-config is missing')
        program = self.build_example('cc', '-std=c99')
        done = self.run_installed(program, ICELAKE, 'q35', 'host,pmu=on,pebs-fmt=3,enforce=on')
        self.assertEqual(done.returncode, 1)
        self.assertIn('error: pebs-fmt', done.stdout)
        done = self.run_installed(program, ICELAKE, 'q35', 'hots')
        self.assertEqual((done.returncode, done.stdout), (2, ''))
        self.assertIn("did you mean 'host'?", done.stderr)

    def test_the_example_is_cplusplus_too(self):
        if not shutil.which('pkg-config') or not shutil.which('c++'):
            self.skipTest('pkg-config or c++ is missing')
        self.build_example('c++', '-x', 'c++', '-std=c++11')

    def test_pkg_config_names_the_version_of_the_library(self):
        if not shutil.which('pkg-config'):
            self.skipTest('pkg-config is missing')
        version = self.run_installed(self.find('bin/vpmu'), '--version').stdout
        self.assertEqual('vpmu ' + self.pkg_config('--modversion')[0] + '\n', version)

    def test_the_installed_tool_runs_by_itself(self):
        done = subprocess.run([self.find('bin/vpmu'), 'resolve', '--host', ICELAKE],
                              text=True, capture_output=True)
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        self.assertIn('resolved, contract', done.stdout)

    def test_the_python_module_finds_its_library(self):
        done = self.run_installed(sys.executable, '-c',
                                  'import vpmu, sys\n'
                                  'host = vpmu.Host.read(sys.argv[1])\n'
                                  'print(host.most().contract.has_pmu)', ICELAKE)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, 'True\n', ''))

    def test_the_manual_page_has_each_function(self):
        with open(self.find('man3/vpmu.3'), encoding='utf-8') as stream:
            page = stream.read()
        with open(self.find('vpmu/vpmu.h'), encoding='utf-8') as stream:
            header = stream.read()
        names = [line.split('(')[0].split()[-1].lstrip('*') for line in header.splitlines()
                 if line.startswith('VPMU_API') and '(' in line]
        self.assertGreater(len(names), 50)
        for name in names:
            self.assertIn(f'{name}(', page)
            self.assertIn(f'\n{name} \\- ', page)
        if shutil.which('groff'):
            run = subprocess.run(['groff', '-man', '-Tutf8', '-ww', '-k',
                                  self.find('man3/vpmu.3')],
                                 text=True, capture_output=True)
            self.assertEqual(run.stderr, '')


if __name__ == '__main__':
    unittest.main()
