/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands about the machine: target, KVM, machines, vCPUs, name, memory. */
#include <string.h>

#include "hw/balloon.h"
#include "monitor/monitor.h"
#include "qapi/commands.h"
#include "qmp-objects.h"
#include "system/plan/host-arch.h"
#include "system/qmp/program.h"
#include "target/compat.h"
#include "util/error.h"

#define UUID_NONE "00000000-0000-0000-0000-000000000000"

static const Program *program_of(const QmpContext *ctx)
{
    return ctx->program;
}

bool qmp_query_target(QmpContext *ctx, TargetInfo **ret, GError **errp)
{
    (void)ctx;
    (void)errp; /* cannot fail */
    *ret = g_new0(TargetInfo, 1);
    (*ret)->arch = HOST_QMP_TARGET;
    return true;
}

bool qmp_query_kvm(QmpContext *ctx, KvmInfo **ret, GError **errp)
{
    (void)errp; /* cannot fail */
    *ret = g_new0(KvmInfo, 1);
    (*ret)->present = program_of(ctx)->sys != NULL;
    (*ret)->enabled = (*ret)->present;
    return true;
}

static MachineInfo *machine_info_new(const Board *board, const MachineVersion *version,
                                     bool is_newest)
{
    MachineInfo *info = g_new0(MachineInfo, 1);

    info->name = board_machine_name(board, version);
    if (is_newest) {
        info->alias = g_strdup(board->alias);
        info->has_is_default = g_strcmp0(board->alias, DEFAULT_MACHINE) == 0;
        info->is_default = info->has_is_default;
    }
    info->cpu_max = board->has_cpus ? board->max_cpus : 1;
    info->default_cpu_type = g_strdup(board->has_cpus ? board->default_cpu_type : NULL);
    info->acpi = board->has_cpus && board->arch == TARGET_ARCH_X86_64;
    return info;
}

static gint compare_machines(gconstpointer a, gconstpointer b)
{
    const MachineInfo *const *left = a;
    const MachineInfo *const *right = b;

    return strcmp((*left)->name, (*right)->name);
}

bool qmp_query_machines(QmpContext *ctx, GPtrArray **ret, GError **errp)
{
    unsigned board_count, version_count;
    const Board *const *all = boards(&board_count);
    const MachineVersion *versions = machine_versions(&version_count);

    (void)ctx;
    (void)errp; /* cannot fail */
    *ret = g_ptr_array_new();
    for (unsigned i = 0; i < board_count; i++) {
        unsigned count = all[i]->is_versioned ? version_count : 1;

        for (unsigned k = 0; k < count; k++) {
            const MachineVersion *version = all[i]->is_versioned ? &versions[k] : NULL;

            g_ptr_array_add(*ret, machine_info_new(all[i], version, k == 0));
        }
    }
    g_ptr_array_sort(*ret, compare_machines);
    return true;
}

static CpuInstanceProperties *cpu_place_new(const SmpTopology *smp, unsigned index)
{
    CpuInstanceProperties *place = g_new0(CpuInstanceProperties, 1);

    place->has_thread_id = true;
    place->thread_id = index % smp->threads;
    place->has_core_id = true;
    place->core_id = index / smp->threads % smp->cores;
    place->has_module_id = smp->modules > 1;
    place->module_id = index / (smp->threads * smp->cores) % smp->modules;
    place->has_die_id = HOST_QMP_TARGET == SYS_EMU_TARGET_X86_64;
    place->die_id = index / (smp->threads * smp->cores * smp->modules) % smp->dies;
    place->has_socket_id = true;
    place->socket_id = index / (smp->threads * smp->cores * smp->modules * smp->dies);
    return place;
}

bool qmp_query_cpus_fast(QmpContext *ctx, GPtrArray **ret, GError **errp)
{
    const Program *program = program_of(ctx);

    (void)errp; /* cannot fail */
    *ret = g_ptr_array_new();
    for (unsigned i = 0; i < vm_cpu_count(program->vm); i++) {
        CpuInfoFast *info = g_new0(CpuInfoFast, 1);

        info->cpu_index = i;
        info->qom_path = qmp_cpu_path(i);
        info->thread_id = vm_cpu_thread_id(program->vm, i);
        info->props = cpu_place_new(&program->plan->machine->smp, i);
        info->target = HOST_QMP_TARGET;
        g_ptr_array_add(*ret, info);
    }
    return true;
}

bool qmp_query_name(QmpContext *ctx, NameInfo **ret, GError **errp)
{
    (void)errp; /* cannot fail */
    *ret = g_new0(NameInfo, 1);
    (*ret)->name = g_strdup(program_of(ctx)->spec->name);
    return true;
}

bool qmp_query_uuid(QmpContext *ctx, UuidInfo **ret, GError **errp)
{
    const char *uuid = program_of(ctx)->spec->uuid;

    (void)errp; /* cannot fail */
    *ret = g_new0(UuidInfo, 1);
    (*ret)->UUID = g_strdup(uuid ? uuid : UUID_NONE);
    return true;
}

bool qmp_query_memory_size_summary(QmpContext *ctx, MemoryInfo **ret, GError **errp)
{
    (void)errp; /* cannot fail */
    *ret = g_new0(MemoryInfo, 1);
    (*ret)->base_memory = program_of(ctx)->plan->machine->ram_bytes;
    return true;
}

bool qmp_balloon(QmpContext *ctx, const BalloonArgs *args, GError **errp)
{
    if (args->value <= 0) {
        error_set(errp, "value=%" G_GINT64_FORMAT ": a guest has more than no memory",
                  args->value);
        return false;
    }
    return machine_balloon_set(vm_machine(program_of(ctx)->vm), (uint64_t)args->value,
                               errp);
}

bool qmp_query_balloon(QmpContext *ctx, BalloonInfo **ret, GError **errp)
{
    uint64_t bytes;

    if (!machine_balloon_size(vm_machine(program_of(ctx)->vm), &bytes, errp)) {
        return false;
    }
    *ret = g_new0(BalloonInfo, 1);
    (*ret)->actual = (int64_t)bytes;
    return true;
}

bool qmp_query_gic_capabilities(QmpContext *ctx, GPtrArray **ret, GError **errp)
{
    const HostProfile *host = program_of(ctx)->host;
    GICCapability *gic;

    (void)errp; /* cannot fail */
    *ret = g_ptr_array_new();
    if (host && host->arm.gic_version) {
        gic = g_new0(GICCapability, 1);
        gic->version = host->arm.gic_version;
        gic->kernel = true;
        g_ptr_array_add(*ret, gic);
    }
    return true;
}
