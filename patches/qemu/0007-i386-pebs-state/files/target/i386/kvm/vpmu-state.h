/*
 * x86 virtual PMU: state that QEMU's own lists of MSRs do not have
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef I386_KVM_VPMU_STATE_H
#define I386_KVM_VPMU_STATE_H

#include "cpu.h"
#include "migration/vmstate.h"

/* Subsections of a vCPU's state; each is sent if the guest has the feature. */
extern const VMStateDescription vmstate_x86_vpmu_pebs;

/*
 * Sets the PMU's MSRs of a vCPU in KVM, before those that start counters; at
 * a reset and when all state is written.  Returns 0 or a negative errno.
 */
int x86_vpmu_put_msrs(X86CPU *cpu, int level);

/* Gets the PMU's MSRs of a vCPU from KVM.  Returns 0 or a negative errno. */
int x86_vpmu_get_msrs(X86CPU *cpu);

#endif
