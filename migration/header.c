/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "migration/header.h"

#include <inttypes.h>
#include <string.h>

#include "migration/pack.h"
#include "target/arm-id-registers.h"
#include "target/contract-check.h"
#include "util/bits.h"
#include "util/json.h"

#include "header-machine.h"

json_object *migration_header_new(const char *machine, const CpuContract *contract,
                                  unsigned cpus, const GuestRange *ram, unsigned ranges)
{
    json_object *json = json_object_new_object();
    json_object *array = json_object_new_array();
    g_autofree char *digest = cpu_contract_digest(contract);

    json_add_string(json, "machine", machine);
    json_add_string(json, "digest", digest);
    json_add_uint(json, "cpus", cpus);
    for (unsigned i = 0; i < ranges; i++) {
        json_object *range = json_object_new_object();

        json_add_hex(range, "gpa", ram[i].gpa);
        json_add_hex(range, "bytes", ram[i].bytes);
        json_object_array_add(array, range);
    }
    json_add(json, "ram", array);
    return json;
}

void migration_header_add_id_registers(json_object *header, const GPtrArray *sets)
{
    if (sets && sets->len && arm_id_set_of(sets, 0)->len) {
        json_add(header, "id-registers", arm_id_sets_format(sets));
    }
}

/* A way of packing this build cannot undo is refused before a page comes. */
static void check_packed(json_object *header, Report *report)
{
    json_object *packed = NULL;
    bool is_packed = json_object_is_type(header, json_type_object) &&
                     json_object_object_get_ex(header, "packed", &packed);

    if (is_packed && (!pack_is_available() ||
                      g_strcmp0(json_object_get_string(packed), PACK_METHOD) != 0)) {
        check_fail(report, CHECK_PACKING_UNKNOWN, "packed",
                   json_object_to_json_string(packed),
                   pack_is_available() ? PACK_METHOD : "none", NULL);
    }
}

/* For people: "64 MiB at 0x0"; what is no list of ranges as it came. */
static char *ram_text(json_object *ram)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0;
         json_object_is_type(ram, json_type_array) && i < json_object_array_length(ram);
         i++) {
        json_object *range = json_object_array_get_idx(ram, i);
        uint64_t gpa, bytes;

        if (!json_get_hex(range, "ram", "gpa", &gpa, NULL) ||
            !json_get_hex(range, "ram", "bytes", &bytes, NULL)) {
            return g_strdup(json_object_to_json_string(ram));
        }
        g_string_append_printf(text, "%s%" PRIu64 " KiB at 0x%" PRIx64,
                               text->len ? ", " : "", bytes / 1024, gpa);
    }
    return text->len ? g_strdup(text->str) : g_strdup(json_object_to_json_string(ram));
}

static char *plain_text(json_object *value)
{
    return g_strdup(json_object_get_string(value));
}

void migration_header_check(json_object *header, json_object *own, Report *report)
{
    static const struct {
        const char *row;
        CheckReason reason;
        char *(*text)(json_object *value);
    } rows[] = {
        {"machine", CHECK_MACHINE_DIFFERS, plain_text},
        {"cpus", CHECK_CPUS_DIFFER, plain_text},
        {"ram", CHECK_RAM_DIFFERS, ram_text},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        json_object *theirs = NULL, *ours = NULL;

        if (json_object_is_type(header, json_type_object)) {
            (void)json_object_object_get_ex(header, rows[i].row, &theirs);
        }
        (void)json_object_object_get_ex(own, rows[i].row, &ours); /* made here */
        if (!theirs || !json_object_equal(theirs, ours)) {
            g_autofree char *asked = theirs ? rows[i].text(theirs) : g_strdup("nothing");
            g_autofree char *offered = rows[i].text(ours);

            check_fail(report, rows[i].reason, rows[i].row, asked, offered, NULL);
        }
    }
    migration_machine_check(header, own, report);
    check_packed(header, report);
}

static const char *member(json_object *object, const char *name)
{
    const char *text = json_object_get_string(json_object_object_get(object, name));

    return text ? text : "-"; /* not there, or null */
}

char *migration_refusal_text(json_object *findings)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; json_object_is_type(findings, json_type_array) &&
                       i < json_object_array_length(findings);
         i++) {
        json_object *row = json_object_array_get_idx(findings, i);

        /* Warnings come along, but refuse nothing. */
        if (json_object_is_type(row, json_type_object) &&
            strcmp(member(row, "level"), "error") == 0) {
            g_string_append_printf(text, "%s%s: the guest has %s, offered is %s (%s)",
                                   text->len ? "; " : "", member(row, "row"),
                                   member(row, "asked"), member(row, "offered"),
                                   member(row, "cause"));
        }
    }
    return g_strdup(text->str);
}
