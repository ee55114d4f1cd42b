#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds everything and runs every suite; scripts/test installs the packages and calls it.

A step that cannot be done here is skipped with its reason; a build that breaks is a
failure.  The closing line is 'N passed, N failed, N skipped'.
"""

import argparse
import concurrent.futures
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


def environment(**extra):
    return dict(os.environ, **extra)


class Suites:
    """@priority: what the commands of each step are prefixed with."""

    def __init__(self, args, priority=()):
        self.args = args
        self.priority = list(priority)
        self.results = testresults.Results()
        self.begun = {}  # name of a step in another thread -> its future

    def begin_beside(self):
        """Begins what only computes, one after the other with what the machine has left:
        compilers, fuzzers, and Bochs, which has a clock of its own."""
        self.beside = Suites(self.args, ['nice', '-n', '19'])
        thread = concurrent.futures.ThreadPoolExecutor(max_workers=1)
        for step in ('build_sanitizers', 'bochs', 'fuzzers', 'build_arm64'):
            self.begun[step] = thread.submit(getattr(self.beside, step))

    def end_beside(self):
        """From here on the machine is free for emulators that keep the time."""
        for future in self.begun.values():
            future.result()
        if self.begun:
            self.results.extend(self.beside.results)

    def have(self, step):
        """What @step returned in the other thread, or returns now."""
        return self.begun[step].result() if step in self.begun else getattr(self, step)()

    def run(self, command, **options):
        return subprocess.run(self.priority + command, cwd=ROOT, text=True,
                              errors='replace', stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, **options)

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
            got = self.run(setup)
            if got.returncode:
                self.fail(f'configure {name}', got.stdout)
                return False
        got = self.run(['ninja', '-C', folder])
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
        got = self.run(['meson', 'test', '-C', folder, '--no-rebuild', '--no-suite',
                        'functional', '--no-suite', 'rig', '--timeout-multiplier', '10',
                        *options],
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
        progress(f'{name}: {folder}')
        with tempfile.NamedTemporaryFile(suffix='.xml') as junit:
            got = self.run([sys.executable, '-B', '-m', 'pytest', '-q', '-p',
                            'no:cacheprovider', '--tb=short', '--durations=5',
                            '--junitxml', junit.name, folder], env=environment(**extra))
            if got.returncode not in (0, 1, 5):
                self.fail(f'{name}: {folder}', got.stdout)
            else:
                if got.returncode == 1:
                    print(got.stdout[-8000:], flush=True)
                self.results.add_junit(name, junit.name)
            if self.args.verbose:
                print(got.stdout[-1500:], flush=True)
        progress(f'{name}: {folder}: ended')

    # The steps, in order.

    def native(self):
        is_built = self.build('native', 'build', ['./configure', '--enable-werror'])
        if not self.args.only:
            self.begin_beside()
        if is_built:
            self.meson_tests('native', 'build')
            self.pytest('native', 'tests/functional', VPMU_BUILD='build',
                        VPMU_STARTS='200' if self.args.long else '100')
            self.pytest('native', 'tests/fault', VPMU_BUILD='build')

    def build_sanitizers(self):
        return self.build('sanitizers', 'build-asan',
                          ['./configure', '--enable-asan', '--enable-werror',
                           '--builddir=build-asan'])

    def sanitizers(self):
        if self.have('build_sanitizers'):
            self.meson_tests('sanitizers', 'build-asan', '--no-suite', 'style')
            self.pytest('sanitizers', 'tests/functional', VPMU_BUILD='build-asan',
                        VPMU_STARTS='20',
                        ASAN_OPTIONS='detect_leaks=1', UBSAN_OPTIONS='halt_on_error=1')
            self.pytest('sanitizers', 'tests/fault', VPMU_BUILD='build-asan',
                        ASAN_OPTIONS='detect_leaks=1', UBSAN_OPTIONS='halt_on_error=1')

    def tidy(self):
        """Minutes of looking, so with --long."""
        if not self.args.long and not self.args.only:
            return
        if not self.build('native', 'build', ['./configure', '--enable-werror']):
            return
        progress('clang-tidy')
        got = self.run([sys.executable, '-B', 'scripts/check-tidy.py', '--build', 'build'])
        if got.returncode == 77:
            self.skip('tidy', got.stdout.strip())
        elif got.returncode:
            self.fail('tidy', got.stdout)
        else:
            self.results.add('tidy', 'passed')

    def threads(self):
        if not self.args.long and not self.args.only:
            return
        if self.build('thread sanitizer', 'build-tsan',
                      ['meson', 'setup', 'build-tsan', '--werror', '-Db_sanitize=thread',
                       '-Db_lundef=false']):
            self.pytest('thread sanitizer', 'tests/functional', VPMU_BUILD='build-tsan',
                        VPMU_STARTS='5', G_SLICE='always-malloc')
            self.meson_tests('thread sanitizer', 'build-tsan', 'libvpmu-threads', 'session')

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
            # A seed that is cut is another input.
            longest = max([4096] + [os.path.getsize(seed)
                                    for seed in glob.glob(os.path.join(seeds, '*'))])
            with tempfile.TemporaryDirectory() as corpus:
                got = self.run([target, f'-runs={runs}', f'-max_total_time={seconds}',
                                f'-max_len={longest}', '-timeout=25', '-rss_limit_mb=2048',
                                '-artifact_prefix=' + corpus + '/',
                                '-print_final_stats=0', '-verbosity=0', corpus, seeds])
            if got.returncode:
                self.fail(name, got.stdout)
            else:
                self.results.add(name, 'passed')

    def build_arm64(self):
        """The cross file where there is something to test."""
        if platform.machine() != 'x86_64':
            self.skip('arm64 rig', f'made for x86_64 machines, this is {platform.machine()}')
            return None
        try:
            cross = os.path.join(fetch.sysroot(), 'cross.ini')
        except fetch.Unavailable as reason:
            self.skip('arm64 build', str(reason))
            return None
        if not shutil.which('aarch64-linux-gnu-gcc'):
            self.skip('arm64 build', 'aarch64-linux-gnu-gcc is not installed')
            return None
        is_built = self.build('arm64', 'build-arm64', ['meson', 'setup', 'build-arm64',
                                                       '--werror', '--cross-file', cross])
        return cross if is_built else None

    def arm64(self):
        cross = self.have('build_arm64')
        if not cross:
            return
        if self.args.long and self.build(
                'arm64 sanitizers', 'build-arm64-asan',
                ['meson', 'setup', 'build-arm64-asan', '--werror', '--cross-file', cross,
                 '-Db_sanitize=address,undefined', '-Db_lundef=false']):
            self.pytest('arm64 sanitizers', 'tests/rig/arm64_suite/test_guest_arm64.py',
                        VPMU_BUILD_ARM64='build-arm64-asan', VPMU_RIG_PATIENCE='8')
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


STEPS = ('native', 'tidy', 'sanitizers', 'threads', 'fuzzers', 'arm64', 'nested', 'bochs')
# The first begins what is not here.
ALL = ('native', 'tidy', 'sanitizers', 'threads', 'end_beside', 'arm64', 'nested')


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--long', action='store_true', help='more rounds of everything')
    parser.add_argument('--only', action='append', choices=STEPS, help='this step only')
    parser.add_argument('--verbose', action='store_true', help='show the slowest tests')
    parser.add_argument('--note', action='append', default=[], help='a skip to report')
    args = parser.parse_args()
    if args.long:
        os.environ['VPMU_LONG'] = '1'
        os.environ.setdefault('VPMU_MIGRATION_LAPS', '50')  # over each transport
        os.environ.setdefault('VPMU_KILL_LAPS', '25')  # of either side, two machines
    suites = Suites(args)
    for note in args.note:
        suites.skip('packages', note)
    for step in [step for step in STEPS if step in args.only] if args.only else ALL:
        getattr(suites, step)()
    progress('done')
    print('\n'.join(suites.results.summary()))
    sys.exit(1 if suites.results.failed else 0)


if __name__ == '__main__':
    main()
