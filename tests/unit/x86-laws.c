/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "x86-laws.h"

#include <inttypes.h>

#include "../../target/i386/host-words.h"
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
    return NULL;
}

static char *sound_words(const CpuResolveInput *in, const X86Contract *x86)
{
    uint64_t offered[X86_WORD_COUNT];

    x86_host_words(in, offered);
    if (x86_vendor_is_amd(x86->vendor)) {
        offered[X86_WORD_80000001_EDX] |= x86->words[X86_WORD_1_EDX] & X86_AMD_ALIASES;
    }
    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        if (x86->words[word] & ~offered[word]) {
            return g_strdup_printf("%s: KVM does not offer 0x%" PRIx64,
                                   x86_word_rows[word].name,
                                   x86->words[word] & ~offered[word]);
        }
    }
    return NULL;
}

static char *sound_pebs(const CpuResolveInput *in, const X86Contract *x86)
{
    uint64_t has = x86->words[X86_WORD_PERF_CAPABILITIES] & X86_PEBS_GROUP_MASK;
    uint64_t offered = x86_host_pmu(in).perf_capabilities & X86_PEBS_GROUP_MASK;

    return !has || (has == offered && has & X86_PEBS_FMT_MASK)
               ? NULL
               : g_strdup_printf("PEBS: 0x%" PRIx64 ", KVM's is 0x%" PRIx64, has,
                                 offered);
}

/* The numbers of a PMU: no more than KVM's each. */
static const struct {
    const char *name;
    size_t offset;
} pmu_rows[] = {
    {"version", offsetof(X86Pmu, version)},
    {"gp-counters", offsetof(X86Pmu, gp_counters)},
    {"gp-width", offsetof(X86Pmu, gp_width)},
    {"events", offsetof(X86Pmu, events)},
    {"fixed-counters", offsetof(X86Pmu, fixed_counters)},
    {"fixed-width", offsetof(X86Pmu, fixed_width)},
};

static unsigned pmu_number(const X86Pmu *pmu, unsigned row)
{
    return *(const unsigned *)((const char *)pmu + pmu_rows[row].offset);
}

static char *sound_pmu(const CpuResolveInput *in, const CpuContract *contract)
{
    static const X86Pmu none;
    const X86Pmu *has = &contract->x86.pmu;
    const X86HostPmu host = x86_host_pmu(in);
    const X86Pmu *offered = contract->pmu_enabled ? &host.pmu : &none;
    uint32_t known = (uint32_t)(BIT64(MIN(has->events, 32)) - 1);

    if (contract->pmu_enabled && !host.is_there) {
        return g_strdup("pmu: KVM has none");
    }
    for (unsigned i = 0; i < ARRAY_LEN(pmu_rows); i++) {
        if (pmu_number(has, i) > pmu_number(offered, i)) {
            return g_strdup_printf("pmu %s: %u, KVM offers %u", pmu_rows[i].name,
                                   pmu_number(has, i), pmu_number(offered, i));
        }
    }
    if (has->fixed_bitmap & ~offered->fixed_bitmap) {
        return g_strdup("pmu fixed-bitmap: more than KVM offers");
    }
    return offered->events_missing & ~has->events_missing & known
               ? g_strdup("pmu events: some that KVM does not offer")
               : NULL;
}

char *x86_law_sound(const CpuResolveInput *in, const CpuContract *contract)
{
    char *wrong = sound_words(in, &contract->x86);

    wrong = wrong ? wrong : sound_pebs(in, &contract->x86);
    return wrong ? wrong : sound_pmu(in, contract);
}
