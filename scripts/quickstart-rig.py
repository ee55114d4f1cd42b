#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The arm64 part of scripts/quickstart: cross build, then a guest in the arm64 rig."""

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'rig'))

import arm64  # noqa: E402
import fetch  # noqa: E402

BUILD = os.path.join(ROOT, 'build-arm64')
MONITOR = ('vpmu-system-aarch64 -M virt -cpu host,pmu=on -m 128 -nodefaults -display none '
           '-serial stdio -kernel /rig/vpmu-guest')


def build():
    print('\n==> building for arm64', flush=True)
    if not os.path.exists(os.path.join(BUILD, 'build.ninja')):
        subprocess.run(['meson', 'setup', BUILD, ROOT, '--cross-file',
                        os.path.join(fetch.sysroot(), 'cross.ini')], check=True,
                       stdout=subprocess.DEVNULL)
    subprocess.run(['ninja', '-C', BUILD], check=True, stdout=subprocess.DEVNULL)


def main():
    try:
        build()
        print('\n==> booting an emulated arm64 machine with KVM', flush=True)
        result = arm64.run(
            f"echo '==> asked, offered, given:'\n{MONITOR} --dry-run || exit 1\n"
            f"echo '==> from inside the guest:'\n{MONITOR}\n",
            {'rig/vpmu-system-aarch64': os.path.join(BUILD, 'vpmu-system-aarch64'),
             'rig/vpmu-guest': os.path.join(BUILD, 'tests/guest/arm64/vpmu-guest-aarch64')})
    except (fetch.Unavailable, subprocess.CalledProcessError, OSError) as reason:
        sys.exit(f'quickstart: {reason}')
    print(result.output)
    if not result.ok or result.facts().get('done') != 'ok':
        sys.exit(f'quickstart: the guest did not finish: {result.explain()}')


if __name__ == '__main__':
    main()
