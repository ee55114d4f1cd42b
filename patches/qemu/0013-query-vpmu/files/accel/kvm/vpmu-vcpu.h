/*
 * What the first vCPU has
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_KVM_VPMU_VCPU_H
#define ACCEL_KVM_VPMU_VCPU_H

#include <vpmu/vpmu.h>

#include "hw/core/cpu.h"

/*
 * Keep what @cpu has before the guest runs, for guests write registers.
 * On its thread: KVM answers nobody else while it runs the guest.
 */
void vpmu_vcpu_keep(CPUState *cpu, run_on_cpu_data data);

/* Whether anything was kept. */
bool vpmu_vcpu_is_kept(void);

/* As vpmu_verify_x86() and vpmu_verify_arm64(), of what was kept. */
VpmuStatus vpmu_vcpu_verify(const VpmuContract *contract, VpmuReport **seen,
                            char **message);

#endif
