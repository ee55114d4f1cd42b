/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options that ask a question: the answers are walks over the tables. */
#include <string.h>

#include "hw/machine-state.h"
#include "system/cmdline/cmdline.h"
#include "system/plan/host-arch.h"
#include "system/plan/types.h"
#include "system/qmp/program.h"
#include "system/vm/program-state.h"
#include "target/x86-features.h"
#include "util/error.h"
#include "util/json.h"

/* Columns that a list of names fills. */
#define HELP_WIDTH 78

/* The name in a type's name: "pc-q35-9.0-machine" without "-machine". */
static char *without_suffix(const char *name, const char *suffix)
{
    return g_strndup(name, strlen(name) - strlen(suffix));
}

static void format_machines(GString *text)
{
    unsigned board_count, version_count;
    const Board *const *all = boards(&board_count);
    const MachineVersion *versions = machine_versions(&version_count), *version;
    const Board *standard = board_find(DEFAULT_MACHINE, &version);

    g_string_append(text, "Supported machines are:\n");
    for (unsigned i = 0; i < board_count; i++) {
        const Board *board = all[i];

        if (board->alias) {
            g_autofree char *newest = board_machine_name(board, &versions[0]);

            g_string_append_printf(text, "%-20s %s (alias of %s)\n", board->alias,
                                   board->doc, newest);
        }
        for (unsigned k = 0; k < (board->is_versioned ? version_count : 1); k++) {
            g_autofree char *name =
                board_machine_name(board, board->is_versioned ? &versions[k] : NULL);
            bool is_default = board == standard && (k == 0 || !board->is_versioned);

            g_string_append_printf(text, "%-20s %s%s\n", name, board->doc,
                                   is_default ? " (default)" : "");
        }
    }
}

/* A feature of a CPU: one of many names that need no line of their own. */
static bool is_flag(const TypeRegistry *registry, const ObjectType *type,
                    const Property *prop)
{
    return type_registry_is_a(registry, type, TYPE_CPU) && prop->kind == PROP_CUSTOM &&
           x86_feature_find(prop->name) != X86_NO_FEATURE;
}

static void format_property(GString *text, const Property *prop)
{
    g_autofree char *values = property_values(prop);
    g_autofree char *usage = g_strdup_printf("%s=<%s>", prop->name, values);

    g_string_append_printf(text, "  %-30s - %s\n", usage, prop->doc ? prop->doc : "");
}

static void format_properties(GString *text, const TypeRegistry *registry,
                              const ObjectType *type)
{
    g_autoptr(GPtrArray) props = type_list_properties(registry, type);

    g_string_append_printf(text, "%s options:\n", type->name);
    for (unsigned i = 0; i < props->len; i++) {
        const Property *prop = g_ptr_array_index(props, i);

        if (!prop->deprecated_alias && !prop->read_only &&
            !is_flag(registry, type, prop)) {
            format_property(text, prop);
        }
    }
}

/* The names in lines of text. */
static void format_flags(GString *text, const TypeRegistry *registry,
                         const ObjectType *type)
{
    g_autoptr(GPtrArray) props = type_list_properties(registry, type);
    size_t column = 0;

    for (unsigned i = 0; i < props->len; i++) {
        const Property *prop = g_ptr_array_index(props, i);

        if (prop->deprecated_alias || !is_flag(registry, type, prop)) {
            continue;
        }
        if (column == 0 || column + strlen(prop->name) > HELP_WIDTH) {
            g_string_append(text, column ? "\n " : " ");
            column = 1;
        }
        g_string_append_printf(text, " %s", prop->name);
        column += 1 + strlen(prop->name);
    }
    g_string_append(text, column ? "\n" : "");
}

static char *type_doc(const TypeRegistry *registry, const ObjectType *type,
                      const char *suffix)
{
    const char *target = cpu_type_alias_of(registry, type);
    g_autofree char *name = target ? without_suffix(target, suffix) : NULL;

    return target ? g_strdup_printf("alias of %s", name)
                  : g_strdup(type->doc ? type->doc : "");
}

static void format_types(GString *text, const TypeRegistry *registry,
                         const char *ancestor, const char *suffix, bool only_creatable)
{
    g_autoptr(GPtrArray) types = type_registry_list(registry, ancestor, false);

    for (unsigned i = 0; i < types->len; i++) {
        const ObjectType *type = g_ptr_array_index(types, i);
        g_autofree char *name = without_suffix(type->name, suffix);

        if (!only_creatable) {
            g_autofree char *doc = type_doc(registry, type, suffix);

            g_string_append_printf(text, "  %-*s%s\n", *doc ? 27 : 0, name, doc);
        } else if (type->is_user_creatable) {
            g_string_append_printf(text, "name \"%s\", desc \"%s\"\n", name,
                                   type->doc ? type->doc : "");
        }
    }
}

/* Models, then what every model takes; host has all there is. */
static void format_cpus(GString *text, const TypeRegistry *registry)
{
    const ObjectType *host = type_registry_find(registry, "host" CPU_TYPE_SUFFIX);

    g_string_append(text, "Available CPUs:\n");
    format_types(text, registry, TYPE_CPU, CPU_TYPE_SUFFIX, false);
    if (HOST_ARCH == TARGET_ARCH_X86_64) {
        g_string_append(text, "\nRecognized CPUID flags, each as +flag, -flag or "
                              "flag=<on|off>:\n");
        format_flags(text, registry, host);
    }
    g_string_append_c(text, '\n');
    format_properties(text, registry, host);
}

static bool format_named(GString *text, const Program *program, const char *name,
                         GError **errp)
{
    const ObjectType *type = type_registry_find(program->registry, name);

    if (!type) {
        error_set(errp, "there is no type '%s' to tell about", name);
        return false;
    }
    format_properties(text, program->registry, type);
    return true;
}

static void format_objects(GString *text, const TypeRegistry *registry)
{
    g_autoptr(GPtrArray) types = type_registry_list(registry, NULL, false);

    g_string_append(text, "List of user creatable objects:\n");
    for (unsigned i = 0; i < types->len; i++) {
        const ObjectType *type = g_ptr_array_index(types, i);

        if (type->is_user_creatable && !type_registry_is_a(registry, type, TYPE_DEVICE)) {
            g_string_append_printf(text, "  %-26s %s\n", type->name, type->doc);
        }
    }
}

static bool format_machine_props(GString *text, const Program *program, GError **errp)
{
    const MachineVersion *version;
    const Board *board = board_find(program->spec->query_name, &version);
    g_autofree char *name = board ? board_machine_name(board, version) : NULL;
    g_autofree char *type = g_strconcat(name ? name : "", "-machine", NULL);

    if (!board) {
        g_autofree char *hint = board_near_hint(program->spec->query_name);

        error_set(errp, "-machine %s: there is no such machine%s",
                  program->spec->query_name, hint);
        return false;
    }
    return format_named(text, program, type, errp);
}

static void format_state_tables(GString *text)
{
    g_autoptr(GPtrArray) tables = machine_state_tables();
    g_autojson *json = json_object_new_array();
    g_autofree char *pretty = NULL;

    for (unsigned i = 0; i < tables->len; i++) {
        json_object_array_add(json, state_table_describe(g_ptr_array_index(tables, i)));
    }
    json_object_array_add(json, state_table_describe(program_state_table()));
    pretty = json_format_pretty(json);
    g_string_append_printf(text, "%s\n", pretty);
}

char *program_answer_query(const Program *program, GError **errp)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const VmSpec *spec = program->spec;
    bool ok = true;

    switch (spec->query) {
    case SPEC_QUERY_NONE:
        break;
    case SPEC_QUERY_HELP: {
        g_autofree char *help = cmdline_format_help(program->name);

        g_string_append(text, help);
        break;
    }
    case SPEC_QUERY_VERSION:
        g_string_append(text, CMDLINE_VERSION "\n");
        break;
    case SPEC_QUERY_MACHINES:
        format_machines(text);
        break;
    case SPEC_QUERY_CPUS:
        format_cpus(text, program->registry);
        break;
    case SPEC_QUERY_ACCELS:
        g_string_append(text, "Accelerators supported:\nkvm\n\n");
        ok = format_named(text, program, TYPE_KVM_ACCEL, errp);
        break;
    case SPEC_QUERY_DEVICES:
        if (spec->query_name) {
            ok = format_named(text, program, spec->query_name, errp);
        } else {
            format_types(text, program->registry, TYPE_DEVICE, "", true);
        }
        break;
    case SPEC_QUERY_OBJECTS:
        if (spec->query_name) {
            ok = format_named(text, program, spec->query_name, errp);
        } else {
            format_objects(text, program->registry);
        }
        break;
    case SPEC_QUERY_CHARDEVS:
        g_string_append(text, "Available chardev backend types:\n");
        for (unsigned i = 0; i < CHARDEV_BACKEND_COUNT; i++) {
            g_string_append_printf(text, "  %s\n", chardev_backend_name(i));
        }
        break;
    case SPEC_QUERY_TRACE:
        g_string_append(text, "kvm_ioctl\nkvm_arm_set_pmu\n"
                              "kvm_arm_set_pmu_fixed_counters_only\n");
        break;
    case SPEC_QUERY_STATE_TABLES:
        format_state_tables(text);
        break;
    case SPEC_QUERY_MACHINE_PROPS:
        ok = format_machine_props(text, program, errp);
        break;
    }
    return ok ? g_strdup(text->str) : NULL;
}
