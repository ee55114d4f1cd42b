/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How fast a CPU is resolved: microseconds per contract, over every committed profile.
 * Prints one line per host and the whole; scripts/bench resolve runs it.
 */
#include <stdio.h>

#include "../unit/resolve-case.h"
#include "util/bits.h"

#define ROUNDS 200

static double bench(const ResolveCase *c)
{
    const CpuResolveInput in = {c->host, (const KvmAccel *)c->accel, c->machine};
    gint64 begin = g_get_monotonic_time();

    for (unsigned i = 0; i < ROUNDS; i++) {
        g_autoptr(Report) report = report_new();
        g_autoptr(CpuContract) contract = cpu_resolve(c->cpu, &in, report);
    }
    return (double)(g_get_monotonic_time() - begin) / ROUNDS;
}

int main(void)
{
    static const char *const cpus[] = {"host", "Skylake-Server,pmu=on"};
    g_auto(GStrv) profiles = resolve_profile_names("");
    double total = 0;
    unsigned count = 0;

    for (unsigned i = 0; profiles[i]; i++) {
        bool arm = g_str_has_prefix(profiles[i], "arm-");

        for (unsigned k = 0; k < (arm ? 1 : ARRAY_LEN(cpus)); k++) {
            g_autoptr(ResolveCase) c =
                resolve(profiles[i], arm ? "virt" : "q35", cpus[k]);
            double micros = bench(c);

            printf("%-36s %-24s %7.1f us\n", profiles[i], cpus[k], micros);
            total += micros;
            count++;
        }
    }
    printf("mean of %u: %.1f us per contract, %.0f resolutions per second\n", count,
           total / count, 1e6 * count / total);
    return 0;
}
