/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One finding for every bit that was asked for and is not given.
 */
#include <inttypes.h>
#include <string.h>

#include "resolve.h"
#include "util/bits.h"

typedef struct Reason {
    char *cause;  /* owned */
    char *remedy; /* owned */
} Reason;

static const char *who_asked(const X86Work *work, X86Word word, uint64_t bit)
{
    const X86Cpu *cpu = work->cpu;

    if (cpu->set_mask[word] & bit) {
        return cpu->user_mask[word] & bit ? "on" : "on (machine version)";
    }
    return "on (CPU model)";
}

static Reason reason_of(X86Work *work, X86Word word, unsigned bit);

/* The host cannot give it, whoever takes it away first. */
static Reason host_reason(const X86Work *work, X86Word word, unsigned bit)
{
    const char *remedy;
    const char *cause = x86_host_missing(work->in->host, word, bit, &remedy);

    return (Reason){g_strdup(cause), g_strdup(remedy)};
}

static bool is_listed(const GString *text, const char *setting)
{
    g_autofree char *between = g_strconcat(",", setting, NULL);

    return g_str_has_prefix(text->str, setting) || strstr(text->str, between);
}

static void append_setting(GString *text, const char *name)
{
    g_autofree char *setting = g_strdup_printf("%s=on,", name);

    if (!is_listed(text, setting)) {
        g_string_append(text, setting);
    }
}

static void append_needs(const X86Work *work, X86FeatureId feature, GString *text);

static void append_needed(const X86Work *work, X86FeatureId needed, GString *text)
{
    const X86FeatureRow *row = &x86_feature_rows[needed];

    if (needed == X86_NO_FEATURE || x86_words_have(work->words, needed)) {
        return;
    }
    append_needs(work, needed, text);
    if (row->flags & X86_OF_PMU && !work->pmu_wanted) {
        append_setting(text, "pmu");
    }
    append_setting(text, row->name);
}

/* The settings without which @feature is not given, those it needs first. */
static void append_needs(const X86Work *work, X86FeatureId feature, GString *text)
{
    append_needed(work, x86_word_rows[x86_feature_rows[feature].word].parent, text);
    for (unsigned i = 0; i < x86_dependency_count; i++) {
        if (x86_dependency_rows[i].dependent == feature) {
            append_needed(work, x86_dependency_rows[i].needed, text);
        }
    }
}

/* Where the needed feature was lost too, its loss is the story. */
static Reason dependency_reason(X86Work *work, const X86FeatureRow *lost,
                                const X86FeatureRow *needed)
{
    unsigned bit = (unsigned)__builtin_ctzll(needed->mask);
    bool is_lost = work->cause_mask[needed->word] & needed->mask;
    bool is_offered = (work->host[needed->word] & needed->mask) == needed->mask;
    Reason deeper;
    char *cause;

    if (!is_lost && is_offered) {
        g_autoptr(GString) needs = g_string_new(NULL);

        append_needs(work, (X86FeatureId)(lost - x86_feature_rows), needs);
        return (Reason){
            g_strdup_printf("dependency on %s, which the guest does not have",
                            needed->name),
            g_strdup_printf("add %s or leave %s out", needs->str, lost->name)};
    }
    deeper = is_lost ? reason_of(work, needed->word, bit)
                     : host_reason(work, needed->word, bit);
    cause = g_strdup_printf("dependency on %s, which %s: %s", needed->name,
                            is_lost ? "is lost" : "this host cannot give", deeper.cause);
    g_free(deeper.cause);
    return (Reason){cause, deeper.remedy};
}

static Reason pmu_off_reason(const X86Work *work)
{
    return (Reason){g_strdup(work->cpu->pmu == ON_OFF_AUTO_OFF ? "command line: pmu=off"
                                                               : MODEL_WITHOUT_PMU),
                    g_strdup("use pmu=on")};
}

static Reason no_pmu_reason(const X86Work *work)
{
    return (Reason){g_strdup(work->host_pmu.missing_cause),
                    g_strdup(work->host_pmu.missing_remedy)};
}

/* PEBS, which the host has, is off whole: all that it takes is said at once. */
static Reason pebs_reason(X86Work *work)
{
    Reason reason;

    if (work->pmu_wanted && !work->pmu_on) {
        return no_pmu_reason(work);
    }
    x86_resolve_pebs_reason(work, &reason.cause, &reason.remedy);
    if (!work->pmu_wanted) {
        Reason off = pmu_off_reason(work);

        g_free(reason.cause);
        g_free(off.remedy);
        reason.cause = off.cause;
    }
    return reason;
}

static bool is_of_pebs(X86Word word, unsigned bit)
{
    return word == X86_WORD_PERF_CAPABILITIES && X86_PEBS_GROUP_MASK & BIT64(bit);
}

static Reason level_reason(X86Word word)
{
    const X86WordRow *row = &x86_word_rows[word];

    return (Reason){
        g_strdup_printf("the highest CPUID leaf is below 0x%" PRIx32 ", which it needs",
                        row->leaf),
        g_strdup_printf("leave %s out", row->leaf >= 0x80000000 ? "xlevel" : "level")};
}

static Reason reason_of(X86Work *work, X86Word word, unsigned bit)
{
    unsigned arg = work->cause_arg[word][bit];

    /* What took it away first is no news where the host could not give it. */
    if (!(work->host[word] & BIT64(bit)) && work->cause[word][bit] != X86_CAUSE_NO_PMU) {
        return host_reason(work, word, bit);
    }
    if (is_of_pebs(word, bit)) {
        return pebs_reason(work);
    }
    switch (work->cause[word][bit]) {
    case X86_CAUSE_PMU_OFF:
        return pmu_off_reason(work);
    case X86_CAUSE_NO_PMU:
        return no_pmu_reason(work);
    case X86_CAUSE_DEPENDENCY:
        return dependency_reason(
            work, &x86_feature_rows[x86_feature_find(x86_word_bit_name(word, bit))],
            &x86_feature_rows[arg]);
    case X86_CAUSE_SLOTS:
        return (Reason){g_strdup("leaf 0xa offers no fixed counter 3"),
                        g_strdup("use a kernel that offers fixed counter 3")};
    case X86_CAUSE_HIDDEN:
        return (Reason){g_strdup("command line: kvm=off"), g_strdup("drop kvm=off")};
    case X86_CAUSE_STATE:
        return (Reason){
            g_strdup_printf("host CPU: KVM does not offer XSAVE state component %u", arg),
            NULL};
    case X86_CAUSE_LEVEL:
        return level_reason((X86Word)arg);
    default:
        return host_reason(work, word, bit);
    }
}

/* Nobody asked for it by name, so the one who wants it gone may be right. */
static char *leave_out(const X86Work *work, const X86FeatureRow *row)
{
    return work->cpu->user_mask[row->word] & row->mask
               ? g_strdup_printf("leave %s out", row->name)
               : g_strdup_printf("use %s=off, or choose an older CPU model", row->name);
}

/* It went with pdcm alone, which the host has and a guest without PMU does not. */
static bool went_with_pdcm(const X86Work *work, const X86FeatureRow *row, unsigned bit)
{
    bool is_pdcm = row == &x86_feature_rows[X86_PDCM];
    bool is_offered = (work->host[row->word] & row->mask) == row->mask;

    return !work->pmu_on && is_offered &&
           (is_pdcm || (work->cause[row->word][bit] == X86_CAUSE_DEPENDENCY &&
                        work->cause_arg[row->word][bit] == X86_PDCM));
}

/* What no QEMU of the old machines has a name for: silence about it is no compatibility.
 */
static bool is_newer_than_silence(const X86FeatureRow *row, unsigned bit)
{
    return is_of_pebs(row->word, bit) || row == &x86_feature_rows[X86_PERF_METRICS];
}

/*
 * What the model would have and a guest without PMU does not is no loss: who chose the
 * model without a PMU asked for that.  Nor is what old machines took without a word.
 */
static FindingLevel level_of(const X86Work *work, const X86FeatureRow *row, unsigned bit)
{
    bool is_by_name = work->cpu->user_mask[row->word] & row->mask;
    bool is_silent = work->cpu->x_pdcm_on_even_without_pmu &&
                     went_with_pdcm(work, row, bit) &&
                     !(is_by_name && is_newer_than_silence(row, bit));

    return is_silent || (work->cause[row->word][bit] == X86_CAUSE_PMU_OFF && !is_by_name)
               ? FINDING_NOTE
               : work->level;
}

static void report_row(X86Work *work, const X86FeatureRow *row, uint64_t missing)
{
    unsigned bit = (unsigned)__builtin_ctzll(missing);
    Reason reason = reason_of(work, row->word, bit);
    bool offered = (work->host[row->word] & row->mask) == row->mask;
    g_autofree char *remedy = reason.remedy ? reason.remedy : leave_out(work, row);

    report_add(work->report, &(Finding){.level = level_of(work, row, bit),
                                        .row = row->name,
                                        .of = row,
                                        .asked = who_asked(work, row->word, BIT64(bit)),
                                        .offered = (offered ? "on" : "off"),
                                        .given = "off",
                                        .cause = reason.cause,
                                        .remedy = remedy});
    g_free(reason.cause);
}

/* x-force-features: given, and still not what the host has to give. */
static void report_forced(X86Work *work, const X86FeatureRow *row, uint64_t forced)
{
    unsigned bit = (unsigned)__builtin_ctzll(forced);
    Reason reason = host_reason(work, row->word, bit);

    g_free(reason.remedy);
    report_add(work->report, &(Finding){.level = work->level,
                                        .row = row->name,
                                        .of = row,
                                        .asked = who_asked(work, row->word, BIT64(bit)),
                                        .offered = "off",
                                        .given = "on",
                                        .cause = reason.cause,
                                        .remedy = "drop x-force-features"});
    g_free(reason.cause);
}

/* What nested VMX can do goes without a word where there is none of it, or where nobody
 * read what this KVM has; who named it is told. */
static bool goes_unsaid(const X86Work *work, const X86FeatureRow *row)
{
    return x86_word_rows[row->word].flags & X86_WORD_OF_VMX &&
           !(work->cpu->user_mask[row->word] & row->mask) &&
           (!work->host[row->word] || !x86_words_have(work->words, X86_VMX));
}

void x86_resolve_findings(X86Work *work)
{
    for (unsigned i = 0; i < X86_FEATURE_COUNT && !work->is_silent; i++) {
        const X86FeatureRow *row = &x86_feature_rows[i];
        uint64_t asked = x86_work_asked(work, row->word) & row->mask;
        uint64_t missing = asked & ~work->words[row->word];
        uint64_t forced = asked & work->words[row->word] & work->forced[row->word];

        if (forced) {
            report_forced(work, row, forced);
        }
        if (missing && !report_find_of(work->report, row) && !goes_unsaid(work, row)) {
            report_row(work, row, missing);
        }
    }
}
