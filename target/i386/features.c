/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/x86-features.h"

#include <string.h>

#include "vmx.h"

#define WORD_ROW(id, name, leaf, subleaf, reg, msr, parent, flags)                       \
    [X86_WORD_##id] = {name, leaf, subleaf, X86_##reg, msr, X86_##parent, flags},

const X86WordRow x86_word_rows[X86_WORD_COUNT] = {X86_WORD_LIST(WORD_ROW)};

#define FEATURE_ROW(id, name, word, mask, flags, doc)                                    \
    [X86_##id] = {name, X86_WORD_##word, mask, flags, doc},

const X86FeatureRow x86_feature_rows[X86_FEATURE_COUNT] = {X86_FEATURE_LIST(FEATURE_ROW)};

#define FIELD_ROW(id, name, word, mask, flags, values, doc)                              \
    [X86_##id] = {name, X86_WORD_##word, mask, flags, values, doc},

const X86FieldRow x86_field_rows[X86_FIELD_COUNT] = {X86_FIELD_LIST(FIELD_ROW)};

/* Sorted by name.  Underscores need no row: they match dashes. */
const X86AliasRow x86_alias_rows[] = {
    {"ffxsr", X86_FXSR_OPT, false}, {"i64", X86_LM, false},
    {"ibt", X86_CET_IBT, true},     {"pclmuldq", X86_PCLMULQDQ, false},
    {"shstk", X86_CET_SS, true},    {"sse3", X86_PNI, false},
    {"sse4-1", X86_SSE4_1, false},  {"sse4-2", X86_SSE4_2, false},
    {"xd", X86_NX, false},
};
const unsigned x86_alias_count = ARRAY_LEN(x86_alias_rows);

#define NEEDS(dependent, needed)                                                         \
    {                                                                                    \
        X86_##dependent, X86_##needed, 0                                                 \
    }
#define PART_NEEDS(dependent, part, needed)                                              \
    {                                                                                    \
        X86_##dependent, X86_##needed, part                                              \
    }

/*
 * A word that a feature announces goes with it: that is its row's parent.
 * Sources: SDM volume 2A and volume 1 chapter 13 (XSAVE), chapter 14 (AVX), volume 3C
 * appendix A (VMX); AMD APM volume 3.
 */
/* clang-format off */
const X86DependencyRow x86_dependency_rows[] = {
    /* The debug store area's layout. */
    NEEDS(DTES64, DS),
    /* Their state is saved by xsave. */
    NEEDS(FMA, XSAVE), NEEDS(AVX, XSAVE), NEEDS(F16C, XSAVE), NEEDS(MPX, XSAVE), NEEDS(PKU, XSAVE),
    NEEDS(APXF, XSAVE),
    /* It uses the compacted format of xsavec. */
    NEEDS(XSAVES, XSAVEC),
    /* They use AVX registers. */
    NEEDS(FMA, AVX), NEEDS(F16C, AVX), NEEDS(AVX2, AVX),
    NEEDS(VAES, AVX), NEEDS(VPCLMULQDQ, AVX), NEEDS(SHA512, AVX), NEEDS(SM3, AVX),
    NEEDS(SM4, AVX), NEEDS(AVX_VNNI, AVX), NEEDS(AVX_IFMA, AVX), NEEDS(AVX_VNNI_INT8, AVX),
    NEEDS(AVX_NE_CONVERT, AVX), NEEDS(AVX_VNNI_INT16, AVX),
    /* They extend what they need. */
    NEEDS(AVX512F, AVX2),
    NEEDS(AVX512DQ, AVX512F), NEEDS(AVX512IFMA, AVX512F), NEEDS(AVX512PF, AVX512F),
    NEEDS(AVX512ER, AVX512F), NEEDS(AVX512CD, AVX512F), NEEDS(AVX512BW, AVX512F),
    NEEDS(AVX512VL, AVX512F), NEEDS(AVX512VBMI, AVX512F), NEEDS(AVX512VBMI2, AVX512F),
    NEEDS(AVX512VNNI, AVX512F), NEEDS(AVX512BITALG, AVX512F), NEEDS(AVX512_VPOPCNTDQ, AVX512F),
    NEEDS(AVX512_4VNNIW, AVX512F), NEEDS(AVX512_4FMAPS, AVX512F),
    NEEDS(AVX512_VP2INTERSECT, AVX512F), NEEDS(AVX512_FP16, AVX512F),
    NEEDS(AVX512_BF16, AVX512F),
    /* They work on tiles. */
    NEEDS(AMX_BF16, AMX_TILE), NEEDS(AMX_INT8, AMX_TILE), NEEDS(AMX_FP16, AMX_TILE),
    NEEDS(AMX_COMPLEX, AMX_TILE),
    /* Each is a form of the other, or controls it. */
    NEEDS(FRED, LKGS), NEEDS(MSR_IMM, WRMSRNS), NEEDS(SGXLC, SGX), NEEDS(PERFMON_V2, PERFCTR_CORE),
    /* Controls of nested VMX over what the guest has. */
    NEEDS(VMX_ENTRY_IA32E_MODE, LM), NEEDS(VMX_EXIT_CLEAR_BNDCFGS, MPX),
    NEEDS(VMX_ENTRY_LOAD_BNDCFGS, MPX), NEEDS(VMX_EXIT_CLEAR_RTIT_CTL, INTEL_PT),
    NEEDS(VMX_ENTRY_LOAD_RTIT_CTL, INTEL_PT), NEEDS(VMX_EXIT_LOAD_PKRS, PKS),
    NEEDS(VMX_ENTRY_LOAD_PKRS, PKS), NEEDS(VMX_ENTRY_LOAD_FRED, FRED),
    NEEDS(VMX_RDTSCP_EXIT, RDTSCP), NEEDS(VMX_RDRAND_EXIT, RDRAND),
    NEEDS(VMX_INVPCID_EXIT, INVPCID), NEEDS(VMX_ENCLS_EXIT, SGX),
    NEEDS(VMX_RDSEED_EXIT, RDSEED), NEEDS(VMX_XSAVES, XSAVES),
    NEEDS(VMX_ENABLE_USER_WAIT_PAUSE, WAITPKG),
    /* Of its extended page tables. */
    NEEDS(VMX_UNRESTRICTED_GUEST, VMX_EPT), NEEDS(VMX_MBEC, VMX_EPT),
    NEEDS(VMX_EPT_EXECONLY, VMX_EPT), NEEDS(VMX_PAGE_WALK_4, VMX_EPT),
    NEEDS(VMX_PAGE_WALK_5, VMX_EPT), NEEDS(VMX_EPT_2MB, VMX_EPT), NEEDS(VMX_EPT_1GB, VMX_EPT),
    NEEDS(VMX_INVEPT, VMX_EPT), NEEDS(VMX_EPTAD, VMX_EPT),
    NEEDS(VMX_EPT_ADVANCED_EXITINFO, VMX_EPT),
    PART_NEEDS(VMX_INVEPT_SINGLE_CONTEXT, BIT64(25), VMX_EPT),
    NEEDS(VMX_INVEPT_ALL_CONTEXT, VMX_EPT),
    /* Of its tagged translations. */
    PART_NEEDS(VMX_INVEPT_SINGLE_CONTEXT, BIT64(41), VMX_VPID), NEEDS(VMX_INVVPID, VMX_VPID),
    NEEDS(VMX_INVVPID_SINGLE_ADDR, VMX_VPID), NEEDS(VMX_INVVPID_ALL_CONTEXT, VMX_VPID),
    NEEDS(VMX_INVEPT_SINGLE_CONTEXT_NOGLOBALS, VMX_VPID),
};
/* clang-format on */
const unsigned x86_dependency_count = ARRAY_LEN(x86_dependency_rows);

/* Names match where they differ only by '_' for '-'. */
static bool name_matches(const char *row, const char *name)
{
    while (*row && (*row == *name || (*row == '-' && *name == '_'))) {
        row++;
        name++;
    }
    return *row == *name;
}

X86FeatureId x86_feature_find(const char *name)
{
    for (unsigned i = 0; i < X86_FEATURE_COUNT; i++) {
        if (name_matches(x86_feature_rows[i].name, name)) {
            return i;
        }
    }
    for (unsigned i = 0; i < x86_alias_count; i++) {
        if (name_matches(x86_alias_rows[i].name, name)) {
            return x86_alias_rows[i].feature;
        }
    }
    return X86_NO_FEATURE;
}

uint64_t x86_dependency_mask(const X86DependencyRow *row)
{
    return row->part ? row->part : x86_feature_rows[row->dependent].mask;
}

const char *x86_feature_first_name(X86FeatureId feature)
{
    const X86FeatureRow *row = &x86_feature_rows[feature];

    if (row->flags & X86_LATER) {
        return NULL;
    }
    for (unsigned i = 0; i < x86_alias_count; i++) {
        if (x86_alias_rows[i].is_first && x86_alias_rows[i].feature == feature) {
            return x86_alias_rows[i].name;
        }
    }
    return row->name;
}

const char *x86_word_bit_name(X86Word word, unsigned bit)
{
    for (unsigned i = 0; i < X86_FEATURE_COUNT; i++) {
        const X86FeatureRow *row = &x86_feature_rows[i];

        if (row->word == word && row->mask & BIT64(bit)) {
            return row->name;
        }
    }
    return NULL;
}

uint64_t x86_word_named(X86Word word)
{
    uint64_t mask = 0;

    for (unsigned i = 0; i < X86_FEATURE_COUNT; i++) {
        if (x86_feature_rows[i].word == word) {
            mask |= x86_feature_rows[i].mask;
        }
    }
    return mask;
}

uint64_t x86_word_unnamed(const uint64_t *words, X86Word word)
{
    uint64_t rest = words[word];

    if (word == X86_WORD_80000001_EDX) {
        rest &= ~(words[X86_WORD_1_EDX] & X86_AMD_ALIASES);
    }
    for (unsigned i = 0; rest && i < X86_FIELD_COUNT; i++) {
        rest &= x86_field_rows[i].word == word ? ~x86_field_rows[i].mask : ~UINT64_C(0);
    }
    /* Walking the rows is what costs: nearly always nothing is left before the last. */
    for (unsigned i = 0; rest && i < X86_FEATURE_COUNT; i++) {
        rest &=
            x86_feature_rows[i].word == word ? ~x86_feature_rows[i].mask : ~UINT64_C(0);
    }
    return rest;
}

uint64_t x86_word_flagged(X86Word word, unsigned flags)
{
    uint64_t mask = 0;

    for (unsigned i = 0; i < X86_FEATURE_COUNT; i++) {
        if (x86_feature_rows[i].word == word && x86_feature_rows[i].flags & flags) {
            mask |= x86_feature_rows[i].mask;
        }
    }
    return mask;
}

static uint64_t msr_value(const GArray *msrs, uint32_t index)
{
    for (unsigned i = 0; i < msrs->len; i++) {
        const X86Msr *msr = &g_array_index(msrs, X86Msr, i);

        if (msr->index == index) {
            return msr->value;
        }
    }
    return 0;
}

void x86_words_read_later(const GArray *cpuid, const GArray *msrs,
                          uint64_t words[X86_WORD_COUNT])
{
    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        const X86WordRow *row = &x86_word_rows[word];

        if (row->flags & X86_WORD_LATER) {
            words[word] = row->flags & X86_WORD_OF_VMX
                              ? x86_vmx_decode(word, msr_value(msrs, row->msr))
                              : x86_cpuid_reg(cpuid, row->leaf, row->subleaf, row->reg);
        }
    }
}

bool x86_words_have(const uint64_t words[X86_WORD_COUNT], X86FeatureId feature)
{
    const X86FeatureRow *row = &x86_feature_rows[feature];

    return (words[row->word] & row->mask) == row->mask;
}

uint64_t x86_field_get(const uint64_t words[X86_WORD_COUNT], X86FieldId field)
{
    const X86FieldRow *row = &x86_field_rows[field];

    return (words[row->word] & row->mask) >> __builtin_ctzll(row->mask);
}

uint64_t x86_field_bits(X86FieldId field, uint64_t number)
{
    const X86FieldRow *row = &x86_field_rows[field];

    return number << __builtin_ctzll(row->mask) & row->mask;
}
