/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU model rows, inside target/i386 only.
 */
#ifndef TARGET_I386_MODELS_H
#define TARGET_I386_MODELS_H

#include "target/x86-cpu.h"

#define MODEL_NAMED(n)                                                                   \
    .name = n, .type_name = n X86_CPU_TYPE_SUFFIX, .kind = X86_MODEL_NAMED

/* An unversioned name and the version it stands for, on every machine. */
typedef struct X86ModelAlias {
    const char *name, *target;
} X86ModelAlias;

extern const X86CpuModel *const x86_named_models[];
extern const unsigned x86_named_model_count;
extern const X86ModelAlias x86_model_aliases[];
extern const unsigned x86_model_alias_count;

/* What KVM gives every named model on top of its own features. */
extern const uint16_t x86_named_extra[];

/* x86_model_words - the feature words of @model alone. */
void x86_model_words(const X86CpuModel *model, uint64_t ret[X86_WORD_COUNT]);

#endif
