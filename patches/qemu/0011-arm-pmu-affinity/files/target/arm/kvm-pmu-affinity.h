/*
 * Arm PMU of a KVM guest: vCPUs stay where their PMU is
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_KVM_PMU_AFFINITY_H
#define TARGET_ARM_KVM_PMU_AFFINITY_H

#include "qom/object.h"
#include "hw/core/cpu.h"

/* Gives the accelerator its property for the threads of vCPUs. */
void kvm_arm_pmu_add_affinity(ObjectClass *oc);

/*
 * Keeps the calling thread on the CPUs of a PMU that covers only some, as
 * far as the thread might run there the first time.  Returns 0, or a negative
 * errno after an error report.
 */
int kvm_arm_pmu_confine(void);

/* Gives the calling thread the CPUs back that kvm_arm_pmu_confine() took. */
void kvm_arm_pmu_release(void);

/*
 * Handles KVM_EXIT_FAIL_ENTRY of a vCPU, on its thread: it is confined again
 * once, and then the guest is paused with an event.  Returns what
 * kvm_arch_handle_exit() does.
 */
int kvm_arm_pmu_entry_failed(CPUState *cs, struct kvm_run *run);

#endif
