/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a header says of the machine a guest knows.  "devices" are types, in the order
 * their states are numbered; "device-properties" has an object for each of them; "smp"
 * and "machine-properties" are one object each.  The rows are those of the property
 * tables (Property.seen_by).
 *
 * The guest's header leads: what it tells has to be so here, what it does not tell
 * (because an earlier build wrote it) is not compared.
 */
#include "header-machine.h"

#include <inttypes.h>
#include <string.h>

#include "migration/header.h"
#include "target/contract-check.h"
#include "util/json.h"

/* From here on a number is said as an address. */
#define ADDRESS_LEAST 0x100

void migration_header_add_devices(json_object *header, const GPtrArray *devices)
{
    json_object *types = json_object_new_array();
    json_object *properties = json_object_new_array();

    for (unsigned i = 0; i < devices->len; i++) {
        const Object *device = g_ptr_array_index(devices, i);

        json_object_array_add(types, json_object_new_string(device->type->name));
        json_object_array_add(properties, object_seen_json(device, UINT_MAX));
    }
    json_add(header, "devices", types);
    json_add(header, "device-properties", properties);
}

void migration_header_add_machine(json_object *header, TargetArch arch,
                                  const Object *config, const SmpTopology *smp)
{
    json_add(header, "machine-properties",
             object_seen_json(config, TARGET_ARCH_BIT(arch)));
    /* The device tree of an arm64 board says nothing of it. */
    if (smp && arch == TARGET_ARCH_X86_64) {
        json_add(header, "smp", smp_topology_format(smp));
    }
}

/* ---- properties ---- */

/* As the command line has it: "on", "0x3f8"; the caller frees it. */
static char *value_text(json_object *value)
{
    if (json_object_is_type(value, json_type_boolean)) {
        return g_strdup(json_object_get_boolean(value) ? "on" : "off");
    }
    if (json_object_is_type(value, json_type_int) &&
        json_object_get_uint64(value) >= ADDRESS_LEAST) {
        return g_strdup_printf("0x%" PRIx64, json_object_get_uint64(value));
    }
    return g_strdup(json_object_get_string(value));
}

/* Each member of @theirs, untrusted, has to be in @ours. */
static void check_members(json_object *theirs, json_object *ours, const char *whose,
                          CheckReason reason, Report *report)
{
    json_object_object_foreach(theirs, name, value)
    {
        json_object *own = NULL;

        if (!json_object_object_get_ex(ours, name, &own) ||
            !json_object_equal(value, own)) {
            g_autofree char *row = g_strdup_printf("%s.%s", whose, name);
            g_autofree char *asked = value_text(value);
            g_autofree char *offered = value_text(own);

            check_fail(report, reason, row, asked ? asked : "null",
                       offered ? offered : "nothing", NULL);
        }
    }
}

/* Member @name of both, which is an object. */
static void check_object(json_object *header, json_object *own, const char *name,
                         const char *whose, CheckReason reason, Report *report)
{
    json_object *theirs = json_object_object_get(header, name);
    json_object *ours = json_object_object_get(own, name);

    if (!ours || !json_has(header, name)) {
        return;
    }
    if (!json_object_is_type(theirs, json_type_object)) {
        check_fail(report, reason, name, json_object_to_json_string(theirs), "an object",
                   NULL);
        return;
    }
    check_members(theirs, ours, whose, reason, report);
}

/* ---- devices ---- */

/* How many of each type: name -> count.  What is no list of names counts as one thing. */
static GHashTable *count_devices(json_object *list)
{
    GHashTable *counts = g_hash_table_new(g_str_hash, g_str_equal);

    for (size_t i = 0;
         i < (json_object_is_type(list, json_type_array) ? json_object_array_length(list)
                                                         : 1);
         i++) {
        json_object *item = json_object_is_type(list, json_type_array)
                                ? json_object_array_get_idx(list, i)
                                : list;
        const char *name = json_object_get_string(item);
        gpointer key = (gpointer)(name ? name : "null");
        guint count = GPOINTER_TO_UINT(g_hash_table_lookup(counts, key));

        g_hash_table_insert(counts, key, GUINT_TO_POINTER(count + 1));
    }
    return counts;
}

/* Types and numbers of them; true where they are the same. */
static bool check_counts(GHashTable *asked, GHashTable *offered, Report *report)
{
    g_autoptr(GString) guest = g_string_new(NULL);
    g_autoptr(GString) here = g_string_new(NULL);
    GList *names =
        g_list_concat(g_hash_table_get_keys(asked), g_hash_table_get_keys(offered));

    names = g_list_sort(names, (GCompareFunc)g_strcmp0);
    for (GList *at = names; at; at = at->next) {
        guint one = GPOINTER_TO_UINT(g_hash_table_lookup(asked, at->data));
        guint two = GPOINTER_TO_UINT(g_hash_table_lookup(offered, at->data));

        if (one != two && !(at->prev && strcmp(at->prev->data, at->data) == 0)) {
            g_string_append_printf(guest, "%s%u %s", guest->len ? ", " : "", one,
                                   (char *)at->data);
            g_string_append_printf(here, "%s%u %s", here->len ? ", " : "", two,
                                   (char *)at->data);
        }
    }
    g_list_free(names);
    if (guest->len) {
        check_fail(report, CHECK_DEVICES_DIFFER, "devices", guest->str, here->str, NULL);
    }
    return guest->len == 0;
}

static const char *type_at(json_object *types, size_t index)
{
    const char *type = json_object_get_string(json_object_array_get_idx(types, index));

    return type ? type : "null";
}

/* Where the device of type @type stands that has @ordinal others of it before; there is
 * one. */
static size_t find_device(json_object *types, const char *type, unsigned ordinal)
{
    size_t index = 0;

    while (strcmp(type_at(types, index), type) != 0 || ordinal-- > 0) {
        index++;
    }
    return index;
}

static unsigned ordinal_of(json_object *types, size_t index)
{
    unsigned ordinal = 0;

    for (size_t i = 0; i < index; i++) {
        ordinal += strcmp(type_at(types, i), type_at(types, index)) == 0;
    }
    return ordinal;
}

/* @list, untrusted, has an object for each of @types, untrusted. */
static bool are_properties(json_object *list, json_object *types)
{
    bool ok = json_object_is_type(types, json_type_array) &&
              json_object_is_type(list, json_type_array) &&
              json_object_array_length(list) == json_object_array_length(types);
    size_t count = ok ? json_object_array_length(list) : 0;

    for (size_t i = 0; ok && i < count; i++) {
        ok = json_object_is_type(json_object_array_get_idx(list, i), json_type_object);
    }
    return ok;
}

/*
 * The n-th of a type against the n-th of it: that is how their states are told apart. The
 * types and their numbers are the same on both sides.
 */
static void check_properties(json_object *header, json_object *own, GHashTable *counts,
                             Report *report)
{
    json_object *types = json_object_object_get(own, "devices");
    json_object *ours = json_object_object_get(own, "device-properties");
    json_object *their_types = json_object_object_get(header, "devices");
    json_object *theirs = json_object_object_get(header, "device-properties");
    size_t count = json_object_array_length(types);

    if (!json_has(header, "device-properties")) {
        return;
    }
    if (!are_properties(theirs, their_types)) {
        check_fail(report, CHECK_DEVICE_DIFFERS, "device-properties",
                   json_object_to_json_string(theirs), "an object for each device", NULL);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const char *type = type_at(types, i);
        unsigned ordinal = ordinal_of(types, i);
        size_t other = find_device(their_types, type, ordinal);
        bool is_only = GPOINTER_TO_UINT(g_hash_table_lookup(counts, type)) == 1;
        g_autofree char *whose =
            is_only ? g_strdup(type) : g_strdup_printf("%s[%u]", type, ordinal);

        check_members(json_object_array_get_idx(theirs, other),
                      json_object_array_get_idx(ours, i), whose, CHECK_DEVICE_DIFFERS,
                      report);
    }
}

static void check_devices(json_object *header, json_object *own, Report *report)
{
    json_object *theirs = NULL, *ours = NULL;
    g_autoptr(GHashTable) asked = NULL;
    g_autoptr(GHashTable) offered = NULL;

    if (!json_object_object_get_ex(header, "devices", &theirs) ||
        !json_object_object_get_ex(own, "devices", &ours)) {
        return;
    }
    asked = count_devices(theirs);
    offered = count_devices(ours);
    if (check_counts(asked, offered, report)) {
        check_properties(header, own, offered, report);
    }
}

void migration_machine_check(json_object *header, json_object *own, Report *report)
{
    if (!json_object_is_type(header, json_type_object)) {
        return; /* nothing of it is there, and that has been said */
    }
    check_object(header, own, "machine-properties", "machine",
                 CHECK_MACHINE_PROPERTY_DIFFERS, report);
    /* Another number of CPUs cannot be arranged in the same way. */
    if (json_object_equal(json_object_object_get(header, "cpus"),
                          json_object_object_get(own, "cpus"))) {
        check_object(header, own, "smp", "smp", CHECK_TOPOLOGY_DIFFERS, report);
    }
    check_devices(header, own, report);
}
