/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "accel/kvm-trace.h"

#include <linux/kvm.h>
#include <stdint.h>
#include <string.h>

#include "accel/kvm-vcpu.h"

/* The vCPU's PMU: its group, and attributes.  Source: Linux kvm/devices/vcpu.rst, section
 * 1.  Written out, as the headers of x86 do not have them. */
#define GROUP_PMU                0
#define ATTR_SET_PMU             3
#define ATTR_FIXED_COUNTERS_ONLY 5

bool kvm_trace_pmu(const char *request, const void *arg, KvmPmuTrace *ret)
{
    const struct kvm_device_attr *attr = arg;

    if (strcmp(request, KVM_SET_VCPU_ATTR_NAME) != 0 || attr->group != GROUP_PMU) {
        return false;
    }
    *ret = (KvmPmuTrace){0};
    if (attr->attr == ATTR_SET_PMU) {
        ret->event = "kvm_arm_set_pmu";
        ret->has_type = true;
        memcpy(&ret->type, (const void *)(uintptr_t)attr->addr, sizeof(ret->type));
    } else if (attr->attr == ATTR_FIXED_COUNTERS_ONLY) {
        ret->event = "kvm_arm_set_pmu_fixed_counters_only";
    }
    return ret->event;
}
