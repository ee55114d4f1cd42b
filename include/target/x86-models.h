/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The x86 CPU models: what each name stands for, before a host, a machine version or the
 * user has a say.
 */
#ifndef TARGET_X86_MODELS_H
#define TARGET_X86_MODELS_H

#include "target/x86-features.h"

typedef enum X86ModelKind {
    X86_MODEL_NAMED,
    X86_MODEL_BASE,
    X86_MODEL_MAX,
    X86_MODEL_HOST,
} X86ModelKind;

/* Which processor it is, in CPUID's words; stated whole, so 0 is 0. */
typedef struct X86Identity {
    const char *vendor;
    unsigned family, model, stepping;
    uint32_t level, xlevel; /* highest basic and extended leaf */
    uint32_t xlevel2;       /* highest of Zhaoxin's leaves, or 0 */
} X86Identity;

/* Who shares a cache. */
typedef enum X86CacheScope {
    X86_CACHE_BY_LEVEL, /* level 3 a die, others a core */
    X86_CACHE_OF_MODULE,
    X86_CACHE_OF_SOCKET,
} X86CacheScope;

typedef struct X86CacheRow {
    unsigned level;
    unsigned type; /* 1 data, 2 instruction, 3 unified */
    unsigned ways, sets, line;
    bool is_self_init, has_no_invd_sharing, is_inclusive, has_complex_index;
    X86CacheScope scope;
} X86CacheRow;

#define X86_CACHES 4 /* level 1 data and instructions, 2, 3 */

/*
 * A CPU model, or one version of it: a row, data of its ObjectType.  It says what differs
 * from @base; ask the functions below for what it is.  Lists of features end in
 * X86_NO_FEATURE, NULL is an empty one.
 */
typedef struct X86CpuModel {
    const char *name;
    const char *type_name; /* name with X86_CPU_TYPE_SUFFIX */
    const char *alias; /* a second type that stands for it on every machine, or NULL */
    const char *doc;   /* NULL: the model id says it */
    X86ModelKind kind;
    const struct X86CpuModel *base; /* NULL: from nothing */
    const X86Identity *identity;    /* NULL: the base's */
    const char *model_id;           /* NULL: the base's */
    const uint16_t *removed;        /* X86FeatureId */
    const uint16_t *added;          /* X86FeatureId */
    const X86CacheRow *caches;      /* X86_CACHES of them; NULL: the base's, or none */
    bool has_leaf_1f;               /* topology leaf 0x1f always, not by topology alone */
    unsigned avx10_version;         /* 0: the base's */
} X86CpuModel;

/* One model's versions: rows[0] is version 1. */
typedef struct X86ModelVersions {
    const X86CpuModel *rows;
    unsigned count;
} X86ModelVersions;

/* x86_model_versions - those of named model number @index, NULL behind the last model. */
const X86ModelVersions *x86_model_versions(unsigned index);

/* x86_model_newest - the newest version of the model with the plain name of @length bytes
 * at @name, or NULL where there is none. */
const X86CpuModel *x86_model_newest(const char *name, size_t length);

/* x86_model_identity - of @model, or what it has from its base. */
const X86Identity *x86_model_identity(const X86CpuModel *model);

/* x86_model_id - the name leaves 0x80000002 to 0x80000004 spell, at most 48 characters.
 */
const char *x86_model_id(const X86CpuModel *model);

/* x86_model_caches - those processors of @model have; NULL where it shows old ones. */
const X86CacheRow *x86_model_caches(const X86CpuModel *model);

/* x86_model_has_leaf_1f - @model, or a base of it, shows leaf 0x1f always. */
bool x86_model_has_leaf_1f(const X86CpuModel *model);

/* x86_model_avx10_version - of @model, 0 for none. */
unsigned x86_model_avx10_version(const X86CpuModel *model);

/* x86_model_words - all feature words, with what KVM gives every named model. */
void x86_model_words(const X86CpuModel *model, uint64_t ret[X86_WORD_COUNT]);

#endif
