/*
 * x86 virtual PMU: event filter
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef I386_KVM_VPMU_FILTER_H
#define I386_KVM_VPMU_FILTER_H

#include "system/kvm.h"

/*
 * Sets the filter that the accelerator names, if any, for the whole VM.
 * Returns 0, or a negative errno after an error report.
 */
int x86_vpmu_set_filter(KVMState *s);

#endif
