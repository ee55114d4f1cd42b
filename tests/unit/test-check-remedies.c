/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What vpmu check says to start a guest with lets it run on the host that refused it:
 * over every pair of profiles, in three steps at most, and each reason but those that
 * only another host removes.
 */
#include <string.h>

#include "resolve-case.h"
#include "target/contract-check.h"
#include "util/error.h"

#define STEPS_MAX 3
#define LESS      "use another host, or start the guest with "

/* Adds to @cpu what @report says; false where nothing was left to follow. */
static bool follow(const Report *report, GString *cpu)
{
    bool is_new = false;

    for (unsigned i = 0; i < report_size(report); i++) {
        const Finding *finding = report_get(report, i);
        g_autofree char *word = NULL;

        if (!finding->remedy || !g_str_has_prefix(finding->remedy, LESS)) {
            continue;
        }
        word = g_strdup_printf(",%s", finding->remedy + strlen(LESS));
        if (!strstr(cpu->str, word)) {
            g_string_append(cpu, word);
            is_new = true;
        }
    }
    return is_new;
}

/* Reasons that no guest of the same kind can be without. */
static bool is_of_another_host(const Finding *finding)
{
    return g_strcmp0(finding->remedy, "use another host") == 0 ||
           g_str_has_prefix(finding->remedy, "use a host with ") ||
           g_str_has_prefix(finding->remedy, "load KVM in that mode");
}

static unsigned walked, longest;

static void law_of_pair(const char *from, const char *to, const char *machine,
                        const char *first, const char *accel)
{
    g_autoptr(GString) cpu = g_string_new(first);
    g_autoptr(HostProfile) host = resolve_profile(to);

    for (unsigned step = 0;; step++) {
        g_autoptr(ResolveCase) c =
            resolve_case_new(resolve_profile(from), machine, cpu->str, accel);
        g_autoptr(Report) report = report_new();

        g_assert_cmpuint(step, <=, STEPS_MAX);
        if (resolve_errors(c)) {
            g_test_message("%s -> %s: -cpu %s: %s", from, to, cpu->str,
                           finding_format(report_get(c->report, 0)));
        }
        g_assert_cmpuint(resolve_errors(c), ==, 0);
        (void)contract_check_host(c->contract, host, report); /* @report has it */
        longest = MAX(longest, step);
        if (!follow(report, cpu)) {
            for (unsigned i = 0; i < report_size(report); i++) {
                const Finding *left = report_get(report, i);

                if (left->level == FINDING_ERROR && !is_of_another_host(left)) {
                    g_autofree char *line = finding_format(left);

                    g_test_message("%s -> %s: -cpu %s: %s", from, to, cpu->str, line);
                    g_test_fail();
                }
            }
            walked++;
            return;
        }
    }
}

static const char *const x86_cpus[] = {"host", "host,pebs-fmt=host,lbr-fmt=host",
                                       "max,pmu=on"};

static void test_x86(void)
{
    g_auto(GStrv) profiles = resolve_profile_names("");
    unsigned number = 0;

    for (unsigned a = 0; profiles[a]; a++) {
        for (unsigned b = 0; profiles[b]; b++) {
            for (unsigned i = 0; i < ARRAY_LEN(x86_cpus); i++) {
                if (!g_str_has_prefix(profiles[a], "arm-") &&
                    !g_str_has_prefix(profiles[b], "arm-") && resolve_sample(number++)) {
                    law_of_pair(profiles[a], profiles[b], "q35", x86_cpus[i], NULL);
                }
            }
        }
    }
    g_test_message("%u walked, longest chain %u", walked, longest);
}

static void test_arm(void)
{
    static const char *const accels[] = {NULL, "pmu=8"};
    g_auto(GStrv) profiles = resolve_profile_names("arm-");

    for (unsigned a = 0; profiles[a]; a++) {
        for (unsigned b = 0; profiles[b]; b++) {
            for (unsigned i = 0; i < ARRAY_LEN(accels); i++) {
                g_autoptr(ResolveCase) c = resolve_case_new(resolve_profile(profiles[a]),
                                                            "virt", "host", accels[i]);

                if (resolve_errors(c) == 0) {
                    law_of_pair(profiles[a], profiles[b], "virt", "host", accels[i]);
                }
            }
        }
    }
}

/* A source that is there and cannot be chosen is not missing. */
static void test_kernel_cannot_select(void)
{
    g_autoptr(ResolveCase) c =
        resolve_case_new(resolve_profile("arm-rk3399"), "virt", "host", "pmu=big");
    g_autoptr(HostProfile) host = resolve_profile("arm-rk3399-linux510");
    g_autoptr(Report) report = report_new();

    g_assert_false(contract_check_host(c->contract, host, report));
    g_assert_nonnull(strstr(report_find(report, "pmu.source")->cause, "older than 5.18"));
}

static HostProfile *altra(bool can_set, uint32_t counters)
{
    HostProfile *host = resolve_profile("arm-altra");

    host->arm.has_pmu_attr[ARM_ATTR_NR_COUNTERS] = can_set;
    host->arm.pmu_counters = counters;
    return host;
}

/* A number that was set needs a kernel that sets it, however many there are. */
static void test_number_of_counters(void)
{
    static const struct {
        bool can_set;
        uint32_t counters;
        const char *code, *remedy;
    } rows[] = {
        {true, 6, NULL, NULL},
        {true, 5, NULL, NULL},
        {true, 4, "counters-fewer", LESS "pmu-counters=4"},
        {false, 6, "counters-differ", "use a host with Linux 6.16 or later"},
        {false, 5, "counters-differ", "use a host with Linux 6.16 or later"},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(ResolveCase) c =
            resolve_case_new(altra(true, 6), "virt", "host,pmu-counters=5", NULL);
        g_autoptr(HostProfile) host = altra(rows[i].can_set, rows[i].counters);
        g_autoptr(Report) report = report_new();

        g_assert_cmpuint(resolve_errors(c), ==, 0);
        g_assert_true(contract_check_host(c->contract, host, report) == !rows[i].code);
        if (rows[i].code) {
            const Finding *finding = report_find(report, "pmu.counters");

            g_assert_cmpstr(finding->code, ==, rows[i].code);
            g_assert_cmpstr(finding->remedy, ==, rows[i].remedy);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/check-remedies/x86", test_x86);
    g_test_add_func("/check-remedies/arm64", test_arm);
    g_test_add_func("/check-remedies/kernel-cannot-select", test_kernel_cannot_select);
    g_test_add_func("/check-remedies/number-of-counters", test_number_of_counters);
    return g_test_run();
}
