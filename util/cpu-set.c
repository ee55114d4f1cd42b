/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/cpu-set.h"

#include <stdint.h>
#include <string.h>

#include "util/bits.h"
#include "util/error.h"

#define WORD_BITS 64

/* Words beyond @count are zero. */
struct CpuSet {
    uint64_t *words;
    unsigned count;
};

CpuSet *cpu_set_new(void)
{
    return g_new0(CpuSet, 1);
}

CpuSet *cpu_set_copy(const CpuSet *set)
{
    CpuSet *copy;

    if (!set) {
        return NULL;
    }
    copy = cpu_set_new();
    copy->count = set->count;
    copy->words = g_memdup2(set->words, set->count * sizeof(*set->words));
    return copy;
}

void cpu_set_free(CpuSet *set)
{
    if (set) {
        g_free(set->words);
        g_free(set);
    }
}

static uint64_t set_word(const CpuSet *set, unsigned i)
{
    return i < set->count ? set->words[i] : 0;
}

static void set_grow(CpuSet *set, unsigned count)
{
    if (count > set->count) {
        set->words = g_renew(uint64_t, set->words, count);
        memset(set->words + set->count, 0, (count - set->count) * sizeof(*set->words));
        set->count = count;
    }
}

void cpu_set_add(CpuSet *set, unsigned cpu)
{
    g_return_if_fail(cpu < CPU_SET_LIMIT);
    set_grow(set, cpu / WORD_BITS + 1);
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a grown set has words */
    set->words[cpu / WORD_BITS] |= BIT64(cpu % WORD_BITS);
}

bool cpu_set_has(const CpuSet *set, unsigned cpu)
{
    return set_word(set, cpu / WORD_BITS) & BIT64(cpu % WORD_BITS);
}

unsigned cpu_set_count(const CpuSet *set)
{
    unsigned count = 0;

    for (unsigned i = 0; i < set->count; i++) {
        count += (unsigned)__builtin_popcountll(set->words[i]);
    }
    return count;
}

int cpu_set_next(const CpuSet *set, unsigned from)
{
    for (unsigned cpu = from; cpu < set->count * WORD_BITS; cpu++) {
        if (cpu_set_has(set, cpu)) {
            return (int)cpu;
        }
    }
    return -1;
}

bool cpu_set_covers(const CpuSet *whole, const CpuSet *part)
{
    for (unsigned i = 0; i < part->count; i++) {
        if (part->words[i] & ~set_word(whole, i)) {
            return false;
        }
    }
    return true;
}

CpuSet *cpu_set_intersect(const CpuSet *a, const CpuSet *b)
{
    CpuSet *set = cpu_set_copy(a);

    for (unsigned i = 0; i < set->count; i++) {
        set->words[i] &= set_word(b, i);
    }
    return set;
}

CpuSet *cpu_set_subtract(const CpuSet *a, const CpuSet *b)
{
    CpuSet *set = cpu_set_copy(a);

    for (unsigned i = 0; i < set->count; i++) {
        set->words[i] &= ~set_word(b, i);
    }
    return set;
}

/* A decimal number at @*pos; advances it.  No leading zeros, below CPU_SET_LIMIT. */
static bool list_number(const char *text, size_t len, size_t *pos, unsigned *ret)
{
    size_t start = *pos;
    unsigned value = 0;

    while (*pos < len && g_ascii_isdigit(text[*pos])) {
        value = value * 10 + (unsigned)(text[*pos] - '0');
        if (value >= CPU_SET_LIMIT) {
            return false;
        }
        (*pos)++;
    }
    if (*pos == start || (text[start] == '0' && *pos - start > 1)) {
        return false;
    }
    *ret = value;
    return true;
}

/* "N" or "N-M" at @*pos, above @*floor; the members go into @set. */
static bool list_item(CpuSet *set, const char *text, size_t len, size_t *pos,
                      unsigned *floor)
{
    unsigned first, last;

    if (!list_number(text, len, pos, &first)) {
        return false;
    }
    last = first;
    if (*pos < len && text[*pos] == '-') {
        (*pos)++;
        if (!list_number(text, len, pos, &last)) {
            return false;
        }
    }
    if (first < *floor || last < first) {
        return false;
    }
    for (unsigned cpu = first; cpu <= last; cpu++) {
        cpu_set_add(set, cpu);
    }
    *floor = last + 1;
    return true;
}

static CpuSet *list_parse(const char *text, size_t len, GError **errp)
{
    g_autoptr(CpuSet) set = cpu_set_new();
    unsigned floor = 0;
    size_t pos = 0;

    while (len > 0) {
        if (!list_item(set, text, len, &pos, &floor)) {
            error_set(errp, "not a CPU list at offset %zu", pos);
            return NULL;
        }
        if (pos == len) {
            break;
        }
        if (text[pos] != ',') {
            error_set(errp, "not a CPU list at offset %zu: ',' or the end expected", pos);
            return NULL;
        }
        pos++;
    }
    return g_steal_pointer(&set);
}

CpuSet *cpu_set_parse(const char *text, size_t len, GError **errp)
{
    if (len == 0 || text[len - 1] != '\n') {
        error_set(errp, "CPU list is cut off: no newline after %zu bytes", len);
        return NULL;
    }
    return list_parse(text, len - 1, errp);
}

CpuSet *cpu_set_parse_list(const char *text, GError **errp)
{
    return list_parse(text, strlen(text), errp);
}

char *cpu_set_format(const CpuSet *set)
{
    GString *text = g_string_new(NULL);
    int first = cpu_set_next(set, 0);

    while (first >= 0) {
        unsigned last = (unsigned)first;

        while (cpu_set_has(set, last + 1)) {
            last++;
        }
        g_string_append_printf(text, "%s%d", text->len ? "," : "", first);
        if (last > (unsigned)first) {
            g_string_append_printf(text, "-%u", last);
        }
        first = cpu_set_next(set, last + 1);
    }
    return g_string_free(text, FALSE);
}
