# SPDX-License-Identifier: GPL-2.0-or-later
"""Kind 1: text that asks for nothing.  What it switches off is not there, so it is fulfilled;
the same word that switches it on is refused by name."""

import json

import pytest

from cases import contract, resolve

HOST = 'intel-sapphirerapids'
KIBIBYTE = 1024


@pytest.mark.parametrize('cpu, same', [
    ('host,', 'host'), ('host,,pmu=on', 'host,pmu=on'), ('qemu64,,+pdcm', 'qemu64,+pdcm'),
    ('host,vmx-ins-outs=off', 'host'), ('host,vmware-cpuid-freq=off', 'host'),
    ('host,hv-relaxed=off', 'host'), ('host,-hv-time', 'host'),
    # Found here: what Proxmox, libvirt and forum posts have.
    ('host,migratable=on', 'host'), ('host,check=off', 'host'), ('host,kvm=on', 'host'),
    ('host,hv_vendor_id=proxmox', 'host'), ('host,start-powered-off=off', 'host'),
    ('host,node-id=-1,socket-id=-1', 'host'), ('host,tcg-cpuid=on', 'host'),
    ('host,hv-passthrough=off,hv-enforce-cpuid=off', 'host'), ('host,tsc-frequency=0', 'host'),
    ('host,xen-vapic=off', 'host'), ('host,cpuid-0xb=on', 'host'),
    ('host,+kvm_pv_eoi,+kvm_pv_unhalt', 'host'), ('host,-3dnow,-hle,-rtm', 'host,-hle,-rtm'),
])
def test_what_asks_for_nothing_changes_nothing(cpu, same):
    assert contract(HOST, '-cpu', cpu)['digest'] == contract(HOST, '-cpu', same)['digest']


@pytest.mark.parametrize('word, name', [
    ('hv-relaxed=on', 'hv-relaxed'), ('hv_relaxed', 'hv-relaxed'), ('+hv-time', 'hv-time'),
    ('vmware-cpuid-freq=on', 'vmware-cpuid-freq'),
    # Found here.
    ('hv_spinlocks=0x1fff', 'hv-spinlocks'), ('hv-passthrough', 'hv-passthrough'),
    ('xen-vapic=on', 'xen-vapic'), ('avx1024=off', 'avx1024'), (' pmu=on', 'pmu'),
])
def test_what_cannot_be_is_refused_by_name(word, name):
    done = resolve(HOST, '-cpu', f'host,{word}')

    assert done.returncode == 2 and name in done.stderr, done
    assert len(done.stderr.splitlines()) == 1


# Properties of machines, and which devices of the board the guest then has.
@pytest.mark.parametrize('line, has', [
    ('-M q35,hpet=off,i8042=off,sata=off,smbus=off,nvdimm=off', {'i8042': False}),
    ('-M microvm,x-option-roms=off,pit=off,pic=off,isa-serial=off,rtc=off,pcie=off,ioapic2=off,'
     'auto-kernel-cmdline=off', {'mc146818rtc': False, 'acpi-pm': True}),
    ('-machine q35,kernel_irqchip=on', {}),
    ('-vnc none', {}), ('-compat deprecated-input=reject', {}), ('-audio none', {}),
    # Found here: on, off and auto, spelled as people do; defaults that managers write out.
    ('-M q35,acpi=auto', {'i8042': True}), ('-M microvm,acpi=auto,rtc=auto', {'mc146818rtc': True}),
    ('-M microvm,pcie=auto,ioapic2=auto,pit=auto,pic=auto', {'mc146818rtc': True}),
    ('-M q35,default_bus_bypass_iommu=off,hmat=off,cxl=off', {}),
    ('-M q35,suppress-vmdesc=on,aux-ram-share=off', {}),
    ('-M q35,smbios-entry-point-type=64', {}), ('-M q35,dump_guest_core=off,mem_merge=off', {}),
    ('-M q35,usb=no,graphics=false,vmport=auto,smm=off', {}), ('-M q35,', {}),
    ('-accel kvm,notify-vmexit=disable', {}), ('-accel kvm,dirty-ring-size=0', {}),
    ('-run-with async-teardown=off,exit-with-parent=no', {}),
    ('-overcommit mem-lock=off,cpu-pm=no', {}), ('-sandbox off', {}), ('-boot menu=off', {}),
    ('-m 128M,slots=0', {}), ('-m 128,maxmem=128M', {}), ('-smp 1,maxcpus=1', {}),
    ('-net none -nic none -vga none -parallel none -monitor none', {}),
    ('-global kvm-pit.lost_tick_policy=delay -global ICH9-LPC.disable_s3=1', {}),
    ('-watchdog-action none -action watchdog=none', {}), ('-no-hpet -no-fd-bootchk', {}),
])
def test_a_switch_of_what_is_not_there_may_be_off(ask, kvm, x86, guest, line, has):
    got = ask('-nodefaults', '-display', 'none', '-kernel', guest, *line.split(),
              '--dry-run=json')

    assert got.returncode == 0, got
    assert 'error' not in got.stderr
    devices = {device['type'] for device in json.loads(got.stdout)['devices']}
    assert {name: name in devices for name in has} == has, devices


@pytest.mark.parametrize('line, name', [
    ('-M q35,hpet=on', 'hpet'), ('-M microvm,x-option-roms=on', 'x-option-roms'),
    ('-machine q35,kernel_irqchip=off', 'kernel-irqchip'), ('-vnc :1', '-vnc'),
    # Found here.
    ('-M q35,cxl=on', 'cxl'), ('-M q35,hmat=on', 'hmat'), ('-M microvm,pcie=on', 'pcie'),
    ('-M q35,acpi=maybe', 'acpi'), ('-M q35,smbios-entry-point-type=16', 'smbios'),
    ('-M q35,memory-encryption=sev0', 'memory-encryption'),
    ('-M microvm,pic=1', 'nothing describes it'),
    ('-run-with async-teardown=on', 'async-teardown'), ('-run-with user=me', 'user'),
    ('-accel kvm,notify-vmexit=run', 'notify-vmexit'), ('-vga std', '-vga'),
])
def test_switched_on_it_is_refused_by_name(ask, kvm, x86, guest, line, name):
    got = ask('-nodefaults', '-display', 'none', '-kernel', guest, *line.split(), '--dry-run')

    assert got.returncode == 1 and name in got.stderr, got
    assert len(got.stderr.splitlines()) == 1, got.stderr


@pytest.mark.parametrize('options', [
    'secure=off,its=off,highmem=off',
    # Found here.
    'acpi=auto,its=auto,iommu=none,mte=off,ras=off', 'virtualization=no,gic-version=max',
    'default_bus_bypass_iommu=off,dtb-randomness=off,compact-highmem=off,hmat=off,cxl=off'])
def test_an_arm_machine_knows_its_switches(options):
    assert contract('arm-altra', '-M', f'virt,{options}') == contract('arm-altra', '-M', 'virt')


@pytest.mark.parametrize('options, name', [('secure=on', 'secure'), ('its=on', 'its'),
                                           ('iommu=smmuv3', 'iommu')])
def test_an_arm_machine_refuses_what_it_has_not(options, name):
    done = resolve('arm-altra', '-M', f'virt,{options}')

    assert done.returncode == 2 and name in done.stderr, done


# libvirt looks for the type before it writes vmport=off.
def test_the_type_vmport_is_listed(start, x86):
    names = {entry['name'] for entry in
             start('-M', 'none').qmp.command('qom-list-types')}

    assert 'vmport' in names


# Found here: as libvirt says what the RAM is; its size counts where -m says nothing.
@pytest.mark.parametrize('line, size', [
    (['-m', '96', '-object', 'memory-backend-ram,id=pc.ram,size=96M'], 96),
    (['-object', '{"qom-type":"memory-backend-ram","id":"pc.ram","size":100663296}'], 96),
])
def test_the_ram_may_be_an_object(ask, kvm, guest, line, size):
    got = ask('-nodefaults', '-kernel', guest, '-machine', 'memory-backend=pc.ram', *line,
              '--dry-run=json')

    assert got.returncode == 0, got
    assert sum(part['bytes'] for part in json.loads(got.stdout)['ram']) == size << 20


@pytest.mark.parametrize('line, words', [
    ('-m 128 -object memory-backend-ram,id=r,size=64M', '67108864'),
    ('-object secret,id=r,data=x', 'no memory backend'), ('', 'no memory backend')])
def test_the_ram_is_a_memory_backend_of_its_size(ask, kvm, guest, line, words):
    got = ask('-nodefaults', '-kernel', guest, '-machine', 'memory-backend=r', *line.split(),
              '--dry-run')

    assert got.returncode == 1 and words in got.stderr, got


@pytest.mark.parametrize('text, size', [
    ('65537K', 67117056), ('4092069k', 4190281728), ('4097K', 4104 * KIBIBYTE),
    ('64', 64 * KIBIBYTE ** 2), ('2097153b', 2056 * KIBIBYTE), ('3000.5K', 3008 * KIBIBYTE)])
def test_memory_is_rounded_up_to_8_kib(ask, kvm, guest, text, size):
    got = ask('-nodefaults', '-kernel', guest, '-m', text, '--dry-run=json')

    assert got.returncode == 0, got
    assert sum(part['bytes'] for part in json.loads(got.stdout)['ram']) == size


@pytest.mark.parametrize('capabilities, named', [
    ([('xbzrle', False)], None),
    ([('postcopy-ram', False), ('events', True), ('made-up', False)], None),
    ([], None),
    ([('xbzrle', True)], 'xbzrle'),
    ([('events', True), ('made-up', True)], 'made-up'),
    ([('', True)], "''"),
])
def test_what_is_not_there_can_be_switched_off(start, capabilities, named):
    """Libvirt switches off what it does not want, known or not; all or nothing changes."""
    vm = start('-M', 'none')
    wanted = [{'capability': name, 'state': state} for name, state in capabilities]
    vm.qmp.send_raw(json.dumps({'execute': 'migrate-set-capabilities', 'arguments': {
        'capabilities': wanted}}).encode() + b'\n')
    reply = vm.qmp.reply()

    assert ('error' in reply) == (named is not None), reply
    assert named is None or named in reply['error']['desc']
    state = {entry['capability']: entry['state']
             for entry in vm.qmp.command('query-migrate-capabilities')}
    assert state['events'] == (named is None and ('events', True) in capabilities)
    assert 'xbzrle' not in state
