/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vpmu stream: what a saved guest holds.
 */
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "tool.h"

#define BYTES_PER_LINE 16

/* One object for all that the stream holds. */
typedef struct Collection {
    json_object *json, *sections;
    json_object *rows, *registers; /* those at hand */
} Collection;

static json_object *json_hex(uint64_t number)
{
    g_autofree char *text = g_strdup_printf("0x%" PRIx64, number);

    return json_object_new_string(text);
}

static json_object *section_new(Collection *collection, const VpmuSaved *saved)
{
    json_object *section = json_object_new_object();

    collection->rows = json_object_new_object();
    json_object_object_add(section, "name", json_object_new_string(saved->section));
    json_object_object_add(section, "instance", json_object_new_uint64(saved->instance));
    json_object_object_add(section, "rows", collection->rows);
    return section;
}

/* A row of one number is that number. */
static json_object *numbers_new(const VpmuSaved *saved)
{
    json_object *array;

    if (saved->count == 1) {
        return json_hex(saved->numbers[0]);
    }
    array = json_object_new_array();
    for (uint64_t i = 0; i < saved->count; i++) {
        json_object_array_add(array, json_hex(saved->numbers[i]));
    }
    return array;
}

static json_object *bytes_new(const VpmuSaved *saved)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (uint64_t i = 0; i < saved->count; i++) {
        g_string_append_printf(text, "%02x", saved->bytes[i]);
    }
    return json_object_new_string(text->str);
}

static void collect(const VpmuSaved *saved, void *opaque)
{
    Collection *collection = opaque;
    json_object *rows = collection->rows;

    switch (saved->kind) {
    case VPMU_SAVED_HEADER:
        json_object_object_add(collection->json, "header",
                               json_tokener_parse(saved->json));
        break;
    case VPMU_SAVED_CONTRACT:
        json_object_object_add(collection->json, "contract",
                               json_tokener_parse(saved->json));
        break;
    case VPMU_SAVED_SECTION:
        json_object_array_add(collection->sections, section_new(collection, saved));
        break;
    case VPMU_SAVED_NUMBERS:
        json_object_object_add(rows, saved->row, numbers_new(saved));
        break;
    case VPMU_SAVED_BYTES:
        json_object_object_add(rows, saved->row, bytes_new(saved));
        break;
    case VPMU_SAVED_REGISTERS:
        collection->registers = json_object_new_object();
        json_object_object_add(rows, saved->row, collection->registers);
        break;
    case VPMU_SAVED_REGISTER:
        json_object_object_add(collection->registers, saved->key,
                               json_object_new_string(saved->value));
        break;
    case VPMU_SAVED_RAM:
        json_object_object_add(collection->json, "ram-frames",
                               json_object_new_uint64(saved->count));
        break;
    }
}

/* The header, or the contract: one line per member. */
static void print_members(FILE *out, const char *name, const char *text)
{
    json_object *json = json_tokener_parse(text);

    if (json_object_is_type(json, json_type_object)) {
        json_object_object_foreach(json, key, value)
        {
            fprintf(out, "%s %s = %s\n", name, key,
                    json_object_to_json_string_ext(
                        value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
        }
    }
    json_object_put(json);
}

static void print_bytes(FILE *out, const VpmuSaved *saved)
{
    for (uint64_t at = 0; at < saved->count; at++) {
        if (at % BYTES_PER_LINE == 0) {
            fprintf(out, "%s%s.%u %s 0x%" PRIx64 " =", at ? "\n" : "", saved->section,
                    saved->instance, saved->row, at);
        }
        fprintf(out, " %02x", saved->bytes[at]);
    }
    if (saved->count) {
        fputc('\n', out);
    }
}

static void print(const VpmuSaved *saved, void *opaque)
{
    FILE *out = opaque;

    switch (saved->kind) {
    case VPMU_SAVED_HEADER:
        print_members(out, "header", saved->json);
        break;
    case VPMU_SAVED_CONTRACT:
        print_members(out, "contract", saved->json);
        break;
    case VPMU_SAVED_SECTION:
    case VPMU_SAVED_REGISTERS:
        break;
    case VPMU_SAVED_NUMBERS:
        fprintf(out, "%s.%u %s =", saved->section, saved->instance, saved->row);
        for (uint64_t i = 0; i < saved->count; i++) {
            fprintf(out, " 0x%" PRIx64, saved->numbers[i]);
        }
        fputc('\n', out);
        break;
    case VPMU_SAVED_BYTES:
        print_bytes(out, saved);
        break;
    case VPMU_SAVED_REGISTER:
        fprintf(out, "%s.%u %s %s%s%s = %s\n", saved->section, saved->instance,
                saved->row, saved->key, saved->name ? " " : "",
                saved->name ? saved->name : "", saved->value);
        break;
    case VPMU_SAVED_RAM:
        fprintf(out, "ram frames = %" PRIu64 "\n", saved->count);
        break;
    }
}

static VpmuStatus print_json(FILE *out, const char *path, uint64_t offset, char **message)
{
    Collection collection = {
        .json = json_object_new_object(),
        .sections = json_object_new_array(),
    };
    VpmuStatus status = vpmu_saved_read(path, offset, collect, &collection, message);

    json_object_object_add(collection.json, "sections", collection.sections);
    if (status == VPMU_OK) {
        fprintf(out, "%s\n",
                json_object_to_json_string_ext(
                    collection.json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
                                         JSON_C_TO_STRING_NOSLASHESCAPE));
    }
    json_object_put(collection.json);
    return status;
}

typedef struct StreamArgs {
    const char *path;
    uint64_t offset;
    bool is_json;
} StreamArgs;

static bool read_args(char **args, StreamArgs *ret, GError **errp)
{
    for (; *args; args++) {
        if (strcmp(*args, "--json") == 0) {
            ret->is_json = true;
        } else if (strcmp(*args, "--offset") == 0) {
            const char *text = tool_take_value(&args, errp);

            if (!text) {
                return false;
            }
            if (!tool_parse_bytes(text, &ret->offset) || ret->offset > INT64_MAX) {
                tool_error(errp, "--offset %s: a number of bytes is expected", text);
                return false;
            }
        } else if ((*args)[0] != '-' && !ret->path) {
            ret->path = *args;
        } else {
            tool_error(errp, "'%s' is not an option, see vpmu help", *args);
            return false;
        }
    }
    if (!ret->path) {
        tool_error(errp, "the file of a saved guest is needed");
    }
    return ret->path;
}

ToolExit cmd_stream(char **args, FILE *out, GError **errp)
{
    StreamArgs stream = {0};
    char *message = NULL;
    VpmuStatus status;

    if (!read_args(args, &stream, errp)) {
        return TOOL_EXIT_BAD_INPUT;
    }
    status = stream.is_json
                 ? print_json(out, stream.path, stream.offset, &message)
                 : vpmu_saved_read(stream.path, stream.offset, print, out, &message);
    return status == VPMU_OK ? TOOL_EXIT_OK : tool_fail(status, message, errp);
}
