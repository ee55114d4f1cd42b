/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/pmu-select.h"

#include <string.h>

#define ROW ((char *)"pmu")

typedef struct Select {
    const PmuSelectInput *in;
    const HostProfile *host;
    Report *report;
} Select;

bool pmu_source_covers(const HostProfile *host, const PmuSource *source)
{
    return source->cpus && host->possible && cpu_set_count(host->possible) > 0 &&
           cpu_set_covers(source->cpus, host->possible);
}

/* Only CPUs that are possible but not there are missing. */
static bool covers_present(const HostProfile *host, const PmuSource *source)
{
    return source->cpus && host->possible && host->present &&
           cpu_set_count(host->present) > 0 &&
           cpu_set_covers(source->cpus, host->present);
}

static const PmuSource *source_at(const HostProfile *host, unsigned i)
{
    return &g_array_index(host->sources, PmuSource, i);
}

/* "armv8_cortex_a53 (type 8, CPUs 0-3), …" of every source with cpus; or "none". */
static char *list_sources(const HostProfile *host)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < host->sources->len; i++) {
        const PmuSource *source = source_at(host, i);

        if (source->cpus) {
            g_autofree char *cpus = cpu_set_format(source->cpus);

            g_string_append_printf(text, "%s%s (type %u, CPUs %s)", text->len ? ", " : "",
                                   source->name, source->type, cpus);
        }
    }
    if (!text->len) {
        g_string_append(text, "no event source with CPUs");
    }
    return g_string_free(text, FALSE);
}

static void say(const Select *s, FindingLevel level, const char *asked, const char *given,
                const char *cause, const char *remedy)
{
    g_autofree char *offered = list_sources(s->host);

    report_add(s->report, &(Finding){.level = level,
                                     .row = ROW,
                                     .asked = (char *)asked,
                                     .offered = offered,
                                     .given = (char *)given,
                                     .cause = (char *)cause,
                                     .remedy = (char *)remedy});
}

/* No PMU: an error where the user insisted. */
static PmuChoice choose_none(const Select *s, FindingLevel level, const char *cause,
                             const char *remedy)
{
    bool insists = s->in->is_explicit_on;

    say(s, insists ? FINDING_ERROR : level, insists ? "on" : "auto", "none", cause,
        remedy);
    return (PmuChoice){.kind = ARM_PMU_NONE};
}

static PmuChoice choose_source(const Select *s, const PmuSource *source)
{
    (void)s;
    return (PmuChoice){.kind = ARM_PMU_EVENT_SOURCE,
                       .source = source,
                       .is_partial = !pmu_source_covers(s->host, source)};
}

static bool is_requested(const PmuRequest *request, const PmuSource *source)
{
    return request->kind == PMU_REQUEST_TYPE ? source->type == request->type
                                             : strcmp(source->name, request->name) == 0;
}

static char *request_text(const PmuRequest *request)
{
    return request->kind == PMU_REQUEST_TYPE ? g_strdup_printf("%u", request->type)
                                             : g_strdup(request->name);
}

static PmuChoice refuse(const Select *s, const char *asked, const char *cause,
                        const char *remedy)
{
    say(s, FINDING_ERROR, asked, "none", cause, remedy);
    return (PmuChoice){.kind = ARM_PMU_NONE};
}

static PmuChoice choose_named(const Select *s)
{
    const PmuRequest *request = s->in->request;
    g_autofree char *asked = request_text(request);
    const PmuSource *source = NULL;

    for (unsigned i = 0; i < s->host->sources->len && !source; i++) {
        source =
            is_requested(request, source_at(s->host, i)) ? source_at(s->host, i) : NULL;
    }
    if (!s->host->caps[KVM_CAPID_ARM_PMU_V3]) {
        return refuse(s, asked, "KVM has no PMU support on this host",
                      "drop pmu= from -accel, or use a host whose CPU PMU KVM knows");
    }
    if (!s->host->arm.has_set_pmu) {
        return refuse(s, asked,
                      "the kernel cannot select an event source: it is older than 5.18",
                      "drop pmu= from -accel, or use a newer kernel");
    }
    if (!source || !source->cpus || (source->trial != PMU_TRIAL_NONE && source->trial)) {
        int trial = source && source->trial > 0 ? source->trial : 6 /* ENXIO */;
        g_autofree char *cause =
            g_strdup_printf("event source %s is not a CPU PMU that KVM can use: %s",
                            asked, g_strerror(trial));

        return refuse(s, asked, cause, "name one of the sources offered");
    }
    if (!pmu_source_covers(s->host, source)) {
        g_autofree char *cpus = cpu_set_format(source->cpus);
        g_autofree char *cause = g_strdup_printf(
            "it covers CPUs %s only, and the guest can run nowhere else", cpus);

        say(s, FINDING_WARNING, asked, source->name, cause,
            "keep the vCPU threads on these CPUs: pmu-affinity=auto does");
    }
    return choose_source(s, source);
}

/* Smaller location first, then the smaller name, both bytewise. */
static bool is_before(const PmuSource *a, const PmuSource *b)
{
    int order = strcmp(a->location, b->location);

    return order < 0 || (order == 0 && strcmp(a->name, b->name) < 0);
}

typedef bool Covers(const HostProfile *host, const PmuSource *source);

static const PmuSource *best_source(const Select *s, Covers *covers)
{
    const PmuSource *best = NULL;

    for (unsigned i = 0; i < s->host->sources->len; i++) {
        const PmuSource *source = source_at(s->host, i);

        if (!covers(s->host, source)) {
            continue;
        }
        if (source->trial > 0) {
            g_autofree char *cause =
                g_strdup_printf("%s covers every CPU, but KVM refuses it: %s",
                                source->name, g_strerror(source->trial));

            say(s, FINDING_WARNING, "auto", NULL, cause, "name another source with pmu=");
            continue;
        }
        if (!best || is_before(source, best)) {
            best = source;
        }
    }
    return best;
}

static void note_choice(const Select *s, const PmuSource *source, Covers *covers)
{
    if (covers == pmu_source_covers) {
        say(s, FINDING_NOTE, "auto", source->name, "it covers every possible CPU", NULL);
        return;
    }
    {
        g_autoptr(CpuSet) missing = cpu_set_subtract(s->host->possible, source->cpus);
        g_autofree char *cpus = cpu_set_format(missing);
        g_autofree char *cause = g_strdup_printf(
            "it covers every CPU that is there; CPUs %s are possible but absent, and the "
            "guest cannot run on them",
            cpus);

        say(s, FINDING_NOTE, "auto", source->name, cause,
            "boot the host without spare CPUs to be rid of this note");
    }
}

/* Why no source was good enough, CPU by CPU. */
static char *explain_partial(const HostProfile *host)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < host->sources->len; i++) {
        const PmuSource *source = source_at(host, i);
        g_autoptr(CpuSet) missing = NULL;
        g_autofree char *cpus = NULL;

        if (!source->cpus || pmu_source_covers(host, source)) {
            continue;
        }
        missing = cpu_set_subtract(host->possible, source->cpus);
        cpus = cpu_set_format(missing);
        g_string_append_printf(text, "%s%s lacks CPUs %s", text->len ? ", " : "",
                               source->name, cpus);
    }
    return g_string_free(text, FALSE);
}

static PmuChoice choose_auto(const Select *s)
{
    static Covers *const ladder[] = {pmu_source_covers, covers_present};
    const PmuSource *source = NULL;

    if (!s->host->possible || cpu_set_count(s->host->possible) == 0) {
        return choose_none(s, FINDING_WARNING,
                           s->host->cpus_problem
                               ? s->host->cpus_problem
                               : "the list of possible CPUs is missing or empty",
                           "mount sysfs, or name a source with -accel kvm,pmu=");
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(ladder) && !source; i++) {
        source = best_source(s, ladder[i]);
        if (source && !s->host->arm.has_set_pmu) {
            say(s, FINDING_NOTE, "auto", "KVM's default",
                "the kernel knows one CPU PMU only", NULL);
            return (PmuChoice){.kind = ARM_PMU_KVM_DEFAULT};
        }
        if (source) {
            note_choice(s, source, ladder[i]);
            return choose_source(s, source);
        }
    }
    if (s->host->arm.has_fixed_counters_only && s->in->allow_fixed_counters) {
        say(s, FINDING_NOTE, "auto", "fixed counters only",
            "no event source covers every CPU", NULL);
        return (PmuChoice){.kind = ARM_PMU_FIXED_COUNTERS_ONLY};
    }
    {
        g_autofree char *why = explain_partial(s->host);
        g_autofree char *cause = g_strdup_printf(
            "no event source covers every possible CPU%s%s", why[0] ? ": " : "", why);

        return choose_none(
            s, FINDING_WARNING, cause,
            "name a source with -accel kvm,pmu=, pin the guest to its CPUs, "
            "or say pmu=off");
    }
}

/* What older machines get: KVM's own choice, which may count on a part of the CPUs only.
 */
static PmuChoice choose_default(const Select *s)
{
    g_autofree char *why = explain_partial(s->host);

    if (why[0] && s->host->possible && !best_source(s, pmu_source_covers)) {
        g_autofree char *cause = g_strdup_printf(
            "the machine version leaves the choice to KVM, and no event "
            "source covers every possible CPU: %s; while a vCPU runs on a "
            "CPU the chosen one lacks, the guest's counters stand still",
            why);

        say(s, FINDING_WARNING, "auto", "KVM's default", cause,
            "name a source with -accel kvm,pmu=, or pin the guest to one kind of core");
    }
    return (PmuChoice){.kind = ARM_PMU_KVM_DEFAULT};
}

PmuChoice pmu_select(const PmuSelectInput *in, Report *report)
{
    const Select s = {in, in->host, report};
    PmuRequestKind kind = in->request ? in->request->kind : PMU_REQUEST_UNSET;

    if (kind == PMU_REQUEST_TYPE || kind == PMU_REQUEST_NAME) {
        return choose_named(&s);
    }
    if (kind == PMU_REQUEST_NONE) {
        return choose_none(&s, FINDING_NOTE, "-accel kvm,pmu=none", NULL);
    }
    if (!in->host->caps[KVM_CAPID_ARM_PMU_V3]) {
        return choose_none(&s, FINDING_NOTE, "KVM has no PMU support on this host",
                           "use a host whose CPU PMU KVM knows, or say pmu=off");
    }
    if (kind == PMU_REQUEST_FIXED_COUNTERS_ONLY) {
        if (!in->allow_fixed_counters) {
            return refuse(&s, "fixed-counters-only",
                          "this backend is experimental and not enabled",
                          "add x-fixed-counters-only=on to -accel");
        }
        if (!in->host->arm.has_fixed_counters_only) {
            return refuse(&s, "fixed-counters-only", "the kernel does not have it", NULL);
        }
        return (PmuChoice){.kind = ARM_PMU_FIXED_COUNTERS_ONLY};
    }
    if (kind == PMU_REQUEST_UNSET && in->backcompat) {
        return choose_default(&s);
    }
    return choose_auto(&s);
}
