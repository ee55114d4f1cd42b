/*
 * Arm PMU of a KVM guest: event sources of the host, and which one to use
 *
 * Sources: Linux Documentation/virt/kvm/devices/vcpu.rst and
 * Documentation/admin-guide/cputopology.rst.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/cutils.h"
#include "qemu/error-report.h"
#include "kvm-pmu-source.h"

/* A decimal number: digits only, no zero in front. */
static bool parse_number(const char **text, uint64_t limit, uint64_t *number)
{
    const char *end;

    if (!g_ascii_isdigit(**text) ||
        (**text == '0' && g_ascii_isdigit((*text)[1])) ||
        qemu_strtou64(*text, &end, 10, number) < 0 || *number > limit) {
        return false;
    }
    *text = end;
    return true;
}

bool arm_pmu_parse_cpus(const char *text, ArmPmuCpus *cpus)
{
    uint64_t first, last;

    memset(cpus, 0, sizeof(*cpus));
    while (*text != '\n' || cpus->any) {
        if (!parse_number(&text, ARM_PMU_MAX_CPUS - 1, &first)) {
            return false;
        }
        last = first;
        if (*text == '-') {
            text++;
            if (!parse_number(&text, ARM_PMU_MAX_CPUS - 1, &last) ||
                last < first) {
                return false;
            }
        }
        for (uint64_t cpu = first; cpu <= last; cpu++) {
            cpus->words[cpu / 64] |= 1ull << cpu % 64;
        }
        cpus->any = true;
        if (*text != ',') {
            break;
        }
        text++;
    }
    return g_str_equal(text, "\n");
}

bool arm_pmu_covers(const ArmPmuCpus *set, const ArmPmuCpus *wanted)
{
    for (int i = 0; i < ARRAY_SIZE(set->words); i++) {
        if (wanted->words[i] & ~set->words[i]) {
            return false;
        }
    }
    return wanted->any;
}

/* A whole small file, which has no zero byte in it; NULL if it is not one. */
static char *read_text(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *text = NULL;
    size_t length;

    if (!g_file_get_contents(path, &text, &length, NULL) ||
        strlen(text) != length) {
        return NULL;
    }
    return g_steal_pointer(&text);
}

bool arm_pmu_read_cpus(const char *root, const char *name, ArmPmuCpus *cpus)
{
    g_autofree char *folder = g_build_filename(root, "devices/system/cpu",
                                               NULL);
    g_autofree char *text = read_text(folder, name);

    if (!text || !arm_pmu_parse_cpus(text, cpus)) {
        memset(cpus, 0, sizeof(*cpus));
    }
    return cpus->any;
}

static void source_free(gpointer data)
{
    ArmPmuSource *source = data;

    g_free(source->name);
    g_free(source->location);
    g_free(source->cpu_list);
    g_free(source);
}

/* A source that has both a type and CPUs; NULL for all others. */
static ArmPmuSource *source_read(const char *devices, const char *name)
{
    g_autofree char *path = g_build_filename(devices, name, NULL);
    g_autofree char *location = g_file_read_link(path, NULL);
    g_autofree char *type = read_text(path, "type");
    g_autofree char *list = read_text(path, "cpus");
    const char *rest = type;
    ArmPmuSource *source;
    uint64_t number;

    if (!location || !type || !list ||
        !parse_number(&rest, UINT32_MAX, &number) ||
        !g_str_equal(rest, "\n")) {
        return NULL;
    }
    source = g_new0(ArmPmuSource, 1);
    if (!arm_pmu_parse_cpus(list, &source->cpus)) {
        g_free(source);
        return NULL;
    }
    source->name = g_strdup(name);
    source->location = g_steal_pointer(&location);
    source->type = number;
    source->cpu_list = g_strchomp(g_steal_pointer(&list));
    return source;
}

static gint source_order(gconstpointer a, gconstpointer b)
{
    const ArmPmuSource *left = *(ArmPmuSource **)a;
    const ArmPmuSource *right = *(ArmPmuSource **)b;

    return strcmp(left->location, right->location) ?:
           strcmp(left->name, right->name);
}

GPtrArray *arm_pmu_read_sources(const char *root)
{
    g_autofree char *devices = g_build_filename(root,
                                                "bus/event_source/devices",
                                                NULL);
    GPtrArray *sources = g_ptr_array_new_with_free_func(source_free);
    GDir *folder = g_dir_open(devices, 0, NULL);
    const char *name;

    while (folder && (name = g_dir_read_name(folder))) {
        ArmPmuSource *source = source_read(devices, name);

        if (source) {
            g_ptr_array_add(sources, source);
        }
    }
    if (folder) {
        g_dir_close(folder);
    }
    g_ptr_array_sort(sources, source_order);
    return sources;
}

char *arm_pmu_describe(GPtrArray *sources)
{
    GString *text = g_string_new(NULL);

    for (int i = 0; i < sources->len; i++) {
        const ArmPmuSource *source = g_ptr_array_index(sources, i);

        g_string_append_printf(text, "%s%s (type %" PRIu32 ", CPUs %s)",
                               i ? ", " : "", source->name, source->type,
                               source->cpu_list);
    }
    return g_string_free(text, false);
}

static const ArmPmuSource *find_source(const ArmPmuFacts *facts)
{
    const char *rest = facts->asked;
    uint64_t type = UINT64_MAX;

    if (!parse_number(&rest, UINT32_MAX, &type) || *rest) {
        type = UINT64_MAX;
    }
    for (int i = 0; i < facts->sources->len; i++) {
        const ArmPmuSource *source = g_ptr_array_index(facts->sources, i);

        if (source->type == type || g_str_equal(source->name, facts->asked)) {
            return source;
        }
    }
    return NULL;
}

/* The source that the user named. */
static bool choose_named(const ArmPmuFacts *facts, ArmPmuChoice *choice,
                         Error **errp)
{
    const ArmPmuSource *source = find_source(facts);
    const char *missing = !facts->has_pmu ? "KVM has no PMU for guests here" :
                          !facts->can_set ? "choosing one needs Linux 5.18" :
                          NULL;
    int error;

    if (missing) {
        error_setg(errp, "pmu=%s: %s", facts->asked, missing);
        return false;
    }
    if (!source) {
        g_autofree char *all = arm_pmu_describe(facts->sources);

        error_setg(errp, "pmu=%s is not a CPU PMU of this host; there is %s, "
                   "'auto' or 'none'", facts->asked, *all ? all : "none");
        return false;
    }
    error = facts->try(facts->opaque, source->type);
    if (error < 0) {
        error_setg_errno(errp, -error, "pmu=%s: KVM refuses %s, type %" PRIu32,
                         facts->asked, source->name, source->type);
        return false;
    }
    choice->kind = ARM_PMU_SOURCE;
    choice->source = source;
    choice->partial = !arm_pmu_covers(&source->cpus, facts->possible) &&
                      !arm_pmu_covers(&source->cpus, facts->present);
    return true;
}

/*
 * The first source that covers all CPUs and that KVM takes.  CPUs that are
 * possible but not there do not count if they are all that is missing.
 */
static const ArmPmuSource *covering_source(const ArmPmuFacts *facts)
{
    for (int pass = 0; pass < 2; pass++) {
        const ArmPmuCpus *wanted = pass ? facts->present : facts->possible;

        for (int i = 0; i < facts->sources->len; i++) {
            const ArmPmuSource *source = g_ptr_array_index(facts->sources, i);

            if (arm_pmu_covers(&source->cpus, wanted) &&
                (!facts->can_set ||
                 facts->try(facts->opaque, source->type) >= 0)) {
                return source;
            }
        }
    }
    return NULL;
}

bool arm_pmu_choose(const ArmPmuFacts *facts, ArmPmuChoice *choice,
                    Error **errp)
{
    g_autofree char *all = arm_pmu_describe(facts->sources);

    *choice = (ArmPmuChoice) { .kind = ARM_PMU_NONE };
    if (g_strcmp0(facts->asked, "none") == 0) {
        return true;
    }
    if (facts->asked && !g_str_equal(facts->asked, "auto")) {
        return choose_named(facts, choice, errp);
    }
    if (!facts->has_pmu) {
        return true;
    }
    if (facts->backcompat && !facts->asked) {
        choice->kind = ARM_PMU_DEFAULT;
        return true;
    }
    choice->source = covering_source(facts);
    if (!choice->source) {
        warn_report("no PMU for guests: none of this host's covers all CPUs; "
                    "there is %s; name one with -accel kvm,pmu=NAME",
                    *all ? all : "none");
        return true;
    }
    choice->kind = facts->can_set ? ARM_PMU_SOURCE : ARM_PMU_DEFAULT;
    return true;
}
