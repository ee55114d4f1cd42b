/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan while it is decided, for vm-plan.c and plan-objects.c. */
#ifndef SYSTEM_PLAN_RESOLVING_H
#define SYSTEM_PLAN_RESOLVING_H

#include "system/plan/vm-plan.h"

typedef struct SpecItem SpecItem;

/* Everything one call of vm_plan_resolve() hands from step to step. */
typedef struct Resolving {
    VmPlan *plan;
    const VmSpec *spec;
    const TypeRegistry *registry;
    const HostProfile *host;
    const CpuContract *arrived; /* NULL: the guest gets what it is resolved to */
    Report *report;
    Object *peripheral;
} Resolving;

/* plan_add_object - a new child of @parent; NULL with an error. */
Object *plan_add_object(Object *parent, const TypeRegistry *registry, const char *type,
                        const char *id, GError **errp);

/* plan_apply_defaults - compat list, then -global, as every configured object gets them.
 */
bool plan_apply_defaults(const Resolving *r, Object *object, GError **errp);

/* plan_apply_keyvals, plan_apply_json - what the user said; @text: before messages. */
bool plan_apply_keyvals(Object *object, const KeyvalList *list, const char *text,
                        GError **errp);
bool plan_apply_json(Object *object, json_object *json, const char *text, GError **errp);

/* plan_check_device - @board can have the device of @item. */
bool plan_check_device(const Board *board, const SpecItem *item, GError **errp);

/* plan_objects, plan_devices - -object; the board's devices, -serial and -device. */
bool plan_objects(Resolving *r, GError **errp);
bool plan_devices(Resolving *r, GError **errp);

#endif
