/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "accel/kvm-vcpu.h"

#include <inttypes.h>
#include <string.h>

#include "../vcpu-internal.h"
#include "cpuid-kvm.h"
#include "target/x86-msr-rules.h"
#include "util/error.h"

/* KVM keeps at most as many, and none of them is empty. */
#define CPUID_ROOM 256

/* KVM takes fewer than 256 entries per call. */
#define MSR_CHUNK 255

bool kvm_vcpu_set_cpuid(KvmVcpu *vcpu, const X86CpuidEntry *entries, unsigned count,
                        GError **errp)
{
    g_autofree struct kvm_cpuid2 *cpuid =
        g_malloc0(sizeof(*cpuid) + count * sizeof(cpuid->entries[0]));

    cpuid->nent = count;
    for (unsigned i = 0; i < count; i++) {
        cpuid->entries[i] = x86_cpuid_to_kvm(&entries[i]);
    }
    return kvm_ioctl(vcpu->sys, vcpu->fd, KVM_SET_CPUID2, cpuid, errp) >= 0;
}

GArray *kvm_vcpu_get_cpuid(KvmVcpu *vcpu, GError **errp)
{
    g_autofree struct kvm_cpuid2 *cpuid =
        g_malloc0(sizeof(*cpuid) + CPUID_ROOM * sizeof(cpuid->entries[0]));
    GArray *entries;

    cpuid->nent = CPUID_ROOM;
    if (kvm_ioctl(vcpu->sys, vcpu->fd, KVM_GET_CPUID2, cpuid, errp) < 0) {
        return NULL;
    }
    /* Before Linux 6.3 the count stays what was asked; the rest is empty then. */
    entries = g_array_new(FALSE, FALSE, sizeof(X86CpuidEntry));
    for (unsigned i = 0; i < MIN(cpuid->nent, CPUID_ROOM); i++) {
        const X86CpuidEntry entry = x86_cpuid_from_kvm(&cpuid->entries[i]);

        if (entry.function || entry.eax || entry.ebx || entry.ecx || entry.edx) {
            g_array_append_val(entries, entry);
        }
    }
    return entries;
}

static const char *msr_name(const KvmMsr *msr)
{
    const X86MsrRule *rule = x86_msr_rule(msr->index);

    return msr->name ? msr->name : rule && rule->name ? rule->name : "MSR";
}

typedef struct MsrChunk {
    struct kvm_msrs header;
    struct kvm_msr_entry entries[MSR_CHUNK];
} MsrChunk;

static unsigned chunk_fill(MsrChunk *chunk, const KvmMsr *msrs, unsigned count)
{
    unsigned n = MIN(count, MSR_CHUNK);

    memset(&chunk->header, 0, sizeof(chunk->header));
    chunk->header.nmsrs = n;
    for (unsigned i = 0; i < n; i++) {
        chunk->entries[i] =
            (struct kvm_msr_entry){.index = msrs[i].index, .data = msrs[i].value};
    }
    return n;
}

bool kvm_vcpu_set_msrs(KvmVcpu *vcpu, const KvmMsr *msrs, unsigned count, GError **errp)
{
    MsrChunk chunk;

    while (count) {
        unsigned n = chunk_fill(&chunk, msrs, count);
        int done = kvm_ioctl(vcpu->sys, vcpu->fd, KVM_SET_MSRS, &chunk.header, errp);

        if (done < 0) {
            return false;
        }
        if ((unsigned)done < n) {
            const KvmMsr *msr = &msrs[done];
            const X86MsrRule *rule = x86_msr_rule(msr->index);

            error_set_code(errp, VPMU_ERROR_NOT_SUPPORTED,
                           "vCPU %lu: KVM refuses %s 0x%" PRIx32 " = 0x%" PRIx64 "%s%s",
                           vcpu->id, msr_name(msr), msr->index, msr->value,
                           rule ? "; it takes " : "", rule ? rule->takes : "");
            return false;
        }
        msrs += n;
        count -= n;
    }
    return true;
}

bool kvm_vcpu_get_msrs(KvmVcpu *vcpu, KvmMsr *msrs, unsigned count, GError **errp)
{
    MsrChunk chunk;

    while (count) {
        unsigned n = chunk_fill(&chunk, msrs, count);
        int done = kvm_ioctl(vcpu->sys, vcpu->fd, KVM_GET_MSRS, &chunk.header, errp);

        if (done < 0) {
            return false;
        }
        if ((unsigned)done < n) {
            error_set_code(errp, VPMU_ERROR_NOT_SUPPORTED,
                           "vCPU %lu: KVM does not give %s 0x%" PRIx32, vcpu->id,
                           msr_name(&msrs[done]), msrs[done].index);
            return false;
        }
        for (unsigned i = 0; i < n; i++) {
            msrs[i].value = chunk.entries[i].data;
        }
        msrs += n;
        count -= n;
    }
    return true;
}

bool kvm_vcpu_set_tsc_khz(KvmVcpu *vcpu, uint32_t khz, GError **errp)
{
    if (kvm_ioctl_value(vcpu->sys, vcpu->fd, KVM_SET_TSC_KHZ, khz, errp) < 0) {
        g_prefix_error(errp, "vCPU %lu, TSC of %" PRIu32 " kHz: ", vcpu->id, khz);
        return false;
    }
    return true;
}

bool kvm_vcpu_get_regs(KvmVcpu *vcpu, struct kvm_regs *ret, GError **errp)
{
    return kvm_ioctl(vcpu->sys, vcpu->fd, KVM_GET_REGS, ret, errp) >= 0;
}

bool kvm_vcpu_set_regs(KvmVcpu *vcpu, const struct kvm_regs *regs, GError **errp)
{
    return kvm_ioctl(vcpu->sys, vcpu->fd, KVM_SET_REGS, regs, errp) >= 0;
}

bool kvm_vcpu_get_sregs(KvmVcpu *vcpu, struct kvm_sregs *ret, GError **errp)
{
    return kvm_ioctl(vcpu->sys, vcpu->fd, KVM_GET_SREGS, ret, errp) >= 0;
}

bool kvm_vcpu_set_sregs(KvmVcpu *vcpu, const struct kvm_sregs *sregs, GError **errp)
{
    return kvm_ioctl(vcpu->sys, vcpu->fd, KVM_SET_SREGS, sregs, errp) >= 0;
}

bool kvm_vcpu_get_lapic(KvmVcpu *vcpu, struct kvm_lapic_state *ret, GError **errp)
{
    return kvm_ioctl(vcpu->sys, vcpu->fd, KVM_GET_LAPIC, ret, errp) >= 0;
}

bool kvm_vcpu_set_lapic(KvmVcpu *vcpu, const struct kvm_lapic_state *lapic, GError **errp)
{
    return kvm_ioctl(vcpu->sys, vcpu->fd, KVM_SET_LAPIC, lapic, errp) >= 0;
}
