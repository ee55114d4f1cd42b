/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qom/object.h"

#include <string.h>

struct TypeRegistry {
    GHashTable *types; /* name -> ObjectType *, owned */
};

TypeRegistry *type_registry_new(void)
{
    TypeRegistry *registry = g_new0(TypeRegistry, 1);

    registry->types = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    return registry;
}

void type_registry_free(TypeRegistry *registry)
{
    if (registry) {
        g_hash_table_unref(registry->types);
        g_free(registry);
    }
}

void type_registry_add(TypeRegistry *registry, const ObjectType *type)
{
    ObjectType *copy = g_memdup2(type, sizeof(*type));
    const ObjectType *parent =
        type->parent ? type_registry_find(registry, type->parent) : NULL;

    g_assert(!type->parent || parent);
    g_assert(!type_registry_find(registry, type->name));
    if (copy->instance_size == 0) {
        copy->instance_size = parent ? parent->instance_size : sizeof(Object);
    }
    g_assert(copy->instance_size >= (parent ? parent->instance_size : sizeof(Object)));
    g_hash_table_insert(registry->types, (gpointer)copy->name, copy);
}

const ObjectType *type_registry_find(const TypeRegistry *registry, const char *name)
{
    return g_hash_table_lookup(registry->types, name);
}

static const ObjectType *type_parent(const TypeRegistry *registry, const ObjectType *type)
{
    return type->parent ? type_registry_find(registry, type->parent) : NULL;
}

bool type_registry_is_a(const TypeRegistry *registry, const ObjectType *type,
                        const char *ancestor)
{
    for (; type; type = type_parent(registry, type)) {
        if (strcmp(type->name, ancestor) == 0) {
            return true;
        }
    }
    return false;
}

static gint compare_types(gconstpointer a, gconstpointer b)
{
    const ObjectType *const *left = a;
    const ObjectType *const *right = b;

    return strcmp((*left)->name, (*right)->name);
}

GPtrArray *type_registry_list(const TypeRegistry *registry, const char *ancestor,
                              bool include_abstract)
{
    GPtrArray *list = g_ptr_array_new();
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, registry->types);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const ObjectType *type = value;

        if ((include_abstract || !type->is_abstract) &&
            (!ancestor || type_registry_is_a(registry, type, ancestor))) {
            g_ptr_array_add(list, value);
        }
    }
    g_ptr_array_sort(list, compare_types);
    return list;
}

static bool names_match(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        if ((*a == '_' ? '-' : *a) != (*b == '_' ? '-' : *b)) {
            return false;
        }
    }
    return *a == *b;
}

const Property *type_find_property(const TypeRegistry *registry, const ObjectType *type,
                                   const char *name)
{
    for (; type; type = type_parent(registry, type)) {
        for (unsigned i = 0; i < type->prop_count; i++) {
            if (names_match(type->props[i].name, name)) {
                return &type->props[i];
            }
        }
    }
    return NULL;
}

/* Adds @prop, or puts it in the place of the ancestor's property it redefines: one of the
 * first @inherited of @list.  A type names each property of its own once. */
static void add_property(GPtrArray *list, unsigned inherited, const Property *prop)
{
    for (unsigned i = 0; i < inherited; i++) {
        const Property *old = g_ptr_array_index(list, i);

        if (names_match(old->name, prop->name)) {
            list->pdata[i] = (gpointer)prop;
            return;
        }
    }
    g_ptr_array_add(list, (gpointer)prop);
}

static void add_properties(const TypeRegistry *registry, const ObjectType *type,
                           GPtrArray *list)
{
    unsigned inherited;

    if (type->parent) {
        add_properties(registry, type_parent(registry, type), list);
    }
    inherited = list->len;
    for (unsigned i = 0; i < type->prop_count; i++) {
        add_property(list, inherited, &type->props[i]);
    }
}

GPtrArray *type_list_properties(const TypeRegistry *registry, const ObjectType *type)
{
    GPtrArray *list = g_ptr_array_new();

    add_properties(registry, type, list);
    return list;
}
