/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "property.h"

#include <inttypes.h>
#include <string.h>

#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"
#include "util/number.h"

/* What the number kinds have in common. */
static const struct {
    const char *type_name;
    unsigned bytes; /* 0: not a plain number */
} kinds[] = {
    [PROP_BOOL] = {"bool", 1},     [PROP_UINT8] = {"uint8", 1},
    [PROP_UINT16] = {"uint16", 2}, [PROP_UINT32] = {"uint32", 4},
    [PROP_UINT64] = {"uint64", 8}, [PROP_SIZE] = {"size", 8},
    [PROP_STRING] = {"str", 0},    [PROP_ENUM] = {"str", sizeof(int)},
    [PROP_CUSTOM] = {"any", 0},
};

static const struct {
    const char *text;
    bool value;
} bool_words[] = {
    {"on", true},   {"off", false},   {"yes", true}, {"no", false},
    {"true", true}, {"false", false}, {"y", true},   {"n", false},
};

const char *property_type_name(const Property *prop)
{
    return prop->type_name ? prop->type_name : kinds[prop->kind].type_name;
}

char *property_values(const Property *prop)
{
    return prop->values              ? g_strdup(prop->values)
           : prop->kind == PROP_ENUM ? g_strjoinv("|", (char **)prop->names)
           : prop->kind == PROP_BOOL ? g_strdup("on|off")
                                     : g_strdup(property_type_name(prop));
}

static void *value_place(const Object *object, const Property *prop)
{
    return (char *)object + prop->offset;
}

static void store_number(Object *object, const Property *prop, uint64_t value)
{
    void *place = value_place(object, prop);

    switch (kinds[prop->kind].bytes) {
    case 1:
        *(uint8_t *)place = (uint8_t)value;
        break;
    case 2:
        *(uint16_t *)place = (uint16_t)value;
        break;
    case 4:
        *(uint32_t *)place = (uint32_t)value;
        break;
    default:
        *(uint64_t *)place = value;
        break;
    }
}

static uint64_t load_number(const Object *object, const Property *prop)
{
    const void *place = value_place(object, prop);

    switch (kinds[prop->kind].bytes) {
    case 1:
        return *(const uint8_t *)place;
    case 2:
        return *(const uint16_t *)place;
    case 4:
        return *(const uint32_t *)place;
    default:
        return *(const uint64_t *)place;
    }
}

void property_store_default(Object *object, const Property *prop)
{
    if (prop->kind == PROP_STRING) {
        char **place = value_place(object, prop);

        g_free(*place);
        *place = g_strdup(prop->default_string);
    } else if (prop->kind != PROP_CUSTOM) {
        store_number(object, prop, prop->default_value);
    }
}

void property_clear(Object *object, const Property *prop)
{
    if (prop->kind == PROP_STRING) {
        char **place = value_place(object, prop);

        g_clear_pointer(place, g_free);
    }
}

static uint64_t number_max(const Property *prop)
{
    return prop->max ? prop->max : bits_mask(0, 8 * kinds[prop->kind].bytes);
}

static bool store_in_range(Object *object, const Property *prop, uint64_t value,
                           GError **errp)
{
    if (value < prop->min || value > number_max(prop)) {
        error_set(errp, "%" PRIu64 " is out of range, %" PRIu64 " to %" PRIu64, value,
                  prop->min, number_max(prop));
        return false;
    }
    store_number(object, prop, value);
    return true;
}

static bool store_bool_word(Object *object, const Property *prop, const char *text,
                            GError **errp)
{
    for (unsigned i = 0; i < ARRAY_LEN(bool_words); i++) {
        if (strcmp(bool_words[i].text, text) == 0) {
            store_number(object, prop, bool_words[i].value);
            return true;
        }
    }
    error_set(errp, "'%s' is neither 'on' nor 'off'", text);
    return false;
}

static bool store_enum_word(Object *object, const Property *prop, const char *text,
                            GError **errp)
{
    g_autofree char *all = NULL;

    for (unsigned i = 0; prop->names[i]; i++) {
        if (strcmp(prop->names[i], text) == 0) {
            store_number(object, prop, i);
            return true;
        }
    }
    all = g_strjoinv(", ", (char **)prop->names);
    error_set(errp, "'%s' is not one of: %s", text, all);
    return false;
}

bool property_store_string(Object *object, const Property *prop, const char *text,
                           GError **errp)
{
    uint64_t value;

    switch (prop->kind) {
    case PROP_BOOL:
        return store_bool_word(object, prop, text, errp);
    case PROP_ENUM:
        return store_enum_word(object, prop, text, errp);
    case PROP_STRING: {
        char **place = value_place(object, prop);

        g_free(*place);
        *place = g_strdup(text);
        return true;
    }
    case PROP_SIZE:
        if (!number_parse_size(text, 'b', &value)) {
            error_set(errp, "'%s' is not a size such as 4096, 64k or 2M", text);
            return false;
        }
        return store_in_range(object, prop, value, errp);
    case PROP_UINT8:
    case PROP_UINT16:
    case PROP_UINT32:
    case PROP_UINT64:
        if (!number_parse_uint64(text, &value)) {
            error_set(errp, "'%s' is not a number of %" PRIu64 " to %" PRIu64, text,
                      prop->min, number_max(prop));
            return false;
        }
        return store_in_range(object, prop, value, errp);
    case PROP_CUSTOM:
        break;
    }
    return false;
}

/* The type that QMP shows is the type that QMP may send. */
static json_type json_type_of(const Property *prop)
{
    const char *name = property_type_name(prop);

    return strcmp(name, "bool") == 0 ? json_type_boolean
           : g_str_has_prefix(name, "uint") || strcmp(name, "size") == 0
               ? json_type_int
               : json_type_string;
}

bool property_check_json(const Property *prop, json_object *value, GError **errp)
{
    json_type type = json_type_of(prop);
    bool is_text = json_object_is_type(value, json_type_string);

    if (is_text && strlen(json_object_get_string(value)) !=
                       (size_t)json_object_get_string_len(value)) {
        error_set(errp, "the text contains a NUL character");
        return false;
    }
    if (json_object_is_type(value, type) ||
        (is_text && (prop->kind == PROP_CUSTOM || prop->kind == PROP_ENUM))) {
        return true;
    }
    error_set(errp, "expected a value of type %s, not %s", json_type_to_name(type),
              json_type_to_name(json_object_get_type(value)));
    return false;
}

bool property_store_json(Object *object, const Property *prop, json_object *value,
                         GError **errp)
{
    switch (prop->kind) {
    case PROP_BOOL:
        store_number(object, prop, json_object_get_boolean(value));
        return true;
    case PROP_ENUM:
        if (json_object_is_type(value, json_type_boolean)) {
            return store_enum_word(object, prop,
                                   json_object_get_boolean(value) ? "on" : "off", errp);
        }
        return store_enum_word(object, prop, json_object_get_string(value), errp);
    case PROP_STRING:
        return property_store_string(object, prop, json_object_get_string(value), errp);
    default:
        if (json_object_get_int64(value) < 0) {
            error_set(errp, "%" PRId64 " is negative", json_object_get_int64(value));
            return false;
        }
        return store_in_range(object, prop, json_object_get_uint64(value), errp);
    }
}

json_object *property_load_json(const Object *object, const Property *prop)
{
    switch (prop->kind) {
    case PROP_BOOL:
        return json_object_new_boolean(load_number(object, prop) != 0);
    case PROP_STRING: {
        const char *const *place = value_place(object, prop);

        return *place ? json_object_new_string(*place) : NULL;
    }
    case PROP_ENUM:
        return json_object_new_string(prop->names[load_number(object, prop)]);
    case PROP_CUSTOM:
        return prop->get ? prop->get(object, prop) : NULL;
    default:
        return json_object_new_uint64(load_number(object, prop));
    }
}

json_object *property_default_json(const Property *prop)
{
    switch (prop->kind) {
    case PROP_BOOL:
        return json_object_new_boolean(prop->default_value != 0);
    case PROP_ENUM:
        return json_object_new_string(prop->names[prop->default_value]);
    case PROP_STRING:
    case PROP_CUSTOM:
        return prop->default_string ? json_object_new_string(prop->default_string) : NULL;
    default:
        return json_object_new_uint64(prop->default_value);
    }
}
