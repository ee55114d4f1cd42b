/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What holds for every host, every machine version and every CPU.
 */
#include <string.h>

#include "resolve-case.h"
#include "target/contract-check.h"
#include "target/x86-encode.h"
#include "util/bits.h"
#include "util/json.h"
#include "x86-laws.h"

static const char *const x86_cpus[] = {
    "host",
    "max",
    "host,pmu=off",
    "host,migratable=off",
    "qemu64",
    "Skylake-Server,pmu=on",
    "SapphireRapids,pmu=on,+pdcm,+ds,+dtes64,+full-width-write",
    "EPYC-Genoa,pmu=on",
    "base",
    "host,pebs-fmt=host,lbr-fmt=host"};
static const char *const arm_cpus[] = {"host", "max", "host,pmu=off", "host,pmu=on"};
static const char *const versions[] = {"vpmu1.0", "11.1", "10.2", "10.0", "7.2"};

typedef void LawFunc(const char *profile, const char *machine, const char *cpu);

static void for_every_case(LawFunc *law)
{
    g_auto(GStrv) profiles = resolve_profile_names("");
    unsigned number = 0;

    for (unsigned p = 0; profiles[p]; p++) {
        bool arm = g_str_has_prefix(profiles[p], "arm-");
        unsigned count = arm ? ARRAY_LEN(arm_cpus) : ARRAY_LEN(x86_cpus);

        for (unsigned v = 0; v < ARRAY_LEN(versions); v++) {
            g_autofree char *machine =
                g_strdup_printf("%s-%s", arm ? "virt" : "pc-q35", versions[v]);

            for (unsigned i = 0; i < count; i++) {
                if (resolve_sample(number++)) {
                    law(profiles[p], machine, arm ? arm_cpus[i] : x86_cpus[i]);
                }
            }
        }
    }
}

static char *contract_text(const CpuContract *contract)
{
    g_autojson *json = cpu_contract_format(contract);

    return json_format(json);
}

static void law_purity(const char *profile, const char *machine, const char *cpu)
{
    g_autoptr(ResolveCase) one = resolve(profile, machine, cpu);
    g_autoptr(ResolveCase) two = resolve(profile, machine, cpu);
    g_autofree char *a = contract_text(one->contract);
    g_autofree char *b = contract_text(two->contract);

    g_assert_cmpstr(a, ==, b);
    g_assert_cmpuint(report_size(one->report), ==, report_size(two->report));
}

static void law_round_trip(const char *profile, const char *machine, const char *cpu)
{
    g_autoptr(ResolveCase) c = resolve(profile, machine, cpu);
    g_autofree char *text = contract_text(c->contract);
    g_autoptr(GError) err = NULL;
    g_autojson *json = json_parse(text, -1, &err);
    g_autoptr(CpuContract) back = NULL;
    g_autofree char *again = NULL;

    g_assert_no_error(err);
    back = cpu_contract_parse(json, &err);
    g_assert_no_error(err);
    again = contract_text(back);
    g_assert_cmpstr(text, ==, again);
}

/* Every bit of the guest is one that KVM offers, and its PMU is no larger than KVM's. */
static void law_soundness(const char *profile, const char *machine, const char *cpu)
{
    g_autoptr(ResolveCase) c = resolve(profile, machine, cpu);
    const CpuResolveInput in = {c->host, (const KvmAccel *)c->accel, c->machine};
    g_autofree char *wrong = NULL;

    if (c->host->arch == TARGET_ARCH_X86_64) {
        wrong = x86_law_sound(&in, c->contract);
        g_assert_cmpstr(wrong, ==, NULL);
    } else if (c->contract->arm.pmu_kind == ARM_PMU_EVENT_SOURCE) {
        g_assert_true(c->contract->arm.is_partial ||
                      cpu_set_covers(c->binding->pmu_cpus, c->host->possible));
    }
}

/* What the contract says the guest has is what the guest sees. */
static void law_words_are_seen(const char *profile, const char *machine, const char *cpu)
{
    g_autoptr(ResolveCase) c = resolve(profile, machine, cpu);
    g_autofree char *wrong =
        c->host->arch == TARGET_ARCH_X86_64 ? x86_law_words_are_seen(c->contract) : NULL;

    g_assert_cmpstr(wrong, ==, NULL);
}

/* Every finding says who and what to do; no row is reported twice. */
static void law_findings(const char *profile, const char *machine, const char *cpu)
{
    g_autoptr(ResolveCase) c = resolve(profile, machine, cpu);

    for (unsigned i = 0; i < report_size(c->report); i++) {
        const Finding *finding = report_get(c->report, i);

        g_assert_nonnull(finding->row);
        g_assert_nonnull(finding->cause);
        if (finding->level != FINDING_NOTE) {
            g_assert_nonnull(finding->remedy);
        }
        for (unsigned k = 0; c->host->arch == TARGET_ARCH_X86_64 && k < i; k++) {
            g_assert_cmpstr(report_get(c->report, k)->row, !=, finding->row);
        }
    }
}

/* What was asked for, bit by bit, is given or has a finding. */
static void law_completeness(const char *profile, const char *machine, const char *cpu)
{
    g_autoptr(ResolveCase) c = resolve(profile, machine, cpu);
    const X86Cpu *x86 = (const X86Cpu *)c->cpu;

    if (c->host->arch != TARGET_ARCH_X86_64) {
        return;
    }
    for (unsigned i = 0; i < X86_FEATURE_COUNT; i++) {
        const X86FeatureRow *row = &x86_feature_rows[i];

        if (x86->set_value[row->word] & row->mask && !resolve_has(c, i)) {
            g_assert_nonnull(report_find(c->report, row->name));
        }
    }
}

/* The settings at the begin of a remedy: "use a=b,c=d, or …", "add a=b". */
static bool append_settings(GString *text, const char *remedy)
{
    g_auto(GStrv) words = NULL;
    bool found = false;

    if (!g_str_has_prefix(remedy, "use ") && !g_str_has_prefix(remedy, "add ")) {
        return false;
    }
    words = g_strsplit(remedy + strlen("use "), ",", -1);
    for (unsigned i = 0; words[i]; i++) {
        if (!strchr(words[i], '=') || strchr(words[i], ' ')) {
            break;
        }
        g_string_append_printf(text, ",%s", words[i]);
        found = true;
    }
    return found;
}

/* What the findings of @c advise, added to @text; false where nothing was amiss. */
static bool append_remedies(GString *text, const ResolveCase *c)
{
    for (unsigned i = 0; i < report_size(c->report); i++) {
        const Finding *finding = report_get(c->report, i);

        if (finding->level == FINDING_ERROR && !append_settings(text, finding->remedy)) {
            g_string_append_printf(text, ",-%s", finding->row);
        }
    }
    return resolve_errors(c) > 0;
}

/* Doing what each finding advises, or without its row, is a guest with nothing amiss. */
static void law_remedies(const char *profile, const char *machine, const char *cpu)
{
    g_autoptr(GString) text = g_string_new(cpu);
    g_autoptr(ResolveCase) c = NULL;
    g_autoptr(ResolveCase) mended = NULL;

    if (g_str_has_prefix(profile, "arm-")) {
        return; /* no enforce there */
    }
    g_string_append(text, ",enforce=on");
    c = resolve(profile, machine, text->str);
    if (!append_remedies(text, c)) {
        return;
    }
    mended = resolve(profile, machine, text->str);
    /* With the advice to have a PMU, a model's wishes for it begin to count. */
    if (!c->contract->pmu_enabled && mended->contract->pmu_enabled &&
        append_remedies(text, mended)) {
        resolve_case_free(mended);
        mended = resolve(profile, machine, text->str);
    }
    for (unsigned i = 0; i < report_size(mended->report); i++) {
        const Finding *finding = report_get(mended->report, i);
        g_autofree char *line = finding_format(finding);

        if (finding->level == FINDING_ERROR) {
            g_test_message("%s, %s: %s", profile, text->str, line);
        }
    }
    g_assert_cmpuint(resolve_errors(mended), ==, 0);
}

/* The last word on origins: a set bit has one, an unset bit has none but "off". */
static void law_origins(const char *profile, const char *machine, const char *cpu)
{
    g_autoptr(ResolveCase) c = resolve(profile, machine, cpu);

    for (unsigned w = 0; c->host->arch == TARGET_ARCH_X86_64 && w < X86_WORD_COUNT; w++) {
        for (unsigned bit = 0; bit < 64; bit++) {
            bool set = c->contract->x86.words[w] & BIT64(bit);
            BitOrigin origin = c->contract->x86.origins[w][bit];

            g_assert_cmpint(set, ==, origin != BIT_UNSET && origin != BIT_USER_OFF);
        }
    }
}

/* What KVM gets: ascending leaves, each once, one APIC id per vCPU, all in place. */
static void law_encoding(const char *profile, const char *machine, const char *cpu)
{
    g_autoptr(ResolveCase) c = resolve(profile, machine, cpu);
    static const X86Topology topologies[] = {
        {1, 1, 1, 1, 1}, {1, 1, 1, 4, 1}, {2, 1, 1, 3, 2}, {2, 2, 2, 2, 2}};
    X86CpuidEntry entries[X86_CPUID_MAX];

    for (unsigned t = 0; c->host->arch == TARGET_ARCH_X86_64 && t < ARRAY_LEN(topologies);
         t++) {
        unsigned cpus = x86_topology_cpus(&topologies[t]);
        g_autoptr(GHashTable) ids = g_hash_table_new(NULL, NULL);

        for (unsigned i = 0; i < cpus; i++) {
            unsigned count =
                x86_contract_encode_cpuid(c->contract, &topologies[t], i, entries);
            uint32_t id = x86_topology_apic_id(&topologies[t], i);

            g_assert_true(g_hash_table_add(ids, GUINT_TO_POINTER(id + 1)));
            g_assert_cmpuint(count, <, X86_CPUID_MAX);
            for (unsigned k = 1; k < count; k++) {
                uint64_t before =
                    (uint64_t)entries[k - 1].function << 32 | entries[k - 1].index;
                uint64_t here = (uint64_t)entries[k].function << 32 | entries[k].index;

                g_assert_cmphex(before, <, here);
            }
            g_assert_cmphex(entries[1].function, ==, 1);
            g_assert_cmphex(entries[1].ebx >> 24, ==, id);
        }
    }
}

/* What a host can give a guest, it can give a guest that arrives with it. */
static void law_self_compatibility(const char *profile, const char *machine,
                                   const char *cpu)
{
    g_autoptr(ResolveCase) c = resolve(profile, machine, cpu);
    g_autoptr(Report) report = report_new();

    if (resolve_errors(c) == 0 && contract_check_unmigratable(c->contract, NULL)) {
        g_assert_true(contract_check_host(c->contract, c->host, report));
    }
}

static void test_tampered_contract_is_refused(void)
{
    g_autoptr(ResolveCase) c = resolve("intel-icelake-sp", "q35", "host");
    g_autojson *json = cpu_contract_format(c->contract);
    g_autoptr(CpuContract) back = NULL;
    g_autoptr(GError) err = NULL;

    json_object_object_add(json, "cpu-model", json_object_new_string("max"));
    back = cpu_contract_parse(json, &err);
    g_assert_null(back);
    g_assert_nonnull(strstr(err->message, "digest"));
}

#define LAW(name)                                                                        \
    static void test_##name(void)                                                        \
    {                                                                                    \
        for_every_case(law_##name);                                                      \
    }

LAW(purity)
LAW(round_trip)
LAW(soundness)
LAW(self_compatibility)
LAW(findings)
LAW(completeness)
LAW(remedies)
LAW(origins)
LAW(encoding)

/* Much at once, of it something on every host that cannot be. */
static void test_wishes(void)
{
    static const char *const wishes[] = {
        "host,pmu=on,perf-metrics=on,pebs-baseline=on,arch-lbr=on,intel-pt=on,"
        "perfmon-v2=on,full-width-write=on",
        "host,pmu=off,perf-metrics=on,pebs-trap=on,arch-lbr=on,perfmon-v2=on,lbr-fmt=6",
        "SapphireRapids,pebs-fmt=4,lbr-fmt=5,perf-metrics=on",
        "EPYC-Genoa,perfmon-v2=on,pmu=on,npt=on,pdcm=on",
        "EPYC-Turin,lbr-fmt=host",
        "qemu64,dtes64=on,pebs-trap=on,lbr-fmt=5,perf-metrics=on,full-width-write=on",
        "Nehalem,level=5,avx2=on,pmu=on",
        "max,vendor=AuthenticAMD,pmu=on,pebs-fmt=host,perfctr-core=on",
        "host,kvm=off,kvmclock=on,xlevel=0x80000000,perfmon-v2=on",
    };
    g_auto(GStrv) profiles = resolve_profile_names("");

    for (unsigned p = 0; profiles[p]; p++) {
        for (unsigned i = 0;
             !g_str_has_prefix(profiles[p], "arm-") && i < ARRAY_LEN(wishes); i++) {
            law_soundness(profiles[p], "q35", wishes[i]);
            law_findings(profiles[p], "q35", wishes[i]);
            law_completeness(profiles[p], "q35", wishes[i]);
            law_remedies(profiles[p], "q35", wishes[i]);
        }
    }
}

/* Every two PMU settings of host, each way. */
static void test_pairs(void)
{
    static const char *const settings[] = {"pmu=on",
                                           "pmu=off",
                                           "pdcm=on",
                                           "pdcm=off",
                                           "ds=on",
                                           "ds=off",
                                           "dtes64=on",
                                           "dtes64=off",
                                           "perfctr-core=on",
                                           "perfctr-core=off",
                                           "perfmon-v2=on",
                                           "perfmon-v2=off",
                                           "full-width-write=on",
                                           "full-width-write=off",
                                           "pebs-trap=on",
                                           "pebs-trap=off",
                                           "pebs-arch-reg=on",
                                           "pebs-arch-reg=off",
                                           "pebs-baseline=on",
                                           "pebs-baseline=off",
                                           "pebs-timing-info=on",
                                           "pebs-timing-info=off",
                                           "perf-metrics=on",
                                           "perf-metrics=off",
                                           "arch-lbr=on",
                                           "arch-lbr=off",
                                           "intel-pt=on",
                                           "pebs-fmt=host",
                                           "pebs-fmt=off",
                                           "pebs-fmt=4",
                                           "lbr-fmt=host",
                                           "lbr-fmt=off",
                                           "lbr-fmt=5",
                                           "migratable=off"};
    static const char *const hosts[] = {"intel-icelake-sp",
                                        "intel-sapphirerapids-topdown", "amd-zen4-genoa"};

    for (unsigned a = 0; a < ARRAY_LEN(settings); a++) {
        for (unsigned b = a + 1; b < ARRAY_LEN(settings); b++) {
            g_autofree char *cpu =
                g_strdup_printf("host,%s,%s", settings[a], settings[b]);

            for (unsigned h = 0; h < ARRAY_LEN(hosts); h++) {
                law_soundness(hosts[h], "q35", cpu);
                law_remedies(hosts[h], "q35", cpu);
            }
        }
    }
}

/* A CPU text of a model, up to five settings and features of all kinds. */
static char *random_cpu(void)
{
    static const char *const models[] = {
        "host",           "max",        "host,migratable=off", "qemu64",     "base",
        "SapphireRapids", "EPYC-Genoa", "Icelake-Server",      "EPYC-Turin", "Nehalem"};
    static const char *const settings[] = {"pmu=on",
                                           "pmu=off",
                                           "pmu=auto",
                                           "pebs-fmt=host",
                                           "pebs-fmt=4",
                                           "pebs-fmt=0",
                                           "lbr-fmt=host",
                                           "lbr-fmt=5",
                                           "lbr-fmt=off",
                                           "level=5",
                                           "level=0xd",
                                           "xlevel=0x80000008",
                                           "vendor=AuthenticAMD",
                                           "vendor=GenuineIntel",
                                           "kvm=off",
                                           "family=6,model=108",
                                           "full-cpuid-auto-level=off",
                                           "x-ds-without-pmu=on",
                                           "x-intel-pt-without-pmu=on",
                                           "x-pdcm-on-even-without-pmu=on",
                                           "x-amd-perfmon-always-on=on"};
    GString *text = g_string_new(models[g_test_rand_int_range(0, ARRAY_LEN(models))]);

    for (int left = g_test_rand_int_range(0, 6); left > 0; left--) {
        unsigned feature = (unsigned)g_test_rand_int_range(0, X86_FEATURE_COUNT);

        if (g_test_rand_bit()) {
            unsigned i = (unsigned)g_test_rand_int_range(0, ARRAY_LEN(settings));

            g_string_append_printf(text, ",%s", settings[i]);
        } else {
            g_string_append_printf(text, ",%s=%s", x86_feature_rows[feature].name,
                                   g_test_rand_int_range(0, 3) ? "on" : "off");
        }
    }
    return g_string_free(text, FALSE);
}

/* The first line of the output has the seed, which --seed takes. */
static void test_random(void)
{
    static LawFunc *const laws[] = {
        law_soundness,          law_completeness,  law_origins,
        law_encoding,           law_round_trip,    law_purity,
        law_self_compatibility, law_words_are_seen};
    g_auto(GStrv) profiles = resolve_profile_names("");
    int count = (int)g_strv_length(profiles);

    for (unsigned left = g_test_thorough() ? 20000 : 200; left > 0; left--) {
        const char *profile = profiles[g_test_rand_int_range(0, count)];
        unsigned version = (unsigned)g_test_rand_int_range(0, ARRAY_LEN(versions));
        g_autofree char *machine = g_strdup_printf("pc-q35-%s", versions[version]);
        g_autofree char *cpu = random_cpu();

        if (g_str_has_prefix(profile, "arm-")) {
            continue;
        }
        g_test_message("%s, %s, %s", profile, machine, cpu);
        for (unsigned i = 0; i < ARRAY_LEN(laws); i++) {
            laws[i](profile, machine, cpu);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/laws/purity", test_purity);
    g_test_add_func("/laws/round-trip", test_round_trip);
    g_test_add_func("/laws/soundness", test_soundness);
    g_test_add_func("/laws/findings", test_findings);
    g_test_add_func("/laws/completeness", test_completeness);
    g_test_add_func("/laws/remedies", test_remedies);
    g_test_add_func("/laws/wishes", test_wishes);
    g_test_add_func("/laws/pairs", test_pairs);
    g_test_add_func("/laws/random", test_random);
    g_test_add_func("/laws/origins", test_origins);
    g_test_add_func("/laws/encoding", test_encoding);
    g_test_add_func("/laws/self-compatibility", test_self_compatibility);
    g_test_add_func("/laws/tampered-contract-is-refused",
                    test_tampered_contract_is_refused);
    return g_test_run();
}
