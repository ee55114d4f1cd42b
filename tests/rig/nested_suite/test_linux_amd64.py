# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's amd64 kernel as a guest of our monitor on real kvm_amd, to a shell."""

import re

import pytest

LINUX = ('vpmu-system-x86_64 -M q35 -cpu host -nodefaults -display none -serial stdio '
         '-m 512 -initrd /rig/guest.gz -append "console=ttyS0 quiet"')


@pytest.mark.parametrize('image', ['vmlinuz', 'vmlinux'])
@pytest.mark.parametrize('cpus', [1, 2])
def test_debian_reaches_a_shell_and_powers_off(rig, linux_guest, image, cpus):
    result = rig(f'''
talk 100 'guest# ' 'uname -m; echo sum-$((40 + 2))' 'sum-42' 'poweroff -f' -- \\
    {LINUX} -kernel /rig/{image} -smp {cpus}
''', linux_guest, timeout=300)

    assert result.ok, result.explain()
    assert f' {cpus} cpus' in result.output, result.explain()


def test_reboot_from_the_shell(rig, linux_guest):
    result = rig(f'''
talk 100 'guest# ' 'reboot -f' -- {LINUX} -kernel /rig/vmlinuz -no-reboot
''', linux_guest, timeout=300)

    assert result.ok, result.explain()


@pytest.mark.parametrize('asked, counters', [('', 6), (',pmu-counters=5', 5)])
def test_debian_finds_the_counters_it_was_promised(rig, linux_guest, asked, counters):
    """What its perf has to work with is in the kernel's log, of a made-up PMU."""
    linux = LINUX.replace('-cpu host', f'-cpu host,pmu=on{asked}')
    result = rig(f'''
talk 100 'guest# ' 'dmesg | grep "generic registers"; echo sum-$((40 + 2))' 'sum-42' \\
    'poweroff -f' -- {linux} -kernel /rig/vmlinuz
''', linux_guest, fakepmu='v2', timeout=300)

    assert result.ok, result.explain()
    assert re.search(rf'generic registers: +{counters}\r?$', result.output, re.MULTILINE), \
        result.explain()
