/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the tables of models-*.c are written, and where models.c finds them.
 *
 * A table holds the versions of one model, oldest first.  The first row states identity
 * and model id and starts from the generation before it, or from nothing; the others
 * start from an earlier version.  Released rows do not change, and others build on them:
 * correct a model with a new version.  tests/resolve/golden/models.txt has every model
 * spelled out.
 */
#ifndef TARGET_I386_MODELS_H
#define TARGET_I386_MODELS_H

#include "target/x86-cpu.h"
#include "util/bits.h"

#define TYPE(n) n X86_CPU_TYPE_SUFFIX

/* Version @v of model @n, and the first, which has the plain name, too. */
#define VERSION(n, v)                                                                    \
    .name = n "-v" #v, .type_name = TYPE(n "-v" #v), .kind = X86_MODEL_NAMED
#define MODEL(n) VERSION(n, 1), .alias = TYPE(n)

/* FROM(haswell, 2) - the row of Haswell-v2. */
#define FROM(table, v) (&(table)[(v)-1])

/* Vendor, family, model, stepping, highest basic leaf, highest extended leaf. */
#define IDENTITY(...) (&(const X86Identity){__VA_ARGS__})

#define FEATURES(...) ((const uint16_t[]){__VA_ARGS__, X86_NO_FEATURE})

/* A table, for one of the lists below; NO_MODEL ends them. */
#define VERSIONS(table)                                                                  \
    {                                                                                    \
        table, ARRAY_LEN(table)                                                          \
    }
#define NO_MODEL                                                                         \
    {                                                                                    \
        NULL, 0                                                                          \
    }

extern const X86ModelVersions x86_models_intel[];
extern const X86ModelVersions x86_models_amd[];
extern const X86ModelVersions x86_models_other[];

#endif
