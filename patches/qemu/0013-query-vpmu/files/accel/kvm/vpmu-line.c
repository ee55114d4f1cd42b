/*
 * The command line of this QEMU, in libvpmu's terms
 *
 * Aliases such as "q35" and the newest machine type of a development tree
 * are not the same to libvpmu, so the machine type is said by its name, and
 * what became of defaults that changed with machine types by its value.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qemu/accel.h"
#include "qapi/error.h"
#include "hw/core/boards.h"
#include "vpmu-errors.h"
#include "vpmu-line.h"

#define X86_CPU "x86_64-cpu"

/* Guests with KVM are of the architecture of this program. */
#ifdef __aarch64__
#define ARCH VPMU_AARCH64
#else
#define ARCH VPMU_X86_64
#endif

/* Defaults that go with machine types. */
static const struct {
    const char *driver, *property;
    bool is_accel;
    const char *value; /* of what QEMU has no property for; NULL: ask */
} defaults[] = {
    { X86_CPU, "x-debug-store-always-available" },
    { X86_CPU, "x-ds-without-pmu" },
    { X86_CPU, "x-intel-pt-without-pmu" },
    { X86_CPU, "x-auto-perf-capabilities", .value = "off" },
    { X86_CPU, "x-amd-perfmon-always-on", .value = "on" },
    { "kvm-accel", "backcompat-pmu", .is_accel = true },
};

static int line_count;
static char **line;

void vpmu_line_keep(int argc, char **argv)
{
    g_strfreev(line);
    line = g_new0(char *, argc + 1);
    line_count = 0;
    /* Without the name of the program. */
    for (int i = 1; i < argc; i++) {
        line[line_count++] = g_strdup(argv[i]);
    }
}

static void add_option(GPtrArray *words, const char *option, char *value)
{
    g_ptr_array_add(words, g_strdup(option));
    g_ptr_array_add(words, value);
}

static void add_defaults(GPtrArray *words, Object *cpu)
{
    for (size_t i = 0; i < ARRAY_SIZE(defaults); i++) {
        const char *property = defaults[i].property;
        const char *value = defaults[i].value;
        Object *object = defaults[i].is_accel ? OBJECT(current_accel()) : cpu;

        if (!value && object_property_find(object, property)) {
            value = object_property_get_bool(object, property, &error_abort) ?
                    "on" : "off";
        }
        if (value) {
            add_option(words, "-global",
                       g_strdup_printf("%s.%s=%s", defaults[i].driver,
                                       property, value));
        }
    }
}

VpmuRequest *vpmu_line_request(Object *cpu, const char *model, Error **errp)
{
    const char *machine = MACHINE_GET_CLASS(current_machine)->name;
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
    VpmuRequest *request = NULL;
    char *message = NULL;

    /* Whatever the program is called here: the line is QEMU's. */
    g_ptr_array_add(words, g_strdup("qemu-kvm"));
    for (int i = 0; i < line_count; i++) {
        g_ptr_array_add(words, g_strdup(line[i]));
    }
    /* The last one holds, as of each option that may be there twice. */
    add_option(words, "-machine", g_strdup(machine));
    if (model) {
        add_option(words, "-cpu", g_strdup(model));
    }
    add_defaults(words, cpu);
    if (vpmu_request_from_args(ARCH, words->len,
                               (const char *const *)words->pdata, &request,
                               &message) != VPMU_OK) {
        vpmu_set_error(errp, "command line", message);
    }
    g_ptr_array_free(words, true);
    return request;
}
