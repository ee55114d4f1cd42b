/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <cpuid.h>
#include <string.h>

#include "accel/host-probe.h"
#include "accel/kvm-vcpu.h"
#include "cpuid-kvm.h"
#include "target/x86-features.h"
#include "util/bits.h"
#include "util/error.h"

/* No leaf has more sub-leaves than XSAVE has components. */
#define SUBLEAF_MAX 64

static bool probe_supported(KvmSys *sys, HostProfile *host, GError **errp)
{
    g_autofree struct kvm_cpuid2 *list = kvm_sys_get_supported_cpuid(sys, errp);

    if (!list) {
        return false;
    }
    for (unsigned i = 0; i < list->nent; i++) {
        X86CpuidEntry entry = x86_cpuid_from_kvm(&list->entries[i]);

        if (!x86_cpuid_find(host->x86.supported, entry.function, entry.index)) {
            g_array_append_val(host->x86.supported, entry);
        }
    }
    return true;
}

static bool is_empty(const X86CpuidEntry *entry)
{
    return !(entry->eax | entry->ebx | entry->ecx | entry->edx);
}

static void probe_leaf(HostProfile *host, uint32_t leaf)
{
    unsigned count = x86_leaf_has_index(leaf) ? SUBLEAF_MAX : 1;

    for (unsigned i = 0; i < count; i++) {
        X86CpuidEntry entry = {
            .function = leaf, .index = i, .flags = count > 1 ? X86_CPUID_HAS_INDEX : 0};

        __cpuid_count(leaf, i, entry.eax, entry.ebx, entry.ecx, entry.edx);
        /* Topology leaves echo the sub-leaf number for ever. */
        if (i && (leaf == 0xb || leaf == 0x1f || leaf == 0x80000026) && !entry.ebx) {
            break;
        }
        if (i == 0 || !is_empty(&entry)) {
            g_array_append_val(host->x86.cpuid, entry);
        }
    }
}

/* The processor's own word, to tell what it lacks from what KVM withholds. */
static void probe_cpuid(HostProfile *host)
{
    static const uint32_t bases[] = {0, 0x80000000};

    for (unsigned i = 0; i < ARRAY_LEN(bases); i++) {
        uint32_t highest = __get_cpuid_max(bases[i], NULL);

        for (uint32_t leaf = bases[i]; leaf <= highest && leaf - bases[i] < 0x40;
             leaf++) {
            probe_leaf(host, leaf);
        }
    }
}

static void probe_model_name(HostProfile *host)
{
    char text[49] = {0};

    for (unsigned i = 0; i < 3; i++) {
        const X86CpuidEntry *entry = x86_cpuid_find(host->x86.cpuid, 0x80000002 + i, 0);

        if (entry) {
            memcpy(text + 16 * i, &entry->eax, 16);
        }
    }
    if (text[0] && g_utf8_validate(text, -1, NULL)) {
        host->model_name = g_strdup(g_strstrip(text));
    }
}

static bool probe_msr_indices(KvmSys *sys, HostProfile *host, GError **errp)
{
    g_autofree struct kvm_msr_list *list = kvm_sys_get_msr_list(sys, false, errp);

    if (!list) {
        return false;
    }
    g_array_append_vals(host->x86.msr_indices, list->indices, list->nmsrs);
    return true;
}

static bool probe_feature_msrs(KvmSys *sys, HostProfile *host, GError **errp)
{
    g_autofree struct kvm_msr_list *list = NULL;

    if (!host->caps[KVM_CAPID_GET_MSR_FEATURES]) {
        return true;
    }
    list = kvm_sys_get_msr_list(sys, true, errp);
    if (!list) {
        return false;
    }
    for (unsigned i = 0; i < list->nmsrs; i++) {
        X86Msr msr = {.index = list->indices[i]};

        if (kvm_sys_get_feature_msr(sys, msr.index, &msr.value, errp)) {
            g_array_append_val(host->x86.feature_msrs, msr);
        } else {
            return false;
        }
    }
    return true;
}

/* What these two do is known; another module may list what its vCPUs do not take. */
static bool is_known_kvm(const HostProfile *host)
{
    return host_profile_module_parameter(host, "kvm_intel", "nested") ||
           host_profile_module_parameter(host, "kvm_amd", "nested");
}

/* False with an error where @vcpu could not even be asked. */
static bool try_feature_msr(KvmVcpu *vcpu, HostProfile *host, uint32_t index,
                            GError **errp)
{
    g_autoptr(GError) error = NULL;
    KvmMsr msr = {.index = index};

    if (!host_profile_feature_msr(host, index, &msr.value) ||
        kvm_vcpu_set_msrs(vcpu, &msr, 1, &error)) {
        return true;
    }
    if (!g_error_matches(error, VPMU_ERROR, VPMU_ERROR_NOT_SUPPORTED)) {
        g_propagate_error(errp, g_steal_pointer(&error));
        return false;
    }
    g_array_append_val(host->x86.msrs_refused, index);
    return true;
}

/* Shows each feature word that is an MSR, as KVM offers it, to a vCPU that never runs. */
static bool probe_refusals(KvmSys *sys, HostProfile *host, GError **errp)
{
    const GArray *cpuid = host->x86.supported;
    g_autoptr(KvmVm) vm = NULL;
    g_autoptr(KvmVcpu) vcpu = NULL;

    if (is_known_kvm(host)) {
        return true;
    }
    vm = kvm_vm_new(sys, 0, errp);
    vcpu = vm ? kvm_vcpu_new(vm, 0, errp) : NULL;
    if (!vcpu || !kvm_vcpu_set_cpuid(vcpu, (const X86CpuidEntry *)(void *)cpuid->data,
                                     cpuid->len, errp)) {
        return false;
    }
    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        if (x86_word_rows[word].msr &&
            !try_feature_msr(vcpu, host, x86_word_rows[word].msr, errp)) {
            return false;
        }
    }
    return true;
}

HostProfile *kvm_host_profile_probe(KvmSys *sys, FileSys *fs, GError **errp)
{
    g_autoptr(HostProfile) host = host_profile_new(TARGET_ARCH_X86_64);

    host->origin = HOST_LIVE;
    for (unsigned i = 0; i < KVM_CAPID_COUNT; i++) {
        if (kvm_cap_rows[i].is_x86) {
            host->caps[i] = kvm_sys_check_extension(sys, (int)kvm_cap_rows[i].number);
        }
    }
    if (!probe_supported(sys, host, errp) || !probe_msr_indices(sys, host, errp) ||
        !probe_feature_msrs(sys, host, errp)) {
        return NULL;
    }
    probe_cpuid(host);
    probe_model_name(host);
    host_probe_sysfs(fs, "/sys", host, NULL);
    host_probe_kernel(fs, host);
    if (!probe_refusals(sys, host, errp)) {
        return NULL;
    }
    return g_steal_pointer(&host);
}
