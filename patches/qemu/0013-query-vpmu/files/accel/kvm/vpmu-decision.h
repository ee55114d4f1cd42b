/*
 * What libvpmu decides about this guest, and how far QEMU agrees
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_KVM_VPMU_DECISION_H
#define ACCEL_KVM_VPMU_DECISION_H

#include <vpmu/vpmu.h>

typedef struct VpmuDecision {
    VpmuHost *host;
    VpmuPlan *plan;
    /* Borrowed of the plan; NULL unless the first vCPU has what it says. */
    const VpmuContract *contract;
    /* What the first vCPU has otherwise; NULL where there was no contract. */
    VpmuReport *seen;
} VpmuDecision;

/*
 * The decision about this guest; it is made at the first call and stays.
 * Called by the main thread.  NULL with @errp set where there is none.
 */
const VpmuDecision *vpmu_decision(Error **errp);

#endif
