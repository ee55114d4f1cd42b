/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every remedy works when followed: it removes its finding, or leads to the next cause,
 * in three steps at most, never with the same sentence twice.
 *
 * A remedy is read as a person would: what it says first is done to the command line or
 * to the host.  A sentence that nobody here can read fails the test.
 */
#include <string.h>

#include "resolve-case.h"
#include "target/kvm-accel.h"
#include "util/bits.h"

#define STEPS_MAX 3

/* A command line on a host, as far as remedies change them. */
typedef struct Try {
    char *profile;
    const char *machine;
    GPtrArray *words; /* of -cpu, the model first */
    char *accel;      /* one setting, or NULL */
    char *taskset;    /* CPUs, or NULL */
    bool no_watchdog;
} Try;

typedef enum Outcome {
    DONE,   /* what it says was done here */
    LEFT,   /* it leads to another host, kernel or CPU than is recorded */
    UNREAD, /* nobody knows what to do */
} Outcome;

static Try *try_new(const char *profile, const char *machine, const char *cpu,
                    const char *accel)
{
    g_auto(GStrv) words = g_strsplit(cpu, ",", -1);
    Try *try = g_new0(Try, 1);

    try->profile = g_strdup(profile);
    try->machine = machine;
    try->words = g_ptr_array_new_with_free_func(g_free);
    try->accel = g_strdup(accel);
    for (unsigned i = 0; words[i]; i++) {
        g_ptr_array_add(try->words, g_strdup(words[i]));
    }
    return try;
}

static void try_free(Try *try)
{
    g_free(try->profile);
    g_ptr_array_unref(try->words);
    g_free(try->accel);
    g_free(try->taskset);
    g_free(try);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Try, try_free)

static char *try_cpu(const Try *try)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < try->words->len; i++) {
        g_string_append_printf(text, "%s%s", i ? "," : "",
                               (const char *)g_ptr_array_index(try->words, i));
    }
    return g_string_free(text, FALSE);
}

static ResolveCase *try_resolve(const Try *try)
{
    g_autofree char *cpu = try_cpu(try);
    HostProfile *host = resolve_profile(try->profile);

    if (try->taskset) {
        host->allowed = cpu_set_parse_list(try->taskset, NULL);
    }
    host->nmi_watchdog = try->no_watchdog ? 0 : host->nmi_watchdog;
    return resolve_case_new(host, try->machine, cpu, try->accel);
}

/* Which word of -cpu speaks of @name: "name", "name=…", "+name", "-name"; 0: none. */
static unsigned word_of(const Try *try, const char *name)
{
    size_t len = strlen(name);

    for (unsigned i = 1; i < try->words->len; i++) {
        const char *word = g_ptr_array_index(try->words, i);

        word += *word == '+' || *word == '-';
        if (strncmp(word, name, len) == 0 && (word[len] == '=' || !word[len])) {
            return i;
        }
    }
    return 0;
}

static void leave_out(Try *try, const char *name)
{
    unsigned at;
    bool found = false;

    while ((at = word_of(try, name)) != 0) {
        g_ptr_array_remove_index(try->words, at);
        found = true;
    }
    if (!found) { /* of the model, or implied */
        g_ptr_array_add(try->words, g_strdup_printf("%s=off", name));
    }
}

/* "a=b,c=d, or …": each takes the place of what was said of its name. */
static bool use_settings(Try *try, const char *text)
{
    g_auto(GStrv) settings = g_strsplit(text, ",", -1);
    bool found = false;

    for (unsigned i = 0; settings[i]; i++) {
        g_auto(GStrv) words = g_strsplit(settings[i], " ", 2);
        g_auto(GStrv) pair = g_strsplit(words[0] ? words[0] : "", "=", 2);

        if (!pair[0] || !pair[1]) {
            break;
        }
        if (word_of(try, pair[0])) {
            leave_out(try, pair[0]);
        }
        g_ptr_array_add(try->words, g_strdup(words[0]));
        found = true;
        if (words[1]) { /* "a=b or leave …" */
            break;
        }
    }
    return found;
}

/* The word that follows @prefix in @text, up to a blank, comma or parenthesis; or NULL.
 */
static char *word_after(const char *text, const char *prefix)
{
    const char *at = strstr(text, prefix);

    return at ? g_strndup(at + strlen(prefix), strcspn(at + strlen(prefix), " ),"))
              : NULL;
}

/* Hosts that are the same but for what a remedy changes. */
static const struct {
    const char *profile, *remedy, *after;
} twin_rows[] = {
    {"amd-zen4-genoa-nopmu", "load kvm with enable_pmu=1", "amd-zen4-genoa"},
    {"intel-icelake-sp-nopmu", "load kvm with enable_pmu=1", "intel-icelake-sp"},
    {"intel-sapphirerapids-mediated", "load kvm_intel with enable_mediated_pmu=0",
     "intel-sapphirerapids"},
    {"intel-sapphirerapids-topdown", "load kvm_intel with enable_mediated_pmu=0",
     "intel-sapphirerapids"},
    {"intel-graniterapids-d", "use Linux 6.18 or later", "intel-graniterapids-d-linux72"},
    {"arm-rk3399-linux510", "use Linux 5.18 or later", "arm-rk3399"},
};

/* What is done to the host, and no profile here has it done. */
static const char *const elsewhere[] = {
    "use a host ",
    "use Linux ",
    "use Ice Lake-SP",
    "use a kernel ",
    "use a newer kernel",
    "switch the efficient cores off",
    "give this host a PMU ",
    "see what the kernel says ",
    "load kvm",
    "record the host itself",
    "mount sysfs",
    "use another host",
};

static Outcome change_host(Try *try, const char *remedy)
{
    for (unsigned i = 0; i < ARRAY_LEN(twin_rows); i++) {
        if (strcmp(try->profile, twin_rows[i].profile) == 0 &&
            g_str_has_prefix(remedy, twin_rows[i].remedy)) {
            g_free(try->profile);
            try->profile = g_strdup(twin_rows[i].after);
            return DONE;
        }
    }
    if (g_str_has_prefix(remedy, "write 0 to /proc/sys/kernel/nmi_watchdog")) {
        try->no_watchdog = true;
        return DONE;
    }
    for (unsigned i = 0; i < ARRAY_LEN(elsewhere); i++) {
        if (g_str_has_prefix(remedy, elsewhere[i])) {
            return LEFT;
        }
    }
    return UNREAD;
}

static Outcome change_accel(Try *try, const char *remedy, const Finding *finding)
{
    g_autofree char *setting = word_after(remedy, "use -accel kvm,");
    g_autofree char *cpus = word_after(remedy, "taskset -c ");
    g_autofree char *added = word_after(remedy, "add x-");
    bool is_start = g_str_has_prefix(remedy, "start the program on the CPUs of ");

    if (is_start && cpus) {
        g_free(try->taskset);
        try->taskset = g_steal_pointer(&cpus);
        return DONE;
    }
    if (g_str_has_prefix(remedy, "use -accel kvm,")) {
        g_free(try->accel);
        try->accel = g_steal_pointer(&setting);
        return DONE;
    }
    if (g_str_has_prefix(remedy, "drop pmu") ||
        g_str_has_prefix(remedy, "drop kernel-irq") ||
        g_str_has_prefix(remedy, "drop one of the two")) {
        g_clear_pointer(&try->accel, g_free);
        return DONE;
    }
    if (g_str_has_prefix(remedy, "name one of the sources offered")) {
        g_free(try->accel);
        try->accel = g_strdup_printf("pmu=%.*s", (int)strcspn(finding->offered, " "),
                                     finding->offered);
        return DONE;
    }
    /* One setting is all a try has: this one goes with what it is for. */
    return added && g_str_has_prefix(remedy, "add x-") ? LEFT : UNREAD;
}

static Outcome change_cpu(Try *try, const char *remedy, const Finding *finding)
{
    g_autofree char *left = word_after(remedy, "leave ");
    g_autofree char *dropped = word_after(remedy, "drop ");

    if (g_str_has_prefix(remedy, "use ") || g_str_has_prefix(remedy, "add ")) {
        return use_settings(try, remedy + strlen("use ")) ? DONE : UNREAD;
    }
    if (g_str_has_prefix(remedy, "leave it out")) {
        leave_out(try, finding->row);
        return DONE;
    }
    if (g_str_has_prefix(remedy, "leave ")) {
        g_auto(GStrv) pair = g_strsplit(left, "=", 2);

        leave_out(try, pair[0]);
        return DONE;
    }
    if (g_str_has_prefix(remedy, "drop ")) {
        g_auto(GStrv) pair = g_strsplit(dropped, "=", 2);
        unsigned at = word_of(try, pair[0]);

        if (at) {
            g_ptr_array_remove_index(try->words, at);
            return DONE;
        }
    }
    return UNREAD;
}

static Outcome follow(Try *try, const Finding *finding)
{
    Outcome outcome = UNREAD;

    if (!finding->remedy) {
        return UNREAD;
    }
    if (g_str_has_prefix(finding->remedy, "use one of these")) {
        leave_out(try, finding->row);
        return DONE;
    }
    outcome = change_host(try, finding->remedy);
    outcome = outcome == UNREAD ? change_accel(try, finding->remedy, finding) : outcome;
    return outcome == UNREAD ? change_cpu(try, finding->remedy, finding) : outcome;
}

static unsigned walked, longest;

/* From one finding to its end. */
static void law_of_one(Try *try, const Finding *first)
{
    g_autofree char *row = g_strdup(first->row);
    g_autoptr(GHashTable) said =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(ResolveCase) c = try_resolve(try);
    const Finding *finding = first;
    unsigned steps = 0;

    while (finding) {
        char *line = finding_format(finding);
        g_autofree char *cpu = try_cpu(try);
        bool is_new = g_hash_table_add(said, line);
        Outcome outcome;

        if (!is_new || steps == STEPS_MAX) {
            g_test_message("%s %s -cpu %s -accel kvm,%s: %s", try->profile, try->machine,
                           cpu, try->accel ? try->accel : "", line);
        }
        g_assert_true(is_new);
        g_assert_cmpuint(steps, <, STEPS_MAX);
        outcome = follow(try, finding);
        if (outcome == UNREAD) {
            g_test_message("%s -cpu %s: %s", try->profile, cpu, line);
        }
        g_assert_cmpint(outcome, !=, UNREAD);
        steps++;
        resolve_case_free(c);
        c = try_resolve(try);
        finding = outcome == LEFT ? NULL : report_find(c->report, row);
        /* A note is no complaint: what was chosen, what is taken over. */
        finding = finding && finding->level == FINDING_NOTE && !finding->remedy ? NULL
                                                                                : finding;
    }
    walked++;
    longest = MAX(longest, steps);
}

/* Findings of one line.  @seen: sentences that were followed on the host before, or NULL.
 */
static void law_of_line(const char *profile, const char *machine, const char *cpu,
                        const char *accel, GHashTable *seen)
{
    g_autoptr(Try) try = try_new(profile, machine, cpu, accel);
    g_autoptr(ResolveCase) c = try_resolve(try);

    for (unsigned i = 0; i < report_size(c->report); i++) {
        const Finding *finding = report_get(c->report, i);
        g_autoptr(Try) again = try_new(profile, machine, cpu, accel);

        if (finding->level == FINDING_NOTE && !finding->remedy) {
            continue;
        }
        if (seen && !g_hash_table_add(seen, finding_format(finding))) {
            continue;
        }
        law_of_one(again, finding);
    }
}

static const char *const x86_wishes[] = {
    "host,pmu=on,perf-metrics=on,pebs-baseline=on,arch-lbr=on,intel-pt=on,perfmon-v2=on,"
    "full-width-write=on",
    "host,pmu=off,perf-metrics=on,pebs-trap=on,arch-lbr=on,perfmon-v2=on,lbr-fmt=6",
    "host,pebs-fmt=host,lbr-fmt=host",
    "host,pebs-fmt=3,lbr-fmt=6",
    "host,pebs-fmt=0,+pebs-trap",
    "host,+pebs-trap,-pebs-arch-reg",
    "host,+pebs-timing-info",
    "host,+pebs-trap,-ds,-pdcm",
    "host,+pebs-baseline,family=15",
    "host,migratable=off,-ds",
    "SapphireRapids,pebs-fmt=4,lbr-fmt=5,perf-metrics=on",
    "EPYC-Genoa,perfmon-v2=on,pmu=on,npt=on,pdcm=on",
    "EPYC-Turin,lbr-fmt=host",
    "qemu64,dtes64=on,pebs-trap=on,lbr-fmt=5,perf-metrics=on,full-width-write=on",
    "Nehalem,level=5,avx2=on,pmu=on",
    "max,vendor=AuthenticAMD,pmu=on,pebs-fmt=host,perfctr-core=on",
    "max,vendor=GenuineIntel,pmu=on",
    "host,kvm=off,kvmclock=on,xlevel=0x80000000,perfmon-v2=on",
    "host,phys-bits=60,guest-phys-bits=20,family=999,model=300,stepping=16",
    "host,tsc-frequency=1,model-id=123456789012345678901234567890123456789012345678901",
    "base,fma=on,avx512vnni=on,xsaves=on,amx-int8=on",
    "host,x-force-features=on,+npt,+arch-lbr,+pebs-trap",
    "host,lmce=on,+invtsc",
    "host,pmu-counters=99,pmu-version=9,pmu-fixed-counters=9,pmu-events=0xffff",
};
static const char *const arm_cpus[] = {"host",
                                       "max",
                                       "host,pmu=on",
                                       "host,pmu=off",
                                       "host,pmu=on,pmu-counters=4",
                                       "host,aarch64=off",
                                       "host,sve=on,pauth=on,kvm-steal-time=on"};
static const char *const arm_accels[] = {
    NULL,         "pmu=auto",   "pmu=none",
    "pmu=big",    "pmu=little", "pmu=77",
    "pmu=nobody", "pmu=1",      "pmu=fixed-counters-only",
    "pmu=8",      "pmu=9",      "pmu=armv8_pmuv3_0",
};
static const char *const versions[] = {"vpmu1.0", "11.1", "10.0", "7.2"};

static void walk_x86(void)
{
    g_auto(GStrv) profiles = resolve_profile_names("");
    g_autoptr(TypeRegistry) registry = type_registry_new();
    g_autoptr(GPtrArray) types = NULL;
    unsigned number = 0;

    target_register_types(registry);
    types = type_registry_list(registry, TYPE_X86_CPU, false);
    for (unsigned p = 0; profiles[p]; p++) {
        g_autoptr(GHashTable) seen =
            g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

        for (unsigned v = 0;
             !g_str_has_prefix(profiles[p], "arm-") && v < ARRAY_LEN(versions); v++) {
            g_autofree char *machine = g_strdup_printf("pc-q35-%s", versions[v]);

            for (unsigned i = 0; i < ARRAY_LEN(x86_wishes); i++) {
                if (resolve_sample(number++)) {
                    law_of_line(profiles[p], machine, x86_wishes[i], NULL, NULL);
                }
            }
            /* What a model wants of a host is the same on every version, or nearly. */
            for (unsigned i = 0; i < types->len && (v == 0 || g_getenv("VPMU_LONG"));
                 i++) {
                const char *type =
                    ((const ObjectType *)g_ptr_array_index(types, i))->name;
                g_autofree char *model =
                    g_strndup(type, strlen(type) - strlen("-x86_64-cpu"));
                g_autofree char *on = g_strdup_printf("%s,pmu=on,enforce", model);

                if (resolve_sample(number++)) {
                    law_of_line(profiles[p], machine, model, NULL, seen);
                    law_of_line(profiles[p], machine, on, NULL, seen);
                }
            }
        }
    }
}

static void walk_arm(void)
{
    g_auto(GStrv) profiles = resolve_profile_names("arm-");

    for (unsigned p = 0; profiles[p]; p++) {
        for (unsigned v = 0; v < ARRAY_LEN(versions); v++) {
            g_autofree char *machine = g_strdup_printf("virt-%s", versions[v]);

            for (unsigned i = 0; i < ARRAY_LEN(arm_cpus) * ARRAY_LEN(arm_accels); i++) {
                law_of_line(profiles[p], machine, arm_cpus[i % ARRAY_LEN(arm_cpus)],
                            arm_accels[i / ARRAY_LEN(arm_cpus)], NULL);
            }
        }
    }
}

static void test_law(gconstpointer walk)
{
    walked = longest = 0;
    ((void (*)(void))walk)();
    g_test_message("%u findings followed, the longest chain has %u steps", walked,
                   longest);
    g_assert_cmpuint(walked, >, 100);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/remedies/x86", (gconstpointer)walk_x86, test_law);
    g_test_add_data_func("/remedies/arm", (gconstpointer)walk_arm, test_law);
    return g_test_run();
}
