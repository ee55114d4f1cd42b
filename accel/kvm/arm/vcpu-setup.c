/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "accel/vcpu-setup.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "util/bits.h"
#include "util/error.h"

#define PSTATE_EL1H_MASKED 0x3c5 /* D, A, I, F set; EL1 with its own stack pointer */

#define CORE_REG(field)                                                                  \
    (KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE |                               \
     KVM_REG_ARM_CORE_REG(regs.field))

#define REG_MPIDR_EL1       ARM64_SYS_REG(3, 0, 0, 0, 5)
#define REG_ID_AA64DFR0_EL1 ARM64_SYS_REG(3, 0, 0, 5, 0)
#define REG_PMCR_EL0        ARM64_SYS_REG(3, 3, 9, 12, 0)

static bool has_pmu(const CpuContract *contract)
{
    return contract->arm.vcpu_features & BIT64(ARM_VCPU_PMU_V3);
}

static bool set_pmu_attr(KvmVcpu *vcpu, uint64_t attr, const void *value,
                         const char *what, GError **errp)
{
    return kvm_vcpu_set_attr(vcpu, KVM_ARM_VCPU_PMU_V3_CTRL, attr, value, what, errp);
}

static bool choose_backend(KvmVcpu *vcpu, const ArmContract *arm,
                           const CpuBinding *binding, GError **errp)
{
    int type = (int)binding->pmu_type;
    unsigned counters = (unsigned)arm->pmu_counters;

    if (arm->pmu_kind == ARM_PMU_EVENT_SOURCE) {
        g_autofree char *what =
            g_strdup_printf("event source %s (type %d) as PMU", arm->pmu_source, type);

        if (!set_pmu_attr(vcpu, arm_pmu_attr_rows[ARM_ATTR_SET_PMU].number, &type, what,
                          errp)) {
            return false;
        }
    }
    if (arm->pmu_kind == ARM_PMU_FIXED_COUNTERS_ONLY &&
        !set_pmu_attr(vcpu, arm_pmu_attr_rows[ARM_ATTR_FIXED_COUNTERS_ONLY].number, NULL,
                      "fixed counters only", errp)) {
        return false;
    }
    return !arm->set_nr_counters ||
           set_pmu_attr(vcpu, arm_pmu_attr_rows[ARM_ATTR_NR_COUNTERS].number, &counters,
                        "pmu-counters", errp);
}

bool kvm_arm_vcpu_setup(KvmVm *vm, KvmVcpu *vcpu, const CpuContract *contract,
                        const CpuBinding *binding, unsigned index, GError **errp)
{
    struct kvm_vcpu_init init;

    if (!kvm_vm_get_preferred_target(vm, &init, errp)) {
        return false;
    }
    init.features[0] =
        contract->arm.vcpu_features | (index ? BIT64(ARM_VCPU_POWER_OFF) : 0);
    return kvm_vcpu_init(vcpu, &init, errp) &&
           (!(init.features[0] & BIT64(KVM_ARM_VCPU_SVE)) ||
            kvm_vcpu_finalize(vcpu, KVM_ARM_VCPU_SVE, errp)) &&
           (!has_pmu(contract) || choose_backend(vcpu, &contract->arm, binding, errp));
}

/* KVM answers 0 to writes it ignores, so what counts is what reads back. */
static bool compare_pmu(KvmVcpu *vcpu, const ArmContract *arm, GError **errp)
{
    uint64_t dfr0, pmcr;
    unsigned version, counters;

    if (!kvm_vcpu_get_reg(vcpu, REG_ID_AA64DFR0_EL1, &dfr0, errp) ||
        !kvm_vcpu_get_reg(vcpu, REG_PMCR_EL0, &pmcr, errp)) {
        return false;
    }
    version = (unsigned)bits_get(dfr0, 8, 4);
    counters = (unsigned)bits_get(pmcr, 11, 5);
    if (arm->pmu_version && version != arm->pmu_version) {
        error_set(errp, "PMUVer: the contract says %u, KVM gives %u", arm->pmu_version,
                  version);
        return false;
    }
    if (arm->pmu_counters >= 0 && counters != (unsigned)arm->pmu_counters) {
        error_set(errp, "PMCR_EL0.N: the contract says %d, KVM gives %u",
                  arm->pmu_counters, counters);
        return false;
    }
    return true;
}

bool kvm_arm_vcpu_finish_pmu(KvmVcpu *vcpu, const CpuContract *contract, unsigned intid,
                             GError **errp)
{
    int irq = (int)intid;

    return !has_pmu(contract) ||
           (set_pmu_attr(vcpu, KVM_ARM_VCPU_PMU_V3_IRQ, &irq, "PMU interrupt", errp) &&
            set_pmu_attr(vcpu, KVM_ARM_VCPU_PMU_V3_INIT, NULL, "PMU initialisation",
                         errp) &&
            compare_pmu(vcpu, &contract->arm, errp));
}

bool kvm_arm_vcpu_start(KvmVcpu *vcpu, uint64_t pc, uint64_t x0, GError **errp)
{
    return kvm_vcpu_set_reg(vcpu, CORE_REG(pstate), PSTATE_EL1H_MASKED, errp) &&
           kvm_vcpu_set_reg(vcpu, CORE_REG(regs[0]), x0, errp) &&
           kvm_vcpu_set_reg(vcpu, CORE_REG(regs[1]), 0, errp) &&
           kvm_vcpu_set_reg(vcpu, CORE_REG(regs[2]), 0, errp) &&
           kvm_vcpu_set_reg(vcpu, CORE_REG(regs[3]), 0, errp) &&
           kvm_vcpu_set_reg(vcpu, CORE_REG(pc), pc, errp);
}

bool kvm_arm_vcpu_mpidr(KvmVcpu *vcpu, uint64_t *ret, GError **errp)
{
    return kvm_vcpu_get_reg(vcpu, REG_MPIDR_EL1, ret, errp);
}
