/*
 * What libvpmu decides about this guest, and how far QEMU agrees
 *
 * Called by the main thread.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_KVM_VPMU_DECISION_H
#define ACCEL_KVM_VPMU_DECISION_H

#include <vpmu/vpmu.h>

#include "qapi/error.h"

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
 * NULL with @errp set where there is none.
 */
const VpmuDecision *vpmu_decision(Error **errp);

/* This host, read at the first call; NULL with @errp set without KVM. */
const VpmuHost *vpmu_decision_host(Error **errp);

/* What this host answers to vpmu_line_request(), or NULL with @errp set. */
VpmuPlan *vpmu_decision_plan(Object *cpu, const char *model, Error **errp);

#endif
