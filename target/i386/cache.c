/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cache.h"

#include "util/bits.h"

typedef struct CacheRow {
    unsigned level;
    unsigned type; /* 1 data, 2 instruction, 3 unified */
    unsigned ways, sets, line;
    bool is_self_init, has_no_invd_sharing, is_inclusive, has_complex_index;
} CacheRow;

/* A middle-of-the-road hierarchy, the same on every host, as QEMU shows it. */
/* clang-format off */
static const CacheRow intel_caches[] = {
    {1, 1, 8,  64,    64, true,  true,  false, false},
    {1, 2, 8,  64,    64, true,  true,  false, false},
    {2, 3, 16, 4096,  64, true,  true,  false, false},
    {3, 3, 16, 16384, 64, true,  false, true,  true },
};
static const CacheRow amd_caches[] = {
    {1, 1, 2,  512,   64, true,  true,  false, false},
    {1, 2, 2,  512,   64, true,  true,  false, false},
    {2, 3, 16, 512,   64, false, false, false, false},
    {3, 3, 16, 16384, 64, true,  false, true,  true },
};

#define CACHES 4

/* Models that show caches of their own, on hosts of any vendor; by the name's beginning. */
static const struct {
    const char *prefix;
    CacheRow rows[CACHES];
} model_caches[] = {
    {"EPYC-Rome",  {{1, 1, 8,  64,   64, true,  true,  false, false},
                    {1, 2, 8,  64,   64, true,  true,  false, false},
                    {2, 3, 8,  1024, 64, false, false, false, false},
                    {3, 3, 16, 16384, 64, true, false, true,  true }}},
    {"EPYC-Milan", {{1, 1, 8,  64,   64, true,  true,  false, false},
                    {1, 2, 8,  64,   64, true,  true,  false, false},
                    {2, 3, 8,  1024, 64, false, false, false, false},
                    {3, 3, 16, 32768, 64, true, false, true,  true }}},
    {"EPYC-Genoa", {{1, 1, 8,  64,   64, true,  true,  false, false},
                    {1, 2, 8,  64,   64, true,  true,  false, false},
                    {2, 3, 8,  2048, 64, false, false, false, false},
                    {3, 3, 16, 32768, 64, true, false, true,  true }}},
    {"EPYC-Turin", {{1, 1, 12, 64,   64, true,  true,  false, false},
                    {1, 2, 8,  64,   64, true,  true,  false, false},
                    {2, 3, 16, 1024, 64, false, false, false, false},
                    {3, 3, 16, 32768, 64, true, false, true,  true }}},
    {"EPYC",       {{1, 1, 8,  64,   64, true,  true,  false, false},
                    {1, 2, 4,  256,  64, true,  true,  false, false},
                    {2, 3, 8,  1024, 64, false, false, false, false},
                    {3, 3, 16, 8192, 64, true,  false, true,  true }}},
    {"Dhyana",     {{1, 1, 8,  64,   64, true,  true,  false, false},
                    {1, 2, 4,  256,  64, true,  true,  false, false},
                    {2, 3, 8,  1024, 64, false, false, false, false},
                    {3, 3, 16, 8192, 64, true,  false, true,  true }}},
};
/* clang-format on */

/* The same caches as descriptors of leaf 2.  Source: SDM volume 2A, table 3-12. */
#define DESCRIPTOR_L1D 0x2cu /* 32 KiB, 8 ways */
#define DESCRIPTOR_L1I 0x30u /* 32 KiB, 8 ways */
#define DESCRIPTOR_L2  0x49u /* 4 MiB, 16 ways */
#define DESCRIPTOR_OLD 0x7du /* 2 MiB, 8 ways: what old guests were told of it */
#define DESCRIPTOR_L3  0x4du /* 16 MiB, 16 ways */
#define SEE_LEAF_4     0xffu

/* What processors of @model had, or NULL where that is not known. */
static const CacheRow *own_caches(const X86CpuModel *model)
{
    for (unsigned i = 0; i < ARRAY_LEN(model_caches); i++) {
        if (g_str_has_prefix(model->name, model_caches[i].prefix)) {
            return model_caches[i].rows;
        }
    }
    return NULL;
}

bool x86_model_has_caches(const X86CpuModel *model)
{
    return own_caches(model);
}

/* The caches @cpu shows in AMD's leaves, or with @is_intel in leaf 4. */
static const CacheRow *caches_of(const X86Cpu *cpu, bool is_intel)
{
    const CacheRow *own = cpu->legacy_cache ? NULL : own_caches(x86_cpu_model(cpu));

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
static uint32_t flags_of(const X86Cpu *cpu, uint32_t function, const CacheRow *row)
{
    bool complex_index =
        row->has_complex_index && (function == 4 || !cpu->x_amd_topoext_features_only);

    return (uint32_t)row->has_no_invd_sharing | (uint32_t)row->is_inclusive << 1 |
           (uint32_t)complex_index << 2;
}

/* Leaves 4 and 0x8000001d have one layout.  Source: SDM volume 2A; APM volume 3. */
static void add_rows(const X86Cpu *cpu, GArray *leaves, uint32_t function,
                     const CacheRow *rows)
{
    unsigned index = 0;

    for (unsigned i = 0; i < CACHES; i++) {
        const CacheRow *row = &rows[i];

        if (row->level == 3 && !cpu->l3_cache) {
            continue;
        }
        add_entry(leaves, function, index++,
                  row->type | row->level << 5 | (uint32_t)row->is_self_init << 8,
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

/* Where there is a leaf 4, leaf 2 points to it: two descriptions would differ. */
static void add_descriptors(const X86Cpu *cpu, uint32_t level, GArray *leaves)
{
    bool points = cpu->x_consistent_cache && level >= 4;
    uint32_t l2 = cpu->x_consistent_cache ? DESCRIPTOR_L2 : DESCRIPTOR_OLD;

    add_entry(leaves, 2, 0, 1, 0, !points && cpu->l3_cache ? DESCRIPTOR_L3 : 0,
              points ? SEE_LEAF_4 : DESCRIPTOR_L1D << 16 | DESCRIPTOR_L1I << 8 | l2);
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

static uint32_t size_field(const CacheRow *row, unsigned unit, unsigned shift)
{
    return row->ways * row->sets * row->line / unit << shift |
           ways_code(row->ways) << 12 | 1 << 8 | row->line;
}

static uint32_t l1_field(const CacheRow *row)
{
    return row->ways * row->sets * row->line / 1024 << 24 | row->ways << 16 | 1 << 8 |
           row->line;
}

void x86_cache_add_extended(const X86Cpu *cpu, const HostProfile *host, bool is_amd,
                            GArray *leaves)
{
    const CacheRow *rows = caches_of(cpu, !is_amd);

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
