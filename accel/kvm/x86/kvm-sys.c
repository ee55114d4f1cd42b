/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "accel/kvm-sys.h"

#include <errno.h>

#include "cpuid-kvm.h"
#include "util/error.h"

/* KVM itself never reports more; the bound only ends the search. */
#define CPUID_ENTRIES_MAX 4096

X86CpuidEntry x86_cpuid_from_kvm(const struct kvm_cpuid_entry2 *from)
{
    bool has_index = from->flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX;

    return (X86CpuidEntry){
        .function = from->function,
        .index = has_index ? from->index : 0,
        .flags = has_index ? X86_CPUID_HAS_INDEX : 0,
        .eax = from->eax,
        .ebx = from->ebx,
        .ecx = from->ecx,
        .edx = from->edx,
    };
}

struct kvm_cpuid_entry2 x86_cpuid_to_kvm(const X86CpuidEntry *from)
{
    return (struct kvm_cpuid_entry2){
        .function = from->function,
        .index = from->index,
        .flags = from->flags & X86_CPUID_HAS_INDEX ? KVM_CPUID_FLAG_SIGNIFCANT_INDEX : 0,
        .eax = from->eax,
        .ebx = from->ebx,
        .ecx = from->ecx,
        .edx = from->edx,
    };
}

struct kvm_cpuid2 *kvm_sys_get_supported_cpuid(KvmSys *sys, GError **errp)
{
    for (uint32_t room = 128; room <= CPUID_ENTRIES_MAX; room *= 2) {
        struct kvm_cpuid2 *cpuid =
            g_malloc0(sizeof(*cpuid) + room * sizeof(cpuid->entries[0]));
        int ret;

        cpuid->nent = room;
        ret = kvm_ioctl_errno(sys, kvm_sys_fd(sys), KVM_GET_SUPPORTED_CPUID, cpuid);
        if (ret >= 0) {
            return cpuid;
        }
        g_free(cpuid);
        if (ret != -E2BIG) {
            error_set_errno(errp, -ret, "KVM refuses KVM_GET_SUPPORTED_CPUID");
            return NULL;
        }
    }
    error_set(errp, "KVM_GET_SUPPORTED_CPUID: more than %d entries", CPUID_ENTRIES_MAX);
    return NULL;
}

struct kvm_msr_list *kvm_sys_get_msr_list(KvmSys *sys, bool features, GError **errp)
{
    unsigned long request =
        features ? KVM_GET_MSR_FEATURE_INDEX_LIST : KVM_GET_MSR_INDEX_LIST;
    const char *name =
        features ? "KVM_GET_MSR_FEATURE_INDEX_LIST" : "KVM_GET_MSR_INDEX_LIST";
    struct kvm_msr_list probe = {.nmsrs = 0};
    struct kvm_msr_list *list;
    int ret = kvm_ioctl_errno_(sys, kvm_sys_fd(sys), request, name, &probe);

    if (ret < 0 && ret != -E2BIG) {
        error_set_errno(errp, -ret, "KVM refuses %s", name);
        return NULL;
    }
    list = g_malloc0(sizeof(*list) + probe.nmsrs * sizeof(list->indices[0]));
    list->nmsrs = probe.nmsrs;
    if (probe.nmsrs && kvm_ioctl_(sys, kvm_sys_fd(sys), request, name, list, errp) < 0) {
        g_free(list);
        return NULL;
    }
    return list;
}

bool kvm_sys_get_feature_msr(KvmSys *sys, uint32_t index, uint64_t *ret, GError **errp)
{
    struct {
        struct kvm_msrs header;
        struct kvm_msr_entry entry;
    } msrs = {.header.nmsrs = 1, .entry.index = index};
    int got = kvm_ioctl_(sys, kvm_sys_fd(sys), KVM_GET_MSRS, "KVM_GET_MSRS", &msrs, errp);

    if (got < 0) {
        return false;
    }
    if (got != 1) {
        error_set_code(errp, VPMU_ERROR_NOT_FOUND, "KVM does not know feature MSR 0x%x",
                       index);
        return false;
    }
    *ret = msrs.entry.data;
    return true;
}
