# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's amd64 kernel as a guest of our monitor on real kvm_amd, to a shell."""

import re

import pytest

import fetch
import machine
import nested

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


def test_debians_perf_has_the_counters_that_were_asked_for(rig, tmp_path):
    """A group of events counts as one: five fit five counters, six do not."""
    try:
        path = machine.guest_initramfs(
            str(tmp_path / 'perf.gz'), 'amd64',
            {'bin/perf': fetch.package('linux-perf', 'amd64') + '/usr/bin/perf'},
            [*fetch.library_folders(fetch.PERF_PACKAGES, 'amd64'), *nested.LIBRARY_FOLDERS])
        files = {'rig/vmlinuz': fetch.Kernel('amd64').image, 'rig/guest.gz': path}
    except fetch.Unavailable as reason:
        pytest.skip(str(reason))
    events = ['instructions', 'branches', 'cycles', 'branch-misses', 'cache-references',
              'cache-misses']
    groups = '; '.join(f'echo group-{n}; perf stat -x, -e "{{{",".join(events[:n])}}}" true 2>&1'
                       for n in (5, 6))
    linux = LINUX.replace('-cpu host', '-cpu host,pmu=on,pmu-counters=5') \
                 .replace('quiet"', 'quiet nmi_watchdog=0"')
    result = rig(f'''
talk 200 'guest# ' '{groups}; echo sum-$((40 + 2))' 'sum-42' 'poweroff -f' -- \\
    {linux} -kernel /rig/vmlinuz
''', files, fakepmu='v2', timeout=400)

    assert result.ok, result.explain()
    five, six = re.split(r'^group-6\r?$', result.output, flags=re.MULTILINE)
    five = re.split(r'^group-5\r?$', five, flags=re.MULTILINE)[-1]
    assert len(re.findall(r'^\d+,', five, re.MULTILINE)) == 5, result.explain()
    assert '<not counted>' in six and not re.search(r'^\d+,', six, re.MULTILINE), \
        result.explain()
