/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPUID leaves and MSR values as JSON, shared by profiles and contracts:
 * {"0xLEAF.SUB": ["0xEAX", "0xEBX", "0xECX", "0xEDX"]} and {"0xMSR": "0xVALUE"}.
 */
#ifndef TARGET_COMMON_CPUID_JSON_H
#define TARGET_COMMON_CPUID_JSON_H

#include <glib.h>
#include <stdbool.h>

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

#endif
