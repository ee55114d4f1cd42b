/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "common/cpu-table.h"
#include "host-words.h"
#include "target/x86-cpu.h"
#include "util/bits.h"

static char *on_off(bool on)
{
    return g_strdup(on ? "on" : "off");
}

static char *number(uint64_t value)
{
    return g_strdup_printf("%" PRIu64, value);
}

static char *asked_number(uint64_t value)
{
    return value == X86_NUMBER_UNSET ? NULL : number(value);
}

static void add_switches(GArray *table, const X86Cpu *cpu, const X86HostPmu *host,
                         const CpuContract *contract)
{
    const X86Contract *x86 = &contract->x86;

    cpu_table_add(table, "pmu",
                  g_strdup(cpu->pmu == ON_OFF_AUTO_ON    ? "on"
                           : cpu->pmu == ON_OFF_AUTO_OFF ? "off"
                           : x86_cpu_pmu_wanted(cpu)     ? "auto"
                                                         : "off (CPU model)"),
                  on_off(host->is_there), on_off(contract->pmu_enabled));
    cpu_table_add(table, "version", asked_number(cpu->pmu_version),
                  number(host->pmu.version), number(x86->pmu.version));
    cpu_table_add(table, "general-purpose counters", asked_number(cpu->pmu_counters),
                  number(host->pmu.gp_counters), number(x86->pmu.gp_counters));
    cpu_table_add(table, "fixed counters", asked_number(cpu->pmu_fixed_counters),
                  number(host->pmu.fixed_counters), number(x86->pmu.fixed_counters));
}

static char *asked_format(const X86Format *format)
{
    switch (format->kind) {
    case X86_FORMAT_NUMBER:
        return format->value ? number(format->value) : g_strdup("off");
    case X86_FORMAT_HOST:
        return g_strdup("host");
    default:
        return NULL;
    }
}

static char *given_format(uint64_t value)
{
    return value ? number(value) : g_strdup("off");
}

static void add_feature(GArray *table, const X86Cpu *cpu, X86FeatureId feature,
                        const uint64_t *host, const uint64_t *guest)
{
    const X86FeatureRow *row = &x86_feature_rows[feature];
    char *asked = NULL;

    if (cpu->set_mask[row->word] & row->mask) {
        asked = on_off(cpu->set_value[row->word] & row->mask);
    }
    cpu_table_add(table, row->name, asked, on_off(x86_words_have(host, feature)),
                  on_off(x86_words_have(guest, feature)));
}

GArray *x86_cpu_table(const X86Cpu *cpu, const CpuResolveInput *in,
                      const CpuContract *contract)
{
    static const X86FeatureId intel[] = {X86_PDCM,          X86_DS,
                                         X86_DTES64,        X86_FULL_WIDTH_WRITE,
                                         X86_PEBS_TRAP,     X86_PEBS_ARCH_REG,
                                         X86_PEBS_BASELINE, X86_PEBS_TIMING_INFO,
                                         X86_PERF_METRICS,  X86_ARCH_LBR};
    static const X86FeatureId amd[] = {X86_PERFCTR_CORE, X86_PERFMON_V2};
    X86HostPmu pmu = x86_host_pmu(in);
    const uint64_t *guest = contract->x86.words;
    uint64_t host[X86_WORD_COUNT];
    uint64_t have, got;
    GArray *table = cpu_table_new();

    x86_host_words(in, host);
    have = host[X86_WORD_PERF_CAPABILITIES];
    got = contract->x86.words[X86_WORD_PERF_CAPABILITIES];
    add_switches(table, cpu, &pmu, contract);
    for (unsigned i = 0; pmu.is_amd && i < ARRAY_LEN(amd); i++) {
        add_feature(table, cpu, amd[i], host, guest);
    }
    if (pmu.is_amd) {
        return table;
    }
    cpu_table_add(table, "perf-capabilities", NULL, g_strdup_printf("0x%" PRIx64, have),
                  g_strdup_printf("0x%" PRIx64, got));
    cpu_table_add(table, "pebs-fmt", asked_format(&cpu->formats[X86_PEBS_FMT]),
                  given_format(x86_field_get(host, X86_PEBS_FMT)),
                  given_format(x86_field_get(guest, X86_PEBS_FMT)));
    cpu_table_add(table, "lbr-fmt", asked_format(&cpu->formats[X86_LBR_FMT]),
                  given_format(x86_field_get(host, X86_LBR_FMT)),
                  given_format(x86_field_get(guest, X86_LBR_FMT)));
    for (unsigned i = 0; i < ARRAY_LEN(intel); i++) {
        add_feature(table, cpu, intel[i], host, guest);
    }
    return table;
}
