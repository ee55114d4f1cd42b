/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/x86-features.h"

#include <string.h>

#include "vmx.h"

#define CPUID_WORD(name, leaf, sub, reg, parent)                                         \
    {                                                                                    \
        name, leaf, sub, reg, 0, parent, false, false, false                             \
    }
#define LATER_WORD(name, leaf, sub, reg, parent)                                         \
    {                                                                                    \
        name, leaf, sub, reg, 0, parent, false, true, false                              \
    }
#define CALC_WORD(name, leaf, sub, reg, parent)                                          \
    {                                                                                    \
        name, leaf, sub, reg, 0, parent, true, false, false                              \
    }
#define MSR_WORD(name, msr, parent)                                                      \
    {                                                                                    \
        name, 0, 0, X86_EAX, msr, parent, false, false, false                            \
    }
#define VMX_WORD(name, msr)                                                              \
    {                                                                                    \
        name, 0, 0, X86_EAX, msr, X86_VMX, false, true, true                             \
    }

/* clang-format off */
const X86WordRow x86_word_rows[X86_WORD_COUNT] = {
    [X86_WORD_1_EDX] = CPUID_WORD("CPUID 1 EDX", 1, 0, X86_EDX, X86_NO_FEATURE),
    [X86_WORD_1_ECX] = CPUID_WORD("CPUID 1 ECX", 1, 0, X86_ECX, X86_NO_FEATURE),
    [X86_WORD_6_EAX] = CPUID_WORD("CPUID 6 EAX", 6, 0, X86_EAX, X86_NO_FEATURE),
    [X86_WORD_7_0_EBX] = CPUID_WORD("CPUID 7.0 EBX", 7, 0, X86_EBX, X86_NO_FEATURE),
    [X86_WORD_7_0_ECX] = CPUID_WORD("CPUID 7.0 ECX", 7, 0, X86_ECX, X86_NO_FEATURE),
    [X86_WORD_7_0_EDX] = CPUID_WORD("CPUID 7.0 EDX", 7, 0, X86_EDX, X86_NO_FEATURE),
    [X86_WORD_7_1_EAX] = CPUID_WORD("CPUID 7.1 EAX", 7, 1, X86_EAX, X86_NO_FEATURE),
    [X86_WORD_7_1_ECX] = CPUID_WORD("CPUID 7.1 ECX", 7, 1, X86_ECX, X86_NO_FEATURE),
    [X86_WORD_7_1_EDX] = CPUID_WORD("CPUID 7.1 EDX", 7, 1, X86_EDX, X86_NO_FEATURE),
    [X86_WORD_7_2_EDX] = CPUID_WORD("CPUID 7.2 EDX", 7, 2, X86_EDX, X86_NO_FEATURE),
    [X86_WORD_D_0_EAX] = CALC_WORD("CPUID 0xd.0 EAX", 0xd, 0, X86_EAX, X86_XSAVE),
    [X86_WORD_D_0_EDX] = CALC_WORD("CPUID 0xd.0 EDX", 0xd, 0, X86_EDX, X86_XSAVE),
    [X86_WORD_D_1_EAX] = CPUID_WORD("CPUID 0xd.1 EAX", 0xd, 1, X86_EAX, X86_XSAVE),
    [X86_WORD_D_1_ECX] = CALC_WORD("CPUID 0xd.1 ECX", 0xd, 1, X86_ECX, X86_XSAVES),
    [X86_WORD_12_0_EAX] = LATER_WORD("CPUID 0x12.0 EAX", 0x12, 0, X86_EAX, X86_SGX),
    [X86_WORD_12_0_EBX] = LATER_WORD("CPUID 0x12.0 EBX", 0x12, 0, X86_EBX, X86_SGX),
    [X86_WORD_12_1_EAX] = LATER_WORD("CPUID 0x12.1 EAX", 0x12, 1, X86_EAX, X86_SGX),
    [X86_WORD_14_0_ECX] = CPUID_WORD("CPUID 0x14.0 ECX", 0x14, 0, X86_ECX, X86_INTEL_PT),
    [X86_WORD_1E_1_EAX] = LATER_WORD("CPUID 0x1e.1 EAX", 0x1e, 1, X86_EAX, X86_AMX_TILE),
    [X86_WORD_24_0_EBX] = CPUID_WORD("CPUID 0x24.0 EBX", 0x24, 0, X86_EBX, X86_AVX10),
    [X86_WORD_24_1_ECX] = LATER_WORD("CPUID 0x24.1 ECX", 0x24, 1, X86_ECX, X86_AVX10),
    [X86_WORD_29_0_EBX] = LATER_WORD("CPUID 0x29.0 EBX", 0x29, 0, X86_EBX, X86_APXF),
    [X86_WORD_80000001_EDX] =
        CPUID_WORD("CPUID 0x80000001 EDX", 0x80000001, 0, X86_EDX, X86_NO_FEATURE),
    [X86_WORD_80000001_ECX] =
        CPUID_WORD("CPUID 0x80000001 ECX", 0x80000001, 0, X86_ECX, X86_NO_FEATURE),
    [X86_WORD_80000007_EBX] =
        CPUID_WORD("CPUID 0x80000007 EBX", 0x80000007, 0, X86_EBX, X86_NO_FEATURE),
    [X86_WORD_80000007_EDX] =
        CPUID_WORD("CPUID 0x80000007 EDX", 0x80000007, 0, X86_EDX, X86_NO_FEATURE),
    [X86_WORD_80000008_EBX] =
        CPUID_WORD("CPUID 0x80000008 EBX", 0x80000008, 0, X86_EBX, X86_NO_FEATURE),
    [X86_WORD_8000000A_EDX] =
        CPUID_WORD("CPUID 0x8000000a EDX", 0x8000000a, 0, X86_EDX, X86_SVM),
    [X86_WORD_80000021_EAX] =
        CPUID_WORD("CPUID 0x80000021 EAX", 0x80000021, 0, X86_EAX, X86_NO_FEATURE),
    [X86_WORD_80000021_ECX] =
        CPUID_WORD("CPUID 0x80000021 ECX", 0x80000021, 0, X86_ECX, X86_NO_FEATURE),
    [X86_WORD_80000022_EAX] =
        CPUID_WORD("CPUID 0x80000022 EAX", 0x80000022, 0, X86_EAX, X86_NO_FEATURE),
    [X86_WORD_C0000001_EDX] =
        LATER_WORD("CPUID 0xc0000001 EDX", 0xc0000001, 0, X86_EDX, X86_NO_FEATURE),
    [X86_WORD_KVM_EAX] =
        CPUID_WORD("CPUID 0x40000001 EAX", 0x40000001, 0, X86_EAX, X86_NO_FEATURE),
    [X86_WORD_KVM_EDX] =
        CPUID_WORD("CPUID 0x40000001 EDX", 0x40000001, 0, X86_EDX, X86_NO_FEATURE),
    [X86_WORD_ARCH_CAPABILITIES] =
        MSR_WORD("MSR 0x10a", X86_MSR_ARCH_CAPABILITIES, X86_ARCH_CAPABILITIES),
    [X86_WORD_CORE_CAPABILITY] =
        MSR_WORD("MSR 0xcf", X86_MSR_CORE_CAPABILITY, X86_CORE_CAPABILITY),
    [X86_WORD_PERF_CAPABILITIES] =
        MSR_WORD("MSR 0x345", X86_MSR_PERF_CAPABILITIES, X86_PDCM),
    [X86_WORD_VMX_PIN] = VMX_WORD("MSR 0x48d", 0x48d),
    [X86_WORD_VMX_PROC] = VMX_WORD("MSR 0x48e", 0x48e),
    [X86_WORD_VMX_PROC2] = VMX_WORD("MSR 0x48b", 0x48b),
    [X86_WORD_VMX_EXIT] = VMX_WORD("MSR 0x48f", 0x48f),
    [X86_WORD_VMX_ENTRY] = VMX_WORD("MSR 0x490", 0x490),
    [X86_WORD_VMX_MISC] = VMX_WORD("MSR 0x485", 0x485),
    [X86_WORD_VMX_EPT_VPID] = VMX_WORD("MSR 0x48c", 0x48c),
    [X86_WORD_VMX_VMFUNC] = VMX_WORD("MSR 0x491", 0x491),
    [X86_WORD_VMX_BASIC] = VMX_WORD("MSR 0x480", 0x480),
};
/* clang-format on */

#define FEATURE_ROW(id, name, word, mask, flags, doc)                                    \
    [X86_##id] = {name, X86_WORD_##word, mask, flags, doc},

const X86FeatureRow x86_feature_rows[X86_FEATURE_COUNT] = {X86_FEATURE_LIST(FEATURE_ROW)};

/* Sorted by name.  Underscores need no row: they match dashes. */
const X86AliasRow x86_alias_rows[] = {
    {"ffxsr",    X86_FXSR_OPT,  false},
    {"i64",      X86_LM,        false},
    {"ibt",      X86_CET_IBT,   true },
    {"pclmuldq", X86_PCLMULQDQ, false},
    {"shstk",    X86_CET_SS,    true },
    {"sse3",     X86_PNI,       false},
    {"sse4-1",   X86_SSE4_1,    false},
    {"sse4-2",   X86_SSE4_2,    false},
    {"xd",       X86_NX,        false},
};
const unsigned x86_alias_count = ARRAY_LEN(x86_alias_rows);

#define NEEDS(needed, word, dependents, why)                                             \
    {                                                                                    \
        X86_##needed, X86_WORD_##word, dependents, why                                   \
    }

/*
 * Sources: SDM volume 2A and volume 1 chapter 13 (XSAVE), chapter 14 (AVX), volume 4
 * (MSRs that a CPUID bit announces); AMD APM volume 3.
 */
/* clang-format off */
const X86DependencyRow x86_dependency_rows[] = {
    NEEDS(DS, 1_ECX, BIT64(2), "dtes64 describes the debug store area"),
    NEEDS(PDCM, PERF_CAPABILITIES, ~UINT64_C(0), "pdcm announces MSR 0x345"),
    NEEDS(ARCH_CAPABILITIES, ARCH_CAPABILITIES, ~UINT64_C(0),
          "arch-capabilities announces MSR 0x10a"),
    NEEDS(CORE_CAPABILITY, CORE_CAPABILITY, ~UINT64_C(0),
          "core-capability announces MSR 0xcf"),
    NEEDS(INTEL_PT, 14_0_ECX, ~UINT64_C(0), "intel-pt announces leaf 0x14"),
    NEEDS(XSAVE, D_1_EAX, ~UINT64_C(0), "xsave is the base of its extensions"),
    NEEDS(XSAVE, 1_ECX, BIT64(12) | BIT64(28) | BIT64(29), "AVX state is saved by xsave"),
    NEEDS(XSAVE, 7_0_EBX, BIT64(14), "MPX state is saved by xsave"),
    NEEDS(XSAVE, 7_0_ECX, BIT64(3), "protection keys are saved by xsave"),
    NEEDS(XSAVEC, D_1_EAX, BIT64(3), "xsaves uses the compacted format of xsavec"),
    NEEDS(AVX, 1_ECX, BIT64(12) | BIT64(29), "fma and f16c use AVX registers"),
    NEEDS(AVX, 7_0_EBX, BIT64(5), "avx2 extends avx"),
    NEEDS(AVX, 7_0_ECX, BIT64(9) | BIT64(10), "they use AVX registers"),
    NEEDS(AVX, 7_1_EAX, BIT64(0) | BIT64(1) | BIT64(2) | BIT64(4) | BIT64(23),
          "they use AVX registers"),
    NEEDS(AVX, 7_1_EDX, BIT64(4) | BIT64(5) | BIT64(10), "they use AVX registers"),
    NEEDS(AVX2, 7_0_EBX, BIT64(16), "avx512f extends avx2"),
    NEEDS(AVX512F, 7_0_EBX,
          BIT64(17) | BIT64(21) | BIT64(26) | BIT64(27) | BIT64(28) | BIT64(30) | BIT64(31),
          "they extend avx512f"),
    NEEDS(AVX512F, 7_0_ECX, BIT64(1) | BIT64(6) | BIT64(11) | BIT64(12) | BIT64(14),
          "they extend avx512f"),
    NEEDS(AVX512F, 7_0_EDX, BIT64(2) | BIT64(3) | BIT64(8) | BIT64(23),
          "they extend avx512f"),
    NEEDS(AVX512F, 7_1_EAX, BIT64(5), "avx512-bf16 extends avx512f"),
    NEEDS(AVX10, 24_0_EBX, ~UINT64_C(0), "avx10 announces leaf 0x24"),
    NEEDS(AVX10, 24_1_ECX, ~UINT64_C(0), "avx10 announces leaf 0x24"),
    NEEDS(AMX_TILE, 1E_1_EAX, ~UINT64_C(0), "they work on tiles"),
    NEEDS(XSAVE, 7_1_EDX, BIT64(21), "APX state is saved by xsave"),
    NEEDS(APXF, 29_0_EBX, ~UINT64_C(0), "apxf announces leaf 0x29"),
    NEEDS(SGX, 12_0_EAX, ~UINT64_C(0), "sgx announces leaf 0x12"),
    NEEDS(SGX, 12_0_EBX, ~UINT64_C(0), "sgx announces leaf 0x12"),
    NEEDS(SGX, 12_1_EAX, ~UINT64_C(0), "sgx announces leaf 0x12"),
    NEEDS(AMX_TILE, 7_0_EDX, BIT64(22) | BIT64(25), "they work on tiles"),
    NEEDS(AMX_TILE, 7_1_EAX, BIT64(21), "amx-fp16 works on tiles"),
    NEEDS(AMX_TILE, 7_1_EDX, BIT64(8), "amx-complex works on tiles"),
    NEEDS(LKGS, 7_1_EAX, BIT64(17), "fred needs LKGS"),
    NEEDS(WRMSRNS, 7_1_ECX, BIT64(5), "msr-imm is a form of WRMSRNS"),
    NEEDS(SGX, 7_0_ECX, BIT64(30), "sgxlc is about SGX"),
    NEEDS(SVM, 8000000A_EDX, ~UINT64_C(0), "svm announces leaf 0x8000000a"),
    NEEDS(PERFCTR_CORE, 80000022_EAX, ~UINT64_C(0),
          "perfmon-v2 controls the core performance counters"),
    NEEDS(VMX, VMX_PIN, ~UINT64_C(0), "vmx announces the capability MSRs"),
    NEEDS(VMX, VMX_PROC, ~UINT64_C(0), "vmx announces the capability MSRs"),
    NEEDS(VMX, VMX_EXIT, ~UINT64_C(0), "vmx announces the capability MSRs"),
    NEEDS(VMX, VMX_ENTRY, ~UINT64_C(0), "vmx announces the capability MSRs"),
    NEEDS(VMX, VMX_MISC, ~UINT64_C(0), "vmx announces the capability MSRs"),
    NEEDS(VMX, VMX_BASIC, ~UINT64_C(0), "vmx announces the capability MSRs"),
    NEEDS(LM, VMX_ENTRY, BIT64(9), "lm is the mode that is entered"),
    NEEDS(MPX, VMX_EXIT, BIT64(23), "mpx has the register that is cleared"),
    NEEDS(MPX, VMX_ENTRY, BIT64(16), "mpx has the register that is loaded"),
    NEEDS(INTEL_PT, VMX_EXIT, BIT64(25), "intel-pt has the register that is cleared"),
    NEEDS(INTEL_PT, VMX_ENTRY, BIT64(18), "intel-pt has the register that is loaded"),
    NEEDS(PKS, VMX_EXIT, BIT64(29), "pks has the register that is loaded"),
    NEEDS(PKS, VMX_ENTRY, BIT64(22), "pks has the register that is loaded"),
    NEEDS(FRED, VMX_ENTRY, BIT64(23), "fred has the state that is loaded"),
    NEEDS(VMX_SECONDARY_CTLS, VMX_PROC2, ~UINT64_C(0),
          "vmx-secondary-ctls announces the secondary controls"),
    NEEDS(RDTSCP, VMX_PROC2, BIT64(3), "rdtscp is what is controlled"),
    NEEDS(RDRAND, VMX_PROC2, BIT64(11), "rdrand is what is controlled"),
    NEEDS(INVPCID, VMX_PROC2, BIT64(12), "invpcid is what is controlled"),
    NEEDS(SGX, VMX_PROC2, BIT64(15), "sgx is what is controlled"),
    NEEDS(RDSEED, VMX_PROC2, BIT64(16), "rdseed is what is controlled"),
    NEEDS(XSAVES, VMX_PROC2, BIT64(20), "xsaves is what is controlled"),
    NEEDS(WAITPKG, VMX_PROC2, BIT64(26), "waitpkg is what is controlled"),
    NEEDS(VMX_EPT, VMX_PROC2, BIT64(7) | BIT64(22),
          "vmx-ept is what they change"),
    NEEDS(VMX_EPT, VMX_EPT_VPID, UINT64_C(0x67300c1), "they are about vmx-ept"),
    NEEDS(VMX_VPID, VMX_EPT_VPID, UINT64_C(0xf0100000000), "they are about vmx-vpid"),
    NEEDS(VMX_VMFUNC, VMX_VMFUNC, ~UINT64_C(0), "vmx-vmfunc announces MSR 0x491"),
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
    uint64_t spoken =
        word == X86_WORD_PERF_CAPABILITIES ? X86_LBR_FMT_MASK | X86_PEBS_FMT_MASK
        : word == X86_WORD_80000001_EDX    ? words[X86_WORD_1_EDX] & X86_AMD_ALIASES
                                           : 0;
    uint64_t rest = words[word] & ~spoken;

    /* Walking the rows is what costs. */
    return rest ? rest & ~x86_word_named(word) : 0;
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

        if (row->is_later) {
            words[word] = row->is_vmx
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
