/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options of a monitor that decide the guest's CPU.
 */
#include <string.h>

#include "util/error.h"
#include "util/keyval.h"
#include "vpmu.h"

typedef struct Texts {
    const char *machine, *cpu;
    GPtrArray *accels;  /* borrowed texts of -accel */
    GPtrArray *globals; /* borrowed texts of -global */
} Texts;

/* "help", "?", "NAME,help": a question, and not to this program. */
static bool is_question(const char *value)
{
    return strcmp(value, "help") == 0 || strcmp(value, "?") == 0 ||
           g_str_has_suffix(value, ",help") || g_str_has_suffix(value, ",?");
}

static bool read_option(Texts *texts, TargetArch arch, const char *option,
                        const char *value, GError **errp)
{
    const char *name =
        option + (option[0] == '-') + (option[0] == '-' && option[1] == '-');

    if (option[0] != '-') {
        error_set(errp, "'%s' is not an option; -machine, -cpu, -accel and -global are",
                  option);
        return false;
    }
    if (strcmp(option, "--json") == 0 || strcmp(option, "--host") == 0) {
        error_set(errp, "%s stands before --, which the guest's options follow", option);
        return false;
    }
    if (!value) {
        error_set(errp, "%s: a value is missing", option);
        return false;
    }
    if (is_question(value)) {
        error_set(errp, "%s %s is a question to the monitor: vpmu-system-%s %s %s",
                  option, value, target_arch_name(arch), option, value);
        return false;
    }
    if (strcmp(name, "machine") == 0 || strcmp(name, "M") == 0) {
        texts->machine = value;
    } else if (strcmp(name, "cpu") == 0) {
        texts->cpu = value;
    } else if (strcmp(name, "accel") == 0) {
        g_ptr_array_add(texts->accels, (gpointer)value);
    } else if (strcmp(name, "global") == 0) {
        g_ptr_array_add(texts->globals, (gpointer)value);
    } else {
        error_set(errp,
                  "'%s' does not decide the CPU; -machine, -cpu, -accel and -global do",
                  option);
        return false;
    }
    return true;
}

static void compat_entry_clear(gpointer data)
{
    CompatProperty *entry = data;

    g_free((char *)entry->type);
    g_free((char *)entry->property);
    g_free((char *)entry->value);
}

/* "type.property=value" */
static GArray *parse_globals(const GPtrArray *texts, GError **errp)
{
    g_autoptr(GArray) list = g_array_new(FALSE, TRUE, sizeof(CompatProperty));

    g_array_set_clear_func(list, compat_entry_clear);
    for (unsigned i = 0; i < texts->len; i++) {
        const char *text = g_ptr_array_index(texts, i);
        const char *equals = strchr(text, '=');
        const char *dot = equals ? g_strrstr_len(text, equals - text, ".") : NULL;
        CompatProperty entry = {0};

        if (!dot || dot == text || dot + 1 == equals) {
            error_set(errp, "-global: '%s' is not TYPE.PROPERTY=VALUE", text);
            return NULL;
        }
        entry.type = g_strndup(text, (gsize)(dot - text));
        entry.property = g_strndup(dot + 1, (gsize)(equals - dot - 1));
        entry.value = g_strdup(equals + 1);
        g_array_append_val(list, entry);
    }
    return g_steal_pointer(&list);
}

static bool apply_accel_text(Object *accel, const char *text, GError **errp)
{
    g_autoptr(KeyvalList) list = keyval_parse(text, "accel", errp);

    for (unsigned i = 0; list && i < keyval_count(list); i++) {
        const KeyvalPair *pair = keyval_at(list, i);

        if (strcmp(pair->key, "accel") == 0) {
            if (strcmp(pair->value, "kvm") != 0) {
                error_set(errp, "-accel: '%s' is not available, kvm is", pair->value);
                return false;
            }
        } else if (!object_set_string(accel, pair->key, pair->value, ORIGIN_USER, errp)) {
            g_prefix_error(errp, "-accel: ");
            return false;
        }
    }
    return list != NULL;
}

/* "name[,accel=kvm:tcg][,kernel-irqchip=…]": what else a machine has is not looked at. */
static bool apply_machine_text(GuestArgs *guest, TargetArch arch, const char *text,
                               char **ret_irqchip, GError **errp)
{
    g_autoptr(KeyvalList) list = keyval_parse(text, "type", errp);
    const char *name = list ? keyval_get(list, "type") : NULL;
    const char *irqchip = list ? keyval_get(list, "kernel-irqchip") : NULL;

    if (!list) {
        g_prefix_error(errp, "-machine: ");
        return false;
    }
    *ret_irqchip = g_strdup(irqchip);
    return machine_name_parse(arch,
                              name                         ? name
                              : arch == TARGET_ARCH_X86_64 ? "q35"
                                                           : "virt",
                              &guest->machine, &guest->version, errp);
}

static bool build_accel(GuestArgs *guest, const Texts *texts, const char *irqchip,
                        const GArray *compat, const GArray *globals, GError **errp)
{
    guest->accel = object_new(guest->registry, TYPE_KVM_ACCEL, NULL, errp);
    if (!guest->accel ||
        !object_apply_compat(guest->accel, (const CompatProperty *)compat->data,
                             compat->len, ORIGIN_COMPAT, errp) ||
        !object_apply_compat(guest->accel, (const CompatProperty *)globals->data,
                             globals->len, ORIGIN_GLOBAL, errp)) {
        return false;
    }
    if (irqchip &&
        !object_set_string(guest->accel, "kernel-irqchip", irqchip, ORIGIN_USER, errp)) {
        return false;
    }
    for (unsigned i = 0; i < texts->accels->len; i++) {
        if (!apply_accel_text(guest->accel, g_ptr_array_index(texts->accels, i), errp)) {
            return false;
        }
    }
    return kvm_accel_check((const KvmAccel *)guest->accel, errp);
}

static bool build(GuestArgs *guest, const Texts *texts, TargetArch arch, Report *report,
                  GError **errp)
{
    g_autoptr(GArray) globals = parse_globals(texts->globals, errp);
    g_autoptr(GArray) compat = NULL;
    g_autofree char *irqchip = NULL, *model = NULL;

    if (!globals || !apply_machine_text(guest, arch, texts->machine ? texts->machine : "",
                                        &irqchip, errp)) {
        return false;
    }
    compat = machine_version_compat(guest->version);
    machine_own_defaults(guest->machine, compat);
    if (!build_accel(guest, texts, irqchip, compat, globals, errp)) {
        return false;
    }
    model = cpu_text_on_machine(guest->machine, texts->cpu ? texts->cpu : "host");
    guest->cpu =
        cpu_new_from_string(guest->registry, arch, model, compat, globals, report, errp);
    return guest->cpu != NULL;
}

GuestArgs *guest_args_parse(char **args, TargetArch arch, Report *report, GError **errp)
{
    g_autoptr(GuestArgs) guest = g_new0(GuestArgs, 1);
    Texts texts = {.accels = g_ptr_array_new(), .globals = g_ptr_array_new()};
    bool ok = true;

    guest->registry = type_registry_new();
    target_register_types(guest->registry);
    for (; ok && *args; args += args[1] ? 2 : 1) {
        ok = read_option(&texts, arch, args[0], args[1], errp);
    }
    ok = ok && build(guest, &texts, arch, report, errp);
    g_ptr_array_unref(texts.accels);
    g_ptr_array_unref(texts.globals);
    return ok ? g_steal_pointer(&guest) : NULL;
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
