/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests: the part of a monitor's command line that decides the CPU, read by the
 * monitor's own parser and applied in its order: the machine version's defaults, -global,
 * then what the user said.  Both architectures are always known, so this does not go
 * through the boards, of which a build has one architecture's.
 */
#include <string.h>

#include "hw/machine-props.h"
#include "internal.h"
#include "system/cmdline/cmdline.h"
#include "system/cmdline/vm-spec.h"
#include "util/error.h"
#include "util/keyval.h"

/* A command line, read: whose, what it says, and what decides no CPU. */
typedef struct Line {
    bool is_qemus;
    const VmSpec *spec;
    GPtrArray *passed;
    GArray *globals, *compat;
} Line;

/* @text: the option, @option: its name */
static bool apply_keyvals(Object *object, const KeyvalList *list, const char *text,
                          const char *option, const Line *line, GError **errp)
{
    bool is_accel = strcmp(object->type->name, TYPE_KVM_ACCEL) == 0;

    for (unsigned i = 0; i < keyval_count(list); i++) {
        const KeyvalPair *pair = keyval_at(list, i);
        const ForeignRow *foreign =
            line->is_qemus ? lib_foreign_find(is_accel, pair->key) : NULL;

        if (foreign) {
            if (!lib_foreign_pass(foreign, option, pair->value, line->passed, errp)) {
                return false;
            }
        } else if (!object_set_string(object, pair->key, pair->value, ORIGIN_USER,
                                      errp)) {
            g_prefix_error(errp, "%s: ", text);
            return false;
        }
    }
    return true;
}

static bool apply_defaults(Object *object, const Line *line, GError **errp)
{
    return object_apply_compat(object, (const CompatProperty *)line->compat->data,
                               line->compat->len, ORIGIN_COMPAT, errp) &&
           object_apply_compat(object, (const CompatProperty *)line->globals->data,
                               line->globals->len, ORIGIN_GLOBAL, errp);
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
static bool check_machine(VpmuRequest *request, const Line *line, GError **errp)
{
    const char *dash = strrchr(request->machine, '-'); /* before the version */
    g_autofree char *family =
        dash ? g_strndup(request->machine, (gsize)(dash - request->machine))
             : g_strdup(request->machine);
    g_autoptr(Object) machine = NULL;
    const MachineConfig *config;

    request->machine_type = g_strdup_printf("%s-machine", request->machine);
    machine_props_register(request->registry);
    type_registry_add(request->registry,
                      &(ObjectType){.name = request->machine_type,
                                    .parent = machine_props_register_family(
                                        request->registry, family)});
    machine = object_new(request->registry, request->machine_type, NULL, errp);
    if (!machine || !apply_defaults(machine, line, errp) ||
        !apply_keyvals(machine, line->spec->machine_options, "-machine", "-machine", line,
                       errp)) {
        return false;
    }
    config = (const MachineConfig *)machine;
    if (config->memory_backend && !has_object(line->spec, config->memory_backend)) {
        error_set(errp, "-machine memory-backend=%s: there is no -object of that id",
                  config->memory_backend);
        return false;
    }
    return true;
}

static bool build_accel(VpmuRequest *request, const Line *line, GError **errp)
{
    const GPtrArray *accels = line->spec->accels;

    request->accel = object_new(request->registry, TYPE_KVM_ACCEL, NULL, errp);
    if (!request->accel || !apply_defaults(request->accel, line, errp) ||
        !apply_keyvals(request->accel, line->spec->machine_accel, "-machine", "-machine",
                       line, errp)) {
        return false;
    }
    for (unsigned i = 0; i < accels->len; i++) {
        const SpecItem *item = g_ptr_array_index(accels, i);

        if (!apply_keyvals(request->accel, item->keyvals, item->text, "-accel kvm", line,
                           errp)) {
            return false;
        }
    }
    return line->is_qemus || kvm_accel_check((const KvmAccel *)request->accel, errp);
}

/* What a line means that does not say: of ours, and of a QEMU. */
static const struct {
    const char *machine, *cpu;
} defaults[][2] = {
    [TARGET_ARCH_X86_64] = {{"q35", "host"}, {"pc", "qemu64"}},
    [TARGET_ARCH_AARCH64] = {{"virt", "host"}, {"virt", "host"}},
};

static bool build(VpmuRequest *request, Line *line, GError **errp)
{
    const VmSpec *spec = line->spec;
    const char *machine =
        spec->machine ? spec->machine : defaults[request->arch][line->is_qemus].machine;
    const char *cpu = spec->cpu ? spec->cpu : defaults[request->arch][line->is_qemus].cpu;
    g_autoptr(GArray) globals = list_globals(spec);
    g_autoptr(GArray) compat = NULL;
    g_autofree char *model = NULL;
    const MachineVersion *version;

    if (!machine_name_parse(request->arch, machine, line->is_qemus, &request->machine,
                            &version, errp)) {
        return false;
    }
    compat = machine_version_compat(version);
    machine_own_defaults(request->machine, compat);
    line->globals = globals;
    line->compat = compat;
    if (!check_machine(request, line, errp) || !build_accel(request, line, errp)) {
        return false;
    }
    model = cpu_text_on_machine(request->machine, cpu);
    request->cpu = cpu_new_from_string(request->registry, request->arch, model, compat,
                                       globals, request->report, errp);
    return request->cpu != NULL;
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
    report_add(report,
               &(Finding){.level = FINDING_NOTE, .row = "command line", .cause = cause});
}

/* "help", "?", "NAME,help": a question, and not to this library. */
static bool is_question(const char *value)
{
    return strcmp(value, "help") == 0 || strcmp(value, "?") == 0 ||
           g_str_has_suffix(value, ",help") || g_str_has_suffix(value, ",?");
}

static bool check_words(char *const *words, TargetArch arch, GError **errp)
{
    for (; *words; words++) {
        if (words[0][0] == '-' && words[1] && is_question(words[1])) {
            error_set(errp, "%s %s is a question to the monitor: vpmu-system-%s %s %s",
                      words[0], words[1], target_arch_name(arch), words[0], words[1]);
            return false;
        }
    }
    return true;
}

static VpmuRequest *request_new(TargetArch arch, char *const *words, GError **errp)
{
    g_autoptr(VpmuRequest) request = g_new0(VpmuRequest, 1);
    g_autoptr(GPtrArray) passed = g_ptr_array_new_with_free_func(g_free);
    Line line = {.passed = passed};
    g_autoptr(VmSpec) spec = check_words(words, arch, errp)
                                 ? cmdline_parse_cpu((int)g_strv_length((char **)words),
                                                     words, passed, &line.is_qemus, errp)
                                 : NULL;

    g_atomic_ref_count_init(&request->refs);
    if (!spec) {
        return NULL;
    }
    request->arch = arch;
    request->report = report_new();
    request->registry = type_registry_new();
    target_register_types(request->registry);
    line.spec = spec;
    if (!build(request, &line, errp)) {
        return NULL;
    }
    note_passed(passed, request->report);
    return g_steal_pointer(&request);
}

/* @words: NULL-terminated */
static VpmuStatus request_give(VpmuArch arch, const char *const *words, VpmuRequest **ret,
                               char **message)
{
    GError *error = NULL;
    VpmuRequest *request;

    if (!vpmu_arch_name(arch)) {
        error_set(&error, "architecture %d is neither x86_64 nor aarch64", (int)arch);
        return lib_fail(error, message);
    }
    request = request_new(arch == VPMU_X86_64 ? TARGET_ARCH_X86_64 : TARGET_ARCH_AARCH64,
                          (char *const *)words, &error);
    if (!request) {
        return lib_fail(error, message);
    }
    *ret = request;
    return VPMU_OK;
}

VpmuStatus vpmu_request_new(VpmuArch arch, const char *machine, const char *cpu,
                            VpmuRequest **ret, char **message)
{
    const char *words[5] = {NULL};
    unsigned count = 0;

    if (machine) {
        words[count++] = "-machine";
        words[count++] = machine;
    }
    if (cpu) {
        words[count++] = "-cpu";
        words[count++] = cpu;
    }
    return request_give(arch, words, ret, message);
}

VpmuStatus vpmu_request_from_args(VpmuArch arch, int argc, const char *const *argv,
                                  VpmuRequest **ret, char **message)
{
    g_autofree const char **words = g_new0(const char *, (gsize)MAX(argc, 0) + 1);

    for (int i = 0; i < argc; i++) {
        words[i] = argv[i];
    }
    return request_give(arch, words, ret, message);
}

VpmuStatus vpmu_request_most(VpmuArch arch, VpmuRequest **ret, char **message)
{
    return vpmu_request_new(
        arch, NULL, arch == VPMU_X86_64 ? "host,pebs-fmt=host,lbr-fmt=host" : "host", ret,
        message);
}

VpmuStatus vpmu_request_wish(const VpmuHost *host, VpmuRequest **ret, char **message)
{
    VpmuArch arch = vpmu_host_arch(host);
    char vendor[13];

    host_profile_vendor(host->profile, vendor);
    return vpmu_request_new(arch, NULL,
                            arch == VPMU_AARCH64 ? "host"
                            : x86_vendor_is_amd(vendor)
                                ? "host,pmu=on,perfctr-core=on,perfmon-v2=on"
                                : "host,pmu=on,pdcm=on,full-width-write=on,"
                                  "pebs-fmt=host,lbr-fmt=host,pebs-baseline=on,"
                                  "perf-metrics=on",
                            ret, message);
}

VpmuRequest *lib_request_ref(const VpmuRequest *request)
{
    VpmuRequest *shared = (VpmuRequest *)request; /* the count is no part of its value */

    g_atomic_ref_count_inc(&shared->refs);
    return shared;
}

void vpmu_request_free(VpmuRequest *request)
{
    if (request && g_atomic_ref_count_dec(&request->refs)) {
        object_free(request->cpu);
        object_free(request->accel);
        type_registry_free(request->registry);
        report_free(request->report);
        g_free(request->machine);
        g_free(request->machine_type);
        g_free(request);
    }
}
