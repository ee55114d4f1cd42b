#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds everything and runs every suite; scripts/test installs the packages and calls it.

A step that cannot be done here is skipped with its reason; a build that breaks is a
failure.  The closing line is 'N passed, N failed, N skipped'.
"""

import argparse
import glob
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, 'scripts'))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'rig'))
sys.dont_write_bytecode = True

import fetch  # noqa: E402
import testresults  # noqa: E402

FUZZ_RUNS = 20000
FUZZ_RUNS_LONG = 1000000
FUZZ_SECONDS = 20  # at most, for each target
FUZZ_SECONDS_LONG = 600
START = time.monotonic()


def progress(text):
    print(f'==> [{time.monotonic() - START:4.0f} s] {text}', flush=True)


def run(command, **options):
    return subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **options)


def environment(**extra):
    return dict(os.environ, **extra)


class Suites:
    def __init__(self, args):
        self.args = args
        self.results = testresults.Results()

    def wanted(self, step):
        return not self.args.only or step in self.args.only

    def skip(self, name, reason):
        progress(f'{name}: skipped: {reason}')
        self.results.add(name, 'skipped', reason)

    def fail(self, name, output):
        progress(f'{name}: FAILED')
        print('\n'.join(output.splitlines()[-40:]), flush=True)
        self.results.add(name, 'failed')

    def build(self, name, folder, setup):
        """Configure where needed, then ninja.  True when there is something to test."""
        progress(f'build {name}')
        path = os.path.join(ROOT, folder)
        if not os.path.exists(os.path.join(path, 'build.ninja')):
            shutil.rmtree(path, ignore_errors=True)
            got = run(setup)
            if got.returncode:
                self.fail(f'configure {name}', got.stdout)
                return False
        got = run(['ninja', '-C', folder])
        if got.returncode:
            self.fail(f'build {name}', got.stdout)
            return False
        self.results.add(f'build {name}', 'passed')
        return True

    def meson_tests(self, name, folder, *options):
        progress(f'{name}: unit, resolve, fault and style suites')
        log = os.path.join(ROOT, folder, 'meson-logs', 'testlog.json')
        if os.path.exists(log):
            os.remove(log)
        got = run(['meson', 'test', '-C', folder, '--no-rebuild', '--no-suite', 'functional',
                   '--no-suite', 'rig', '--timeout-multiplier', '4', *options],
                  env=environment(ASAN_OPTIONS='detect_leaks=1:abort_on_error=1',
                                  UBSAN_OPTIONS='halt_on_error=1:print_stacktrace=1'))
        if not os.path.exists(log):
            self.fail(f'{name}: meson test', got.stdout)
            return
        before = len(self.results.failed)
        self.results.add_meson(name, log)
        if len(self.results.failed) > before:
            print(got.stdout[-4000:], flush=True)
            text = os.path.join(ROOT, folder, 'meson-logs', 'testlog.txt')
            with open(text, encoding='utf-8', errors='replace') as stream:
                print(stream.read()[-6000:], flush=True)

    def pytest(self, name, folder, **extra):
        self.pytest_finish(self.pytest_start(name, folder, **extra))

    def pytest_start(self, name, folder, **extra):
        """A suite that runs beside what follows; hand the job to pytest_finish()."""
        progress(f'{name}: {folder}')
        junit = tempfile.NamedTemporaryFile(suffix='.xml')
        log = tempfile.TemporaryFile('w+', errors='replace')
        process = subprocess.Popen(
            [sys.executable, '-B', '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--tb=short',
             '--durations=5', '--junitxml', junit.name, folder],
            cwd=ROOT, text=True, stdout=log, stderr=subprocess.STDOUT,
            env=environment(**extra))
        return name, folder, junit, log, process

    def pytest_finish(self, job):
        name, folder, junit, log, process = job
        status = process.wait()
        log.seek(0)
        text = log.read()
        if status not in (0, 1, 5):
            self.fail(f'{name}: {folder}', text)
        else:
            if status == 1:
                print(text[-8000:], flush=True)
            self.results.add_junit(name, junit.name)
        if self.args.verbose:
            print(text[-1500:], flush=True)
        progress(f'{name}: {folder}: ended')
        junit.close()
        log.close()

    # The steps, in order.

    def native(self):
        if self.build('native', 'build', ['./configure', '--enable-werror']):
            self.meson_tests('native', 'build')
            self.pytest('native', 'tests/functional', VPMU_BUILD='build')
            self.pytest('native', 'tests/fault', VPMU_BUILD='build')

    def sanitizers(self):
        if self.build('sanitizers', 'build-asan',
                      ['./configure', '--enable-asan', '--enable-werror',
                       '--builddir=build-asan']):
            self.meson_tests('sanitizers', 'build-asan', '--no-suite', 'style')
            self.pytest('sanitizers', 'tests/functional', VPMU_BUILD='build-asan',
                        VPMU_STARTS='20',
                        ASAN_OPTIONS='detect_leaks=1', UBSAN_OPTIONS='halt_on_error=1')
            self.pytest('sanitizers', 'tests/fault', VPMU_BUILD='build-asan',
                        ASAN_OPTIONS='detect_leaks=1', UBSAN_OPTIONS='halt_on_error=1')

    def fuzzers(self):
        if not shutil.which('clang'):
            self.skip('fuzzers', 'clang is not installed')
            return
        if not self.build('clang and fuzzers', 'build-fuzz',
                          ['./configure', '--enable-fuzzing', '--enable-asan', '--cc=clang',
                           '--builddir=build-fuzz']):
            return
        runs = FUZZ_RUNS_LONG if self.args.long else FUZZ_RUNS
        seconds = FUZZ_SECONDS_LONG if self.args.long else FUZZ_SECONDS
        for target in sorted(glob.glob(os.path.join(ROOT, 'build-fuzz/tests/fuzz/fuzz-*'))):
            if os.path.isdir(target) or not os.access(target, os.X_OK):
                continue
            name = os.path.basename(target)
            progress(f'{name}: {runs} runs')
            seeds = os.path.join(ROOT, 'tests', 'fuzz', 'seeds', name[len('fuzz-'):])
            with tempfile.TemporaryDirectory() as corpus:
                got = run([target, f'-runs={runs}', f'-max_total_time={seconds}',
                           '-max_len=4096', '-timeout=25',
                           '-rss_limit_mb=2048', '-artifact_prefix=' + corpus + '/',
                           '-print_final_stats=0', '-verbosity=0', corpus, seeds])
            if got.returncode:
                self.fail(name, got.stdout)
            else:
                self.results.add(name, 'passed')

    def arm64(self):
        if platform.machine() != 'x86_64':
            self.skip('arm64 rig', f'made for x86_64 machines, this is {platform.machine()}')
            return
        try:
            root = fetch.sysroot()
        except fetch.Unavailable as reason:
            self.skip('arm64 build', str(reason))
            return
        if not shutil.which('aarch64-linux-gnu-gcc'):
            self.skip('arm64 build', 'aarch64-linux-gnu-gcc is not installed')
            return
        cross = ['--cross-file', os.path.join(root, 'cross.ini')]
        if self.args.long and self.build(
                'arm64 sanitizers', 'build-arm64-asan',
                ['meson', 'setup', 'build-arm64-asan', '--werror', *cross,
                 '-Db_sanitize=address,undefined', '-Db_lundef=false']):
            self.pytest('arm64 sanitizers', 'tests/rig/arm64_suite/test_guest_arm64.py',
                        VPMU_BUILD_ARM64='build-arm64-asan', VPMU_RIG_PATIENCE='8')
        if self.build('arm64', 'build-arm64',
                      ['meson', 'setup', 'build-arm64', '--werror', *cross]):
            # By itself: made-up counters interrupt late where another emulator runs.
            self.pytest('arm64', 'tests/rig/arm64_suite', VPMU_BUILD_ARM64='build-arm64')

    def nested(self):
        if platform.machine() != 'x86_64':
            self.skip('nested rig', f'made for x86_64 machines, this is {platform.machine()}')
            return
        if not os.path.exists(os.path.join(ROOT, 'build', 'build.ninja')):
            self.build('native', 'build', ['./configure', '--enable-werror'])
        self.pytest('nested', 'tests/rig/nested_suite', VPMU_BUILD='build')

    def bochs(self):
        if platform.machine() != 'x86_64':
            self.skip('Bochs rig', f'made for x86_64 machines, this is {platform.machine()}')
            return
        self.pytest('bochs', 'tests/rig/bochs_suite', VPMU_BUILD='build')


STEPS = ('native', 'sanitizers', 'fuzzers', 'arm64', 'nested', 'bochs')


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--long', action='store_true', help='more rounds of everything')
    parser.add_argument('--only', action='append', choices=STEPS, help='this step only')
    parser.add_argument('--verbose', action='store_true', help='show the slowest tests')
    parser.add_argument('--note', action='append', default=[], help='a skip to report')
    args = parser.parse_args()
    if args.long:
        os.environ['VPMU_LONG'] = '1'
    suites = Suites(args)
    for note in args.note:
        suites.skip('packages', note)
    for step in STEPS:
        if suites.wanted(step):
            getattr(suites, step)()
    progress('done')
    print('\n'.join(suites.results.summary()))
    sys.exit(1 if suites.results.failed else 0)


if __name__ == '__main__':
    main()
