/*
 * x86 virtual PMU: topdown metrics
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef I386_VPMU_METRICS_H
#define I386_VPMU_METRICS_H

#include "vpmu-formats.h"

/*
 * Takes perf-metrics out of the capability word *@word of a guest that will
 * not have fixed counter 3, which the metrics are fractions of.  Says so if
 * the user asked for it; with @enforce that is an error.
 */
bool vpmu_metrics_decide(const VpmuFacts *facts, uint64_t *word, bool enforce,
                         Error **errp);

#endif
