/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ArmCpu: what was asked of an arm64 guest CPU, and the resolver that decides it.
 *
 * With KVM the guest's CPU is the host's; models other than host and max do not exist.
 */
#ifndef TARGET_ARM_CPU_H
#define TARGET_ARM_CPU_H

#include "qom/object.h"
#include "target/cpu-resolve.h"

#define TYPE_ARM_CPU        "arm-cpu"
#define ARM_CPU_TYPE_SUFFIX "-arm-cpu"

typedef struct ArmCpu {
    Object parent;
    int pmu;               /* OnOffAuto */
    uint64_t pmu_counters; /* UINT64_MAX: not asked */
    int sve, pauth;        /* OnOffAuto */
    bool aarch64;
    bool kvm_no_adjvtime, kvm_steal_time;
    bool x_pmu_strict; /* machine version wants KVM_ARM_VCPU_PMU_V3_STRICT where it exists
                        */
} ArmCpu;

/* arm_cpu_register_types - "arm-cpu", "host-arm-cpu" and "max-arm-cpu". */
void arm_cpu_register_types(TypeRegistry *registry);

/* arm_cpu_resolve - see cpu_resolve(). */
CpuContract *arm_cpu_resolve(const ArmCpu *cpu, const CpuResolveInput *in,
                             Report *report);

/*
 * arm_contract_check_agrees - the parts of @contract that say what its PMU is, and what
 * KVM is given, say the same; false with an error that names them.
 */
bool arm_contract_check_agrees(const CpuContract *contract, GError **errp);

#endif
