/*
 * Arm PMU of a KVM guest: the host PMU behind it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_KVM_PMU_H
#define TARGET_ARM_KVM_PMU_H

#include "qom/object.h"
#include "system/kvm.h"
#include "kvm-pmu-source.h"

/* Gives the accelerator its properties for the PMU. */
void kvm_arm_pmu_add_properties(ObjectClass *oc);

/*
 * Chooses the host PMU for all guests' vCPUs, once, before the first of them.
 * Returns 0, or -EINVAL after an error report.
 */
int kvm_arm_pmu_choose(KVMState *s);

/* What was chosen. */
const ArmPmuChoice *kvm_arm_pmu_choice(void);

/*
 * Tells KVM the chosen source through a vCPU that has a PMU; nothing to do
 * for any other choice.  Returns 0 or a negative errno, which is reported.
 */
int kvm_arm_pmu_set(int vcpu_fd);

#endif
