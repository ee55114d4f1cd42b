/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "accel/kvm-trace.h"

#include <linux/kvm.h>
#include <stdint.h>
#include <string.h>

#include "accel/kvm-vcpu.h"
#include "target/host-profile.h"

/* KVM_ARM_VCPU_PMU_V3_CTRL, which the headers of x86 do not have. */
#define PMU_GROUP 0

bool kvm_trace_pmu(const char *request, const void *arg, KvmPmuTrace *ret)
{
    const struct kvm_device_attr *attr = arg;

    if (strcmp(request, KVM_SET_VCPU_ATTR_NAME) != 0 || attr->group != PMU_GROUP) {
        return false;
    }
    *ret = (KvmPmuTrace){0};
    if (attr->attr == arm_pmu_attr_rows[ARM_ATTR_SET_PMU].number) {
        ret->event = "kvm_arm_set_pmu";
        ret->has_type = true;
        memcpy(&ret->type, (const void *)(uintptr_t)attr->addr, sizeof(ret->type));
    } else if (attr->attr == arm_pmu_attr_rows[ARM_ATTR_FIXED_COUNTERS_ONLY].number) {
        ret->event = "kvm_arm_set_pmu_fixed_counters_only";
    }
    return ret->event;
}
