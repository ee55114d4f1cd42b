#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""patches/apply and patches/check over small trees: what fits, and each way of not fitting."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
PATCHES = os.path.join(os.path.dirname(os.path.dirname(HERE)), 'patches')
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, PATCHES]

import smalltree  # noqa: E402
import steps  # noqa: E402

needs_spatch = unittest.skipUnless(shutil.which('spatch'),
                                   'spatch is not installed (Debian: coccinelle)')


def run(program, *arguments, **environment):
    return subprocess.run([sys.executable, '-B', os.path.join(PATCHES, program), *arguments],
                          text=True, capture_output=True, check=False,
                          env={**os.environ, **environment})


def content(root):
    """Path and text of everything but git's own."""
    texts = {}
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != '.git']
        for name in names:
            with open(os.path.join(folder, name), encoding='utf-8') as file:
                texts[os.path.relpath(os.path.join(folder, name), root)] = file.read()
    return texts


class WithTree(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.root)

    def git(self, *arguments):
        return subprocess.run(['git', '-C', self.root, '-c', 'user.name=A', '-c',
                               'user.email=a@b', *arguments], text=True, check=True,
                              capture_output=True).stdout

    def refused(self, why, *arguments, **environment):
        """Applying fails with a message and leaves the tree as found."""
        before = content(self.root)
        done = run('apply', self.root, *arguments, **environment)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertRegex(done.stderr, r'^patches/apply: .*' + why)
        self.assertEqual(done.stderr.count('\n'), 1)
        self.assertEqual(content(self.root), before)


class Refusals(WithTree):
    def test_a_folder_that_is_no_tree(self):
        self.refused('no QEMU tree')

    def test_a_version_file_alone_is_no_tree(self):
        smalltree.write(self.root, files={'target/i386/cpu.c': None})
        self.refused('no QEMU tree')

    def test_versions_out_of_range(self):
        for version in ('8.1.0', '11.2.0', '12.0.50'):
            smalltree.write(self.root, version)
            self.refused('the steps know 9.0 to 11.1')

    def test_commit_without_git(self):
        smalltree.write(self.root)
        self.refused('--commit wants a git tree', '--commit')

    def test_a_dirty_tree(self):
        smalltree.write(self.root)
        self.git('init', '-q')
        self.git('add', '.')
        self.git('commit', '-qm', 'base')
        smalltree.write(self.root, files={'target/i386/cpu.h': 'changed\n'})
        self.refused('changes that are not committed')

    def test_spatch_missing(self):
        smalltree.write(self.root)
        self.refused('apt install coccinelle', PATH='/nonexistent')

    @needs_spatch
    def test_a_new_file_that_is_there(self):
        smalltree.write(self.root, files={'target/i386/vpmu-formats.c': 'other\n'})
        self.refused('0002-i386-lbr-fmt: target/i386/vpmu-formats.c exists already|in part')


@needs_spatch
class WrongShapes(WithTree):
    """Each rule meets a tree that lacks what it looks for."""

    def test_each_rule_says_so_and_nothing_is_written(self):
        for step in steps.load():
            smalltree.write(self.root)
            tree = steps.Tree(self.root)
            for other in steps.load():
                if other.name == step.name:
                    break
                steps.plan(tree, other)
            for rule in [rule for rule in step.rules() if tree.fits(rule[2])]:
                if rule[1] in dict(step.new_files()):
                    continue
                broken = steps.Tree(self.root)
                broken.text.update(tree.text)
                broken.text[rule[1]] = 'int nothing;\n'
                with self.assertRaisesRegex(steps.Refused, step.name):
                    steps.plan(broken, step)

    def test_a_shape_that_is_there_twice(self):
        text = smalltree.FILES['target/i386/cpu.c']
        loop = re.search(r'    for .*?\n    \}\n', text, re.S)[0]
        smalltree.write(self.root, files={'target/i386/cpu.c': text.replace(loop, loop * 2)})
        self.refused(r'rule expand changes 2 places of target/i386/cpu.c, not 1', '--upto', '2')

    def test_an_anchor_that_is_gone(self):
        smalltree.write(self.root, files={'target/i386/meson.build': "'other.c',\n"})
        self.refused("target/i386/meson.build has not exactly one line", '--upto', '2')


@needs_spatch
class Applied(WithTree):
    def test_all_steps_fit_development_and_release_trees(self):
        for version in ('8.2.93', '10.0.13', '10.2.2', '10.2.50', '11.1.0'):
            with self.subTest(version):
                smalltree.write(self.root, version)
                self.assertEqual(run('check', self.root).returncode, 2)
                done = run('apply', self.root)
                self.assertEqual(done.returncode, 0, done.stderr)
                done = run('check', self.root)
                self.assertEqual(done.returncode, 0, done.stdout)
                shutil.rmtree(self.root)
                os.mkdir(self.root)

    def test_old_defaults_are_compat_properties_or_defaults(self):
        for version, array, default in (('10.2.50', 1, 'false'), ('10.2.2', 0, 'true')):
            with self.subTest(version):
                smalltree.write(self.root, version)
                run('apply', self.root)
                texts = content(self.root)
                self.assertEqual(texts['hw/i386/pc.c'].count(
                    '    { TYPE_X86_CPU, "x-ds-without-pmu", "on" },\n'), array)
                self.assertIn(f'ds_without_pmu, {default})', texts['target/i386/cpu.c'])
                self.assertIn(f'BACKCOMPAT_PMU {default}', texts['target/arm/kvm-pmu.h'])
                shutil.rmtree(self.root)
                os.mkdir(self.root)

    def test_one_commit_a_step_and_going_on(self):
        smalltree.write(self.root)
        self.git('init', '-q')
        for name, value in (('user.name', 'A'), ('user.email', 'a@b')):
            self.git('config', name, value)
        self.git('add', '.')
        self.git('commit', '-qm', 'base')
        self.assertEqual(run('apply', self.root, '--commit', '--upto', '2').returncode, 0)
        self.assertEqual(run('check', self.root).returncode, 1)
        self.assertEqual(run('apply', self.root, '--commit').returncode, 0)
        subjects = self.git('log', '--format=%s', '--reverse').splitlines()[1:]
        self.assertEqual(subjects, [step.message.splitlines()[0] for step in steps.load()])
        self.assertEqual(self.git('status', '--porcelain'), '')

    def test_a_damaged_step_is_found(self):
        smalltree.write(self.root)
        run('apply', self.root)
        path = os.path.join(self.root, 'target/i386/vpmu-pebs.c')
        with open(path, 'a', encoding='utf-8') as file:
            file.write('/* mine */\n')
        done = run('check', self.root)
        self.assertEqual(done.returncode, 1)
        self.assertIn('0003-i386-pebs-fmt: in part\n    target/i386/vpmu-pebs.c differs', done.stdout)
        self.assertRegex(run('apply', self.root).stderr, 'is there in part')


class Form(unittest.TestCase):
    """What a maintainer wants of each step."""

    def test_series_and_folders_agree(self):
        folders = sorted(name for name in os.listdir(steps.HERE) if name[0].isdigit())
        self.assertEqual([step.name for step in steps.load()], folders)
        for at, name in enumerate(folders, 1):
            self.assertTrue(name.startswith(f'{at:04}-'), name)

    def test_messages_are_in_qemus_manner(self):
        for step in steps.load():
            with self.subTest(step.name):
                lines = step.message.splitlines()
                self.assertRegex(lines[0], r'^[a-z0-9/]+: ')
                self.assertEqual(lines[1], '')
                self.assertLess(max(map(len, lines)), 77)
                self.assertIn('Tested ', step.message)

    def test_new_lines_are_short_and_without_tabs(self):
        for step in steps.load():
            for path, text in step.new_files():
                for line in text.splitlines():
                    self.assertLessEqual(len(line), 80, f'{path}: {line}')
                    self.assertNotIn('\t', line)

    @needs_spatch
    def test_each_rule_parses(self):
        with tempfile.TemporaryDirectory() as folder:
            tree = steps.Tree(smalltree.write(folder))
            for step in steps.load():
                for _, path, _, _, rule in step.rules():
                    name = os.path.join(folder, 'rule.cocci')
                    with open(name, 'w', encoding='utf-8') as file:
                        file.write(tree.terms(rule))
                    done = subprocess.run(['spatch', '--parse-cocci', name], text=True,
                                          capture_output=True, check=False)
                    self.assertEqual(done.returncode, 0, f'{step.name} {path}: {done.stderr}')


if __name__ == '__main__':
    program = unittest.main(verbosity=2, exit=False)
    if not program.result.wasSuccessful():
        sys.exit(1)
    if program.result.skipped:
        print('skipped: ' + program.result.skipped[0][1])
        sys.exit(77)
