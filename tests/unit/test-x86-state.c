/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/x86-state.h"

#include "resolve-case.h"
#include "util/bits.h"

static bool lists(const X86Msr *msrs, unsigned count, uint32_t index)
{
    for (unsigned i = 0; i < count; i++) {
        if (msrs[i].index == index) {
            return true;
        }
    }
    return false;
}

static unsigned position(const X86Msr *msrs, unsigned count, uint32_t index)
{
    for (unsigned i = 0; i < count; i++) {
        if (msrs[i].index == index) {
            return i;
        }
    }
    g_assert_not_reached();
}

static void test_rows_are_sorted_by_phase(void)
{
    for (unsigned i = 1; i < x86_msr_row_count; i++) {
        g_assert_cmpint(x86_msr_rows[i - 1].phase, <=, x86_msr_rows[i].phase);
        g_assert_nonnull(x86_msr_rows[i].when);
    }
}

/* No guest has one MSR twice, and none of them the write-only overflow controls (T19). */
static void test_every_msr_once(void)
{
    g_auto(GStrv) profiles = resolve_profile_names("");
    static const char *const cpus[] = {"host", "host,pmu=off", "host,migratable=off",
                                       "host,pebs-fmt=host,lbr-fmt=host"};

    for (unsigned p = 0; profiles[p]; p++) {
        for (unsigned k = 0; k < ARRAY_LEN(cpus) && !g_str_has_prefix(profiles[p], "arm");
             k++) {
            g_autoptr(ResolveCase) c = resolve(profiles[p], "q35", cpus[k]);
            X86Msr msrs[X86_STATE_MSRS_MAX];
            unsigned count = x86_state_list_msrs(c->contract, msrs);

            g_assert_cmpuint(count, <, X86_STATE_MSRS_MAX - 64);
            g_assert_false(lists(msrs, count, 0x390));
            g_assert_false(lists(msrs, count, 0xc0000302));
            for (unsigned i = 0; i < count; i++) {
                g_assert_cmpuint(position(msrs, count, msrs[i].index), ==, i);
            }
        }
    }
}

/* B21: no PEBS and no debug store MSR for a guest without PEBS, DS in CPUID or not. */
static void test_no_pebs_msrs_without_pebs(void)
{
    static const uint32_t pebs[] = {0x600, 0x3f1, 0x3f2};
    g_autoptr(ResolveCase) off = resolve("intel-icelake-sp", "q35", "host,lbr-fmt=5");
    g_autoptr(ResolveCase) on = resolve("intel-icelake-sp", "q35", "host,pebs-fmt=4");
    X86Msr without[X86_STATE_MSRS_MAX], with[X86_STATE_MSRS_MAX];
    unsigned few = x86_state_list_msrs(off->contract, without);
    unsigned many = x86_state_list_msrs(on->contract, with);

    g_assert_true(x86_contract_has(off->contract, X86_DS));
    for (unsigned i = 0; i < ARRAY_LEN(pebs); i++) {
        g_assert_false(lists(without, few, pebs[i]));
        g_assert_true(lists(with, many, pebs[i]));
    }
    few = x86_state_reset_msrs(off->contract, without);
    for (unsigned i = 0; i < ARRAY_LEN(pebs); i++) {
        g_assert_false(lists(without, few, pebs[i]));
    }
}

/* B24, B38: metrics after fixed counter 3; controls stopped first and started last. */
static void test_write_order(void)
{
    g_autoptr(ResolveCase) c = resolve("intel-sapphirerapids-topdown", "q35", "host");
    X86Msr values[X86_STATE_MSRS_MAX], order[X86_STATE_MSRS_MAX];
    unsigned count = x86_state_list_msrs(c->contract, values);
    unsigned total;

    for (unsigned i = 0; i < count; i++) {
        values[i].value = 1;
    }
    total = x86_state_order_msrs(c->contract, values, count, order);
    g_assert_cmpuint(total, ==, count + 2);
    g_assert_cmphex(order[0].index, ==, 0x38d);
    g_assert_cmphex(order[0].value, ==, 0);
    g_assert_cmphex(order[1].index, ==, 0x38f);
    g_assert_cmphex(order[1].value, ==, 0);
    g_assert_cmphex(order[total - 2].index, ==, 0x38d);
    g_assert_cmphex(order[total - 1].index, ==, 0x38f);
    g_assert_cmphex(order[total - 1].value, ==, 1);
    g_assert_cmpuint(position(order, total, 0x30c), <, position(order, total, 0x329));
    g_assert_cmpuint(position(order, total, 0x329), <, position(order, total, 0x4c1));
    g_assert_cmpuint(position(order, total, 0x186), <, position(order, total, 0x38e));
}

/* B37, T22: a reset leaves nothing in any PMU MSR of either vendor. */
static void test_reset_zeroes_both_vendors(void)
{
    static const struct {
        const char *host, *cpu;
        uint32_t first, last;
        unsigned stride;
    } rows[] = {
        {"amd-zen4-genoa",   "host",                      0xc0010200, 0xc001020b, 1},
        {"amd-zen4-genoa",   "host",                      0xc0000300, 0xc0000301, 1},
        {"amd-zen4-genoa",   "host,perfctr-core=off",     0xc0010000, 0xc0010007, 1},
        {"intel-icelake-sp", "host",                      0x4c1,      0x4c8,      1},
        {"intel-icelake-sp", "host,full-width-write=off", 0xc1,       0xc8,       1},
        {"intel-icelake-sp", "host",                      0x186,      0x18d,      1},
        {"intel-icelake-sp", "host",                      0x309,      0x30b,      1},
        {"intel-icelake-sp", "host",                      0x38d,      0x38f,      1},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(ResolveCase) c = resolve(rows[i].host, "q35", rows[i].cpu);
        X86Msr msrs[X86_STATE_MSRS_MAX];
        unsigned count = x86_state_reset_msrs(c->contract, msrs);

        for (uint32_t index = rows[i].first; index <= rows[i].last; index++) {
            g_assert_true(lists(msrs, count, index));
        }
        for (unsigned k = 0; k < count; k++) {
            g_assert_cmphex(msrs[k].value, ==, 0);
            g_assert_cmphex(msrs[k].index, !=, 0x345);
        }
    }
}

static void test_no_pmu_has_no_pmu_msrs(void)
{
    g_autoptr(ResolveCase) intel = resolve("intel-icelake-sp", "q35", "host,pmu=off");
    g_autoptr(ResolveCase) amd = resolve("amd-zen4-genoa", "q35", "host,pmu=off");
    X86Msr msrs[X86_STATE_MSRS_MAX];

    g_assert_cmpuint(x86_state_reset_msrs(intel->contract, msrs), ==, 0);
    g_assert_cmpuint(x86_state_reset_msrs(amd->contract, msrs), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/x86-state/rows-are-sorted-by-phase", test_rows_are_sorted_by_phase);
    g_test_add_func("/x86-state/t19-every-msr-once", test_every_msr_once);
    g_test_add_func("/x86-state/b21-no-pebs-msrs-without-pebs",
                    test_no_pebs_msrs_without_pebs);
    g_test_add_func("/x86-state/b24-b38-write-order", test_write_order);
    g_test_add_func("/x86-state/b37-t22-reset-zeroes-both-vendors",
                    test_reset_zeroes_both_vendors);
    g_test_add_func("/x86-state/no-pmu-has-no-pmu-msrs", test_no_pmu_has_no_pmu_msrs);
    return g_test_run();
}
