/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/x86-encode.h"

#include <string.h>

#include "cache.h"
#include "host-words.h"
#include "util/bits.h"

/* Bits needed to number @count things. */
static unsigned field_width(unsigned count)
{
    unsigned width = 0;

    while ((1u << width) < count) {
        width++;
    }
    return width;
}

/* Shifts of an APIC id: where the core, module, die and socket numbers start. */
typedef struct ApicLayout {
    unsigned core, module, die, socket;
} ApicLayout;

static ApicLayout apic_layout(const X86Topology *t)
{
    ApicLayout layout;

    layout.core = field_width(t->threads);
    layout.module = layout.core + field_width(t->cores);
    layout.die = layout.module + field_width(t->modules);
    layout.socket = layout.die + field_width(t->dies);
    return layout;
}

unsigned x86_topology_cpus(const X86Topology *t)
{
    return t->sockets * t->dies * t->modules * t->cores * t->threads;
}

uint32_t x86_topology_apic_id(const X86Topology *t, unsigned index)
{
    ApicLayout layout = apic_layout(t);
    unsigned thread = index % t->threads;
    unsigned core = index / t->threads % t->cores;
    unsigned module = index / (t->threads * t->cores) % t->modules;
    unsigned die = index / (t->threads * t->cores * t->modules) % t->dies;
    unsigned socket = index / (t->threads * t->cores * t->modules * t->dies);

    return thread | core << layout.core | module << layout.module | die << layout.die |
           socket << layout.socket;
}

typedef struct Encode {
    const CpuContract *contract;
    const X86Topology *topology;
    ApicLayout layout;
    uint32_t apic_id;
    unsigned package; /* logical processors per socket */
    X86CpuidEntry *entries;
    unsigned count;
} Encode;

static void patch_leaf_1(const Encode *e, X86CpuidEntry *entry)
{
    entry->ebx = 8u << 8 | (e->apic_id & 0xff) << 24;
    entry->edx &= ~(uint32_t)BIT64(28);
    if (e->package > 1) {
        entry->ebx |= MIN(e->package, 255) << 16;
        entry->edx |= BIT64(28);
    }
}

/* How many APIC ids share a cache of @level, less one. */
static uint32_t sharing(const Encode *e, uint32_t function, unsigned level,
                        X86CacheScope scope)
{
    if (level == 1 && function == 4 && !e->contract->x86.l1_per_core) {
        return 0;
    }
    switch (scope) {
    case X86_CACHE_OF_MODULE:
        return (1u << e->layout.module) - 1;
    case X86_CACHE_OF_SOCKET:
        return (1u << e->layout.socket) - 1;
    default:
        return (1u << (level == 3 ? e->layout.die : e->layout.core)) - 1;
    }
}

static void patch_leaf_4(const Encode *e, X86CpuidEntry *entry)
{
    uint32_t cores = (1u << (e->layout.socket - e->layout.core)) - 1;
    unsigned level = (unsigned)bits_get(entry->eax, 5, 3);
    X86CacheScope scope;

    if (bits_get(entry->eax, 0, 5) == 0) {
        return;
    }
    scope = (X86CacheScope)bits_get(entry->eax, X86_CACHE_SCOPE_SHIFT, 2);
    entry->eax = (uint32_t)bits_set(entry->eax, X86_CACHE_SCOPE_SHIFT, 2, 0);
    entry->eax = (uint32_t)bits_set(
        entry->eax, 14, 12, MIN(sharing(e, entry->function, level, scope), 0xfff));
    if (entry->function == 4) {
        entry->eax = (uint32_t)bits_set(entry->eax, 26, 6, MIN(cores, 63));
    }
}

/* Source: APM volume 3, leaf 0x80000001: several cores, numbered by leaf 0x80000008. */
static void patch_80000001(const Encode *e, X86CpuidEntry *entry)
{
    if (e->package > 1 && x86_vendor_is_amd(e->contract->x86.vendor)) {
        entry->ecx |= (uint32_t)x86_feature_rows[X86_CMP_LEGACY].mask;
    }
}

static void patch_80000008(const Encode *e, X86CpuidEntry *entry)
{
    if (e->package > 1) {
        entry->ecx = (e->layout.socket & 0xf) << 12 | ((e->package - 1) & 0xff);
    }
}

static void patch_8000001e(const Encode *e, X86CpuidEntry *entry)
{
    unsigned core =
        e->apic_id >> e->layout.core & ((1u << (e->layout.die - e->layout.core)) - 1);

    entry->eax = e->apic_id;
    entry->ebx = (core & 0xff) | (e->topology->threads - 1) << 8;
    entry->ecx = e->apic_id >> e->layout.die & 0xff;
    if (e->contract->x86.dies_are_nodes) {
        entry->ecx |= (MIN(e->topology->dies, 8) - 1) << 8;
    }
}

static const struct {
    uint32_t function;
    void (*patch)(const Encode *e, X86CpuidEntry *entry);
} patch_rows[] = {
    {0x1, patch_leaf_1},          {0x4, patch_leaf_4},
    {0x80000001, patch_80000001}, {0x80000008, patch_80000008},
    {0x8000001d, patch_leaf_4},   {0x8000001e, patch_8000001e},
};

static void put(Encode *e, const X86CpuidEntry *entry)
{
    if (e->count < X86_CPUID_MAX) {
        e->entries[e->count++] = *entry;
    }
}

static void put_topology(Encode *e, uint32_t function, uint32_t index, unsigned shift,
                         unsigned count, unsigned type)
{
    put(e, &(X86CpuidEntry){.function = function,
                            .index = index,
                            .flags = X86_CPUID_HAS_INDEX,
                            .eax = shift,
                            .ebx = count & 0xffff,
                            .ecx = index | type << 8,
                            .edx = e->apic_id});
}

/* Level types: 1 thread, 2 core, 3 module, 5 die.  Source: SDM volume 2A. */
static void put_leaf_b(Encode *e)
{
    put_topology(e, 0xb, 0, e->layout.core, e->topology->threads, 1);
    put_topology(e, 0xb, 1, e->layout.socket, e->package, 2);
    put_topology(e, 0xb, 2, 0, 0, 0);
}

static void put_leaf_1f(Encode *e)
{
    const X86Topology *t = e->topology;
    unsigned index = 0;

    put_topology(e, 0x1f, index++, e->layout.core, t->threads, 1);
    put_topology(e, 0x1f, index++, e->layout.module, t->threads * t->cores, 2);
    if (t->modules > 1) {
        put_topology(e, 0x1f, index++, e->layout.die, t->threads * t->cores * t->modules,
                     3);
    }
    if (t->dies > 1) {
        put_topology(e, 0x1f, index++, e->layout.socket, e->package, 5);
    }
    put_topology(e, 0x1f, index, 0, 0, 0);
}

static bool needs_leaf_1f(const CpuContract *contract, const X86Topology *t)
{
    /* AMD has no such leaf. */
    return (t->dies > 1 || t->modules > 1) && !x86_vendor_is_amd(contract->x86.vendor);
}

unsigned x86_contract_encode_cpuid(const CpuContract *contract,
                                   const X86Topology *topology, unsigned index,
                                   X86CpuidEntry *entries)
{
    const X86Contract *x86 = &contract->x86;
    Encode e = {
        .contract = contract,
        .topology = topology,
        .layout = apic_layout(topology),
        .apic_id = x86_topology_apic_id(topology, index),
        .package = x86_topology_cpus(topology) / topology->sockets,
        .entries = entries,
    };
    bool want_b = x86->level >= 0xb, has_1f = x86_cpuid_find(x86->cpuid, 0x1f, 0),
         want_1f = has_1f || (needs_leaf_1f(contract, topology) && x86->level >= 0xb);

    for (unsigned i = 0; i < x86->cpuid->len; i++) {
        X86CpuidEntry entry = g_array_index(x86->cpuid, X86CpuidEntry, i);

        if (want_b && entry.function > 0xb) {
            put_leaf_b(&e);
            want_b = false;
        }
        if (want_1f && entry.function >= 0x1f) {
            put_leaf_1f(&e);
            want_1f = false;
        }
        if (entry.function == 0 && needs_leaf_1f(contract, topology) &&
            x86->level >= 0xb) {
            entry.eax = MAX(entry.eax, 0x1f);
        }
        for (unsigned k = 0; k < ARRAY_LEN(patch_rows); k++) {
            if (patch_rows[k].function == entry.function) {
                patch_rows[k].patch(&e, &entry);
            }
        }
        if (entry.function != 0x1f) {
            put(&e, &entry);
        }
    }
    return e.count;
}

unsigned x86_contract_encode_msrs(const CpuContract *contract, X86Msr *msrs, unsigned max)
{
    unsigned count = MIN(max, contract->x86.msrs->len);

    memcpy(msrs, contract->x86.msrs->data, count * sizeof(*msrs));
    return count;
}
