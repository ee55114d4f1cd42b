/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "kvm-pmu.h"

#define CODE_GPA      0x1000
#define GUEST_BYTES   0x10000
#define RESERVED_GPA  0xfeffc000
#define RFLAGS_ALWAYS 0x2

/* Again and again a byte to port 0x80, in real mode. */
static const uint8_t code[] = {0xe6, 0x80, 0xeb, 0xfc};

static const X86Topology one_cpu = {1, 1, 1, 1, 1};

static Guest guest_new(const Probe *probe, const CpuContract *contract)
{
    const GuestRange range = {0, GUEST_BYTES};
    g_autoptr(CpuBinding) binding = cpu_bind(contract, probe->on->host, NULL);
    g_autoptr(GError) err = NULL;
    Guest guest = {0};

    guest.vm = kvm_vm_new(probe->sys, 0, &err);
    if (!guest.vm || !kvm_vm_create_irqchip(guest.vm, RESERVED_GPA, &err) ||
        !kvm_x86_vm_setup(guest.vm, binding, &err)) {
        fail("a VM", err);
    }
    guest.memory = guest_memory_new(&range, 1, &err);
    if (!guest.memory || !guest_memory_attach(guest.memory, guest.vm, &err) ||
        !guest_memory_write(guest.memory, CODE_GPA, code, sizeof(code), &err)) {
        fail("its memory", err);
    }
    guest.vcpu = kvm_vcpu_new(guest.vm, 0, &err);
    if (!guest.vcpu) {
        fail("its vCPU", err);
    }
    return guest;
}

static void change_leaves(X86CpuidEntry *entries, unsigned count,
                          const LeafChange *changes)
{
    for (; changes && changes->leaf; changes++) {
        for (unsigned i = 0; i < count; i++) {
            if (entries[i].function == changes->leaf && entries[i].index == 0) {
                uint32_t *reg = x86_entry_reg(&entries[i], changes->reg);

                *reg = (*reg & ~changes->clear) | changes->set;
            }
        }
    }
}

Guest guest_bare(const Probe *probe, const CpuContract *contract,
                 const LeafChange *changes)
{
    X86CpuidEntry entries[X86_CPUID_MAX];
    unsigned count = x86_contract_encode_cpuid(contract, &one_cpu, 0, entries);
    g_autoptr(GError) err = NULL;
    Guest guest = guest_new(probe, contract);

    change_leaves(entries, count, changes);
    if (!kvm_vcpu_set_cpuid(guest.vcpu, entries, count, &err)) {
        fail("its CPUID", err);
    }
    return guest;
}

Guest guest_full(const Probe *probe, const CpuContract *contract)
{
    g_autoptr(GError) err = NULL;
    Guest guest = guest_new(probe, contract);

    if (!kvm_x86_vcpu_setup(guest.vcpu, contract, &one_cpu, 0, NULL, &err)) {
        fail("setting its vCPU up", err);
    }
    return guest;
}

void guest_close(Guest *guest)
{
    kvm_vcpu_free(guest->vcpu);
    kvm_vm_free(guest->vm);
    guest_memory_free(guest->memory);
}

bool guest_run(Guest *guest, unsigned times)
{
    struct kvm_regs regs = {.rip = CODE_GPA, .rflags = RFLAGS_ALWAYS};
    struct kvm_sregs sregs;
    VcpuExit end;

    if (!kvm_vcpu_get_sregs(guest->vcpu, &sregs, NULL)) {
        return false;
    }
    sregs.cs.base = 0;
    sregs.cs.selector = 0;
    if (!kvm_vcpu_set_sregs(guest->vcpu, &sregs, NULL) ||
        !kvm_vcpu_set_regs(guest->vcpu, &regs, NULL)) {
        return false;
    }
    for (unsigned i = 0; i < times; i++) {
        if (!kvm_vcpu_run(guest->vcpu, &end, NULL)) {
            return false;
        }
    }
    return true;
}

bool msr_try_set(Guest *guest, uint32_t index, uint64_t value)
{
    const KvmMsr msr = {index, value, NULL};

    return kvm_vcpu_set_msrs(guest->vcpu, &msr, 1, NULL);
}

bool msr_try_get(Guest *guest, uint32_t index, uint64_t *ret)
{
    KvmMsr msr = {index, 0, NULL};
    bool is_given = kvm_vcpu_get_msrs(guest->vcpu, &msr, 1, NULL);

    *ret = msr.value;
    return is_given;
}
