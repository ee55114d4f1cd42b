/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xsave.h"

#include "resolve.h"
#include "util/bits.h"

/* x87 state, SSE state and the header. */
#define XSAVE_LEGACY 576

/* Sorted by component.  Source: SDM volume 1, 13.5. */
const XsaveRow xsave_rows[] = {
    {2, false, X86_AVX, 256, 576},       {3, false, X86_MPX, 64, 960},
    {4, false, X86_MPX, 64, 1024},       {5, false, X86_AVX512F, 64, 1088},
    {6, false, X86_AVX512F, 512, 1152},  {7, false, X86_AVX512F, 1024, 1664},
    {9, false, X86_PKU, 8, 2688},        {11, true, X86_CET_SS, 16, 0},
    {12, true, X86_CET_SS, 24, 0},       {15, true, X86_ARCH_LBR, 808, 0},
    {17, false, X86_AMX_TILE, 64, 2752}, {18, false, X86_AMX_TILE, 8192, 2816},
    {19, false, X86_APXF, 128, 960},
};
const unsigned xsave_row_count = ARRAY_LEN(xsave_rows);

bool x86_xsave_leaf(const GArray *host, unsigned component, X86CpuidEntry *ret)
{
    const X86CpuidEntry *entry = x86_cpuid_find(host, 0xd, component);

    for (unsigned i = 0; i < xsave_row_count; i++) {
        const XsaveRow *row = &xsave_rows[i];

        if (row->component == component) {
            *ret = (X86CpuidEntry){.function = 0xd,
                                   .index = component,
                                   .flags = X86_CPUID_HAS_INDEX,
                                   .eax = row->size,
                                   .ebx = row->offset,
                                   .ecx = row->is_supervisor};
            if (entry && entry->eax) {
                ret->eax = entry->eax;
                ret->ebx = entry->ebx;
                ret->ecx = entry->ecx;
            }
            return true;
        }
    }
    return false;
}

uint32_t x86_xsave_size(const GArray *leaves, uint64_t xcr0, uint64_t xss,
                        bool is_compacted)
{
    uint32_t size = XSAVE_LEGACY;

    for (unsigned i = 0; i < xsave_row_count; i++) {
        X86CpuidEntry leaf;

        if (!((xcr0 | xss) & BIT64(xsave_rows[i].component)) ||
            !x86_xsave_leaf(leaves, xsave_rows[i].component, &leaf)) {
            continue;
        }
        if (is_compacted) {
            /* ECX bit 1: the component starts on a 64-byte boundary. */
            size = leaf.ecx & 2 ? (uint32_t)align_up(size, 64) : size;
            size += leaf.eax;
        } else {
            size = MAX(size, leaf.ebx + leaf.eax);
        }
    }
    return size;
}

/* The host's XCR0 or XSS bits, as KVM offers them. */
static uint64_t host_components(const X86Work *work, bool is_supervisor)
{
    if (is_supervisor) {
        return work->host[X86_WORD_D_1_ECX];
    }
    return work->host[X86_WORD_D_0_EAX] | work->host[X86_WORD_D_0_EDX] << 32;
}

void x86_resolve_xsave(X86Work *work)
{
    uint64_t xcr0 = 3, xss = 0;

    if (!x86_words_have(work->words, X86_XSAVE)) {
        return;
    }
    for (unsigned i = 0; i < xsave_row_count; i++) {
        const XsaveRow *row = &xsave_rows[i];
        const X86FeatureRow *feature = &x86_feature_rows[row->feature];
        uint64_t bit = BIT64(row->component);

        if (!x86_words_have(work->words, row->feature)) {
            continue;
        }
        if (row->is_supervisor && !x86_words_have(work->words, X86_XSAVES)) {
            continue;
        }
        if (!(host_components(work, row->is_supervisor) & bit)) {
            /* Supervisor state is an extra; without user state the feature is unusable,
             * and kept only where unusable ones are. */
            if (!row->is_supervisor && !work->cpu->x_force_features) {
                x86_work_remove(work, feature->word, feature->mask, X86_CAUSE_STATE,
                                row->component);
            }
            continue;
        }
        if (row->is_supervisor) {
            xss |= bit;
        } else {
            xcr0 |= bit;
        }
    }
    work->words[X86_WORD_D_0_EAX] = (uint32_t)xcr0;
    work->words[X86_WORD_D_0_EDX] = xcr0 >> 32;
    work->words[X86_WORD_D_1_ECX] = xss;
}
