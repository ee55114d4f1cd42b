/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/error.h"
#include "util/json.h"
#include "util/keyval.h"

static bool add_value(KeyvalList *list, const char *key, json_object *value,
                      GError **errp);

static bool add_members(KeyvalList *list, const char *prefix, json_object *object,
                        GError **errp)
{
    json_object_object_foreach(object, name, value)
    {
        g_autofree char *key = g_strconcat(prefix, name, NULL);

        if (!add_value(list, key, value, errp)) {
            return false;
        }
    }
    return true;
}

/* A list is the key again and again; {"str": "x"} in one is the string. */
static bool add_items(KeyvalList *list, const char *key, json_object *array,
                      GError **errp)
{
    for (size_t i = 0; i < json_object_array_length(array); i++) {
        json_object *item = json_object_array_get_idx(array, i), *text = NULL;

        if (json_object_is_type(item, json_type_object) &&
            json_object_object_length(item) == 1 &&
            json_object_object_get_ex(item, "str", &text)) {
            item = text;
        }
        if (!json_object_is_type(item, json_type_string)) {
            error_set(errp, "%s: a list of strings is needed", key);
            return false;
        }
        keyval_add(list, key, json_object_get_string(item));
    }
    return true;
}

static bool add_value(KeyvalList *list, const char *key, json_object *value,
                      GError **errp)
{
    if (json_object_is_type(value, json_type_object)) {
        g_autofree char *deeper = g_strconcat(key, ".", NULL);

        return add_members(list, deeper, value, errp);
    }
    if (json_object_is_type(value, json_type_array)) {
        return add_items(list, key, value, errp);
    }
    if (!value) {
        error_set(errp, "%s: a string, a number or a boolean is needed", key);
        return false;
    }
    keyval_add(list, key, json_object_get_string(value));
    return true;
}

KeyvalList *keyval_parse_any(const char *text, const char *implied_key, GError **errp)
{
    g_autoptr(KeyvalList) list = NULL;
    g_autojson *json = NULL;

    if (text[0] != '{') {
        return keyval_parse(text, implied_key, errp);
    }
    json = json_parse(text, -1, errp);
    if (!json) {
        return NULL;
    }
    list = keyval_new();
    return add_members(list, "", json, errp) ? g_steal_pointer(&list) : NULL;
}
