/*
 * KVM PMU event filter: the object a user makes
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qapi/qapi-visit-kvm-pmu-filter.h"
#include "qom/object_interfaces.h"
#include "qemu/module.h"
#include "accel/kvm/kvm-pmu-filter.h"

static char *filter_id;

static char *get_filter_id(Object *obj, Error **errp)
{
    return g_strdup(filter_id ?: "");
}

static void set_filter_id(Object *obj, const char *value, Error **errp)
{
    g_free(filter_id);
    filter_id = g_strdup(value);
}

void kvm_pmu_filter_add_property(ObjectClass *oc)
{
    object_class_property_add_str(oc, "pmu-filter", get_filter_id,
                                  set_filter_id);
    object_class_property_set_description(oc, "pmu-filter",
        "ID of a kvm-pmu-filter object: events that guests may count");
}

bool kvm_pmu_filter_find(KvmPmuFilter **filter, Error **errp)
{
    Object *obj;

    *filter = NULL;
    if (!filter_id) {
        return true;
    }
    obj = object_resolve_path_component(object_get_objects_root(), filter_id);
    if (!obj || !object_dynamic_cast(obj, TYPE_KVM_PMU_FILTER)) {
        error_setg(errp, "pmu-filter=%s: there is no kvm-pmu-filter object of "
                   "that ID", filter_id);
        return false;
    }
    *filter = KVM_PMU_FILTER(obj);
    return true;
}

static int get_action(Object *obj, Error **errp)
{
    return KVM_PMU_FILTER(obj)->action;
}

static void set_action(Object *obj, int value, Error **errp)
{
    KVM_PMU_FILTER(obj)->action = value;
}

static void get_fixed(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    visit_type_uint32(v, name, &KVM_PMU_FILTER(obj)->fixed, errp);
}

static void set_fixed(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    KvmPmuFilter *filter = KVM_PMU_FILTER(obj);

    filter->has_fixed = visit_type_uint32(v, name, &filter->fixed, errp);
}

static void get_events(Object *obj, Visitor *v, const char *name, void *opaque,
                       Error **errp)
{
    visit_type_KvmPmuEventList(v, name, &KVM_PMU_FILTER(obj)->events, errp);
}

static void set_events(Object *obj, Visitor *v, const char *name, void *opaque,
                       Error **errp)
{
    KvmPmuFilter *filter = KVM_PMU_FILTER(obj);
    KvmPmuEventList *events;

    if (visit_type_KvmPmuEventList(v, name, &events, errp)) {
        qapi_free_KvmPmuEventList(filter->events);
        filter->events = events;
    }
}

/* What no architecture takes; the rest is checked where a filter is set. */
static void filter_complete(UserCreatable *uc, Error **errp)
{
    KvmPmuFilter *filter = KVM_PMU_FILTER(uc);
    bool masked = false, other = false;

    for (KvmPmuEventList *at = filter->events; at; at = at->next) {
        if (at->value->format == KVM_PMU_EVENT_FORMAT_X86_MASKED_ENTRY) {
            masked = true;
        } else {
            other = true;
        }
    }
    if (!masked && !other && !filter->has_fixed) {
        error_setg(errp, "a PMU filter without events and fixed counters is "
                   "no filter");
    } else if (masked && other) {
        error_setg(errp, "events of format 'x86-masked-entry' cannot be in a "
                   "PMU filter with others");
    }
}

static void filter_finalize(Object *obj)
{
    qapi_free_KvmPmuEventList(KVM_PMU_FILTER(obj)->events);
}

static void filter_class_init(ObjectClass *oc, CLASS_CONST void *data)
{
    USER_CREATABLE_CLASS(oc)->complete = filter_complete;
    object_class_property_add_enum(oc, "action", "KvmPmuFilterAction",
                                   &KvmPmuFilterAction_lookup, get_action,
                                   set_action);
    object_class_property_add(oc, "x86-fixed-counter", "uint32", get_fixed,
                              set_fixed, NULL, NULL);
    object_class_property_add(oc, "events", "KvmPmuEventList", get_events,
                              set_events, NULL, NULL);
}

static const TypeInfo filter_info = {
    .name = TYPE_KVM_PMU_FILTER,
    .parent = TYPE_OBJECT,
    .instance_size = sizeof(KvmPmuFilter),
    .instance_finalize = filter_finalize,
    .class_init = filter_class_init,
    .interfaces = (CLASS_CONST InterfaceInfo[]) {
        { TYPE_USER_CREATABLE },
        { }
    },
};

static void register_filter(void)
{
    type_register_static(&filter_info);
}

type_init(register_filter);
