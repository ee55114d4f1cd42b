/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace.h"

#include <stdio.h>
#include <string.h>

/* Attribute numbers of the vCPU's PMU.  Source: Linux kvm/devices/vcpu.rst, section 1. */
#define ATTR_SET_PMU             3
#define ATTR_FIXED_COUNTERS_ONLY 5

static bool wants(const VmSpec *spec, const char *event)
{
    for (unsigned i = 0; i < spec->trace->len; i++) {
        if (g_pattern_match_simple(g_ptr_array_index(spec->trace, i), event)) {
            return true;
        }
    }
    return false;
}

/* An enabled PMU attribute set has an event of its own, with the perf type. */
static void trace_pmu_attr(const VmSpec *spec, const struct kvm_device_attr *attr,
                           int ret)
{
    int type;

    if (attr->group != 0) {
        return;
    }
    if (attr->attr == ATTR_SET_PMU && wants(spec, "kvm_arm_set_pmu")) {
        memcpy(&type, (const void *)(uintptr_t)attr->addr, sizeof(type));
        fprintf(stderr, "kvm_arm_set_pmu type %d ret %d\n", type, ret);
    } else if (attr->attr == ATTR_FIXED_COUNTERS_ONLY &&
               wants(spec, "kvm_arm_set_pmu_fixed_counters_only")) {
        fprintf(stderr, "kvm_arm_set_pmu_fixed_counters_only ret %d\n", ret);
    }
}

static void trace_ioctl(void *opaque, const char *request, const void *arg, int ret)
{
    const VmSpec *spec = opaque;

    if (wants(spec, "kvm_ioctl")) {
        fprintf(stderr, "kvm_ioctl %s ret %d\n", request, ret);
    }
    if (strcmp(request, "KVM_SET_DEVICE_ATTR") == 0 && arg) {
        trace_pmu_attr(spec, arg, ret);
    }
}

void trace_attach(const VmSpec *spec, KvmSys *sys)
{
    if (spec->trace->len > 0) {
        kvm_sys_set_trace(sys, trace_ioctl, (void *)(uintptr_t)spec);
    }
}
