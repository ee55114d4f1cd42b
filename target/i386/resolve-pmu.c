/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PMU passes of the x86 resolver: the switch, the formats, the PEBS group, geometry.
 */
#include <inttypes.h>
#include <string.h>

#include "resolve.h"
#include "util/bits.h"

#define PERFCAP X86_WORD_PERF_CAPABILITIES

static uint64_t pebs_field(uint64_t perfcap)
{
    return (perfcap & X86_PEBS_FMT_MASK) >> X86_PEBS_FMT_SHIFT;
}

static void remove_feature(X86Work *work, X86FeatureId feature, X86Cause cause)
{
    const X86FeatureRow *row = &x86_feature_rows[feature];

    x86_work_remove(work, row->word, row->mask, cause, 0);
}

static void report_no_pmu(X86Work *work)
{
    bool is_explicit = work->cpu->pmu == ON_OFF_AUTO_ON;

    if (is_explicit && work->is_silent) {
        return;
    }
    report_add(work->report, &(Finding){.level = is_explicit ? work->level : FINDING_NOTE,
                                        .row = (char *)"pmu",
                                        .asked = (char *)(is_explicit ? "on" : "auto"),
                                        .offered = (char *)"off",
                                        .given = (char *)"off",
                                        .cause = (char *)work->host_pmu.missing_cause,
                                        .remedy = (char *)work->host_pmu.missing_remedy});
}

/* Off should be off, but AMD's counters are there whatever CPUID says. */
static void report_stuck_pmu(X86Work *work)
{
    if (!work->is_silent) {
        report_add(work->report,
                   &(Finding){.level = work->level,
                              .row = (char *)"pmu",
                              .asked = (char *)"off",
                              .offered = (char *)"on",
                              .given = (char *)"hidden",
                              .cause =
                                  (char *)"this kernel cannot take its PMU away from "
                                          "a guest: it is older than 5.18",
                              .remedy = (char *)"use a newer kernel"});
    }
}

void x86_resolve_pmu_switch(X86Work *work)
{
    X86Cause cause = work->pmu_wanted ? X86_CAUSE_NO_PMU : X86_CAUSE_PMU_OFF;
    const X86Cpu *cpu = work->cpu;

    work->pmu_on = work->pmu_wanted && work->host_pmu.is_there;
    work->contract->pmu_enabled = work->pmu_on;
    /* Off is off: where KVM can take its PMU away from the VM, it is told to. */
    work->contract->x86.disable_pmu =
        !work->pmu_wanted && work->in->host->caps[KVM_CAPID_PMU_CAPABILITY] & 1;
    if (work->pmu_on) {
        return;
    }
    if (work->pmu_wanted) {
        report_no_pmu(work);
    } else if (work->host_pmu.is_amd && work->host_pmu.is_there &&
               !work->contract->x86.disable_pmu) {
        report_stuck_pmu(work);
    }
    if (!cpu->x_pdcm_on_even_without_pmu) {
        remove_feature(work, X86_PDCM, cause);
    }
    if (!cpu->x_ds_without_pmu) {
        remove_feature(work, X86_DS, cause);
    }
    remove_feature(work, X86_ARCH_LBR, cause);
    remove_feature(work, X86_INTEL_PT, cause);
    remove_feature(work, X86_PERFMON_V2, cause);
    if (!cpu->x_amd_perfmon_always_on) {
        remove_feature(work, X86_PERFCTR_CORE, cause);
        remove_feature(work, X86_PERFCTR_NB, cause);
    }
}

/* The number that @format asks for; false where the field stays as it is. */
static bool format_number(X86Work *work, const X86Format *format, uint64_t host,
                          const char *row, uint64_t *ret)
{
    if (format->kind == X86_FORMAT_UNSET) {
        return false;
    }
    *ret = format->kind == X86_FORMAT_HOST ? host : format->value;
    if (format->kind == X86_FORMAT_HOST && host == 0 && !work->is_silent) {
        const char *remedy = NULL;
        const char *cause = x86_host_missing(
            work->in->host, PERFCAP, strcmp(row, "lbr-fmt") == 0 ? 0 : 8, &remedy);

        report_add(work->report, &(Finding){.level = work->level,
                                            .row = (char *)row,
                                            .asked = (char *)"host",
                                            .offered = (char *)"0",
                                            .given = (char *)"0",
                                            .cause = (char *)cause,
                                            .remedy = (char *)remedy});
    }
    return true;
}

void x86_resolve_formats(X86Work *work)
{
    uint64_t host = work->host[PERFCAP];
    uint64_t user_off = work->cpu->set_mask[PERFCAP] & ~work->cpu->set_value[PERFCAP];
    uint64_t number;

    if (format_number(work, &work->cpu->lbr_fmt, host & X86_LBR_FMT_MASK, "lbr-fmt",
                      &number)) {
        work->words[PERFCAP] = (work->words[PERFCAP] & ~X86_LBR_FMT_MASK) | number;
        work->implied[PERFCAP] |= number;
        work->lost_formats |= number;
    }
    if (format_number(work, &work->cpu->pebs_fmt, pebs_field(host), "pebs-fmt",
                      &number)) {
        number <<= X86_PEBS_FMT_SHIFT;
        work->words[PERFCAP] = (work->words[PERFCAP] & ~X86_PEBS_FMT_MASK) | number;
        work->implied[PERFCAP] |= number;
        work->lost_formats |= number;
    }
    if (work->words[PERFCAP] & X86_PEBS_FMT_MASK) {
        /* On is on whole: what nobody spoke about follows the host. */
        uint64_t rest = host & X86_PEBS_GROUP_MASK & ~X86_PEBS_FMT_MASK & ~user_off &
                        ~work->words[PERFCAP];

        work->words[PERFCAP] |= rest;
        work->implied[PERFCAP] |= rest;
    } else {
        x86_work_remove(work, PERFCAP, X86_PEBS_GROUP_MASK | X86_PEBS_PT_BIT,
                        X86_CAUSE_GROUP, 0);
    }
}

/* Why a format that was asked for cannot be; NULL where it can. */
typedef struct FormatRefusal {
    const char *cause;
    const char *remedy;
} FormatRefusal;

static bool same_processor(const X86Work *work)
{
    uint32_t host = host_profile_signature(work->in->host);
    const X86Contract *x86 = &work->contract->x86;

    return x86->family == x86_signature_family(host) &&
           x86->model == x86_signature_model(host);
}

static FormatRefusal judge_format(X86Work *work, bool is_pebs, uint64_t field,
                                  uint64_t host_field)
{
    FormatRefusal refusal;

    if (!work->pmu_wanted) {
        return (FormatRefusal){"the guest has no PMU: pmu=off", "use pmu=on"};
    }
    if (!work->pmu_on) {
        return (FormatRefusal){work->host_pmu.missing_cause,
                               work->host_pmu.missing_remedy};
    }
    if (!host_field) {
        refusal.cause =
            x86_host_missing(work->in->host, PERFCAP, is_pebs ? 8 : 0, &refusal.remedy);
        return refusal;
    }
    if (is_pebs && !(x86_words_have(work->words, X86_DS) &&
                     x86_words_have(work->words, X86_DTES64))) {
        return (FormatRefusal){"the guest has no debug store for PEBS records",
                               "add ds=on,dtes64=on"};
    }
    if (!x86_words_have(work->words, X86_PDCM)) {
        return (FormatRefusal){"the guest lacks pdcm, which announces MSR 0x345",
                               "add pdcm=on"};
    }
    if (field != host_field) {
        return (FormatRefusal){"KVM rule: a format must equal the host's",
                               "use the host's number, or host, or off"};
    }
    if (!same_processor(work)) {
        return (FormatRefusal){
            "KVM rule: the guest's family and model must be the host's",
            "use -cpu host, or set family= and model= to the host's"};
    }
    return (FormatRefusal){NULL, NULL};
}

static void refuse_format(X86Work *work, const char *row, const X86Format *format,
                          uint64_t field, uint64_t host_field, FormatRefusal why)
{
    g_autofree char *asked = g_strdup_printf("%" PRIu64, field);
    g_autofree char *offered = g_strdup_printf("%" PRIu64, host_field);

    /* A format that was taken over, not asked for, goes without ado. */
    if (format->kind != X86_FORMAT_UNSET) {
        report_add(work->report, &(Finding){.level = FINDING_ERROR,
                                            .row = (char *)row,
                                            .asked = asked,
                                            .offered = offered,
                                            .given = (char *)"0",
                                            .cause = (char *)why.cause,
                                            .remedy = (char *)why.remedy});
    }
}

/* Names of the bits in @mask, for a message. */
static char *bit_names(uint64_t mask)
{
    GString *text = g_string_new(NULL);

    for (unsigned bit = 0; bit < 64; bit++) {
        const char *name = mask & BIT64(bit) ? x86_word_bit_name(PERFCAP, bit) : NULL;

        if (name) {
            g_string_append_printf(text, "%s%s", text->len ? ", " : "", name);
        }
    }
    return g_string_free(text, FALSE);
}

/* KVM compares the group whole; a part is refused here, with the names. */
static bool judge_group(X86Work *work)
{
    uint64_t differ = (work->words[PERFCAP] ^ work->host[PERFCAP]) & X86_PEBS_GROUP_MASK;
    g_autofree char *names = bit_names(differ);
    g_autofree char *cause = NULL;

    if (!differ) {
        return true;
    }
    cause =
        g_strdup_printf("group incomplete: with PEBS on, KVM wants every PEBS feature "
                        "as the host has it; %s differ%s",
                        names, strchr(names, ',') ? "" : "s");
    report_add(work->report,
               &(Finding){.level = FINDING_ERROR,
                          .row = (char *)"pebs-fmt",
                          .asked = names,
                          .given = (char *)"0",
                          .cause = cause,
                          .remedy = (char *)"leave these features to pebs-fmt"});
    return false;
}

static void finish_formats(X86Work *work)
{
    const X86Cpu *cpu = work->cpu;
    uint64_t lbr_host = work->host[PERFCAP] & X86_LBR_FMT_MASK;
    uint64_t pebs_host = pebs_field(work->host[PERFCAP]);
    uint64_t asked = work->words[PERFCAP] | work->lost_formats;
    uint64_t lbr = asked & X86_LBR_FMT_MASK, pebs = pebs_field(asked);
    FormatRefusal why;

    if (lbr) {
        why = judge_format(work, false, lbr, lbr_host);
        if (why.cause) {
            refuse_format(work, "lbr-fmt", &cpu->lbr_fmt, lbr, lbr_host, why);
            x86_work_remove(work, PERFCAP, X86_LBR_FMT_MASK, X86_CAUSE_FORMAT, 0);
        }
    }
    if (pebs) {
        why = judge_format(work, true, pebs, pebs_host);
        if (why.cause) {
            refuse_format(work, "pebs-fmt", &cpu->pebs_fmt, pebs, pebs_host, why);
        }
        if (why.cause || !judge_group(work)) {
            x86_work_remove(work, PERFCAP, X86_PEBS_GROUP_MASK, X86_CAUSE_FORMAT, 0);
        }
    }
}

static void finish_geometry(X86Work *work)
{
    X86Contract *x86 = &work->contract->x86;

    x86->is_amd_pmu = work->host_pmu.is_amd;
    x86->pmu = (X86Pmu){0};
    if (!work->pmu_on) {
        return;
    }
    x86->pmu = work->host_pmu.pmu;
    if (x86->is_amd_pmu) {
        if (!x86_words_have(work->words, X86_PERFCTR_CORE)) {
            x86->pmu.gp_counters = 4;
            x86->pmu.version = 1;
        } else if (!x86_words_have(work->words, X86_PERFMON_V2)) {
            x86->pmu.gp_counters = 6;
            x86->pmu.version = 1;
        }
    }
}

/* Topdown metrics mean nothing without the slots counter. */
static void finish_perf_metrics(X86Work *work)
{
    const X86FeatureRow *row = &x86_feature_rows[X86_PERF_METRICS];
    bool is_asked = x86_work_asked(work, PERFCAP) & row->mask;

    if (!x86_words_have(work->words, X86_PERF_METRICS) ||
        work->contract->x86.pmu.fixed_counters >= 4) {
        return;
    }
    work->words[PERFCAP] &= ~row->mask;
    if (is_asked && !work->is_silent) {
        report_add(
            work->report,
            &(Finding){.level = work->level,
                       .row = (char *)row->name,
                       .asked = (char *)"on",
                       .offered = (char *)"on",
                       .given = (char *)"off",
                       .cause = (char *)"leaf 0xa offers no fixed counter 3",
                       .remedy = (char *)"use a kernel that offers fixed counter 3"});
    }
    work->cause_mask[PERFCAP] |= row->mask;
    work->cause[PERFCAP][__builtin_ctzll(row->mask)] = X86_CAUSE_FORMAT;
}

static void finish_misc_enable(X86Work *work)
{
    uint64_t value = X86_MISC_FAST_STRINGS;

    if (x86_words_have(work->words, X86_MONITOR)) {
        value |= X86_MISC_MWAIT;
    }
    if (!work->cpu->x_debug_store_always_available) {
        value |= X86_MISC_BTS_UNAVAILABLE;
        if (!(work->words[PERFCAP] & X86_PEBS_FMT_MASK)) {
            value |= X86_MISC_PEBS_UNAVAILABLE;
        }
    }
    work->contract->x86.misc_enable = value;
}

void x86_resolve_pmu_finish(X86Work *work)
{
    finish_formats(work);
    finish_geometry(work);
    finish_perf_metrics(work);
    finish_misc_enable(work);
    work->contract->x86.perf_capabilities = work->words[PERFCAP];
}
