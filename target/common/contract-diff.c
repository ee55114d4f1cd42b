/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What two guests would see differently.
 */
#include <inttypes.h>
#include <string.h>

#include "target/contract-check.h"

static void note(Report *report, const char *row, char *a, char *b)
{
    report_add(
        report,
        &(Finding){.level = FINDING_NOTE, .row = (char *)row, .asked = a, .given = b});
}

static void diff_text(Report *report, const char *row, const char *a, const char *b)
{
    if (g_strcmp0(a, b) != 0) {
        note(report, row, (char *)(a ? a : ""), (char *)(b ? b : ""));
    }
}

static void diff_number(Report *report, const char *row, uint64_t a, uint64_t b)
{
    if (a != b) {
        g_autofree char *one = g_strdup_printf("0x%" PRIx64, a);
        g_autofree char *two = g_strdup_printf("0x%" PRIx64, b);

        note(report, row, one, two);
    }
}

static void diff_x86(const CpuContract *a, const CpuContract *b, Report *report)
{
    const X86Contract *one = &a->x86, *two = &b->x86;

    diff_text(report, "vendor", one->vendor, two->vendor);
    diff_text(report, "model-id", one->model_id, two->model_id);
    diff_number(report, "family", one->family, two->family);
    diff_number(report, "model", one->model, two->model);
    diff_number(report, "stepping", one->stepping, two->stepping);
    diff_number(report, "level", one->level, two->level);
    diff_number(report, "xlevel", one->xlevel, two->xlevel);
    diff_number(report, "phys-bits", one->phys_bits, two->phys_bits);
    for (unsigned i = 0; i < X86_FEATURE_COUNT; i++) {
        bool has = x86_words_have(one->words, i);

        if (has != x86_words_have(two->words, i)) {
            note(report, x86_feature_rows[i].name, (char *)(has ? "on" : "off"),
                 (char *)(has ? "off" : "on"));
        }
    }
    diff_number(report, "pmu.version", one->pmu.version, two->pmu.version);
    diff_number(report, "pmu.gp-counters", one->pmu.gp_counters, two->pmu.gp_counters);
    diff_number(report, "pmu.fixed-counters", one->pmu.fixed_counters,
                two->pmu.fixed_counters);
    diff_number(report, "perf-capabilities", one->perf_capabilities,
                two->perf_capabilities);
    diff_number(report, "misc-enable", one->misc_enable, two->misc_enable);
}

static void diff_arm(const CpuContract *a, const CpuContract *b, Report *report)
{
    const ArmContract *one = &a->arm, *two = &b->arm;
    g_autofree char *cpus_a = one->pmu_cpus ? cpu_set_format(one->pmu_cpus) : NULL;
    g_autofree char *cpus_b = two->pmu_cpus ? cpu_set_format(two->pmu_cpus) : NULL;

    diff_number(report, "midr", one->midr, two->midr);
    diff_number(report, "vcpu-features", one->vcpu_features, two->vcpu_features);
    diff_text(report, "pmu.kind", arm_pmu_kind_name(one->pmu_kind),
              arm_pmu_kind_name(two->pmu_kind));
    diff_text(report, "pmu.source", one->pmu_source, two->pmu_source);
    diff_text(report, "pmu.cpus", cpus_a, cpus_b);
    diff_number(report, "pmu.version", one->pmu_version, two->pmu_version);
    diff_number(report, "pmu.counters", (uint64_t)(one->pmu_counters + 1),
                (uint64_t)(two->pmu_counters + 1));
}

bool contract_diff(const CpuContract *a, const CpuContract *b, Report *report)
{
    g_autofree char *one = cpu_contract_digest(a);
    g_autofree char *two = cpu_contract_digest(b);

    diff_text(report, "arch", target_arch_name(a->arch), target_arch_name(b->arch));
    diff_text(report, "machine", a->machine, b->machine);
    diff_text(report, "cpu-model", a->cpu_model, b->cpu_model);
    diff_text(report, "pmu", a->pmu_enabled ? "on" : "off",
              b->pmu_enabled ? "on" : "off");
    if (a->arch == b->arch) {
        if (a->arch == TARGET_ARCH_X86_64) {
            diff_x86(a, b, report);
        } else {
            diff_arm(a, b, report);
        }
    }
    return strcmp(one, two) == 0;
}
