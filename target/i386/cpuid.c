/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/x86-cpuid.h"

#include "util/bits.h"

X86CpuidEntry *x86_cpuid_find(const GArray *table, uint32_t function, uint32_t index)
{
    for (unsigned i = 0; i < table->len; i++) {
        X86CpuidEntry *entry = &g_array_index(table, X86CpuidEntry, i);

        if (entry->function == function && entry->index == index) {
            return entry;
        }
    }
    return NULL;
}

uint32_t *x86_entry_reg(X86CpuidEntry *entry, X86Reg reg)
{
    switch (reg) {
    case X86_EAX:
        return &entry->eax;
    case X86_EBX:
        return &entry->ebx;
    case X86_ECX:
        return &entry->ecx;
    default:
        return &entry->edx;
    }
}

uint32_t x86_cpuid_reg(const GArray *table, uint32_t function, uint32_t index, X86Reg reg)
{
    X86CpuidEntry *entry = x86_cpuid_find(table, function, index);

    return entry ? *x86_entry_reg(entry, reg) : 0;
}

const char *x86_reg_name(X86Reg reg)
{
    static const char *const names[] = {"eax", "ebx", "ecx", "edx"};

    return names[reg];
}

bool x86_leaf_has_index(uint32_t function)
{
    static const uint32_t leaves[] = {
        0x4,  0x7,  0xb,  0xd,  0xf,  0x10, 0x12,       0x14,       0x17,      0x18,
        0x1d, 0x1e, 0x1f, 0x20, 0x23, 0x24, 0x8000001d, 0x80000020, 0x80000026};

    for (unsigned i = 0; i < ARRAY_LEN(leaves); i++) {
        if (leaves[i] == function) {
            return true;
        }
    }
    return false;
}

unsigned x86_signature_family(uint32_t signature)
{
    unsigned family = (unsigned)bits_get(signature, 8, 4);

    return family == 15 ? family + (unsigned)bits_get(signature, 20, 8) : family;
}

unsigned x86_signature_model(uint32_t signature)
{
    unsigned family = (unsigned)bits_get(signature, 8, 4);
    unsigned model = (unsigned)bits_get(signature, 4, 4);

    if (family >= 6) {
        model |= (unsigned)bits_get(signature, 16, 4) << 4;
    }
    return model;
}

uint32_t x86_signature_encode(unsigned family, unsigned model, unsigned stepping)
{
    uint32_t signature = (stepping & 0xf) | (model & 0xf) << 4 | (model >> 4 & 0xf) << 16;

    if (family > 15) {
        return signature | 15u << 8 | ((family - 15) & 0xff) << 20;
    }
    return signature | family << 8;
}
