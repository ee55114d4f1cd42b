/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands about CPU models and about the guest's PMU. */
#include <string.h>

#include "monitor/monitor.h"
#include "qapi/commands.h"
#include "qmp-objects.h"
#include "system/plan/host-arch.h"
#include "system/qmp/program.h"
#include "target/contract-check.h"
#include "target/cpu-resolve.h"
#include "target/x86-absent.h"
#include "target/x86-baseline.h"
#include "util/error.h"
#include "util/json.h"
#include "util/number.h"

/* Types of properties that say what a guest's CPU is; others say how it is made. */
static bool is_shown(const Property *prop)
{
    static const char *const hidden[] = {"check", "enforce", "migratable", "kvm", NULL};

    return prop->name && !prop->deprecated_alias && !prop->read_only &&
           !g_str_has_prefix(prop->name, "x-") && !g_strv_contains(hidden, prop->name);
}

/*
 * What a static expansion holds: the features, and which processor it is.  The PMU and
 * the formats are no features; a list of booleans says PEBS by its names.
 */
static bool is_static(const Property *prop)
{
    static const char *const identity[] = {"min-level", "min-xlevel", "family",
                                           "model",     "stepping",   "model-id",
                                           "vendor",    "lmce",       NULL};

    return x86_feature_find(prop->name) != X86_NO_FEATURE ||
           g_strv_contains(identity, prop->name);
}

static CpuContract *resolve_model(const Program *program, const Object *cpu,
                                  Report *report)
{
    const CpuResolveInput input = {program->host, program->plan->accel,
                                   program->plan->machine->name};

    return cpu_resolve(cpu, &input, report);
}

/* Features the model has of itself and this host cannot give. */
static GPtrArray *list_unavailable(const Program *program, const Object *cpu)
{
    g_autoptr(Report) report = report_new();
    g_autoptr(CpuContract) contract = resolve_model(program, cpu, report);
    GPtrArray *list = g_ptr_array_new();

    for (unsigned i = 0; i < X86_FEATURE_COUNT && HOST_ARCH == TARGET_ARCH_X86_64; i++) {
        const X86FeatureRow *row = &x86_feature_rows[i];
        g_autojson *asked = object_get_json(cpu, row->name, NULL);
        const Finding *finding = report_find_of(report, row);

        if (asked && json_object_get_boolean(asked) &&
            !x86_contract_has(contract, (X86FeatureId)i) &&
            !(finding && finding->level == FINDING_NOTE)) {
            g_ptr_array_add(list, g_strdup(row->name));
        }
    }
    return list;
}

static char *model_name(const char *type)
{
    return g_strndup(type, strlen(type) - strlen(CPU_TYPE_SUFFIX));
}

static bool is_host_dependent(const char *model)
{
    return strcmp(model, "host") == 0 || strcmp(model, "max") == 0;
}

static CpuDefinitionInfo *definition_new(const Program *program, const ObjectType *type)
{
    CpuDefinitionInfo *info = g_new0(CpuDefinitionInfo, 1);
    const char *target = cpu_type_alias_of(program->registry, type);
    g_autofree char *here = NULL;
    g_autoptr(Object) cpu = NULL;

    info->name = model_name(type->name);
    info->typename = g_strdup(type->name);
    here = cpu_text_on_machine(program->plan->machine->name, info->name);
    info->alias_of = strcmp(here, info->name) != 0 ? g_steal_pointer(&here)
                     : target                      ? model_name(target)
                                                   : NULL;
    info->migration_safe = !is_host_dependent(info->name);
    info->q_static = strcmp(info->name, "base") == 0;
    if (program->host) {
        cpu = vm_plan_cpu_new(program->plan, info->name, NULL, NULL);
        info->unavailable_features =
            cpu ? list_unavailable(program, cpu) : g_ptr_array_new();
    }
    return info;
}

bool qmp_query_cpu_definitions(QmpContext *ctx, GPtrArray **ret, GError **errp)
{
    const Program *program = ctx->program;
    g_autoptr(GPtrArray) types = type_registry_list(program->registry, TYPE_CPU, false);

    (void)errp; /* cannot fail */
    *ret = g_ptr_array_new();
    for (unsigned i = 0; i < types->len; i++) {
        g_ptr_array_add(*ret, definition_new(program, g_ptr_array_index(types, i)));
    }
    return true;
}

static bool apply_props(Object *cpu, json_object *props, GError **errp)
{
    if (props && !json_object_is_type(props, json_type_object)) {
        error_set(errp, "model.props must be an object");
        return false;
    }
    if (!props) {
        return true;
    }
    json_object_object_foreach(props, name, value)
    {
        if (!cpu_set_json(cpu, name, value, errp)) {
            return false;
        }
    }
    return true;
}

/* The CPU that @model stands for on this machine; NULL with an error. */
static Object *cpu_of_model(const Program *program, const CpuModelInfo *model,
                            GError **errp)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Object) cpu = NULL;

    if (!program->host) {
        error_set(errp, "without KVM there is no host to judge a CPU model on");
        return NULL;
    }
    if (strchr(model->name, ',')) {
        error_set(errp, "model.name: '%s' is more than a name; properties go into props",
                  model->name);
        return NULL;
    }
    cpu = vm_plan_cpu_new(program->plan, model->name, NULL, &error);
    if (!cpu || !apply_props(cpu, model->props, &error)) {
        /* The class DeviceNotFound is for devices; libvirt tells the two apart. */
        error_set(errp, "%s", error->message);
        return NULL;
    }
    return g_steal_pointer(&cpu);
}

/* What no CPU here has any other value of. */
static void add_absent(json_object *object)
{
    const X86AbsentRow *row;

    for (unsigned i = 0; (row = x86_absent_row(i)); i++) {
        if (!g_str_has_prefix(row->name, "x-")) {
            json_add(object, row->name, x86_absent_value(row));
        }
    }
}

static json_object *given_props(const Program *program, const Object *cpu,
                                const CpuContract *contract, bool only_static)
{
    g_autoptr(GPtrArray) props = type_list_properties(program->registry, cpu->type);
    json_object *object = json_object_new_object();

    for (unsigned i = 0; i < props->len; i++) {
        const Property *prop = g_ptr_array_index(props, i);
        json_object *value = is_shown(prop) && (!only_static || is_static(prop))
                                 ? cpu_given_property(contract, cpu, prop)
                                 : NULL;

        if (value) {
            json_add(object, prop->name, value);
        }
    }
    if (!only_static && HOST_ARCH == TARGET_ARCH_X86_64) {
        add_absent(object);
    }
    return object;
}

/* What a model is does not depend on what this host lacks; that is said by
 * unavailable-features, and no start is at stake. */
static bool show_as_asked(Object *cpu, GError **errp)
{
    g_autojson *yes = json_object_new_boolean(true);
    g_autojson *no = json_object_new_boolean(false);

    return HOST_ARCH != TARGET_ARCH_X86_64 ||
           (object_set_json(cpu, "x-force-features", yes, ORIGIN_DEFAULT, errp) &&
            object_set_json(cpu, "enforce", no, ORIGIN_USER, errp));
}

bool qmp_query_cpu_model_expansion(QmpContext *ctx,
                                   const QueryCpuModelExpansionArgs *args,
                                   CpuModelExpansionInfo **ret, GError **errp)
{
    const Program *program = ctx->program;
    bool only_static = args->type == CPU_MODEL_EXPANSION_TYPE_STATIC;
    g_autoptr(Report) report = report_new();
    g_autoptr(Object) cpu = NULL;
    g_autoptr(CpuContract) contract = NULL;
    CpuModelInfo *model;

    if (only_static && HOST_ARCH == TARGET_ARCH_AARCH64) {
        error_set(errp, "the expansion type static is not known on this architecture");
        return false;
    }
    cpu = cpu_of_model(program, args->model, errp);
    if (!cpu || !show_as_asked(cpu, errp)) {
        return false;
    }
    contract = resolve_model(program, cpu, report);
    if (!report_to_error(report, errp)) {
        return false;
    }
    model = g_new0(CpuModelInfo, 1);
    model->name = g_strdup(only_static ? "base" : args->model->name);
    model->props = given_props(program, cpu, contract, only_static);
    *ret = g_new0(CpuModelExpansionInfo, 1);
    (*ret)->model = model;
    return true;
}

/* What a guest would have with @model on this host; x86 only.  A model that no guest
 * could start with is an error, with the reasons. */
static CpuContract *model_contract(const Program *program, const CpuModelInfo *model,
                                   GError **errp)
{
    g_autoptr(Report) report = report_new();
    g_autoptr(CpuContract) contract = NULL;
    g_autoptr(Object) cpu = NULL;

    if (HOST_ARCH == TARGET_ARCH_AARCH64) {
        error_set(errp, "on this architecture every CPU model is the host's");
        return NULL;
    }
    cpu = cpu_of_model(program, model, errp);
    contract = cpu ? resolve_model(program, cpu, report) : NULL;
    if (!contract || !report_to_error(report, errp)) {
        g_prefix_error(errp, "model '%s': ", model->name);
        return NULL;
    }
    return g_steal_pointer(&contract);
}

bool qmp_query_cpu_model_comparison(QmpContext *ctx,
                                    const QueryCpuModelComparisonArgs *args,
                                    CpuModelCompareInfo **ret, GError **errp)
{
    static const CpuModelCompareResult results[] = {
        [CONTRACT_IDENTICAL] = CPU_MODEL_COMPARE_RESULT_IDENTICAL,
        [CONTRACT_SUPERSET] = CPU_MODEL_COMPARE_RESULT_SUPERSET,
        [CONTRACT_SUBSET] = CPU_MODEL_COMPARE_RESULT_SUBSET,
        [CONTRACT_INCOMPATIBLE] = CPU_MODEL_COMPARE_RESULT_INCOMPATIBLE,
    };
    g_autoptr(CpuContract) a = model_contract(ctx->program, args->modela, errp);
    g_autoptr(CpuContract) b =
        a ? model_contract(ctx->program, args->modelb, errp) : NULL;
    GPtrArray *names;
    ContractOrder order;

    if (!b) {
        return false;
    }
    order = contract_order(a, b, &names);
    *ret = g_new0(CpuModelCompareInfo, 1);
    (*ret)->result = results[order];
    (*ret)->responsible_properties = names;
    return true;
}

/* "base,pmu=on,avx=on" as name and properties. */
static CpuModelInfo *model_from_text(const char *text)
{
    CpuModelInfo *model = g_new0(CpuModelInfo, 1);
    g_auto(GStrv) items = g_strsplit(text, ",", -1);

    model->name = g_strdup(items[0]);
    model->props = json_object_new_object();
    for (unsigned i = 1; items[i]; i++) {
        g_auto(GStrv) pair = g_strsplit(items[i], "=", 2);
        uint64_t number;

        if (number_parse_uint64(pair[1], &number)) {
            json_add_uint(model->props, pair[0], number);
        } else {
            json_add_bool(model->props, pair[0], strcmp(pair[1], "on") == 0);
        }
    }
    return model;
}

bool qmp_query_cpu_model_baseline(QmpContext *ctx, const QueryCpuModelBaselineArgs *args,
                                  CpuModelBaselineInfo **ret, GError **errp)
{
    g_autoptr(CpuContract) a = model_contract(ctx->program, args->modela, errp);
    g_autoptr(CpuContract) b =
        a ? model_contract(ctx->program, args->modelb, errp) : NULL;
    g_autofree char *text = b ? x86_contract_baseline(a, b, errp) : NULL;

    if (!text) {
        return false;
    }
    *ret = g_new0(CpuModelBaselineInfo, 1);
    (*ret)->model = model_from_text(text);
    return true;
}

bool qmp_query_vpmu(QmpContext *ctx, VpmuInfo **ret, GError **errp)
{
    const Program *program = ctx->program;

    if (!program->plan->cpu) {
        error_set(errp, "machine %s has no CPU", program->plan->machine->name);
        return false;
    }
    *ret = g_new0(VpmuInfo, 1);
    (*ret)->contract = cpu_contract_format(program->plan->machine->contract);
    (*ret)->binding = cpu_binding_to_json(program->plan->machine->binding,
                                          program->plan->machine->contract->arch);
    (*ret)->pmu = cpu_table_to_json(program->plan->cpu_table);
    (*ret)->findings = report_to_json(program->report);
    return true;
}
