/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How one host serves a contract: nothing that the guest sees.
 *
 * Made anew on every host, never migrated, in no digest.
 */
#ifndef TARGET_CPU_BINDING_H
#define TARGET_CPU_BINDING_H

#include "target/cpu-contract.h"
#include "target/host-profile.h"
#include "target/kvm-accel.h"

typedef struct CpuBinding {
    HostMode mode;    /* of KVM; HOST_MODE_UNKNOWN for a guest without a PMU */
    bool disable_pmu; /* x86: KVM_CAP_PMU_CAPABILITY(DISABLE) before the first vCPU */
    /* Arm: the event source by perf's number here; -1: none is chosen. */
    int64_t pmu_type;
    CpuSet *pmu_cpus; /* … and the CPUs it works on; NULL: not known */
    bool confine;     /* vCPU threads must stay on them */
} CpuBinding;

/*
 * cpu_bind - how @host serves a guest with @contract, which it can run.  Pure.
 * @accel: pmu-affinity; NULL: as by default
 */
CpuBinding *cpu_bind(const CpuContract *contract, const HostProfile *host,
                     const KvmAccel *accel);

/* cpu_binding_free - NULL is nothing. */
void cpu_binding_free(CpuBinding *binding);

/* cpu_binding_to_json - "mode", "disable-pmu", "pmu-type", "pmu-cpus", "confine": those
 * that mean something for the guest's architecture; a new reference. */
json_object *cpu_binding_to_json(const CpuBinding *binding, TargetArch arch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CpuBinding, cpu_binding_free)

#endif
