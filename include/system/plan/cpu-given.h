/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the guest's CPU has of a property, beside what was asked of it. */
#ifndef SYSTEM_PLAN_CPU_GIVEN_H
#define SYSTEM_PLAN_CPU_GIVEN_H

#include "qom/object.h"
#include "target/cpu-contract.h"

/*
 * cpu_given_property - what the guest's CPU has of @prop, as @contract says; the object's
 * own value where the contract does not tell.  NULL where there is no value.
 */
json_object *cpu_given_property(const CpuContract *contract, const Object *cpu,
                                const Property *prop);

#endif
