/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmx.h"

/* Source: SDM volume 3D, appendix A. */
static const struct {
    X86Word word;
    bool is_controls;
    uint64_t
        own; /* of controls: 1 where nobody chooses; of others: fields, no features */
} rows[] = {
    {X86_WORD_VMX_PIN, true, 0x16},
    {X86_WORD_VMX_PROC, true, 0x0401e172},
    {X86_WORD_VMX_PROC2, true, 0},
    {X86_WORD_VMX_EXIT, true, 0x36dff},
    {X86_WORD_VMX_ENTRY, true, 0x11ff},
    {X86_WORD_VMX_MISC, false, 0x0fff001f}, /* timer rate, CR3 targets, MSRs */
    {X86_WORD_VMX_EPT_VPID, false, BIT64(8) | BIT64(14)}, /* memory types */
    {X86_WORD_VMX_VMFUNC, false, 0},
    {X86_WORD_VMX_BASIC, false, UINT64_C(0x003c1fffffffffff)}, /* revision, size, type */
};

static unsigned row_of(X86Word word)
{
    unsigned i = 0;

    while (i < ARRAY_LEN(rows) - 1 && rows[i].word != word) {
        i++;
    }
    return i;
}

uint64_t x86_vmx_decode(X86Word word, uint64_t value)
{
    unsigned i = row_of(word);

    return rows[i].is_controls ? (value >> 32) & ~value & UINT32_MAX
                               : value & ~rows[i].own;
}

uint64_t x86_vmx_encode(X86Word word, uint64_t features, uint64_t offered)
{
    unsigned i = row_of(word);

    return rows[i].is_controls
               ? (features | rows[i].own) << 32 | (rows[i].own & ~features)
               : features | (offered & rows[i].own);
}
