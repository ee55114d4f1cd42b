/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CpuSet: a set of host CPU numbers, and the kernel's "cpulist" text for it.
 *
 * The parser takes exactly what the kernel prints in sysfs and nothing else, because a
 * list that is cut off or misread would put a guest on CPUs that cannot run it.
 */
#ifndef UTIL_CPU_SET_H
#define UTIL_CPU_SET_H

#include <glib.h>
#include <stdbool.h>

/* CPU numbers are below this; the kernel's own ceiling is far lower. */
#define CPU_SET_LIMIT 65536

typedef struct CpuSet CpuSet;

/* cpu_set_new - an empty set. */
CpuSet *cpu_set_new(void);

/* cpu_set_copy - a set with the same members; NULL gives NULL. */
CpuSet *cpu_set_copy(const CpuSet *set);

/* cpu_set_free - NULL is nothing. */
void cpu_set_free(CpuSet *set);

/* cpu_set_add - put @cpu (below CPU_SET_LIMIT) into the set. */
void cpu_set_add(CpuSet *set, unsigned cpu);

/* cpu_set_has - @cpu is a member; any number may be asked for. */
bool cpu_set_has(const CpuSet *set, unsigned cpu);

/* cpu_set_count - number of members. */
unsigned cpu_set_count(const CpuSet *set);

/* cpu_set_next - the smallest member that is at least @from, or -1. */
int cpu_set_next(const CpuSet *set, unsigned from);

/* cpu_set_covers - every member of @part is a member of @whole. */
bool cpu_set_covers(const CpuSet *whole, const CpuSet *part);

/* cpu_set_intersect - a new set of the members both have. */
CpuSet *cpu_set_intersect(const CpuSet *a, const CpuSet *b);

/* cpu_set_subtract - a new set of the members of @a that @b lacks. */
CpuSet *cpu_set_subtract(const CpuSet *a, const CpuSet *b);

/*
 * cpu_set_parse - the content of a sysfs cpulist file.
 * @text: @len bytes, which must end in exactly one newline
 *
 * Decimal numbers without leading zeros, ascending and not overlapping, "first-last"
 * with first <= last, one comma between items, numbers below CPU_SET_LIMIT.  A lone
 * newline is the empty set.  A missing newline means the kernel cut the text at its page
 * size, and is refused.  NULL with a message that quotes the offset.
 * Source: Linux cpumap_print_to_pagebuf(), Documentation/admin-guide/cputopology.rst.
 */
CpuSet *cpu_set_parse(const char *text, size_t len, GError **errp);

/* cpu_set_parse_list - as cpu_set_parse() for a terminated text without the newline. */
CpuSet *cpu_set_parse_list(const char *text, GError **errp);

/* cpu_set_format - "0-3,8", without newline; the caller frees it. */
char *cpu_set_format(const CpuSet *set);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CpuSet, cpu_set_free)

#endif
