/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XSAVE state components: which feature needs which, and how large they are.
 */
#ifndef TARGET_I386_XSAVE_H
#define TARGET_I386_XSAVE_H

#include "target/x86-features.h"

typedef struct XsaveRow {
    unsigned component;
    bool is_supervisor;    /* enabled in IA32_XSS, not in XCR0 */
    X86FeatureId feature;  /* the component exists for this one */
    uint32_t size, offset; /* where a host does not say; offset 0 for supervisor state */
} XsaveRow;

extern const XsaveRow xsave_rows[];
extern const unsigned xsave_row_count;

/* x86_contract_xsave_size - bytes of the area for @xcr0, or compacted with @xss too. */
uint32_t x86_xsave_size(const GArray *leaves, uint64_t xcr0, uint64_t xss,
                        bool is_compacted);

/* x86_xsave_leaf - sub-leaf @component of leaf 0xD, from @host or the standard layout. */
bool x86_xsave_leaf(const GArray *host, unsigned component, X86CpuidEntry *ret);

#endif
