/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands about migration. */
#include <errno.h>
#include <fcntl.h>

#include "migration.h"
#include "migration/header.h"
#include "monitor/monitor.h"
#include "program.h"
#include "qapi/commands.h"
#include "target/contract-check.h"
#include "util/error.h"
#include "util/number.h"

static Migration *migration_of(QmpContext *ctx)
{
    return ((Program *)ctx->program)->migration;
}

bool qmp_query_migrate_capabilities(QmpContext *ctx, GPtrArray **ret, GError **errp)
{
    static const MigrationCapability all[] = {
        MIGRATION_CAPABILITY_EVENTS, MIGRATION_CAPABILITY_RETURN_PATH,
        MIGRATION_CAPABILITY_PAUSE_BEFORE_SWITCHOVER};

    (void)errp; /* cannot fail */
    *ret = g_ptr_array_new();
    for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
        MigrationCapabilityStatus *status = g_new0(MigrationCapabilityStatus, 1);

        status->capability = all[i];
        status->state = migration_capability(migration_of(ctx), all[i]);
        g_ptr_array_add(*ret, status);
    }
    return true;
}

bool qmp_migrate_set_capabilities(QmpContext *ctx, const MigrateSetCapabilitiesArgs *args,
                                  GError **errp)
{
    (void)errp; /* unknown ones were refused when the arguments were parsed */
    for (unsigned i = 0; i < args->capabilities->len; i++) {
        const MigrationCapabilityStatus *status =
            g_ptr_array_index(args->capabilities, i);

        migration_set_capability(migration_of(ctx), status->capability, status->state);
    }
    return true;
}

bool qmp_query_migrate_parameters(QmpContext *ctx, MigrationParameters **ret,
                                  GError **errp)
{
    MigrationParameters parameters = migration_parameters(migration_of(ctx));

    (void)errp; /* cannot fail */
    *ret = g_memdup2(&parameters, sizeof(parameters));
    return true;
}

bool qmp_migrate_set_parameters(QmpContext *ctx, const MigrateSetParametersArgs *args,
                                GError **errp)
{
    MigrationParameters parameters = migration_parameters(migration_of(ctx));

    if (args->has_downtime_limit && args->downtime_limit > 2000000) {
        error_set(errp, "downtime-limit: at most 2000000 milliseconds");
        return false;
    }
    if (args->has_max_bandwidth) {
        parameters.max_bandwidth = args->max_bandwidth;
    }
    if (args->has_downtime_limit) {
        parameters.downtime_limit = args->downtime_limit;
    }
    migration_set_parameters(migration_of(ctx), parameters);
    return true;
}

bool qmp_query_migrate(QmpContext *ctx, MigrationInfo **ret, GError **errp)
{
    (void)errp; /* cannot fail */
    *ret = migration_query(migration_of(ctx));
    return true;
}

/*
 * The descriptor an fd: address names, the caller's from here: by getfd, or the number of
 * one inherited.  -1 for other addresses, and with an error.
 */
static int take_fd(QmpContext *ctx, const char *uri, bool *ret_ok, GError **errp)
{
    const char *name = g_str_has_prefix(uri, "fd:") ? uri + 3 : NULL;
    uint64_t number;
    int fd = -1;

    *ret_ok = true;
    if (!name) {
        return -1;
    }
    if (g_ascii_isdigit(*name) && number_parse_uint64(name, &number) &&
        number <= INT_MAX && fcntl((int)number, F_GETFD) >= 0) {
        fd = (int)number;
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    } else {
        fd = monitor_take_fd(ctx->monitor, name, errp);
    }
    *ret_ok = fd >= 0;
    return fd;
}

bool qmp_migrate(QmpContext *ctx, const MigrateArgs *args, GError **errp)
{
    bool ok;
    int fd;

    if (args->blk || args->inc || args->resume) {
        error_set(errp, "%s: there is no such thing here",
                  args->resume ? "resume" : "blk and inc");
        return false;
    }
    fd = take_fd(ctx, args->uri, &ok, errp);
    return ok && migration_start_out(migration_of(ctx), args->uri, fd, errp);
}

bool qmp_migrate_incoming(QmpContext *ctx, const MigrateIncomingArgs *args, GError **errp)
{
    bool ok;
    int fd = take_fd(ctx, args->uri, &ok, errp);

    return ok &&
           migration_start_in(migration_of(ctx), args->uri, fd,
                              !args->has_exit_on_error || args->exit_on_error, errp);
}

bool qmp_migrate_cancel(QmpContext *ctx, GError **errp)
{
    (void)errp; /* cannot fail */
    migration_cancel(migration_of(ctx));
    return true;
}

bool qmp_migrate_continue(QmpContext *ctx, const MigrateContinueArgs *args, GError **errp)
{
    if (args->state != MIGRATION_STATUS_PRE_SWITCHOVER) {
        error_set(errp, "state: only pre-switchover is waited in");
        return false;
    }
    return migration_continue(migration_of(ctx), errp);
}

bool qmp_query_vpmu_compat(QmpContext *ctx, const QueryVpmuCompatArgs *args,
                           VpmuCompatInfo **ret, GError **errp)
{
    const Program *program = ctx->program;
    const CpuContract *own = program->plan->machine->contract;
    g_autoptr(CpuContract) guest = NULL;
    g_autoptr(Report) report = report_new();

    if (!own || !program->host) {
        error_set(errp, "the machine 'none' has no CPU to compare with");
        return false;
    }
    guest = cpu_contract_parse(args->contract, errp);
    if (!guest) {
        g_prefix_error(errp, "contract: ");
        return false;
    }
    migration_contract_check(guest, own, program->host, report);
    *ret = g_new0(VpmuCompatInfo, 1);
    (*ret)->compatible = report_count(report, FINDING_ERROR) == 0;
    (*ret)->host_compatible = contract_check_host(guest, program->host, NULL);
    (*ret)->findings = report_to_json(report);
    return true;
}
