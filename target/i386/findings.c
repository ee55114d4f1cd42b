/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One finding for every bit that was asked for and is not given.
 */
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

static Reason reason_of(const X86Work *work, X86Word word, unsigned bit);

/* Where the needed feature was lost too, its loss is the story. */
static Reason dependency_reason(const X86Work *work, const char *name,
                                const X86FeatureRow *needed)
{
    unsigned bit = (unsigned)__builtin_ctzll(needed->mask);
    Reason deeper;
    char *cause;

    if (!(work->cause_mask[needed->word] & needed->mask)) {
        return (Reason){
            g_strdup_printf("dependency on %s, which the guest does not have",
                            needed->name),
            g_strdup_printf("add %s=on, or leave %s out", needed->name, name)};
    }
    deeper = reason_of(work, needed->word, bit);
    cause = g_strdup_printf("dependency on %s, which is lost: %s", needed->name,
                            deeper.cause);
    g_free(deeper.cause);
    return (Reason){cause, deeper.remedy};
}

static Reason reason_of(const X86Work *work, X86Word word, unsigned bit)
{
    const char *name = x86_word_bit_name(word, bit);
    unsigned arg = work->cause_arg[word][bit];
    const char *text, *remedy = NULL;

    switch (work->cause[word][bit]) {
    case X86_CAUSE_PMU_OFF:
        return (Reason){g_strdup("command line: pmu=off"), g_strdup("use pmu=on")};
    case X86_CAUSE_NO_PMU:
        return (Reason){g_strdup(work->host_pmu.missing_cause),
                        g_strdup(work->host_pmu.missing_remedy)};
    case X86_CAUSE_DEPENDENCY:
        return dependency_reason(work, name, &x86_feature_rows[arg]);
    case X86_CAUSE_GROUP:
        return (Reason){g_strdup("group incomplete: PEBS is off, pebs-fmt is not set"),
                        g_strdup("use pebs-fmt=host, which switches the whole group on")};
    case X86_CAUSE_HIDDEN:
        return (Reason){g_strdup("command line: kvm=off"), g_strdup("drop kvm=off")};
    case X86_CAUSE_STATE:
        return (Reason){
            g_strdup_printf("host CPU: KVM does not offer XSAVE state component %u", arg),
            g_strdup_printf("leave %s out", name)};
    default:
        text = x86_host_missing(work->in->host, word, bit, &remedy);
        return (Reason){g_strdup(text), g_strdup(remedy)};
    }
}

static void report_row(X86Work *work, const X86FeatureRow *row, uint64_t missing)
{
    unsigned bit = (unsigned)__builtin_ctzll(missing);
    Reason reason = reason_of(work, row->word, bit);
    bool offered = (work->host[row->word] & row->mask) == row->mask;

    report_add(work->report,
               &(Finding){.level = work->level,
                          .row = (char *)row->name,
                          .asked = (char *)who_asked(work, row->word, BIT64(bit)),
                          .offered = (char *)(offered ? "on" : "off"),
                          .given = (char *)"off",
                          .cause = reason.cause,
                          .remedy = reason.remedy});
    g_free(reason.cause);
    g_free(reason.remedy);
}

void x86_resolve_findings(X86Work *work)
{
    for (unsigned i = 0; i < X86_FEATURE_COUNT && !work->is_silent; i++) {
        const X86FeatureRow *row = &x86_feature_rows[i];
        uint64_t missing =
            x86_work_asked(work, row->word) & row->mask & ~work->words[row->word];

        if (!missing) {
            continue;
        }
        if (work->cause[row->word][__builtin_ctzll(missing)] != X86_CAUSE_FORMAT) {
            report_row(work, row, missing);
        }
    }
}
