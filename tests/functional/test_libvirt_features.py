# SPDX-License-Identifier: GPL-2.0-or-later
"""The PMU's features by name in domain XML, with libvirt's map extended: what libvirt says of
hosts with PEBS and without, by their recordings, what it starts on this one, and that all is
as before once the map is taken away.

One daemon in a namespace, on copies of libvirt's files and of dpkg's diversions: nothing of
this machine's libvirt is touched.
"""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from conftest import ARCH, ROOT, built
from test_libvirt import QEMU_CONF

HOSTS = {'spr': 'intel-sapphirerapids', 'icx': 'intel-icelake-sp', 'skx': 'intel-skylake-sp'}
NAMES = ('pebs-trap', 'pebs-arch-reg', 'pebs-baseline', 'pebs-timing-info', 'perf-metrics',
         'full-width-write')
EMULATOR = '#!/bin/sh\nexec {} -B {} {} {} "$@"\n'
CPU = '''<cpu mode='custom' match='exact'><model fallback='forbid'>Nehalem</model>
<feature policy='require' name='{}'/></cpu>'''
DOMAIN = '''
<domain type='kvm'>
  <name>{name}</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type><kernel>{guest}</kernel></os>
  <features><acpi/><apic/><pmu state='on'/></features>
  {cpu}
  <devices><emulator>{emulator}</emulator>
    <controller type='usb' model='none'/><memballoon model='none'/></devices>
</domain>
'''
WANTED = '''<cpu mode='host-passthrough' check='full'>
<feature policy='require' name='pebs-arch-reg'/></cpu>'''

# $D: the test's folder.  PLACES: pairs of a folder in it and what it stands for.
SCRIPT = '''
mount --make-rprivate /
for place in $PLACES; do mount --bind $D/${place%%:*} ${place#*:}; done
v() { timeout 60 virsh -c "qemu+unix:///system?socket=$D/run/libvirt-sock" "$@" 2>&1; }
ask() { action=$1 host=$2; shift 2
    v $action --arch x86_64 --machine q35 --virttype kvm --emulator $D/$host "$@"; }
daemon() {
    /usr/sbin/libvirtd -p $D/libvirtd.pid > $D/out.txt 2>&1 & daemon=$!
    for try in $(seq 200); do [ -S $D/run/libvirt-sock ] && break; sleep 0.1; done
}
stop() { kill $daemon; wait $daemon; rm -f $D/run/libvirt-sock; }

echo '### install'; $CPU_MAP install; $CPU_MAP status
daemon
echo '### models'; v cpu-models x86_64
for host in spr icx skx; do
    v domcapabilities --arch x86_64 --machine q35 --virttype kvm \\
        --emulatorbin $D/$host > $D/$host.caps
    echo "### caps-$host"; cat $D/$host.caps
    for name in $NAMES; do
        echo "### compare-$host-$name"; ask hypervisor-cpu-compare $host --error $D/$name.xml
    done
    echo "### line-$host"; v domxml-to-native qemu-argv --xml $D/wanted-$host.xml
    echo "### model-$host"; v domxml-to-native qemu-argv --xml $D/model-$host.xml
done
for other in icx skx; do
    cat $D/spr.caps $D/$other.caps > $D/both
    echo "### baseline-$other"; ask hypervisor-cpu-baseline spr $D/both
done
echo '### create'; v create $D/wanted.xml; v dumpxml wanted; v destroy wanted
stop
echo '### remove'; $CPU_MAP remove; $CPU_MAP status
daemon
echo '### without'; ask hypervisor-cpu-compare spr $D/pebs-arch-reg.xml
v create $D/wanted.xml
stop
'''


def place_copies(folder):
    """The daemon's places in @folder, as 'here:there' words; what is missing is a skip."""
    copied = {'map': '/usr/share/libvirt/cpu_map', 'dpkg': '/var/lib/dpkg'}
    places = {'run': '/run/libvirt', 'lib': '/var/lib/libvirt', 'cache': '/var/cache/libvirt',
              'log': '/var/log/libvirt', 'etc': '/etc/libvirt', **copied}
    for name, path in places.items():
        if not os.path.isdir(path):
            pytest.skip(f'needs {path} (package libvirt-daemon-system)')
        (folder / name).mkdir()
    shutil.copytree(copied['map'], folder / 'map', dirs_exist_ok=True)
    shutil.copy(os.path.join(copied['dpkg'], 'diversions'), folder / 'dpkg')
    (folder / 'dpkg' / 'status').touch()
    (folder / 'dpkg' / 'info').mkdir()
    (folder / 'etc' / 'qemu.conf').write_text(QEMU_CONF)
    return ' '.join(f'{name}:{path}' for name, path in places.items())


def write_requests(folder, monitor, guest):
    recorded = os.path.join(ROOT, 'tests', 'functional', 'recorded_emulator.py')
    for name in NAMES:
        (folder / f'{name}.xml').write_text(CPU.format(name))
    for host, profile in HOSTS.items():
        path = folder / host
        path.write_text(EMULATOR.format(sys.executable, recorded, monitor, os.path.join(
            ROOT, 'tests', 'profiles', f'{profile}.json')))
        path.chmod(0o755)
        for kind, cpu in (('wanted', WANTED), ('model', "<cpu mode='host-model'/>")):
            (folder / f'{kind}-{host}.xml').write_text(
                DOMAIN.format(name=kind, cpu=cpu, guest=guest, emulator=path))
    (folder / 'wanted.xml').write_text(
        DOMAIN.format(name='wanted', cpu=WANTED, guest=guest, emulator=monitor))


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()
            if path.is_file() and not path.name.endswith(('-old', 'lock'))}


class Session:
    def __init__(self, folder, monitor, guest):
        places = place_copies(folder)
        write_requests(folder, monitor, guest)
        self.before = contents(folder / 'map'), contents(folder / 'dpkg')
        run = subprocess.run(
            ['unshare', '-m', 'sh', '-c', SCRIPT], text=True, timeout=600, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=dict(os.environ, D=str(folder), PLACES=places, NAMES=' '.join(NAMES),
                     CPU_MAP=f'{sys.executable} -B {ROOT}/patches/libvirt/cpu-map'))
        self.after = contents(folder / 'map'), contents(folder / 'dpkg')
        parts = re.split(r'^### (\S+)\n', run.stdout, flags=re.MULTILINE)
        self.said = dict(zip(parts[1::2], parts[2::2]))
        assert 'without' in self.said, run.stdout

    def required(self, section):
        return set(re.findall(r"policy='require' name='([^']+)'", self.said[section]))

    def cpu(self, section):
        """What of -cpu speaks of the PMU's features."""
        words = re.search(r' -cpu (\S+)', self.said[section])[1].split(',')
        return [word for word in words if word.partition('=')[0] in NAMES]


def need_daemons():
    """Skips where no libvirtd with a map of its own can be run."""
    for program in ('libvirtd', 'virsh', 'unshare', 'dpkg-divert'):
        if not shutil.which(program, path=os.environ['PATH'] + ':/usr/sbin'):
            pytest.skip(f'needs {program}')
    if os.geteuid() != 0:
        pytest.skip('needs root')
    if subprocess.run(['unshare', '-m', '-u', 'true'], capture_output=True,
                      check=False).returncode:
        pytest.skip('needs to be allowed namespaces')
    if os.path.exists('/usr/share/libvirt/cpu_map/x86_features.xml.distrib'):
        pytest.skip("needs libvirt's own map: patches/libvirt/cpu-map remove")


@pytest.fixture(scope='module')
def session(tmp_path_factory):
    need_daemons()
    if ARCH != 'x86_64' or not os.access('/dev/kvm', os.R_OK | os.W_OK):
        pytest.skip('needs an x86_64 machine with /dev/kvm: libvirt judges none without')
    folder = tmp_path_factory.mktemp('t')
    return Session(folder, built('vpmu-system-x86_64'),
                   built('tests', 'guest', 'x86', 'vpmu-guest-x86_64'))


def test_libvirt_loads_the_extended_map(session):
    assert 'installed' in session.said['install']
    assert {'486', 'Icelake-Server'} <= set(session.said['models'].split())


@pytest.mark.parametrize('host, has', [
    ('spr', {'pebs-trap', 'pebs-arch-reg', 'full-width-write'}),
    ('icx', {'pebs-trap', 'pebs-arch-reg', 'full-width-write'}),
    ('skx', {'full-width-write'})])
def test_hosts_are_judged_by_name(session, host, has):
    assert session.required(f'caps-{host}') & set(NAMES) == has
    for name in NAMES:
        said = session.said[f'compare-{host}-{name}']
        if name in has:
            assert 'is a superset of CPU' in said, said
        else:
            assert f'does not provide required features: {name}\n' in said, said


def test_baseline_has_what_all_hosts_have(session):
    assert session.required('baseline-icx') & set(NAMES) == {'pebs-trap', 'pebs-arch-reg',
                                                             'full-width-write'}
    assert session.required('baseline-skx') & set(NAMES) == {'full-width-write'}


def test_name_reaches_the_monitor(session):
    assert session.cpu('line-spr') == ['pebs-arch-reg=on']


def test_host_model_does_not_ask_for_pebs(session):
    """Nobody gets PEBS who did not ask; what every host of a kind has is asked for."""
    for host in HOSTS:
        assert session.cpu(f'model-{host}') == ['full-width-write=on']


def test_guest_starts_where_the_host_has_pebs(session, kvm, monitor):
    """check='full' holds the guest to it."""
    plan = subprocess.run([monitor, '-cpu', 'host,pebs-arch-reg=on', '--dry-run=json'],
                          capture_output=True, text=True, check=True)
    said = session.said['create']
    if json.loads(plan.stdout)['contract']['pmu'].get('pebs-fmt'):
        assert "Domain 'wanted' created" in said, said
    else:
        assert "guest CPU doesn't match specification: missing features: pebs-arch-reg" in said


def test_taken_away_all_is_as_before(session):
    assert "is the package's again" in session.said['remove']
    assert 'absent' in session.said['remove']
    assert session.after == session.before
    assert 'Unknown CPU feature pebs-arch-reg' in session.said['without']
    assert 'unknown CPU feature: pebs-arch-reg' in session.said['without']
