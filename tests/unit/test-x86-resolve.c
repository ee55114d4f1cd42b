/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an x86 guest gets.  The B and T numbers are those of docs/behaviours-x86.md.
 */
#include <string.h>

#include "resolve-case.h"
#include "target/x86-encode.h"
#include "util/bits.h"
#include "util/json.h"

#define PERFCAP(c) ((c)->contract->x86.words[X86_WORD_PERF_CAPABILITIES])
#define NEWEST     "q35"

static unsigned pebs_fmt(const ResolveCase *c)
{
    return (unsigned)((PERFCAP(c) & X86_PEBS_FMT_MASK) >> X86_PEBS_FMT_SHIFT);
}

static unsigned lbr_fmt(const ResolveCase *c)
{
    return (unsigned)(PERFCAP(c) & X86_LBR_FMT_MASK);
}

/* B4, B14: integers with a mask; a switch is not a number. */
static void test_formats_are_numbers(void)
{
    static const char *const bad[] = {
        "host,pebs-fmt=16",  "host,lbr-fmt=64",
        "host,pebs-fmt",     "host,+pebs-fmt",
        "host,+lbr-fmt",     "host,pebs-fmt=-1",
        "host,pebs-fmt=4x",  "host,lbr-fmt=",
        "host,pebs-fmt1=on", "host,lbr-fmt=0xffffffffffffffff"};

    for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
        g_autofree char *message = resolve_cpu_error(TARGET_ARCH_X86_64, bad[i]);

        g_assert_nonnull(strstr(message, "-fmt"));
    }
    {
        g_autoptr(ResolveCase) c =
            resolve("intel-icelake-sp", NEWEST, "host,pebs_fmt=0x4,lbr_fmt=5");

        g_assert_cmpuint(resolve_errors(c), ==, 0);
        g_assert_cmpuint(pebs_fmt(c), ==, 4);
        g_assert_cmpuint(lbr_fmt(c), ==, 5);
    }
}

/* B5, B16: unset is off with migratable=on, the host's with migratable=off. */
static void test_unset_formats(void)
{
    g_autoptr(ResolveCase) on = resolve("intel-icelake-sp", NEWEST, "host");
    g_autoptr(ResolveCase) off =
        resolve("intel-icelake-sp", NEWEST, "host,migratable=off");

    g_assert_cmpuint(pebs_fmt(on), ==, 0);
    g_assert_cmpuint(lbr_fmt(on), ==, 0);
    g_assert_cmphex(PERFCAP(on) & X86_PEBS_GROUP_MASK, ==, 0);
    g_assert_cmpuint(pebs_fmt(off), ==, 4);
    g_assert_cmpuint(lbr_fmt(off), ==, 5);
    g_assert_cmpuint(report_count(off->report, FINDING_WARNING), ==, 0);
}

/* Recorded: that KVM lists MSR 0x10a as a feature, and no vCPU takes its value. */
static void test_a_refused_register_is_not_announced(void)
{
    static const char *const asked[] = {"host,+arch-capabilities", "host,+rdctl-no",
                                        "Skylake-Server,+arch-capabilities"};
    g_autoptr(ResolveCase) old =
        resolve("amd-nested-nopmu-linux618", "pc-q35-10.0", "host");

    g_assert_false(resolve_has(old, X86_ARCH_CAPABILITIES));
    g_assert_cmphex(old->contract->x86.words[X86_WORD_ARCH_CAPABILITIES], ==, 0);
    for (unsigned i = 0; i < ARRAY_LEN(asked); i++) {
        const char *row = strchr(asked[i], '+') + 1;
        g_autoptr(ResolveCase) c = resolve("amd-nested-nopmu-linux618", NEWEST, asked[i]);
        const Finding *finding = resolve_finding(c, row);

        g_assert_false(resolve_has(c, X86_ARCH_CAPABILITIES));
        g_assert_cmpint(finding->level, ==, FINDING_WARNING);
        g_assert_nonnull(strstr(finding->cause, "its vCPUs refuse the value"));
    }
}

/* As QEMU has it: a CPU whose buffers do not leak can take guests of one that clears
 * them.  One bit less, and it is KVM that says whether VERW does. */
static void test_fb_clear_comes_with_what_makes_it_needless(void)
{
    static const X86FeatureId needed[] = {X86_MDS_NO, X86_TAA_NO, X86_SBDR_SSDP_NO,
                                          X86_FBSDP_NO, X86_PSDP_NO};
    static const char *const machines[] = {NEWEST, "pc-q35-11.1", "pc-q35-7.2"};

    for (unsigned i = 0; i < ARRAY_LEN(machines); i++) {
        g_autoptr(ResolveCase) host =
            resolve("intel-nested-nopmu-linux618", machines[i], "host");
        g_autoptr(ResolveCase) off =
            resolve("intel-nested-nopmu-linux618", machines[i], "host,fb-clear=off");

        g_assert_true(resolve_has(host, X86_FB_CLEAR));
        g_assert_false(resolve_has(off, X86_FB_CLEAR));
    }
    for (unsigned i = 0; i < ARRAY_LEN(needed); i++) {
        HostProfile *host = resolve_profile("intel-nested-nopmu-linux618");
        g_autoptr(ResolveCase) c = NULL;

        for (unsigned k = 0; k < host->x86.feature_msrs->len; k++) {
            X86Msr *msr = &g_array_index(host->x86.feature_msrs, X86Msr, k);

            if (msr->index == X86_MSR_ARCH_CAPABILITIES) {
                msr->value &= ~x86_feature_rows[needed[i]].mask;
            }
        }
        c = resolve_case_new(host, NEWEST, "host,+fb-clear", NULL);
        g_assert_false(resolve_has(c, X86_FB_CLEAR));
        g_assert_cmpint(resolve_finding(c, "fb-clear")->level, ==, FINDING_WARNING);
    }
}

/* B6, B15: only KVM's own number, and the finding has both. */
static void test_every_other_format_is_refused(void)
{
    for (unsigned format = 0; format < 16; format++) {
        g_autofree char *text = g_strdup_printf("host,pebs-fmt=%u", format);
        g_autoptr(ResolveCase) c = resolve("intel-sapphirerapids", NEWEST, text);

        if (format == 0 || format == 5) {
            g_assert_cmpuint(resolve_errors(c), ==, 0);
            g_assert_cmpuint(pebs_fmt(c), ==, format);
        } else {
            g_autofree char *asked = g_strdup_printf("%u", format);
            const Finding *finding = resolve_finding(c, "pebs-fmt");

            g_assert_cmpuint(resolve_errors(c), ==, 1);
            g_assert_cmpstr(finding->asked, ==, asked);
            g_assert_cmpstr(finding->offered, ==, "5");
        }
    }
    for (unsigned format = 0; format < 64; format++) {
        g_autofree char *text = g_strdup_printf("host,lbr-fmt=%u", format);
        g_autoptr(ResolveCase) c = resolve("intel-skylake-sp", NEWEST, text);

        g_assert_cmpuint(resolve_errors(c), ==, format != 0 && format != 5);
        g_assert_cmpuint(lbr_fmt(c), ==, format == 5 ? 5 : 0);
    }
}

/* B7: non-zero needs the PMU and the debug store. */
static void test_formats_need_pmu_and_ds(void)
{
    static const struct {
        const char *cpu, *row, *cause;
    } rows[] = {
        {"host,pmu=off,pebs-fmt=4", "pebs-fmt", "pmu=off"},
        {"host,pmu=off,lbr-fmt=5", "lbr-fmt", "pmu=off"},
        {"host,pebs-fmt=4,ds=off", "pebs-fmt", "debug store"},
        {"host,pebs-fmt=4,-dtes64", "pebs-fmt", "debug store"},
        {"host,pebs-fmt=4,pdcm=off", "pebs-fmt", "pdcm"},
        {"host,lbr-fmt=5,pdcm=off", "lbr-fmt", "pdcm"},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(ResolveCase) c = resolve("intel-icelake-sp", NEWEST, rows[i].cpu);
        const Finding *finding = resolve_finding(c, rows[i].row);

        g_assert_cmpint(finding->level, ==, FINDING_ERROR);
        g_assert_nonnull(strstr(finding->cause, rows[i].cause));
        g_assert_nonnull(finding->remedy);
    }
}

/* B8, T10: 0 and off always mean off and never fail. */
static void test_zero_never_fails(void)
{
    static const char *const cpus[] = {"host,pebs-fmt=0,lbr-fmt=0",
                                       "host,pmu=off,pebs-fmt=0,lbr-fmt=off",
                                       "host,ds=off,pebs-fmt=off",
                                       "host,migratable=off,pebs-fmt=0,lbr-fmt=0",
                                       "Skylake-Server,pebs-fmt=0,lbr-fmt=0",
                                       "qemu64,pmu=on,pebs-fmt=off"};
    static const char *const hosts[] = {"intel-icelake-sp", "intel-alderlake-hybrid",
                                        "amd-zen4-genoa", "intel-icelake-sp-nopmu"};

    for (unsigned i = 0; i < ARRAY_LEN(cpus); i++) {
        for (unsigned k = 0; k < ARRAY_LEN(hosts); k++) {
            g_autoptr(ResolveCase) c = resolve(hosts[k], NEWEST, cpus[i]);

            g_assert_cmpuint(resolve_errors(c), ==, 0);
            g_assert_cmpuint(pebs_fmt(c), ==, 0);
            g_assert_cmpuint(lbr_fmt(c), ==, 0);
            g_assert_null(report_find(c->report, "pebs-fmt"));
        }
    }
}

/* B9: with PEBS off no PEBS bit is in the MSR that KVM gets. */
static void test_pebs_off_is_off_whole(void)
{
    static const char *const cpus[] = {"host", "max", "host,migratable=off,pebs-fmt=0",
                                       "host,pmu=off,+pebs-trap,+pebs-baseline",
                                       "max,lbr-fmt=host"};

    for (unsigned i = 0; i < ARRAY_LEN(cpus); i++) {
        g_autoptr(ResolveCase) c = resolve("intel-icelake-sp", NEWEST, cpus[i]);

        g_assert_cmphex(PERFCAP(c) & (X86_PEBS_GROUP_MASK | X86_PEBS_PT_BIT), ==, 0);
    }
}

/* B10, T1, T2: on is on whole; a part is refused with its names. */
static void test_pebs_on_is_on_whole(void)
{
    static const char *const parts[] = {"pebs-trap", "pebs-arch-reg", "pebs-timing-info"};
    static const char *const machines[] = {"q35", "pc-q35-9.0"};
    const char *host = "intel-graniterapids-d-linux72";

    for (unsigned m = 0; m < ARRAY_LEN(machines); m++) {
        g_autoptr(ResolveCase) on = resolve(host, machines[m], "host,pebs-fmt=host");

        g_assert_cmpuint(resolve_errors(on), ==, 0);
        g_assert_cmphex(PERFCAP(on) & X86_PEBS_GROUP_MASK, ==,
                        0x225c0 & X86_PEBS_GROUP_MASK);
        for (unsigned i = 0; i < ARRAY_LEN(parts); i++) {
            g_autofree char *text = g_strdup_printf("host,pebs-fmt=host,-%s", parts[i]);
            g_autoptr(ResolveCase) c = resolve(host, machines[m], text);
            const Finding *finding = resolve_finding(c, "pebs-fmt");

            g_assert_cmpint(finding->level, ==, FINDING_ERROR);
            g_assert_nonnull(strstr(finding->cause, parts[i]));
        }
    }
}

/* A feature asked for by name asks for PEBS as the host has it, on every machine. */
static void test_pebs_by_name(void)
{
    static const struct {
        const char *host;
        uint64_t group;
    } hosts[] = {
        {"intel-icelake-sp", 0x4c0},
        {"intel-sapphirerapids", 0x5c0},
        {"intel-graniterapids-d", 0x5c0},
        {"intel-graniterapids-d-linux72", 0x205c0},
    };
    static const char *const machines[] = {"q35", "pc-q35-11.1", "pc-q35-7.2"};
    static const char *const parts[] = {"pebs-trap", "pebs-arch-reg", "pebs-baseline",
                                        "pebs-timing-info"};

    for (unsigned i = 0; i < ARRAY_LEN(hosts) * ARRAY_LEN(machines) * 15; i++) {
        unsigned asked = i % 15 + 1, h = i / 15 / ARRAY_LEN(machines);
        const char *machine = machines[i / 15 % ARRAY_LEN(machines)];
        g_autoptr(GString) cpu = g_string_new("host");
        g_autoptr(ResolveCase) c = NULL;

        for (unsigned k = 0; k < ARRAY_LEN(parts); k++) {
            g_string_append_printf(cpu, "%s%s", asked >> k & 1 ? ",+" : "",
                                   asked >> k & 1 ? parts[k] : "");
        }
        c = resolve(hosts[h].host, machine, cpu->str);
        g_assert_cmphex(PERFCAP(c) & X86_PEBS_GROUP_MASK, ==, hosts[h].group);
        g_assert_cmpuint(resolve_errors(c), ==, 0);
        g_assert_null(report_find(c->report, "pebs-fmt"));
        for (unsigned k = 0; k < ARRAY_LEN(parts); k++) {
            const X86FeatureRow *row = &x86_feature_rows[x86_feature_find(parts[k])];
            const Finding *finding = report_find(c->report, parts[k]);

            g_assert_true(!finding == !(asked >> k & 1 && !(hosts[h].group & row->mask)));
            g_assert_true(!finding || finding->level == FINDING_WARNING);
        }
    }
}

/* Rows of a -cpu text, the finding it makes, and what that says. */
typedef struct SayingRow {
    const char *host, *cpu, *row;
    int level;
    const char *cause, *remedy; /* parts; NULL: any */
} SayingRow;

static void check_sayings(const SayingRow *rows, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        g_autoptr(ResolveCase) c = resolve(rows[i].host, NEWEST, rows[i].cpu);
        const Finding *finding = resolve_finding(c, rows[i].row);
        g_autofree char *line = finding_format(finding);

        g_test_message("%s on %s: %s", rows[i].cpu, rows[i].host, line);
        g_assert_cmpint(finding->level, ==, rows[i].level);
        g_assert_nonnull(strstr(finding->cause, rows[i].cause ? rows[i].cause : ""));
        g_assert_nonnull(strstr(finding->remedy, rows[i].remedy ? rows[i].remedy : ""));
    }
}

/* What cannot be by name is told by name; a torn group and pebs-fmt=0 contradict. */
static void test_pebs_by_name_that_cannot_be(void)
{
    /* clang-format off */
    static const SayingRow rows[] = {
        {"intel-sapphirerapids", "host,+pebs-baseline", "pebs-baseline",
         FINDING_WARNING, "no kernel gives adaptive PEBS to a guest", "leave pebs-baseline out"},
        {"intel-sapphirerapids", "host,+pebs-baseline,enforce", "pebs-baseline",
         FINDING_ERROR, "no kernel gives adaptive PEBS", "leave pebs-baseline out"},
        {"intel-graniterapids-d", "host,+pebs-timing-info", "pebs-timing-info",
         FINDING_WARNING, "kernels before 6.18", "use Linux 6.18 or later"},
        {"intel-icelake-sp", "host,+pebs-trap,-pebs-arch-reg", "pebs-fmt",
         FINDING_ERROR, "pebs-arch-reg is off", "use pebs-arch-reg=on"},
        {"intel-icelake-sp", "host,+pebs-trap,pebs-fmt=0", "pebs-trap",
         FINDING_ERROR, "contradiction", "leave pebs-trap out, or leave pebs-fmt out"},
        {"intel-icelake-sp", "host,+pebs-trap,pebs-fmt=off,check=off", "pebs-trap",
         FINDING_ERROR, "contradiction", "leave pebs-trap out, or leave pebs-fmt out"},
        {"intel-icelake-sp", "host,+pebs-trap,pmu=off", "pebs-trap",
         FINDING_WARNING, "command line: pmu=off", "use pmu=on"},
        {"intel-icelake-sp", "Skylake-Server,pmu=on,+pebs-trap", "pebs-trap",
         FINDING_WARNING, "lacks pdcm", "ds=on,dtes64=on,pdcm=on,family=6,model=108"},
        {"intel-icelake-sp", "host,+pebs-baseline,family=15", "pebs-fmt",
         FINDING_WARNING, "family and model", "family=6,model=108"},
        {"intel-cascadelake-sp", "host,+pebs-trap", "pebs-trap",
         FINDING_WARNING, "nested paging", "Ice Lake"},
        {"amd-zen4-genoa", "host,+pebs-trap", "pebs-trap",
         FINDING_WARNING, "always 0 on AMD", "leave pebs-trap out"},
        {"intel-sapphirerapids-mediated", "host,+pebs-trap", "pebs-trap",
         FINDING_WARNING, "mediated mode", "enable_mediated_pmu=0"},
    };
    /* clang-format on */

    check_sayings(rows, ARRAY_LEN(rows));
}

/* Formats that migratable=off took over go with what they need, and a note says so. */
static void test_a_format_taken_over_goes_with_a_note(void)
{
    static const struct {
        const char *lost, *row, *cause;
    } rows[] = {
        {"-pebs-trap", "pebs-fmt", "pebs-trap is off, so the whole group is"},
        {"-pebs-arch-reg", "pebs-fmt", "pebs-arch-reg is off"},
        {"-pebs-arch-reg,-pebs-trap", "pebs-fmt", "pebs-trap, pebs-arch-reg are off"},
        {"-ds", "pebs-fmt", "debug store"},
        {"-dtes64", "pebs-fmt", "debug store"},
        {"-pdcm", "pebs-fmt", "pdcm"},
        {"-pdcm", "lbr-fmt", "pdcm"},
        {"family=15", "pebs-fmt", "family and model"},
        {"family=15", "lbr-fmt", "family and model"},
        {"-ds,-pebs-trap", "pebs-fmt", "debug store for PEBS records; "},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autofree char *cpu =
            g_strdup_printf("host,migratable=off,enforce,%s", rows[i].lost);
        g_autoptr(ResolveCase) c = resolve("intel-icelake-sp", NEWEST, cpu);
        const Finding *finding = resolve_finding(c, rows[i].row);
        g_autofree char *line = finding_format(finding);

        g_test_message("%s: %s", cpu, line);
        g_assert_cmpint(finding->level, ==, FINDING_NOTE);
        g_assert_nonnull(strstr(finding->cause, rows[i].cause));
        g_assert_cmpuint(resolve_errors(c), ==, 0);
        g_assert_cmphex(PERFCAP(c) & (X86_PEBS_GROUP_MASK | X86_PEBS_PT_BIT), ==, 0);
        g_assert_cmphex(c->contract->x86.misc_enable & 0x1000, ==, 0x1000);
    }
}

/* pmu=off takes all, and check=off says nothing. */
static void test_a_format_taken_over_goes_without_a_word(void)
{
    static const char *const cpus[] = {
        "host,migratable=off,pmu=off", "host,migratable=off,pmu=off,-pebs-trap",
        "host,migratable=off,check=off,-pebs-trap", "host,migratable=off,pebs-fmt=off",
        "host,-pebs-trap,-pdcm"};

    for (unsigned i = 0; i < ARRAY_LEN(cpus); i++) {
        g_autoptr(ResolveCase) c = resolve("intel-icelake-sp", NEWEST, cpus[i]);

        g_assert_null(report_find(c->report, "pebs-fmt"));
        g_assert_cmpuint(pebs_fmt(c), ==, 0);
    }
}

static void test_findings_say_the_true_cause(void)
{
    /* clang-format off */
    static const SayingRow rows[] = {
        /* PEBS that is off by choice, unset, or not to be had. */
        {"intel-sapphirerapids", "host,pebs-timing-info=on,pebs-fmt=host",
         "pebs-timing-info", FINDING_WARNING, "kernels before 6.18",
         "use Linux 6.18 or later"},
        {"intel-icelake-sp", "host,+pebs-trap,pebs-fmt=5", "pebs-trap",
         FINDING_WARNING, "off by pebs-fmt", "use pebs-fmt=host"},
        {"intel-icelake-sp-nopmu", "host,+pebs-trap", "pebs-trap",
         FINDING_WARNING, "enable_pmu", "enable_pmu=1"},
        /* A needed feature that the host cannot give is no advice. */
        {"amd-zen4-genoa", "host,perf-metrics=on", "perf-metrics",
         FINDING_WARNING, "always 0 on AMD", "leave perf-metrics out"},
        {"intel-icelake-sp", "host,+npt", "npt",
         FINDING_WARNING, "host CPU lacks it", "leave npt out"},
        {"intel-icelake-sp", "qemu64,pmu=on,+full-width-write", "full-width-write",
         FINDING_WARNING, "pdcm, which the guest does not have", "add pdcm=on,"},
        {"intel-icelake-sp", "qemu64,+full-width-write", "full-width-write",
         FINDING_WARNING, "pdcm, which the guest does not have", "add pmu=on,pdcm=on,"},
        {"intel-icelake-sp", "base,fma=on", "fma",
         FINDING_WARNING, "xsave", "add xsave=on,avx=on, or leave fma out"},
        {"intel-icelake-sp", "base,avx512vnni=on", "avx512vnni",
         FINDING_WARNING, "avx512f, which the guest does not have",
         "add xsave=on,avx=on,avx2=on,avx512f=on, or leave avx512vnni out"},
        {"intel-sapphirerapids-mediated", "host,perf-metrics=on", "perf-metrics",
         FINDING_WARNING, "none up to Linux 7.3", "leave perf-metrics out"},
        /* What the CPU lacks is said before what a parameter would change. */
        {"intel-skylake-sp", "host,perf-metrics=on", "perf-metrics",
         FINDING_WARNING, "host CPU lacks it", "fixed counter 3"},
        {"intel-alderlake-n", "host,perf-metrics=on", "perf-metrics",
         FINDING_WARNING, "host CPU lacks it", "fixed counter 3"},
        {"intel-icelake-sp", "host,perf-metrics=on", "perf-metrics",
         FINDING_WARNING, "no kernel up to Linux 7.3", "leave perf-metrics out"},
        {"intel-sapphirerapids-mediated", "host,lbr-fmt=host", "lbr-fmt",
         FINDING_WARNING, "architectural LBR", "before architectural LBR"},
        {"intel-sapphirerapids-mediated", "host,pebs-fmt=host", "pebs-fmt",
         FINDING_WARNING, "mediated mode", "enable_mediated_pmu=0"},
        /* A parameter that KVM switched off itself is no cause. */
        {"intel-nested-nopmu-linux618", "host,pmu=on", "pmu",
         FINDING_WARNING, "found no PMU", "hypervisor above"},
        {"amd-nested-nopmu-linux618", "host,pmu=on", "pmu",
         FINDING_WARNING, "found no PMU", "hypervisor above"},
        {"amd-zen4-genoa-nopmu", "host,pmu=on", "pmu",
         FINDING_WARNING, "enable_pmu is off", "enable_pmu=1"},
        {"amd-zen4-genoa", "host,+svm", "svm",
         FINDING_WARNING, "nested is off", "kvm_amd with nested=1"},
        {"intel-icelake-sp", "host,+taa-no", "taa-no",
         FINDING_WARNING, "derived", "record the host"},
        /* Who asked decides what to leave out. */
        {"intel-icelake-sp", "SapphireRapids", "amx-tile",
         FINDING_WARNING, "host CPU lacks it", "use amx-tile=off"},
        {"intel-icelake-sp", "SapphireRapids", "avx-vnni",
         FINDING_WARNING, "host CPU lacks it", "use avx-vnni=off"},
        {"intel-icelake-sp", "host,+amx-tile", "amx-tile",
         FINDING_WARNING, "host CPU lacks it", "leave amx-tile out"},
        {"intel-icelake-sp", "host,+svm,x-force-features=on", "svm",
         FINDING_WARNING, "host CPU lacks it", "x-force-features"},
        {"intel-icelake-sp", "host,+svm,x-force-features=on,enforce", "svm",
         FINDING_ERROR, "host CPU lacks it", "x-force-features"},
        {"intel-icelake-sp", "host,pebs-fmt=4,+pebs-timing-info,x-force-features=on",
         "pebs-fmt", FINDING_ERROR, "pebs-timing-info is on", "use pebs-timing-info=off"},
        {"intel-icelake-sp", "host,phys-bits=10", "phys-bits",
         FINDING_ERROR, "no processor", NULL},
        {"intel-icelake-sp", "host,lmce=on", "lmce",
         FINDING_ERROR, NULL, "leave"},
    };
    /* clang-format on */

    g_autoptr(ResolveCase) lmce = resolve("intel-icelake-sp", NEWEST, "host,lmce=on");

    check_sayings(rows, ARRAY_LEN(rows));
    g_assert_cmpstr(resolve_finding(lmce, "lmce")->asked, ==, "on");
}

/* A refused format says all that is missing, and the settings that give it. */
static void test_a_format_lists_all_it_needs(void)
{
    g_autoptr(ResolveCase) bare =
        resolve("intel-icelake-sp", NEWEST, "Icelake-Server,pebs-fmt=7");
    const Finding *finding = resolve_finding(bare, "pebs-fmt");
    g_autoptr(ResolveCase) host =
        resolve("intel-icelake-sp", NEWEST, "host,pmu=off,lbr-fmt=6");
    g_autoptr(ResolveCase) given = NULL;

    g_assert_cmpstr(finding->remedy, ==,
                    "use pmu=on,ds=on,dtes64=on,pdcm=on,pebs-fmt=4,family=6,model=108");
    g_assert_nonnull(strstr(finding->cause, "pmu=off; "));
    /* What goes with the PMU comes with it. */
    g_assert_cmpstr(resolve_finding(host, "lbr-fmt")->remedy, ==, "use pmu=on,lbr-fmt=5");
    given = resolve("intel-icelake-sp", NEWEST,
                    "Icelake-Server,pmu=on,ds=on,dtes64=on,pdcm=on,pebs-fmt=4,family=6,"
                    "model=108");
    g_assert_cmpuint(resolve_errors(given), ==, 0);
    g_assert_cmphex(given->contract->x86.words[X86_WORD_PERF_CAPABILITIES] &
                        X86_PEBS_FMT_MASK,
                    ==, 0x400);
}

/* A model that would have counters and has no PMU by default starts without a word. */
static void test_a_model_without_pmu_is_no_loss(void)
{
    /* clang-format off */
    static const SayingRow rows[] = {
        {"amd-zen4-genoa", "EPYC-Rome", "perfctr-core",
         FINDING_NOTE, "unless pmu=on", "pmu=on"},
        {"amd-zen4-genoa", "EPYC-Rome,enforce", "perfctr-core",
         FINDING_NOTE, "unless pmu=on", "pmu=on"},
        {"amd-zen4-genoa", "EPYC-Rome,pmu=off,enforce", "perfctr-core",
         FINDING_NOTE, "command line", "pmu=on"},
        {"amd-zen4-genoa", "EPYC-Rome,perfctr-core=on,enforce", "perfctr-core",
         FINDING_ERROR, "unless pmu=on", "pmu=on"},
    };
    /* clang-format on */
    g_autoptr(ResolveCase) c = resolve("amd-zen4-genoa", NEWEST, "EPYC-Genoa-v2,enforce");

    check_sayings(rows, ARRAY_LEN(rows));
    g_assert_cmpuint(resolve_errors(c), ==, 0);
}

/* The highest leaf hides what is above it, and a PMU nobody can find is none. */
static void test_levels_hide_leaves(void)
{
    /* clang-format off */
    static const SayingRow rows[] = {
        {"intel-icelake-sp", "host,pmu=on,level=9", "pmu",
         FINDING_WARNING, "0xa", "leave level out"},
        {"intel-icelake-sp", "host,level=9", "pmu",
         FINDING_NOTE, "0xa", "level"},
        {"intel-icelake-sp", "host,level=6,+avx2", "avx2",
         FINDING_WARNING, "below 0x7", "leave level out"},
        {"intel-icelake-sp", "host,level=0xa,+xsave", "xsave",
         FINDING_WARNING, "below 0xd", "leave level out"},
        {"amd-zen4-genoa", "host,xlevel=0x80000008,+perfmon-v2", "perfmon-v2",
         FINDING_WARNING, "below 0x80000022", "leave xlevel out"},
        {"intel-icelake-sp", "host,level=0", "level",
         FINDING_ERROR, "CPUID", "leave"},
        {"intel-icelake-sp", "host,xlevel=5", "xlevel",
         FINDING_ERROR, "CPUID", "leave"},
        {"intel-icelake-sp", "host,min-xlevel=5", "min-xlevel",
         FINDING_ERROR, "CPUID", "leave"},
    };
    /* clang-format on */
    g_autoptr(ResolveCase) hidden =
        resolve("intel-icelake-sp", NEWEST, "host,pmu=on,level=9");
    g_autoptr(ResolveCase) shown =
        resolve("intel-icelake-sp", NEWEST, "host,pmu=on,level=0xd");
    g_autoptr(ResolveCase) bare =
        resolve("intel-icelake-sp", NEWEST, "base,full-cpuid-auto-level=off");
    g_autoptr(ResolveCase) fixed = resolve(
        "amd-zen4-genoa", NEWEST, "EPYC-Rome,pmu=on,full-cpuid-auto-level=off,level=1");

    check_sayings(rows, ARRAY_LEN(rows));
    g_assert_false(hidden->contract->pmu_enabled);
    g_assert_true(hidden->binding->disable_pmu);
    g_assert_false(resolve_has(hidden, X86_PDCM));
    g_assert_true(shown->contract->pmu_enabled);
    /* AMD's counters need no leaf. */
    g_assert_true(fixed->contract->pmu_enabled);
    /* Leaf 1 is there whatever a model says. */
    g_assert_nonnull(x86_cpuid_find(bare->contract->x86.cpuid, 1, 0));
}

/* What the property says is what the guest is shown, also where nobody set it. */
static void test_legacy_cache_says_what_is(void)
{
    static const struct {
        const char *model;
        bool is_legacy;
    } rows[] = {
        {"EPYC-Genoa", false},
        {"host", true},
        {"qemu64", true},
        {"Nehalem", true},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(ResolveCase) c = resolve("amd-zen4-genoa", NEWEST, rows[i].model);
        g_autojson *value = object_get_json(c->cpu, "legacy-cache", NULL);
        g_autofree char *text = g_strdup_printf("%s,legacy-cache=%s", rows[i].model,
                                                rows[i].is_legacy ? "on" : "off");
        g_autoptr(ResolveCase) same = resolve("amd-zen4-genoa", NEWEST, text);
        g_autofree char *a = cpu_contract_digest(c->contract);
        g_autofree char *b = cpu_contract_digest(same->contract);

        g_assert_cmpint(json_object_get_boolean(value), ==, rows[i].is_legacy);
        g_assert_cmpstr(a, ==, b);
    }
}

/* Software looks for its vendor's PMU, which this host's KVM does not have. */
static void test_another_vendor_has_no_pmu(void)
{
    static const struct {
        const char *host, *vendor;
        bool has;
    } rows[] = {
        {"intel-icelake-sp", "GenuineIntel", true},
        {"intel-icelake-sp", "CentaurHauls", true},
        {"intel-icelake-sp", "AuthenticAMD", false},
        {"intel-icelake-sp", "HygonGenuine", false},
        {"amd-zen4-genoa", "AuthenticAMD", true},
        {"amd-zen4-genoa", "HygonGenuine", true},
        {"amd-zen4-genoa", "GenuineIntel", false},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autofree char *cpu = g_strdup_printf("host,pmu=on,vendor=%s", rows[i].vendor);
        g_autoptr(ResolveCase) c = resolve(rows[i].host, NEWEST, cpu);

        g_assert_cmpint(c->contract->pmu_enabled, ==, rows[i].has);
        g_assert_cmpint(c->binding->disable_pmu, ==, !rows[i].has);
        if (!rows[i].has) {
            g_assert_nonnull(strstr(resolve_finding(c, "pmu")->cause, "vendor"));
            g_assert_cmpint(resolve_finding(c, "pmu")->level, ==, FINDING_WARNING);
        }
    }
}

/* The same holds for what is found out only when the vCPU is there. */
static void test_check_and_enforce_judge_what_kvm_kept(void)
{
    static const struct {
        const char *cpu;
        int level; /* -1: nothing is said */
    } rows[] = {
        {"host", FINDING_WARNING},
        {"host,enforce", FINDING_ERROR},
        {"host,check=off", -1},
        {"host,check=off,enforce", FINDING_ERROR},
    };
    const Finding lost = {.level = FINDING_WARNING, .row = "cpuid-lost"};

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(ResolveCase) c = resolve("intel-icelake-sp", NEWEST, rows[i].cpu);
        g_autoptr(Report) found = report_new();
        g_autoptr(Report) judged = report_new();

        report_add(found, &lost);
        cpu_judge_found(c->cpu, found, judged);
        g_assert_cmpuint(report_size(judged), ==, rows[i].level >= 0);
        if (rows[i].level >= 0) {
            g_assert_cmpint(report_get(judged, 0)->level, ==, rows[i].level);
            g_assert_cmpstr(report_get(judged, 0)->row, ==, "cpuid-lost");
        }
    }
}

/* B11, B40: check warns and enforce fails, for each PMU feature, with cause and remedy.
 */
static void test_check_warns_and_enforce_fails(void)
{
    static const char *const names[] = {"pebs-trap",
                                        "pebs-arch-reg",
                                        "pebs-baseline",
                                        "pebs-timing-info",
                                        "full-width-write",
                                        "perf-metrics",
                                        "pdcm",
                                        "ds",
                                        "dtes64"};

    for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
        for (unsigned enforce = 0; enforce < 2; enforce++) {
            g_autofree char *text = g_strdup_printf("host,%s=on,enforce=%s", names[i],
                                                    enforce ? "on" : "off");
            g_autoptr(ResolveCase) c = resolve("intel-icelake-sp-nopmu", NEWEST, text);
            const Finding *finding = resolve_finding(c, names[i]);

            g_assert_cmpint(finding->level, ==,
                            enforce ? FINDING_ERROR : FINDING_WARNING);
            g_assert_nonnull(finding->cause);
            g_assert_nonnull(finding->remedy);
            g_assert_false(resolve_has(c, x86_feature_find(names[i])));
        }
    }
}

static void test_check_off_is_silent(void)
{
    g_autoptr(ResolveCase) c =
        resolve("amd-zen2-rome", NEWEST, "SapphireRapids,check=off,pmu=on,+pdcm");

    g_assert_cmpuint(report_count(c->report, FINDING_WARNING), ==, 0);
}

/* B17: what nobody asked for has no value, rather than one that would be refused. */
static void test_unset_format_is_absent(void)
{
    static const char *const names[] = {"pebs-fmt", "lbr-fmt"};
    g_autoptr(ResolveCase) unset = resolve("intel-icelake-sp", NEWEST, "host");
    g_autoptr(ResolveCase) set =
        resolve("intel-icelake-sp", NEWEST, "host,pebs-fmt=4,lbr-fmt=5");

    for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
        g_autojson *none = object_get_json(unset->cpu, names[i], NULL);
        g_autojson *some = object_get_json(set->cpu, names[i], NULL);

        g_assert_null(none);
        g_assert_cmpint(json_object_get_int(some), ==, i ? 5 : 4);
    }
}

/* B19, T3: formats need the host's family and model. */
static void test_formats_need_the_same_processor(void)
{
    g_autoptr(ResolveCase) named =
        resolve("intel-icelake-sp", NEWEST,
                "Skylake-Server,pmu=on,+ds,+dtes64,+pdcm,pebs-fmt=4,lbr-fmt=5");
    g_autoptr(ResolveCase) same =
        resolve("intel-icelake-sp", NEWEST,
                "Icelake-Server,pmu=on,+ds,+dtes64,+pdcm,pebs-fmt=4,lbr-fmt=5,model=108");

    g_assert_nonnull(strstr(resolve_finding(named, "pebs-fmt")->cause, "family"));
    g_assert_nonnull(strstr(resolve_finding(named, "lbr-fmt")->cause, "family"));
    g_assert_cmpuint(resolve_errors(same), ==, 0);
    g_assert_cmpuint(pebs_fmt(same), ==, 4);
}

/* T4: a format is not applied after pdcm is gone. */
static void test_t4_format_without_pdcm(void)
{
    g_autoptr(ResolveCase) c =
        resolve("intel-icelake-sp", NEWEST, "Icelake-Server,pmu=on,model=108,lbr-fmt=5");

    g_assert_nonnull(strstr(resolve_finding(c, "lbr-fmt")->cause, "pdcm"));
    g_assert_cmphex(PERFCAP(c), ==, 0);
}

/* T12: the host's LBR format taken over by migratable=off is nobody's request. */
static void test_t12_taken_over_format_without_pmu(void)
{
    g_autoptr(ResolveCase) c =
        resolve("intel-skylake-sp", "pc-q35-10.0", "host,migratable=off,pmu=off");

    g_assert_cmpuint(report_count(c->report, FINDING_WARNING), ==, 0);
    g_assert_cmpuint(lbr_fmt(c), ==, 0);
}

/* B22, B27, T29: perf-metrics where KVM offers it, with fixed counter 3. */
static void test_perf_metrics(void)
{
    g_autoptr(ResolveCase) legacy =
        resolve("intel-sapphirerapids", NEWEST, "host,perf-metrics=on");
    g_autoptr(ResolveCase) topdown =
        resolve("intel-sapphirerapids-topdown", NEWEST, "host,perf-metrics=on");
    HostProfile *host = resolve_profile("intel-sapphirerapids-topdown");
    g_autoptr(ResolveCase) three = NULL;

    g_assert_nonnull(strstr(resolve_finding(legacy, "perf-metrics")->cause, "mediated"));
    g_assert_true(resolve_has(topdown, X86_PERF_METRICS));
    g_assert_cmpuint(topdown->contract->x86.pmu.fixed_counters, ==, 4);
    x86_cpuid_find(host->x86.supported, 0xa, 0)->edx -= 1;
    three = resolve_case_new(host, NEWEST, "host,perf-metrics=on", NULL);
    g_assert_false(resolve_has(three, X86_PERF_METRICS));
    g_assert_nonnull(
        strstr(resolve_finding(three, "perf-metrics")->cause, "fixed counter"));
}

/* PEBS and LBR belong to the legacy vPMU; the cause says which mode took them. */
static void test_mediated_mode_is_named(void)
{
    g_autoptr(ResolveCase) c =
        resolve("intel-sapphirerapids-mediated", NEWEST, "host,pebs-fmt=5");

    g_assert_nonnull(strstr(resolve_finding(c, "pebs-fmt")->cause, "mediated"));
    g_assert_nonnull(
        strstr(resolve_finding(c, "pebs-fmt")->remedy, "enable_mediated_pmu=0"));
}

/* B33, T16: pmu=off, leaf by leaf, on every host. */
static void test_pmu_off_is_off(void)
{
    g_auto(GStrv) hosts = resolve_profile_names("");

    for (unsigned i = 0; hosts[i]; i++) {
        g_autoptr(ResolveCase) c = NULL;

        if (g_str_has_prefix(hosts[i], "arm-")) {
            continue;
        }
        c = resolve(hosts[i], NEWEST, "host,migratable=off,pmu=off");
        g_assert_false(c->contract->pmu_enabled);
        for (X86Reg reg = X86_EAX; reg < X86_REG_COUNT; reg++) {
            g_assert_cmphex(resolve_cpuid(c, 0xa, 0, reg), ==, 0);
            g_assert_cmphex(resolve_cpuid(c, 0x14, 0, reg), ==, 0);
            g_assert_cmphex(resolve_cpuid(c, 0x1c, 0, reg), ==, 0);
            g_assert_cmphex(resolve_cpuid(c, 0x23, 0, reg), ==, 0);
            g_assert_cmphex(resolve_cpuid(c, 0x80000022, 0, reg), ==, 0);
        }
        g_assert_cmphex(resolve_cpuid(c, 1, 0, X86_ECX) & (BIT64(15) | BIT64(2)), ==, 0);
        g_assert_cmphex(resolve_cpuid(c, 1, 0, X86_EDX) & BIT64(21), ==, 0);
        g_assert_cmphex(resolve_cpuid(c, 7, 0, X86_EDX) & BIT64(19), ==, 0);
        g_assert_cmphex(resolve_cpuid(c, 7, 0, X86_EBX) & BIT64(25), ==, 0);
        g_assert_cmphex(resolve_cpuid(c, 0xd, 1, X86_ECX) & BIT64(15), ==, 0);
        g_assert_cmphex(resolve_cpuid(c, 0x80000001, 0, X86_ECX) & BIT64(23), ==, 0);
        for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
            g_assert_cmphex(
                c->contract->x86.words[word] & x86_word_flagged(word, X86_OF_PMU), ==, 0);
        }
        g_assert_cmphex(c->contract->x86.misc_enable & 0x1800, ==, 0x1800);
        for (unsigned k = 0; k < c->contract->x86.msrs->len; k++) {
            g_assert_cmphex(g_array_index(c->contract->x86.msrs, X86Msr, k).index, !=,
                            0x345);
        }
    }
}

/* Processor Trace is no part of the PMU on QEMU's machines. */
static void test_intel_pt_without_pmu_by_version(void)
{
    static const char *const cpus[] = {"host,pmu=off", "max,pmu=off",
                                       "Skylake-Server,intel-pt=on", "host,level=9",
                                       "host,pmu=off,x-intel-pt-without-pmu=on"};
    unsigned count;
    const MachineVersion *versions = machine_versions(&count);

    for (unsigned v = 0; v < count; v++) {
        bool is_old = !g_str_has_prefix(versions[v].name, "vpmu");
        g_autofree char *machine = g_strdup_printf("pc-q35-%s", versions[v].name);

        for (unsigned i = 0; i < ARRAY_LEN(cpus); i++) {
            HostProfile *host = resolve_profile_with_pt("intel-icelake-sp");
            g_autoptr(ResolveCase) c = resolve_case_new(host, machine, cpus[i], NULL);
            bool has = is_old || strstr(cpus[i], "x-intel-pt");
            bool shows = has && !strstr(cpus[i], "level=9");

            g_test_message("%s, %s", machine, cpus[i]);
            g_assert_false(c->contract->pmu_enabled);
            g_assert_cmpint(resolve_has(c, X86_INTEL_PT), ==, shows);
            g_assert_cmphex(resolve_cpuid(c, 0x14, 0, X86_EBX), ==, shows ? 0xf : 0);
            g_assert_cmpuint(resolve_errors(c), ==, 0);
        }
    }
}

static void test_intel_pt_with_pmu(void)
{
    static const struct {
        const char *cpu;
        bool has;
    } rows[] = {
        {"host", true},
        {"host,-intel-pt", false},
        {"Skylake-Server,pmu=on,+intel-pt", true},
        {"Skylake-Server,pmu=on", false},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        HostProfile *host = resolve_profile_with_pt("intel-icelake-sp");
        g_autoptr(ResolveCase) c = resolve_case_new(host, NEWEST, rows[i].cpu, NULL);

        g_assert_cmpint(resolve_has(c, X86_INTEL_PT), ==, rows[i].has);
        g_assert_cmphex(resolve_cpuid(c, 0x14, 0, X86_EBX), ==, rows[i].has ? 0xf : 0);
        g_assert_cmphex(resolve_cpuid(c, 0x14, 1, X86_EBX), ==,
                        rows[i].has ? 0x3fff3fff : 0);
    }
}

/* Up to 10.0 pdcm without a PMU was taken without a word; the guest never had it. */
static void test_pdcm_without_pmu_by_version(void)
{
    static const struct {
        const char *host, *machine, *cpu, *row;
        FindingLevel level;
    } rows[] = {
        {"intel-icelake-sp", "pc-q35-10.1", "host,pmu=off,pdcm=on,enforce", "pdcm",
         FINDING_ERROR},
        {"intel-icelake-sp", "pc-q35-10.0", "host,pmu=off,pdcm=on,enforce", "pdcm",
         FINDING_NOTE},
        {"intel-icelake-sp", "pc-q35-10.1", "Skylake-Server,pdcm=on,full-width-write=on",
         "full-width-write", FINDING_WARNING},
        {"intel-icelake-sp", "pc-q35-10.0", "Skylake-Server,pdcm=on,full-width-write=on",
         "full-width-write", FINDING_NOTE},
        /* What no QEMU of then has a name for was never silent. */
        {"intel-icelake-sp", "pc-q35-10.0", "host,pmu=off,+pebs-trap,enforce",
         "pebs-trap", FINDING_ERROR},
        /* What the host lacks was said then, too. */
        {"amd-zen4-genoa", "pc-q35-10.0", "EPYC,pdcm=on,enforce", "pdcm", FINDING_ERROR},
        {"amd-zen4-genoa", "pc-q35-10.0", "EPYC,pdcm=on,full-width-write=on",
         "full-width-write", FINDING_WARNING},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(ResolveCase) c = resolve(rows[i].host, rows[i].machine, rows[i].cpu);

        g_test_message("%s, %s", rows[i].machine, rows[i].cpu);
        g_assert_cmpint(resolve_finding(c, rows[i].row)->level, ==, rows[i].level);
        g_assert_false(resolve_has(c, X86_PDCM));
        g_assert_cmphex(PERFCAP(c), ==, 0);
    }
}

/* B34, B35: KVM is told to take the PMU away where it can, and only then. */
static void test_disable_capability(void)
{
    static const struct {
        const char *host, *cpu;
        bool disable;
    } rows[] = {
        {"amd-zen3-milan", "EPYC-Milan", true},
        {"amd-zen3-milan", "EPYC-Milan,pmu=off", true},
        {"amd-zen3-milan", "EPYC-Milan,pmu=on", false},
        {"amd-zen4-genoa-nopmu", "EPYC,pmu=off", false},
        {"intel-icelake-sp", "host,pmu=off", true},
        {"intel-icelake-sp", "host", false},
        {"intel-icelake-sp-nopmu", "host,pmu=off", false},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(ResolveCase) c = resolve(rows[i].host, NEWEST, rows[i].cpu);

        g_assert_cmpint(c->binding->disable_pmu, ==, rows[i].disable);
        g_assert_cmpuint(resolve_errors(c), ==, 0);
    }
}

/* B35, T28: pmu=on without one in the host starts, and says why there is none. */
static void test_pmu_on_without_host_pmu(void)
{
    static const struct {
        const char *host, *cause;
    } rows[] = {{"intel-alderlake-hybrid", "hybrid"},
                {"intel-icelake-sp-nopmu", "enable_pmu"},
                {"amd-zen4-genoa-nopmu", "enable_pmu"}};

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(ResolveCase) on = resolve(rows[i].host, NEWEST, "host,pmu=on");
        g_autoptr(ResolveCase) enforce =
            resolve(rows[i].host, NEWEST, "host,pmu=on,enforce");
        g_autoptr(ResolveCase) fallback = resolve(rows[i].host, NEWEST, "host");

        g_assert_cmpuint(resolve_errors(on), ==, 0);
        g_assert_nonnull(strstr(resolve_finding(on, "pmu")->cause, rows[i].cause));
        g_assert_cmphex(resolve_cpuid(on, 0xa, 0, X86_EAX), ==, 0);
        g_assert_cmpuint(resolve_errors(enforce), ==, 1);
        g_assert_cmpint(resolve_finding(fallback, "pmu")->level, ==, FINDING_NOTE);
    }
}

/* T27: where the watchdog keeps KVM from creating a vCPU, the start says so before. */
static void test_watchdog_and_mediated_pmu(void)
{
    static const struct {
        const char *host, *cpu;
        int watchdog;
        bool is_told;
    } rows[] = {
        {"intel-sapphirerapids-mediated", "host", 1, true},
        {"amd-zen4-genoa-mediated", "EPYC,pmu=on", 1, true},
        {"intel-sapphirerapids-mediated", "host", 0, false},
        {"intel-sapphirerapids-mediated", "host", -1, false},
        {"intel-sapphirerapids-mediated", "host,pmu=off", 1, false},
        {"intel-sapphirerapids", "host", 1, false},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        HostProfile *host = resolve_profile(rows[i].host);
        g_autoptr(ResolveCase) c = NULL;
        const Finding *finding;

        host->nmi_watchdog = rows[i].watchdog;
        c = resolve_case_new(host, NEWEST, rows[i].cpu, NULL);
        finding = report_find(c->report, "pmu");
        g_assert_true((finding != NULL) == rows[i].is_told);
        if (finding) {
            g_assert_cmpint(finding->level, ==, FINDING_WARNING);
            g_assert_nonnull(strstr(finding->cause, "NMI watchdog"));
            g_assert_nonnull(strstr(finding->remedy, "/proc/sys/kernel/nmi_watchdog"));
        }
    }
}

/* B36, T6, T31: MISC_ENABLE by machine version and PEBS. */
static void test_misc_enable(void)
{
    static const struct {
        const char *machine, *cpu;
        uint64_t value;
    } rows[] = {
        {NEWEST, "host", 0x1801},
        {NEWEST, "host,pebs-fmt=4", 0x801},
        {NEWEST, "host,pmu=off", 0x1801},
        {"pc-q35-11.1", "host", 0x1},
        {"pc-q35-11.1", "host,pebs-fmt=4", 0x1},
        {"pc-q35-7.2", "qemu64", 0x1},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(ResolveCase) c =
            resolve("intel-icelake-sp", rows[i].machine, rows[i].cpu);

        g_assert_cmphex(c->contract->x86.misc_enable, ==, rows[i].value);
    }
}

/* B41: what goes takes its dependents along, and those asked for are reported. */
static void test_dependents_go_too(void)
{
    g_autoptr(ResolveCase) ds =
        resolve("intel-icelake-sp", NEWEST, "host,ds=off,dtes64=on");
    g_autoptr(ResolveCase) pdcm =
        resolve("intel-icelake-sp", NEWEST, "host,pdcm=off,full-width-write=on");
    g_autoptr(ResolveCase) quiet = resolve("intel-icelake-sp", NEWEST, "host,pdcm=off");

    g_assert_false(resolve_has(ds, X86_DTES64));
    g_assert_nonnull(strstr(resolve_finding(ds, "dtes64")->cause, "ds"));
    g_assert_cmphex(PERFCAP(pdcm), ==, 0);
    g_assert_nonnull(strstr(resolve_finding(pdcm, "full-width-write")->cause, "pdcm"));
    g_assert_cmpuint(report_count(quiet->report, FINDING_WARNING), ==, 0);
}

/* B42: -x beats +x beats x=…, in any order; mixing is mentioned. */
static void test_precedence(void)
{
    static const struct {
        const char *cpu;
        bool has, mixed;
    } rows[] = {
        {"host,avx2=on,-avx2", false, true},
        {"host,-avx2,avx2=on", false, true},
        {"host,+avx2,-avx2", false, true},
        {"host,-avx2,+avx2", false, true},
        {"host,+avx2,+avx2", true, false},
        {"host,avx2=off,+avx2", true, true},
        {"host,+avx2,avx2=off", true, true},
        {"host,avx2=off", false, false},
        {"host,avx2", true, false},
        {"host,avx2=off,avx2=on", true, true},
        {"host,avx2=on,avx2=on", true, false},
    };
    g_autoptr(ResolveCase) spelled =
        resolve("intel-icelake-sp", NEWEST, "host,+sse4.2,sse4_2=off");

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(ResolveCase) c = resolve("intel-icelake-sp", NEWEST, rows[i].cpu);

        g_assert_cmpint(resolve_has(c, X86_AVX2), ==, rows[i].has);
        g_assert_cmpint(report_find(c->report, "avx2") != NULL, ==, rows[i].mixed);
    }
    /* Two spellings are one feature. */
    g_assert_nonnull(strstr(resolve_finding(spelled, "sse4_2")->cause, "+/-"));
}

static void test_bad_cpu_texts(void)
{
    static const struct {
        const char *cpu, *part;
    } rows[] = {
        {"", "missing"},
        {"nosuch", "nosuch"},
        {"host,nosuch=on", "nosuch"},
        {"host,+nosuch", "nosuch"},
        {"host,hv-relaxed=on", "Hyper-V"},
        {"host,=on", "missing"},
        {"host,pmu=maybe", "maybe"},
        {"host,avx2=2", "avx2"},
        {"qemu64,migratable=on", "migratable"},
        {"x86_64-cpu", "x86_64-cpu"},
        {"qemu64,migratable=on", "host and max"},
        {"host,hv_time", "Hyper-V"},
        {"host,+", "before or after '+'"},
        {"host,-=on", "before or after '-'"},
        {"host,help", "-cpu help"},
        {"Icelake", "mean 'Icelake-Server'"},
        {"Host", "mean 'host'"},
        {"host,pebs-format=4", "mean 'pebs-fmt'"},
        {"host,+pebs_trp", "mean 'pebs-trap'"},
        {"host,pebs-fmt=16", "0 to 15"},
        {"host,lbr-fmt=64", "0 to 63"},
        {"host,pebs-fmt", "0 to 15"},
        {"host,pebs-fmt=-1", "0 to 15"},
        {"host,tsc-freq=fast", "2.5G"},
        {"host,tsc-frequency=2.5G", "not a number"},
        {"host,phys-bits=-1", "0 to 4294967295"},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autofree char *message = resolve_cpu_error(TARGET_ARCH_X86_64, rows[i].cpu);

        g_test_message("%s", message);
        g_assert_nonnull(strstr(message, rows[i].part));
        g_assert_true(g_str_has_prefix(message, "-cpu"));
    }
}

/* B32: the accelerator's pmu= is Arm's. */
static void test_accel_pmu_is_refused(void)
{
    g_autoptr(ResolveCase) c =
        resolve_case_new(resolve_profile("intel-icelake-sp"), NEWEST, "host", "pmu=8");

    static const char *const others[] = {"backcompat-pmu=on", "pmu-affinity=off",
                                         "x-fixed-counters-only=off"};

    g_assert_cmpuint(resolve_errors(c), ==, 1);
    g_assert_nonnull(strstr(resolve_finding(c, "accel.pmu")->cause, "Arm"));
    for (unsigned i = 0; i < ARRAY_LEN(others); i++) {
        g_autoptr(ResolveCase) other = resolve_case_new(
            resolve_profile("intel-icelake-sp"), NEWEST, "host", others[i]);

        g_assert_cmpuint(resolve_errors(other), ==, 1);
        g_assert_nonnull(strstr(report_get(other->report, 0)->cause, "Arm"));
    }
}

/* AMD: four, six, or what PerfMonV2 says. */
static void test_amd_geometry(void)
{
    static const struct {
        const char *host, *cpu;
        unsigned version, counters;
        uint32_t eax, ebx;
    } rows[] = {
        {"amd-zen4-genoa", "host", 2, 6, 1, 6},
        {"amd-zen4-genoa", "host,perfmon-v2=off", 1, 6, 0, 0},
        {"amd-zen4-genoa", "host,perfctr-core=off", 1, 4, 0, 0},
        {"amd-zen3-milan", "host", 1, 6, 0, 0},
        {"amd-zen1-naples", "EPYC,pmu=on", 1, 4, 0, 0},
        {"amd-zen5-turin", "EPYC-Turin,pmu=on", 2, 6, 1, 6},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(ResolveCase) c = resolve(rows[i].host, NEWEST, rows[i].cpu);

        g_assert_cmpuint(c->contract->x86.pmu.version, ==, rows[i].version);
        g_assert_cmpuint(c->contract->x86.pmu.gp_counters, ==, rows[i].counters);
        g_assert_cmphex(resolve_cpuid(c, 0x80000022, 0, X86_EAX), ==, rows[i].eax);
        g_assert_cmphex(resolve_cpuid(c, 0x80000022, 0, X86_EBX), ==, rows[i].ebx);
        g_assert_cmphex(resolve_cpuid(c, 0xa, 0, X86_EAX), ==, 0);
    }
}

/* T32: the counters are those of KVM's leaf 0xA, whatever other leaves say. */
static void test_leaf_a_is_kvms(void)
{
    g_autoptr(ResolveCase) c = resolve("intel-graniterapids-d", NEWEST, "host");
    const GArray *offered = c->host->x86.supported;

    for (X86Reg reg = X86_EAX; reg < X86_REG_COUNT; reg++) {
        g_assert_cmphex(resolve_cpuid(c, 0xa, 0, reg), ==,
                        x86_cpuid_reg(offered, 0xa, 0, reg));
    }
}

/* QEMU's machines keep perfctr-core without a PMU, ours do not. */
static void test_amd_perfctr_core_by_version(void)
{
    g_autoptr(ResolveCase) old = resolve("amd-zen4-genoa", "pc-q35-11.1", "host,pmu=off");
    g_autoptr(ResolveCase) new = resolve("amd-zen4-genoa", NEWEST, "host,pmu=off");

    g_assert_true(resolve_has(old, X86_PERFCTR_CORE));
    g_assert_false(resolve_has(new, X86_PERFCTR_CORE));
    g_assert_false(resolve_has(old, X86_PERFMON_V2));
}

/* What is accepted by name and cannot be had is said, not dropped. */
static void test_unavailable_is_refused(void)
{
    g_autoptr(ResolveCase) lmce = resolve("intel-icelake-sp", NEWEST, "host,lmce=on");
    g_autoptr(ResolveCase) off = resolve("intel-icelake-sp", NEWEST, "host,lmce=off");
    g_autoptr(ResolveCase) steal = resolve("arm-altra", "virt", "host,kvm-steal-time=on");

    g_assert_cmpint(resolve_finding(lmce, "lmce")->level, ==, FINDING_ERROR);
    g_assert_cmpuint(resolve_errors(off), ==, 0);
    g_assert_cmpint(resolve_finding(steal, "kvm-steal-time")->level, ==, FINDING_ERROR);
}

/* Bytes KVM allows, entries asked for, entries given; 0 is a refusal. */
static void test_dirty_ring_size_is_decided(void)
{
    static const struct {
        int cap;
        unsigned asked, given;
    } cases[] = {
        {0, 4096, 0},         {1 << 20, 4096, 4096}, {1 << 20, 65536, 65536},
        {1 << 20, 131072, 0}, {1 << 16, 4096, 4096}, {1 << 16, 8192, 0},
        {1 << 20, 512, 0},    {1 << 20, 5000, 0},
    };

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        HostProfile *host = resolve_profile("intel-icelake-sp");
        g_autofree char *accel = g_strdup_printf("dirty-ring-size=%u", cases[i].asked);
        g_autoptr(ResolveCase) c = NULL;

        host->caps[KVM_CAPID_DIRTY_RING] = cases[i].cap;
        c = resolve_case_new(host, NEWEST, "host", accel);
        g_assert_cmpuint(kvm_dirty_ring_entries((const KvmAccel *)c->accel, host, NULL),
                         ==, cases[i].given);
        g_assert_cmpuint(resolve_errors(c), ==, cases[i].given ? 0 : 1);
        if (!cases[i].given) {
            g_assert_nonnull(resolve_finding(c, "dirty-ring-size"));
        }
    }
}

/* A frequency that is part of the contract is what another host can keep. */
static void test_invtsc_ties_without_a_frequency(void)
{
    static const struct {
        const char *cpu;
        bool is_tied;
    } cases[] = {
        {"host", false},
        {"host,+invtsc", true},
        {"host,migratable=off", true},
        {"host,+invtsc,tsc-frequency=2000000000", false},
        {"YongFeng", true},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(ResolveCase) resolved =
            resolve("intel-icelake-sp", NEWEST, cases[i].cpu);

        g_assert_true(x86_contract_is_held_by(resolved->contract, X86_INVTSC) ==
                      cases[i].is_tied);
        for (unsigned id = 0; id < X86_FEATURE_COUNT; id++) {
            g_assert_true(id == X86_INVTSC ||
                          !x86_contract_is_held_by(resolved->contract, id));
        }
    }
}

/* What a model has of nested SVM is there for those who switch svm on, and no loss
 * otherwise. */
static void test_svm_brings_what_the_model_has_of_it(void)
{
    static const struct {
        const char *cpu;
        X86FeatureId feature;
        bool is_asked;
    } cases[] = {
        {"EPYC", X86_NPT, false},
        {"EPYC,enforce", X86_NPT, false},
        {"EPYC,svm=on", X86_NPT, true},
        {"EPYC,+svm", X86_NRIP_SAVE, true},
        {"EPYC,svm=on", X86_VGIF, false},
        {"EPYC-v5,svm=on", X86_VGIF, true},
        {"EPYC-v5,svm=on,vgif=off", X86_VGIF, false},
        {"EPYC-Milan,svm=on", X86_SVME_ADDR_CHK, true},
        {"EPYC-Genoa-v2,svm=off", X86_LBRV, false},
        {"EPYC-Turin,svm=on", X86_LBRV, true},
        {"Skylake-Server,svm=on", X86_NPT, false},
        {"qemu64,svm=on,npt=on", X86_NPT, true},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        const X86FeatureRow *row = &x86_feature_rows[cases[i].feature];
        g_autofree char *forced = g_strconcat(cases[i].cpu, ",x-force-features=on", NULL);
        g_autoptr(ResolveCase) c = resolve("amd-zen4-genoa", NEWEST, cases[i].cpu);
        g_autoptr(ResolveCase) all = resolve("amd-zen4-genoa", NEWEST, forced);

        g_test_message("%s", cases[i].cpu);
        g_assert_true(x86_contract_has(all->contract, cases[i].feature) ==
                      cases[i].is_asked);
        /* The recorded kernel offers guests no SVM, so what was asked for is lost. */
        g_assert_true((report_find(c->report, row->name) != NULL) == cases[i].is_asked);
    }
}

static void test_tsc_frequency(void)
{
    g_autoptr(ResolveCase) ok = resolve("intel-icelake-sp", NEWEST, "host,tsc-freq=2.5G");
    g_autoptr(ResolveCase) much =
        resolve("intel-icelake-sp", NEWEST, "host,tsc-freq=99G");
    g_autoptr(ResolveCase) fixed =
        resolve("intel-nested-nopmu-linux618", NEWEST, "host,tsc-frequency=2000000000");

    g_assert_cmpuint(ok->contract->x86.tsc_khz, ==, 2500000);
    g_assert_cmpuint(resolve_errors(much), ==, 1);
    g_assert_nonnull(strstr(resolve_finding(fixed, "tsc-frequency")->cause, "scale"));
}

/* B35, T22: an AMD host whose kernel is too old to switch its PMU off says so. */
static void test_old_kernel_cannot_disable(void)
{
    HostProfile *host = resolve_profile("amd-zen3-milan");
    g_autoptr(ResolveCase) off = NULL;
    g_autoptr(ResolveCase) on = NULL;

    host->caps[KVM_CAPID_PMU_CAPABILITY] = 0;
    off = resolve_case_new(host, NEWEST, "EPYC-Milan,pmu=off", NULL);
    host = resolve_profile("amd-zen3-milan");
    host->caps[KVM_CAPID_PMU_CAPABILITY] = 0;
    on = resolve_case_new(host, NEWEST, "host,pmu=on", NULL);
    g_assert_false(off->binding->disable_pmu);
    g_assert_nonnull(strstr(resolve_finding(off, "pmu")->cause, "5.18"));
    g_assert_true(on->contract->pmu_enabled);
    g_assert_cmpuint(resolve_errors(on), ==, 0);
}

/* B18: guest LBR is in the capability MSR; no capability of its own is asked for. */
static void test_no_guest_lbr_capability(void)
{
    for (unsigned i = 0; i < KVM_CAPID_COUNT; i++) {
        g_assert_null(strstr(kvm_cap_rows[i].name, "lbr"));
    }
}

/* T14: the message tells the debug store of PEBS from others. */
static void test_message_names_the_debug_store(void)
{
    g_autoptr(ResolveCase) c =
        resolve("intel-icelake-sp", NEWEST, "host,pebs-fmt=4,ds=off");

    g_assert_nonnull(
        strstr(resolve_finding(c, "pebs-fmt")->cause, "debug store for PEBS"));
}

/* T13: BTS is never offered, so without PEBS nothing needs the store: it says so. */
static void test_without_pebs_nothing_is_said_to_work(void)
{
    g_autoptr(ResolveCase) c = resolve("intel-icelake-sp", NEWEST, "host");

    g_assert_true(resolve_has(c, X86_DS));
    g_assert_cmphex(c->contract->x86.misc_enable & 0x1800, ==, 0x1800);
}

/* What QEMU changed for 9.1 and 10.1, beside what tests of their own show. */
static void test_leaves_by_version(void)
{
    static const struct {
        const char *profile, *machine, *cpu;
        uint32_t leaf, subleaf;
        X86Reg reg;
        uint32_t value;
    } rows[] = {
        /* leaf 2 points to leaf 4 … */
        {"intel-icelake-sp", "pc-q35-10.1", "Skylake-Server", 2, 0, X86_ECX, 0},
        {"intel-icelake-sp", "pc-q35-10.1", "Skylake-Server", 2, 0, X86_EDX, 0xff},
        {"intel-icelake-sp", "pc-q35-10.0", "Skylake-Server", 2, 0, X86_ECX, 0x4d},
        {"intel-icelake-sp", "pc-q35-10.0", "Skylake-Server", 2, 0, X86_EDX, 0x2c307d},
        /* … where there is one */
        {"intel-icelake-sp", "pc-q35-10.1", "pentium3", 2, 0, X86_ECX, 0x4d},
        {"intel-icelake-sp", "pc-q35-10.1", "pentium3", 2, 0, X86_EDX, 0x2c307d},
        {"amd-zen4-genoa", "pc-q35-9.1", "EPYC", 0x8000001d, 3, X86_EDX, 2},
        {"amd-zen4-genoa", "pc-q35-9.0", "EPYC", 0x8000001d, 3, X86_EDX, 6},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(ResolveCase) c = resolve(rows[i].profile, rows[i].machine, rows[i].cpu);

        g_assert_cmphex(resolve_cpuid(c, rows[i].leaf, rows[i].subleaf, rows[i].reg), ==,
                        rows[i].value);
    }
}

/* KVM tells since Linux 6.10 how far a guest's own nested paging reaches. */
static void test_guest_phys_bits(void)
{
    static const struct {
        const char *machine, *cpu;
        unsigned kvms, given;
    } rows[] = {
        {"pc-q35-9.1", "host", 48, 48},
        {"pc-q35-9.0", "host", 48, 0},
        {"pc-q35-9.1", "host", 0, 0},
        {"pc-q35-9.1", "qemu64", 48, 40},
        {"pc-q35-9.1", "host,host-phys-bits-limit=42", 48, 42},
        {"pc-q35-9.1", "host,guest-phys-bits=0", 48, 0},
        {"pc-q35-9.1", "host,guest-phys-bits=40", 0, 40},
        {"pc-q35-9.1", "486", 48, 0},
    };
    g_autoptr(ResolveCase) less =
        resolve("amd-zen4-genoa", NEWEST, "host,guest-phys-bits=31");
    g_autoptr(ResolveCase) more =
        resolve("amd-zen4-genoa", NEWEST, "host,guest-phys-bits=53");

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        HostProfile *host = resolve_profile("amd-zen4-genoa");
        X86CpuidEntry *entry = x86_cpuid_find(host->x86.supported, 0x80000008, 0);
        g_autoptr(ResolveCase) c = NULL;

        entry->eax = (entry->eax & 0xffff) | rows[i].kvms << 16;
        c = resolve_case_new(host, rows[i].machine, rows[i].cpu, NULL);
        g_assert_cmpuint(resolve_cpuid(c, 0x80000008, 0, X86_EAX) >> 16, ==,
                         rows[i].given);
        g_assert_cmpuint(resolve_errors(c), ==, 0);
    }
    g_assert_nonnull(
        strstr(resolve_finding(less, "guest-phys-bits")->offered, "32 to 52"));
    g_assert_cmpint(resolve_finding(more, "guest-phys-bits")->level, ==, FINDING_ERROR);
}

/* Numbers of the PMU within what KVM gives, on every machine; leaf 0xA says them. */
static void test_geometry(void)
{
    static const struct {
        const char *host, *cpu;
        uint32_t eax, ebx, edx; /* of leaf 0xA; the highest bits aside */
    } rows[] = {
        {"intel-icelake-sp", "host", 0x0802, 0, 0x603},
        {"intel-icelake-sp", "host,pmu-counters=4", 0x0402, 0, 0x603},
        {"intel-icelake-sp", "host,pmu-counters=1,pmu-fixed-counters=0", 0x0102, 0,
         0x600},
        {"intel-icelake-sp", "host,pmu-version=1", 0x0801, 0, 0},
        {"intel-icelake-sp", "host,pmu-version=1,pmu-fixed-counters=0", 0x0801, 0, 0},
        {"intel-icelake-sp", "host,pmu-events=0x3", 0x0802, 0xfc, 0x603},
        {"intel-icelake-sp", "host,pmu-events=0x7f", 0x0802, 0x80, 0x603},
        {"intel-icelake-sp", "Skylake-Server,pmu=on,pmu-counters=2", 0x0202, 0, 0x603},
    };
    static const char *const machines[] = {"q35", "pc-q35-11.1", "pc-q35-7.2"};

    for (unsigned i = 0; i < ARRAY_LEN(rows) * ARRAY_LEN(machines); i++) {
        const unsigned r = i / ARRAY_LEN(machines);
        g_autoptr(ResolveCase) c =
            resolve(rows[r].host, machines[i % ARRAY_LEN(machines)], rows[r].cpu);

        g_assert_cmpuint(resolve_errors(c), ==, 0);
        g_assert_cmphex(resolve_cpuid(c, 0xa, 0, X86_EAX) & 0xffff, ==, rows[r].eax);
        g_assert_cmphex(resolve_cpuid(c, 0xa, 0, X86_EBX), ==, rows[r].ebx);
        g_assert_cmphex(resolve_cpuid(c, 0xa, 0, X86_EDX) & 0x7fff, ==, rows[r].edx);
    }
}

/* More than there is, and what a processor cannot say. */
static void test_geometry_that_cannot_be(void)
{
    /* clang-format off */
    static const SayingRow rows[] = {
        {"intel-icelake-sp", "host,pmu-counters=9", "pmu-counters",
         FINDING_ERROR, "no more", "leave pmu-counters out"},
        {"intel-icelake-sp", "host,pmu-counters=0,check=off", "pmu-counters",
         FINDING_ERROR, "pmu=off says that", "leave pmu-counters out"},
        {"intel-icelake-sp", "host,pmu-version=3", "pmu-version",
         FINDING_ERROR, "no more", "leave pmu-version out"},
        {"intel-icelake-sp", "host,pmu-fixed-counters=4", "pmu-fixed-counters",
         FINDING_ERROR, "no more", "leave pmu-fixed-counters out"},
        {"intel-icelake-sp", "host,pmu-version=1,pmu-fixed-counters=3",
         "pmu-fixed-counters", FINDING_ERROR, "version 1", "leave pmu-fixed-counters out"},
        {"intel-icelake-sp", "host,pmu-events=0x100", "pmu-events",
         FINDING_ERROR, "no other events", "leave pmu-events out"},
        {"intel-icelake-sp", "host,pmu=off,pmu-counters=4", "pmu-counters",
         FINDING_ERROR, "no PMU", "leave pmu-counters out"},
        {"amd-zen3-milan", "host,pmu-counters=4", "pmu-counters",
         FINDING_ERROR, "perfctr-core", "use perfctr-core=off"},
        {"amd-zen3-milan", "host,pmu-counters=5", "pmu-counters",
         FINDING_ERROR, "perfctr-core", "leave pmu-counters out"},
        {"amd-zen4-genoa", "host,perfmon-v2=off,pmu-counters=5", "pmu-counters",
         FINDING_ERROR, "perfctr-core", "use perfmon-v2=on"},
        {"amd-zen4-genoa", "host,pmu-fixed-counters=1", "pmu-fixed-counters",
         FINDING_ERROR, "perfctr-core", "leave pmu-fixed-counters out"},
        {"amd-zen4-genoa", "host,pmu-events=1", "pmu-events",
         FINDING_ERROR, "no events", "leave pmu-events out"},
    };
    /* clang-format on */
    g_autoptr(ResolveCase) four =
        resolve("amd-zen4-genoa", NEWEST, "host,pmu-counters=4");
    g_autoptr(ResolveCase) five =
        resolve("amd-zen3-milan", NEWEST, "host,pmu-counters=5");

    check_sayings(rows, ARRAY_LEN(rows));
    g_assert_cmpstr(resolve_finding(five, "pmu-counters")->offered, ==, "6");
    g_assert_cmpuint(resolve_errors(four), ==, 0);
    g_assert_cmphex(resolve_cpuid(four, 0x80000022, 0, X86_EBX) & 0xf, ==, 4);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, function) g_test_add_func("/x86-resolve/" path, function)
    ADD("geometry", test_geometry);
    ADD("geometry-that-cannot-be", test_geometry_that_cannot_be);
    ADD("leaves-by-version", test_leaves_by_version);
    ADD("guest-phys-bits", test_guest_phys_bits);
    ADD("fb-clear-comes-with-what-makes-it-needless",
        test_fb_clear_comes_with_what_makes_it_needless);
    ADD("a-refused-register-is-not-announced", test_a_refused_register_is_not_announced);
    ADD("b4-b14-formats-are-numbers", test_formats_are_numbers);
    ADD("b5-b16-unset-formats", test_unset_formats);
    ADD("b6-b15-every-other-format-is-refused", test_every_other_format_is_refused);
    ADD("b7-formats-need-pmu-and-ds", test_formats_need_pmu_and_ds);
    ADD("b8-t10-zero-never-fails", test_zero_never_fails);
    ADD("b9-pebs-off-is-off-whole", test_pebs_off_is_off_whole);
    ADD("b10-t1-t2-pebs-on-is-on-whole", test_pebs_on_is_on_whole);
    ADD("pebs-by-name", test_pebs_by_name);
    ADD("pebs-by-name-that-cannot-be", test_pebs_by_name_that_cannot_be);
    ADD("a-format-taken-over-goes-with-a-note",
        test_a_format_taken_over_goes_with_a_note);
    ADD("a-format-taken-over-goes-without-a-word",
        test_a_format_taken_over_goes_without_a_word);
    ADD("b11-b40-check-warns-and-enforce-fails", test_check_warns_and_enforce_fails);
    ADD("findings-say-the-true-cause", test_findings_say_the_true_cause);
    ADD("a-format-lists-all-it-needs", test_a_format_lists_all_it_needs);
    ADD("a-model-without-pmu-is-no-loss", test_a_model_without_pmu_is_no_loss);
    ADD("levels-hide-leaves", test_levels_hide_leaves);
    ADD("legacy-cache-says-what-is", test_legacy_cache_says_what_is);
    ADD("another-vendor-has-no-pmu", test_another_vendor_has_no_pmu);
    ADD("check-and-enforce-judge-what-kvm-kept",
        test_check_and_enforce_judge_what_kvm_kept);
    ADD("check-off-is-silent", test_check_off_is_silent);
    ADD("b17-unset-format-is-absent", test_unset_format_is_absent);
    ADD("b19-t3-formats-need-the-same-processor", test_formats_need_the_same_processor);
    ADD("t4-format-without-pdcm", test_t4_format_without_pdcm);
    ADD("t12-taken-over-format-without-pmu", test_t12_taken_over_format_without_pmu);
    ADD("b22-b27-t29-perf-metrics", test_perf_metrics);
    ADD("mediated-mode-is-named", test_mediated_mode_is_named);
    ADD("b33-t16-pmu-off-is-off", test_pmu_off_is_off);
    ADD("intel-pt-without-pmu-by-version", test_intel_pt_without_pmu_by_version);
    ADD("intel-pt-with-pmu", test_intel_pt_with_pmu);
    ADD("pdcm-without-pmu-by-version", test_pdcm_without_pmu_by_version);
    ADD("b34-b35-disable-capability", test_disable_capability);
    ADD("b35-t28-pmu-on-without-host-pmu", test_pmu_on_without_host_pmu);
    ADD("t27-watchdog-and-mediated-pmu", test_watchdog_and_mediated_pmu);
    ADD("b36-t6-t31-misc-enable", test_misc_enable);
    ADD("b18-no-guest-lbr-capability", test_no_guest_lbr_capability);
    ADD("t14-message-names-the-debug-store", test_message_names_the_debug_store);
    ADD("t13-without-pebs-nothing-is-said-to-work",
        test_without_pebs_nothing_is_said_to_work);
    ADD("unavailable-is-refused", test_unavailable_is_refused);
    ADD("dirty-ring-size-is-decided", test_dirty_ring_size_is_decided);
    ADD("tsc-frequency", test_tsc_frequency);
    ADD("svm-brings-what-the-model-has-of-it", test_svm_brings_what_the_model_has_of_it);
    ADD("invtsc-ties-without-a-frequency", test_invtsc_ties_without_a_frequency);
    ADD("b35-t22-old-kernel-cannot-disable", test_old_kernel_cannot_disable);
    ADD("b41-dependents-go-too", test_dependents_go_too);
    ADD("b42-precedence", test_precedence);
    ADD("bad-cpu-texts", test_bad_cpu_texts);
    ADD("b32-accel-pmu-is-refused", test_accel_pmu_is_refused);
    ADD("amd-geometry", test_amd_geometry);
    ADD("t32-leaf-a-is-kvms", test_leaf_a_is_kvms);
    ADD("amd-perfctr-core-by-version", test_amd_perfctr_core_by_version);
    return g_test_run();
}
