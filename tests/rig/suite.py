# SPDX-License-Identifier: GPL-2.0-or-later
"""What the suites of the rigs share: finding what was built, running, taking output apart."""

import os

import pytest

import fetch

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


LONG = pytest.mark.skipif('VPMU_LONG' not in os.environ,
                          reason='minutes long: scripts/test --long')


def long_but_first(cases):
    """The values of @cases, a name -> value, as parameters; all but the first are long."""
    return [pytest.param(value, id=name, marks=[] if number == 0 else LONG)
            for number, (name, value) in enumerate(cases.items())]


def builder(variable, default):
    """(folder, built): the build folder @variable names, and a look-up that skips."""
    folder = os.path.join(ROOT, os.environ.get(variable, default))

    def built(*path):
        full = os.path.join(folder, *path)
        if not os.path.exists(full):
            pytest.skip(f'{full} is not built')
        return full

    return folder, built


def peer():
    """Path of a QEMU with the steps of patches/qemu, which the environment names, or a skip."""
    path = os.environ.get('QEMU')
    if not path:
        pytest.skip('QEMU is not set: path of an emulator built with the steps of patches/qemu')
    if not os.path.exists(path):
        pytest.skip(f'QEMU={path} is not there')
    return path


def runner(boot, files, record):
    """Runs a script by @boot with @files; what cannot be fetched is a skip.

    @record: notes a property of the suite; a boot that was repeated is in the summary.
    """

    def run(script, more=None, **options):
        try:
            result = boot(script, {**files, **(more or {})}, **options)
        except fetch.Unavailable as reason:
            pytest.skip(str(reason))
        test = os.environ.get('PYTEST_CURRENT_TEST', '').split(' ')[0].split('::')[-1]
        for why in result.repeats:
            record('repeated', f'{test}: {why}')
        return result

    return run


def sections(output):
    """Output of several runs in one boot: name -> text, split at lines '### name'."""
    found, name = {}, None
    for line in output.splitlines():
        if line.startswith('### '):
            name = line[4:].strip()
            found[name] = ''
        elif name:
            found[name] += line + '\n'
    return found
