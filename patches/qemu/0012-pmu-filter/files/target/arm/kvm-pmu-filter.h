/*
 * Arm PMU of a KVM guest: event filter
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_KVM_PMU_FILTER_H
#define TARGET_ARM_KVM_PMU_FILTER_H

/*
 * Sets the filter that the accelerator names, if any, through a vCPU whose
 * PMU is chosen and not initialized.  Returns 0, or a negative errno after an
 * error report.
 */
int kvm_arm_pmu_set_filter(int vcpu_fd);

#endif
