/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPUID leaves, MSR values and register numbers as JSON, shared by profiles and
 * contracts:
 * {"0xLEAF.SUB": ["0xEAX", "0xEBX", "0xECX", "0xEDX"]}, {"0xMSR": "0xVALUE"} and
 * ["0xNUMBER"].
 */
#ifndef TARGET_COMMON_CPUID_JSON_H
#define TARGET_COMMON_CPUID_JSON_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct json_object json_object;

/* cpuid_format - @table (of X86CpuidEntry) as an object; a new reference. */
json_object *cpuid_format(const GArray *table);

/*
 * cpuid_parse - append the leaves of member @name of @object to @table, in ascending
 * order.  Errors name @where and the leaf.
 */
bool cpuid_parse(json_object *object, const char *where, const char *name, GArray *table,
                 GError **errp);

/* msrs_format - @table (of X86Msr) as an object; a new reference. */
json_object *msrs_format(const GArray *table);

/* msrs_parse - as cpuid_parse(), for MSR values. */
bool msrs_parse(json_object *object, const char *where, const char *name, GArray *table,
                GError **errp);

/* msr_row_describe - a row of a table of MSRs, for dumps: name, number, how many there
 * are at most and when a guest has it; a new reference. */
json_object *msr_row_describe(const char *name, uint32_t number, unsigned most,
                              const char *when);

/* registers_format - @table (of uint64_t) as an array; a new reference. */
json_object *registers_format(const GArray *table);

/* registers_parse - append those of member "registers", which may be missing, to @table,
 * in ascending order. */
bool registers_parse(json_object *object, const char *where, GArray *table,
                     GError **errp);

#endif
