/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a contract says of an Arm guest's PMU in several places is one thing: the vCPU
 * features KVM is given, and the backend that is compared with hosts.
 */
#include "target/arm-cpu.h"

#include "target/cpu-contract.h"
#include "util/bits.h"
#include "util/error.h"

/* Those that arm_cpu_resolve() gives. */
#define KNOWN_FEATURES                                                                   \
    (BIT64(ARM_VCPU_PSCI_0_2) | BIT64(ARM_VCPU_PMU_V3) | BIT64(ARM_VCPU_SVE) |           \
     BIT64(ARM_VCPU_PTRAUTH_ADDRESS) | BIT64(ARM_VCPU_PTRAUTH_GENERIC) |                 \
     BIT64(ARM_VCPU_PMU_V3_STRICT))

bool arm_contract_check_agrees(const CpuContract *contract, GError **errp)
{
    const ArmContract *arm = &contract->arm;
    bool has_pmu = arm->pmu_kind != ARM_PMU_NONE;
    bool by_source = arm->pmu_kind == ARM_PMU_EVENT_SOURCE;
    const struct {
        bool is_wrong;
        const char *what;
    } rows[] = {
        {arm->vcpu_features & ~KNOWN_FEATURES,
         "vcpu-features has bits that no guest is given"},
        {contract->pmu_enabled != has_pmu ||
             !(arm->vcpu_features & BIT64(ARM_VCPU_PMU_V3)) == has_pmu,
         "pmu.enabled, pmu.kind and vcpu-features contradict each other"},
        {arm->vcpu_features & BIT64(ARM_VCPU_PMU_V3_STRICT) && !by_source,
         "pmu.strict, pmu.kind and vcpu-features contradict each other"},
        {by_source != (arm->pmu_source != NULL),
         "pmu.source is there where pmu.kind is event-source, and only there"},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].is_wrong) {
            error_set(errp, "contract: %s", rows[i].what);
            return false;
        }
    }
    return true;
}
