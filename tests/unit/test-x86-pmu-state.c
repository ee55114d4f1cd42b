/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which PMU MSRs a guest has, and in which order they are written.  The B and T numbers
 * are those of docs/behaviours-x86.md.
 */
#include "resolve-case.h"
#include "target/x86-pmu-state.h"
#include "target/x86-state.h"
#include "util/bits.h"

static bool list_has(const ResolveCase *c, uint32_t index)
{
    return x86_pmu_msr_row(c->contract, index) != NULL;
}

static int write_position(const X86Msr *writes, unsigned count, uint32_t index)
{
    for (unsigned i = count; i-- > 0;) {
        if (writes[i].index == index) {
            return (int)i;
        }
    }
    return -1;
}

/* B21: PEBS and DS are nobody's business where the guest has no PEBS. */
static void test_no_pebs_no_pebs_msrs(void)
{
    g_auto(GStrv) names = resolve_profile_names("");
    static const uint32_t pebs_msrs[] = {0x600, 0x3f1, 0x3f2, 0x3f6, 0x3f7};

    for (unsigned i = 0; names[i]; i++) {
        g_autoptr(HostProfile) host = resolve_profile(names[i]);
        g_autoptr(ResolveCase) c = NULL;

        if (host->arch != TARGET_ARCH_X86_64) {
            continue;
        }
        c = resolve(names[i], "q35", "host,pmu=on,pebs-fmt=off");
        for (unsigned k = 0; k < ARRAY_LEN(pebs_msrs); k++) {
            g_assert_false(list_has(c, pebs_msrs[k]));
        }
    }
}

/* B9, B13, B37: a reset writes zeros, and never the capability word. */
static void test_reset_is_zeros(void)
{
    g_autoptr(ResolveCase) c =
        resolve("intel-icelake-sp", "q35", "host,pmu=on,pebs-fmt=host,lbr-fmt=host");
    X86Msr writes[X86_PMU_STATE_MAX];
    unsigned count = x86_pmu_state_reset(c->contract, writes);

    g_assert_cmpuint(count, >, 100);
    g_assert_cmpuint(count, <=, X86_PMU_STATE_MAX);
    for (unsigned i = 0; i < count; i++) {
        g_assert_cmphex(writes[i].value, ==, 0);
        g_assert_cmphex(writes[i].index, !=, 0x345);
    }
}

/* B38: stop, PEBS, fixed counters, metrics, counters, status, fixed control, enable. */
static void test_write_order(void)
{
    static const uint32_t order[] = {0x600, 0x3f1, 0x309, 0x4c1,
                                     0x186, 0x38e, 0x38d, 0x38f};
    g_autoptr(ResolveCase) c =
        resolve("intel-icelake-sp", "q35", "host,pmu=on,pebs-fmt=host");
    X86Msr writes[X86_PMU_STATE_MAX];
    unsigned count = x86_pmu_state_reset(c->contract, writes);
    int before = -1;

    g_assert_cmphex(writes[0].index, ==, 0x38d);
    g_assert_cmphex(writes[1].index, ==, 0x38f);
    for (unsigned i = 0; i < ARRAY_LEN(order); i++) {
        int at = write_position(writes, count, order[i]);

        g_assert_cmpint(at, >, before);
        before = at;
    }
    g_assert_cmpint(before, ==, (int)count - 1);
}

/* B24: PERF_METRICS only where the bit is set, and after fixed counter 3 (0x30c). */
static void test_metrics_follow_fixed_counter_3(void)
{
    g_autoptr(CpuContract) contract = cpu_contract_new(TARGET_ARCH_X86_64);
    X86Msr writes[X86_PMU_STATE_MAX];
    unsigned count;

    contract->pmu_enabled = true;
    contract->x86.pmu =
        (X86Pmu){.version = 2, .gp_counters = 8, .fixed_counters = 4, .fixed_width = 48};
    count = x86_pmu_state_reset(contract, writes);
    g_assert_cmpint(write_position(writes, count, 0x329), ==, -1);
    contract->x86.words[X86_WORD_PERF_CAPABILITIES] = BIT64(15);
    contract->x86.perf_capabilities = BIT64(15);
    count = x86_pmu_state_reset(contract, writes);
    g_assert_cmpint(write_position(writes, count, 0x329), ==,
                    write_position(writes, count, 0x30c) + 1);
}

/* B23: seven fixed and fifteen general counters fit. */
static void test_largest_geometry_fits(void)
{
    g_autoptr(CpuContract) contract = cpu_contract_new(TARGET_ARCH_X86_64);
    X86Msr writes[X86_PMU_STATE_MAX];
    unsigned count;

    contract->pmu_enabled = true;
    contract->x86.pmu = (X86Pmu){.version = 2, .gp_counters = 15, .fixed_counters = 7};
    contract->x86.perf_capabilities = X86_PEBS_GROUP_MASK | X86_LBR_FMT_MASK | 0xa000;
    contract->x86.words[X86_WORD_PERF_CAPABILITIES] = contract->x86.perf_capabilities;
    count = x86_pmu_state_reset(contract, writes);
    g_assert_cmpuint(count, <=, X86_PMU_STATE_MAX);
    g_assert_cmpint(write_position(writes, count, 0x4c1 + 14), >=, 0);
    g_assert_cmpint(write_position(writes, count, 0x309 + 6), >=, 0);
}

/* T9: AMD's counters interleave with their selects; each has its own row. */
static void test_amd_registers(void)
{
    g_autoptr(ResolveCase) zen3 = resolve("amd-zen3-milan", "q35", "host,pmu=on");
    g_autoptr(ResolveCase) zen4 = resolve("amd-zen4-genoa", "q35", "host,pmu=on");

    for (unsigned i = 0; i < 6; i++) {
        g_assert_cmpstr(x86_pmu_msr_row(zen3->contract, 0xc0010200 + 2 * i)->name, ==,
                        "amd-core-event-select");
        g_assert_cmpstr(x86_pmu_msr_row(zen3->contract, 0xc0010201 + 2 * i)->name, ==,
                        "amd-core-counter");
    }
    g_assert_false(list_has(zen3, 0xc0000301));
    g_assert_true(list_has(zen4, 0xc0000301));
    g_assert_true(list_has(zen4, 0xc0000300));
    g_assert_false(list_has(zen4, 0xc0000302));
    g_assert_false(list_has(zen4, 0xc0010004));
}

/* B33: nothing to move with pmu=off, on either vendor. */
static void test_pmu_off_has_no_state(void)
{
    static const char *const hosts[] = {"intel-icelake-sp", "intel-sapphirerapids",
                                        "amd-zen4-genoa"};

    for (unsigned i = 0; i < ARRAY_LEN(hosts); i++) {
        g_autoptr(ResolveCase) c = resolve(hosts[i], "q35", "host,pmu=off");
        X86Msr msrs[X86_PMU_STATE_MAX];

        g_assert_cmpuint(x86_pmu_state_list(c->contract, msrs), ==, 0);
        g_assert_cmpuint(x86_pmu_state_reset(c->contract, msrs), ==, 0);
    }
}

/* Every row has a name, is in order of its phase, and no MSR belongs to two rows. */
static void test_rows_are_in_order(void)
{
    for (unsigned i = 0; i < x86_pmu_msr_row_count; i++) {
        g_assert_nonnull(x86_pmu_msr_rows[i].name);
        g_assert_cmpuint(x86_pmu_msr_rows[i].stride, >, 0);
        if (i) {
            g_assert_cmpint(x86_pmu_msr_rows[i - 1].phase, <=, x86_pmu_msr_rows[i].phase);
        }
    }
}

/* What a row says it has at most is no less than any known guest has: nothing is cut off.
 */
static void test_no_guest_has_more_than_a_row(void)
{
    g_auto(GStrv) hosts = resolve_profile_names("");
    unsigned guests = 0;

    for (unsigned i = 0; hosts[i]; i++) {
        g_autoptr(HostProfile) host = resolve_profile(hosts[i]);
        g_autoptr(ResolveCase) c = NULL;

        if (host->arch != TARGET_ARCH_X86_64) {
            continue;
        }
        c = resolve(hosts[i], "q35", "host");
        for (unsigned k = 0; k < x86_pmu_msr_row_count; k++) {
            unsigned count = x86_pmu_msr_rows[k].count(c->contract);

            g_assert_true(count == X86_MSR_ALL || count <= x86_pmu_msr_rows[k].most);
        }
        for (unsigned k = 0; k < x86_state_row_count; k++) {
            unsigned count = x86_state_rows[k].count(c->contract);

            g_assert_true(count == X86_MSR_ALL || count <= x86_state_rows[k].most);
        }
        guests++;
    }
    g_assert_cmpuint(guests, >, 10);
}

/* A guest that has every row whole. */
static void test_all_state_fits(void)
{
    unsigned count = 0;

    for (unsigned i = 0; i < x86_state_row_count; i++) {
        count += x86_state_rows[i].most;
    }
    g_assert_cmpuint(count, <=, X86_STATE_MAX);
}

/* Overflow control and status clear are write-only: nothing to save, no effect to load.
 */
static void test_no_write_only_registers(void)
{
    for (unsigned i = 0; i < x86_pmu_msr_row_count; i++) {
        const X86MsrRow *row = &x86_pmu_msr_rows[i];

        g_assert_cmphex(row->index, !=, 0x390);
        g_assert_cmphex(row->index, !=, 0xc0000302);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/x86-pmu-state/B21-no-pebs-no-pebs-msrs", test_no_pebs_no_pebs_msrs);
    g_test_add_func("/x86-pmu-state/B13-B37-reset-is-zeros", test_reset_is_zeros);
    g_test_add_func("/x86-pmu-state/B38-write-order", test_write_order);
    g_test_add_func("/x86-pmu-state/B24-metrics-follow-fixed-counter-3",
                    test_metrics_follow_fixed_counter_3);
    g_test_add_func("/x86-pmu-state/B23-largest-geometry-fits",
                    test_largest_geometry_fits);
    g_test_add_func("/x86-pmu-state/T9-amd-registers", test_amd_registers);
    g_test_add_func("/x86-pmu-state/B33-pmu-off-has-no-state", test_pmu_off_has_no_state);
    g_test_add_func("/x86-pmu-state/T19-no-write-only-registers",
                    test_no_write_only_registers);
    g_test_add_func("/x86-pmu-state/rows-are-in-order", test_rows_are_in_order);
    g_test_add_func("/x86-pmu-state/no-guest-has-more-than-a-row",
                    test_no_guest_has_more_than_a_row);
    g_test_add_func("/x86-pmu-state/all-state-fits", test_all_state_fits);
    return g_test_run();
}
