/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "common/contract-rows.h"
#include "resolve.h"
#include "util/bits.h"

/* PERF_CTL0 to 3, on every AMD processor since K7 (APM volume 2, 13.2). */
#define X86_AMD_LEGACY_COUNTERS 4

/* Fixed counters come with version 2; the others are there from the first on. */
static unsigned least(const ContractRow *row)
{
    return row->place == offsetof(CpuContract, x86.pmu.fixed_counters) ? 0 : 1;
}

static void refuse(X86Work *work, const char *row, const char *asked, const char *offered,
                   const char *cause, const char *otherwise)
{
    g_autofree char *remedy =
        otherwise ? g_strdup(otherwise) : g_strdup_printf("leave %s out", row);

    report_add(work->report, &(Finding){.level = FINDING_ERROR,
                                        .row = row,
                                        .asked = asked,
                                        .offered = offered,
                                        .cause = cause,
                                        .remedy = remedy});
}

static bool is_of_counters(const ContractRow *row)
{
    return row->place == offsetof(CpuContract, x86.pmu.gp_counters);
}

/* Why @row can be no more than it is: the version that was asked for, or the host's. */
static const char *why_no_more(const X86Work *work, const ContractRow *row)
{
    return row->place == offsetof(CpuContract, x86.pmu.fixed_counters) &&
                   work->contract->x86.pmu.version < 2
               ? "a PMU of version 1 has none"
               : "KVM gives no more on this host";
}

/* Of an AMD PMU features tell all but the counters of one with a leaf 0x80000022. */
static bool is_told_by_features(const X86Work *work, const ContractRow *row)
{
    return work->contract->x86.is_amd_pmu &&
           !(is_of_counters(row) && x86_words_have(work->words, X86_PERFMON_V2));
}

/* The feature whose setting gives the number; NULL: none does. */
static const char *amd_remedy(const X86Work *work, const ContractRow *row, uint64_t asked)
{
    const X86FeatureRow *v2 = &x86_feature_rows[X86_PERFMON_V2];

    if (!is_of_counters(row) || !x86_words_have(work->words, X86_PERFCTR_CORE)) {
        return NULL;
    }
    if (asked == X86_AMD_LEGACY_COUNTERS) {
        return "use perfctr-core=off";
    }
    return asked && asked <= work->host_pmu.pmu.gp_counters &&
                   (work->host[v2->word] & v2->mask) == v2->mask
               ? "use perfmon-v2=on"
               : NULL;
}

static void resolve_number(X86Work *work, const ContractRow *row)
{
    uint64_t asked = *(const uint64_t *)((const char *)work->cpu + row->asked);
    bool is_told = work->pmu_on && is_told_by_features(work, row);
    unsigned have = (unsigned)contract_row_number(row, work->contract);
    unsigned low = is_told ? have : MIN(least(row), have);
    const char *cause = NULL;
    g_autofree char *asked_text = NULL, *offered = NULL;

    if (asked == X86_NUMBER_UNSET || asked == have) {
        return;
    }
    asked_text = g_strdup_printf("%" PRIu64, asked);
    offered = low == have ? g_strdup_printf("%u", have)
                          : g_strdup_printf("%u to %u", low, have);
    if (!work->pmu_on) {
        cause = "the guest has no PMU";
    } else if (is_told) {
        cause = "AMD's CPUID tells it by perfctr-core and perfmon-v2 alone";
    } else if (asked < low || asked > have) {
        cause =
            asked > have ? why_no_more(work, row) : "fewer is none: pmu=off says that";
    }
    if (cause) {
        refuse(work, row->property, asked_text, work->pmu_on ? offered : NULL, cause,
               is_told ? amd_remedy(work, row, asked) : NULL);
        return;
    }
    contract_row_set(row, work->contract, asked);
}

/* pmu-events: architectural events, a bit each as in leaf 0xA, but 1 for there. */
static void resolve_events(X86Work *work)
{
    X86Pmu *pmu = &work->contract->x86.pmu;
    uint64_t asked = work->cpu->pmu_events;
    uint32_t have = x86_pmu_events(pmu);
    g_autofree char *asked_text = NULL, *offered = NULL;

    if (asked == X86_NUMBER_UNSET || asked == have) {
        return;
    }
    asked_text = g_strdup_printf("0x%" PRIx64, asked);
    offered = g_strdup_printf("0x%" PRIx32, have);
    if (!work->pmu_on || work->contract->x86.is_amd_pmu) {
        refuse(work, "pmu-events", asked_text, NULL,
               work->pmu_on ? "AMD's CPUID lists no events" : "the guest has no PMU",
               NULL);
    } else if (asked & ~(uint64_t)have) {
        refuse(work, "pmu-events", asked_text, offered,
               "KVM gives no other events on this host", NULL);
    } else {
        pmu->events_missing =
            ~(uint32_t)asked & (uint32_t)bits_mask(0, MIN(pmu->events, 32));
    }
}

void x86_resolve_geometry(X86Work *work)
{
    X86Contract *x86 = &work->contract->x86;

    x86->is_amd_pmu = work->host_pmu.is_amd;
    x86->pmu = work->pmu_on ? work->host_pmu.pmu : (X86Pmu){0};
    if (work->pmu_on && x86->is_amd_pmu) {
        if (!x86_words_have(work->words, X86_PERFCTR_CORE)) {
            x86->pmu.gp_counters = X86_AMD_LEGACY_COUNTERS;
            x86->pmu.version = 1;
        } else if (!x86_words_have(work->words, X86_PERFMON_V2)) {
            x86->pmu.gp_counters = 6;
            x86->pmu.version = 1;
        }
    }
    for (unsigned i = 0; i < x86_contract_row_count; i++) {
        if (x86_contract_rows[i].asked && x86_contract_rows[i].kind == ROW_NUMBER) {
            resolve_number(work, &x86_contract_rows[i]);
        }
        /* The version's row is before theirs, so that theirs are judged by it. */
        if (x86->pmu.version < 2) {
            x86->pmu.fixed_counters = x86->pmu.fixed_width = 0;
        }
    }
    resolve_events(work);
}
