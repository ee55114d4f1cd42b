/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/cpu-contract.h"

CpuContract *cpu_contract_new(TargetArch arch)
{
    CpuContract *contract = g_new0(CpuContract, 1);

    contract->arch = arch;
    contract->x86.cpuid = g_array_new(FALSE, TRUE, sizeof(X86CpuidEntry));
    contract->x86.msrs = g_array_new(FALSE, TRUE, sizeof(X86Msr));
    contract->arm.pmu_counters = -1;
    contract->arm.registers = g_array_new(FALSE, TRUE, sizeof(uint64_t));
    return contract;
}

void cpu_contract_free(CpuContract *contract)
{
    if (!contract) {
        return;
    }
    g_free(contract->machine);
    g_free(contract->cpu_model);
    g_free(contract->x86.model_id);
    g_array_unref(contract->x86.cpuid);
    g_array_unref(contract->x86.msrs);
    g_free(contract->arm.pmu_source);
    g_array_unref(contract->arm.registers);
    g_free(contract);
}

CpuContract *cpu_contract_dup(const CpuContract *contract)
{
    CpuContract *copy = g_memdup2(contract, sizeof(*contract));

    copy->machine = g_strdup(contract->machine);
    copy->cpu_model = g_strdup(contract->cpu_model);
    copy->x86.model_id = g_strdup(contract->x86.model_id);
    copy->x86.cpuid = g_array_copy(contract->x86.cpuid);
    copy->x86.msrs = g_array_copy(contract->x86.msrs);
    copy->arm.pmu_source = g_strdup(contract->arm.pmu_source);
    copy->arm.registers = g_array_copy(contract->arm.registers);
    return copy;
}

bool x86_contract_has(const CpuContract *contract, X86FeatureId feature)
{
    return x86_words_have(contract->x86.words, feature);
}

bool x86_contract_is_held_by(const CpuContract *contract, X86FeatureId feature)
{
    return (x86_feature_rows[feature].flags & X86_UNMIGRATABLE) &&
           x86_contract_has(contract, feature) &&
           !(feature == X86_INVTSC && contract->x86.tsc_khz);
}

char *x86_contract_why_held(const CpuContract *contract, X86FeatureId feature)
{
    const char *name = x86_feature_rows[feature].name;

    if (!x86_contract_is_held_by(contract, feature)) {
        return NULL;
    }
    return feature == X86_INVTSC
               ? g_strdup(
                     "the guest has invtsc, which no other host can promise to go on "
                     "with (use invtsc=off, or say tsc-frequency= where KVM can scale "
                     "the TSC)")
               : g_strdup_printf("the guest has %s, whose registers are not saved (use "
                                 "%s=off)",
                                 name, name);
}

const char *const arm_pmu_kind_names[ARM_PMU_KIND_COUNT] = {
    [ARM_PMU_NONE] = "none",
    [ARM_PMU_EVENT_SOURCE] = "event-source",
    [ARM_PMU_FIXED_COUNTERS_ONLY] = "fixed-counters-only",
    [ARM_PMU_KVM_DEFAULT] = "kvm-default",
};

const char *arm_pmu_kind_name(ArmPmuKind kind)
{
    return arm_pmu_kind_names[kind];
}

const char *bit_origin_name(BitOrigin origin)
{
    static const char *const names[BIT_ORIGIN_COUNT] = {
        "unset", "model", "compat", "host", "user-on", "user-off", "implied"};

    return names[origin];
}
