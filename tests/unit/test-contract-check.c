/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/contract-check.h"

#include <string.h>

#include "resolve-case.h"
#include "util/bits.h"

/* A contract is compatible with the host it was resolved on, whatever was asked. */
static void test_a_contract_fits_its_own_host(void)
{
    static const char *const x86_cpus[] = {"host",
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

            if (!ok) {
                g_autofree char *line = finding_format(report_get(report, 0));

                g_test_message("%s %s: %s", profiles[p], c->contract->cpu_model, line);
            }
            g_assert_true(ok);
        }
    }
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
    g_assert_true(refused_for("intel-graniterapids-d", "host,pebs-fmt=5",
                              "intel-sapphirerapids", "pebs", "group"));
    g_assert_true(refused_for("intel-sapphirerapids", "host", "intel-icelake-sp",
                              "avx512-bf16", "subset"));
    g_assert_true(refused_for("intel-icelake-sp", "host", "intel-skylake-sp",
                              "pmu.gp-counters", "at-most"));
    g_assert_true(
        refused_for("intel-icelake-sp", "host", "amd-zen4-genoa", "vendor", "equal"));
    g_assert_true(refused_for("intel-sapphirerapids-topdown", "host",
                              "intel-sapphirerapids", "perf-metrics", "subset"));
    g_assert_true(refused_for("amd-zen4-genoa", "EPYC-Milan,pmu=on",
                              "amd-zen4-genoa-nopmu", "pmu", "subset"));
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
        {"arm-graviton", "midr"      },
        {"arm-rk3588",   "pmu.source"},
        {"arm-gb10",     "pmu.cpus"  }
    };
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
    ContractOrder order = x86_contract_compare(a->contract, b->contract, &names);

    g_assert_cmpint(order == CONTRACT_IDENTICAL, ==, names->len == 0);
    if (responsible) {
        g_assert_true(
            g_ptr_array_find_with_equal_func(names, responsible, g_str_equal, NULL));
    }
    return order;
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
                g_autofree char *cpu = x86_contract_baseline(a->contract, b->contract);
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

    g_assert_true(contract_diff(a->contract, a->contract, none));
    g_assert_cmpuint(report_size(none), ==, 0);
    g_assert_false(contract_diff(a->contract, b->contract, some));
    g_assert_cmpstr(report_find(some, "avx2")->asked, ==, "on");
    g_assert_cmpstr(report_find(some, "avx2")->given, ==, "off");
    g_assert_false(contract_diff(a->contract, c->contract, arch));
    g_assert_nonnull(report_find(arch, "arch"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/contract-check/a-contract-fits-its-own-host",
                    test_a_contract_fits_its_own_host);
    g_test_add_func("/contract-check/b11-b12-t26-refusals-name-row-and-relation",
                    test_refusals_name_row_and_relation);
    g_test_add_func("/contract-check/a-guest-without-pebs-moves-freely",
                    test_a_guest_without_pebs_moves_freely);
    g_test_add_func("/contract-check/arm-kinds-do-not-change",
                    test_arm_kinds_do_not_change);
    g_test_add_func("/contract-check/order", test_order);
    g_test_add_func("/contract-check/baseline-runs-on-both", test_baseline_runs_on_both);
    g_test_add_func("/contract-check/diff-names-what-changed",
                    test_diff_names_what_changed);
    return g_test_run();
}
