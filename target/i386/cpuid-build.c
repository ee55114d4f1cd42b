/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of a guest's CPUID that is the same for all its processors.
 */
#include <string.h>

#include "cache.h"
#include "resolve.h"
#include "util/bits.h"
#include "vmx.h"
#include "xsave.h"

typedef struct Build {
    const CpuContract *contract;
    const X86Contract *x86;
    GArray *leaves; /* X86CpuidEntry, what is built */
    bool is_amd;    /* the guest's vendor */
    bool shows_amd; /* … or an old machine, which shows AMD's leaves to all */
    bool shows_kvm;
    /* For leaves that the contract alone does not decide. */
    const X86Cpu *cpu;
    const CpuResolveInput *in;
    const GArray *host; /* what KVM supports */
} Build;

static void add(Build *b, uint32_t function, uint32_t index, const uint32_t regs[4])
{
    X86CpuidEntry entry = {
        .function = function,
        .index = index,
        .flags = x86_leaf_has_index(function) ? X86_CPUID_HAS_INDEX : 0,
        .eax = regs[0],
        .ebx = regs[1],
        .ecx = regs[2],
        .edx = regs[3],
    };

    g_array_append_val(b->leaves, entry);
}

#define ADD(b, function, index, ...)                                                     \
    add((b), (function), (index), (const uint32_t[4]){__VA_ARGS__})

static uint32_t word(const Build *b, X86Word w)
{
    return (uint32_t)b->x86->words[w];
}

/* Four registers from the text @at of 16 bytes. */
static void add_text(Build *b, uint32_t function, const char *at)
{
    uint32_t regs[4];

    memcpy(regs, at, sizeof(regs));
    add(b, function, 0, regs);
}

static void add_vendor(Build *b, uint32_t function, uint32_t highest)
{
    uint32_t text[3];

    memcpy(text, b->x86->vendor, sizeof(text));
    ADD(b, function, 0, highest, text[0], text[2], text[1]);
}

static void add_leaf_1(Build *b)
{
    ADD(b, 1, 0, x86_signature_encode(b->x86->family, b->x86->model, b->x86->stepping), 0,
        word(b, X86_WORD_1_ECX), word(b, X86_WORD_1_EDX));
}

static void add_leaf_a(Build *b)
{
    const X86Pmu *pmu = &b->x86->pmu;

    if (!b->contract->pmu_enabled || b->x86->is_amd_pmu) {
        ADD(b, 0xa, 0, 0, 0, 0, 0);
        return;
    }
    ADD(b, 0xa, 0,
        pmu->version | pmu->gp_counters << 8 | pmu->gp_width << 16 | pmu->events << 24,
        pmu->events_missing, pmu->fixed_bitmap,
        pmu->fixed_counters | pmu->fixed_width << 5 |
            (uint32_t)pmu->anythread_deprecated << 15);
}

static void add_leaf_d(Build *b)
{
    uint64_t xcr0 = b->x86->words[X86_WORD_D_0_EAX] | b->x86->words[X86_WORD_D_0_EDX]
                                                          << 32;
    uint64_t xss = b->x86->words[X86_WORD_D_1_ECX];
    uint32_t size = x86_xsave_size(b->host, xcr0, 0, false);

    if (!x86_words_have(b->x86->words, X86_XSAVE)) {
        return;
    }
    ADD(b, 0xd, 0, (uint32_t)xcr0, size, size, (uint32_t)(xcr0 >> 32));
    ADD(b, 0xd, 1, word(b, X86_WORD_D_1_EAX),
        x86_words_have(b->x86->words, X86_XSAVEC)
            ? x86_xsave_size(b->host, xcr0, xss, true)
            : 0,
        (uint32_t)xss, 0);
    for (unsigned i = 0; i < xsave_row_count; i++) {
        X86CpuidEntry leaf;

        if ((xcr0 | xss) & BIT64(xsave_rows[i].component) &&
            x86_xsave_leaf(b->host, xsave_rows[i].component, &leaf)) {
            g_array_append_val(b->leaves, leaf);
        }
    }
}

/* Take leaf @function with all its sub-leaves as KVM offers it. */
static void add_offered(Build *b, uint32_t function)
{
    for (unsigned i = 0; i < b->host->len; i++) {
        const X86CpuidEntry *entry = &g_array_index(b->host, X86CpuidEntry, i);

        if (entry->function == function) {
            g_array_append_val(b->leaves, *entry);
        }
    }
}

static void add_leaf_1c(Build *b)
{
    const X86CpuidEntry *entry = x86_cpuid_find(b->host, 0x1c, 0);

    if (b->contract->pmu_enabled && x86_words_have(b->x86->words, X86_ARCH_LBR) &&
        entry) {
        ADD(b, 0x1c, 0, entry->eax, entry->ebx, entry->ecx, 0);
    }
}

static void add_leaf_0(Build *b)
{
    add_vendor(b, 0, b->x86->level);
}

static void add_caches(Build *b)
{
    if (!b->is_amd) {
        x86_cache_add_intel(b->cpu, b->in->host, b->x86->level, b->leaves);
    }
}

/* MONITOR wakes on interrupts, also masked ones. */
static void add_leaf_5(Build *b)
{
    ADD(b, 5, 0, 0, 0, 3, 0);
}

static void add_leaf_6(Build *b)
{
    ADD(b, 6, 0, word(b, X86_WORD_6_EAX), 0, 0, 0);
}

/* Any bit of @w was asked for, whether given or not. */
static bool was_asked(const Build *b, X86Word w)
{
    uint64_t words[X86_WORD_COUNT];

    x86_cpu_model_words(b->cpu, words);
    return (words[w] & ~b->cpu->set_mask[w]) | b->cpu->set_value[w] | word(b, w);
}

/* Sub-leaf @index of leaf 7, of which one of @words was asked for; or, where that is
 * known no more, which the contract has. */
static bool has_sub_leaf_7(const Build *b, uint32_t index, const X86Word *words,
                           unsigned count)
{
    bool has = !b->cpu && x86_cpuid_find(b->x86->cpuid, 7, index);

    for (unsigned i = 0; i < count; i++) {
        has = has || (b->cpu ? was_asked(b, words[i]) : word(b, words[i]));
    }
    return has;
}

static void add_leaf_7(Build *b)
{
    static const X86Word first[] = {X86_WORD_7_1_EAX, X86_WORD_7_1_ECX, X86_WORD_7_1_EDX};
    static const X86Word second[] = {X86_WORD_7_2_EDX};
    bool sub1 = has_sub_leaf_7(b, 1, first, ARRAY_LEN(first));
    bool sub2 = has_sub_leaf_7(b, 2, second, ARRAY_LEN(second));

    ADD(b, 7, 0, sub2 ? 2 : sub1, word(b, X86_WORD_7_0_EBX), word(b, X86_WORD_7_0_ECX),
        word(b, X86_WORD_7_0_EDX));
    if (sub1 || sub2) {
        ADD(b, 7, 1, word(b, X86_WORD_7_1_EAX), 0, word(b, X86_WORD_7_1_ECX),
            word(b, X86_WORD_7_1_EDX));
    }
    if (sub2) {
        ADD(b, 7, 2, 0, 0, 0, word(b, X86_WORD_7_2_EDX));
    }
}

/* Without a memory of enclaves, which sub-leaf 2 would tell of. */
static void add_leaf_12(Build *b)
{
    const X86CpuidEntry *sizes = x86_cpuid_find(b->host, 0x12, 0);

    if (word(b, X86_WORD_12_0_EAX) | word(b, X86_WORD_12_0_EBX) |
        word(b, X86_WORD_12_1_EAX)) {
        ADD(b, 0x12, 0, word(b, X86_WORD_12_0_EAX), word(b, X86_WORD_12_0_EBX), 0,
            sizes ? sizes->edx : 0);
        ADD(b, 0x12, 1, word(b, X86_WORD_12_1_EAX), 0, word(b, X86_WORD_D_0_EAX),
            word(b, X86_WORD_D_0_EDX));
    }
}

/* The host's, but for the features in it. */
static void add_leaf_14(Build *b)
{
    const uint32_t lip = (uint32_t)x86_feature_rows[X86_INTEL_PT_LIP].mask;
    X86CpuidEntry *first;

    if (!x86_words_have(b->x86->words, X86_INTEL_PT)) {
        return;
    }
    add_offered(b, 0x14);
    first = x86_cpuid_find(b->leaves, 0x14, 0);
    if (first) {
        first->ecx = (first->ecx & ~lip) | (word(b, X86_WORD_14_0_ECX) & lip);
    }
}

static void add_leaf_15(Build *b)
{
    add_offered(b, 0x15);
    add_offered(b, 0x16);
}

static void add_leaf_1d(Build *b)
{
    const X86CpuidEntry *units = x86_cpuid_find(b->host, 0x1e, 0);
    uint32_t more = word(b, X86_WORD_1E_1_EAX);

    if (x86_words_have(b->x86->words, X86_AMX_TILE)) {
        add_offered(b, 0x1d);
        if (units) {
            ADD(b, 0x1e, 0, more ? 1 : 0, units->ebx, units->ecx, units->edx);
        }
        if (more) {
            ADD(b, 0x1e, 1, more, 0, 0, 0);
        }
    }
}

/* That there is one: the levels of each processor come as it is set up. */
static void add_leaf_1f(Build *b)
{
    if (b->cpu->x_force_cpuid_0x1f) {
        ADD(b, 0x1f, 0, 0, 0, X86_LEAF_1F_ALWAYS, 0);
    }
}

static void add_leaf_24(Build *b)
{
    uint32_t version = x86_cpuid_reg(b->host, 0x24, 0, X86_EBX) & 0xff;
    uint32_t more = word(b, X86_WORD_24_1_ECX);

    if (b->cpu->avx10_version) {
        version = MIN(version, b->cpu->avx10_version);
    }
    if (word(b, X86_WORD_24_0_EBX)) {
        ADD(b, 0x24, 0, more ? 1 : 0, word(b, X86_WORD_24_0_EBX) | version, 0, 0);
    }
    if (more) {
        ADD(b, 0x24, 1, 0, 0, more, 0);
    }
}

static void add_leaf_29(Build *b)
{
    if (word(b, X86_WORD_29_0_EBX)) {
        ADD(b, 0x29, 0, 0, word(b, X86_WORD_29_0_EBX), 0, 0);
    }
}

static void add_kvm(Build *b)
{
    if (b->shows_kvm) {
        ADD(b, 0x40000000, 0, 0x40000001, 0x4b4d564b, 0x564b4d56, 0x4d);
        ADD(b, 0x40000001, 0, word(b, X86_WORD_KVM_EAX), 0, 0, word(b, X86_WORD_KVM_EDX));
    }
}

/*
 * How far a guest's own nested paging may reach: what KVM says, within the guest's
 * addresses.  Not of the contract alone.
 * Source: Linux Documentation/virt/kvm/api.rst, KVM_GET_SUPPORTED_CPUID.
 */
static uint32_t guest_phys_bits(const Build *b)
{
    uint32_t kvms;

    if (!b->host || !x86_words_have(b->x86->words, X86_LM)) {
        return 0;
    }
    kvms = (x86_cpuid_reg(b->host, 0x80000008, 0, X86_EAX) >> 16) & 0xff;
    return b->cpu->guest_phys_bits == X86_GUEST_PHYS_BITS_UNSET
               ? MIN(kvms, b->x86->phys_bits)
               : b->cpu->guest_phys_bits;
}

/* Identity and name. */
static void add_80000000(Build *b)
{
    char name[48] = {0};

    memcpy(name, b->x86->model_id, MIN(strlen(b->x86->model_id), sizeof(name)));
    if (b->shows_amd) {
        add_vendor(b, 0x80000000, b->x86->xlevel);
    } else {
        ADD(b, 0x80000000, 0, b->x86->xlevel, 0, 0, 0);
    }
    ADD(b, 0x80000001, 0,
        x86_signature_encode(b->x86->family, b->x86->model, b->x86->stepping), 0,
        word(b, X86_WORD_80000001_ECX), word(b, X86_WORD_80000001_EDX));
    for (unsigned i = 0; i < 3; i++) {
        add_text(b, 0x80000002 + i, name + 16 * i);
    }
}

static void add_80000005(Build *b)
{
    x86_cache_add_extended(b->cpu, b->in->host, b->shows_amd, b->leaves);
}

/* Power and addresses. */
static void add_80000007(Build *b)
{
    bool is_64_bit = x86_words_have(b->x86->words, X86_LM);
    uint32_t linear_bits = is_64_bit ? b->x86->linear_bits : 0;

    ADD(b, 0x80000007, 0, 0, word(b, X86_WORD_80000007_EBX), 0,
        word(b, X86_WORD_80000007_EDX));
    ADD(b, 0x80000008, 0, b->x86->phys_bits | linear_bits << 8 | guest_phys_bits(b) << 16,
        word(b, X86_WORD_80000008_EBX), 0, 0);
}

static void add_8000000a(Build *b)
{
    const X86CpuidEntry *svm = x86_cpuid_find(b->host, 0x8000000a, 0);

    if (x86_words_have(b->x86->words, X86_SVM)) {
        ADD(b, 0x8000000a, 0, 1, svm ? svm->ebx : 16, 0, word(b, X86_WORD_8000000A_EDX));
    }
}

static void add_8000001d(Build *b)
{
    if (b->shows_amd || x86_words_have(b->x86->words, X86_TOPOEXT)) {
        x86_cache_add_amd(b->cpu, b->in->host, b->leaves);
        ADD(b, 0x8000001e, 0, 0, 0, 0, 0);
    }
}

static void add_80000021(Build *b)
{
    ADD(b, 0x80000021, 0, word(b, X86_WORD_80000021_EAX), 0,
        word(b, X86_WORD_80000021_ECX), 0);
}

static void add_80000022(Build *b)
{
    bool v2 = b->contract->pmu_enabled && x86_words_have(b->x86->words, X86_PERFMON_V2);

    ADD(b, 0x80000022, 0, v2, v2 ? b->x86->pmu.gp_counters : 0, 0, 0);
}

static void add_c0000000(Build *b)
{
    uint32_t features = word(b, X86_WORD_C0000001_EDX);

    if (features) {
        ADD(b, 0xc0000000, 0, 0xc0000001, 0, 0, 0);
        ADD(b, 0xc0000001, 0, 0, 0, 0, features);
    }
}

/* The leaves a guest may have, in order; with a few that have no row of their own. */
static const struct {
    uint32_t function;     /* up to the highest leaf of its range, the guest has it */
    bool is_pmu;           /* it is about the PMU and tracing alone */
    bool is_own;           /* the contract alone decides it */
    void (*add)(Build *b); /* NULL: no guest is given it */
} leaf_rows[] = {
    {0x0, false, true, add_leaf_0},
    {0x1, false, true, add_leaf_1},
    {0x1, false, false, add_caches}, /* 2 and 4 */
    {0x5, false, true, add_leaf_5},
    {0x6, false, true, add_leaf_6},
    {0x7, false, true, add_leaf_7},
    {0xa, true, true, add_leaf_a},
    {0xd, false, false, add_leaf_d},
    {0x12, false, false, add_leaf_12},
    {0x14, true, false, add_leaf_14},
    {0x15, false, false, add_leaf_15}, /* and 0x16 */
    {0x1c, true, false, add_leaf_1c},
    {0x1d, false, false, add_leaf_1d}, /* and 0x1e */
    {0x1f, false, false, add_leaf_1f},
    {0x23, true, false, NULL}, /* KVM's vPMU ends at version 2 */
    {0x24, false, false, add_leaf_24},
    {0x29, false, true, add_leaf_29},
    {0x40000000, false, true, add_kvm},       /* and 0x40000001 */
    {0x80000000, false, true, add_80000000},  /* to 0x80000004 */
    {0x80000000, false, false, add_80000005}, /* and 0x80000006 */
    {0x80000000, false, true, add_80000007},  /* and 0x80000008 */
    {0x8000000a, false, false, add_8000000a},
    {0x8000001d, false, false, add_8000001d}, /* and 0x8000001e */
    {0x80000021, false, true, add_80000021},
    {0x80000022, true, true, add_80000022},
    {0xc0000000, false, true, add_c0000000}, /* and 0xc0000001 */
};

bool x86_leaf_is_pmu(uint32_t function)
{
    for (unsigned i = 0; i < ARRAY_LEN(leaf_rows); i++) {
        if (leaf_rows[i].function == function && leaf_rows[i].is_pmu) {
            return true;
        }
    }
    return false;
}

/* The highest leaf of the range @function is in. */
static uint32_t highest_leaf(const X86Contract *x86, uint32_t function)
{
    return function >= 0xc0000000   ? UINT32_MAX
           : function >= 0x80000000 ? x86->xlevel
           : function >= 0x40000000 ? UINT32_MAX
                                    : x86->level;
}

static void add_leaves(Build *b, bool only_own)
{
    for (unsigned i = 0; i < ARRAY_LEN(leaf_rows); i++) {
        if (leaf_rows[i].add && (leaf_rows[i].is_own || !only_own) &&
            leaf_rows[i].function <= highest_leaf(b->x86, leaf_rows[i].function)) {
            leaf_rows[i].add(b);
        }
    }
    /* Of several leaves of a row the highest leaf may hide some. */
    for (unsigned i = b->leaves->len; i-- > 0;) {
        uint32_t function = g_array_index(b->leaves, X86CpuidEntry, i).function;

        if (function > highest_leaf(b->x86, function)) {
            g_array_remove_index(b->leaves, i);
        }
    }
}

void x86_contract_build_own(const CpuContract *contract, bool shows_amd, GArray *leaves)
{
    Build b = {
        .contract = contract,
        .x86 = &contract->x86,
        .leaves = leaves,
        .is_amd = x86_vendor_is_amd(contract->x86.vendor),
        .shows_amd = shows_amd,
        .shows_kvm = true,
    };

    add_leaves(&b, true);
}

void x86_contract_build_cpuid(CpuContract *contract, const X86Cpu *cpu,
                              const CpuResolveInput *in)
{
    Build b = {
        .contract = contract,
        .x86 = &contract->x86,
        .leaves = contract->x86.cpuid,
        .is_amd = x86_vendor_is_amd(contract->x86.vendor),
        .shows_kvm = cpu->kvm,
        .cpu = cpu,
        .in = in,
        .host = in->host->x86.supported,
    };

    b.shows_amd = b.is_amd || !cpu->x_vendor_cpuid_only_v2;
    contract->x86.l1_per_core = cpu->x_l1_cache_per_thread;
    contract->x86.dies_are_nodes = cpu->legacy_multi_node;
    add_leaves(&b, false);
    x86_contract_build_msrs(&contract->x86, contract->x86.msrs);
    x86_contract_add_vmx_msrs(&contract->x86, cpu, in->host);
}
