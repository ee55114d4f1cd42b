# SPDX-License-Identifier: GPL-2.0-or-later
"""patches/libvirt: names and bits of the map, and how it is installed and taken away, below
a root of the test's own."""

import hashlib
import importlib.machinery
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

from conftest import ROOT

FOLDER = os.path.join(ROOT, 'patches', 'libvirt')
SCRIPT = os.path.join(FOLDER, 'cpu-map')
PACKAGED = '''<cpus>
  <!-- standard features, EDX -->
  <feature name='fpu'>
    <cpuid eax_in='0x01' edx='0x00000001'/>
  </feature>
</cpus>
'''
TRAP = '''  <feature name='pebs-trap'>
    <msr index='0x345' edx='0x00000000' eax='{}'/>
  </feature>
'''


def features(text):
    return {feature.get('name'): feature.find('msr').attrib
            for feature in ElementTree.fromstring(text).iter('feature')
            if feature.find('msr') is not None}


def known_to_libvirt():
    with open(os.path.join(FOLDER, 'features.xml'), encoding='utf-8') as stream:
        return features(stream.read())


class Host:
    """A file system with a libvirt that came in a package."""

    def __init__(self, root):
        self.root = root
        self.map = root / 'usr/share/libvirt/cpu_map/x86_features.xml'
        self.kept = self.map.with_suffix('.xml.distrib')
        self.cache = root / 'var/cache/libvirt/qemu/capabilities/of-an-emulator.xml'
        for path, text in ((self.map, PACKAGED), (self.cache, '<qemuCaps/>'),
                           (root / 'var/lib/dpkg/diversions', '')):
            path.parent.mkdir(parents=True)
            path.write_text(text)

    def cpu_map(self, action):
        return subprocess.run([sys.executable, '-B', SCRIPT, action, '--root', str(self.root)],
                              capture_output=True, text=True, check=False)

    def succeed(self, action):
        result = self.cpu_map(action)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def refuse(self, action):
        """The one line that says why; nothing was changed."""
        before = self.files()
        result = self.cpu_map(action)
        assert result.returncode == 1 and result.stderr.count('\n') == 1, result
        assert self.files() == before
        return result.stderr

    def files(self):
        """All files but those that libvirt remakes and dpkg's copy of what was before; those
        of libvirt with the time they have."""
        return {str(path): (path.stat().st_mode, path.read_bytes(),
                            'share' in path.parts and path.stat().st_mtime_ns)
                for path in self.root.rglob('*')
                if path.is_file() and not path.name.endswith('-old') and path != self.cache}

    def divert(self, *words):
        subprocess.run(['dpkg-divert', '--root', str(self.root), *words], check=True,
                       capture_output=True)


@pytest.fixture
def host(tmp_path):
    if not shutil.which('dpkg-divert'):
        pytest.skip('needs dpkg-divert')
    return Host(tmp_path)


def test_map_has_exactly_the_features_of_the_capability_msr():
    with open(os.path.join(ROOT, 'include/target/x86-features.list.h'),
              encoding='utf-8') as stream:
        rows = re.findall(r'"([\w-]+)", PERF_CAPABILITIES, BIT64\((\d+)\)', stream.read())

    assert len(rows) == 6
    assert known_to_libvirt() == {
        name: {'index': '0x345', 'edx': '0x00000000', 'eax': f'0x{1 << int(bit):08x}'}
        for name, bit in rows}


def test_extended_map_is_the_packages_and_ours(host):
    host.succeed('install')

    text = host.map.read_text()
    names = [feature.get('name') for feature in ElementTree.fromstring(text)]
    assert names == ['fpu', *known_to_libvirt()]
    assert features(text) == known_to_libvirt()
    assert text.startswith(PACKAGED.removesuffix('</cpus>\n'))


def test_removal_leaves_every_byte_as_it_was(host):
    before = host.files()

    host.succeed('install')
    assert host.files() != before
    host.succeed('remove')

    assert host.files() == before


@pytest.mark.parametrize('action', ['install', 'remove'])
def test_capabilities_cache_is_cleared(host, action):
    if action == 'remove':
        host.succeed('install')
        host.cache.write_text('<qemuCaps/>')

    host.succeed(action)

    assert not host.cache.exists()


def test_status_follows(host):
    def status():
        return host.cpu_map('status').stdout.partition(':')[0]

    found = [status()]
    for action in ('install', 'remove'):
        host.succeed(action)
        found.append(status())
    assert found == ['absent', 'installed', 'absent']


@pytest.mark.parametrize('action, said', [('install', 'already installed'),
                                          ('remove', 'not installed')])
def test_what_is_done_already_is_left_alone(host, action, said):
    if action == 'install':
        host.succeed(action)
    before = host.files()

    assert said in host.succeed(action)
    assert host.files() == before and host.cache.exists() == (action == 'remove')


def test_upgrade_of_libvirt_is_noticed_and_followed(host):
    host.succeed('install')
    upgraded = PACKAGED.replace('fpu', 'vme')
    host.kept.write_text(upgraded)  # where dpkg puts it

    assert 'outdated: libvirt was upgraded' in host.cpu_map('status').stdout
    host.succeed('install')
    assert "name='vme'" in host.map.read_text()
    assert host.cpu_map('status').stdout.startswith('installed')
    host.succeed('remove')
    assert host.map.read_text() == upgraded and not host.kept.exists()


def test_upgrade_to_a_libvirt_that_knows_the_names(host):
    host.succeed('install')
    shutil.copy(os.path.join(FOLDER, 'features.xml'), host.kept)

    assert 'has all the features by itself; remove ends' in host.refuse('install')
    host.succeed('remove')
    assert features(host.map.read_text()) == known_to_libvirt()
    assert host.cpu_map('status').stdout.startswith('absent')


def test_libvirt_removed_meanwhile(host):
    host.succeed('install')
    host.kept.unlink()  # what dpkg does

    assert 'libvirt was removed since' in host.refuse('install')
    host.succeed('remove')
    assert not host.map.exists()
    assert (host.root / 'var/lib/dpkg/diversions').read_text() == ''


@pytest.mark.parametrize('action', ['install', 'remove'])
@pytest.mark.parametrize('last_step', ['divert', 'link'])
def test_interrupted_installation_can_be_ended(host, last_step, action):
    before = host.files()
    name = '/' + str(host.map.relative_to(host.root))
    host.divert('--local', '--no-rename', '--divert', name + '.distrib', '--add', name)
    if last_step == 'link':
        os.link(host.map, host.kept)

    assert host.cpu_map('status').stdout.startswith('unfinished')
    host.succeed(action)
    if action == 'install':
        assert features(host.map.read_text()) == known_to_libvirt()
        host.succeed('remove')
    assert host.files() == before


def test_names_the_package_knows_are_left_to_it(host):
    host.map.write_text(PACKAGED.replace('</cpus>', TRAP.format('0x00000040') + '</cpus>'))

    host.succeed('install')

    assert host.map.read_text().count('pebs-trap') == 1
    assert features(host.map.read_text()) == known_to_libvirt()


REFUSALS = {
    'of other bits': (PACKAGED.replace('</cpus>', TRAP.format('0x1') + '</cpus>'),
                      'has pebs-trap already, and with other bits'),
    'no map': ('not XML', 'is no map of CPU features'),
    'nothing to add': (None, 'has all the features by itself'),
}


@pytest.mark.parametrize('case', REFUSALS)
def test_map_that_cannot_be_extended(host, case):
    text, said = REFUSALS[case]
    if text is None:
        shutil.copy(os.path.join(FOLDER, 'features.xml'), host.map)
    else:
        host.map.write_text(text)

    assert said in host.refuse('install')


def test_libvirt_that_is_not_there(host):
    host.map.unlink()
    assert 'keeps its map elsewhere' in host.refuse('install')

    host.map.parent.rmdir()
    for action in ('install', 'remove', 'status'):
        assert 'libvirt is not installed' in host.refuse(action)


def test_diversion_of_somebody_else(host):
    host.divert('--local', '--no-rename', '--divert', '/elsewhere', '--add',
                '/usr/share/libvirt/cpu_map/x86_features.xml')

    for action in ('install', 'remove', 'status'):
        assert 'somebody else has diverted' in host.refuse(action)


def test_diversion_that_dpkg_refuses_leaves_nothing(host):
    (host.root / 'var/lib/dpkg/diversions-new').mkdir()  # what dpkg writes first

    assert 'dpkg-divert' in host.refuse('install')
    assert host.cpu_map('status').stdout.startswith('absent')


def test_map_replaced_by_hand_is_not_lost(host):
    host.succeed('install')
    host.map.write_text(PACKAGED.replace('fpu', 'mine'))

    for action in ('install', 'remove', 'status'):
        assert 'was replaced by hand' in host.refuse(action)


@pytest.fixture
def script(monkeypatch):
    """The script as a module."""
    monkeypatch.setattr(sys, 'dont_write_bytecode', True)
    loader = importlib.machinery.SourceFileLoader('cpu_map', SCRIPT)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader('cpu_map', loader))
    loader.exec_module(module)
    return module


@pytest.mark.parametrize('action', ['install', 'remove'])
def test_only_root_changes_the_system(script, monkeypatch, action):
    monkeypatch.setattr(os, 'geteuid', lambda: 1000)
    arguments = type('Arguments', (), {'action': action, 'root': None, 'restart': False})

    with pytest.raises(script.Refused, match=f'only root may {action} the map'):
        script.run(arguments)


@pytest.fixture
def systemd(monkeypatch, tmp_path):
    """A systemctl of which virtqemud runs; file @fail there has it restart nothing."""
    program = tmp_path / 'systemctl'
    program.write_text(f'''#!/bin/sh
echo "$@" >> {tmp_path}/asked
case $1 in is-active) [ $2 = virtqemud ];; restart) [ ! -e {tmp_path}/fail ];; esac
''')
    program.chmod(0o755)
    monkeypatch.setenv('PATH', f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path


def test_daemons_that_run_are_restarted(script, systemd):
    assert script.restart() == ['virtqemud']
    assert 'restart virtqemud' in (systemd / 'asked').read_text()
    assert 'restart libvirtd' not in (systemd / 'asked').read_text()


def test_restart_that_fails_is_said(script, systemd):
    (systemd / 'fail').touch()

    with pytest.raises(script.Refused, match='systemctl restart virtqemud failed'):
        script.restart()


def test_map_of_this_machines_libvirt_can_be_extended(host):
    packaged = '/usr/share/libvirt/cpu_map/x86_features.xml'
    if not os.path.exists(packaged):
        pytest.skip('needs libvirt (package libvirt0)')
    shutil.copy(packaged, host.map)
    before = hashlib.sha256(host.map.read_bytes()).hexdigest()

    host.succeed('install')
    assert known_to_libvirt().items() <= features(host.map.read_text()).items()
    host.succeed('remove')
    assert hashlib.sha256(host.map.read_bytes()).hexdigest() == before
