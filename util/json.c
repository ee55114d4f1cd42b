/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/json.h"

#include <inttypes.h>
#include <string.h>

#include "util/error.h"
#include "util/number.h"

static bool check_numbers(const char *text, size_t size, GError **errp)
{
    JsonNumbers numbers = {0};

    if (json_numbers_feed(&numbers, text, size, errp) &&
        json_numbers_feed(&numbers, "\n", 1, errp)) {
        return true;
    }
    g_prefix_error(errp, "not JSON: ");
    return false;
}

json_object *json_parse(const char *text, gssize len, GError **errp)
{
    json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH_MAX);
    size_t size = len < 0 ? strlen(text) : (size_t)len;
    json_object *value = NULL;
    enum json_tokener_error status;
    size_t before = 0; /* the last call */

    if (size > INT32_MAX) {
        error_set(errp, "JSON text of %zu bytes is too long", size);
        json_tokener_free(tokener);
        return NULL;
    }
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    value = json_tokener_parse_ex(tokener, text, (int)size);
    status = json_tokener_get_error(tokener);
    if (status == json_tokener_continue) {
        /* A bare number ends only where something follows it. */
        before = size;
        value = json_tokener_parse_ex(tokener, "\n", 1);
        status = json_tokener_get_error(tokener);
    } else if (status == json_tokener_success) {
        size_t end = json_tokener_get_parse_end(tokener);

        while (end < size && strchr(" \t\r\n", text[end]) && text[end]) {
            end++;
        }
        if (end < size) {
            status = json_tokener_error_parse_unexpected;
        }
    }
    if (status != json_tokener_success || !value) {
        error_set(errp, "not JSON at offset %zu: %s",
                  MIN(size, before + json_tokener_get_parse_end(tokener)),
                  status == json_tokener_continue  ? "the text ends too early"
                  : status == json_tokener_success ? "null stands alone"
                                                   : json_tokener_error_desc(status));
        json_object_put(value);
        value = NULL;
    } else if (!check_numbers(text, size, errp)) {
        json_object_put(value);
        value = NULL;
    }
    json_tokener_free(tokener);
    return value;
}

char *json_format(json_object *value)
{
    return g_strdup(json_object_to_json_string_ext(
        value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
}

char *json_format_pretty(json_object *value)
{
    return g_strdup(json_object_to_json_string_ext(
        value, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
                   JSON_C_TO_STRING_NOSLASHESCAPE));
}

bool json_has(json_object *object, const char *name)
{
    return json_object_is_type(object, json_type_object) &&
           json_object_object_get_ex(object, name, NULL);
}

static bool get_member(json_object *object, const char *where, const char *name,
                       json_type type, json_object **ret, GError **errp)
{
    json_object *member;

    if (!json_object_is_type(object, json_type_object)) {
        error_set(errp, "%s: expected an object", where);
        return false;
    }
    if (!json_object_object_get_ex(object, name, &member)) {
        error_set(errp, "%s: member '%s' is missing", where, name);
        return false;
    }
    if (!json_object_is_type(member, type)) {
        error_set(errp, "%s: member '%s' must be of type %s", where, name,
                  json_type_to_name(type));
        return false;
    }
    *ret = member;
    return true;
}

bool json_get_string(json_object *object, const char *where, const char *name,
                     const char **ret, GError **errp)
{
    json_object *member;

    if (!get_member(object, where, name, json_type_string, &member, errp)) {
        return false;
    }
    if (strlen(json_object_get_string(member)) !=
        (size_t)json_object_get_string_len(member)) {
        error_set(errp, "%s: member '%s' contains a NUL byte", where, name);
        return false;
    }
    *ret = json_object_get_string(member);
    return true;
}

bool json_get_uint(json_object *object, const char *where, const char *name, uint64_t max,
                   uint64_t *ret, GError **errp)
{
    json_object *member;
    uint64_t value;

    if (!get_member(object, where, name, json_type_int, &member, errp)) {
        return false;
    }
    value = json_object_get_uint64(member);
    if (value > max || (value == 0 && json_object_get_int64(member) < 0)) {
        error_set(errp, "%s: member '%s' must be 0 to %" PRIu64, where, name, max);
        return false;
    }
    *ret = value;
    return true;
}

bool json_get_bool(json_object *object, const char *where, const char *name, bool *ret,
                   GError **errp)
{
    json_object *member;

    if (!get_member(object, where, name, json_type_boolean, &member, errp)) {
        return false;
    }
    *ret = json_object_get_boolean(member);
    return true;
}

bool json_get_object(json_object *object, const char *where, const char *name,
                     json_object **ret, GError **errp)
{
    return get_member(object, where, name, json_type_object, ret, errp);
}

bool json_get_array(json_object *object, const char *where, const char *name,
                    json_object **ret, GError **errp)
{
    return get_member(object, where, name, json_type_array, ret, errp);
}

bool json_get_hex(json_object *object, const char *where, const char *name, uint64_t *ret,
                  GError **errp)
{
    const char *text;

    if (!json_get_string(object, where, name, &text, errp)) {
        return false;
    }
    if (!g_str_has_prefix(text, "0x") || !number_parse_uint64(text, ret)) {
        error_set(errp, "%s: member '%s' must be a hexadecimal number 0x…, not '%s'",
                  where, name, text);
        return false;
    }
    return true;
}

void json_add(json_object *object, const char *name, json_object *value)
{
    json_object_object_add(object, name, value);
}

void json_add_string(json_object *object, const char *name, const char *value)
{
    json_object_object_add(object, name, json_object_new_string(value));
}

void json_add_uint(json_object *object, const char *name, uint64_t value)
{
    json_object_object_add(object, name, json_object_new_uint64(value));
}

void json_add_bool(json_object *object, const char *name, bool value)
{
    json_object_object_add(object, name, json_object_new_boolean(value));
}

void json_add_hex(json_object *object, const char *name, uint64_t value)
{
    char text[2 + 16 + 1];

    g_snprintf(text, sizeof(text), "0x%" PRIx64, value);
    json_add_string(object, name, text);
}
