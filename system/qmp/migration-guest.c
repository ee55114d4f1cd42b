/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "system/qmp/migration-guest.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "accel/vcpu-state.h"
#include "block/block.h"
#include "chardev/chardev.h"
#include "net/net.h"
#include "system/plan/plan-guest.h"
#include "system/qmp/monitors.h"
#include "target/x86-features.h"
#include "util/error.h"
#include "util/number.h"

GPtrArray *program_list_blockers(const Program *program)
{
    GPtrArray *reasons = g_ptr_array_new_with_free_func(g_free);
    const CpuContract *contract = program->plan->machine->contract;
    const char *cause;

    if (!contract) {
        g_ptr_array_add(reasons, g_strdup("the machine 'none' has nothing to migrate"));
        return reasons;
    }
    for (unsigned i = 0; contract->arch == TARGET_ARCH_X86_64 && i < X86_FEATURE_COUNT;
         i++) {
        char *why = x86_contract_why_held(contract, i);

        if (why) {
            g_ptr_array_add(reasons, why);
        }
    }
    cause = program->sys ? kvm_vcpu_state_blocker(program->sys, contract) : NULL;
    if (cause) {
        g_ptr_array_add(reasons, g_strdup(cause));
    }
    return reasons;
}

/* Messages go to standard error; a daemon's standard descriptors are /dev/null. */
static bool is_in_use(const Program *program, int fd)
{
    if (fd == STDERR_FILENO || (fd < STDERR_FILENO && program->spec->is_daemonize)) {
        return true;
    }
    for (unsigned i = 0; i < program->chardevs->len; i++) {
        if (chardev_has_fd(g_ptr_array_index(program->chardevs, i), fd)) {
            return true;
        }
    }
    return false;
}

int program_inherited_fd(const Program *program, const char *name)
{
    uint64_t number;
    int flags = -1;

    if (g_ascii_isdigit(*name) && number_parse_uint64(name, &number) &&
        number <= INT_MAX) {
        flags = fcntl((int)number, F_GETFD);
    }
    /* What would not outlive an exec() was not inherited: it is the program's own. */
    if (flags < 0 || flags & FD_CLOEXEC || is_in_use(program, (int)number)) {
        return -1;
    }
    (void)fcntl((int)number, F_SETFD, FD_CLOEXEC);
    return (int)number;
}

/* ---- the table ---- */

static Vm *vm_of(void *opaque)
{
    return ((Program *)opaque)->vm;
}

static GuestDescription guest_describe(void *opaque)
{
    const Program *program = opaque;

    return vm_plan_describe(program->plan, program->host);
}

static GPtrArray *guest_list_blockers(void *opaque)
{
    return program_list_blockers(opaque);
}

static RunState guest_run_state(void *opaque)
{
    return vm_run_state(vm_of(opaque));
}

static void guest_stop(void *opaque, RunState state)
{
    vm_stop(vm_of(opaque), state);
}

static bool guest_go_on(void *opaque, GError **errp)
{
    return vm_cont(vm_of(opaque), errp);
}

static void guest_throttle(void *opaque, unsigned percent)
{
    vm_set_throttle(vm_of(opaque), percent);
}

static bool guest_log_dirty(void *opaque, bool on, GError **errp)
{
    return vm_log_dirty(vm_of(opaque), on, errp);
}

static bool guest_sync_dirty(void *opaque, unsigned index, uint64_t *bitmap,
                             GError **errp)
{
    return vm_sync_dirty(vm_of(opaque), index, bitmap, errp);
}

/* A request of the last moment is the main loop's to fulfil, here: what leaves would be a
 * guest that waits for it for ever. */
static GPtrArray *guest_save(void *opaque, RunState state, GError **errp)
{
    g_autoptr(GPtrArray) sections = NULL;

    if (vm_has_request(vm_of(opaque))) {
        error_set(errp,
                  "the guest asked for a reset or its end as it was stopped; it gets "
                  "it here: migrate it again");
        return NULL;
    }
    sections = vm_save_state(vm_of(opaque), state, errp);
    /* From here the images, and taps, are for whoever takes them first: it, or this one
     * again. */
    if (sections && !block_set_inactivate(((Program *)opaque)->blocks, errp)) {
        return NULL;
    }
    if (sections) {
        net_set_inactivate(((Program *)opaque)->nets);
    }
    return g_steal_pointer(&sections);
}

static bool guest_load(void *opaque, const GPtrArray *sections, RunState *ret_state,
                       GError **errp)
{
    return vm_load_state(vm_of(opaque), sections, ret_state, errp);
}

/* Everything that speaks of the guest's CPU goes by the plan, so it changes as one. */
static bool guest_adopt(void *opaque, CpuContract *contract, GError **errp)
{
    Program *program = opaque;
    g_autoptr(CpuContract) guard = contract;
    g_autoptr(Report) report = report_new();
    VmPlan *plan = vm_plan_with(program->plan, program->host, contract, report, errp);
    Report *found = plan ? report_new() : NULL;
    bool ok;

    if (!plan) {
        return false;
    }
    ok = vm_adopt_plan(program->vm, plan, found, errp);
    vm_plan_free(program->plan);
    report_free(program->found);
    program->plan = plan;
    program->found = found;
    program->vm_host.report = found;
    cpu_judge_found(plan->cpu, found, report);
    report_free(program->report);
    program->report = g_steal_pointer(&report);
    return ok && report_to_error(program->report, errp);
}

static GPtrArray *guest_read_id_registers(void *opaque, GError **errp)
{
    return vm_read_id_registers(vm_of(opaque), errp);
}

static bool guest_try_id_registers(void *opaque, const GPtrArray *sets, Report *report,
                                   bool *ret_touched, GError **errp)
{
    return vm_try_id_registers(vm_of(opaque), sets, report, ret_touched, errp);
}

static void guest_emit(void *opaque, json_object *event)
{
    const Program *program = opaque;

    monitors_emit(program->monitors, event);
}

static void guest_log(void *opaque, const char *message)
{
    const Program *program = opaque;

    program->vm_host.log(program->vm_host.opaque, message);
}

static void guest_give_up(void *opaque)
{
    vm_quit(vm_of(opaque), SHUTDOWN_CAUSE_HOST_ERROR, 1);
}

MigrationGuest program_guest(Program *program)
{
    static const MigrationGuestOps ops = {
        .describe = guest_describe,
        .list_blockers = guest_list_blockers,
        .run_state = guest_run_state,
        .stop = guest_stop,
        .go_on = guest_go_on,
        .throttle = guest_throttle,
        .log_dirty = guest_log_dirty,
        .sync_dirty = guest_sync_dirty,
        .save = guest_save,
        .load = guest_load,
        .adopt = guest_adopt,
        .read_id_registers = guest_read_id_registers,
        .try_id_registers = guest_try_id_registers,
        .emit = guest_emit,
        .log = guest_log,
        .give_up = guest_give_up,
    };

    return (MigrationGuest){&ops, program, vm_memory(program->vm)};
}
