/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cache.h"

#include "util/bits.h"

typedef struct CacheRow {
    unsigned level;
    unsigned type; /* 1 data, 2 instruction, 3 unified */
    unsigned ways, sets, line;
    bool is_inclusive, has_complex_index;
} CacheRow;

/* A middle-of-the-road hierarchy, the same on every host. */
static const CacheRow intel_caches[] = {
    {1, 1, 8,  64,    64, false, false},
    {1, 2, 8,  64,    64, false, false},
    {2, 3, 16, 4096,  64, false, false},
    {3, 3, 16, 16384, 64, true,  true },
};
static const CacheRow amd_caches[] = {
    {1, 1, 2,  512,   64, false, false},
    {1, 2, 2,  512,   64, false, false},
    {2, 3, 16, 512,   64, false, false},
    {3, 3, 16, 16384, 64, true,  true },
};

static void add_entry(GArray *leaves, uint32_t function, uint32_t index, uint32_t eax,
                      uint32_t ebx, uint32_t ecx, uint32_t edx)
{
    X86CpuidEntry entry = {
        function, index, x86_leaf_has_index(function) ? X86_CPUID_HAS_INDEX : 0, eax, ebx,
        ecx,      edx};

    g_array_append_val(leaves, entry);
}

/* Leaves 4 and 0x8000001d have one layout.  Source: SDM volume 2A; APM volume 3. */
static void add_rows(const X86Cpu *cpu, GArray *leaves, uint32_t function,
                     const CacheRow *rows, unsigned count)
{
    unsigned index = 0;

    for (unsigned i = 0; i < count; i++) {
        const CacheRow *row = &rows[i];

        if (row->level == 3 && !cpu->l3_cache) {
            continue;
        }
        add_entry(leaves, function, index++, row->type | row->level << 5 | 1u << 8,
                  (row->line - 1) | (row->ways - 1) << 22, row->sets - 1,
                  (uint32_t)row->is_inclusive << 1 | (uint32_t)row->has_complex_index
                                                         << 2);
    }
    add_entry(leaves, function, index, 0, 0, 0, 0);
}

/* The host's own leaf, where the user wants it and it is known. */
static bool add_host(const X86Cpu *cpu, const HostProfile *host, GArray *leaves,
                     uint32_t function)
{
    const GArray *from = host->x86.cpuid->len ? host->x86.cpuid : host->x86.supported;
    bool any = false;

    for (unsigned i = 0; cpu->host_cache_info && i < from->len; i++) {
        const X86CpuidEntry *entry = &g_array_index(from, X86CpuidEntry, i);

        if (entry->function == function) {
            g_array_append_val(leaves, *entry);
            any = true;
        }
    }
    return any;
}

void x86_cache_add_intel(const X86Cpu *cpu, const HostProfile *host, GArray *leaves)
{
    if (!add_host(cpu, host, leaves, 2)) {
        /* 0xff: see leaf 4. */
        add_entry(leaves, 2, 0, 0x00feff01, 0xf0, 0, 0);
    }
    if (!add_host(cpu, host, leaves, 4)) {
        add_rows(cpu, leaves, 4, intel_caches, ARRAY_LEN(intel_caches));
    }
}

void x86_cache_add_extended(const X86Cpu *cpu, const HostProfile *host, bool is_amd,
                            GArray *leaves)
{
    const CacheRow *l2 = is_amd ? &amd_caches[2] : &intel_caches[2];
    const CacheRow *l3 = &amd_caches[3];
    unsigned l2_kib = l2->ways * l2->sets * l2->line / 1024;
    unsigned l3_half_mib = l3->ways * l3->sets * l3->line / (512 * 1024);

    if (is_amd && !add_host(cpu, host, leaves, 0x80000005)) {
        add_entry(leaves, 0x80000005, 0, 0x01ff01ff, 0x01ff01ff,
                  64u << 24 | 2 << 16 | 0x140, 64u << 24 | 2 << 16 | 0x140);
    }
    if (!add_host(cpu, host, leaves, 0x80000006)) {
        /* Associativity code 8 is 16 ways. */
        add_entry(leaves, 0x80000006, 0, is_amd ? 0x42004200 : 0, is_amd ? 0x42004200 : 0,
                  l2_kib << 16 | 8 << 12 | 0x140,
                  is_amd && cpu->l3_cache ? l3_half_mib << 18 | 8 << 12 | 0x140 : 0);
    }
}

void x86_cache_add_amd(const X86Cpu *cpu, const HostProfile *host, GArray *leaves)
{
    if (!add_host(cpu, host, leaves, 0x8000001d)) {
        add_rows(cpu, leaves, 0x8000001d, amd_caches, ARRAY_LEN(amd_caches));
    }
}
