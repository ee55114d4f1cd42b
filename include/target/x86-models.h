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
} X86Identity;

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
} X86CpuModel;

/* One model's versions: rows[0] is version 1. */
typedef struct X86ModelVersions {
    const X86CpuModel *rows;
    unsigned count;
} X86ModelVersions;

/* x86_model_versions - those of named model number @index, NULL behind the last model. */
const X86ModelVersions *x86_model_versions(unsigned index);

/* x86_model_identity - of @model, or what it has from its base. */
const X86Identity *x86_model_identity(const X86CpuModel *model);

/* x86_model_id - the name leaves 0x80000002 to 0x80000004 spell, at most 48 characters.
 */
const char *x86_model_id(const X86CpuModel *model);

/* x86_model_words - all feature words, with what KVM gives every named model. */
void x86_model_words(const X86CpuModel *model, uint64_t ret[X86_WORD_COUNT]);

#endif
