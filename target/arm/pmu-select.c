/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/pmu-select.h"

#include <string.h>

#include "target/contract-row.h"

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
                                     .row = "pmu",
                                     .of = contract_pmu_row(TARGET_ARCH_AARCH64),
                                     .asked = asked,
                                     .offered = offered,
                                     .given = given,
                                     .cause = cause,
                                     .remedy = remedy});
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

/* "taskset -c 0-3", for a remedy. */
static char *taskset_text(const CpuSet *cpus)
{
    g_autofree char *text = cpu_set_format(cpus);

    return g_strdup_printf("taskset -c %s", text);
}

/* The process runs nowhere that the source counts on. */
static PmuChoice refuse_elsewhere(const Select *s, const char *asked,
                                  const PmuSource *source)
{
    g_autofree char *wanted = cpu_set_format(source->cpus);
    g_autofree char *have = cpu_set_format(s->host->allowed);
    g_autofree char *taskset = taskset_text(source->cpus);
    g_autofree char *cause = g_strdup_printf(
        "it needs one of the CPUs %s, but this process may run on %s only "
        "(taskset, cgroup or pinning)",
        wanted, have);
    g_autofree char *remedy =
        g_strdup_printf("start the program on the CPUs of %s: %s", source->name, taskset);

    return refuse(s, asked, cause, remedy);
}

/* The guest runs on its CPUs only: told, and a warning where nobody sees to it. */
static void note_partial(const Select *s, const char *asked, const PmuSource *source)
{
    g_autofree char *cpus = cpu_set_format(source->cpus);
    g_autofree char *cause =
        s->in->leaves_threads
            ? g_strdup_printf("on other CPUs than %s the guest cannot run, and "
                              "pmu-affinity=off leaves its threads where they are",
                              cpus)
            : g_strdup_printf("the guest's threads are kept on CPUs %s, which it covers",
                              cpus);

    say(s, s->in->leaves_threads ? FINDING_WARNING : FINDING_NOTE, asked, source->name,
        cause, s->in->leaves_threads ? "drop pmu-affinity=off from -accel" : NULL);
}

/* One source that was asked for, however. */
static PmuChoice choose_asked(const Select *s, const char *asked, const PmuSource *source)
{
    if (s->host->allowed) {
        g_autoptr(CpuSet) common = cpu_set_intersect(source->cpus, s->host->allowed);

        if (cpu_set_count(common) == 0) {
            return refuse_elsewhere(s, asked, source);
        }
    }
    if (!pmu_source_covers(s->host, source)) {
        note_partial(s, asked, source);
    }
    return choose_source(s, source);
}

/* No source can be asked for at all; true where that was told. */
static bool refuse_all(const Select *s, const char *asked)
{
    if (!s->host->caps[KVM_CAPID_ARM_PMU_V3]) {
        (void)refuse(s, asked, "KVM has no PMU support on this host",
                     "drop pmu= from -accel, or use a host whose CPU PMU KVM knows");
        return true;
    }
    if (!s->host->arm.has_pmu_attr[ARM_ATTR_SET_PMU]) {
        (void)refuse(s, asked,
                     "the kernel cannot select an event source: it is older than 5.18",
                     "drop pmu= from -accel, or use Linux 5.18 or later");
        return true;
    }
    return false;
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
    if (refuse_all(s, asked)) {
        return (PmuChoice){.kind = ARM_PMU_NONE};
    }
    if (!source || !source->cpus || (source->trial != PMU_TRIAL_NONE && source->trial)) {
        int trial = source && source->trial > 0 ? source->trial : 6 /* ENXIO */;
        g_autofree char *cause =
            g_strdup_printf("event source %s is not a CPU PMU that KVM can use: %s",
                            asked, g_strerror(trial));

        return refuse(s, asked, cause, "name one of the sources offered");
    }
    return choose_asked(s, asked, source);
}

static bool is_usable(const PmuSource *source)
{
    return source->cpus && source->trial <= 0;
}

/*
 * The source of the greatest or the least capacity; NULL, with @ret_cause, where the
 * kernel does not tell capacities or tells the same for two.
 */
static const PmuSource *source_by_capacity(const HostProfile *host, bool is_big,
                                           char **ret_cause)
{
    const PmuSource *best = NULL, *same = NULL;

    for (unsigned i = 0; i < host->sources->len; i++) {
        const PmuSource *source = source_at(host, i);
        bool is_better;

        if (!is_usable(source)) {
            continue;
        }
        is_better = best && (is_big ? source->capacity > best->capacity
                                    : source->capacity < best->capacity);
        same = best && source->capacity == best->capacity ? source
               : is_better                                ? NULL
                                                          : same;
        best = !best || is_better ? source : best;
    }
    if (!best) {
        *ret_cause = g_strdup("no event source is a CPU PMU that KVM can use");
    } else if (same) {
        *ret_cause = g_strdup_printf(best->capacity
                                         ? "the CPUs of %s and %s have the same capacity"
                                         : "the kernel does not tell which CPUs are the "
                                           "faster ones, those of %s or of %s",
                                     best->name, same->name);
    }
    return *ret_cause ? NULL : best;
}

static PmuChoice choose_by_capacity(const Select *s)
{
    bool is_big = s->in->request->kind == PMU_REQUEST_BIG;
    const char *asked = is_big ? "big" : "little";
    g_autofree char *cause = NULL;
    const PmuSource *source;

    if (refuse_all(s, asked)) {
        return (PmuChoice){.kind = ARM_PMU_NONE};
    }
    source = source_by_capacity(s->host, is_big, &cause);
    return source ? choose_asked(s, asked, source)
                  : refuse(s, asked, cause, "name one of the sources offered");
}

/* Smaller location first, then the smaller name, both bytewise. */
static bool is_before(const PmuSource *a, const PmuSource *b)
{
    int order = strcmp(a->location, b->location);

    return order < 0 || (order == 0 && strcmp(a->name, b->name) < 0);
}

/* The affinity the program was started with counts: where it never runs, nothing is
 * missed. */
static bool covers_allowed(const HostProfile *host, const PmuSource *source)
{
    return source->cpus && host->allowed && cpu_set_count(host->allowed) > 0 &&
           cpu_set_covers(source->cpus, host->allowed);
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

            say(s, FINDING_WARNING, "auto", NULL, cause,
                "see what the kernel says of it");
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
    } else if (covers == covers_allowed) {
        g_autofree char *cpus = cpu_set_format(s->host->allowed);
        g_autofree char *cause =
            g_strdup_printf("it covers every CPU this process may run on, %s", cpus);

        say(s, FINDING_NOTE, "auto", source->name, cause, NULL);
    } else {
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

/* Of the sources that can be asked for, one of the greatest capacity. */
static const PmuSource *fastest_source(const HostProfile *host)
{
    const PmuSource *best = NULL;

    for (unsigned i = 0; i < host->sources->len; i++) {
        const PmuSource *source = source_at(host, i);

        if (is_usable(source) && (!best || source->capacity > best->capacity)) {
            best = source;
        }
    }
    return best;
}

/*
 * What to do where each source covers a part: take one, run on the CPUs of one, or do
 * without.
 * @is_chosen: by this program; KVM's own choice may be another than that of the CPUs
 */
static char *partial_remedy(const Select *s, bool is_chosen)
{
    const PmuSource *source = fastest_source(s->host);
    g_autofree char *taskset = source ? taskset_text(source->cpus) : NULL;
    g_autofree char *run =
        is_chosen && source
            ? g_strdup_printf(", or start the program on the CPUs of one source (%s)",
                              taskset)
            : g_strdup("");

    if (!s->host->arm.has_pmu_attr[ARM_ATTR_SET_PMU]) {
        return g_strdup("use Linux 5.18 or later, which can select one, or say pmu=off");
    }
    return source
               ? g_strdup_printf("use -accel kvm,pmu=%s%s, or say pmu=off", source->name,
                                 run)
               : g_strdup("use a kernel with a driver for the CPU's PMU, or say pmu=off");
}

static PmuChoice choose_auto(const Select *s)
{
    static Covers *const ladder[] = {pmu_source_covers, covers_present, covers_allowed};
    const PmuSource *source = NULL;

    if (!s->host->possible || cpu_set_count(s->host->possible) == 0) {
        return choose_none(s, FINDING_WARNING,
                           s->host->cpus_problem
                               ? s->host->cpus_problem
                               : "the list of possible CPUs is missing or empty",
                           "mount sysfs, or say pmu=off");
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(ladder) && !source; i++) {
        if (ladder[i] == covers_allowed && !s->host->arm.has_pmu_attr[ARM_ATTR_SET_PMU]) {
            continue; /* which one KVM takes is not ours to say */
        }
        source = best_source(s, ladder[i]);
        if (source && !s->host->arm.has_pmu_attr[ARM_ATTR_SET_PMU]) {
            say(s, FINDING_NOTE, "auto", "KVM's default",
                "the kernel knows one CPU PMU only", NULL);
            return (PmuChoice){.kind = ARM_PMU_KVM_DEFAULT};
        }
        if (source) {
            note_choice(s, source, ladder[i]);
            return choose_source(s, source);
        }
    }
    if (s->host->arm.has_pmu_attr[ARM_ATTR_FIXED_COUNTERS_ONLY] &&
        s->in->allow_fixed_counters) {
        say(s, FINDING_NOTE, "auto", "fixed counters only",
            "no event source covers every CPU", NULL);
        return (PmuChoice){.kind = ARM_PMU_FIXED_COUNTERS_ONLY};
    }
    {
        g_autofree char *why = explain_partial(s->host);
        g_autofree char *remedy = partial_remedy(s, true);
        g_autofree char *cause = g_strdup_printf(
            "no event source covers every possible CPU%s%s", why[0] ? ": " : "", why);

        return choose_none(s, FINDING_WARNING, cause, remedy);
    }
}

/* What older machines get: KVM's own choice, which may count on a part of the CPUs only.
 */
static PmuChoice choose_default(const Select *s)
{
    g_autofree char *why = explain_partial(s->host);

    if (why[0] && s->host->possible && !best_source(s, pmu_source_covers)) {
        g_autofree char *remedy = partial_remedy(s, false);
        g_autofree char *cause = g_strdup_printf(
            "the machine version leaves the choice to KVM, and no event "
            "source covers every possible CPU: %s; while a vCPU runs on a "
            "CPU the chosen one lacks, the guest's counters stand still",
            why);

        say(s, FINDING_WARNING, "auto", "KVM's default", cause, remedy);
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
    if (kind == PMU_REQUEST_BIG || kind == PMU_REQUEST_LITTLE) {
        return choose_by_capacity(&s);
    }
    if (kind == PMU_REQUEST_NONE) {
        return choose_none(&s, FINDING_NOTE, "-accel kvm,pmu=none",
                           s.in->is_explicit_on ? "drop pmu=none from -accel" : NULL);
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
        if (!in->host->arm.has_pmu_attr[ARM_ATTR_FIXED_COUNTERS_ONLY]) {
            return refuse(&s, "fixed-counters-only", "the kernel does not have it",
                          "drop pmu= from -accel");
        }
        return (PmuChoice){.kind = ARM_PMU_FIXED_COUNTERS_ONLY};
    }
    if (kind == PMU_REQUEST_UNSET && in->backcompat) {
        return choose_default(&s);
    }
    return choose_auto(&s);
}
