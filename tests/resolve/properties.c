/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every x86 CPU model says of the properties whose names come in, a line each: as
 * query-cpu-model-expansion does, but on a recorded host.
 */
#include <stdio.h>
#include <string.h>

#include "../unit/resolve-case.h"
#include "target/cpu-resolve.h"
#include "target/x86-absent.h"
#include "util/json.h"

/* An AMD host, as that of the answers that are compared. */
#define HOST "amd-zen4-genoa"

static json_object *value_of(const ResolveCase *c, const char *name)
{
    const Property *prop = type_find_property(c->registry, c->cpu->type, name);
    const X86AbsentRow *absent = x86_absent_find(name);

    return prop     ? cpu_given_property(c->contract, c->cpu, prop)
           : absent ? x86_absent_value(absent)
                    : NULL;
}

static json_object *model_new(const char *machine, const char *model, const char *more,
                              const GPtrArray *names)
{
    g_autofree char *cpu = g_strdup_printf("%s,x-force-features=on%s", model, more);
    g_autoptr(ResolveCase) c = resolve(HOST, machine, cpu);
    json_object *values = json_object_new_object();

    for (unsigned i = 0; i < names->len; i++) {
        json_object *value = value_of(c, g_ptr_array_index(names, i));

        if (value) {
            json_add(values, g_ptr_array_index(names, i), value);
        }
    }
    return values;
}

int main(int argc, char **argv)
{
    g_autoptr(TypeRegistry) registry = type_registry_new();
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) types = NULL;
    g_autojson *models = json_object_new_object();
    char line[256];

    if (argc != 3) {
        fprintf(stderr, "usage: properties MACHINE ,SETTINGS < names\n");
        return 2;
    }
    while (fgets(line, sizeof(line), stdin)) {
        g_ptr_array_add(names, g_strdup(g_strstrip(line)));
    }
    target_register_types(registry);
    types = type_registry_list(registry, TYPE_X86_CPU, false);
    for (unsigned i = 0; i < types->len; i++) {
        const ObjectType *type = g_ptr_array_index(types, i);
        g_autofree char *model =
            g_strndup(type->name, strlen(type->name) - strlen(X86_CPU_TYPE_SUFFIX));

        json_add(models, model, model_new(argv[1], model, argv[2], names));
    }
    printf("%s\n", json_object_to_json_string_ext(models, JSON_C_TO_STRING_PLAIN));
    return 0;
}
