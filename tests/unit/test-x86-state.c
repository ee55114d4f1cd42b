/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every MSR that a KVM has to save is saved for a guest that has it, or is known not to
 * be state.
 */
#include "target/x86-state.h"

#include "resolve-case.h"
#include "target/x86-pmu-state.h"
#include "util/bits.h"

/* In a list of KVM_GET_MSR_INDEX_LIST, and no state of a guest of ours. */
static const struct {
    uint32_t first, last;
    const char *why;
} other_rows[] = {
    {0x11, 0x12, "the old numbers of kvm-clock"},
    {0x8b, 0x8b, "microcode revision: what KVM says of the host"},
    {0xc1, 0xc8, "with full-width-write the same counters are at 0x4c1"},
    {0xcd, 0xcf, "features: set with the contract"},
    {0x10a, 0x10a, "features: set with the contract"},
    {0x1db, 0x1de, "last branch and exception: no guest has such a record"},
    {0x1fc, 0x1fc, "power control: KVM keeps it for guests that probe it"},
    {0x345, 0x345, "features: set with the contract"},
    {0x390, 0x390, "written only, to clear bits of the status"},
    {0xc0000302, 0xc0000303, "written only, to clear and set bits of the status"},
    {0xc0010000, 0xc0010007, "core counters 0 to 3 by their old numbers"},
    {0x4b564d07, 0x4b564d07, "migration control, of encrypted guests"},
};

static bool is_other(uint32_t index)
{
    for (unsigned i = 0; i < ARRAY_LEN(other_rows); i++) {
        if (index >= other_rows[i].first && index <= other_rows[i].last) {
            return true;
        }
    }
    return false;
}

/* A guest of either vendor has a row for @index. */
static bool has_row(CpuContract *whole, uint32_t index)
{
    bool has = x86_state_row(whole, index) || x86_pmu_msr_row(whole, index);

    /* KVM lists AMD's for Intel guests, too. */
    g_strlcpy(whole->x86.vendor, "AuthenticAMD", sizeof(whole->x86.vendor));
    return has || x86_state_row(whole, index);
}

static CpuContract *contract_with_everything(const ResolveCase *c)
{
    CpuContract *contract = cpu_contract_dup(c->contract);

    for (unsigned i = 0; i < X86_FEATURE_COUNT; i++) {
        contract->x86.words[x86_feature_rows[i].word] |= x86_feature_rows[i].mask;
    }
    return contract;
}

static void test_every_listed_register_has_a_row_or_a_reason(void)
{
    g_auto(GStrv) profiles = resolve_profile_names("");
    unsigned recorded = 0;

    for (unsigned p = 0; profiles[p]; p++) {
        g_autoptr(ResolveCase) c = NULL;

        if (g_str_has_prefix(profiles[p], "arm-")) {
            continue;
        }
        c = resolve(profiles[p], "q35", "host,pmu=on,pebs-fmt=host,lbr-fmt=host");
        recorded += c->host->origin == HOST_RECORDED;
        for (unsigned i = 0; i < c->host->x86.msr_indices->len; i++) {
            uint32_t index = g_array_index(c->host->x86.msr_indices, uint32_t, i);

            g_autoptr(CpuContract) whole = contract_with_everything(c);

            g_test_message("%s: MSR 0x%x", profiles[p], index);
            g_assert_true(has_row(whole, index) || is_other(index));
        }
    }
    g_assert_cmpuint(recorded, >=, 2);
}

/* What KVM has for features that no recorded host has, by their manuals. */
static void test_features_with_registers_have_rows(void)
{
    static const struct {
        X86FeatureId feature;
        uint32_t first;
        unsigned count;
    } cases[] = {
        {X86_MPX, 0xd90, 1},      {X86_CET_IBT, 0x6a0, 1},  {X86_CET_IBT, 0x6a2, 1},
        {X86_INTEL_PT, 0x560, 2}, {X86_INTEL_PT, 0x570, 3},
    };
    g_autoptr(ResolveCase) c = resolve("intel-sapphirerapids", "q35", "qemu64");

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        const X86FeatureRow *row = &x86_feature_rows[cases[i].feature];
        g_autoptr(CpuContract) with = cpu_contract_dup(c->contract);

        with->x86.words[row->word] |= row->mask;
        for (uint32_t k = 0; k < cases[i].count; k++) {
            g_assert_null(x86_state_row(c->contract, cases[i].first + k));
            g_assert_nonnull(x86_state_row(with, cases[i].first + k));
            g_assert_false(x86_state_row(with, cases[i].first + k)->is_optional);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/x86-state/every-listed-register-has-a-row-or-a-reason",
                    test_every_listed_register_has_a_row_or_a_reason);
    g_test_add_func("/x86-state/features-with-registers-have-rows",
                    test_features_with_registers_have_rows);
    return g_test_run();
}
