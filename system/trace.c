/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "accel/kvm-trace.h"
#include "accel/kvm-vcpu.h"
#include "util/error.h"

struct Trace {
    const VmSpec *spec;
    FILE *file;
};

static bool wants(const Trace *trace, const char *event)
{
    const GPtrArray *patterns = trace->spec->trace;

    for (unsigned i = 0; i < patterns->len; i++) {
        if (g_pattern_match_simple(g_ptr_array_index(patterns, i), event)) {
            return true;
        }
    }
    return false;
}

/* A PMU attribute that is set has an event of its own, with the perf type. */
static void trace_pmu(const Trace *trace, const KvmPmuTrace *pmu, int ret)
{
    if (wants(trace, pmu->event) && pmu->has_type) {
        fprintf(trace->file, "%s type %d ret %d\n", pmu->event, pmu->type, ret);
    } else if (wants(trace, pmu->event)) {
        fprintf(trace->file, "%s ret %d\n", pmu->event, ret);
    }
}

/* One line per request; a capability is told by number and argument. */
static void trace_request(const Trace *trace, const char *request, const void *arg,
                          int ret)
{
    const struct kvm_enable_cap *cap = arg;

    if (strcmp(request, "KVM_ENABLE_CAP") == 0) {
        fprintf(trace->file, "kvm_ioctl %s cap %u arg 0x%llx ret %d\n", request, cap->cap,
                (unsigned long long)cap->args[0], ret);
    } else {
        fprintf(trace->file, "kvm_ioctl %s ret %d\n", request, ret);
    }
}

static void trace_ioctl(void *opaque, const char *request, const void *arg, int ret)
{
    const Trace *trace = opaque;
    KvmPmuTrace pmu;

    if (wants(trace, "kvm_ioctl")) {
        trace_request(trace, request, arg, ret);
    }
    if (kvm_trace_pmu(request, arg, &pmu)) {
        trace_pmu(trace, &pmu, ret);
    }
}

Trace *trace_new(const VmSpec *spec, GError **errp)
{
    Trace *trace = g_new0(Trace, 1);

    trace->spec = spec;
    trace->file = spec->log_file ? fopen(spec->log_file, "we") : stderr;
    if (!trace->file) {
        error_set_errno(errp, errno, "-D %s", spec->log_file);
        g_free(trace);
        return NULL;
    }
    setvbuf(trace->file, NULL, _IOLBF, 0);
    return trace;
}

void trace_attach(Trace *trace, KvmSys *sys)
{
    if (trace->spec->trace->len > 0) {
        kvm_sys_set_trace(sys, trace_ioctl, trace);
    }
}

void trace_free(Trace *trace)
{
    if (trace && trace->file != stderr) {
        fclose(trace->file);
    }
    g_free(trace);
}
