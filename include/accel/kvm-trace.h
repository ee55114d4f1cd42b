/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a request to KVM stands for, where its name alone does not tell. */
#ifndef ACCEL_KVM_TRACE_H
#define ACCEL_KVM_TRACE_H

#include <stdbool.h>

/* A PMU attribute of an arm64 vCPU that is set. */
typedef struct KvmPmuTrace {
    const char *event; /* "kvm_arm_set_pmu" */
    bool has_type;
    int type; /* of perf, where it has one */
} KvmPmuTrace;

/*
 * kvm_trace_pmu - is it one?
 * @request, @arg: as a KvmTrace callback gets them
 */
bool kvm_trace_pmu(const char *request, const void *arg, KvmPmuTrace *ret);

#endif
