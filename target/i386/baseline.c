/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/x86-baseline.h"

#include <inttypes.h>
#include <string.h>

#include "common/contract-rows.h"

#include "util/bits.h"
#include "util/error.h"

#define PERFCAP X86_WORD_PERF_CAPABILITIES
#define BASE_PHYS_BITS                                                                   \
    40 /* of a model that says nothing of them, where the host has them */

struct X86Baseline {
    char *first; /* the first host's name; NULL: there is none yet */
    /* What all have, in the shape of a contract; of family and model the lowest. */
    CpuContract *common;
    bool is_one_cpu; /* all of one family and model */
    bool is_one_pmu; /* … with the same counters and events */
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
        cpu_contract_free(baseline->common);
        g_free(baseline);
    }
}

static void begin(X86Baseline *baseline, const CpuContract *contract, const char *who)
{
    baseline->first = g_strdup(who);
    baseline->common = cpu_contract_dup(contract);
    baseline->is_one_cpu = baseline->is_one_pmu = true;
}

/* A number or set of the PMU that a guest can be told less of. */
static bool is_told(const ContractRow *row)
{
    return row->flags & ROW_OF_PMU && row->asked;
}

/* … and one that it has as its host has it. */
static bool is_fixed(const ContractRow *row)
{
    return row->flags & ROW_OF_PMU && row->relation == RELATION_AT_MOST && !row->asked;
}

/* "pmu.version 5, pmu.gp-counters 8, …": what hosts of one pool may differ in. */
static char *pmu_text(const CpuContract *contract)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < x86_contract_row_count; i++) {
        const ContractRow *row = &x86_contract_rows[i];

        if (is_told(row) || is_fixed(row)) {
            g_autofree char *value = contract_row_text(row, contract, NULL);

            g_string_append_printf(text, "%s%s %s", text->len ? ", " : "",
                                   row->name + strlen("pmu."), value);
        }
    }
    return g_string_free(text, FALSE);
}

/* What both have: a guest can be told of fewer counters, and of fewer events. */
static void meet_pmu(X86Baseline *baseline, const CpuContract *contract)
{
    X86Pmu *pmu = &baseline->common->x86.pmu;
    uint32_t events = x86_pmu_events(pmu) & x86_pmu_events(&contract->x86.pmu);

    for (unsigned i = 0; i < x86_contract_row_count; i++) {
        const ContractRow *row = &x86_contract_rows[i];

        if (is_told(row)) {
            uint64_t common = contract_row_number(row, baseline->common);
            uint64_t here = contract_row_number(row, contract);

            baseline->is_one_pmu = baseline->is_one_pmu && common == here;
            if (row->kind == ROW_NUMBER) {
                contract_row_set(row, baseline->common, MIN(common, here));
            }
        }
    }
    pmu->events_missing = ~events;
}

static bool same_widths(const CpuContract *a, const CpuContract *b)
{
    for (unsigned i = 0; i < x86_contract_row_count; i++) {
        if (is_fixed(&x86_contract_rows[i]) &&
            !contract_row_equal(&x86_contract_rows[i], a, b)) {
            return false;
        }
    }
    return true;
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
    } else if (!same_widths(baseline->common, contract)) {
        g_autofree char *before = pmu_text(baseline->common);
        g_autofree char *here = pmu_text(contract);

        baseline->no_pmu = g_strdup_printf(
            "%s has counters of another width than %s (%s; %s), and a guest has those of "
            "the host it starts on, so it could go one way only",
            who, baseline->first, here, before);
    } else {
        meet_pmu(baseline, contract);
    }
}

/* The lower identity is one that software for either knows. */
static void meet_identity(X86Baseline *baseline, const X86Contract *x86)
{
    X86Contract *common = &baseline->common->x86;

    if (x86->family != common->family || x86->model != common->model) {
        baseline->is_one_cpu = false;
    }
    if (x86->family * 256 + x86->model < common->family * 256 + common->model) {
        common->family = x86->family;
        common->model = x86->model;
    }
    common->stepping = MIN(common->stepping, x86->stepping);
    common->phys_bits = MIN(common->phys_bits, x86->phys_bits);
}

/* A format is one of all, or none; the PEBS group goes with its. */
static void meet_words(X86Baseline *baseline, const X86Contract *x86)
{
    X86Contract *common = &baseline->common->x86;
    uint64_t differ = common->words[PERFCAP] ^ x86->words[PERFCAP];

    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        common->words[word] &= x86->words[word];
    }
    for (X86FieldId field = 0; field < X86_FIELD_COUNT; field++) {
        const X86FieldRow *row = &x86_field_rows[field];
        uint64_t whole = row->flags & X86_OF_PEBS ? X86_PEBS_GROUP_MASK : row->mask;

        if (differ & whole) {
            common->words[PERFCAP] &= ~whole;
        }
    }
}

bool x86_baseline_add(X86Baseline *baseline, const CpuContract *contract, const char *who,
                      const char *why_no_pmu, GError **errp)
{
    const X86Contract *x86 = &contract->x86;

    if (!baseline->first) {
        begin(baseline, contract, who);
    } else if (strcmp(baseline->common->x86.vendor, x86->vendor) != 0) {
        error_set(
            errp,
            "%s (%s) and %s (%s) have no CPU in common that a guest could move with",
            baseline->first, baseline->common->x86.vendor, who, x86->vendor);
        return false;
    }
    meet_words(baseline, x86);
    meet_identity(baseline, x86);
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

        if (x86_words_have(baseline->common->x86.words, i) && row->mask & left) {
            g_string_append_printf(text, ",%s=on", row->name);
        }
    }
}

/* The smallest of all, said where they differ.  AMD's counters follow from features, but
 * for their number with PerfMonV2. */
static void append_geometry(const X86Baseline *baseline, GString *text)
{
    const X86Contract *common = &baseline->common->x86;

    for (unsigned i = 0; i < x86_contract_row_count; i++) {
        const ContractRow *row = &x86_contract_rows[i];
        bool is_here = !common->is_amd_pmu ||
                       (x86_words_have(common->words, X86_PERFMON_V2) &&
                        row->place == offsetof(CpuContract, x86.pmu.gp_counters));

        if (is_told(row) && is_here) {
            g_autofree char *value = contract_row_text(row, baseline->common, NULL);

            g_string_append_printf(text, ",%s=%s", row->property, value);
        }
    }
}

static void append_formats(const X86Baseline *baseline, GString *text)
{
    for (X86FieldId field = 0; field < X86_FIELD_COUNT; field++) {
        uint64_t number = x86_field_get(baseline->common->x86.words, field);

        if (number) {
            g_string_append_printf(text, ",%s=%" PRIu64, x86_field_rows[field].name,
                                   number);
        }
    }
}

char *x86_baseline_text(const X86Baseline *baseline)
{
    GString *text = g_string_new("base");
    const X86Contract *common = &baseline->common->x86;

    g_string_append_printf(text, ",pmu=%s,family=%u,model=%u,stepping=%u",
                           baseline->no_pmu ? "off" : "on", common->family, common->model,
                           common->stepping);
    if (common->phys_bits < BASE_PHYS_BITS) {
        g_string_append_printf(text, ",phys-bits=%u", common->phys_bits);
    }
    if (!baseline->no_pmu && !baseline->is_one_pmu) {
        append_geometry(baseline, text);
    }
    append_features(baseline, text);
    if (!baseline->no_pmu && baseline->is_one_cpu) {
        append_formats(baseline, text);
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
