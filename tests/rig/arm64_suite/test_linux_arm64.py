# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's arm64 kernel as a guest of our monitor, to a shell, with perf."""

import re

import pytest

LINUX = ('vpmu-system-aarch64 -M virt -cpu host -nodefaults -display none -serial stdio '
         '-m 512 -kernel /rig/Image -initrd /rig/guest.gz '
         '-append "console=ttyAMA0 quiet rdinit=/init"')


@pytest.mark.parametrize('cpus', [1, 2])
def test_debian_reaches_a_shell_and_powers_off(rig, linux_guest, cpus):
    result = rig(f'''
talk 300 'guest# ' 'uname -m; grep -c ^processor /proc/cpuinfo; echo sum-$((40 + 2))' \\
    'sum-42' 'poweroff -f' -- {LINUX} -smp {cpus}
''', linux_guest, timeout=420)

    assert result.ok, result.explain()
    assert 'aarch64' in result.output
    assert f'guest: ' in result.output and f' {cpus} cpus' in result.output, result.explain()


def test_reboot_from_the_shell(rig, linux_guest):
    result = rig(f'''
talk 300 'guest# ' 'reboot -f' -- {LINUX} -no-reboot
''', linux_guest, timeout=420)

    assert result.ok, result.explain()


def test_perf_stat_counts_cycles_on_the_virtual_pmu(rig, linux_guest):
    result = rig(f'''
talk 400 'guest# ' 'perf stat -x, -e cycles,instructions:u true; echo perf-done-$((1 + 1))' \\
    'perf-done-2' 'poweroff -f' -- {LINUX}
''', linux_guest, timeout=520)

    assert result.ok, result.explain()
    cycles = re.search(r'^(\d+),,cycles', result.output, re.MULTILINE)
    assert cycles and int(cycles.group(1)) > 0, result.explain()


def test_driver_attaches_and_perf_counts_on_a_named_partial_source(rig, linux_guest):
    result = rig(f'''
talk 400 'guest# ' 'dmesg | grep -i pmu; perf stat -x, -e cycles true; echo perf-done-$((1 + 1))' \\
    'perf-done-2' 'poweroff -f' -- {LINUX} -accel kvm,pmu=armv8_cortex_a72
''', linux_guest, timeout=520, variant='two')

    assert result.ok, result.explain()
    cycles = re.search(r'^(\d+),,cycles', result.output, re.MULTILINE)
    assert cycles and int(cycles.group(1)) > 0, result.explain()
    assert re.search(r'hw perfevents: enabled with armv8_pmuv3', result.output), \
        result.explain()


def test_perf_finds_no_hardware_events_with_pmu_off(rig, linux_guest):
    result = rig(f'''
talk 400 'guest# ' 'perf stat -x, -e cycles true; ls /sys/bus/event_source/devices; echo perf-done-$((1 + 1))' \\
    'perf-done-2' 'poweroff -f' -- {LINUX.replace('-cpu host', '-cpu host,pmu=off')}
''', linux_guest, timeout=520)

    assert result.ok, result.explain()
    assert re.search(r'^<not supported>,,cycles', result.output, re.MULTILINE), \
        result.explain()
    assert 'armv8_pmuv3' not in result.output.split('talk', 1)[-1], result.explain()
