/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -cpu texts.  The first byte picks architecture and machine version, the rest is the
 * text; what parses is resolved over a host that offers half of everything, and its
 * contract must survive being written and read.
 */
#include "fuzz.h"

#include <string.h>

#include "target/cpu-resolve.h"
#include "target/x86-features.h"
#include "util/json.h"

static HostProfile *make_x86_host(void)
{
    HostProfile *host = host_profile_new(TARGET_ARCH_X86_64);

    for (unsigned i = 0; i < X86_WORD_COUNT; i++) {
        const X86WordRow *row = &x86_word_rows[i];
        X86CpuidEntry fresh = {.function = row->leaf, .index = row->subleaf};
        X86Msr msr = {row->msr, 0x5555f5ff5555ffff};

        if (row->msr) {
            g_array_append_val(host->x86.feature_msrs, msr);
            continue;
        }
        if (!x86_cpuid_find(host->x86.supported, row->leaf, row->subleaf)) {
            g_array_append_val(host->x86.supported, fresh);
        }
        *x86_entry_reg(x86_cpuid_find(host->x86.supported, row->leaf, row->subleaf),
                       row->reg) = 0xffff7777;
    }
    host->caps[KVM_CAPID_PMU_CAPABILITY] = 1;
    return host;
}

static HostProfile *make_arm_host(void)
{
    HostProfile *host = host_profile_new(TARGET_ARCH_AARCH64);
    g_autoptr(CpuSet) cpus = cpu_set_parse_list("0-3", NULL);

    host->possible = cpu_set_copy(cpus);
    host->caps[KVM_CAPID_ARM_PMU_V3] = 1;
    host->arm.has_pmu_attr[ARM_ATTR_SET_PMU] = true;
    host_profile_add_source(host, &(PmuSource){(char *)"armv8_pmuv3_0", 8, (char *)"x",
                                               cpus, NULL, PMU_TRIAL_NONE});
    return host;
}

static void resolve(const Object *cpu, const HostProfile *host, const KvmAccel *accel)
{
    const CpuResolveInput in = {host, accel, "fuzz"};
    g_autoptr(Report) report = report_new();
    g_autoptr(CpuContract) contract = cpu_resolve(cpu, &in, report);
    g_autoptr(GArray) table = cpu_table(cpu, &in, contract);
    g_autofree char *text = cpu_table_format(table);
    g_autojson *json = cpu_contract_format(contract);
    g_autoptr(GError) error = NULL;
    g_autoptr(CpuContract) back = NULL;

    fuzz_promise(text[0]);
    if (report_count(report, FINDING_ERROR)) {
        return;
    }
    back = cpu_contract_parse(json, &error);
    fuzz_promise_error(!back, error);
    fuzz_promise(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TargetArch arch = size && data[0] & 1 ? TARGET_ARCH_AARCH64 : TARGET_ARCH_X86_64;
    unsigned count;
    const MachineVersion *versions = machine_versions(&count);
    g_autoptr(TypeRegistry) registry = type_registry_new();
    g_autofree char *text = size ? g_strndup((const char *)data + 1, size - 1) : NULL;
    g_autoptr(GArray) compat = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(Report) report = report_new();
    g_autoptr(Object) cpu = NULL;

    if (!size || !g_utf8_validate(text, -1, NULL) || strchr(text, '\n')) {
        return 0;
    }
    target_register_types(registry);
    compat = machine_version_compat(&versions[data[0] / 2 % count]);
    cpu = cpu_new_from_string(registry, arch, text, compat, NULL, report, &error);
    fuzz_promise_error(!cpu, error);
    if (cpu) {
        g_autoptr(Object) accel = object_new(registry, TYPE_KVM_ACCEL, NULL, NULL);
        g_autoptr(HostProfile) host =
            arch == TARGET_ARCH_X86_64 ? make_x86_host() : make_arm_host();

        resolve(cpu, host, (const KvmAccel *)accel);
    }
    return 0;
}
