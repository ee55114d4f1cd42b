/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/contract-check.h"
#include "target/contract-row.h"
#include "target/x86-baseline.h"

#include <string.h>

#include "resolve-case.h"
#include "util/bits.h"
#include "util/json.h"

/* A contract is compatible with the host it was resolved on, whatever was asked. */
static void test_a_contract_fits_its_own_host(void)
{
    static const char *const x86_cpus[] = {"host",
                                           "host,vendor=AuthenticAMD",
                                           "max,vendor=GenuineIntel,pmu=on",
                                           "host,migratable=off",
                                           "host,pmu=off",
                                           "max,pebs-fmt=host,lbr-fmt=host",
                                           "qemu64",
                                           "Skylake-Server,pmu=on",
                                           "EPYC-Genoa,pmu=on,check=off"};
    static const char *const arm_cpus[] = {"host", "host,pmu=off"};
    g_auto(GStrv) profiles = resolve_profile_names("");

    for (unsigned p = 0; profiles[p]; p++) {
        bool arm = g_str_has_prefix(profiles[p], "arm-");
        unsigned count = arm ? ARRAY_LEN(arm_cpus) : ARRAY_LEN(x86_cpus);

        for (unsigned i = 0; i < count; i++) {
            g_autoptr(ResolveCase) c = resolve(profiles[p], arm ? "virt" : "q35",
                                               arm ? arm_cpus[i] : x86_cpus[i]);
            g_autoptr(Report) report = report_new();
            bool ok = contract_check_host(c->contract, c->host, report);

            /* One that is tied to it has no other reason. */
            for (unsigned k = 0; k < report_size(report); k++) {
                const Finding *finding = report_get(report, k);
                g_autofree char *line = finding_format(finding);

                g_test_message("%s %s: %s", profiles[p], c->contract->cpu_model, line);
                g_assert_true(finding->level != FINDING_ERROR ||
                              strcmp(finding->code, "tied-to-host") == 0);
            }
            g_assert_true(ok == contract_check_unmigratable(c->contract, NULL));
        }
    }
}

/* Old dumps end before leaf 0x80000008. */
static void test_no_leaf_of_address_bits(void)
{
    HostProfile *host = resolve_profile("intel-skylake-sp");
    g_autoptr(ResolveCase) c = NULL;

    for (unsigned i = 0; i < host->x86.supported->len; i++) {
        if (g_array_index(host->x86.supported, X86CpuidEntry, i).function == 0x80000008) {
            g_array_remove_index(host->x86.supported, i--);
        }
    }
    c = resolve_case_new(host, "q35", "qemu64", NULL);
    g_assert_cmpuint(c->contract->x86.phys_bits, ==, 36);
    g_assert_true(contract_check_host(c->contract, c->host, NULL));
}

static bool refused_for(const char *from, const char *cpu, const char *to,
                        const char *row, const char *relation)
{
    g_autoptr(ResolveCase) c = resolve(from, "q35", cpu);
    g_autoptr(HostProfile) host = resolve_profile(to);
    g_autoptr(Report) report = report_new();
    const Finding *finding;

    g_assert_false(contract_check_host(c->contract, host, report));
    finding = report_find(report, row);
    return finding && g_str_has_prefix(finding->cause, relation);
}

/* B11, B12, T26: formats by number, features by bit, each with its relation. */
static void test_refusals_name_row_and_relation(void)
{
    g_assert_true(refused_for("intel-sapphirerapids", "host,pebs-fmt=5",
                              "intel-icelake-sp", "pebs-fmt", "equal-or-absent"));
    g_assert_true(refused_for("intel-icelake-sp", "host,pebs-fmt=4",
                              "intel-sapphirerapids", "pebs-fmt", "equal-or-absent"));
    g_assert_true(refused_for("intel-graniterapids-d-linux72", "host,pebs-fmt=5",
                              "intel-sapphirerapids", "pebs", "group"));
    g_assert_true(refused_for("intel-sapphirerapids", "host", "intel-icelake-sp",
                              "avx512-bf16", "subset"));
    g_assert_true(refused_for("intel-icelake-sp", "host", "intel-skylake-sp",
                              "pmu.gp-counters", "at-most"));
    g_assert_true(
        refused_for("intel-icelake-sp", "host", "amd-zen4-genoa", "vendor", "equal"));
    g_assert_true(refused_for("intel-sapphirerapids-topdown", "host",
                              "intel-sapphirerapids", "perf-metrics", "subset"));
    g_assert_true(refused_for("intel-icelake-sp", "qemu64,tsc-freq=2G",
                              "intel-nested-nopmu-linux618", "tsc-frequency", "subset"));
    g_assert_true(refused_for("amd-zen4-genoa", "EPYC-Milan,pmu=on",
                              "amd-zen4-genoa-nopmu", "pmu", "subset"));
}

/* One CPU under two kernels: which to use is said, both ways. */
static void test_pebs_timing_names_the_kernel(void)
{
    static const char *const older = "intel-graniterapids-d";
    static const char *const newer = "intel-graniterapids-d-linux72";

    for (unsigned i = 0; i < 2; i++) {
        g_autoptr(ResolveCase) c = resolve(i ? newer : older, "q35", "host,pebs-fmt=5");
        g_autoptr(HostProfile) host = resolve_profile(i ? older : newer);
        g_autoptr(Report) report = report_new();

        g_assert_false(contract_check_host(c->contract, host, report));
        g_assert_cmpuint(report_size(report), ==, 1);
        g_assert_cmpstr(report_get(report, 0)->code, ==, "pebs-group-differs");
        g_assert_nonnull(strstr(report_get(report, 0)->remedy,
                                i ? "Linux 6.18 or later" : "before Linux 6.18"));
    }
}

static void test_a_guest_without_pebs_moves_freely(void)
{
    static const char *const hosts[] = {"intel-icelake-sp", "intel-sapphirerapids",
                                        "intel-emeraldrapids", "intel-graniterapids-d"};

    for (unsigned i = 0; i < ARRAY_LEN(hosts); i++) {
        for (unsigned k = 0; k < ARRAY_LEN(hosts); k++) {
            g_autoptr(ResolveCase) c =
                resolve(hosts[i], "q35",
                        "Skylake-Server-v4,pku=off,pmu=on,pdcm=on,full-width-write=on");
            g_autoptr(HostProfile) host = resolve_profile(hosts[k]);
            g_autoptr(Report) report = report_new();

            g_assert_true(contract_check_host(c->contract, host, report));
        }
    }
}

/* An event source is not replaced by another, nor by none. */
static void test_arm_kinds_do_not_change(void)
{
    static const struct {
        const char *to, *row;
    } cases[] = {
        {"arm-graviton", "midr"}, {"arm-rk3588", "pmu.source"}, {"arm-gb10", "pmu.cpus"}};
    g_autoptr(ResolveCase) c = resolve("arm-altra", "virt", "host");

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autoptr(HostProfile) host = resolve_profile(cases[i].to);
        g_autoptr(Report) report = report_new();

        g_assert_false(contract_check_host(c->contract, host, report));
        g_assert_nonnull(report_find(report, cases[i].row));
    }
}

static ContractOrder order_of(const char *host_a, const char *cpu_a, const char *host_b,
                              const char *cpu_b, const char *responsible)
{
    g_autoptr(ResolveCase) a = resolve(host_a, "q35", cpu_a);
    g_autoptr(ResolveCase) b = resolve(host_b, "q35", cpu_b);
    g_autoptr(GPtrArray) names = NULL;
    ContractOrder order = contract_order(a->contract, b->contract, &names);

    g_assert_cmpint(order == CONTRACT_IDENTICAL, ==, names->len == 0);
    if (responsible) {
        g_assert_true(
            g_ptr_array_find_with_equal_func(names, responsible, g_str_equal, NULL));
    }
    return order;
}

/* Online, offline and before anything stops: one sentence, from one place. */
static void test_what_ties_a_guest(void)
{
    static const char *const ties[] = {"cet-ss", "sgx", "sgxlc", "pks", "fred", "invtsc"};

    for (unsigned i = 0; i < ARRAY_LEN(ties); i++) {
        g_autofree char *cpu =
            g_strdup_printf("host,sgx=on,lkgs=on,%s=on,x-force-features=on", ties[i]);
        g_autoptr(ResolveCase) c = resolve("intel-sapphirerapids", "q35", cpu);
        g_autoptr(Report) report = report_new();
        g_autoptr(Report) whole = report_new();

        g_assert_false(contract_check_unmigratable(c->contract, report));
        g_assert_nonnull(report_find(report, ties[i]));
        g_assert_cmpstr(report_find(report, ties[i])->code, ==, "tied-to-host");
        g_assert_nonnull(strstr(report_find(report, ties[i])->cause, "=off"));
        g_assert_false(contract_check_host(c->contract, c->host, whole));
        g_assert_nonnull(report_find(whole, ties[i]));
    }
}

static void test_order(void)
{
    const char *icx = "intel-icelake-sp", *spr = "intel-sapphirerapids";

    g_assert_cmpint(order_of(icx, "host", icx, "host", NULL), ==, CONTRACT_IDENTICAL);
    g_assert_cmpint(order_of(icx, "host", icx, "host,avx2=off", "avx2"), ==,
                    CONTRACT_SUPERSET);
    g_assert_cmpint(order_of(icx, "host,pdcm=off", icx, "host", "full-width-write"), ==,
                    CONTRACT_SUBSET);
    g_assert_cmpint(order_of(icx, "host,pebs-fmt=4", spr, "host,pebs-fmt=5", "pebs-fmt"),
                    ==, CONTRACT_INCOMPATIBLE);
    g_assert_cmpint(order_of(icx, "host,lbr-fmt=5", icx, "host", "lbr-fmt"), ==,
                    CONTRACT_SUPERSET);
    g_assert_cmpint(order_of(icx, "host", icx, "host,pmu=off", "pmu"), ==,
                    CONTRACT_SUPERSET);
    g_assert_cmpint(order_of(icx, "host", "amd-zen4-genoa", "host", "vendor"), ==,
                    CONTRACT_INCOMPATIBLE);
}

/* What two hosts of a vendor have in common runs on both, without a warning. */
static void test_baseline_runs_on_both(void)
{
    g_auto(GStrv) intel = resolve_profile_names("intel-");
    g_auto(GStrv) amd = resolve_profile_names("amd-");
    char **const groups[] = {intel, amd};

    for (unsigned g = 0; g < ARRAY_LEN(groups); g++) {
        for (unsigned i = 0; groups[g][i]; i++) {
            for (unsigned k = 0; groups[g][k]; k++) {
                g_autoptr(ResolveCase) a =
                    resolve(groups[g][i], "q35", "host,pebs-fmt=host,lbr-fmt=host");
                g_autoptr(ResolveCase) b =
                    resolve(groups[g][k], "q35", "host,pebs-fmt=host,lbr-fmt=host");
                g_autofree char *cpu =
                    x86_contract_baseline(a->contract, b->contract, NULL);
                g_autoptr(ResolveCase) on_a = resolve(groups[g][i], "q35", cpu);
                g_autoptr(ResolveCase) on_b = resolve(groups[g][k], "q35", cpu);

                g_assert_cmpuint(report_count(on_a->report, FINDING_WARNING), ==, 0);
                g_assert_cmpuint(report_count(on_b->report, FINDING_WARNING), ==, 0);
            }
        }
    }
}

static void test_diff_names_what_changed(void)
{
    g_autoptr(ResolveCase) a = resolve("intel-icelake-sp", "q35", "host");
    g_autoptr(ResolveCase) b = resolve("intel-icelake-sp", "q35", "host,avx2=off");
    g_autoptr(ResolveCase) c = resolve("arm-altra", "virt", "host");
    g_autoptr(Report) none = report_new();
    g_autoptr(Report) some = report_new();
    g_autoptr(Report) arch = report_new();

    g_assert_true(contract_diff(a->contract, a->contract, none, NULL, NULL));
    g_assert_cmpuint(report_size(none), ==, 0);
    g_assert_false(contract_diff(a->contract, b->contract, some, NULL, NULL));
    g_assert_cmpstr(report_find(some, "avx2")->asked, ==, "on");
    g_assert_cmpstr(report_find(some, "avx2")->given, ==, "off");
    g_assert_false(contract_diff(a->contract, c->contract, arch, NULL, NULL));
    g_assert_nonnull(report_find(arch, "arch"));
}

/* Codes are what programs switch on: each is there once, with a sentence. */
static void test_reasons_are_a_table(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (unsigned i = 0; i < CHECK_REASON_COUNT; i++) {
        const CheckReasonRow *row = &check_reason_rows[i];

        g_assert_nonnull(row->code);
        g_assert_nonnull(row->sentence);
        g_assert_nonnull(relation_name(row->relation));
        g_assert_true(g_hash_table_add(seen, (char *)row->code));
    }
}

/* Every finding of every pair of hosts has a code of the table, and its relation. */
static void test_every_reason_is_typed(void)
{
    g_auto(GStrv) profiles = resolve_profile_names("");

    for (unsigned a = 0; profiles[a]; a++) {
        bool arm = g_str_has_prefix(profiles[a], "arm-");
        g_autoptr(ResolveCase) c = resolve(profiles[a], arm ? "virt" : "q35", "host");

        for (unsigned b = 0; profiles[b]; b++) {
            g_autoptr(HostProfile) host = resolve_profile(profiles[b]);
            g_autoptr(Report) report = report_new();

            contract_check_host(c->contract, host, report);
            for (unsigned i = 0; i < report_size(report); i++) {
                const Finding *finding = report_get(report, i);
                unsigned k = 0;

                g_assert_nonnull(finding->code);
                while (strcmp(check_reason_rows[k].code, finding->code) != 0) {
                    g_assert_cmpuint(++k, <, CHECK_REASON_COUNT);
                }
                g_assert_true(g_str_has_prefix(
                    finding->cause, relation_name(check_reason_rows[k].relation)));
            }
        }
    }
}

/* The mode of the kernel refuses only what needs it; else it is a warning. */
static void test_mode(void)
{
    static const struct {
        const char *from, *cpu, *to, *code;
        FindingLevel level;
    } cases[] = {
        {"intel-sapphirerapids", "host,pebs-fmt=host", "intel-sapphirerapids-mediated",
         "mode-differs", FINDING_ERROR},
        {"intel-sapphirerapids-topdown", "host", "intel-sapphirerapids", "mode-differs",
         FINDING_ERROR},
        {"intel-sapphirerapids", "Skylake-Server,pmu=on", "intel-sapphirerapids-mediated",
         "mode-changes", FINDING_WARNING},
        {"amd-zen4-genoa", "host", "amd-zen4-genoa-mediated", "mode-changes",
         FINDING_WARNING},
    };

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autoptr(ResolveCase) c = resolve(cases[i].from, "q35", cases[i].cpu);
        g_autoptr(HostProfile) host = resolve_profile(cases[i].to);
        g_autoptr(Report) report = report_new();
        bool ok = contract_check_host(c->contract, host, report);
        const Finding *finding = report_find(report, "pmu.mode");

        g_assert_nonnull(finding);
        g_assert_cmpstr(finding->code, ==, cases[i].code);
        g_assert_cmpint(finding->level, ==, cases[i].level);
        g_assert_cmpint(ok, ==, cases[i].level != FINDING_ERROR);
    }
}

/* On arm64 the mode is a fact of the profile, and kept through JSON. */
static void test_mode_of_arm(void)
{
    g_autoptr(HostProfile) host = resolve_profile("arm-altra");
    g_autoptr(ResolveCase) c = NULL;
    g_autoptr(Report) none = report_new();
    g_autoptr(Report) some = report_new();
    g_autoptr(CpuContract) again = NULL;
    g_autojson *json = NULL;

    host->arm.mode = HOST_MODE_VHE;
    c = resolve_case_new(g_steal_pointer(&host), "virt", "host", NULL);
    json = cpu_contract_format(c->contract);
    again = cpu_contract_parse(json, NULL);
    g_assert_cmpint(again->pmu_mode, ==, HOST_MODE_VHE);
    g_assert_true(contract_check_host(again, c->host, none));
    g_assert_cmpuint(report_size(none), ==, 0);
    c->host->arm.mode = HOST_MODE_PROTECTED;
    g_assert_true(contract_check_host(again, c->host, some));
    g_assert_cmpstr(report_find(some, "pmu.mode")->code, ==, "mode-changes");
    c->host->arm.mode = HOST_MODE_UNKNOWN;
    g_assert_true(contract_check_host(again, c->host, none));
    g_assert_cmpuint(report_size(none), ==, 0);
}

/* Registers that only newer kernels list: refused before any state, but PMMIR_EL1. */
static void test_registers_of_arm(void)
{
    static const uint64_t older[] = {0x6030000000100000, 0x603000000013dce0};
    static const uint64_t newer[] = {0x6030000000100000, 0x603000000013c4f6,
                                     0x603000000013dce0, 0x603000000013df11};
    g_autoptr(HostProfile) old_host = resolve_profile("arm-altra");
    HostProfile *new_host = resolve_profile("arm-altra");
    g_autoptr(ResolveCase) c = NULL;
    g_autoptr(CpuContract) again = NULL;
    g_autoptr(Report) report = report_new();
    g_autojson *json = NULL;
    g_autofree char *with = NULL, *without = NULL;

    g_array_append_vals(old_host->arm.registers, older, ARRAY_LEN(older));
    g_array_append_vals(new_host->arm.registers, newer, ARRAY_LEN(newer));
    c = resolve_case_new(new_host, "virt", "host", NULL);
    json = cpu_contract_format(c->contract);
    again = cpu_contract_parse(json, NULL);
    g_assert_cmpuint(again->arm.registers->len, ==, ARRAY_LEN(newer));
    g_assert_true(contract_check_host(again, c->host, NULL));
    g_assert_false(contract_check_host(again, old_host, report));
    g_assert_cmpuint(report_size(report), ==, 1);
    g_assert_cmpstr(report_get(report, 0)->code, ==, "register-missing");
    g_assert_cmpstr(report_get(report, 0)->asked, ==, "CNTP_CTL_EL0");
    /* What is not known refuses nobody, and the digest is of what the guest sees. */
    with = cpu_contract_digest(again);
    g_array_set_size(again->arm.registers, 0);
    without = cpu_contract_digest(again);
    g_assert_cmpstr(with, ==, without);
    g_assert_true(contract_check_host(again, old_host, NULL));
}

/* A guest without a PMU has none of its registers, wherever it comes from. */
static void test_registers_without_pmu(void)
{
    static const uint64_t all[] = {0x6030000000100000, 0x603000000013dce0};
    HostProfile *host = resolve_profile("arm-altra");
    g_autoptr(ResolveCase) c = NULL;

    g_array_append_vals(host->arm.registers, all, ARRAY_LEN(all));
    c = resolve_case_new(host, "virt", "host,pmu=off", NULL);
    g_assert_cmpuint(c->contract->arm.registers->len, ==, 1);
    g_assert_cmphex(g_array_index(c->contract->arm.registers, uint64_t, 0), ==, all[0]);
}

/* A contract from before there was a mode: same digest, and holds anywhere it did. */
static void test_contract_without_mode_still_parses(void)
{
    g_autoptr(ResolveCase) c =
        resolve("intel-sapphirerapids", "q35", "Skylake-Server,pmu=on");
    g_autoptr(HostProfile) other = resolve_profile("intel-sapphirerapids-mediated");
    g_autojson *json = cpu_contract_format(c->contract);
    g_autofree char *digest = cpu_contract_digest(c->contract);
    g_autofree char *old_digest = NULL;
    g_autoptr(CpuContract) old = NULL;
    g_autoptr(Report) report = report_new();
    json_object *pmu;

    g_assert_true(json_object_object_get_ex(json, "pmu", &pmu));
    g_assert_true(json_has(pmu, "mode"));
    json_object_object_del(pmu, "mode");
    old = cpu_contract_parse(json, NULL);
    g_assert_nonnull(old);
    old_digest = cpu_contract_digest(old);
    g_assert_cmpstr(old_digest, ==, digest);
    g_assert_true(contract_check_host(old, other, report));
    g_assert_null(report_find(report, "pmu.mode"));
    json_add_string(pmu, "mode", "another");
    g_assert_null(cpu_contract_parse(json, NULL));
}

/* Among hosts that can run a guest the one most like its own has least beyond it. */
static void test_surplus_is_least_at_home(void)
{
    static const char *const cpus[] = {"host", "Skylake-Server,pmu=on"};
    g_auto(GStrv) profiles = resolve_profile_names("intel-");

    for (unsigned i = 0; profiles[i]; i++) {
        g_autoptr(ResolveCase) c = resolve(profiles[i], "q35", cpus[0]);
        g_autoptr(ResolveCase) less = resolve(profiles[i], "q35", cpus[1]);
        unsigned own = contract_distance(c->contract, c->host);

        g_assert_cmpuint(own, <, contract_distance(less->contract, less->host));
        for (unsigned k = 0; profiles[k]; k++) {
            g_autoptr(HostProfile) host = resolve_profile(profiles[k]);

            if (contract_check_host(c->contract, host, NULL)) {
                g_assert_cmpuint(contract_distance(c->contract, host), >=, own);
            }
        }
    }
}

static const char *meaning(const char *a, const char *cpu_a, const char *b,
                           const char *cpu_b, const char *row, char **ret_code)
{
    g_autoptr(ResolveCase) one = resolve(a, "q35", cpu_a);
    g_autoptr(ResolveCase) two = resolve(b, "q35", cpu_b);
    g_autoptr(Report) report = report_new();
    const Finding *finding;

    contract_diff(one->contract, two->contract, report, NULL, NULL);
    finding = report_find(report, row);
    g_assert_nonnull(finding);
    *ret_code = g_strdup(finding->code ? finding->code : "");
    return g_intern_string(finding->cause);
}

static void test_diff_says_what_it_means_both_ways(void)
{
    static const struct {
        const char *a, *cpu_a, *b, *cpu_b, *row, *meaning, *code;
    } cases[] = {
        {"intel-icelake-sp", "host,avx2=off", "intel-icelake-sp", "host", "avx2",
         "subset: left to right holds, right to left refused", "feature-missing"},
        {"intel-icelake-sp", "host,pebs-fmt=4", "intel-sapphirerapids", "host,pebs-fmt=5",
         "pebs-fmt", "equal-or-absent: left to right refused, right to left refused",
         "pebs-format-differs"},
        {"intel-icelake-sp", "host,pebs-fmt=off", "intel-icelake-sp", "host,pebs-fmt=4",
         "pebs-fmt", "equal-or-absent: left to right holds, right to left refused",
         "pebs-format-differs"},
        {"intel-skylake-sp", "host", "intel-icelake-sp", "host,pebs-fmt=off",
         "pmu.gp-counters", "at-most: left to right holds, right to left refused",
         "gp-counters-fewer"},
        {"intel-icelake-sp", "host,pebs-fmt=off", "intel-skylake-sp", "host", "stepping",
         "not compared: the guest keeps its own", ""},
        {"intel-sapphirerapids", "Skylake-Server,pmu=on", "intel-sapphirerapids-mediated",
         "host", "pmu.mode", "mode: left to right holds, right to left holds", ""},
    };

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autofree char *code = NULL;

        g_assert_cmpstr(meaning(cases[i].a, cases[i].cpu_a, cases[i].b, cases[i].cpu_b,
                                cases[i].row, &code),
                        ==, cases[i].meaning);
        g_assert_cmpstr(code, ==, cases[i].code);
    }
}

/* What a diff says of a guest that moves is what the check says. */
static void test_diff_and_check_agree(void)
{
    g_auto(GStrv) profiles = resolve_profile_names("intel-");

    for (unsigned a = 0; profiles[a]; a++) {
        for (unsigned b = 0; profiles[b]; b++) {
            g_autoptr(ResolveCase) one = resolve(profiles[a], "q35", "host");
            g_autoptr(ResolveCase) two = resolve(profiles[b], "q35", "host");
            g_autoptr(Report) diff = report_new();
            bool may_move = contract_check_host(one->contract, two->host, NULL);
            bool refused = false;

            contract_diff(one->contract, two->contract, diff, NULL, NULL);
            for (unsigned i = 0; i < report_size(diff); i++) {
                refused = refused ||
                          strstr(report_get(diff, i)->cause, "left to right refused");
            }
            /* A diff also sees the command line, which the check of a host does not. */
            g_assert_true(may_move || refused);
        }
    }
}

/* A row that came with a machine version binds guests of it, and is of no older one. */
static void test_row_is_of_its_machines(void)
{
    const ContractRow row = {.name = "more", .since = "vpmu1.0"};
    static const struct {
        const char *machine;
        bool has_row;
    } cases[] = {{"pc-q35-11.1", false},
                 {"pc-q35-9.0", false},
                 {"virt-11.1", false},
                 {"pc-q35-vpmu1.0", true},
                 {"microvm", true}};

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        CpuContract guest = {.machine = (char *)cases[i].machine};

        g_assert_true(contract_row_is_of(&row, &guest) == cases[i].has_row);
        g_assert_true(contract_row_binds(&row, &guest) == cases[i].has_row);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/contract-check/no-leaf-of-address-bits",
                    test_no_leaf_of_address_bits);
    g_test_add_func("/contract-check/a-contract-fits-its-own-host",
                    test_a_contract_fits_its_own_host);
    g_test_add_func("/contract-check/b11-b12-t26-refusals-name-row-and-relation",
                    test_refusals_name_row_and_relation);
    g_test_add_func("/contract-check/a-guest-without-pebs-moves-freely",
                    test_a_guest_without_pebs_moves_freely);
    g_test_add_func("/contract-check/arm-kinds-do-not-change",
                    test_arm_kinds_do_not_change);
    g_test_add_func("/contract-check/order", test_order);
    g_test_add_func("/contract-check/what-ties-a-guest", test_what_ties_a_guest);
    g_test_add_func("/contract-check/pebs-timing-names-the-kernel",
                    test_pebs_timing_names_the_kernel);
    g_test_add_func("/contract-check/baseline-runs-on-both", test_baseline_runs_on_both);
    g_test_add_func("/contract-check/diff-names-what-changed",
                    test_diff_names_what_changed);
    g_test_add_func("/contract-check/reasons-are-a-table", test_reasons_are_a_table);
    g_test_add_func("/contract-check/every-reason-is-typed", test_every_reason_is_typed);
    g_test_add_func("/contract-check/mode", test_mode);
    g_test_add_func("/contract-check/mode-of-arm", test_mode_of_arm);
    g_test_add_func("/contract-check/registers-of-arm", test_registers_of_arm);
    g_test_add_func("/contract-check/registers-without-pmu", test_registers_without_pmu);
    g_test_add_func("/contract-check/contract-without-mode-still-parses",
                    test_contract_without_mode_still_parses);
    g_test_add_func("/contract-check/surplus-is-least-at-home",
                    test_surplus_is_least_at_home);
    g_test_add_func("/contract-check/diff-says-what-it-means-both-ways",
                    test_diff_says_what_it_means_both_ways);
    g_test_add_func("/contract-check/diff-and-check-agree", test_diff_and_check_agree);
    g_test_add_func("/contract/row-is-of-its-machines", test_row_is_of_its_machines);
    return g_test_run();
}
