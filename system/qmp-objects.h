/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The object tree as QMP shows it. */
#ifndef SYSTEM_QMP_OBJECTS_H
#define SYSTEM_QMP_OBJECTS_H

#include <glib.h>

#include "qom/object.h"
#include "target/cpu-contract.h"

/* qmp_cpu_path - path of vCPU @index; the caller frees it. */
char *qmp_cpu_path(unsigned index);

/*
 * cpu_given_property - what the guest's CPU has of @prop, as @contract says; the object's
 * own value where the contract does not tell.  NULL where there is no value.
 */
json_object *cpu_given_property(const CpuContract *contract, const Object *cpu,
                                const Property *prop);

#endif
