/*
 * x86 virtual PMU: topdown metrics
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "vpmu-metrics.h"

#define METRICS (1ull << 15)

bool vpmu_metrics_decide(const VpmuFacts *facts, uint64_t *word, bool enforce,
                         Error **errp)
{
    const char *why = "perf-metrics needs fixed counter 3; KVM offers %u "
                      "fixed counters on this host";

    if (!(*word & METRICS) || !facts->kvm || !facts->pmu ||
        facts->fixed > 3) {
        return true;
    }
    if (facts->named & METRICS) {
        if (enforce) {
            error_setg(errp, why, facts->fixed);
            return false;
        }
        warn_report(why, facts->fixed);
    }
    *word &= ~METRICS;
    return true;
}
