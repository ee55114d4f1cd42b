/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The decision table of the arm64 PMU backend: hosts as values, one row per case.  The
 * numbers are those of the rows in docs/vpmu-arm.md.
 */
#include "target/contract-check.h"
#include "target/pmu-select.h"

#include <errno.h>
#include <string.h>

#include "resolve-case.h"
#include "target/arm-cpu.h"
#include "util/bits.h"

#define MAX_SOURCES 3

typedef struct SourceRow {
    const char *name;
    uint32_t type;
    const char *location;
    const char *cpus;    /* NULL: no such file */
    const char *cpumask; /* NULL: no such file */
    int trial;           /* errno of SET_PMU on the scratch vCPU */
    unsigned capacity;   /* 0: not told */
} SourceRow;

typedef struct SelectRow {
    const char *number;
    const char *possible; /* NULL: unreadable */
    const char *present;  /* NULL: as possible */
    const char *allowed;  /* NULL: not known */
    SourceRow sources[MAX_SOURCES];
    bool no_cap, no_set_pmu, attr5;
    PmuRequest request;
    bool backcompat, allow_fixed, insists, leaves_threads;
    ArmPmuKind kind;
    uint32_t type;       /* of the source */
    FindingLevel level;  /* of the worst finding … */
    const char *message; /* … which contains this; NULL: do not look */
} SelectRow;

#define S8(list)                                                                         \
    {                                                                                    \
        "armv8_a53", 8, "../d/armv8_a53", list, NULL, 0                                  \
    }
#define S9(list)                                                                         \
    {                                                                                    \
        "armv8_a72", 9, "../d/armv8_a72", list, NULL, 0                                  \
    }
#define C8(list, capacity)                                                               \
    {                                                                                    \
        "armv8_a53", 8, "../d/armv8_a53", list, NULL, 0, capacity                        \
    }
#define C9(list, capacity)                                                               \
    {                                                                                    \
        "armv8_a72", 9, "../d/armv8_a72", list, NULL, 0, capacity                        \
    }
#define TYPE(n)                                                                          \
    {                                                                                    \
        PMU_REQUEST_TYPE, n, NULL                                                        \
    }
#define NAME(n)                                                                          \
    {                                                                                    \
        PMU_REQUEST_NAME, 0, (char *)(n)                                                 \
    }
#define SOURCE  ARM_PMU_EVENT_SOURCE
#define DEFAULT ARM_PMU_KVM_DEFAULT
#define FIXED   ARM_PMU_FIXED_COUNTERS_ONLY
#define NONE    ARM_PMU_NONE

/* clang-format off */
static const SelectRow rows[] = {
    {"1", "0-3", .sources = {S8("0-3")}, .kind = SOURCE, .type = 8, .level = FINDING_NOTE},
    {"2", "0-3", .sources = {S8("0-1"), S9("2-3")}, .kind = NONE,
     .level = FINDING_WARNING, .message = "armv8_a53 lacks CPUs 2-3, armv8_a72 lacks CPUs 0-1"},
    {"2, pmu=on", "0-3", .sources = {S8("0-1"), S9("2-3")}, .insists = true, .kind = NONE,
     .level = FINDING_ERROR},
    {"3", "0-3", .sources = {S8("0-1"), S9("2-3")}, .attr5 = true, .allow_fixed = true,
     .kind = FIXED, .level = FINDING_NOTE},
    {"3, not enabled", "0-3", .sources = {S8("0-1"), S9("2-3")}, .attr5 = true,
     .kind = NONE, .level = FINDING_WARNING},
    {"4", "0-3", .sources = {S8("0-1"), S9("2-3")}, .request = TYPE(9), .kind = SOURCE,
     .type = 9, .level = FINDING_NOTE, .message = "kept on CPUs 2-3"},
    {"4, threads left alone", "0-3", .sources = {S8("0-1"), S9("2-3")}, .request = TYPE(9),
     .leaves_threads = true, .kind = SOURCE, .type = 9, .level = FINDING_WARNING,
     .message = "drop pmu-affinity=off"},
    {"4, running there", "0-3", .sources = {S8("0-1"), S9("2-3")}, .request = TYPE(9),
     .allowed = "3", .kind = SOURCE, .type = 9, .level = FINDING_NOTE},
    {"4, running elsewhere", "0-3", .sources = {S8("0-1"), S9("2-3")}, .request = TYPE(9),
     .allowed = "0-1", .kind = NONE, .level = FINDING_ERROR,
     .message = "may run on 0-1 only (taskset, cgroup or pinning) (start the program on the "
                "CPUs of armv8_a72: taskset -c 2-3)"},
    {"4, by name", "0-3", .sources = {S8("0-1"), S9("2-3")}, .request = NAME("armv8_a72"),
     .kind = SOURCE, .type = 9, .level = FINDING_NOTE, .message = "kept on CPUs 2-3"},
    /* The affinity the program was started with. */
    {"2, on one cluster", "0-3", .sources = {S8("0-1"), S9("2-3")}, .allowed = "2-3",
     .insists = true, .kind = SOURCE, .type = 9, .level = FINDING_NOTE,
     .message = "every CPU this process may run on, 2-3"},
    {"2, on one CPU", "0-3", .sources = {S8("0-1"), S9("2-3")}, .allowed = "0",
     .kind = SOURCE, .type = 8, .level = FINDING_NOTE},
    {"2, across", "0-3", .sources = {S8("0-1"), S9("2-3")}, .allowed = "1-2", .kind = NONE,
     .level = FINDING_WARNING, .message = "start the program on the CPUs of one source"},
    {"2, on one cluster, old kernel", "0-3", .sources = {S8("0-1"), S9("2-3")},
     .allowed = "2-3", .no_set_pmu = true, .kind = NONE, .level = FINDING_WARNING,
     .message = "use Linux 5.18 or later, which can select one, or say pmu=off"},
    {"2, on one cluster, KVM's choice", "0-3", .sources = {S8("0-1"), S9("2-3")},
     .allowed = "2-3", .backcompat = true, .kind = DEFAULT, .level = FINDING_WARNING,
     .message = "(use -accel kvm,pmu=armv8_a53, or say pmu=off)"},
    /* By the kind of core. */
    {"big", "0-3", .sources = {C8("0-1", 446), C9("2-3", 1024)}, .request = {PMU_REQUEST_BIG},
     .kind = SOURCE, .type = 9, .level = FINDING_NOTE, .message = "kept on CPUs 2-3"},
    {"little", "0-3", .sources = {C8("0-1", 446), C9("2-3", 1024)},
     .request = {PMU_REQUEST_LITTLE}, .kind = SOURCE, .type = 8, .level = FINDING_NOTE},
    {"big of one", "0-3", .sources = {S8("0-3")}, .request = {PMU_REQUEST_BIG},
     .kind = SOURCE, .type = 8, .level = FINDING_NOTE},
    {"big, unknown", "0-3", .sources = {S8("0-1"), S9("2-3")}, .request = {PMU_REQUEST_BIG},
     .kind = NONE, .level = FINDING_ERROR, .message = "does not tell which CPUs are the faster"},
    {"big, alike", "0-3", .sources = {C8("0-1", 1024), C9("2-3", 1024)},
     .request = {PMU_REQUEST_BIG}, .kind = NONE, .level = FINDING_ERROR,
     .message = "armv8_a53 and armv8_a72 have the same capacity (name one of the sources"},
    {"big, of none", "0-3", .request = {PMU_REQUEST_BIG}, .kind = NONE, .level = FINDING_ERROR,
     .message = "no event source is a CPU PMU"},
    {"big, old kernel", "0-3", .sources = {C8("0-1", 446), C9("2-3", 1024)},
     .no_set_pmu = true, .request = {PMU_REQUEST_BIG}, .kind = NONE, .level = FINDING_ERROR,
     .message = "older than 5.18"},
    {"5", "0-3", .sources = {S8("0-1"), S9("2-3"), {"software", 1, "../d/software", NULL, NULL, 0}},
     .request = TYPE(1), .kind = NONE, .level = FINDING_ERROR,
     .message = "event source 1 is not a CPU PMU that KVM can use"},
    {"5, absent", "0-3", .sources = {S8("0-3")}, .request = TYPE(77), .kind = NONE,
     .level = FINDING_ERROR, .message = "77"},
    {"8", "0-3", .sources = {S8("0-3")}, .backcompat = true, .kind = DEFAULT},
    {"8, pmu=auto", "0-3", .sources = {S8("0-3")}, .backcompat = true,
     .request = {PMU_REQUEST_AUTO}, .kind = SOURCE, .type = 8, .level = FINDING_NOTE},
    {"9", "0-3", .sources = {S8("0-3")}, .backcompat = true, .request = TYPE(8),
     .kind = SOURCE, .type = 8},
    {"10", "0-3", .sources = {S8("0-3")}, .no_cap = true, .kind = NONE,
     .level = FINDING_NOTE, .message = "KVM has no PMU support"},
    {"10, pmu=on", "0-3", .sources = {S8("0-3")}, .no_cap = true, .insists = true,
     .kind = NONE, .level = FINDING_ERROR, .message = "KVM has no PMU support"},
    {"11", "0-3", .sources = {S8("0-3")}, .no_cap = true, .request = TYPE(8), .kind = NONE,
     .level = FINDING_ERROR, .message = "KVM has no PMU support"},
    {"12", "0-3", .sources = {S8("0-3")}, .no_set_pmu = true, .kind = DEFAULT,
     .level = FINDING_NOTE},
    {"13", "0-3", .sources = {S8("0-1"), S9("2-3")}, .no_set_pmu = true, .kind = NONE,
     .level = FINDING_WARNING},
    {"15", "0-3", .sources = {S8("0-3")}, .no_set_pmu = true, .request = TYPE(8),
     .kind = NONE, .level = FINDING_ERROR, .message = "older than 5.18"},
    {"16", "0-3", .sources = {{"armv8_a53", 8, "../p/pmu-z/armv8_a53", "0-3", NULL, 0},
                              {"armv8_a72", 9, "../p/pmu-a/armv8_a72", "0-3", NULL, 0}},
     .kind = SOURCE, .type = 9, .level = FINDING_NOTE},
    {"17", "0-3", .sources = {S8("0-3"), S9("0-3")}, .kind = SOURCE, .type = 8,
     .level = FINDING_NOTE},
    {"18", "0-3", .sources = {{"armv8_a72", 8, "../p/pmu-a/armv8_a72", "0-3", NULL, 0},
                              {"armv8_a53", 9, "../p/pmu-z/armv8_a53", "0-3", NULL, 0}},
     .kind = SOURCE, .type = 8, .level = FINDING_NOTE},
    {"18, same location", "0-3", .sources = {{"b", 8, "../p/x", "0-3", NULL, 0},
                                             {"a", 9, "../p/x", "0-3", NULL, 0}},
     .kind = SOURCE, .type = 9, .level = FINDING_NOTE},
    {"19", "0-3", .sources = {{"armv8_a53", 8, "../d/a", "0-3", NULL, ENXIO}, S9("0-3")},
     .kind = SOURCE, .type = 9, .level = FINDING_WARNING, .message = "KVM refuses it"},
    {"20", "0-3", .sources = {{"armv8_a53", 8, "../d/a", "0-3", NULL, ENXIO}},
     .kind = NONE, .level = FINDING_WARNING},
    {"20, pmu=on", "0-3", .sources = {{"armv8_a53", 8, "../d/a", "0-3", NULL, ENXIO}},
     .insists = true, .kind = NONE, .level = FINDING_ERROR},
    {"22", "0-3", .sources = {S8("0-1")}, .kind = NONE, .level = FINDING_WARNING,
     .message = "lacks CPUs 2-3"},
    {"23", "0-7", "0-3", .sources = {S8("0-3")}, .kind = SOURCE, .type = 8,
     .level = FINDING_NOTE, .message = "CPUs 4-7 are possible but absent"},
    {"24", "0-1", .sources = {S8("0-1"), S9("2-3")}, .kind = SOURCE, .type = 8,
     .level = FINDING_NOTE},
    {"25", "0-3", .sources = {S8("0-7")}, .kind = SOURCE, .type = 8, .level = FINDING_NOTE},
    {"26a", "0-3,8-11", .sources = {S8("0-11")}, .kind = SOURCE, .type = 8, .level = FINDING_NOTE},
    {"26b", "0-3,8-11", .sources = {S8("0-3")}, .kind = NONE, .level = FINDING_WARNING},
    {"27", "0", .sources = {S8("0")}, .kind = SOURCE, .type = 8, .level = FINDING_NOTE},
    {"28a", "0-64", .sources = {S8("0-64")}, .kind = SOURCE, .type = 8, .level = FINDING_NOTE},
    {"28b", "0-63", .sources = {S8("0-63")}, .kind = SOURCE, .type = 8, .level = FINDING_NOTE},
    {"28c", "0-127", .sources = {S8("0-127")}, .kind = SOURCE, .type = 8, .level = FINDING_NOTE},
    {"28d", "0-64", .sources = {S8("0-63")}, .kind = NONE, .level = FINDING_WARNING,
     .message = "lacks CPUs 64"},
    {"29", NULL, .sources = {S8("0-3")}, .kind = NONE, .level = FINDING_WARNING,
     .message = "possible"},
    {"30", "", .sources = {S8("0-3")}, .kind = NONE, .level = FINDING_WARNING},
    {"30, no cpus", "", .sources = {S8("")}, .kind = NONE, .level = FINDING_WARNING},
    {"35", "0-3", .sources = {S8("")}, .kind = NONE, .level = FINDING_WARNING},
    {"37", "0-3", .sources = {{"arm_spe_0", 8, "../d/spe", NULL, "0-3", 0}}, .kind = NONE,
     .level = FINDING_WARNING},
    {"37, named", "0-3", .sources = {{"arm_spe_0", 8, "../d/spe", NULL, "0-3", 0}},
     .request = TYPE(8), .kind = NONE, .level = FINDING_ERROR},
    {"41a", "0-3", .attr5 = true, .allow_fixed = true, .kind = FIXED, .level = FINDING_NOTE},
    {"41b", "0-3", .kind = NONE, .level = FINDING_WARNING},
    {"fixed by name", "0-3", .sources = {S8("0-3")}, .attr5 = true, .allow_fixed = true,
     .request = {PMU_REQUEST_FIXED_COUNTERS_ONLY}, .kind = FIXED},
    {"fixed by name, not enabled", "0-3", .sources = {S8("0-3")}, .attr5 = true,
     .request = {PMU_REQUEST_FIXED_COUNTERS_ONLY}, .kind = NONE, .level = FINDING_ERROR,
     .message = "x-fixed-counters-only"},
    {"fixed by name, old kernel", "0-3", .sources = {S8("0-3")}, .allow_fixed = true,
     .request = {PMU_REQUEST_FIXED_COUNTERS_ONLY}, .kind = NONE, .level = FINDING_ERROR},
    {"none by name", "0-3", .sources = {S8("0-3")}, .request = {PMU_REQUEST_NONE},
     .kind = NONE, .level = FINDING_NOTE},
    {"none by name, pmu=on", "0-3", .sources = {S8("0-3")}, .request = {PMU_REQUEST_NONE},
     .insists = true, .kind = NONE, .level = FINDING_ERROR},
};
/* clang-format on */

static CpuSet *set_of(const char *text)
{
    return text ? cpu_set_parse_list(text, NULL) : NULL;
}

static HostProfile *build_host(const SelectRow *row)
{
    HostProfile *host = host_profile_new(TARGET_ARCH_AARCH64);

    host->possible = set_of(row->possible);
    host->present = set_of(row->present ? row->present : row->possible);
    host->allowed = set_of(row->allowed);
    host->caps[KVM_CAPID_ARM_PMU_V3] = !row->no_cap;
    host->arm.has_pmu_attr[ARM_ATTR_SET_PMU] = !row->no_set_pmu;
    host->arm.has_pmu_attr[ARM_ATTR_FIXED_COUNTERS_ONLY] = row->attr5;
    for (unsigned i = 0; i < MAX_SOURCES && row->sources[i].name; i++) {
        const SourceRow *from = &row->sources[i];
        g_autoptr(CpuSet) cpus = set_of(from->cpus);
        g_autoptr(CpuSet) cpumask = set_of(from->cpumask);

        host_profile_add_source(host, &(PmuSource){.name = (char *)from->name,
                                                   .type = from->type,
                                                   .location = (char *)from->location,
                                                   .cpus = cpus,
                                                   .cpumask = cpumask,
                                                   .trial = from->trial,
                                                   .capacity = from->capacity});
    }
    return host;
}

static FindingLevel worst(const Report *report)
{
    return report_count(report, FINDING_ERROR)     ? FINDING_ERROR
           : report_count(report, FINDING_WARNING) ? FINDING_WARNING
                                                   : FINDING_NOTE;
}

static bool report_mentions(const Report *report, FindingLevel level, const char *text)
{
    for (unsigned i = 0; i < report_size(report); i++) {
        const Finding *finding = report_get(report, i);
        g_autofree char *line = finding_format(finding);

        if (finding->level == level && strstr(line, text)) {
            return true;
        }
    }
    return false;
}

static void test_row(gconstpointer data)
{
    const SelectRow *row = data;
    g_autoptr(HostProfile) host = build_host(row);
    g_autoptr(Report) report = report_new();
    PmuSelectInput in = {
        host,         &row->request,      row->backcompat, row->allow_fixed,
        row->insists, row->leaves_threads};
    PmuChoice choice = pmu_select(&in, report);

    g_assert_cmpint(choice.kind, ==, row->kind);
    g_assert_cmpint(worst(report), ==, row->level);
    if (row->kind == ARM_PMU_EVENT_SOURCE) {
        g_assert_cmpuint(choice.source->type, ==, row->type);
    } else {
        g_assert_null(choice.source);
    }
    if (row->message) {
        g_assert_true(report_mentions(report, row->level, row->message));
    }
}

/* 6, 7: values that are no source. */
static void test_bad_requests(void)
{
    static const char *const bad[] = {
        "4294967296", "18446744073709551615", "-1", "", "8x", "0x", " 8", "armv8 a53",
        "/dev/x",     "18446744073709551616"};
    g_autoptr(TypeRegistry) registry = type_registry_new();
    g_autoptr(Object) accel = NULL;

    target_register_types(registry);
    accel = object_new(registry, TYPE_KVM_ACCEL, NULL, NULL);
    for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
        g_autoptr(GError) err = NULL;

        g_assert_false(object_set_string(accel, "pmu", bad[i], ORIGIN_USER, &err));
        g_assert_nonnull(strstr(err->message, "pmu"));
        g_assert_cmpint(((KvmAccel *)accel)->pmu.kind, ==, PMU_REQUEST_UNSET);
    }
}

/* 45: nothing changes once KVM runs. */
static void test_properties_freeze(void)
{
    static const char *const names[] = {"pmu", "backcompat-pmu", "pmu-affinity"};
    static const char *const values[] = {"8", "on", "off"};
    g_autoptr(TypeRegistry) registry = type_registry_new();
    g_autoptr(Object) accel = NULL;

    target_register_types(registry);
    accel = object_new(registry, TYPE_KVM_ACCEL, NULL, NULL);
    object_freeze(accel);
    for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
        g_autoptr(GError) err = NULL;

        g_assert_false(object_set_string(accel, names[i], values[i], ORIGIN_USER, &err));
        g_assert_nonnull(strstr(err->message, names[i]));
    }
}

/* 43, 44: pmu=off means no PMU, whatever -accel names, and says so. */
static void test_pmu_off(void)
{
    g_autoptr(ResolveCase) plain = resolve("arm-altra", "virt", "host,pmu=off");
    g_autoptr(ResolveCase) named =
        resolve_case_new(resolve_profile("arm-altra"), "virt", "host,pmu=off", "pmu=8");

    g_assert_false(plain->contract->pmu_enabled);
    g_assert_cmphex(plain->contract->arm.vcpu_features & BIT64(ARM_VCPU_PMU_V3), ==, 0);
    g_assert_cmpint(plain->contract->arm.pmu_kind, ==, ARM_PMU_NONE);
    g_assert_cmpuint(report_size(plain->report), ==, 0);
    g_assert_false(named->contract->pmu_enabled);
    g_assert_cmpint(resolve_finding(named, "accel.pmu")->level, ==, FINDING_WARNING);
}

/* The guest's MIDR is that of the cores it is kept on, here and on the next host. */
static void test_midr_of_the_source(void)
{
    static const struct {
        const char *accel;
        uint64_t midr;
    } cases[] = {
        {"pmu=big", 0x414fd0b0},
        {"pmu=armv8_cortex_a76", 0x414fd0b0},
        {"pmu=little", 0x412fd050},
        {"pmu=none", 0x412fd050},
    };
    g_autoptr(HostProfile) other = resolve_profile("arm-rk3588");

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autoptr(ResolveCase) c = resolve_case_new(resolve_profile("arm-rk3588"), "virt",
                                                    "host", cases[i].accel);
        g_autoptr(Report) report = report_new();

        g_assert_cmphex(c->contract->arm.midr, ==, cases[i].midr);
        g_assert_true(contract_check_host(c->contract, other, report));
    }
}

/* QEMU's machines leave it to KVM. */
static void test_machine_versions(void)
{
    static const struct {
        const char *machine;
        ArmPmuKind kind;
    } cases[] = {{"virt", ARM_PMU_EVENT_SOURCE},
                 {"virt-vpmu1.0", ARM_PMU_EVENT_SOURCE},
                 {"virt-11.1", ARM_PMU_KVM_DEFAULT},
                 {"virt-7.2", ARM_PMU_KVM_DEFAULT}};

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autoptr(ResolveCase) c = resolve("arm-altra", cases[i].machine, "host");

        g_assert_cmpint(c->contract->arm.pmu_kind, ==, cases[i].kind);
        g_assert_cmpuint(resolve_errors(c), ==, 0);
    }
}

/* A partial source that the user named confines the vCPU threads, unless told not to. */
static void test_affinity(void)
{
    g_autoptr(ResolveCase) confined = resolve_case_new(
        resolve_profile("arm-rk3588"), "virt", "host", "pmu=armv8_cortex_a76");
    g_autoptr(ResolveCase) loose = resolve_case_new(resolve_profile("arm-rk3588"), "virt",
                                                    "host", "pmu=9,pmu-affinity=off");
    g_autoptr(ResolveCase) full =
        resolve_case_new(resolve_profile("arm-altra"), "virt", "host", "pmu=8");
    g_autofree char *cpus = cpu_set_format(confined->binding->pmu_cpus);

    g_assert_true(confined->binding->confine);
    g_assert_cmpstr(confined->contract->arm.pmu_source, ==, "armv8_cortex_a76");
    g_assert_cmpstr(cpus, ==, "4-7");
    g_assert_false(loose->binding->confine);
    g_assert_true(loose->contract->arm.is_partial);
    g_assert_false(full->binding->confine);
}

static void test_pmu_counters(void)
{
    HostProfile *new_kernel = resolve_profile("arm-altra");
    g_autoptr(ResolveCase) old = resolve("arm-altra", "virt", "host,pmu-counters=4");
    g_autoptr(ResolveCase) ok = NULL;
    g_autoptr(ResolveCase) many = NULL;

    new_kernel->arm.has_pmu_attr[ARM_ATTR_NR_COUNTERS] = true;
    ok = resolve_case_new(new_kernel, "virt", "host,pmu-counters=4", NULL);
    new_kernel = resolve_profile("arm-altra");
    new_kernel->arm.has_pmu_attr[ARM_ATTR_NR_COUNTERS] = true;
    many = resolve_case_new(new_kernel, "virt", "host,pmu-counters=7", NULL);
    g_assert_nonnull(strstr(resolve_finding(old, "pmu-counters")->cause, "6.16"));
    g_assert_cmpuint(resolve_errors(ok), ==, 0);
    g_assert_cmpint(ok->contract->arm.pmu_counters, ==, 4);
    g_assert_true(ok->contract->arm.set_nr_counters);
    g_assert_cmpuint(resolve_errors(many), ==, 1);
}

/* What is there needs no kernel that sets it, and a guest without a PMU has none. */
static void test_pmu_counters_that_are_there(void)
{
    static const struct {
        const char *cpu, *accel, *cause; /* NULL: fulfilled */
    } cases[] = {
        {"host,pmu-counters=6", NULL, NULL},
        {"host,pmu-counters=5", NULL, "6.16"},
        {"host,pmu=off,pmu-counters=6", NULL, "the guest has no PMU"},
        {"host,pmu=off,pmu-counters=0", NULL, NULL},
        {"host,pmu-counters=6", "pmu=none", "the guest has no PMU"},
    };

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        HostProfile *host = resolve_profile("arm-altra");
        g_autoptr(ResolveCase) c = NULL;

        host->arm.pmu_counters = 6;
        c = resolve_case_new(host, "virt", cases[i].cpu, cases[i].accel);
        g_test_message("%s, %s", cases[i].cpu, cases[i].accel);
        g_assert_cmpuint(resolve_errors(c), ==, cases[i].cause ? 1 : 0);
        if (cases[i].cause) {
            g_assert_nonnull(
                strstr(resolve_finding(c, "pmu-counters")->cause, cases[i].cause));
        }
    }
}

/* Counters are those of the chosen source, not of the one KVM would have taken. */
static void test_counters_are_the_sources(void)
{
    HostProfile *host = resolve_profile("arm-rk3588");
    g_autoptr(ResolveCase) c = NULL;

    for (unsigned i = 0; i < host->sources->len; i++) {
        g_array_index(host->sources, PmuSource, i).counters = 4 + i;
    }
    c = resolve_case_new(host, "virt", "host", "pmu=armv8_cortex_a76");
    g_assert_cmpint(c->contract->arm.pmu_counters, ==, 5);
}

/* The perf type means nothing on another host: it is not in what is printed or compared.
 */
static void test_type_is_not_in_the_contract(void)
{
    HostProfile *other = resolve_profile("arm-altra");
    g_autoptr(ResolveCase) one = resolve("arm-altra", "virt", "host");
    g_autoptr(ResolveCase) two = NULL;
    g_autofree char *a = cpu_contract_digest(one->contract);
    g_autofree char *b = NULL;

    for (unsigned i = 0; i < other->sources->len; i++) {
        g_array_index(other->sources, PmuSource, i).type += 2;
    }
    two = resolve_case_new(other, "virt", "host", NULL);
    b = cpu_contract_digest(two->contract);
    g_assert_cmpuint(two->binding->pmu_type, ==, 10);
    g_assert_cmpstr(a, ==, b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autofree char *path = g_strdup_printf("/pmu-select/row-%s", rows[i].number);

        g_strdelimit(path, " ,", '-');
        g_test_add_data_func(path, &rows[i], test_row);
    }
    g_test_add_func("/pmu-select/row-6-7-bad-requests", test_bad_requests);
    g_test_add_func("/pmu-select/row-43-44-pmu-off", test_pmu_off);
    g_test_add_func("/pmu-select/row-45-properties-freeze", test_properties_freeze);
    g_test_add_func("/pmu-select/midr-of-the-source", test_midr_of_the_source);
    g_test_add_func("/pmu-select/machine-versions", test_machine_versions);
    g_test_add_func("/pmu-select/affinity", test_affinity);
    g_test_add_func("/pmu-select/pmu-counters", test_pmu_counters);
    g_test_add_func("/pmu-select/pmu-counters-there", test_pmu_counters_that_are_there);
    g_test_add_func("/pmu-select/counters-are-the-sources",
                    test_counters_are_the_sources);
    g_test_add_func("/pmu-select/type-is-not-in-the-contract",
                    test_type_is_not_in_the_contract);
    return g_test_run();
}
