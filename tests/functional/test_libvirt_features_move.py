# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest whose domain XML names a feature of the PMU moves to a host whose libvirt has the
extended map, and stays where it is when sent to another.  Three daemons in namespaces."""

import os
import shutil
import subprocess
import sys

import pytest

from conftest import ROOT
from test_libvirt import QEMU_CONF
from test_libvirt_features import DOMAIN, need_daemons
from test_libvirt_migration import DAEMON, PLACES

# This host may have no PEBS; a guest can be told by name that it has none.
WITHOUT = '''<cpu mode='host-passthrough' check='full'>
<feature policy='disable' name='pebs-arch-reg'/></cpu>'''

MAP = '/usr/share/libvirt/cpu_map'
SCRIPT = '''
address() { echo "qemu+unix:///system?socket=$D/$1/run/libvirt-sock"; }
on() { host=$1; shift; timeout 60 virsh -c "$(address $host)" "$@" 2>&1; }
move() { on source migrate --live wanted "$(address $1)" --migrateuri unix://$D/$1/migrate
    echo "moved to $1: $?"; }
for host in source knowing stock; do
    unshare -m -u sh -c '. $D/functions; mount --make-rprivate /
        mount --bind $D/$1/system$MAP $MAP; daemon $D/$1 $1' - $host &
done
for try in $(seq 200); do
    [ $(ls $D/*/run/libvirt-sock 2> /dev/null | wc -l) = 3 ] && break; sleep 0.1
done
on source create $D/wanted.xml
move stock; on source domstate wanted
move knowing; on knowing domstate wanted; on knowing destroy wanted
for host in source knowing stock; do kill $(cat $D/$host/libvirtd.pid); done
wait
'''


def make_host(folder, number, is_extended):
    for name in PLACES:
        (folder / name).mkdir(parents=True)
    (folder / 'etc' / 'qemu.conf').write_text(QEMU_CONF)
    (folder / 'etc' / 'libvirtd.conf').write_text(
        f'host_uuid = "8a0ae39e-1d3a-4b0e-a0ac-00000000000{number}"\n')
    system = folder / 'system'
    (system / 'var/lib/dpkg').mkdir(parents=True)
    (system / 'var/lib/dpkg/diversions').touch()
    shutil.copytree(MAP, str(system) + MAP)
    if is_extended:
        subprocess.run([sys.executable, '-B', os.path.join(ROOT, 'patches/libvirt/cpu-map'),
                        'install', '--root', str(system)], check=True)


def test_guest_moves_where_its_names_are_known(kvm, x86, monitor, guest, tmp_path):
    need_daemons()
    for path in (*PLACES.values(), MAP):
        if not os.path.isdir(path):
            pytest.skip(f'needs {path} (package libvirt-daemon)')
    for number, name in enumerate(('source', 'knowing', 'stock'), 1):
        make_host(tmp_path / name, number, name != 'stock')
    xml = DOMAIN.format(name='wanted', cpu=WITHOUT, guest=guest, emulator=monitor)
    (tmp_path / 'wanted.xml').write_text(
        xml.replace('</kernel>', '</kernel><cmdline>work=900000000</cmdline>'))
    (tmp_path / 'functions').write_text(DAEMON)

    run = subprocess.run(
        ['sh', '-c', SCRIPT], env=dict(os.environ, D=str(tmp_path), MAP=MAP), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=240, check=False)

    lines = [line for line in run.stdout.splitlines() if line]
    assert lines[1:] == ['error: unsupported configuration: unknown CPU feature: pebs-arch-reg',
                         'moved to stock: 1', 'running', 'moved to knowing: 0', 'running',
                         "Domain 'wanted' destroyed"], run.stdout
