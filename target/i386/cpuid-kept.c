/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/x86-cpuid-kept.h"

#include <inttypes.h>

#include "target/x86-features.h"
#include "util/bits.h"

/* Bits that follow registers of the guest. */
static const struct {
    uint32_t function, index;
    X86Reg reg;
    uint32_t mask;
} followers[] = {
    {0x1, 0, X86_ECX, BIT64(3)},   /* MONITOR: IA32_MISC_ENABLE */
    {0x1, 0, X86_ECX, BIT64(27)},  /* OSXSAVE: CR4 */
    {0x1, 0, X86_EDX, BIT64(9)},   /* APIC: IA32_APIC_BASE */
    {0x7, 0, X86_ECX, BIT64(4)},   /* OSPKE: CR4 */
    {0xd, 0, X86_EBX, UINT32_MAX}, /* bytes for what XCR0 enables */
    {0xd, 1, X86_EBX, UINT32_MAX}, /* bytes for what XCR0 and IA32_XSS enable */
};

/* What the two lists differ by. */
typedef struct Differences {
    Report *report;
    GString *lost;  /* features and registers the guest was told and does not get */
    GString *added; /* those it gets and was not told */
} Differences;

static uint32_t follower_mask(uint32_t function, uint32_t index, X86Reg reg)
{
    uint32_t mask = 0;

    for (unsigned i = 0; i < ARRAY_LEN(followers); i++) {
        if (followers[i].function == function && followers[i].index == index &&
            followers[i].reg == reg) {
            mask |= followers[i].mask;
        }
    }
    return mask;
}

static X86Word word_of(uint32_t function, uint32_t index, X86Reg reg)
{
    X86Word word = 0;

    while (word < X86_WORD_COUNT &&
           (x86_word_rows[word].msr || x86_word_rows[word].leaf != function ||
            x86_word_rows[word].subleaf != index || x86_word_rows[word].reg != reg)) {
        word++;
    }
    return word;
}

static uint32_t pmu_mask(uint32_t function, X86Word word)
{
    return x86_leaf_is_pmu(function) ? UINT32_MAX
           : word < X86_WORD_COUNT   ? (uint32_t)x86_word_flagged(word, X86_OF_PMU)
                                     : 0;
}

/* Features by name, a register with bits that have none by place and values. */
static void append_bits(GString *text, const X86CpuidEntry *place, X86Reg reg,
                        X86Word word, uint32_t mask)
{
    uint32_t unnamed = 0;

    for (unsigned bit = 0; bit < 32; bit++) {
        const char *name = mask & BIT64(bit) && word < X86_WORD_COUNT
                               ? x86_word_bit_name(word, bit)
                               : NULL;

        if (name) {
            g_string_append_printf(text, "%s%s", text->len ? " " : "", name);
        } else {
            unnamed |= mask & (uint32_t)BIT64(bit);
        }
    }
    if (unnamed) {
        g_string_append_printf(text, "%s0x%" PRIx32 ".%" PRIu32 ".%s:0x%" PRIx32,
                               text->len ? " " : "", place->function, place->index,
                               x86_reg_name(reg), unnamed);
    }
}

static void report_pmu(Report *report, const X86CpuidEntry *place, X86Reg reg,
                       uint32_t told, uint32_t kept)
{
    g_autofree char *row =
        g_strdup_printf("CPUID 0x%" PRIx32 ".%" PRIu32 " %s", place->function,
                        place->index, x86_reg_name(reg));
    g_autofree char *asked = g_strdup_printf("0x%" PRIx32, told);
    g_autofree char *given = g_strdup_printf("0x%" PRIx32, kept);

    report_add(report, &(Finding){.level = FINDING_ERROR,
                                  .row = row,
                                  .asked = asked,
                                  .given = given,
                                  .cause = "KVM changed the PMU it was told",
                                  .remedy = "use another host, or pmu=off"});
}

static void check_register(const X86CpuidEntry *place, X86Reg reg, uint32_t told,
                           uint32_t kept, Differences *found)
{
    X86Word word = word_of(place->function, place->index, reg);
    uint32_t decided = ~follower_mask(place->function, place->index, reg);
    uint32_t lost = told & ~kept & decided, added = kept & ~told & decided;

    if ((lost | added) & pmu_mask(place->function, word)) {
        report_pmu(found->report, place, reg, told, kept);
        return;
    }
    append_bits(found->lost, place, reg, word, lost);
    append_bits(found->added, place, reg, word, added);
}

static void check_leaf(const X86CpuidEntry *place, const GArray *told, const GArray *kept,
                       Differences *found)
{
    for (X86Reg reg = X86_EAX; reg < X86_REG_COUNT; reg++) {
        check_register(place, reg,
                       x86_cpuid_reg(told, place->function, place->index, reg),
                       x86_cpuid_reg(kept, place->function, place->index, reg), found);
    }
}

static void report_rest(const Differences *found)
{
    if (found->lost->len) {
        report_add(found->report,
                   &(Finding){.level = FINDING_WARNING,
                              .row = "cpuid-lost",
                              .asked = found->lost->str,
                              .given = "off",
                              .cause = "this KVM did not keep what it was told",
                              .remedy = "leave it out of -cpu"});
    }
    if (found->added->len) {
        report_add(found->report,
                   &(Finding){.level = FINDING_WARNING,
                              .row = "cpuid-added",
                              .asked = "off",
                              .given = found->added->str,
                              .cause = "this KVM adds to what it was told",
                              .remedy = "migrate with care: another host may "
                                        "lack what this guest finds here"});
    }
}

void x86_cpuid_check_kept(const GArray *told, const GArray *kept, Report *report)
{
    Differences found = {report, g_string_new(NULL), g_string_new(NULL)};

    for (unsigned i = 0; i < told->len; i++) {
        check_leaf(&g_array_index(told, X86CpuidEntry, i), told, kept, &found);
    }
    for (unsigned i = 0; i < kept->len; i++) {
        const X86CpuidEntry *entry = &g_array_index(kept, X86CpuidEntry, i);

        if (!x86_cpuid_find(told, entry->function, entry->index)) {
            check_leaf(entry, told, kept, &found);
        }
    }
    report_rest(&found);
    g_string_free(found.lost, TRUE);
    g_string_free(found.added, TRUE);
}
