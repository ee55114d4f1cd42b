/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of what was asked, offered and given, and the values of properties that a
 * contract fixed: walks over the rows.
 */
#include <string.h>

#include "target/contract-row.h"
#include "target/cpu-offer.h"
#include "util/json.h"

static void row_clear(gpointer data)
{
    CpuTableRow *row = data;

    g_free(row->what);
    g_free(row->asked);
    g_free(row->offered);
    g_free(row->given);
}

static GArray *table_new(void)
{
    GArray *table = g_array_new(FALSE, FALSE, sizeof(CpuTableRow));

    g_array_set_clear_func(table, row_clear);
    return table;
}

/* As it was said; NULL where nobody spoke of it. */
static char *property_asked(const Object *cpu, const ContractRow *row)
{
    g_autojson *value = NULL;

    if (!row->property || object_origin(cpu, row->property) == ORIGIN_DEFAULT) {
        return NULL;
    }
    value = object_get_json(cpu, row->property, NULL);
    if (!value) {
        return NULL;
    }
    if (json_object_is_type(value, json_type_boolean)) {
        return g_strdup(json_object_get_boolean(value) ? "on" : "off");
    }
    return g_strdup(row->flags & ROW_ZERO_IS_OFF &&
                            strcmp(json_object_get_string(value), "0") == 0
                        ? "off"
                        : json_object_get_string(value));
}

static char *value_text(const ContractRow *row, const CpuContract *contract)
{
    return row->flags & ROW_ZERO_IS_OFF && !contract_row_number(row, contract)
               ? g_strdup("off")
               : contract_row_text(row, contract, NULL);
}

static char *or_dash(char *text)
{
    return text ? text : g_strdup("-");
}

static void add_row(GArray *table, const ContractRow *row, const Object *cpu,
                    const CpuResolveInput *in, const CpuOffer *offer,
                    const CpuContract *contract)
{
    CpuTableRow line = {
        .what = g_strdup(row->label),
        .asked = or_dash(row->asked_text ? row->asked_text(cpu, in)
                                         : property_asked(cpu, row)),
        .offered = or_dash(row->offered_text ? row->offered_text(in)
                                             : value_text(row, offer->contract)),
        .given = or_dash(row->given_text ? row->given_text(in, contract)
                                         : value_text(row, contract)),
    };

    g_array_append_val(table, line);
}

/* Of the PMU of one vendor, on a host of the other's. */
static bool is_of_others(const ContractRow *row, const CpuOffer *offer)
{
    bool is_amd = offer->contract->x86.is_amd_pmu;

    return row->flags & (is_amd ? ROW_INTEL : ROW_AMD);
}

GArray *cpu_table(const Object *cpu, const CpuResolveInput *in,
                  const CpuContract *contract)
{
    g_autoptr(CpuOffer) offer = cpu_offer_new(in, NULL);
    GArray *table = table_new();
    const ContractRow *row;

    /* Its numbers first, then its features. */
    for (unsigned features = 0; features < 2; features++) {
        for (unsigned i = 0; (row = contract_row(contract->arch, i)); i++) {
            if (row->label && (row->kind == ROW_FEATURE) == features &&
                !is_of_others(row, offer)) {
                add_row(table, row, cpu, in, offer, contract);
            }
        }
    }
    return table;
}

char *cpu_table_format(const GArray *table)
{
    GString *text = g_string_new(NULL);
    size_t width[3] = {strlen("PMU property"), strlen("asked"), strlen("offered")};

    for (unsigned i = 0; i < table->len; i++) {
        const CpuTableRow *row = &g_array_index(table, CpuTableRow, i);

        width[0] = MAX(width[0], strlen(row->what));
        width[1] = MAX(width[1], strlen(row->asked));
        width[2] = MAX(width[2], strlen(row->offered));
    }
    g_string_append_printf(text, "%-*s  %-*s  %-*s  %s\n", (int)width[0], "PMU property",
                           (int)width[1], "asked", (int)width[2], "offered", "given");
    for (unsigned i = 0; i < table->len; i++) {
        const CpuTableRow *row = &g_array_index(table, CpuTableRow, i);

        g_string_append_printf(text, "%-*s  %-*s  %-*s  %s\n", (int)width[0], row->what,
                               (int)width[1], row->asked, (int)width[2], row->offered,
                               row->given);
    }
    return g_string_free(text, FALSE);
}

json_object *cpu_table_to_json(const GArray *table)
{
    json_object *array = json_object_new_array();

    for (unsigned i = 0; i < table->len; i++) {
        const CpuTableRow *row = &g_array_index(table, CpuTableRow, i);
        json_object *object = json_object_new_object();

        json_add_string(object, "what", row->what);
        json_add_string(object, "asked", row->asked);
        json_add_string(object, "offered", row->offered);
        json_add_string(object, "given", row->given);
        json_object_array_add(array, object);
    }
    return array;
}

/* What @contract has of @row, as a property says it; NULL for nothing. */
static json_object *given(const ContractRow *row, const CpuContract *contract)
{
    uint64_t value = contract_row_number(row, contract);
    g_autofree char *whole = NULL;
    const char *text;

    switch (row->kind) {
    case ROW_SWITCH:
    case ROW_FEATURE:
        return json_object_new_boolean(row->mask ? value == row->mask : value != 0);
    case ROW_TEXT:
        text = contract_row_string(row, contract);
        return json_object_new_string(text ? text : "");
    default:
        text = whole = contract_row_text(row, contract, NULL);
        /* No format, or a number of a PMU that is not there: absent, as where nobody
         * asked. */
        return !text || (row->flags & ROW_ZERO_IS_OFF && !value) ||
                       (row->flags & ROW_OF_PMU && !contract->pmu_enabled)
                   ? NULL
                   : json_object_new_uint64(value);
    }
}

json_object *cpu_given_property(const CpuContract *contract, const Object *cpu,
                                const Property *prop)
{
    X86FeatureId feature = contract->arch == TARGET_ARCH_X86_64
                               ? x86_feature_find(prop->name)
                               : X86_NO_FEATURE;
    /* A second spelling of a feature is the same feature. */
    const char *name =
        feature == X86_NO_FEATURE ? prop->name : x86_feature_rows[feature].name;
    const ContractRow *row;

    for (unsigned i = 0; (row = contract_row(contract->arch, i)); i++) {
        if (g_strcmp0(row->property, name) == 0) {
            return given(row, contract);
        }
    }
    return object_get_json(cpu, prop->name, NULL);
}
