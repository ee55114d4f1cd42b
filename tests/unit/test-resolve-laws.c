/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What holds for every host, every machine version and every CPU.
 */
#include <string.h>

#include "resolve-case.h"
#include "target/x86-encode.h"
#include "util/bits.h"
#include "util/json.h"

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
static const char *const versions[] = {"11.1", "11.0", "10.2", "10.0", "7.2"};

typedef void LawFunc(const char *profile, const char *machine, const char *cpu);

static void for_every_case(LawFunc *law)
{
    g_auto(GStrv) profiles = resolve_profile_names("");

    for (unsigned p = 0; profiles[p]; p++) {
        bool arm = g_str_has_prefix(profiles[p], "arm-");
        unsigned count = arm ? ARRAY_LEN(arm_cpus) : ARRAY_LEN(x86_cpus);

        for (unsigned v = 0; v < ARRAY_LEN(versions); v++) {
            g_autofree char *machine =
                g_strdup_printf("%s-%s", arm ? "virt" : "pc-q35", versions[v]);

            for (unsigned i = 0; i < count; i++) {
                law(profiles[p], machine, arm ? arm_cpus[i] : x86_cpus[i]);
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

/* Every bit of the guest is one that KVM offers, or that the topology sets per vCPU. */
static void law_soundness(const char *profile, const char *machine, const char *cpu)
{
    g_autoptr(ResolveCase) c = resolve(profile, machine, cpu);
    uint64_t formats;

    if (c->host->arch != TARGET_ARCH_X86_64) {
        if (c->contract->arm.pmu_kind == ARM_PMU_EVENT_SOURCE) {
            g_assert_true(c->contract->arm.is_partial ||
                          cpu_set_covers(c->contract->arm.pmu_cpus, c->host->possible));
        }
        return;
    }
    for (unsigned i = 0; i < X86_FEATURE_COUNT; i++) {
        const X86WordRow *word = &x86_word_rows[x86_feature_rows[i].word];
        uint64_t offered = 0;

        if (!resolve_has(c, i) || word->leaf != 7) {
            continue;
        }
        /* Hints about speed come from the CPU itself, KVM does not speak of them. */
        if (i == X86_ERMS || i == X86_FSRM || i == X86_FZRM || i == X86_FSRS ||
            i == X86_FSRC) {
            offered =
                x86_cpuid_reg(c->host->x86.cpuid, word->leaf, word->subleaf, word->reg);
        }
        offered |=
            x86_cpuid_reg(c->host->x86.supported, word->leaf, word->subleaf, word->reg);
        g_assert_cmphex(x86_feature_rows[i].mask & ~offered, ==, 0);
    }
    formats = c->contract->x86.perf_capabilities;
    {
        uint64_t offered = 0;

        (void)host_profile_feature_msr(c->host, 0x345, &offered);
        g_assert_cmphex(formats & ~offered, ==, 0);
        if (formats & X86_PEBS_FMT_MASK) {
            g_assert_cmphex((formats ^ offered) & X86_PEBS_GROUP_MASK, ==, 0);
        } else {
            g_assert_cmphex(formats & X86_PEBS_GROUP_MASK, ==, 0);
        }
    }
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
        {1, 1, 1, 1, 1},
        {1, 1, 1, 4, 1},
        {2, 1, 1, 3, 2},
        {2, 2, 2, 2, 2}
    };
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

/* A host that offers more does not change what a named model's guest sees. */
static void test_stability(void)
{
    g_autoptr(ResolveCase) small =
        resolve("intel-sapphirerapids", "pc-q35-11.1", "Haswell-noTSX,pmu=on");
    HostProfile *host = resolve_profile("intel-sapphirerapids");
    g_autoptr(ResolveCase) large = NULL;
    g_autofree char *a = cpu_contract_digest(small->contract);
    g_autofree char *b = NULL;

    x86_cpuid_find(host->x86.supported, 7, 0)->ecx |= 1u << 31;
    x86_cpuid_find(host->x86.supported, 7, 1)->eax |= 1u << 26;
    large = resolve_case_new(host, "pc-q35-11.1", "Haswell-noTSX,pmu=on", NULL);
    b = cpu_contract_digest(large->contract);
    g_assert_cmpstr(a, ==, b);
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
LAW(findings)
LAW(completeness)
LAW(origins)
LAW(encoding)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/laws/purity", test_purity);
    g_test_add_func("/laws/round-trip", test_round_trip);
    g_test_add_func("/laws/soundness", test_soundness);
    g_test_add_func("/laws/findings", test_findings);
    g_test_add_func("/laws/completeness", test_completeness);
    g_test_add_func("/laws/origins", test_origins);
    g_test_add_func("/laws/encoding", test_encoding);
    g_test_add_func("/laws/stability", test_stability);
    g_test_add_func("/laws/tampered-contract-is-refused",
                    test_tampered_contract_is_refused);
    return g_test_run();
}
