/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands about running: status, stop, cont, reset, power, quit. */
#include "migration/session.h"
#include "monitor/monitor.h"
#include "qapi/commands.h"
#include "system/qmp/program.h"

static Vm *vm_of(QmpContext *ctx)
{
    return ((Program *)ctx->program)->vm;
}

bool qmp_query_status(QmpContext *ctx, StatusInfo **ret, GError **errp)
{
    StatusInfo *info = g_new0(StatusInfo, 1);

    (void)errp; /* cannot fail */
    info->status = vm_run_state(vm_of(ctx));
    info->running = vm_is_running(vm_of(ctx));
    *ret = info;
    return true;
}

bool qmp_stop(QmpContext *ctx, GError **errp)
{
    Program *program = ctx->program;

    (void)errp; /* cannot fail */
    if (migration_is_expecting(program->migration)) {
        migration_set_autostart(program->migration, false);
    } else if (vm_is_running(vm_of(ctx))) {
        vm_stop(vm_of(ctx), RUN_STATE_PAUSED);
    } else if (vm_run_state(vm_of(ctx)) == RUN_STATE_FINISH_MIGRATE) {
        migration_keep_stopped(program->migration);
    }
    return true;
}

bool qmp_cont(QmpContext *ctx, GError **errp)
{
    Program *program = ctx->program;

    if (migration_is_expecting(program->migration)) {
        migration_set_autostart(program->migration, true);
        migration_confirm_switchover(program->migration);
        return true;
    }
    return vm_cont(program->vm, errp);
}

bool qmp_system_reset(QmpContext *ctx, GError **errp)
{
    return vm_reset(vm_of(ctx), SHUTDOWN_CAUSE_HOST_QMP_SYSTEM_RESET, errp);
}

bool qmp_system_powerdown(QmpContext *ctx, GError **errp)
{
    (void)errp; /* what the guest does with it is its own affair */
    vm_powerdown(vm_of(ctx));
    return true;
}

bool qmp_quit(QmpContext *ctx, GError **errp)
{
    (void)errp; /* cannot fail */
    vm_quit(vm_of(ctx), SHUTDOWN_CAUSE_HOST_QMP_QUIT, 0);
    return true;
}

bool qmp_set_action(QmpContext *ctx, const SetActionArgs *args, GError **errp)
{
    (void)errp; /* cannot fail */
    if (args->has_reboot) {
        vm_set_no_reboot(vm_of(ctx), args->reboot == REBOOT_ACTION_SHUTDOWN);
    }
    if (args->has_shutdown) {
        vm_set_no_shutdown(vm_of(ctx), args->shutdown == SHUTDOWN_ACTION_PAUSE);
    }
    return true;
}
