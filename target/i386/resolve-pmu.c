/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PMU passes of the x86 resolver: the switch, the formats, the PEBS group, geometry.
 */
#include <inttypes.h>
#include <string.h>

#include "resolve.h"
#include "target/contract-row.h"
#include "util/bits.h"

#define PERFCAP    X86_WORD_PERF_CAPABILITIES
#define FORMATS    (X86_LBR_FMT_MASK | X86_PEBS_FMT_MASK)
#define PEBS_PARTS ((uint64_t)X86_PEBS_FEATURES)
#define LEAVE_OUT  "leave it out"

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
                                        .row = "pmu",
                                        .of = contract_pmu_row(TARGET_ARCH_X86_64),
                                        .asked = (is_explicit ? "on" : "auto"),
                                        .offered = "off",
                                        .given = "off",
                                        .cause = work->host_pmu.missing_cause,
                                        .remedy = work->host_pmu.missing_remedy});
}

/* The mediated vPMU takes the whole PMU, and the watchdog has one counter of it. */
static void report_watchdog(X86Work *work)
{
    report_add(work->report,
               &(Finding){.level = FINDING_WARNING,
                          .row = "pmu",
                          .of = contract_pmu_row(TARGET_ARCH_X86_64),
                          .asked = "on",
                          .offered = "on",
                          .given = "on",
                          .cause = "mediated mode: KVM may create no vCPU while "
                                   "the NMI watchdog of this host holds a counter",
                          .remedy = "write 0 to /proc/sys/kernel/nmi_watchdog"});
}

/* Off should be off, but AMD's counters are there whatever CPUID says. */
static void report_stuck_pmu(X86Work *work)
{
    if (!work->is_silent) {
        report_add(work->report,
                   &(Finding){.level = work->level,
                              .row = "pmu",
                              .of = contract_pmu_row(TARGET_ARCH_X86_64),
                              .asked = "off",
                              .offered = "on",
                              .given = "hidden",
                              .cause = "this kernel cannot take its PMU away from "
                                       "a guest: it is older than 5.18",
                              .remedy = "use a newer kernel"});
    }
}

/* Nobody said that it should have none: most who wonder about that want one. */
static void note_model_without(X86Work *work)
{
    report_add(work->report, &(Finding){.level = FINDING_NOTE,
                                        .row = "pmu",
                                        .of = contract_pmu_row(TARGET_ARCH_X86_64),
                                        .asked = "auto",
                                        .offered = "on",
                                        .given = "off",
                                        .cause = MODEL_WITHOUT_PMU,
                                        .remedy = "use pmu=on"});
}

/* What else was said of the guest may leave it no PMU it could find. */
static void check_guest(X86Work *work)
{
    const X86Cpu *cpu = work->cpu;

    if (!work->pmu_wanted || !work->host_pmu.is_there) {
        return;
    }
    if (cpu->vendor && x86_vendor_is_amd(cpu->vendor) != work->host_pmu.is_amd) {
        work->host_pmu.is_there = false;
        work->host_pmu.missing_cause =
            "command line: with another vendor's name software looks for another PMU";
        work->host_pmu.missing_remedy = "leave vendor out, or use pmu=off";
    } else if (!work->host_pmu.is_amd && x86_work_level(work, 0xa) < 0xa) {
        work->host_pmu.is_there = false;
        work->host_pmu.missing_cause = "command line: the highest CPUID leaf is below "
                                       "0xa, which describes the PMU";
        work->host_pmu.missing_remedy = "leave level out, or use pmu=off";
    }
}

void x86_resolve_pmu_switch(X86Work *work)
{
    X86Cause cause = work->pmu_wanted ? X86_CAUSE_NO_PMU : X86_CAUSE_PMU_OFF;
    const X86Cpu *cpu = work->cpu;

    check_guest(work);
    work->pmu_on = work->pmu_wanted && work->host_pmu.is_there;
    work->contract->pmu_enabled = work->pmu_on;
    work->contract->pmu_mode =
        work->pmu_on ? host_profile_mode(work->in->host) : HOST_MODE_UNKNOWN;
    if (work->pmu_on) {
        if (work->host_pmu.is_mediated && work->in->host->nmi_watchdog == 1) {
            report_watchdog(work);
        }
        return;
    }
    if (work->pmu_wanted) {
        report_no_pmu(work);
    } else if (work->host_pmu.is_amd && work->host_pmu.is_there &&
               !host_profile_can_disable_pmu(work->in->host)) {
        report_stuck_pmu(work);
    } else if (work->host_pmu.is_there && cpu->pmu == ON_OFF_AUTO_AUTO) {
        note_model_without(work);
    }
    remove_feature(work, X86_PDCM, cause);
    if (!cpu->x_ds_without_pmu) {
        remove_feature(work, X86_DS, cause);
    }
    remove_feature(work, X86_ARCH_LBR, cause);
    if (!cpu->x_intel_pt_without_pmu) {
        remove_feature(work, X86_INTEL_PT, cause);
    }
    remove_feature(work, X86_PERFMON_V2, cause);
    if (!cpu->x_amd_perfmon_always_on) {
        remove_feature(work, X86_PERFCTR_CORE, cause);
        remove_feature(work, X86_PERFCTR_NB, cause);
    }
}

static const char *field_missing(const X86Work *work, X86FieldId field,
                                 const char **ret_remedy)
{
    const X86FieldRow *row = &x86_field_rows[field];

    return x86_host_missing(work->in->host, row->word,
                            (unsigned)__builtin_ctzll(row->mask), ret_remedy);
}

/* The number that is asked for of @field, which stays as it is where none is. */
static void put_format(X86Work *work, X86FieldId field)
{
    const X86FieldRow *row = &x86_field_rows[field];
    const X86Format *format = &work->formats[field];
    uint64_t host = x86_field_get(work->host, field);
    uint64_t bits;

    if (format->kind == X86_FORMAT_UNSET) {
        return;
    }
    bits = x86_field_bits(field, format->kind == X86_FORMAT_HOST ? host : format->value);
    work->words[row->word] = (work->words[row->word] & ~row->mask) | bits;
    work->implied[row->word] |= bits;
    /* What was asked for by name is told by its name. */
    if (format->kind == X86_FORMAT_HOST && host == 0 && !work->is_silent &&
        !(work->pebs_by_name && row->flags & X86_OF_PEBS)) {
        const char *remedy = NULL;
        const char *cause = field_missing(work, field, &remedy);

        report_add(work->report, &(Finding){.level = work->level,
                                            .row = row->name,
                                            .asked = "host",
                                            .offered = "0",
                                            .given = "0",
                                            .cause = cause,
                                            .remedy = (remedy ? remedy : LEAVE_OUT)});
    }
}

/* Names of the bits in @mask with @between, for a message. */
static char *bit_names(uint64_t mask, const char *between)
{
    GString *text = g_string_new(NULL);

    for (unsigned bit = 0; bit < 64; bit++) {
        const char *name = mask & BIT64(bit) ? x86_word_bit_name(PERFCAP, bit) : NULL;

        if (name) {
            g_string_append_printf(text, "%s%s", text->len ? between : "", name);
        }
    }
    return g_string_free(text, FALSE);
}

/* The PEBS features that somebody asked for by name. */
static uint64_t named_pebs(const X86Work *work)
{
    return work->cpu->set_value[PERFCAP] & work->cpu->set_mask[PERFCAP] & PEBS_PARTS;
}

static void report_contradiction(X86Work *work, const X86FeatureRow *row)
{
    g_autofree char *remedy =
        g_strdup_printf("leave %s out, or leave pebs-fmt out", row->name);

    report_add(work->report, &(Finding){.level = FINDING_ERROR,
                                        .row = row->name,
                                        .of = row,
                                        .asked = "on",
                                        .given = "off",
                                        .cause = "contradiction: pebs-fmt says no PEBS",
                                        .remedy = remedy});
}

/*
 * A feature without a format asks for PEBS as the host has it, so that a list of switches
 * can say it; beside the format 0 it contradicts.
 */
static void take_pebs_format(X86Work *work)
{
    const X86Format *given = &work->cpu->formats[X86_PEBS_FMT];
    uint64_t named = named_pebs(work);

    if (named && given->kind == X86_FORMAT_UNSET) {
        work->formats[X86_PEBS_FMT].kind = X86_FORMAT_HOST;
        work->pebs_by_name = true;
    }
    for (unsigned i = 0; i < X86_FEATURE_COUNT; i++) {
        const X86FeatureRow *row = &x86_feature_rows[i];

        if (given->kind == X86_FORMAT_NUMBER && given->value == 0 &&
            row->word == PERFCAP && row->mask & named) {
            report_contradiction(work, row);
        }
    }
}

void x86_resolve_formats(X86Work *work)
{
    uint64_t host = work->host[PERFCAP];
    uint64_t user_off = work->cpu->set_mask[PERFCAP] & ~work->cpu->set_value[PERFCAP];

    memcpy(work->formats, work->cpu->formats, sizeof(work->formats));
    take_pebs_format(work);
    for (X86FieldId field = 0; field < X86_FIELD_COUNT; field++) {
        put_format(work, field);
    }
    work->wanted_formats = work->words[PERFCAP] & FORMATS;
    if (work->words[PERFCAP] & X86_PEBS_FMT_MASK) {
        /* On is on whole: what nobody spoke about follows the host. */
        uint64_t rest = host & PEBS_PARTS & ~user_off & ~work->words[PERFCAP];

        work->words[PERFCAP] |= rest;
        work->implied[PERFCAP] |= rest;
    } else {
        x86_work_remove(work, PERFCAP, X86_PEBS_GROUP_MASK | X86_PEBS_PT_BIT,
                        X86_CAUSE_GROUP, 0);
    }
}

/* Why a format that was asked for cannot be; empty where it can. */
typedef struct FormatRefusal {
    GString *cause, *remedy;
} FormatRefusal;

static bool same_processor(const X86Work *work)
{
    uint32_t host = host_profile_signature(work->in->host);
    const X86Contract *x86 = &work->contract->x86;

    return x86->family == x86_signature_family(host) &&
           x86->model == x86_signature_model(host);
}

/* What the guest has, or would have if it had its PMU. */
static bool would_have(const X86Work *work, X86FeatureId feature)
{
    const X86FeatureRow *row = &x86_feature_rows[feature];
    unsigned bit = (unsigned)__builtin_ctzll(row->mask);

    if (x86_words_have(work->words, feature)) {
        return true;
    }
    switch (work->cause[row->word][bit]) {
    case X86_CAUSE_PMU_OFF:
        return true;
    case X86_CAUSE_DEPENDENCY:
        return would_have(work, work->cause_arg[row->word][bit]);
    default:
        return false;
    }
}

/* @remedy: a setting for -cpu */
static void refuse(FormatRefusal *why, const char *cause, const char *remedy)
{
    g_string_append_printf(why->cause, "%s%s", why->cause->len && *cause ? "; " : "",
                           cause);
    g_string_append_printf(why->remedy, "%s%s", why->remedy->len ? "," : "use ", remedy);
}

/* @state: what those in @differ are; @value: what they would have to be */
static void refuse_part(FormatRefusal *why, uint64_t differ, const char *state,
                        const char *value)
{
    g_autofree char *between = g_strdup_printf("=%s,", value);
    g_autofree char *names = bit_names(differ, ", ");
    g_autofree char *settings = bit_names(differ, between);
    g_autofree char *remedy = g_strdup_printf("%s=%s", settings, value);
    g_autofree char *cause =
        g_strdup_printf("group incomplete: %s %s %s: KVM wants every PEBS feature as the "
                        "host has it, or none",
                        names, strchr(names, ',') ? "are" : "is", state);

    if (differ) {
        refuse(why, cause, remedy);
    }
}

/* KVM compares the group whole; a part is refused here, with the names. */
static void judge_group(const X86Work *work, FormatRefusal *why)
{
    uint64_t user_off = work->cpu->set_mask[PERFCAP] & ~work->cpu->set_value[PERFCAP];

    refuse_part(why, user_off & work->host[PERFCAP] & PEBS_PARTS,
                "off, so the whole group is", "on");
    refuse_part(why, work->words[PERFCAP] & ~work->host[PERFCAP] & PEBS_PARTS,
                "on, which the host lacks", "off");
}

/* What the guest lacks, all of it at once. */
static void judge_guest(X86Work *work, X86FieldId field, uint64_t number,
                        FormatRefusal *why)
{
    const X86FieldRow *row = &x86_field_rows[field];
    bool is_pebs = row->flags & X86_OF_PEBS;
    uint64_t host_number = x86_field_get(work->host, field);
    uint32_t host = host_profile_signature(work->in->host);
    g_autofree char *remedy = g_strdup_printf("%s=%" PRIu64, row->name, host_number);
    g_autofree char *processor = g_strdup_printf(
        "family=%u,model=%u", x86_signature_family(host), x86_signature_model(host));

    if (!work->pmu_wanted) {
        refuse(why, "the guest has no PMU: pmu=off", "pmu=on");
    }
    if (is_pebs && !(would_have(work, X86_DS) && would_have(work, X86_DTES64))) {
        refuse(why, "the guest has no debug store for PEBS records", "ds=on,dtes64=on");
    }
    if (!would_have(work, X86_PDCM)) {
        refuse(why, "the guest lacks pdcm, which announces MSR 0x345", "pdcm=on");
    }
    if (number != host_number) {
        refuse(why, "KVM rule: a format must equal the host's", remedy);
    }
    if (!same_processor(work)) {
        refuse(why, "KVM rule: the guest's family and model must be the host's",
               processor);
    }
    if (is_pebs) {
        judge_group(work, why);
    }
}

void x86_resolve_pebs_reason(X86Work *work, char **ret_cause, char **ret_remedy)
{
    FormatRefusal why = {g_string_new(NULL), g_string_new(NULL)};

    if (!work->pebs_by_name) {
        refuse(&why, "", "pebs-fmt=host");
    }
    judge_guest(work, X86_PEBS_FMT, x86_field_get(work->host, X86_PEBS_FMT), &why);
    if (!why.cause->len) {
        g_string_append(why.cause, "PEBS is off by pebs-fmt");
    }
    g_string_append(why.remedy, ", which switches the whole group on");
    *ret_cause = g_string_free(why.cause, FALSE);
    *ret_remedy = g_string_free(why.remedy, FALSE);
}

static void judge_format(X86Work *work, X86FieldId field, uint64_t number,
                         FormatRefusal *why)
{
    const char *remedy = NULL;

    if (!work->host_pmu.is_there) {
        g_string_append(why->cause, work->host_pmu.missing_cause);
        g_string_append(why->remedy, work->host_pmu.missing_remedy);
    } else if (!x86_field_get(work->host, field)) {
        g_string_append(why->cause, field_missing(work, field, &remedy));
        g_string_append(why->remedy, remedy ? remedy : LEAVE_OUT);
    } else {
        judge_guest(work, field, number, why);
    }
}

/*
 * Asked for by number: an error.  Taken over: a note, and none where the PMU is off.
 * Asked for by the names of features: the findings of those that the host has tell, but a
 * group that was torn is an error.
 */
static bool is_to_tell(const X86Work *work, X86FieldId field, FindingLevel *ret)
{
    bool is_pebs = x86_field_rows[field].flags & X86_OF_PEBS;
    bool is_asked = work->formats[field].kind != X86_FORMAT_UNSET;
    uint64_t user_off = work->cpu->set_mask[PERFCAP] & ~work->cpu->set_value[PERFCAP];

    *ret = is_asked ? FINDING_ERROR : FINDING_NOTE;
    if (is_pebs && work->pebs_by_name) {
        bool is_torn = work->pmu_on && user_off & work->host[PERFCAP] & PEBS_PARTS;

        *ret = is_torn ? FINDING_ERROR : work->level;
        return is_torn || (!(named_pebs(work) & work->host[PERFCAP]) && !work->is_silent);
    }
    return is_asked || (work->pmu_on && !work->is_silent);
}

/* False where the format cannot be. */
static bool allow_format(X86Work *work, X86FieldId field, uint64_t number)
{
    FormatRefusal why = {g_string_new(NULL), g_string_new(NULL)};
    g_autofree char *asked = g_strdup_printf("%" PRIu64, number);
    g_autofree char *offered =
        g_strdup_printf("%" PRIu64, x86_field_get(work->host, field));
    FindingLevel level;
    bool ok;

    judge_format(work, field, number, &why);
    ok = why.cause->len == 0;
    if (!ok && is_to_tell(work, field, &level)) {
        report_add(work->report, &(Finding){.level = level,
                                            .row = x86_field_rows[field].name,
                                            .asked = level == FINDING_NOTE ? NULL : asked,
                                            .offered = offered,
                                            .given = "0",
                                            .cause = why.cause->str,
                                            .remedy = why.remedy->str});
    }
    g_string_free(why.cause, TRUE);
    g_string_free(why.remedy, TRUE);
    return ok;
}

/* A format that is refused takes its group along. */
static void finish_formats(X86Work *work)
{
    for (X86FieldId field = 0; field < X86_FIELD_COUNT; field++) {
        const X86FieldRow *row = &x86_field_rows[field];
        uint64_t number =
            (work->wanted_formats & row->mask) >> __builtin_ctzll(row->mask);

        if (number && !allow_format(work, field, number)) {
            x86_work_remove(work, row->word,
                            row->flags & X86_OF_PEBS ? X86_PEBS_GROUP_MASK : row->mask,
                            X86_CAUSE_FORMAT, 0);
        }
    }
}

/* The metrics are fractions of what fixed counter 3 counts. */
static void finish_perf_metrics(X86Work *work)
{
    if (work->contract->x86.pmu.fixed_counters < 4) {
        remove_feature(work, X86_PERF_METRICS, X86_CAUSE_SLOTS);
    }
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
    x86_resolve_geometry(work);
    finish_perf_metrics(work);
    finish_misc_enable(work);
}
