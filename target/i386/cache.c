/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cache.h"

#include "util/bits.h"

/* A middle-of-the-road hierarchy, the same on every host, as QEMU shows it. */
/* clang-format off */
static const X86CacheRow intel_caches[] = {
    {1, 1, 8,  64,    64, true, true,  false, false, X86_CACHE_BY_LEVEL},
    {1, 2, 8,  64,    64, true, true,  false, false, X86_CACHE_BY_LEVEL},
    {2, 3, 16, 4096,  64, true, true,  false, false, X86_CACHE_BY_LEVEL},
    {3, 3, 16, 16384, 64, true, false, true,  true,  X86_CACHE_BY_LEVEL},
};
static const X86CacheRow amd_caches[] = {
    {1, 1, 2,  512,   64, true,  true,  false, false, X86_CACHE_BY_LEVEL},
    {1, 2, 2,  512,   64, true,  true,  false, false, X86_CACHE_BY_LEVEL},
    {2, 3, 16, 512,   64, false, false, false, false, X86_CACHE_BY_LEVEL},
    {3, 3, 16, 16384, 64, true,  false, true,  true,  X86_CACHE_BY_LEVEL},
};

/* What leaf 2 said when it went by a list of its own. */
static const X86CacheRow old_descriptor_caches[] = {
    {1, 1, 8,  64,    64, true, true,  false, false, X86_CACHE_BY_LEVEL},
    {1, 2, 8,  64,    64, true, true,  false, false, X86_CACHE_BY_LEVEL},
    {2, 3, 8,  4096,  64, true, true,  false, false, X86_CACHE_BY_LEVEL},
    {3, 3, 16, 16384, 64, true, false, true,  true,  X86_CACHE_BY_LEVEL},
};

/* The descriptors of leaf 2 by level and type; lines have 64 bytes.  Source: SDM volume 2A,
 * table 3-12. */
static const struct {
    uint8_t descriptor;
    unsigned level, type, kilobytes, ways;
} descriptor_rows[] = {
    {0x0d, 1, 1, 16,    4 },
    {0x0e, 1, 1, 24,    6 },
    {0x2c, 1, 1, 32,    8 },
    {0x60, 1, 1, 16,    8 },
    {0x30, 1, 2, 32,    8 },
    {0x21, 2, 3, 256,   8 },
    {0x24, 2, 3, 1024,  16},
    {0x48, 2, 3, 3072,  12},
    {0x78, 2, 3, 1024,  4 },
    {0x7d, 2, 3, 2048,  8 },
    {0x7f, 2, 3, 512,   2 },
    {0x80, 2, 3, 512,   8 },
    {0x86, 2, 3, 512,   4 },
    {0x87, 2, 3, 1024,  8 },
    {0x46, 3, 3, 4096,  4 },
    {0x47, 3, 3, 8192,  8 },
    {0x4b, 3, 3, 8192,  16},
    {0x4c, 3, 3, 12288, 12},
    {0x4d, 3, 3, 16384, 16},
    {0xd8, 3, 3, 4096,  8 },
    {0xe3, 3, 3, 4096,  16},
    {0xea, 3, 3, 12288, 24},
};
/* clang-format on */

#define SEE_LEAF_4 0xffu

static unsigned kilobytes(const X86CacheRow *row)
{
    return row->ways * row->sets * row->line / 1024;
}

static uint32_t descriptor_of(const X86CacheRow *row)
{
    for (unsigned i = 0; i < ARRAY_LEN(descriptor_rows); i++) {
        if (descriptor_rows[i].level == row->level &&
            descriptor_rows[i].type == row->type &&
            descriptor_rows[i].kilobytes == kilobytes(row) &&
            descriptor_rows[i].ways == row->ways) {
            return descriptor_rows[i].descriptor;
        }
    }
    return SEE_LEAF_4;
}

/* The caches @cpu shows in AMD's leaves, or with @is_intel in leaf 4. */
static const X86CacheRow *caches_of(const X86Cpu *cpu, bool is_intel)
{
    const X86CacheRow *own =
        cpu->legacy_cache ? NULL : x86_model_caches(x86_cpu_model(cpu));

    return own ? own : is_intel ? intel_caches : amd_caches;
}

static void add_entry(GArray *leaves, uint32_t function, uint32_t index, uint32_t eax,
                      uint32_t ebx, uint32_t ecx, uint32_t edx)
{
    X86CpuidEntry entry = {
        function, index, x86_leaf_has_index(function) ? X86_CPUID_HAS_INDEX : 0, eax, ebx,
        ecx,      edx};

    g_array_append_val(leaves, entry);
}

/* EDX of a cache leaf. */
static uint32_t flags_of(const X86Cpu *cpu, uint32_t function, const X86CacheRow *row)
{
    bool complex_index =
        row->has_complex_index && (function == 4 || !cpu->x_amd_topoext_features_only);

    return (uint32_t)row->has_no_invd_sharing | (uint32_t)row->is_inclusive << 1 |
           (uint32_t)complex_index << 2;
}

/* Leaves 4 and 0x8000001d have one layout.  Source: SDM volume 2A; APM volume 3. */
static void add_rows(const X86Cpu *cpu, GArray *leaves, uint32_t function,
                     const X86CacheRow *rows)
{
    unsigned index = 0;

    for (unsigned i = 0; i < X86_CACHES; i++) {
        const X86CacheRow *row = &rows[i];

        if (row->level == 3 && !cpu->l3_cache) {
            continue;
        }
        add_entry(leaves, function, index++,
                  row->type | row->level << 5 | (uint32_t)row->is_self_init << 8 |
                      (uint32_t)row->scope << X86_CACHE_SCOPE_SHIFT,
                  (row->line - 1) | (row->ways - 1) << 22, row->sets - 1,
                  flags_of(cpu, function, row));
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

/* Where there is a leaf 4, or a cache without descriptor, leaf 2 points to leaf 4. */
static void add_descriptors(const X86Cpu *cpu, uint32_t level, GArray *leaves)
{
    bool is_old = cpu->legacy_cache && !cpu->x_consistent_cache;
    const X86CacheRow *rows = is_old ? old_descriptor_caches : caches_of(cpu, true);
    bool points = cpu->x_consistent_cache && level >= 4;
    uint32_t codes[X86_CACHES];

    for (unsigned i = 0; i < X86_CACHES; i++) {
        codes[i] = descriptor_of(&rows[i]);
        points |= cpu->x_consistent_cache && codes[i] == SEE_LEAF_4;
    }
    add_entry(leaves, 2, 0, 1, 0, !points && cpu->l3_cache ? codes[3] : 0,
              points ? SEE_LEAF_4 : codes[0] << 16 | codes[1] << 8 | codes[2]);
}

void x86_cache_add_intel(const X86Cpu *cpu, const HostProfile *host, uint32_t level,
                         GArray *leaves)
{
    if (!add_host(cpu, host, leaves, 2)) {
        add_descriptors(cpu, level, leaves);
    }
    if (!add_host(cpu, host, leaves, 4)) {
        add_rows(cpu, leaves, 4, caches_of(cpu, true));
    }
}

/* Codes for the number of ways.  Source: APM volume 3, CPUID 0x80000006. */
static uint32_t ways_code(unsigned ways)
{
    switch (ways) {
    case 8:
        return 6;
    case 16:
        return 8;
    default:
        return ways;
    }
}

static uint32_t size_field(const X86CacheRow *row, unsigned unit, unsigned shift)
{
    return row->ways * row->sets * row->line / unit << shift |
           ways_code(row->ways) << 12 | 1 << 8 | row->line;
}

static uint32_t l1_field(const X86CacheRow *row)
{
    return row->ways * row->sets * row->line / 1024 << 24 | row->ways << 16 | 1 << 8 |
           row->line;
}

void x86_cache_add_extended(const X86Cpu *cpu, const HostProfile *host, bool is_amd,
                            GArray *leaves)
{
    const X86CacheRow *rows = caches_of(cpu, !is_amd);

    if (is_amd && !add_host(cpu, host, leaves, 0x80000005)) {
        add_entry(leaves, 0x80000005, 0, 0x01ff01ff, 0x01ff01ff, l1_field(&rows[0]),
                  l1_field(&rows[1]));
    }
    if (add_host(cpu, host, leaves, 0x80000006)) {
        return;
    }
    if (is_amd) {
        add_entry(leaves, 0x80000006, 0, 0, 0x42004200, size_field(&rows[2], 1024, 16),
                  cpu->l3_cache ? size_field(&rows[3], 512 * 1024, 18) : 0);
    } else {
        add_entry(leaves, 0x80000006, 0, 0, 0, size_field(&rows[2], 1024, 16), 0);
    }
}

void x86_cache_add_amd(const X86Cpu *cpu, const HostProfile *host, GArray *leaves)
{
    if (!add_host(cpu, host, leaves, 0x8000001d)) {
        add_rows(cpu, leaves, 0x8000001d, caches_of(cpu, false));
    }
}
