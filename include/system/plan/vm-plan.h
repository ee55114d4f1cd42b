/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VmPlan: what was decided.  Made from a VmSpec and a HostProfile, printed by --dry-run,
 * never changed.
 */
#ifndef SYSTEM_PLAN_VM_PLAN_H
#define SYSTEM_PLAN_VM_PLAN_H

#include <glib.h>
#include <stdbool.h>

#include "hw/machine.h"
#include "qom/object.h"
#include "target/cpu-resolve.h"
#include "util/report.h"

typedef struct VmSpec VmSpec;

typedef struct VmPlan {
    const VmSpec *spec;           /* borrowed */
    const TypeRegistry *registry; /* borrowed */
    MachinePlan *machine;
    Object *root;        /* "/": machine, accelerator, CPU, peripherals */
    KvmAccel *accel;     /* in @root */
    Object *cpu;         /* in @root; NULL for boards without CPUs */
    GPtrArray *built_in; /* configurations of the board's own devices, owned by @root */
    GArray *cpu_table;   /* CpuTableRow: asked, offered, given; NULL without CPUs */
    GArray *compat;      /* CompatProperty: what the machine's version holds to */
    GArray *globals;     /* CompatProperty: -global, text of @spec */
} VmPlan;

/*
 * vm_plan_accel - the accelerator object alone, for what must be known before the host is
 * looked at (device node, recorded profile).  A machine or device that does not exist is
 * an error here already, as it is one on every host.  The caller frees the object.
 */
KvmAccel *vm_plan_accel(const VmSpec *spec, const TypeRegistry *registry, GError **errp);

/*
 * vm_plan_resolve - decide everything.  Pure.
 * @spec, @registry: borrowed, must outlive the plan
 * @report: what was asked and not given; an error in it makes the plan unfit for use
 *
 * NULL where the command line itself is wrong (unknown machine, property, device).
 */
VmPlan *vm_plan_resolve(const VmSpec *spec, const TypeRegistry *registry,
                        const HostProfile *host, Report *report, GError **errp);

/*
 * vm_plan_with - the plan for a guest that arrived with @contract: what @plan was made
 * from, decided again, with that contract.  Pure.
 * @plan: stays as it is
 * @contract: was found to hold on @host; copied
 * @report: as vm_plan_resolve(); and each row that the command line here would have given
 * the guest and that it does not have
 */
VmPlan *vm_plan_with(const VmPlan *plan, const HostProfile *host,
                     const CpuContract *contract, Report *report, GError **errp);

/*
 * vm_plan_cpu_new - a CPU as -cpu @text would make it on this machine: old defaults of
 * its version first, then -global, then @text.
 * @report: see cpu_new_from_string(); the caller frees the object
 */
Object *vm_plan_cpu_new(const VmPlan *plan, const char *text, Report *report,
                        GError **errp);

/* vm_plan_free - NULL is nothing. */
void vm_plan_free(VmPlan *plan);

/* vm_plan_format - for people: the machine, the table of asked, offered and given. */
char *vm_plan_format(const VmPlan *plan, const Report *report);

/* vm_plan_to_json - for machines; a new reference. */
json_object *vm_plan_to_json(const VmPlan *plan, const Report *report);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VmPlan, vm_plan_free)

#endif
