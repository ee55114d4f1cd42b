/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cpuid-json.h"

#include <string.h>

#include "target/x86-cpuid.h"
#include "util/error.h"
#include "util/json.h"
#include "util/number.h"

#define ENTRIES_MAX   1024
#define REGISTERS_MAX 4096

json_object *cpuid_format(const GArray *table)
{
    json_object *object = json_object_new_object();

    for (unsigned i = 0; i < table->len; i++) {
        X86CpuidEntry *entry = &g_array_index(table, X86CpuidEntry, i);
        json_object *regs = json_object_new_array_ext(X86_REG_COUNT);
        char text[32];

        for (X86Reg reg = X86_EAX; reg < X86_REG_COUNT; reg++) {
            g_snprintf(text, sizeof(text), "0x%08x", *x86_entry_reg(entry, reg));
            json_object_array_add(regs, json_object_new_string(text));
        }
        g_snprintf(text, sizeof(text), "0x%08x.%x", entry->function, entry->index);
        json_add(object, text, regs);
    }
    return object;
}

/* Longer parts are no 64-bit numbers. */
#define LEAF_TEXT_MAX 20

/* "0x0000000d.1": both parts hexadecimal.  Fleets of profiles are full of them, so
 * nothing is allocated. */
static bool parse_leaf_name(const char *name, X86CpuidEntry *entry)
{
    const char *dot = strchr(name, '.');
    char text[LEAF_TEXT_MAX + 1];
    uint64_t leaf, sub;

    if (!g_str_has_prefix(name, "0x") || !dot || dot - name > LEAF_TEXT_MAX ||
        strlen(dot) > LEAF_TEXT_MAX - 2) {
        return false;
    }
    g_strlcpy(text, name, (gsize)(dot - name) + 1);
    if (!number_parse_uint64(text, &leaf)) {
        return false;
    }
    g_snprintf(text, sizeof(text), "0x%s", dot + 1);
    if (!number_parse_uint64(text, &sub) || leaf > UINT32_MAX || sub > UINT32_MAX) {
        return false;
    }
    entry->function = (uint32_t)leaf;
    entry->index = (uint32_t)sub;
    entry->flags = x86_leaf_has_index(entry->function) ? X86_CPUID_HAS_INDEX : 0;
    return true;
}

static bool parse_regs(json_object *regs, X86CpuidEntry *entry)
{
    if (!json_object_is_type(regs, json_type_array) ||
        json_object_array_length(regs) != X86_REG_COUNT) {
        return false;
    }
    for (X86Reg reg = X86_EAX; reg < X86_REG_COUNT; reg++) {
        json_object *item = json_object_array_get_idx(regs, reg);
        uint64_t value;

        if (!json_object_is_type(item, json_type_string) ||
            !number_parse_uint64(json_object_get_string(item), &value) ||
            value > UINT32_MAX) {
            return false;
        }
        *x86_entry_reg(entry, reg) = (uint32_t)value;
    }
    return true;
}

static int entry_order(gconstpointer a, gconstpointer b)
{
    const X86CpuidEntry *one = a, *two = b;

    if (one->function != two->function) {
        return one->function < two->function ? -1 : 1;
    }
    return one->index < two->index ? -1 : one->index > two->index;
}

bool cpuid_parse(json_object *object, const char *where, const char *name, GArray *table,
                 GError **errp)
{
    json_object *leaves;

    if (!json_get_object(object, where, name, &leaves, errp)) {
        return false;
    }
    json_object_object_foreach(leaves, leaf, regs)
    {
        X86CpuidEntry entry = {0};

        if (!parse_leaf_name(leaf, &entry) || !parse_regs(regs, &entry) ||
            x86_cpuid_find(table, entry.function, entry.index)) {
            error_set(errp,
                      "%s.%s: '%s' is not a new \"0xLEAF.SUB\" with four 32-bit values",
                      where, name, leaf);
            return false;
        }
        if (table->len >= ENTRIES_MAX) {
            error_set(errp, "%s.%s: more than %d leaves", where, name, ENTRIES_MAX);
            return false;
        }
        g_array_append_val(table, entry);
    }
    g_array_sort(table, entry_order);
    return true;
}

json_object *msrs_format(const GArray *table)
{
    json_object *object = json_object_new_object();

    for (unsigned i = 0; i < table->len; i++) {
        const X86Msr *msr = &g_array_index(table, X86Msr, i);
        char text[16];

        g_snprintf(text, sizeof(text), "0x%x", msr->index);
        json_add_hex(object, text, msr->value);
    }
    return object;
}

bool msrs_parse(json_object *object, const char *where, const char *name, GArray *table,
                GError **errp)
{
    json_object *msrs;

    if (!json_get_object(object, where, name, &msrs, errp)) {
        return false;
    }
    json_object_object_foreach(msrs, index, value)
    {
        X86Msr msr = {0};
        uint64_t number;

        (void)value; /* read by name, with the checks of json_get_hex */
        if (!number_parse_uint64(index, &number) || number > UINT32_MAX ||
            table->len >= ENTRIES_MAX) {
            error_set(errp, "%s.%s: '%s' is not an MSR number", where, name, index);
            return false;
        }
        if (!json_get_hex(msrs, name, index, &msr.value, errp)) {
            return false;
        }
        msr.index = (uint32_t)number;
        g_array_append_val(table, msr);
    }
    return true;
}

json_object *msr_row_describe(const char *name, uint32_t number, unsigned most,
                              const char *when)
{
    json_object *row = json_object_new_object();

    json_add_string(row, "name", name);
    json_add_hex(row, "number", number);
    json_add_uint(row, "count", most);
    json_add_string(row, "when", when);
    return row;
}

json_object *registers_format(const GArray *table)
{
    json_object *array = json_object_new_array();

    for (unsigned i = 0; i < table->len; i++) {
        char text[2 + 16 + 1];

        g_snprintf(text, sizeof(text), "0x%" G_GINT64_MODIFIER "x",
                   g_array_index(table, uint64_t, i));
        json_object_array_add(array, json_object_new_string(text));
    }
    return array;
}

static int number_order(gconstpointer a, gconstpointer b)
{
    uint64_t one = *(const uint64_t *)a, two = *(const uint64_t *)b;

    return one < two ? -1 : one > two;
}

bool registers_parse(json_object *object, const char *where, GArray *table, GError **errp)
{
    json_object *array;

    if (!json_has(object, "registers")) {
        return true;
    }
    if (!json_get_array(object, where, "registers", &array, errp)) {
        return false;
    }
    for (size_t i = 0; i < json_object_array_length(array); i++) {
        json_object *item = json_object_array_get_idx(array, i);
        uint64_t number;

        if (!json_object_is_type(item, json_type_string) || i >= REGISTERS_MAX ||
            !number_parse_uint64(json_object_get_string(item), &number)) {
            error_set(errp, "%s.registers[%zu]: a register's number is expected", where,
                      i);
            return false;
        }
        g_array_append_val(table, number);
    }
    g_array_sort(table, number_order);
    return true;
}
