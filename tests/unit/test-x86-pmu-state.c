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

/* ---- which MSRs a guest has, from its CPUID and MSR 0x345 alone ---- */

static void add_range(GHashTable *set, uint32_t first, unsigned count, unsigned stride)
{
    for (unsigned i = 0; i < count; i++) {
        g_hash_table_add(set, GUINT_TO_POINTER(first + i * stride));
    }
}

static void add_one(GHashTable *set, uint32_t index, bool has)
{
    add_range(set, index, has, 1);
}

/* SDM vol 3B, 20.2 to 20.6 and 20.9; legacy LBR: vol 3B, 18.4 to 18.13. */
static void add_intel(GHashTable *set, const ResolveCase *c, uint64_t caps)
{
    uint32_t eax = resolve_cpuid(c, 0xa, 0, X86_EAX);
    unsigned version = eax & 0xff, gp = eax >> 8 & 0xff;
    unsigned fixed = resolve_cpuid(c, 0xa, 0, X86_EDX) & 0x1f;
    unsigned lbr = caps & 0x3f;

    add_range(set, 0x186, gp, 1);
    add_range(set, caps & BIT64(13) ? 0x4c1 : 0xc1, gp, 1);
    add_range(set, 0x309, version > 1 ? fixed : 0, 1);
    add_range(set, 0x38d, version > 1 ? 3 : 0, 1);
    add_one(set, 0x329, caps & BIT64(15));
    add_one(set, 0x600, caps & 0xf00);
    add_one(set, 0x3f1, caps & 0xf00);
    add_one(set, 0x3f2, caps & 0xf00 && caps & BIT64(14));
    add_range(set, 0x1c8, lbr ? 2 : 0, 1);
    add_range(set, 0x680, lbr ? lbr < 5 ? 16 : 32 : 0, 1);
    add_range(set, 0x6c0, lbr ? lbr < 5 ? 16 : 32 : 0, 1);
    add_range(set, 0xdc0, lbr >= 5 ? 32 : 0, 1);
}

/* APM vol 2, 13.2. */
static void add_amd(GHashTable *set, const ResolveCase *c)
{
    bool has_core = resolve_cpuid(c, 0x80000001, 0, X86_ECX) & BIT64(23);
    bool has_v2 = resolve_cpuid(c, 0x80000022, 0, X86_EAX) & 1;
    unsigned core = has_v2 ? resolve_cpuid(c, 0x80000022, 0, X86_EBX) & 0xf : 6;

    if (has_core) {
        add_range(set, 0xc0010200, core, 2);
        add_range(set, 0xc0010201, core, 2);
    } else {
        add_range(set, 0xc0010000, 4, 1);
        add_range(set, 0xc0010004, 4, 1);
    }
    add_range(set, 0xc0000300, has_v2 ? 2 : 0, 1);
}

static GHashTable *expected_msrs(const ResolveCase *c)
{
    GHashTable *set = g_hash_table_new(NULL, NULL);
    uint64_t caps = 0;

    for (unsigned i = 0; i < c->contract->x86.msrs->len; i++) {
        const X86Msr *msr = &g_array_index(c->contract->x86.msrs, X86Msr, i);

        caps = msr->index == 0x345 ? msr->value : caps;
    }
    if (resolve_cpuid(c, 0xa, 0, X86_EAX)) {
        add_intel(set, c, caps);
    } else {
        add_amd(set, c);
    }
    return set;
}

static const char *const pmu_cpus[] = {"host,pmu=on",
                                       "host,pmu=on,pebs-fmt=host,lbr-fmt=host",
                                       "host,pmu=on,full-width-write=off",
                                       "host,pmu=on,perfmon-v2=off",
                                       "host,pmu=on,perfctr-core=off",
                                       "Skylake-Server,pmu=on",
                                       "EPYC-Genoa,pmu=on"};

typedef void CaseFunc(const ResolveCase *c);

/* Every host with a PMU, of both vendors, and every shape its guests' PMU has. */
static void for_every_pmu(CaseFunc *check)
{
    g_auto(GStrv) names = resolve_profile_names("");
    unsigned intel = 0, amd = 0;

    for (unsigned i = 0; names[i]; i++) {
        for (unsigned k = 0; k < ARRAY_LEN(pmu_cpus); k++) {
            g_autoptr(ResolveCase) c = NULL;

            if (g_str_has_prefix(names[i], "arm-")) {
                continue;
            }
            c = resolve(names[i], "q35", pmu_cpus[k]);
            if (c->contract->pmu_enabled) {
                g_test_message("%s, %s", names[i], pmu_cpus[k]);
                check(c);
                intel += !c->contract->x86.is_amd_pmu;
                amd += c->contract->x86.is_amd_pmu;
            }
        }
    }
    g_assert_cmpuint(intel, >, 50);
    g_assert_cmpuint(amd, >, 30);
}

/* What is read for a save is what the guest has, each once and in no other row. */
static void check_list(const ResolveCase *c)
{
    g_autoptr(GHashTable) expected = expected_msrs(c);
    X86Msr list[X86_PMU_STATE_MAX];
    unsigned count = x86_pmu_state_list(c->contract, list);

    g_assert_cmpuint(count, ==, g_hash_table_size(expected));
    for (unsigned i = 0; i < count; i++) {
        g_assert_true(g_hash_table_remove(expected, GUINT_TO_POINTER(list[i].index)));
    }
}

static void test_all_that_a_guest_has_is_saved(void)
{
    for_every_pmu(check_list);
}

/* Each of them gets a zero, and nothing else is written: not the capabilities. */
static void check_reset(const ResolveCase *c)
{
    g_autoptr(GHashTable) expected = expected_msrs(c);
    g_autoptr(GHashTable) written = g_hash_table_new(NULL, NULL);
    X86Msr writes[X86_PMU_STATE_MAX];
    unsigned count = x86_pmu_state_reset(c->contract, writes);

    g_assert_cmpuint(count, <=, X86_PMU_STATE_MAX);
    for (unsigned i = 0; i < count; i++) {
        g_assert_cmphex(writes[i].value, ==, 0);
        g_assert_true(g_hash_table_contains(expected, GUINT_TO_POINTER(writes[i].index)));
        g_hash_table_add(written, GUINT_TO_POINTER(writes[i].index));
    }
    g_assert_cmpuint(g_hash_table_size(written), ==, g_hash_table_size(expected));
}

/* B9, B13, B37: a reset writes zeros to all the guest has, and never the capability word.
 */
static void test_reset_is_zeros(void)
{
    for_every_pmu(check_reset);
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
    contract->x86.words[X86_WORD_PERF_CAPABILITIES] = BIT64(15);
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
    contract->x86.words[X86_WORD_PERF_CAPABILITIES] =
        X86_PEBS_GROUP_MASK | X86_LBR_FMT_MASK | 0xa000;
    contract->x86.words[X86_WORD_PERF_CAPABILITIES] =
        contract->x86.words[X86_WORD_PERF_CAPABILITIES];
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

/* Every row has a name, and is in order of its phase. */
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

/* A guest with as much of everything as a contract can say, of either vendor. */
static CpuContract *largest(bool is_amd, uint64_t caps)
{
    CpuContract *contract = cpu_contract_new(TARGET_ARCH_X86_64);
    uint64_t *words = contract->x86.words;

    contract->pmu_enabled = true;
    contract->x86.is_amd_pmu = is_amd;
    contract->x86.pmu = (X86Pmu){.version = 2, .gp_counters = 15, .fixed_counters = 7};
    contract->x86.words[X86_WORD_PERF_CAPABILITIES] = words[X86_WORD_PERF_CAPABILITIES] =
        caps;
    if (is_amd) {
        contract->x86.pmu.gp_counters = caps ? 15 : 4;
        words[X86_WORD_80000001_ECX] = caps ? BIT64(23) : 0;
        words[X86_WORD_80000022_EAX] = caps ? 1 : 0;
    } else if (!(caps & X86_LBR_FMT_MASK)) {
        words[X86_WORD_7_0_EDX] = BIT64(19); /* architectural LBR */
    }
    return contract;
}

static const X86MsrRow *listing_row(const CpuContract *contract, unsigned position)
{
    for (unsigned i = 0; i < x86_pmu_msr_row_count; i++) {
        unsigned count = x86_pmu_msr_count(&x86_pmu_msr_rows[i], contract);

        if (position < count) {
            return &x86_pmu_msr_rows[i];
        }
        position -= count;
    }
    return NULL;
}

/* No MSR belongs to two rows, of the same guest or of two. */
static void test_no_msr_belongs_to_two_rows(void)
{
    static const struct {
        bool is_amd;
        uint64_t caps;
    } rows[] = {
        {false, 0},
        {false, X86_PEBS_GROUP_MASK | 0x3f | 0xa000},
        {false, X86_PEBS_GROUP_MASK | 0xa000},
        {false, 4},
        {true, 0},
        {true, 1},
    };
    g_autoptr(GHashTable) owners = g_hash_table_new(NULL, NULL);

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(CpuContract) contract = largest(rows[i].is_amd, rows[i].caps);
        g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
        X86Msr list[X86_PMU_STATE_MAX];
        unsigned count = x86_pmu_state_list(contract, list);

        for (unsigned k = 0; k < count; k++) {
            gpointer index = GUINT_TO_POINTER(list[k].index);
            const X86MsrRow *row = listing_row(contract, k);
            const X86MsrRow *owner = g_hash_table_lookup(owners, index);

            g_assert_true(g_hash_table_add(seen, index));
            g_assert_true(x86_pmu_msr_row(contract, list[k].index) == row);
            g_assert_true(!owner || owner == row);
            g_hash_table_insert(owners, index, (gpointer)row);
        }
    }
    /* Together they had every row. */
    for (unsigned i = 0; i < x86_pmu_msr_row_count; i++) {
        g_assert_true(
            g_hash_table_lookup(owners, GUINT_TO_POINTER(x86_pmu_msr_rows[i].index)) ==
            &x86_pmu_msr_rows[i]);
    }
}

/* T25: branch records are part of the state: the whole stack of each format, or none. */
static void test_branch_records_follow_the_format(void)
{
    static const struct {
        uint32_t first;
        unsigned from_format;   /* the first that has them */
        unsigned before, after; /* how many, up to format 4 and from 5 on */
    } rows[] = {
        {0x1c8, 1, 1, 1},   /* select */
        {0x1c9, 1, 1, 1},   /* top of stack */
        {0x680, 1, 16, 32}, /* from */
        {0x6c0, 1, 16, 32}, /* to */
        {0xdc0, 5, 0, 32},  /* info */
    };

    for (unsigned format = 0; format <= X86_LBR_FMT_MASK; format++) {
        g_autoptr(CpuContract) contract = largest(false, format);

        for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
            unsigned count = format < rows[i].from_format ? 0
                             : format < 5                 ? rows[i].before
                                                          : rows[i].after;

            for (unsigned k = 0; k < 32; k++) {
                bool is_next_row = rows[i].first == 0x1c8 && k == 1;

                if (!is_next_row) {
                    g_assert_cmpint(x86_pmu_msr_row(contract, rows[i].first + k) != NULL,
                                    ==, k < count);
                }
            }
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
    g_test_add_func("/x86-pmu-state/all-that-a-guest-has-is-saved",
                    test_all_that_a_guest_has_is_saved);
    g_test_add_func("/x86-pmu-state/rows-are-in-order", test_rows_are_in_order);
    g_test_add_func("/x86-pmu-state/no-msr-belongs-to-two-rows",
                    test_no_msr_belongs_to_two_rows);
    g_test_add_func("/x86-pmu-state/T25-branch-records-follow-the-format",
                    test_branch_records_follow_the_format);
    g_test_add_func("/x86-pmu-state/no-guest-has-more-than-a-row",
                    test_no_guest_has_more_than_a_row);
    g_test_add_func("/x86-pmu-state/all-state-fits", test_all_state_fits);
    return g_test_run();
}
