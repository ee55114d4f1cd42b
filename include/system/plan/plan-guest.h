/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a plan says of its guest to who sends it, or waits for one. */
#ifndef SYSTEM_PLAN_PLAN_GUEST_H
#define SYSTEM_PLAN_PLAN_GUEST_H

#include "migration/handshake.h"
#include "system/plan/vm-plan.h"

/*
 * vm_plan_describe - the guest of @plan, for a handshake.
 * @host: judges what arrives; NULL: does not
 *
 * Borrows from both.
 */
GuestDescription vm_plan_describe(const VmPlan *plan, const HostProfile *host);

#endif
