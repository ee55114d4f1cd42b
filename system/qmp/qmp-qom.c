/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qom-* and device-list-properties: walks over the type tables and the object tree. */
#include <stdio.h>
#include <string.h>

#include "monitor/monitor.h"
#include "qapi/commands.h"
#include "qmp-objects.h"
#include "system/qmp/program.h"
#include "target/cpu-resolve.h"
#include "util/error.h"
#include "util/json.h"

#define CPU_FOLDER "/machine/unattached"

/* The list that a QMP client sees on a CPU and on CPU types beside the properties. */
#define UNAVAILABLE_FEATURES "unavailable-features"

static const Program *program_of(const QmpContext *ctx)
{
    return ctx->program;
}

char *qmp_cpu_path(unsigned index)
{
    return g_strdup_printf(CPU_FOLDER "/device[%u]", index);
}

/* All vCPUs are alike, so one object stands for each of them. */
static Object *find_vcpu(const Program *program, const char *path)
{
    for (unsigned i = 0; i < vm_cpu_count(program->vm); i++) {
        g_autofree char *name = qmp_cpu_path(i);

        if (strcmp(name, path) == 0) {
            return program->plan->cpu;
        }
    }
    return NULL;
}

static Object *find_object(const Program *program, const char *path, GError **errp)
{
    Object *object = find_vcpu(program, path);

    if (!object) {
        object = object_find(program->plan->root, path);
    }
    if (!object) {
        error_set_code(errp, VPMU_ERROR_NOT_FOUND, "there is no object '%s'", path);
    }
    return object;
}

static void add_info(GPtrArray *list, const char *name, const char *type, const char *doc)
{
    ObjectPropertyInfo *info = g_new0(ObjectPropertyInfo, 1);

    info->name = g_strdup(name);
    info->type = g_strdup(type);
    info->description = g_strdup(doc);
    g_ptr_array_add(list, info);
}

static bool is_cpu(const Object *object)
{
    return object_is_a(object, "cpu");
}

/* @with_default adds what the table has as default, for lists of types. */
static GPtrArray *list_properties(const TypeRegistry *registry, const ObjectType *type,
                                  bool with_default)
{
    g_autoptr(GPtrArray) props = type_list_properties(registry, type);
    GPtrArray *list = g_ptr_array_new();

    for (unsigned i = 0; i < props->len; i++) {
        const Property *prop = g_ptr_array_index(props, i);
        ObjectPropertyInfo *info;

        if (prop->deprecated_alias || !prop->name) {
            continue;
        }
        add_info(list, prop->name, property_type_name(prop),
                 with_default ? prop->doc : NULL);
        info = g_ptr_array_index(list, list->len - 1);
        info->default_value = with_default ? property_default_json(prop) : NULL;
    }
    add_info(list, "type", "str", with_default ? "name of the type" : NULL);
    if (type_registry_is_a(registry, type, "cpu")) {
        add_info(list, UNAVAILABLE_FEATURES, "strList",
                 with_default ? "features asked for that the host cannot give" : NULL);
    }
    return list;
}

static void add_child_info(GPtrArray *list, const char *name, const Object *child)
{
    g_autofree char *type = g_strdup_printf("child<%s>", child->type->name);

    add_info(list, name, type, NULL);
}

static void add_children(const Program *program, const Object *object, GPtrArray *list)
{
    for (unsigned i = 0; object->children && i < object->children->len; i++) {
        const Object *child = g_ptr_array_index(object->children, i);

        if (child != program->plan->cpu) {
            add_child_info(list, child->id, child);
            continue;
        }
        for (unsigned k = 0; k < vm_cpu_count(program->vm); k++) {
            g_autofree char *path = qmp_cpu_path(k);

            add_child_info(list, path + strlen(CPU_FOLDER "/"), child);
        }
    }
}

bool qmp_qom_list(QmpContext *ctx, const QomListArgs *args, GPtrArray **ret,
                  GError **errp)
{
    const Program *program = program_of(ctx);
    const Object *object = find_object(program, args->path, errp);

    if (!object) {
        return false;
    }
    *ret = list_properties(program->registry, object->type, false);
    add_children(program, object, *ret);
    return true;
}

/* What was asked for and the contract does not have. */
static json_object *unavailable_features(const Program *program)
{
    json_object *array = json_object_new_array();

    for (unsigned i = 0; i < report_size(program->report); i++) {
        const Finding *finding = report_get(program->report, i);

        if (finding->level != FINDING_NOTE &&
            type_find_property(program->registry, program->plan->cpu->type,
                               finding->row)) {
            json_object_array_add(array, json_object_new_string(finding->row));
        }
    }
    return array;
}

static json_object *get_property(const Program *program, const Object *object,
                                 const char *name, GError **errp)
{
    const Property *prop = type_find_property(program->registry, object->type, name);
    json_object *value;

    if (!prop && strcmp(name, "type") == 0) {
        return json_object_new_string(object->type->name);
    }
    if (!prop && is_cpu(object) && strcmp(name, UNAVAILABLE_FEATURES) == 0) {
        return unavailable_features(program);
    }
    if (!prop) {
        error_set(errp, "'%s' has no property '%s'", object->type->name, name);
        return NULL;
    }
    if (!is_cpu(object)) {
        return object_get_json(object, name, errp);
    }
    value = cpu_given_property(program->plan->machine->contract, object, prop);
    if (!value) {
        error_set(errp, "property '%s.%s' has no value", object->type->name, name);
    }
    return value;
}

bool qmp_qom_get(QmpContext *ctx, const QomGetArgs *args, json_object **ret,
                 GError **errp)
{
    const Object *object = find_object(program_of(ctx), args->path, errp);
    json_object *value =
        object ? get_property(program_of(ctx), object, args->property, errp) : NULL;

    if (!value) {
        return false;
    }
    *ret = value;
    return true;
}

bool qmp_qom_set(QmpContext *ctx, const QomSetArgs *args, GError **errp)
{
    const Program *program = program_of(ctx);
    Object *object = find_object(program, args->path, errp);
    const Property *prop =
        object ? type_find_property(program->registry, object->type, args->property)
               : NULL;

    if (!object) {
        return false;
    }
    if (!prop) {
        error_set(errp, "'%s' has no property '%s'", object->type->name, args->property);
        return false;
    }
    return object_set_json(object, args->property, args->value, ORIGIN_USER, errp);
}

bool qmp_qom_list_types(QmpContext *ctx, const QomListTypesArgs *args, GPtrArray **ret,
                        GError **errp)
{
    const TypeRegistry *registry = program_of(ctx)->registry;
    g_autoptr(GPtrArray) types = type_registry_list(registry, args->implements,
                                                    args->has_abstract && args->abstract);

    (void)errp; /* an unknown ancestor has no descendants */
    *ret = g_ptr_array_new();
    for (unsigned i = 0; i < types->len; i++) {
        const ObjectType *type = g_ptr_array_index(types, i);
        ObjectTypeInfo *info = g_new0(ObjectTypeInfo, 1);

        info->name = g_strdup(type->name);
        info->has_abstract = type->is_abstract;
        info->abstract = type->is_abstract;
        info->parent = g_strdup(type->parent);
        g_ptr_array_add(*ret, info);
    }
    return true;
}

bool qmp_qom_list_properties(QmpContext *ctx, const QomListPropertiesArgs *args,
                             GPtrArray **ret, GError **errp)
{
    const TypeRegistry *registry = program_of(ctx)->registry;
    const ObjectType *type = type_registry_find(registry, args->typename);

    (void)errp; /* libvirt does not survive an error here */
    *ret = type ? list_properties(registry, type, true) : g_ptr_array_new();
    return true;
}

bool qmp_device_list_properties(QmpContext *ctx, const DeviceListPropertiesArgs *args,
                                GPtrArray **ret, GError **errp)
{
    const TypeRegistry *registry = program_of(ctx)->registry;
    const ObjectType *type = type_registry_find(registry, args->typename);

    if (!type || !type_registry_is_a(registry, type, "device")) {
        error_set_code(errp, VPMU_ERROR_NOT_FOUND, "there is no device type '%s'",
                       args->typename);
        return false;
    }
    *ret = list_properties(registry, type, true);
    return true;
}
