/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qom/object.h"

#include <string.h>

#include "util/error.h"
#include "util/json.h"
#include "util/near-name.h"

#include "property.h"

static void init_types(Object *object, const ObjectType *type)
{
    if (type->parent) {
        init_types(object, type_registry_find(object->registry, type->parent));
    }
    if (type->init) {
        type->init(object);
    }
}

Object *object_new(const TypeRegistry *registry, const char *type_name, const char *id,
                   GError **errp)
{
    const ObjectType *type = type_registry_find(registry, type_name);
    g_autoptr(GPtrArray) props = NULL;
    Object *object;

    if (!type) {
        error_set_code(errp, VPMU_ERROR_NOT_FOUND, "there is no type '%s'", type_name);
        return NULL;
    }
    if (type->is_abstract) {
        error_set_code(errp, VPMU_ERROR_NOT_FOUND,
                       "type '%s' is abstract, name one of its descendants", type_name);
        return NULL;
    }
    object = g_malloc0(type->instance_size);
    object->type = type;
    object->registry = registry;
    object->id = g_strdup(id);
    object->origins = g_hash_table_new(g_str_hash, g_str_equal);
    props = type_list_properties(registry, type);
    for (unsigned i = 0; i < props->len; i++) {
        property_store_default(object, g_ptr_array_index(props, i));
    }
    init_types(object, type);
    return object;
}

void object_free(Object *object)
{
    g_autoptr(GPtrArray) props = NULL;

    if (!object) {
        return;
    }
    if (object->parent) {
        guint index;

        if (g_ptr_array_find(object->parent->children, object, &index)) {
            g_ptr_array_steal_index(object->parent->children, index);
        }
    }
    while (object->children && object->children->len) {
        object_free(g_ptr_array_index(object->children, object->children->len - 1));
    }
    for (const ObjectType *type = object->type; type;
         type = type->parent ? type_registry_find(object->registry, type->parent)
                             : NULL) {
        if (type->clear) {
            type->clear(object);
        }
    }
    props = type_list_properties(object->registry, object->type);
    for (unsigned i = 0; i < props->len; i++) {
        property_clear(object, g_ptr_array_index(props, i));
    }
    g_clear_pointer(&object->children, g_ptr_array_unref);
    g_hash_table_unref(object->origins);
    g_free(object->id);
    g_free(object);
}

void object_add_child(Object *parent, Object *child)
{
    g_assert(child->id && !child->parent);
    if (!parent->children) {
        parent->children = g_ptr_array_new();
    }
    g_ptr_array_add(parent->children, child);
    child->parent = parent;
}

static Object *find_child(Object *parent, const char *id)
{
    for (unsigned i = 0; parent->children && i < parent->children->len; i++) {
        Object *child = g_ptr_array_index(parent->children, i);

        if (strcmp(child->id, id) == 0) {
            return child;
        }
    }
    return NULL;
}

Object *object_find(Object *root, const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);

    if (path[0] != '/') {
        return NULL;
    }
    for (unsigned i = 1; root && parts[i]; i++) {
        if (parts[i][0] != '\0') {
            root = find_child(root, parts[i]);
        }
    }
    return root;
}

bool object_is_a(const Object *object, const char *type_name)
{
    return type_registry_is_a(object->registry, object->type, type_name);
}

char *object_near_property_hint(const Object *object, const char *name)
{
    NearName near = {.name = name};
    g_autoptr(GPtrArray) props = type_list_properties(object->registry, object->type);

    for (unsigned i = 0; i < props->len; i++) {
        const Property *prop = g_ptr_array_index(props, i);

        if (!prop->deprecated_alias && !prop->read_only) {
            near_name_offer(&near, prop->name);
        }
    }
    return near_name_hint(&near);
}

/* The property, where it may be set now; false in @ret_skip where the value counts. */
static const Property *settable_property(Object *object, const char *name,
                                         PropertyOrigin origin, bool *ret_skip,
                                         GError **errp)
{
    const Property *prop = type_find_property(object->registry, object->type, name);

    if (!prop) {
        g_autofree char *hint = object_near_property_hint(object, name);

        error_set_code(errp, VPMU_ERROR_NOT_FOUND, "'%s' has no property '%s'%s",
                       object->type->name, name, hint);
        return NULL;
    }
    if (prop->read_only || (prop->kind == PROP_CUSTOM && !prop->set)) {
        error_set(errp, "property '%s.%s' is read-only", object->type->name, name);
        return NULL;
    }
    if (object->is_frozen && !prop->is_live) {
        error_set(errp, "property '%s.%s' cannot change any more", object->type->name,
                  name);
        return NULL;
    }
    *ret_skip = origin < object_origin(object, prop->name);
    return prop;
}

static void note_origin(Object *object, const Property *prop, PropertyOrigin origin)
{
    g_hash_table_insert(object->origins, (gpointer)prop->name, GINT_TO_POINTER(origin));
}

bool object_set_string(Object *object, const char *name, const char *value,
                       PropertyOrigin origin, GError **errp)
{
    bool skip = false;
    const Property *prop = settable_property(object, name, origin, &skip, errp);
    bool ok;

    if (!prop || skip) {
        return prop != NULL;
    }
    if (prop->kind == PROP_CUSTOM) {
        g_autojson *text = json_object_new_string(value);

        ok = prop->set(object, prop, text, origin, errp);
    } else {
        ok = property_store_string(object, prop, value, errp);
    }
    if (!ok) {
        g_prefix_error(errp, "property '%s.%s': ", object->type->name, name);
        return false;
    }
    note_origin(object, prop, origin);
    return true;
}

bool object_set_json(Object *object, const char *name, json_object *value,
                     PropertyOrigin origin, GError **errp)
{
    bool skip = false;
    const Property *prop = settable_property(object, name, origin, &skip, errp);
    bool ok;

    if (!prop || skip) {
        return prop != NULL;
    }
    ok = property_check_json(prop, value, errp) &&
         (prop->kind == PROP_CUSTOM ? prop->set(object, prop, value, origin, errp)
                                    : property_store_json(object, prop, value, errp));
    if (!ok) {
        g_prefix_error(errp, "property '%s.%s': ", object->type->name, name);
        return false;
    }
    note_origin(object, prop, origin);
    return true;
}

json_object *object_get_json(const Object *object, const char *name, GError **errp)
{
    const Property *prop = type_find_property(object->registry, object->type, name);
    json_object *value = prop ? property_load_json(object, prop) : NULL;

    if (!prop) {
        error_set_code(errp, VPMU_ERROR_NOT_FOUND, "'%s' has no property '%s'",
                       object->type->name, name);
    } else if (!value) {
        error_set(errp, "property '%s.%s' has no value", object->type->name, name);
    }
    return value;
}

json_object *object_seen_json(const Object *object, unsigned by)
{
    g_autoptr(GPtrArray) props = type_list_properties(object->registry, object->type);
    json_object *seen = json_object_new_object();

    for (unsigned i = 0; i < props->len; i++) {
        const Property *prop = g_ptr_array_index(props, i);
        json_object *value = prop->seen_by & by ? property_load_json(object, prop) : NULL;

        if (value) {
            json_add(seen, prop->name, value);
        }
    }
    return seen;
}

PropertyOrigin object_origin(const Object *object, const char *name)
{
    const Property *prop = type_find_property(object->registry, object->type, name);
    gpointer origin = prop ? g_hash_table_lookup(object->origins, prop->name) : NULL;

    return (PropertyOrigin)GPOINTER_TO_INT(origin);
}

void object_freeze(Object *object)
{
    object->is_frozen = true;
}

bool object_apply_compat(Object *object, const CompatProperty *entries, unsigned count,
                         PropertyOrigin origin, GError **errp)
{
    for (unsigned i = 0; i < count; i++) {
        const CompatProperty *entry = &entries[i];

        if (!object_is_a(object, entry->type)) {
            continue;
        }
        if (entry->is_optional &&
            !type_find_property(object->registry, object->type, entry->property)) {
            continue;
        }
        if (!object_set_string(object, entry->property, entry->value, origin, errp)) {
            return false;
        }
    }
    return true;
}
