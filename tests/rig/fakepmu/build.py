#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds the made-up PMU's modules for one of Debian's kernels, once.

By hand:  python3 tests/rig/fakepmu/build.py [SERIES]
"""

import hashlib
import os
import shutil
import subprocess
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(FOLDER))

import fetch  # noqa: E402

SOURCES = ('Makefile', 'fakepmu.c', 'fakecpuid.c')


def digest():
    """Of everything that goes in: sources that change are built again."""
    whole = hashlib.sha256()
    for name in SOURCES:
        with open(os.path.join(FOLDER, name), 'rb') as stream:
            whole.update(stream.read())
    return whole.hexdigest()[:16]


def modules(kernel):
    """Paths by name of the modules built for the fetch.Kernel @kernel."""
    headers = kernel.headers()
    target = os.path.join(fetch.cache_folder(), f'fakepmu-{kernel.release}-{digest()}')
    with fetch.Lock():
        if not os.path.exists(os.path.join(target, '.complete')):
            shutil.rmtree(target, ignore_errors=True)
            os.makedirs(target)
            for name in SOURCES:
                shutil.copy(os.path.join(FOLDER, name), target)
            for tool in ('make', 'gcc'):
                if not shutil.which(tool):
                    raise fetch.Unavailable(f'{tool} is not installed')
            # Type information of the kernel is nothing these modules need.
            got = fetch.run('make', '-C', headers, f'M={target}', 'CC=gcc',
                            'CONFIG_DEBUG_INFO_BTF_MODULES=', 'modules')
            if got.returncode:
                raise RuntimeError(f'the made-up PMU does not build for {kernel.release}:\n'
                                   f'{got.stdout}{got.stderr}')
            open(os.path.join(target, '.complete'), 'w').close()
    return {name[:-2]: os.path.join(target, name[:-2] + '.ko')
            for name in SOURCES if name.endswith('.c')}


def main():
    try:
        series = sys.argv[1] if len(sys.argv) > 1 else ''
        print('\n'.join(modules(fetch.Kernel('amd64', series)).values()))
    except (fetch.Unavailable, RuntimeError, subprocess.SubprocessError) as reason:
        sys.exit(f'fakepmu: {reason}')


if __name__ == '__main__':
    main()
