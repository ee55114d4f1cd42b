/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Formats and the PEBS group of patches/qemu: whatever is asked of whatever host, KVM
 * takes what comes out, or there was an error before it.
 */
#include "qemu/osdep.h"

#include "qapi/error.h"
#include "qemu/error-report.h"
#include "vpmu-metrics.h"
#include "vpmu-pebs.h"

#define GROUP (1ull << 6 | 1ull << 7 | 1ull << 14 | 1ull << 17)
#define PEBS  (GROUP | 0xf00)

/* What KVM offers on Skylake, Ice Lake, Sapphire Rapids, Granite Rapids, AMD. */
static const uint64_t offers[] = {0x2005, 0x24c5, 0x25c0, 0x225c0, 0};

static VpmuFacts intel(uint64_t offered)
{
    return (VpmuFacts){
        .offered = offered,
        .kvm = true,
        .pmu = true,
        .pdcm = true,
        .ds = true,
        .dtes64 = true,
        .same_cpu = true,
        .fixed = 3,
    };
}

/* KVM's rule for the capability word, as its selftests state it. */
static bool kvm_takes(const VpmuFacts *facts, uint64_t word)
{
    uint64_t lbr = word & 0x3f;
    bool pebs = word & 0xf00;

    return !(word & ~facts->offered) && (!lbr || lbr == (facts->offered & 0x3f)) &&
           (!pebs || (word & PEBS) == (facts->offered & PEBS)) &&
           (!pebs || (facts->ds && facts->dtes64)) &&
           ((!pebs && !lbr) || facts->same_cpu);
}

/* Decides both formats of a fresh word with some members set or cleared by the user. */
static char *decide_strictly(VpmuFacts facts, uint64_t lbr, uint64_t pebs, uint64_t on,
                             uint64_t off, bool enforce, uint64_t *word)
{
    Error *error = NULL;

    facts.named = on | off;
    *word = (*word | on) & ~off;
    if (vpmu_format_decide(&vpmu_lbr_fmt, &facts, &lbr, word, &error)) {
        vpmu_pebs_decide(&facts, &pebs, word, enforce, &error);
    }
    g_assert_cmpuint(pebs, !=, VPMU_FORMAT_HOST);
    return stub_error_take(&error);
}

static char *decide(VpmuFacts facts, uint64_t lbr, uint64_t pebs, uint64_t on,
                    uint64_t off, uint64_t *word)
{
    return decide_strictly(facts, lbr, pebs, on, off, false, word);
}

static void kvm_takes_whatever_is_decided(void)
{
    static const uint64_t asked[] = {VPMU_FORMAT_UNSET, VPMU_FORMAT_HOST, 0, 4, 5, 15};
    unsigned given = 0;

    for (unsigned host = 0; host < ARRAY_SIZE(offers); host++) {
        for (unsigned flags = 0; flags < 32; flags++) {
            for (unsigned members = 0; members < 81; members++) {
                for (unsigned a = 0; a < ARRAY_SIZE(asked); a++) {
                    VpmuFacts facts = intel(offers[host]);
                    uint64_t on = 0, off = 0, word = 0;
                    static const unsigned bits[] = {6, 7, 14, 17};

                    facts.pmu = !(flags & 1);
                    facts.pdcm = !(flags & 2);
                    facts.ds = !(flags & 4);
                    facts.dtes64 = !(flags & 8);
                    facts.same_cpu = !(flags & 16);
                    for (unsigned i = 0, rest = members; i < 4; i++, rest /= 3) {
                        on |= (rest % 3 == 1 ? 1ull : 0) << bits[i];
                        off |= (rest % 3 == 2 ? 1ull : 0) << bits[i];
                    }
                    g_autofree char *error =
                        decide(facts, VPMU_FORMAT_UNSET, asked[a], on, off, &word);
                    /* What KVM does not offer is left for the host filter, if named. */
                    uint64_t filtered = word & facts.offered;

                    if (error) {
                        continue;
                    }
                    g_assert_cmphex(word & ~facts.offered & ~on, ==, 0);
                    if (word & 0xf00) {
                        g_assert_true(kvm_takes(&facts, filtered));
                        given++;
                    } else {
                        g_assert_cmphex(word & GROUP & ~on, ==, 0);
                    }
                }
            }
        }
    }
    g_assert_cmpuint(given, >, 100);
}

static void nothing_asked_changes_nothing(void)
{
    for (unsigned host = 0; host < ARRAY_SIZE(offers); host++) {
        uint64_t word = offers[host] & 0x2000;
        g_autofree char *error = decide(intel(offers[host]), VPMU_FORMAT_UNSET,
                                        VPMU_FORMAT_UNSET, 0, 0, &word);

        g_assert_null(error);
        g_assert_cmphex(word, ==, offers[host] & 0x2000);
    }
}

static void a_host_taken_over_whole_stays_whole(void)
{
    for (unsigned host = 0; host < ARRAY_SIZE(offers); host++) {
        uint64_t word = offers[host];
        g_autofree char *error = decide(intel(offers[host]), VPMU_FORMAT_UNSET,
                                        VPMU_FORMAT_UNSET, 0, 0, &word);

        g_assert_null(error);
        g_assert_cmphex(word, ==, offers[host]);
    }
}

static void formats_go_with_the_pmu(void)
{
    VpmuFacts facts = intel(0x24c5);
    uint64_t word = 0x24c5;
    g_autofree char *error = NULL;

    facts.pmu = false;
    error = decide(facts, VPMU_FORMAT_UNSET, VPMU_FORMAT_UNSET, 0, 0, &word);
    g_assert_null(error);
    g_assert_cmphex(word, ==, 0x2000);
}

static void zero_never_fails(void)
{
    for (unsigned host = 0; host < ARRAY_SIZE(offers); host++) {
        VpmuFacts facts = {.offered = offers[host]};
        uint64_t word = 0;
        g_autofree char *error = decide(facts, 0, 0, 0, 0, &word);

        g_assert_null(error);
        g_assert_cmphex(word, ==, 0);
    }
}

static void a_member_asks_for_the_group(void)
{
    uint64_t word = 0;
    g_autofree char *error =
        decide(intel(0x25c0), VPMU_FORMAT_UNSET, VPMU_FORMAT_UNSET, 1 << 7, 0, &word);

    g_assert_null(error);
    g_assert_cmphex(word, ==, 0x5c0);
}

static void a_member_that_kvm_withholds_is_left_to_the_filter(void)
{
    uint64_t word = 0;
    g_autofree char *error =
        decide(intel(0x25c0), VPMU_FORMAT_UNSET, VPMU_FORMAT_UNSET, 1 << 14, 0, &word);

    g_assert_null(error);
    g_assert_cmphex(word, ==, 0x45c0);
}

/* One fact fewer of a host that offers all. */
static VpmuFacts lacking(char drop)
{
    VpmuFacts facts = intel(0x24c5);

    facts.pmu = drop != 'p';
    facts.kvm = drop != 'k';
    facts.pdcm = drop != 'm';
    facts.same_cpu = drop != 'f';
    facts.ds = drop != 'd';
    facts.dtes64 = drop != '6';
    return facts;
}

static void a_member_that_the_guest_rules_out_is_left_out(void)
{
    static const struct {
        char drop;
        const char *why;
    } cases[] = {
        {'p', "pebs-trap is left out: pebs-fmt=4 needs pmu=on"},
        {'m', "pebs-trap is left out: pebs-fmt=4 needs the feature 'pdcm'"},
        {'d', "pebs-trap is left out: pebs-fmt=4 needs the feature 'ds'"},
        {'6', "pebs-trap is left out: pebs-fmt=4 needs the feature 'dtes64'"},
        {'f',
         "pebs-trap is left out: pebs-fmt=4 needs a guest CPU of the host's family and "
         "model, as '-cpu host' has"},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        uint64_t word = 0x2000;
        g_autofree char *none = decide(lacking(cases[i].drop), VPMU_FORMAT_UNSET,
                                       VPMU_FORMAT_UNSET, 1 << 6, 0, &word);
        g_autofree char *warned = stub_report_take();
        g_autofree char *error = NULL;

        g_assert_null(none);
        g_assert_cmphex(word, ==, 0x2000);
        g_assert_cmpstr(warned, ==, cases[i].why);
        error = decide_strictly(lacking(cases[i].drop), VPMU_FORMAT_UNSET,
                                VPMU_FORMAT_UNSET, 1 << 6, 0, true, &word);
        g_assert_cmpstr(error, ==, cases[i].why);
    }
}

static void what_nobody_asked_for_is_left_out_in_silence(void)
{
    for (const char *drop = "pmd6f"; *drop; drop++) {
        uint64_t word = 0x24c0;
        g_autofree char *error = decide_strictly(lacking(*drop), VPMU_FORMAT_UNSET,
                                                 VPMU_FORMAT_UNSET, 0, 0, true, &word);

        g_assert_null(error);
        g_assert_null(stub_report_take());
        g_assert_cmphex(word, ==, 0x2000);
    }
}

static void errors_name_option_value_and_cause(void)
{
    static const struct {
        uint64_t lbr, pebs, on, off;
        char drop;
        const char *text;
    } cases[] = {
        {5, 0, 0, 0, 'p', "lbr-fmt=5 needs pmu=on"},
        {VPMU_FORMAT_HOST, 0, 0, 0, 'p', "lbr-fmt=5 needs pmu=on"},
        {0, VPMU_FORMAT_HOST, 0, 0, 'p', "pebs-fmt=4 needs pmu=on"},
        {5, 0, 0, 0, 'k', "lbr-fmt=5 needs the KVM accelerator"},
        {5, 0, 0, 0, 'm', "lbr-fmt=5 needs the feature 'pdcm'"},
        {6, 0, 0, 0, ' ',
         "lbr-fmt=6 is not what KVM offers on this host, which is 5 or 0"},
        {5, 0, 0, 0, 'f',
         "lbr-fmt=5 needs a guest CPU of the host's family and model, as '-cpu host' "
         "has"},
        {0, 4, 0, 0, 'd', "pebs-fmt=4 needs the feature 'ds'"},
        {0, 4, 0, 0, '6', "pebs-fmt=4 needs the feature 'dtes64'"},
        {0, 4, 0, 1 << 6, ' ',
         "pebs-trap=off cannot be had with pebs-fmt=4: KVM wants all PEBS features as "
         "the host "
         "has them; pebs-fmt=0 turns them off together"},
        {0, 0, 1 << 7, 0, ' ', "pebs-arch-reg=on asks for PEBS and pebs-fmt=0 for none"},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        uint64_t word = 0;
        g_autofree char *error = decide(lacking(cases[i].drop), cases[i].lbr,
                                        cases[i].pebs, cases[i].on, cases[i].off, &word);

        g_assert_cmpstr(error, ==, cases[i].text);
    }
}

static void formats_are_numbers_host_or_off(void)
{
    static const struct {
        const char *text;
        uint64_t value;
    } good[] = {
        {"0", 0},   {"5", 5}, {"0xf", 15}, {"15", 15}, {"host", VPMU_FORMAT_HOST},
        {"off", 0},
    };
    static const char *const bad[] = {
        "", "16", "-1", "+1", " 1", "on", "5x", "HOST", "18446744073709551616"};
    Error *error = NULL;
    uint64_t value;

    for (unsigned i = 0; i < ARRAY_SIZE(good); i++) {
        g_assert_true(vpmu_format_parse(&vpmu_pebs_fmt, good[i].text, &value, &error));
        g_assert_cmphex(value, ==, good[i].value);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        g_assert_false(vpmu_format_parse(&vpmu_pebs_fmt, bad[i], &value, &error));
        g_autofree char *text = stub_error_take(&error);
        g_autofree char *want =
            g_strdup_printf("pebs-fmt=%s is not 0 to 15, 'host' or 'off'", bad[i]);

        g_assert_cmpstr(text, ==, want);
    }
}

static void metrics_go_without_fixed_counter_3(void)
{
    VpmuFacts facts = intel(0xa000);
    uint64_t word = 0xa000;
    Error *error = NULL;
    g_autofree char *text = NULL;

    facts.fixed = 4;
    g_assert_true(vpmu_metrics_decide(&facts, &word, true, &error));
    g_assert_cmphex(word, ==, 0xa000);

    facts.fixed = 3;
    facts.named = 1 << 15;
    g_assert_false(vpmu_metrics_decide(&facts, &word, true, &error));
    text = stub_error_take(&error);
    g_assert_cmpstr(
        text, ==,
        "perf-metrics needs fixed counter 3; KVM offers 3 fixed counters on this host");

    g_assert_true(vpmu_metrics_decide(&facts, &word, false, &error));
    g_assert_cmphex(word, ==, 0x2000);
    g_autofree char *warned = stub_report_take();
    g_assert_nonnull(warned);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/patches/kvm-takes-whatever-is-decided",
                    kvm_takes_whatever_is_decided);
    g_test_add_func("/patches/nothing-asked-changes-nothing",
                    nothing_asked_changes_nothing);
    g_test_add_func("/patches/host-taken-over-whole",
                    a_host_taken_over_whole_stays_whole);
    g_test_add_func("/patches/formats-go-with-the-pmu", formats_go_with_the_pmu);
    g_test_add_func("/patches/zero-never-fails", zero_never_fails);
    g_test_add_func("/patches/a-member-asks-for-the-group", a_member_asks_for_the_group);
    g_test_add_func("/patches/withheld-member",
                    a_member_that_kvm_withholds_is_left_to_the_filter);
    g_test_add_func("/patches/ruled-out-member",
                    a_member_that_the_guest_rules_out_is_left_out);
    g_test_add_func("/patches/silence", what_nobody_asked_for_is_left_out_in_silence);
    g_test_add_func("/patches/errors", errors_name_option_value_and_cause);
    g_test_add_func("/patches/format-text", formats_are_numbers_host_or_off);
    g_test_add_func("/patches/metrics", metrics_go_without_fixed_counter_3);
    return g_test_run();
}
