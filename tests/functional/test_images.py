# SPDX-License-Identifier: GPL-2.0-or-later
"""Disk images of the built program: what is refused, who may have one, what QMP says."""

import shutil
import subprocess

import pytest

from conftest import ARCH
from qmp import QmpError
from test_migration import migrate, wait_migrated, wait_status

MACHINE = 'q35' if ARCH == 'x86_64' else 'virt'
BYTES = 2 ** 20


@pytest.fixture
def image(tmp_path):
    path = tmp_path / 'disk.img'
    path.write_bytes(bytes(BYTES))
    return path


def options(guest, *more):
    return ['-M', MACHINE, '-m', 64, '-kernel', guest, '-append', 'exit=loop', *more]


def disk(image, settings=''):
    return ['-drive', f'file={image},format=raw,if=none,id=d{settings}',
            '-device', 'virtio-blk-pci,drive=d,id=disk0']


def nodes(image):
    return ['-blockdev', f'{{"driver":"file","node-name":"f","filename":"{image}"}}',
            '-blockdev', '{"driver":"raw","node-name":"n","file":"f"}',
            '-device', 'virtio-blk-pci,drive=n,id=disk0']


@pytest.mark.parametrize('more, message', [
    (['-drive', 'file=/no/such,format=raw'], '/no/such: No such file'),
    (['-drive', 'file=/dev/null,format=raw'], 'neither a file nor a block device'),
    (['-drive', 'file=/tmp,format=raw'], '/tmp: '),
    (['-drive', 'if=virtio'], 'file= is missing'),
    (['-drive', 'file=x,format=qcow2'], 'qemu-img convert -O raw'),
    (['-drive', 'file=x,if=ide'], 'if'),
    (['-device', 'virtio-blk-pci'], 'the id of a -drive or -blockdev is needed'),
    (['-device', 'virtio-blk-pci,drive=x'], 'no -drive or -blockdev of that name'),
    (['-blockdev', 'driver=raw,node-name=n,file=x'], 'no node of that name'),
    (['-hda', 'x'], 'IDE'),
    (['-device', 'pcie-root-port,id=a,addr=0x20'], 'slots 0 to 1f'),
    (['-device', 'pcie-root-port,id=a,addr=3', '-device', 'pcie-root-port,id=b,addr=3'],
     'taken by pcie-root-port,id=a'),
    (['-device', 'pcie-root-port,id=a,bus=nowhere'], 'no such bus'),
    (['-device', 'pcie-root-port,id=a', '-device', 'virtio-rng-pci,bus=a,addr=1'],
     'slot 0 alone'),
])
def test_what_cannot_be_is_said(start, kvm, guest, more, message):
    vm = start(*options(guest, *more), qmp=False)
    assert vm.wait() == 1
    assert message in vm.error_text, vm.explain()


def test_an_image_of_another_format_is_found_out(start, kvm, guest, tmp_path):
    if not shutil.which('qemu-img'):
        pytest.skip('needs qemu-img')
    path = tmp_path / 'disk.qcow2'
    subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', path, '1M'], check=True)
    vm = start(*options(guest, '-drive', f'file={path},if=virtio'), qmp=False)
    assert vm.wait() == 1
    assert 'looks like qcow2' in vm.error_text, vm.explain()


def test_two_guests_do_not_write_to_one_image(start, kvm, guest, image):
    first = start(*options(guest, *disk(image)))
    first.wait_text('done=ok')
    second = start(*options(guest, *disk(image)), qmp=False)
    assert second.wait() == 1
    assert 'another program' in second.error_text, second.explain()


def test_qemus_tools_keep_off_and_are_kept_off(start, kvm, guest, image):
    if not shutil.which('qemu-img') or not shutil.which('qemu-io'):
        pytest.skip('needs qemu-img and qemu-io')
    write = ['qemu-io', '-f', 'raw', '-c', 'write 0 512', str(image)]
    vm = start(*options(guest, *disk(image)))
    vm.wait_text('done=ok')
    done = subprocess.run(write, capture_output=True, text=True)
    assert 'lock' in done.stdout + done.stderr, done
    vm.close()
    assert subprocess.run(write, capture_output=True).returncode == 0

    with subprocess.Popen(['qemu-io', '-f', 'raw', str(image)], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as other:
        other.stdin.write('read 0 512\n')
        other.stdin.flush()
        while 'ops' not in other.stdout.readline():
            pass
        vm = start(*options(guest, *disk(image)), qmp=False)
        assert vm.wait() == 1
        assert 'another program' in vm.error_text, vm.explain()
        other.stdin.close()


@pytest.mark.parametrize('asked', [disk, nodes])
def test_qmp_tells_of_images(start, kvm, guest, image, asked):
    vm = start(*options(guest, *asked(image)))
    vm.wait_text('done=ok')

    blocks = vm.qmp.command('query-block')
    assert [block['qdev'] for block in blocks] == ['disk0']
    assert blocks[0]['inserted']['image']['virtual-size'] == BYTES
    assert blocks[0]['inserted']['file'] == str(image)
    assert vm.qmp.command('query-blockstats')[0]['stats']['rd_operations'] == 0
    if asked is nodes:
        names = [node['node-name'] for node in vm.qmp.command('query-named-block-nodes')]
        assert names == ['f', 'n']
    name = {'device': 'd'} if asked is disk else {'node-name': 'n'}
    vm.qmp.command('block_resize', size=2 * BYTES, **name)
    assert image.stat().st_size == 2 * BYTES
    with pytest.raises(QmpError):
        vm.qmp.command('block_resize', size=1000, **name)
    with pytest.raises(QmpError):
        vm.qmp.command('block_resize', device='nobody', size=BYTES)


def test_an_image_goes_with_the_guest(start, kvm, guest, image, tmp_path):
    """Open on both sides, locked by one; who has the guest has the image."""
    here = start(*options(guest, *disk(image)))
    here.wait_text('done=ok')
    there = start(*options(guest, *disk(image)), '-incoming', f'unix:{tmp_path}/m')
    migrate(here, f'unix:{tmp_path}/m')
    assert wait_migrated(here)['status'] == 'completed', here.explain()
    wait_status(there, 'running')
    with pytest.raises(QmpError) as refused:
        here.qmp.command('cont')
    assert 'another program' in str(refused.value)
    there.close()
    here.qmp.command('cont')
    assert here.qmp.command('query-status')['status'] == 'running'


def test_a_move_that_fails_leaves_the_image_here(start, kvm, guest, image, tmp_path):
    here = start(*options(guest, *disk(image)))
    here.wait_text('done=ok')
    there = start(*options(guest, *disk(image)), '-device', 'pcie-root-port,id=more',
                  '-incoming', f'unix:{tmp_path}/m')
    migrate(here, f'unix:{tmp_path}/m')
    assert wait_migrated(here)['status'] == 'failed', here.explain()
    assert here.qmp.command('query-status')['status'] == 'running'
    there.close()
    second = start(*options(guest, *disk(image)), qmp=False)
    assert second.wait() == 1
