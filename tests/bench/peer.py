# SPDX-License-Identifier: GPL-2.0-or-later
"""The installed QEMU that we are compared with."""

import platform
import shutil


def command(options):
    """It with KVM, the host's CPU and @options; None where it is not installed."""
    arch = platform.machine()
    program = shutil.which(f'qemu-system-{arch}')
    # It ends where a KVM lists that register as a feature and refuses its value.
    cpu = 'host,arch-capabilities=off' if arch == 'x86_64' else 'host'
    return [program, '-accel', 'kvm', '-cpu', cpu, *options] if program else None
