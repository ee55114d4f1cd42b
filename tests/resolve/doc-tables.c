/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doc-tables NAME - print one table of the manual, from the rows that the program runs
 * on.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../unit/resolve-case.h"
#include "target/x86-pmu-state.h"
#include "util/bits.h"

static void print_bits(void)
{
    printf("| feature | word | bit | what it is |\n|---|---|---|---|\n");
    for (unsigned i = 0; i < X86_FEATURE_COUNT; i++) {
        const X86FeatureRow *row = &x86_feature_rows[i];

        if (row->word == X86_WORD_PERF_CAPABILITIES || i == X86_PDCM || i == X86_DS ||
            i == X86_DTES64 || i == X86_DS_CPL || i == X86_ARCH_LBR ||
            i == X86_INTEL_PT || i == X86_PERFCTR_CORE || i == X86_PERFCTR_NB ||
            i == X86_PERFMON_V2) {
            printf("| `%s` | %s | %d | %s |\n", row->name, x86_word_rows[row->word].name,
                   __builtin_ctzll(row->mask), row->doc);
        }
    }
}

static void print_compat(void)
{
    const MachineVersion *versions;
    unsigned count;

    versions = machine_versions(&count);
    printf("| up to | property | value | what a guest sees |\n|---|---|---|---|\n");
    for (unsigned i = 0; i < count; i++) {
        for (unsigned k = 0; k < versions[i].row_count; k++) {
            const CompatRow *row = &versions[i].rows[k];

            printf("| %s | `%s.%s` | %s | %s |\n", versions[i].name, row->property.type,
                   row->property.property, row->property.value, row->why);
        }
    }
}

static void print_msrs(void)
{
    printf(
        "| MSR | number | written in phase | a guest has it with |\n|---|---|---|---|\n");
    for (unsigned i = 0; i < x86_pmu_msr_row_count; i++) {
        const X86MsrRow *row = &x86_pmu_msr_rows[i];

        printf("| %s | 0x%x%s | %s | %s |\n", row->name, row->index,
               row->stride > 1 ? " and every second" : "", x86_msr_phase_name(row->phase),
               row->when);
    }
}

static void print_msr_counts(void)
{
    static const struct {
        const char *guest, *host, *cpu;
    } rows[] = {
        {"no PMU",                           "intel-icelake-sp",             "host,pmu=off"                   },
        {"architectural PMU",                "intel-icelake-sp",             "host"                           },
        {"+ PEBS",                           "intel-icelake-sp",             "host,pebs-fmt=host"             },
        {"+ LBR",                            "intel-icelake-sp",             "host,lbr-fmt=host"              },
        {"+ PEBS + LBR",                     "intel-icelake-sp",             "host,pebs-fmt=host,lbr-fmt=host"},
        {"architectural PMU + perf-metrics", "intel-sapphirerapids-topdown", "host"                           },
        {"AMD, four counters",               "amd-zen4-genoa",               "host,perfctr-core=off"          },
        {"AMD, core counters",               "amd-zen3-milan",               "host"                           },
        {"AMD, PerfMonV2",                   "amd-zen4-genoa",               "host"                           },
    };

    printf("| guest | PMU MSRs in a save | writes of a reset |\n|---|---|---|\n");
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(ResolveCase) c = resolve(rows[i].host, "q35", rows[i].cpu);
        X86Msr msrs[X86_PMU_STATE_MAX];
        unsigned saved = x86_pmu_state_list(c->contract, msrs);

        printf("| %s | %u | %u |\n", rows[i].guest, saved,
               x86_pmu_state_reset(c->contract, msrs));
    }
}

static const char *first_cause(const Report *report)
{
    const Finding *worst = NULL;

    for (unsigned i = 0; i < report_size(report); i++) {
        const Finding *finding = report_get(report, i);

        if (!worst || finding->level > worst->level) {
            worst = finding;
        }
    }
    return worst ? worst->cause : "";
}

static void print_x86_hosts(void)
{
    g_auto(GStrv) profiles = resolve_profile_names("");

    printf("| host | PMU | counters | PEBS | LBR | perf-metrics | why not more |\n"
           "|---|---|---|---|---|---|---|\n");
    for (unsigned i = 0; profiles[i]; i++) {
        g_autoptr(ResolveCase) c = NULL;
        const X86Contract *x86;

        if (g_str_has_prefix(profiles[i], "arm-")) {
            continue;
        }
        c = resolve(profiles[i], "q35", "host,pmu=on,pebs-fmt=host,lbr-fmt=host");
        x86 = &c->contract->x86;
        printf("| %s | %s | %u + %u | %u | %u | %s | %s |\n", profiles[i],
               c->contract->pmu_enabled ? "on" : "off", x86->pmu.gp_counters,
               x86->pmu.fixed_counters,
               (unsigned)((x86->perf_capabilities & X86_PEBS_FMT_MASK) >>
                          X86_PEBS_FMT_SHIFT),
               (unsigned)(x86->perf_capabilities & X86_LBR_FMT_MASK),
               resolve_has(c, X86_PERF_METRICS) ? "on" : "off", first_cause(c->report));
    }
}

static void print_arm_outcome(const char *profile, const char *machine, const char *accel)
{
    g_autoptr(ResolveCase) c =
        resolve_case_new(resolve_profile(profile), machine, "host", accel);
    const ArmContract *arm = &c->contract->arm;
    g_autofree char *cpus = arm->pmu_cpus ? cpu_set_format(arm->pmu_cpus) : NULL;

    printf(" %s%s%s%s%s |", arm_pmu_kind_name(arm->pmu_kind), arm->pmu_source ? " " : "",
           arm->pmu_source ? arm->pmu_source : "", cpus ? ", CPUs " : "",
           cpus ? cpus : "");
}

static void print_arm_hosts(void)
{
    g_auto(GStrv) profiles = resolve_profile_names("arm-");

    printf("| host | possible CPUs | `virt-11.1` | `virt-11.1`, last source named | "
           "`virt-10.2` |\n|---|---|---|---|---|\n");
    for (unsigned i = 0; profiles[i]; i++) {
        g_autoptr(HostProfile) host = resolve_profile(profiles[i]);
        g_autofree char *possible = cpu_set_format(host->possible);
        g_autofree char *accel = NULL;

        for (unsigned k = 0; k < host->sources->len; k++) {
            const PmuSource *source = &g_array_index(host->sources, PmuSource, k);

            if (source->cpus) {
                g_free(accel);
                accel = g_strdup_printf("pmu=%s", source->name);
            }
        }
        printf("| %s | %s |", profiles[i], possible);
        print_arm_outcome(profiles[i], "virt-11.1", NULL);
        print_arm_outcome(profiles[i], "virt-11.1", accel);
        print_arm_outcome(profiles[i], "virt-10.2", NULL);
        printf("\n");
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } tables[] = {
        {"x86-bits",       print_bits      },
        {"x86-hosts",      print_x86_hosts },
        {"x86-msrs",       print_msrs      },
        {"x86-msr-counts", print_msr_counts},
        {"compat",         print_compat    },
        {"arm-hosts",      print_arm_hosts },
    };

    for (unsigned i = 0; argc == 2 && i < ARRAY_LEN(tables); i++) {
        if (strcmp(argv[1], tables[i].name) == 0) {
            tables[i].print();
            return 0;
        }
    }
    fprintf(stderr, "usage: doc-tables NAME\n");
    return 2;
}
