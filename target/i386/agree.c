/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A contract says what a guest sees twice: as words, identity and PMU, which are compared
 * with hosts, and as leaves and MSRs, which KVM is given.  Here the two are one.
 */
#include <inttypes.h>

#include "resolve.h"
#include "target/x86-encode.h"
#include "util/bits.h"
#include "util/error.h"
#include "vmx.h"

/* Leaves with values of the host's that no word has, and the feature that brings them. */
static const struct {
    uint32_t function;
    X86FeatureId needs;
    bool needs_pmu;
} host_leaves[] = {
    {0x2, X86_NO_FEATURE, false}, /* caches, here and below */
    {0x4, X86_NO_FEATURE, false},
    {0xd, X86_XSAVE, false},
    {0x12, X86_SGX, false},
    {0x14, X86_INTEL_PT, false},
    {0x15, X86_NO_FEATURE, false}, /* frequencies */
    {0x16, X86_NO_FEATURE, false},
    {0x1c, X86_ARCH_LBR, true},
    {0x1d, X86_AMX_TILE, false},
    {0x1e, X86_AMX_TILE, false},
    {0x24, X86_AVX10, false},
    {0x80000005, X86_NO_FEATURE, false},
    {0x80000006, X86_NO_FEATURE, false},
    {0x8000000a, X86_SVM, false},
    {0x8000001d, X86_NO_FEATURE, false},
    {0x8000001e, X86_NO_FEATURE, false},
};

/* Numbers of the host's in registers that are decided otherwise. */
static const struct {
    uint32_t function;
    X86Reg reg;
    uint32_t mask;
} host_numbers[] = {
    {0x14, X86_ECX, 0x7fffffff}, /* ways to write a trace; above them intel-pt-lip */
    {0x24, X86_EBX, 0x000000ff}, /* AVX10's version */
    {0x80000008, X86_EAX, 0x00ff0000}, /* addresses of a guest's own guests */
};

static uint32_t decided(const X86CpuidEntry *entry, X86Reg reg)
{
    for (unsigned i = 0; i < ARRAY_LEN(host_numbers); i++) {
        if (host_numbers[i].function == entry->function && host_numbers[i].reg == reg) {
            return ~host_numbers[i].mask;
        }
    }
    return UINT32_MAX;
}

/* @reg is @given, as far as that is decided. */
static bool check_register(const X86CpuidEntry *entry, X86Reg reg, uint32_t given,
                           GError **errp)
{
    uint32_t value = *x86_entry_reg((X86CpuidEntry *)entry, reg);

    if ((value ^ given) & decided(entry, reg)) {
        error_set(errp,
                  "contract.cpuid: leaf 0x%" PRIx32 ".%" PRIu32 " %s is 0x%" PRIx32
                  ", what the contract says elsewhere makes it 0x%" PRIx32,
                  entry->function, entry->index, x86_reg_name(reg), value, given);
        return false;
    }
    return true;
}

static bool check_own(const X86CpuidEntry *entry, const X86CpuidEntry *own, GError **errp)
{
    for (X86Reg reg = X86_EAX; reg < X86_REG_COUNT; reg++) {
        if (!check_register(entry, reg, *x86_entry_reg((X86CpuidEntry *)own, reg),
                            errp)) {
            return false;
        }
    }
    return true;
}

/* The registers of a host's leaf that are words. */
static bool check_words(const X86Contract *x86, const X86CpuidEntry *entry, GError **errp)
{
    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        const X86WordRow *row = &x86_word_rows[word];

        if (!row->msr && row->leaf == entry->function && row->subleaf == entry->index &&
            !check_register(entry, row->reg, (uint32_t)x86->words[word], errp)) {
            return false;
        }
    }
    return true;
}

static bool has_leaf(const CpuContract *contract, const X86CpuidEntry *entry)
{
    const uint64_t *words = contract->x86.words;
    uint64_t components =
        words[X86_WORD_D_0_EAX] | words[X86_WORD_D_0_EDX] << 32 | words[X86_WORD_D_1_ECX];

    if (entry->function == 0xd && entry->index > 1) {
        return entry->index < 64 && components & BIT64(entry->index);
    }
    if (entry->function == 0x1f) {
        return entry->index == 0 && entry->ecx == X86_LEAF_1F_ALWAYS &&
               !(entry->eax | entry->ebx | entry->edx);
    }
    for (unsigned i = 0; i < ARRAY_LEN(host_leaves); i++) {
        X86FeatureId needs = host_leaves[i].needs;

        if (host_leaves[i].function == entry->function) {
            return (needs == X86_NO_FEATURE || x86_words_have(words, needs)) &&
                   (contract->pmu_enabled || !host_leaves[i].needs_pmu);
        }
    }
    return false;
}

static bool check_leaves(const CpuContract *contract, GError **errp)
{
    const X86Contract *x86 = &contract->x86;
    bool shows_amd = x86_cpuid_reg(x86->cpuid, 0x80000000, 0, X86_EBX);
    g_autoptr(GArray) own = g_array_new(FALSE, FALSE, sizeof(X86CpuidEntry));

    x86_contract_build_own(contract, shows_amd, own);
    for (unsigned i = 0; i < x86->cpuid->len; i++) {
        const X86CpuidEntry *entry = &g_array_index(x86->cpuid, X86CpuidEntry, i);
        const X86CpuidEntry *same = x86_cpuid_find(own, entry->function, entry->index);

        if (!same && !has_leaf(contract, entry)) {
            error_set(errp,
                      "contract.cpuid: leaf 0x%" PRIx32 ".%" PRIu32
                      " belongs to no feature the contract has",
                      entry->function, entry->index);
            return false;
        }
        if (same ? !check_own(entry, same, errp) : !check_words(x86, entry, errp)) {
            return false;
        }
    }
    return true;
}

static const X86Msr *find_msr(const GArray *msrs, uint32_t index)
{
    for (unsigned i = 0; i < msrs->len; i++) {
        if (g_array_index(msrs, X86Msr, i).index == index) {
            return &g_array_index(msrs, X86Msr, i);
        }
    }
    return NULL;
}

/* Takes MSR @index out of @from and appends it to @to, where it is there. */
static void move_msr(GArray *from, uint32_t index, GArray *to)
{
    for (unsigned i = 0; i < from->len; i++) {
        X86Msr msr = g_array_index(from, X86Msr, i);

        if (msr.index == index) {
            g_array_append_val(to, msr);
            g_array_remove_index(from, i);
            return;
        }
    }
}

void x86_contract_order_msrs(X86Contract *x86)
{
    g_autoptr(GArray) own = g_array_new(FALSE, FALSE, sizeof(X86Msr));
    GArray *ordered = g_array_new(FALSE, TRUE, sizeof(X86Msr));

    x86_contract_build_msrs(x86, own);
    for (unsigned i = 0; i < own->len; i++) {
        move_msr(x86->msrs, g_array_index(own, X86Msr, i).index, ordered);
    }
    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        if (x86_word_rows[word].flags & X86_WORD_OF_VMX) {
            move_msr(x86->msrs, x86_word_rows[word].msr, ordered);
        }
    }
    g_array_append_vals(ordered, x86->msrs->data, x86->msrs->len);
    g_array_unref(x86->msrs);
    x86->msrs = ordered;
}

/* A register of nested VMX is what its word makes it, and fields of KVM's. */
static bool is_of_vmx(const X86Contract *x86, const X86Msr *msr)
{
    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        const X86WordRow *row = &x86_word_rows[word];

        if ((row->flags & X86_WORD_OF_VMX) && row->msr == msr->index) {
            return x86_words_have(x86->words, X86_VMX) &&
                   x86_vmx_encode(word, x86->words[word], msr->value) == msr->value;
        }
    }
    return false;
}

static bool check_msrs(const X86Contract *x86, GError **errp)
{
    g_autoptr(GArray) own = g_array_new(FALSE, FALSE, sizeof(X86Msr));

    x86_contract_build_msrs(x86, own);
    for (unsigned i = 0; i < x86->msrs->len; i++) {
        const X86Msr *msr = &g_array_index(x86->msrs, X86Msr, i);
        const X86Msr *same = find_msr(own, msr->index);

        if (is_of_vmx(x86, msr)) {
            continue;
        }
        if (!same) {
            error_set(errp,
                      "contract.msrs: 0x%" PRIx32
                      " belongs to no feature the contract has",
                      msr->index);
            return false;
        }
        if (msr->value != same->value) {
            error_set(errp,
                      "contract.msrs: 0x%" PRIx32 " is 0x%" PRIx64
                      ", what the contract says elsewhere makes it 0x%" PRIx64,
                      msr->index, msr->value, same->value);
            return false;
        }
    }
    return true;
}

bool x86_contract_check_agrees(const CpuContract *contract, GError **errp)
{
    return check_leaves(contract, errp) && check_msrs(&contract->x86, errp);
}
