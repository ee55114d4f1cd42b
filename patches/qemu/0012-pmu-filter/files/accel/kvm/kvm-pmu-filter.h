/*
 * KVM PMU event filter: the object a user makes
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_KVM_PMU_FILTER_H
#define ACCEL_KVM_PMU_FILTER_H

#include "qom/object.h"
#include "qapi/qapi-types-kvm-pmu-filter.h"

#define TYPE_KVM_PMU_FILTER "kvm-pmu-filter"
OBJECT_DECLARE_SIMPLE_TYPE(KvmPmuFilter, KVM_PMU_FILTER)

struct KvmPmuFilter {
    Object parent_obj;

    KvmPmuFilterAction action;
    bool has_fixed;
    uint32_t fixed;
    KvmPmuEventList *events;
};

/* Gives the accelerator its property "pmu-filter", the ID of an object. */
void kvm_pmu_filter_add_property(ObjectClass *oc);

/*
 * The filter that the accelerator names: true with *@filter NULL if it names
 * none, false after setting @errp if there is no such object.
 */
bool kvm_pmu_filter_find(KvmPmuFilter **filter, Error **errp);

#endif
