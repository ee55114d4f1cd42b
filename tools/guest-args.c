/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of a monitor's command line that decides the guest's CPU, read by the
 * monitor's own parser and the same tables of machines, accelerator and CPUs.
 */
#include <string.h>

#include "hw/machine-props.h"
#include "system/cmdline/cmdline.h"
#include "system/cmdline/vm-spec.h"
#include "util/error.h"
#include "util/json.h"
#include "util/keyval.h"
#include "vpmu.h"

static bool apply_keyvals(Object *object, const KeyvalList *list, const char *text,
                          GError **errp)
{
    for (unsigned i = 0; i < keyval_count(list); i++) {
        const KeyvalPair *pair = keyval_at(list, i);

        if (!object_set_string(object, pair->key, pair->value, ORIGIN_USER, errp)) {
            g_prefix_error(errp, "%s: ", text);
            return false;
        }
    }
    return true;
}

static bool apply_defaults(Object *object, const GArray *compat, const GArray *globals,
                           GError **errp)
{
    return object_apply_compat(object, (const CompatProperty *)compat->data, compat->len,
                               ORIGIN_COMPAT, errp) &&
           object_apply_compat(object, (const CompatProperty *)globals->data,
                               globals->len, ORIGIN_GLOBAL, errp);
}

static GArray *list_globals(const VmSpec *spec)
{
    GArray *list = g_array_new(FALSE, TRUE, sizeof(CompatProperty));

    for (unsigned i = 0; i < spec->globals->len; i++) {
        const SpecGlobal *global = g_ptr_array_index(spec->globals, i);
        const CompatProperty entry = {global->driver, global->property, global->value,
                                      false};

        g_array_append_val(list, entry);
    }
    return list;
}

static bool has_object(const VmSpec *spec, const char *id)
{
    for (unsigned i = 0; i < spec->objects->len; i++) {
        if (g_strcmp0(((const SpecItem *)g_ptr_array_index(spec->objects, i))->id, id) ==
            0) {
            return true;
        }
    }
    return false;
}

/* The machine is one of its family and of no board.  The settings are judged; what the
 * board would be is no matter here. */
static bool check_machine(GuestArgs *guest, const VmSpec *spec, const GArray *globals,
                          const GArray *compat, GError **errp)
{
    const char *dash = strrchr(guest->machine, '-'); /* before the version */
    g_autofree char *family =
        dash ? g_strndup(guest->machine, (gsize)(dash - guest->machine))
             : g_strdup(guest->machine);
    g_autofree char *type = g_strdup_printf("%s-machine", guest->machine);
    g_autoptr(Object) machine = NULL;
    const MachineConfig *config;

    machine_props_register(guest->registry);
    type_registry_add(
        guest->registry,
        &(ObjectType){.name = g_intern_string(type),
                      .parent = machine_props_register_family(guest->registry, family)});
    machine = object_new(guest->registry, type, NULL, errp);
    if (!machine || !apply_defaults(machine, compat, globals, errp) ||
        !apply_keyvals(machine, spec->machine_options, "-machine", errp)) {
        return false;
    }
    config = (const MachineConfig *)machine;
    if (config->memory_backend && !has_object(spec, config->memory_backend)) {
        error_set(errp, "-machine memory-backend=%s: there is no -object of that id",
                  config->memory_backend);
        return false;
    }
    return true;
}

static bool build_accel(GuestArgs *guest, const VmSpec *spec, const GArray *globals,
                        const GArray *compat, GError **errp)
{
    guest->accel = object_new(guest->registry, TYPE_KVM_ACCEL, NULL, errp);
    if (!guest->accel || !apply_defaults(guest->accel, compat, globals, errp) ||
        !apply_keyvals(guest->accel, spec->machine_accel, "-machine", errp)) {
        return false;
    }
    for (unsigned i = 0; i < spec->accels->len; i++) {
        const SpecItem *item = g_ptr_array_index(spec->accels, i);

        if (!apply_keyvals(guest->accel, item->keyvals, item->text, errp)) {
            return false;
        }
    }
    return kvm_accel_check((const KvmAccel *)guest->accel, errp);
}

static bool build(GuestArgs *guest, const VmSpec *spec, TargetArch arch, Report *report,
                  GError **errp)
{
    const char *machine = spec->machine                ? spec->machine
                          : arch == TARGET_ARCH_X86_64 ? "q35"
                                                       : "virt";
    g_autoptr(GArray) globals = list_globals(spec);
    g_autoptr(GArray) compat = NULL;
    g_autofree char *model = NULL;

    if (!machine_name_parse(arch, machine, &guest->machine, &guest->version, errp)) {
        return false;
    }
    compat = machine_version_compat(guest->version);
    machine_own_defaults(guest->machine, compat);
    if (!check_machine(guest, spec, globals, compat, errp) ||
        !build_accel(guest, spec, globals, compat, errp)) {
        return false;
    }
    model = cpu_text_on_machine(guest->machine, spec->cpu ? spec->cpu : "host");
    guest->cpu =
        cpu_new_from_string(guest->registry, arch, model, compat, globals, report, errp);
    return guest->cpu != NULL;
}

/* One note for all that is no matter here. */
static void note_passed(const GPtrArray *passed, Report *report)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autofree char *text = NULL;
    g_autofree char *cause = NULL;

    for (unsigned i = 0; i < passed->len; i++) {
        const char *name = g_ptr_array_index(passed, i);

        if (!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL)) {
            g_ptr_array_add(names, (gpointer)name);
        }
    }
    if (!names->len) {
        return;
    }
    g_ptr_array_add(names, NULL);
    text = g_strjoinv(", ", (char **)names->pdata);
    cause = g_strdup_printf("passed over, as they do not decide the CPU: %s", text);
    report_add(
        report,
        &(Finding){.level = FINDING_NOTE, .row = (char *)"command line", .cause = cause});
}

/* "help", "?", "NAME,help": a question, and not to this program. */
static bool is_question(const char *value)
{
    return strcmp(value, "help") == 0 || strcmp(value, "?") == 0 ||
           g_str_has_suffix(value, ",help") || g_str_has_suffix(value, ",?");
}

static bool check_words(char **args, TargetArch arch, GError **errp)
{
    for (; *args; args++) {
        if (strcmp(*args, "--json") == 0 || strcmp(*args, "--host") == 0) {
            error_set(errp, "%s stands before --, which the guest's options follow",
                      *args);
            return false;
        }
        if (args[0][0] == '-' && args[1] && is_question(args[1])) {
            error_set(errp, "%s %s is a question to the monitor: vpmu-system-%s %s %s",
                      args[0], args[1], target_arch_name(arch), args[0], args[1]);
            return false;
        }
    }
    return true;
}

GuestArgs *guest_args_parse(char **args, TargetArch arch, Report *report, GError **errp)
{
    g_autoptr(GuestArgs) guest = g_new0(GuestArgs, 1);
    g_autoptr(GPtrArray) passed = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(VmSpec) spec =
        check_words(args, arch, errp)
            ? cmdline_parse_cpu((int)g_strv_length(args), args, passed, errp)
            : NULL;

    if (!spec) {
        return NULL;
    }
    guest->registry = type_registry_new();
    target_register_types(guest->registry);
    if (!build(guest, spec, arch, report, errp)) {
        return NULL;
    }
    note_passed(passed, report);
    return g_steal_pointer(&guest);
}

void guest_args_free(GuestArgs *guest)
{
    if (guest) {
        object_free(guest->cpu);
        object_free(guest->accel);
        type_registry_free(guest->registry);
        g_free(guest->machine);
        g_free(guest);
    }
}
