/*
 * What the first vCPU has: CPUID and MSRs of a contract
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include <sys/ioctl.h>
#include <linux/kvm.h>
#include "hw/core/boards.h"
#include "vpmu-vcpu.h"

#define LEAVES_AT_MOST 256

/* MSRs of a contract.  Source: Intel SDM volume 4. */
static const uint32_t contract_msrs[] = {
    0x10a, /* ARCH_CAPABILITIES */
    0x1a0, /* MISC_ENABLE */
    0x345, /* PERF_CAPABILITIES */
};

static VpmuCpuid cpuid[LEAVES_AT_MOST];
static size_t cpuid_count;
static VpmuMsr msrs[ARRAY_SIZE(contract_msrs)];
static size_t msr_count;

void vpmu_vcpu_keep(CPUState *cpu, run_on_cpu_data data)
{
    const size_t size = LEAVES_AT_MOST * sizeof(struct kvm_cpuid_entry2);
    g_autofree struct kvm_cpuid2 *leaves = g_malloc0(sizeof(*leaves) + size);
    struct {
        struct kvm_msrs head;
        struct kvm_msr_entry entry;
    } one;

    leaves->nent = LEAVES_AT_MOST;
    if (ioctl(cpu->kvm_fd, KVM_GET_CPUID2, leaves) < 0) {
        return;
    }
    for (cpuid_count = 0; cpuid_count < leaves->nent; cpuid_count++) {
        const struct kvm_cpuid_entry2 *from = &leaves->entries[cpuid_count];

        cpuid[cpuid_count] = (VpmuCpuid) {
            .leaf = from->function, .subleaf = from->index,
            .eax = from->eax, .ebx = from->ebx,
            .ecx = from->ecx, .edx = from->edx,
        };
    }
    for (size_t i = 0; i < ARRAY_SIZE(contract_msrs); i++) {
        memset(&one, 0, sizeof(one));
        one.head.nmsrs = 1;
        one.entry.index = contract_msrs[i];
        if (ioctl(cpu->kvm_fd, KVM_GET_MSRS, &one) == 1) {
            msrs[msr_count++] = (VpmuMsr) { contract_msrs[i], one.entry.data };
        }
    }
}

bool vpmu_vcpu_is_kept(void)
{
    return cpuid_count;
}

VpmuStatus vpmu_vcpu_verify(const VpmuContract *contract, VpmuReport **seen,
                            char **message)
{
    const CpuTopology *smp = &current_machine->smp;
    VpmuX86Vcpu vcpu = {
        .topology = { .sockets = smp->sockets, .dies = smp->dies, .modules = 1,
                      .cores = smp->cores, .threads = smp->threads },
        .cpuid = cpuid, .cpuid_count = cpuid_count,
        .msrs = msrs, .msr_count = msr_count,
    };

    /* Modules are between dies and cores, where machines have them. */
    return vpmu_verify_x86(contract, &vcpu, seen, message);
}
