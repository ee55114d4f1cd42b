/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86 feature words: where each lives, which bits have names, what needs what.
 *
 * A word is one CPUID register or one feature MSR.  Every reader of these rows - options,
 * -cpu help, property queries, resolver, encoder, contract check, manual - walks them.
 */
#ifndef TARGET_X86_FEATURES_H
#define TARGET_X86_FEATURES_H

#include <stdbool.h>
#include <stdint.h>

#include "target/x86-cpuid.h"
#include "target/x86-features.list.h"
#include "util/bits.h"

#define X86_WORD_ENUM(id, name, leaf, subleaf, reg, msr, parent, flags) X86_WORD_##id,
typedef enum X86Word {
    X86_WORD_LIST(X86_WORD_ENUM) X86_WORD_COUNT
} X86Word;

/* Derived from other words: nobody sets it bit by bit. */
#define X86_WORD_COMPUTED 1u
/* Contracts say it by its leaf or register alone: the first ones had no such word, and
 * their digests stay. */
#define X86_WORD_LATER 2u
/* A register of nested VMX: fields beside the bits, see vmx.h. */
#define X86_WORD_OF_VMX 4u

typedef struct X86WordRow {
    const char *name; /* for people: "CPUID 7.0 EBX" */
    uint32_t leaf;    /* CPUID words */
    uint32_t subleaf;
    X86Reg reg;
    uint32_t msr;    /* MSR words; 0 for CPUID words */
    uint32_t parent; /* X86FeatureId without which the word is empty, or X86_NO_FEATURE */
    unsigned flags;  /* X86_WORD_LATER, … */
} X86WordRow;

/* What it promises is a matter of the machine, or it has registers that are not saved:
 * host and max leave it off with migratable=on, and a guest that has it stays. */
#define X86_UNMIGRATABLE  1u
#define X86_NO_AUTOENABLE 2u  /* host and max never switch it on by themselves */
#define X86_OF_PMU        4u  /* KVM decides by it which PMU MSRs a guest has */
#define X86_LATER         8u  /* named after contracts were: no digest has the name */
#define X86_OF_PEBS       16u /* of the group that KVM compares whole with PEBS_FMT */
#define X86_SHOW_INTEL    32u /* in the table of the PMU of Intel's hosts */
#define X86_SHOW_AMD      64u /* … of AMD's */

#define X86_FEATURE_ENUM(id, name, word, mask, flags, doc) X86_##id,
typedef enum X86FeatureId {
    X86_FEATURE_LIST(X86_FEATURE_ENUM) X86_FEATURE_COUNT,
    X86_NO_FEATURE = X86_FEATURE_COUNT,
} X86FeatureId;

typedef struct X86FeatureRow {
    const char *name;
    X86Word word;
    uint64_t mask; /* usually one bit */
    unsigned flags;
    const char *doc;
} X86FeatureRow;

#define X86_FIELD_ENUM(id, name, word, mask, flags, values, doc) X86_##id,
typedef enum X86FieldId {
    X86_FIELD_LIST(X86_FIELD_ENUM) X86_FIELD_COUNT,
} X86FieldId;

/* A field of a word that is a number. */
typedef struct X86FieldRow {
    const char *name;
    X86Word word;
    uint64_t mask; /* its width is that of this */
    unsigned flags;
    const char *values; /* what -cpu takes */
    const char *doc;
} X86FieldRow;

/* A second spelling of a feature. */
typedef struct X86AliasRow {
    const char *name;
    X86FeatureId feature;
    bool is_first; /* contracts were made with this one, and their digests stay */
} X86AliasRow;

/* Without @needed, @dependent goes. */
typedef struct X86DependencyRow {
    X86FeatureId dependent, needed;
    uint64_t part; /* the bits of @dependent that go; 0: all */
} X86DependencyRow;

extern const X86WordRow x86_word_rows[X86_WORD_COUNT];
extern const X86FeatureRow x86_feature_rows[X86_FEATURE_COUNT];
extern const X86FieldRow x86_field_rows[X86_FIELD_COUNT];
extern const X86AliasRow x86_alias_rows[];
extern const unsigned x86_alias_count;
extern const X86DependencyRow x86_dependency_rows[];
extern const unsigned x86_dependency_count;

/* Fields of PERF_CAPABILITIES that are numbers.  Source: SDM volume 4, MSR 0x345. */
#define X86_LBR_FMT_MASK   UINT64_C(0x3f)
#define X86_PEBS_FMT_SHIFT 8
#define X86_PEBS_FMT_MASK  (UINT64_C(0xf) << X86_PEBS_FMT_SHIFT)

/* The features of the PEBS group, all in PERF_CAPABILITIES: the rows with X86_OF_PEBS. */
#define X86_ADD_PEBS(id, name, word, mask, flags, doc)                                   \
    | ((flags)&X86_OF_PEBS ? (int)(mask) : 0)
enum {
    X86_PEBS_FEATURES = 0 X86_FEATURE_LIST(X86_ADD_PEBS)
};
#define X86_PEBS_GROUP_MASK (X86_PEBS_FMT_MASK | (uint64_t)X86_PEBS_FEATURES)
/* Bit 16: PEBS records into the trace stream; never offered by KVM. */
#define X86_PEBS_PT_BIT BIT64(16)

#define X86_MSR_TSC               0x10u
#define X86_MSR_CORE_CAPABILITY   0xcfu
#define X86_MSR_ARCH_CAPABILITIES 0x10au
#define X86_MSR_MISC_ENABLE       0x1a0u
#define X86_MSR_PERF_CAPABILITIES 0x345u

/* Bits of IA32_MISC_ENABLE. */
#define X86_MISC_FAST_STRINGS     BIT64(0)
#define X86_MISC_BTS_UNAVAILABLE  BIT64(11)
#define X86_MISC_PEBS_UNAVAILABLE BIT64(12)
#define X86_MISC_MWAIT            BIT64(18)

/* x86_feature_find - by name or alias, '_' matching '-'; X86_NO_FEATURE if unknown. */
X86FeatureId x86_feature_find(const char *name);

/* x86_feature_first_name - as the digests of contracts spell it; NULL: they do not. */
const char *x86_feature_first_name(X86FeatureId feature);

/* x86_dependency_mask - the bits of the dependent's word that go with what @row needs. */
uint64_t x86_dependency_mask(const X86DependencyRow *row);

/* x86_word_bit_name - the feature that owns @bit of @word, or NULL for an unnamed bit. */
const char *x86_word_bit_name(X86Word word, unsigned bit);

/* x86_word_named - all bits of @word that have a name. */
uint64_t x86_word_named(X86Word word);

/* AMD repeats these bits of leaf 1 EDX in leaf 0x80000001.  Source: APM volume 3. */
#define X86_AMD_ALIASES UINT64_C(0x183f3ff)

/*
 * x86_word_unnamed - bits of @word in @words that nothing else speaks for: they have no
 * name, are no part of a format, and repeat no bit that has a name.
 */
uint64_t x86_word_unnamed(const uint64_t *words, X86Word word);

/* x86_word_flagged - the bits of @word whose row has any of @flags. */
uint64_t x86_word_flagged(X86Word word, unsigned flags);

/*
 * x86_words_read_later - fill the later words of @words from what says them: the leaves
 * of @cpuid (X86CpuidEntry) and the registers of @msrs (X86Msr).
 */
void x86_words_read_later(const GArray *cpuid, const GArray *msrs,
                          uint64_t words[X86_WORD_COUNT]);

/* x86_field_get - the number in @field of @words; 0 for none. */
uint64_t x86_field_get(const uint64_t words[X86_WORD_COUNT], X86FieldId field);

/* x86_field_bits - @number where @field has it in its word. */
uint64_t x86_field_bits(X86FieldId field, uint64_t number);

/* x86_words_have - every bit of @feature is set in @words. */
bool x86_words_have(const uint64_t words[X86_WORD_COUNT], X86FeatureId feature);

#endif
