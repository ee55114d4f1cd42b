/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether parts of a plan that were decided one by one fit each other.  Pure. */
#ifndef SYSTEM_PLAN_PLAN_CHECKS_H
#define SYSTEM_PLAN_PLAN_CHECKS_H

#include "hw/machine.h"
#include "system/cmdline/vm-spec.h"

/* plan_check_levels - -smp has only levels of the machine more than once. */
bool plan_check_levels(const MachinePlan *machine, const SpecSmp *smp, GError **errp);

/*
 * plan_check_ram - KVM can map the machine's RAM, else an error; and its CPU can address
 * it, else a finding "ram".
 */
bool plan_check_ram(const MachinePlan *machine, Report *report, GError **errp);

#endif
