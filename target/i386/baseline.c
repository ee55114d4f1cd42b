/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/x86-baseline.h"

#include <inttypes.h>
#include <string.h>

#include "target/contract-check.h"
#include "util/bits.h"
#include "util/error.h"

#define PERFCAP X86_WORD_PERF_CAPABILITIES
#define BASE_PHYS_BITS                                                                   \
    40 /* of a model that says nothing of them, where the host has them */

struct X86Baseline {
    char *first; /* the first host's name; NULL: there is none yet */
    char vendor[13];
    unsigned family, model, stepping, phys_bits;
    uint64_t words[X86_WORD_COUNT];
    X86Pmu pmu;
    uint64_t formats, group; /* of the first host */
    bool is_one_cpu;         /* all of one family and model */
    bool is_one_lbr, is_one_group, is_one_pmu, is_amd_pmu;
    char *no_pmu;
};

X86Baseline *x86_baseline_new(void)
{
    return g_new0(X86Baseline, 1);
}

void x86_baseline_free(X86Baseline *baseline)
{
    if (baseline) {
        g_free(baseline->first);
        g_free(baseline->no_pmu);
        g_free(baseline);
    }
}

static void begin(X86Baseline *baseline, const X86Contract *x86, const char *who)
{
    baseline->first = g_strdup(who);
    memcpy(baseline->vendor, x86->vendor, sizeof(baseline->vendor));
    baseline->family = x86->family;
    baseline->model = x86->model;
    baseline->stepping = x86->stepping;
    baseline->phys_bits = x86->phys_bits;
    memcpy(baseline->words, x86->words, sizeof(baseline->words));
    baseline->pmu = x86->pmu;
    baseline->formats =
        x86->words[X86_WORD_PERF_CAPABILITIES] & (X86_LBR_FMT_MASK | X86_PEBS_FMT_MASK);
    baseline->group = x86->words[X86_WORD_PERF_CAPABILITIES] & X86_PEBS_GROUP_MASK;
    baseline->is_one_cpu = baseline->is_one_lbr = baseline->is_one_group = true;
    baseline->is_one_pmu = true;
    baseline->is_amd_pmu = x86->is_amd_pmu;
}

/* "8 + 3 counters", general and fixed. */
static char *pmu_text(const X86Pmu *pmu)
{
    return g_strdup_printf("version %u, %u + %u counters of %u and %u bits, events 0x%x",
                           pmu->version, pmu->gp_counters, pmu->fixed_counters,
                           pmu->gp_width, pmu->fixed_width, x86_pmu_events(pmu));
}

/* What both have: a guest can be told of fewer counters, and of fewer events. */
static void meet_pmu(X86Baseline *baseline, const X86Pmu *pmu)
{
    X86Pmu *common = &baseline->pmu;
    uint32_t events = x86_pmu_events(common) & x86_pmu_events(pmu);

    if (common->version != pmu->version || common->gp_counters != pmu->gp_counters ||
        common->fixed_counters != pmu->fixed_counters ||
        x86_pmu_events(common) != x86_pmu_events(pmu)) {
        baseline->is_one_pmu = false;
    }
    common->version = MIN(common->version, pmu->version);
    common->gp_counters = MIN(common->gp_counters, pmu->gp_counters);
    common->fixed_counters = MIN(common->fixed_counters, pmu->fixed_counters);
    common->events_missing = ~events;
}

/* The first host that stands in the way of a PMU is the reason. */
static void judge_pmu(X86Baseline *baseline, const CpuContract *contract, const char *who,
                      const char *why_no_pmu)
{
    if (baseline->no_pmu) {
        return;
    }
    if (!contract->pmu_enabled) {
        baseline->no_pmu =
            g_strdup_printf("%s has none for guests%s%s", who, why_no_pmu ? ": " : "",
                            why_no_pmu ? why_no_pmu : "");
    } else if (contract->x86.pmu.gp_width != baseline->pmu.gp_width ||
               contract->x86.pmu.fixed_width != baseline->pmu.fixed_width) {
        g_autofree char *before = pmu_text(&baseline->pmu);
        g_autofree char *here = pmu_text(&contract->x86.pmu);

        baseline->no_pmu = g_strdup_printf(
            "%s has counters of another width than %s (%s; %s), and a guest has those of "
            "the host it starts on, so it could go one way only",
            who, baseline->first, here, before);
    } else {
        meet_pmu(baseline, &contract->x86.pmu);
    }
}

bool x86_baseline_add(X86Baseline *baseline, const CpuContract *contract, const char *who,
                      const char *why_no_pmu, GError **errp)
{
    const X86Contract *x86 = &contract->x86;

    if (!baseline->first) {
        begin(baseline, x86, who);
    } else if (strcmp(baseline->vendor, x86->vendor) != 0) {
        error_set(
            errp,
            "%s (%s) and %s (%s) have no CPU in common that a guest could move with",
            baseline->first, baseline->vendor, who, x86->vendor);
        return false;
    }
    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        baseline->words[word] &= x86->words[word];
    }
    if (x86->family != baseline->family || x86->model != baseline->model) {
        baseline->is_one_cpu = false;
    }
    /* The lower identity is one that software for either knows. */
    if (x86->family * 256 + x86->model < baseline->family * 256 + baseline->model) {
        baseline->family = x86->family;
        baseline->model = x86->model;
    }
    baseline->stepping = MIN(baseline->stepping, x86->stepping);
    baseline->phys_bits = MIN(baseline->phys_bits, x86->phys_bits);
    if ((x86->words[X86_WORD_PERF_CAPABILITIES] ^ baseline->formats) & X86_LBR_FMT_MASK) {
        baseline->is_one_lbr = false;
    }
    if ((x86->words[X86_WORD_PERF_CAPABILITIES] & X86_PEBS_GROUP_MASK) !=
        baseline->group) {
        baseline->is_one_group = false;
    }
    judge_pmu(baseline, contract, who, why_no_pmu);
    return true;
}

static void append_features(const X86Baseline *baseline, GString *text)
{
    bool with_pmu = !baseline->no_pmu;

    for (unsigned i = 0; i < X86_FEATURE_COUNT; i++) {
        const X86FeatureRow *row = &x86_feature_rows[i];
        /* The PEBS features follow pebs-fmt; a part of them cannot be had. */
        uint64_t left = row->word == PERFCAP ? with_pmu ? ~X86_PEBS_GROUP_MASK : 0
                        : row->flags & X86_OF_PMU && !with_pmu ? 0
                                                               : ~UINT64_C(0);

        if (x86_words_have(baseline->words, i) && row->mask & left) {
            g_string_append_printf(text, ",%s=on", row->name);
        }
    }
}

/* The smallest of all, said where they differ.  AMD's counters follow from features, but
 * for their number with PerfMonV2. */
static void append_geometry(const X86Baseline *baseline, GString *text)
{
    const X86Pmu *pmu = &baseline->pmu;

    if (baseline->no_pmu || baseline->is_one_pmu) {
        return;
    }
    if (!baseline->is_amd_pmu) {
        g_string_append_printf(
            text,
            ",pmu-version=%u,pmu-counters=%u,pmu-fixed-counters=%u,pmu-events=0x%" PRIx32,
            pmu->version, pmu->gp_counters, pmu->fixed_counters, x86_pmu_events(pmu));
    } else if (x86_words_have(baseline->words, X86_PERFMON_V2)) {
        g_string_append_printf(text, ",pmu-counters=%u", pmu->gp_counters);
    }
}

char *x86_baseline_text(const X86Baseline *baseline)
{
    GString *text = g_string_new("base");
    bool with_formats = !baseline->no_pmu && baseline->is_one_cpu;
    uint64_t lbr = baseline->formats & X86_LBR_FMT_MASK;
    uint64_t pebs = (baseline->formats & X86_PEBS_FMT_MASK) >> X86_PEBS_FMT_SHIFT;

    g_string_append_printf(text, ",pmu=%s,family=%u,model=%u,stepping=%u",
                           baseline->no_pmu ? "off" : "on", baseline->family,
                           baseline->model, baseline->stepping);
    if (baseline->phys_bits < BASE_PHYS_BITS) {
        g_string_append_printf(text, ",phys-bits=%u", baseline->phys_bits);
    }
    append_geometry(baseline, text);
    append_features(baseline, text);
    if (with_formats && lbr && baseline->is_one_lbr) {
        g_string_append_printf(text, ",lbr-fmt=%" PRIu64, lbr);
    }
    if (with_formats && pebs && baseline->is_one_group) {
        g_string_append_printf(text, ",pebs-fmt=%" PRIu64, pebs);
    }
    return g_string_free(text, FALSE);
}

const char *x86_baseline_no_pmu(const X86Baseline *baseline)
{
    return baseline->no_pmu;
}

char *x86_contract_baseline(const CpuContract *a, const CpuContract *b, GError **errp)
{
    g_autoptr(X86Baseline) baseline = x86_baseline_new();

    return x86_baseline_add(baseline, a, a->cpu_model, NULL, errp) &&
                   x86_baseline_add(baseline, b, b->cpu_model, NULL, errp)
               ? x86_baseline_text(baseline)
               : NULL;
}
