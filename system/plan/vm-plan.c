/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "system/plan/vm-plan.h"

#include <string.h>

#include "hw/devices.h"
#include "system/cmdline/vm-spec.h"
#include "system/plan/host-arch.h"
#include "system/plan/types.h"
#include "target/contract-check.h"
#include "util/error.h"
#include "util/json.h"
#include "util/keyval.h"
#include "util/number.h"

#include "plan-checks.h"
#include "resolving.h"

#define RAM_DEFAULT (128 * MIB)

void vm_plan_free(VmPlan *plan)
{
    if (!plan) {
        return;
    }
    g_clear_pointer(&plan->cpu_table, g_array_unref);
    g_clear_pointer(&plan->compat, g_array_unref);
    g_clear_pointer(&plan->globals, g_array_unref);
    machine_plan_free(plan->machine);
    g_clear_pointer(&plan->built_in, g_ptr_array_unref);
    object_free(plan->root);
    g_free(plan);
}

/* A default for a type that does not exist is one for nothing; others' lists have some.
 */
static void check_global(const TypeRegistry *registry, const SpecGlobal *global,
                         Report *report)
{
    g_autofree char *row =
        g_strdup_printf("-global %s.%s", global->driver, global->property);

    if (!type_registry_find(registry, global->driver)) {
        report_add(report, &(Finding){.level = FINDING_WARNING,
                                      .row = row,
                                      .asked = global->value,
                                      .cause = "there is no such type, so nothing has it",
                                      .remedy = "see -device help and -cpu help"});
    }
}

static void add_global(GArray *globals, const SpecGlobal *global)
{
    const CompatProperty entry = {
        .type = global->driver, .property = global->property, .value = global->value};

    g_array_append_val(globals, entry);
}

/* ---- machine ---- */

static const Board *find_named_board(const VmSpec *spec, const MachineVersion **ret,
                                     GError **errp)
{
    const char *name = spec->machine ? spec->machine : DEFAULT_MACHINE;
    const Board *board = board_find(name, ret);

    if (!board) {
        g_autofree char *hint = board_near_hint(name);

        error_set(errp, "-machine %s: there is no such machine%s", name, hint);
    }
    return board;
}

/* What is wrong on every host is told before one is looked at. */
static bool check_names(const VmSpec *spec, GError **errp)
{
    const MachineVersion *version;
    const Board *board = find_named_board(spec, &version, errp);
    bool ok = board;

    for (unsigned i = 0; ok && i < spec->devices->len; i++) {
        ok = plan_check_device(board, g_ptr_array_index(spec->devices, i), errp);
    }
    return ok;
}

static bool find_board(Resolving *r, GError **errp)
{
    MachinePlan *machine = r->plan->machine;

    machine->board = find_named_board(r->spec, &machine->version, errp);
    if (!machine->board) {
        return false;
    }
    machine->name = board_machine_name(machine->board, machine->version);
    r->plan->compat = machine->version
                          ? machine_version_compat(machine->version)
                          : g_array_new(FALSE, FALSE, sizeof(CompatProperty));
    machine_own_defaults(machine->name, r->plan->compat);
    return true;
}

/* Which GIC the guest gets; libvirt names the version, people leave it to the host. */
static bool settle_gic(const Resolving *r, MachineConfig *config, GError **errp)
{
    bool has_v3 = !r->host || r->host->arm.gic_version != 2;

    if (config->gic_version == GIC_VERSION_HOST ||
        config->gic_version == GIC_VERSION_MAX) {
        config->gic_version = has_v3 ? GIC_VERSION_3 : GIC_VERSION_2;
    }
    if (HOST_ARCH == TARGET_ARCH_AARCH64 && config->gic_version == GIC_VERSION_3 &&
        !has_v3) {
        error_set(errp, "-machine gic-version=3: KVM on this host has GICv2 only");
        return false;
    }
    return true;
}

static bool plan_machine_config(Resolving *r, GError **errp)
{
    g_autofree char *type = g_strconcat(r->plan->machine->name, "-machine", NULL);
    Object *object = plan_add_object(r->plan->root, r->registry, type, "machine", errp);
    MachineConfig *config = (MachineConfig *)object;

    if (!object || !plan_apply_defaults(r, object, errp) ||
        !plan_apply_keyvals(object, r->spec->machine_options, "-machine", errp)) {
        return false;
    }
    if (!settle_gic(r, config, errp)) {
        return false;
    }
    config->acpi &= !r->spec->is_no_acpi;
    r->plan->machine->config = config;
    r->peripheral =
        plan_add_object(object, r->registry, TYPE_CONTAINER, "peripheral", errp);
    r->plan->machine->objects =
        plan_add_object(r->plan->root, r->registry, TYPE_CONTAINER, "objects", errp);
    return r->peripheral && r->plan->machine->objects &&
           plan_add_object(object, r->registry, TYPE_CONTAINER, "peripheral-anon",
                           errp) &&
           plan_add_object(object, r->registry, TYPE_CONTAINER, "unattached", errp);
}

static bool plan_smp(Resolving *r, GError **errp)
{
    const SpecSmp *smp = &r->spec->smp;
    MachinePlan *machine = r->plan->machine;
    unsigned max = MIN(machine->board->max_cpus, 0xffffu);

    if (smp->max_cpus > max) {
        error_set(errp, "-smp %u: machine %s has %u CPUs at most", smp->max_cpus,
                  machine->name, max);
        return false;
    }
    if (!plan_check_levels(machine, smp, errp)) {
        return false;
    }
    machine->smp = (SmpTopology){
        .cpus = smp->cpus,
        .max_cpus = smp->max_cpus,
        .sockets = smp->sockets,
        .dies = smp->dies,
        .modules = smp->modules,
        .cores = smp->cores * MAX(smp->clusters, 1),
        .threads = smp->threads,
    };
    return true;
}

/* The size in @bytes is the backend's where -m does not say it. */
static bool check_memory_backend(Resolving *r, uint64_t *bytes, GError **errp)
{
    const char *id = r->plan->machine->config->memory_backend;
    g_autofree char *path = g_strdup_printf("/objects/%s", id ? id : "");
    Object *object;
    uint64_t size;

    if (!id) {
        return true;
    }
    object = object_find(r->plan->root, path);
    if (!object || !object_is_a(object, TYPE_MEMORY_BACKEND)) {
        error_set(errp,
                  "-machine memory-backend=%s: there is no memory backend of that id",
                  id);
        return false;
    }
    size = ((MemoryBackend *)object)->size;
    if (r->spec->ram_bytes && size != r->spec->ram_bytes) {
        error_set(errp,
                  "-machine memory-backend=%s: its size is %" PRIu64
                  " bytes, and that of -m %" PRIu64,
                  id, size, r->spec->ram_bytes);
        return false;
    }
    *bytes = size;
    return true;
}

static bool plan_ram(Resolving *r, GError **errp)
{
    uint64_t bytes = r->spec->ram_bytes ? r->spec->ram_bytes : RAM_DEFAULT;

    if (!check_memory_backend(r, &bytes, errp)) {
        return false;
    }
    if (bytes < 2 * MIB) {
        g_autofree char *text = number_format_size(bytes);

        error_set(errp, "-m %s: at least 2 MiB is accepted", text);
        return false;
    }
    r->plan->machine->ram_bytes = bytes;
    return true;
}

/* ---- accelerator and CPU ---- */

static KvmAccel *new_accel(const VmSpec *spec, const TypeRegistry *registry,
                           GError **errp)
{
    g_autoptr(Object) object = object_new(registry, TYPE_KVM_ACCEL, "accel", errp);

    if (!object || !plan_apply_keyvals(object, spec->machine_accel, "-machine", errp)) {
        return NULL;
    }
    /* Each -accel is about the one accelerator there is; what comes later counts. */
    for (unsigned i = 0; i < spec->accels->len; i++) {
        const SpecItem *item = g_ptr_array_index(spec->accels, i);

        if (!plan_apply_keyvals(object, item->keyvals, item->text, errp) ||
            !plan_apply_json(object, item->json, item->text, errp)) {
            return NULL;
        }
    }
    return kvm_accel_check((const KvmAccel *)object, errp)
               ? (KvmAccel *)g_steal_pointer(&object)
               : NULL;
}

KvmAccel *vm_plan_accel(const VmSpec *spec, const TypeRegistry *registry, GError **errp)
{
    return check_names(spec, errp) ? new_accel(spec, registry, errp) : NULL;
}

static bool plan_accel(Resolving *r, GError **errp)
{
    r->plan->accel = new_accel(r->spec, r->registry, errp);
    if (!r->plan->accel) {
        return false;
    }
    object_add_child(r->plan->root, &r->plan->accel->parent);
    return plan_apply_defaults(r, &r->plan->accel->parent, errp);
}

/* "host-x86_64-cpu" to "host" */
static char *default_cpu_model(const Board *board)
{
    return g_strndup(board->default_cpu_type, strcspn(board->default_cpu_type, "-"));
}

Object *vm_plan_cpu_new(const VmPlan *plan, const char *text, Report *report,
                        GError **errp)
{
    g_autofree char *model = cpu_text_on_machine(plan->machine->name, text);

    return cpu_new_from_string(plan->registry, HOST_ARCH, model, plan->compat,
                               plan->globals, report, errp);
}

/* The guest has what it came with; what the command line here gives beyond that is said,
 * row by row, as what it does not have. */
static void keep_arrived(Resolving *r, MachinePlan *machine)
{
    g_autoptr(CpuContract) resolved = machine->contract;
    g_autoptr(Report) lost = report_new();

    machine->contract = cpu_contract_dup(r->arrived);
    contract_diff(resolved, r->arrived, NULL, lost, NULL);
    for (unsigned i = 0; i < report_size(lost); i++) {
        Finding finding = *report_get(lost, i);

        finding.level = FINDING_WARNING;
        finding.given = finding.offered;
        finding.offered = NULL;
        finding.cause = "the guest that arrived was made without it";
        finding.remedy = NULL;
        report_add(r->report, &finding);
    }
}

static bool plan_cpu(Resolving *r, GError **errp)
{
    MachinePlan *machine = r->plan->machine;
    g_autofree char *model = NULL;
    CpuResolveInput input = {r->host, r->plan->accel, machine->name};
    Object *cpu;

    if (!machine->board->has_cpus && !r->spec->cpu) {
        return true;
    }
    model = r->spec->cpu ? g_strdup(r->spec->cpu) : default_cpu_model(machine->board);
    cpu = vm_plan_cpu_new(r->plan, model, r->report, errp);
    if (!cpu) {
        return false;
    }
    if (!machine->board->has_cpus) {
        object_free(cpu); /* it was only to be checked */
        return true;
    }
    if (!cpu->id) {
        cpu->id = g_strdup("cpu");
    }
    object_add_child(object_find(r->plan->root, "/machine/unattached"), cpu);
    r->plan->cpu = cpu;
    machine->contract = cpu_resolve(cpu, &input, r->report);
    if (r->arrived) {
        keep_arrived(r, machine);
    }
    machine->binding = cpu_bind(machine->contract, r->host, r->plan->accel);
    machine->dirty_ring_entries =
        kvm_dirty_ring_entries(r->plan->accel, r->host, NULL); /* findings: there */
    r->plan->cpu_table = cpu_table(cpu, &input, machine->contract);
    return true;
}

static void plan_boot(Resolving *r)
{
    MachinePlan *machine = r->plan->machine;

    machine->kernel = g_strdup(r->spec->kernel);
    machine->initrd = g_strdup(r->spec->initrd);
    machine->append = g_strdup(r->spec->append);
    machine->uuid = g_strdup(r->spec->uuid);
}

/* What the guest can read about itself, and what -fw_cfg adds. */
static bool plan_fw_cfg(Resolving *r, GError **errp)
{
    MachinePlan *machine = r->plan->machine;

    if (machine->contract) {
        g_autojson *json = cpu_contract_format(machine->contract);
        g_autofree char *text = json_format(json);

        machine_plan_add_fw_cfg(machine, "opt/org.vpmu/contract", text, NULL);
    }
    for (unsigned i = 0; i < r->spec->fw_cfg->len; i++) {
        const SpecItem *item = g_ptr_array_index(r->spec->fw_cfg, i);
        const char *name = keyval_get(item->keyvals, "name");
        const char *text = keyval_get(item->keyvals, "string");
        const char *path = keyval_get(item->keyvals, "file");

        if (!name || !text == !path) {
            error_set(errp, "%s: name= and one of string= and file= are needed",
                      item->text);
            return false;
        }
        machine_plan_add_fw_cfg(machine, name, text, path);
    }
    return true;
}

static bool resolve_steps(Resolving *r, GError **errp)
{
    plan_boot(r);
    return plan_objects(r, errp) && plan_smp(r, errp) && plan_ram(r, errp) &&
           plan_accel(r, errp) && plan_cpu(r, errp) && plan_devices(r, errp) &&
           plan_check_ram(r->plan->machine, r->report, errp) && plan_fw_cfg(r, errp);
}

/* From here on only what an operator may change while the guest runs can change. */
static void freeze_tree(Object *object)
{
    object_freeze(object);
    for (unsigned i = 0; object->children && i < object->children->len; i++) {
        freeze_tree(g_ptr_array_index(object->children, i));
    }
}

static VmPlan *resolve(const VmSpec *spec, const TypeRegistry *registry,
                       const HostProfile *host, const CpuContract *arrived,
                       Report *report, GError **errp)
{
    g_autoptr(VmPlan) plan = g_new0(VmPlan, 1);
    Resolving r = {plan, spec, registry, host, arrived, report, NULL};
    bool ok;

    plan->spec = spec;
    plan->registry = registry;
    plan->machine = machine_plan_new();
    plan->machine->blocks = spec->blocks;
    plan->machine->nets = spec->nets;
    plan->built_in = g_ptr_array_new_with_free_func((GDestroyNotify)object_free);
    plan->root = object_new(registry, TYPE_CONTAINER, NULL, errp);
    plan->globals = g_array_new(FALSE, FALSE, sizeof(CompatProperty));
    for (unsigned i = 0; i < spec->globals->len; i++) {
        check_global(registry, g_ptr_array_index(spec->globals, i), report);
        add_global(plan->globals, g_ptr_array_index(spec->globals, i));
    }
    ok = plan->root && find_board(&r, errp) && plan_machine_config(&r, errp) &&
         resolve_steps(&r, errp);
    if (ok) {
        freeze_tree(plan->root);
    }
    return ok ? g_steal_pointer(&plan) : NULL;
}

VmPlan *vm_plan_resolve(const VmSpec *spec, const TypeRegistry *registry,
                        const HostProfile *host, Report *report, GError **errp)
{
    return resolve(spec, registry, host, NULL, report, errp);
}

VmPlan *vm_plan_with(const VmPlan *plan, const HostProfile *host,
                     const CpuContract *contract, Report *report, GError **errp)
{
    return resolve(plan->spec, plan->registry, host, contract, report, errp);
}
