/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "x86-laws.h"

#include <inttypes.h>

#include "util/bits.h"

/* The value of @index that the guest reads; 0 where it has no such MSR. */
static uint64_t msr_of(const X86Contract *x86, uint32_t index)
{
    for (unsigned i = 0; i < x86->msrs->len; i++) {
        const X86Msr *msr = &g_array_index(x86->msrs, X86Msr, i);

        if (msr->index == index) {
            return msr->value;
        }
    }
    return 0;
}

/* What the guest reads where @word is. */
static uint64_t seen(const X86Contract *x86, X86Word word)
{
    const X86WordRow *row = &x86_word_rows[word];
    uint64_t value = row->msr
                         ? msr_of(x86, row->msr)
                         : x86_cpuid_reg(x86->cpuid, row->leaf, row->subleaf, row->reg);

    switch (word) {
    case X86_WORD_80000001_EDX:
        /* AMD's copies of leaf 1 alone make no leaf. */
        return x86->xlevel
                   ? value
                   : x86->words[word] & x86->words[X86_WORD_1_EDX] & X86_AMD_ALIASES;
    case X86_WORD_24_0_EBX:
        return value & ~UINT64_C(0xff); /* its version is no feature */
    case X86_WORD_14_0_ECX:
        return value & x86->words[word]; /* the leaf is KVM's whole */
    default:
        return value;
    }
}

char *x86_law_words_are_seen(const CpuContract *contract)
{
    const X86Contract *x86 = &contract->x86;

    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        if (x86->words[word] != seen(x86, word)) {
            return g_strdup_printf(
                "%s: the word is 0x%" PRIx64 ", the guest sees 0x%" PRIx64,
                x86_word_rows[word].name, x86->words[word], seen(x86, word));
        }
    }
    return x86->perf_capabilities == x86->words[X86_WORD_PERF_CAPABILITIES]
               ? NULL
               : g_strdup("perf-capabilities: not what the word says");
}
