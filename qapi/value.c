/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qapi/value.h"

#include <inttypes.h>
#include <string.h>

#include "util/error.h"
#include "util/json.h"

const QapiType qapi_type_bool = {.name = "bool", .kind = QAPI_BOOL};
const QapiType qapi_type_int = {.name = "int", .kind = QAPI_INT};
const QapiType qapi_type_uint8 = {.name = "int", .kind = QAPI_UINT, .max = UINT8_MAX};
const QapiType qapi_type_uint16 = {.name = "int", .kind = QAPI_UINT, .max = UINT16_MAX};
const QapiType qapi_type_uint32 = {.name = "int", .kind = QAPI_UINT, .max = UINT32_MAX};
const QapiType qapi_type_uint64 = {.name = "int", .kind = QAPI_UINT, .max = UINT64_MAX};
const QapiType qapi_type_number = {.name = "number", .kind = QAPI_NUMBER};
const QapiType qapi_type_str = {.name = "str", .kind = QAPI_STR};
const QapiType qapi_type_any = {.name = "any", .kind = QAPI_ANY};

int qapi_enum_parse(const QapiType *type, const char *name)
{
    for (unsigned i = 0; i < type->name_count; i++) {
        if (strcmp(type->names[i], name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static bool is_by_pointer(const QapiType *type)
{
    return type->kind == QAPI_STR || type->kind == QAPI_ANY ||
           type->kind == QAPI_STRUCT || type->kind == QAPI_LIST;
}

static size_t place_size(const QapiType *type)
{
    switch (type->kind) {
    case QAPI_BOOL:
        return sizeof(bool);
    case QAPI_ENUM:
        return sizeof(int);
    default:
        return 8;
    }
}

static bool set_type_error(json_object *json, const char *where, const char *expected,
                           GError **errp)
{
    error_set(errp, "%s must be %s, not %s", where, expected,
              json_type_to_name(json_object_get_type(json)));
    return false;
}

static bool parse_uint(const QapiType *type, json_object *json, const char *where,
                       uint64_t *place, GError **errp)
{
    uint64_t value;

    if (!json_object_is_type(json, json_type_int)) {
        return set_type_error(json, where, "a number without fraction", errp);
    }
    value = json_object_get_uint64(json);
    if (json_object_get_int64(json) < 0 || value > type->max) {
        error_set(errp, "%s must be 0 to %" PRIu64, where, type->max);
        return false;
    }
    *place = value;
    return true;
}

static bool parse_str(json_object *json, const char *where, char **place, GError **errp)
{
    if (!json_object_is_type(json, json_type_string)) {
        return set_type_error(json, where, "a string", errp);
    }
    if (strlen(json_object_get_string(json)) !=
        (size_t)json_object_get_string_len(json)) {
        error_set(errp, "%s contains a NUL character", where);
        return false;
    }
    *place = g_strdup(json_object_get_string(json));
    return true;
}

static bool parse_enum(const QapiType *type, json_object *json, const char *where,
                       int *place, GError **errp)
{
    g_autoptr(GString) all = NULL;
    int value;

    if (!json_object_is_type(json, json_type_string)) {
        return set_type_error(json, where, "a string", errp);
    }
    value = qapi_enum_parse(type, json_object_get_string(json));
    if (value >= 0) {
        *place = value;
        return true;
    }
    all = g_string_new(NULL);
    for (unsigned i = 0; i < type->name_count; i++) {
        g_string_append_printf(all, "%s%s", i ? ", " : "", type->names[i]);
    }
    error_set(errp, "%s does not accept value '%s', only: %s", where,
              json_object_get_string(json), all->str);
    return false;
}

static bool parse_list(const QapiType *type, json_object *json, const char *where,
                       void **place, GError **errp)
{
    bool by_pointer = is_by_pointer(type->element);
    size_t size = place_size(type->element);

    if (!json_object_is_type(json, json_type_array)) {
        return set_type_error(json, where, "a list", errp);
    }
    *place =
        by_pointer ? (void *)g_ptr_array_new() : g_array_new(FALSE, TRUE, (guint)size);
    for (size_t i = 0; i < json_object_array_length(json); i++) {
        g_autofree char *inner = g_strdup_printf("%s[%zu]", where, i);
        uint64_t value = 0;

        if (!qapi_parse(type->element, json_object_array_get_idx(json, i), inner, &value,
                        errp)) {
            qapi_clear(type, place);
            return false;
        }
        if (by_pointer) {
            void *pointer;

            memcpy(&pointer, &value, sizeof(pointer));
            g_ptr_array_add(*place, pointer);
        } else {
            g_array_append_vals(*place, &value, 1);
        }
    }
    return true;
}

static const QapiMember *find_member(const QapiType *type, const char *name)
{
    for (unsigned i = 0; i < type->member_count; i++) {
        if (strcmp(type->members[i].name, name) == 0) {
            return &type->members[i];
        }
    }
    return NULL;
}

static bool parse_members(const QapiType *type, json_object *json, const char *where,
                          char *target, GError **errp)
{
    for (unsigned i = 0; i < type->member_count; i++) {
        const QapiMember *member = &type->members[i];
        g_autofree char *inner = g_strdup_printf("%s.%s", where, member->name);
        json_object *value;

        if (!json_object_object_get_ex(json, member->name, &value)) {
            if (!member->is_optional) {
                error_set(errp, "%s is missing", inner);
                return false;
            }
            continue;
        }
        if (!qapi_parse(member->type, value, inner, target + member->offset, errp)) {
            return false;
        }
        if (member->has_flag) {
            *(bool *)(target + member->has_offset) = true;
        }
    }
    json_object_object_foreach(json, name, unused)
    {
        (void)unused; /* the macro makes it */
        if (!find_member(type, name)) {
            error_set(errp, "%s.%s is not known", where, name);
            return false;
        }
    }
    return true;
}

static bool parse_struct(const QapiType *type, json_object *json, const char *where,
                         void **place, GError **errp)
{
    if (!json_object_is_type(json, json_type_object)) {
        return set_type_error(json, where, "an object", errp);
    }
    *place = g_malloc0(MAX(type->size, 1));
    if (!parse_members(type, json, where, *place, errp)) {
        qapi_clear(type, place);
        return false;
    }
    return true;
}

bool qapi_parse(const QapiType *type, json_object *json, const char *where, void *place,
                GError **errp)
{
    switch (type->kind) {
    case QAPI_BOOL:
        if (!json_object_is_type(json, json_type_boolean)) {
            return set_type_error(json, where, "true or false", errp);
        }
        *(bool *)place = json_object_get_boolean(json);
        return true;
    case QAPI_INT:
        if (!json_object_is_type(json, json_type_int)) {
            return set_type_error(json, where, "a number without fraction", errp);
        }
        *(int64_t *)place = json_object_get_int64(json);
        return true;
    case QAPI_UINT:
        return parse_uint(type, json, where, place, errp);
    case QAPI_NUMBER:
        if (!json_object_is_type(json, json_type_double) &&
            !json_object_is_type(json, json_type_int)) {
            return set_type_error(json, where, "a number", errp);
        }
        *(double *)place = json_object_get_double(json);
        return true;
    case QAPI_STR:
        return parse_str(json, where, place, errp);
    case QAPI_ANY:
        *(json_object **)place = json_object_get(json);
        return true;
    case QAPI_ENUM:
        return parse_enum(type, json, where, place, errp);
    case QAPI_STRUCT:
        return parse_struct(type, json, where, place, errp);
    case QAPI_LIST:
        return parse_list(type, json, where, place, errp);
    }
    return false;
}

static json_object *format_struct(const QapiType *type, const char *target)
{
    json_object *object = json_object_new_object();

    for (unsigned i = 0; i < type->member_count; i++) {
        const QapiMember *member = &type->members[i];
        json_object *value;

        if (member->has_flag && !*(const bool *)(target + member->has_offset)) {
            continue;
        }
        value = qapi_format(member->type, target + member->offset);
        if (value || member->type->kind == QAPI_ANY) {
            if (value || !member->is_optional) {
                json_object_object_add(object, member->name, value);
            }
        }
    }
    return object;
}

/* The place of element @i of a list. */
static void *list_place(const QapiType *type, void *list, unsigned i)
{
    if (is_by_pointer(type->element)) {
        return &g_ptr_array_index((GPtrArray *)list, i);
    }
    return ((GArray *)list)->data + i * place_size(type->element);
}

static unsigned list_count(const QapiType *type, void *list)
{
    return is_by_pointer(type->element) ? ((GPtrArray *)list)->len
                                        : ((GArray *)list)->len;
}

static json_object *format_list(const QapiType *type, void *list)
{
    json_object *array = json_object_new_array();

    for (unsigned i = 0; i < list_count(type, list); i++) {
        json_object_array_add(array,
                              qapi_format(type->element, list_place(type, list, i)));
    }
    return array;
}

json_object *qapi_format(const QapiType *type, const void *place)
{
    void *const *pointer = place;

    if (is_by_pointer(type) && !*pointer) {
        return NULL;
    }
    switch (type->kind) {
    case QAPI_BOOL:
        return json_object_new_boolean(*(const bool *)place);
    case QAPI_INT:
        return json_object_new_int64(*(const int64_t *)place);
    case QAPI_UINT:
        return json_object_new_uint64(*(const uint64_t *)place);
    case QAPI_NUMBER:
        return json_object_new_double(*(const double *)place);
    case QAPI_STR:
        return json_object_new_string(*pointer);
    case QAPI_ANY:
        return json_object_get(*pointer);
    case QAPI_ENUM:
        return json_object_new_string(type->names[*(const int *)place]);
    case QAPI_STRUCT:
        return format_struct(type, *pointer);
    case QAPI_LIST:
        return format_list(type, *pointer);
    }
    return NULL;
}

void qapi_clear(const QapiType *type, void *place)
{
    void **pointer = place;

    if (!is_by_pointer(type)) {
        memset(place, 0, place_size(type));
        return;
    }
    if (!*pointer) {
        return;
    }
    switch (type->kind) {
    case QAPI_ANY:
        json_object_put(*pointer);
        break;
    case QAPI_STRUCT:
        for (unsigned i = 0; i < type->member_count; i++) {
            qapi_clear(type->members[i].type, (char *)*pointer + type->members[i].offset);
        }
        g_free(*pointer);
        break;
    case QAPI_LIST:
        for (unsigned i = 0; i < list_count(type, *pointer); i++) {
            qapi_clear(type->element, list_place(type, *pointer, i));
        }
        if (is_by_pointer(type->element)) {
            g_ptr_array_unref(*pointer);
        } else {
            g_array_unref(*pointer);
        }
        break;
    default:
        g_free(*pointer);
        break;
    }
    *pointer = NULL;
}
