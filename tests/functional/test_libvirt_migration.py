# SPDX-License-Identifier: GPL-2.0-or-later
"""Unmodified libvirt saves, restores and live-migrates: two daemons, each in namespaces of
its own, so that nothing of this machine's libvirt is touched."""

import os
import re
import shutil
import subprocess

import pytest

from test_libvirt import DOMAIN, QEMU_CONF

PLACES = {'run': '/run/libvirt', 'lib': '/var/lib/libvirt', 'cache': '/var/cache/libvirt',
          'log': '/var/log/libvirt', 'etc': '/etc/libvirt'}

DAEMON = '''
# daemon FOLDER NAME: this shell becomes a libvirtd whose files are all below FOLDER
daemon() {
    mount --make-rprivate /
    for place in run:/run/libvirt lib:/var/lib/libvirt cache:/var/cache/libvirt \\
                 log:/var/log/libvirt etc:/etc/libvirt; do
        mount --bind $1/${place%%:*} ${place#*:}
    done
    hostname $2
    exec /usr/sbin/libvirtd -p $1/libvirtd.pid > $1/out.txt 2>&1
}
'''

SCRIPT = DAEMON + '''
export A B
unshare -m -u sh -c '. "$1"; daemon "$2" vpmu-source' - FUNCTIONS $A & first=$!
unshare -m -u sh -c '. "$1"; daemon "$2" vpmu-target' - FUNCTIONS $B & second=$!
for try in $(seq 200); do
    [ -S $A/run/libvirt-sock ] && [ -S $B/run/libvirt-sock ] && break; sleep 0.1
done
a() { timeout 60 virsh -c "qemu+unix:///system?socket=$A/run/libvirt-sock" "$@" 2>&1; }
b() { timeout 60 virsh -c "qemu+unix:///system?socket=$B/run/libvirt-sock" "$@" 2>&1; }
# rounds N: waits for N more lines of the guest
rounds() {
    want=$(($(grep -c work.round= $A/serial) + $1))
    for try in $(seq 300); do
        [ $(grep -c work.round= $A/serial) -ge $want ] && return; sleep 0.1
    done
    echo "the guest stands still"
}
a create $A/domain.xml; rounds 2
a save tested $A/saved; echo "saved=$?"
a restore $A/saved; echo "restored=$?"; rounds 2
a migrate --live tested "qemu+unix:///system?socket=$B/run/libvirt-sock" \\
    --migrateuri unix://$B/migrate; echo "migrated=$?"
rounds 2; b domstate tested; b destroy tested
kill $(cat $A/libvirtd.pid) $(cat $B/libvirtd.pid); wait $first $second
'''


def test_libvirt_saves_restores_and_migrates(kvm, x86, monitor, guest, tmp_path):
    for program in ('libvirtd', 'virsh', 'unshare'):
        if not shutil.which(program, path=os.environ['PATH'] + ':/usr/sbin'):
            pytest.skip(f'needs {program}')
    if os.geteuid() != 0:
        pytest.skip('needs root')
    folders = []
    for number, name in enumerate(('a', 'b')):
        folder = tmp_path / name
        for place, path in PLACES.items():
            (folder / place).mkdir(parents=True)
            if not os.path.isdir(path):
                pytest.skip(f'needs {path} (package libvirt-daemon)')
        (folder / 'etc' / 'qemu.conf').write_text(QEMU_CONF)
        (folder / 'etc' / 'libvirtd.conf').write_text(
            f'host_uuid = "8a0ae39e-1d3a-4b0e-a0ac-00000000000{number + 1}"\n')
        folders.append(folder)
    serial = folders[0] / 'serial'
    serial.write_text('')
    xml = DOMAIN.format(guest=guest, monitor=monitor, serial=serial)
    xml = xml.replace('exit=loop', 'work=900000000').replace("'/></serial>",
                                                             "' append='on'/></serial>")
    (folders[0] / 'domain.xml').write_text(xml)
    functions = tmp_path / 'functions'
    functions.write_text(DAEMON)
    run = subprocess.run(
        ['sh', '-c', SCRIPT.replace('FUNCTIONS', str(functions))],
        env=dict(os.environ, A=str(folders[0]), B=str(folders[1])), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=240)
    for word in ('saved=0', 'restored=0', 'migrated=0', 'running'):
        assert word in run.stdout, run.stdout
    assert 'stands still' not in run.stdout, run.stdout
    text = serial.read_text()
    numbers = [int(n) for n in re.findall(r'work\.round=(\d+)\n', text)]
    assert numbers == sorted(numbers) and 'work.bad' not in text
    assert text.count('vpmu-guest: arch=') == 1, 'the guest began anew'
