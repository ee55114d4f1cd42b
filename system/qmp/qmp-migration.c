/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands about migration. */
#include <inttypes.h>
#include <string.h>

#include "migration/channels.h"
#include "migration/header.h"
#include "migration/pack.h"
#include "migration/session.h"
#include "monitor/monitor.h"
#include "qapi/commands.h"
#include "system/qmp/migration-guest.h"
#include "target/contract-check.h"
#include "util/error.h"
#include "util/json.h"

static Migration *migration_of(QmpContext *ctx)
{
    return ((Program *)ctx->program)->migration;
}

bool qmp_query_migrate_capabilities(QmpContext *ctx, GPtrArray **ret, GError **errp)
{
    (void)errp; /* cannot fail */
    *ret = g_ptr_array_new();
    for (unsigned i = 0; i < MIGRATION_CAPABILITY_COUNT; i++) {
        MigrationCapabilityStatus *status = g_new0(MigrationCapabilityStatus, 1);

        status->capability = i;
        status->state = migration_capability(migration_of(ctx), i);
        g_ptr_array_add(*ret, status);
    }
    return true;
}

/* All are judged before one changes; off what is not there is fulfilled. */
static bool can_set_capability(const MigrationCapabilitySetting *setting, int capability,
                               GError **errp)
{
    g_autoptr(GString) all = NULL;

    if (!setting->state) {
        return true;
    }
    if (capability == MIGRATION_CAPABILITY_COMPRESS && !pack_is_available()) {
        error_set(errp, "compress: this build is without libzstd");
        return false;
    }
    if (capability >= 0) {
        return true;
    }
    all = g_string_new(NULL);
    for (unsigned i = 0; i < MIGRATION_CAPABILITY_COUNT; i++) {
        g_string_append_printf(all, "%s%s", i ? ", " : "",
                               qapi_type_migration_capability.names[i]);
    }
    error_set(errp, "there is no migration capability '%s', only: %s",
              setting->capability, all->str);
    return false;
}

bool qmp_migrate_set_capabilities(QmpContext *ctx, const MigrateSetCapabilitiesArgs *args,
                                  GError **errp)
{
    const GPtrArray *list = args->capabilities;
    g_autofree int *which = g_new(int, list->len);

    for (unsigned i = 0; i < list->len; i++) {
        const MigrationCapabilitySetting *setting = g_ptr_array_index(list, i);

        which[i] = qapi_enum_parse(&qapi_type_migration_capability, setting->capability);
        if (!can_set_capability(setting, which[i], errp)) {
            return false;
        }
    }
    for (unsigned i = 0; i < list->len; i++) {
        const MigrationCapabilitySetting *setting = g_ptr_array_index(list, i);

        if (which[i] >= 0 && !migration_set_capability(migration_of(ctx), which[i],
                                                       setting->state, errp)) {
            return false;
        }
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

static bool in_range(const char *name, uint64_t value, uint64_t least, uint64_t most,
                     const char *unit, GError **errp)
{
    if (value < least || value > most) {
        error_set(errp, "%s: %" PRIu64 " to %" PRIu64 " %s", name, least, most, unit);
        return false;
    }
    return true;
}

static bool parameters_ok(const MigrationParameters *wanted, GError **errp)
{
    return in_range("downtime-limit", wanted->downtime_limit, 0, 2000000, "milliseconds",
                    errp) &&
           in_range("cpu-throttle-initial", wanted->cpu_throttle_initial, 1, 99,
                    "percent", errp) &&
           in_range("cpu-throttle-increment", wanted->cpu_throttle_increment, 1, 99,
                    "percent", errp) &&
           in_range("max-cpu-throttle", wanted->max_cpu_throttle,
                    wanted->cpu_throttle_initial, 99, "percent", errp) &&
           in_range("compress-level", wanted->compress_level, PACK_LEVEL_LEAST,
                    PACK_LEVEL_MOST, "of zstd", errp) &&
           in_range("multifd-channels", wanted->multifd_channels, 1, CHANNELS_MOST,
                    "connections", errp);
}

bool qmp_migrate_set_parameters(QmpContext *ctx, const MigrateSetParametersArgs *args,
                                GError **errp)
{
    MigrationParameters parameters = migration_parameters(migration_of(ctx));

    if (args->has_max_bandwidth) {
        parameters.max_bandwidth = args->max_bandwidth;
    }
    if (args->has_downtime_limit) {
        parameters.downtime_limit = args->downtime_limit;
    }
    if (args->has_cpu_throttle_initial) {
        parameters.cpu_throttle_initial = args->cpu_throttle_initial;
    }
    if (args->has_cpu_throttle_increment) {
        parameters.cpu_throttle_increment = args->cpu_throttle_increment;
    }
    if (args->has_max_cpu_throttle) {
        parameters.max_cpu_throttle = args->max_cpu_throttle;
    }
    if (args->has_compress_level) {
        parameters.compress_level = args->compress_level;
    }
    if (args->has_multifd_channels) {
        parameters.multifd_channels = args->multifd_channels;
    }
    if (!parameters_ok(&parameters, errp)) {
        return false;
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
    int fd = name ? program_inherited_fd(ctx->program, name) : -1;

    if (name && fd < 0) {
        fd = monitor_take_fd(ctx->monitor, name, errp);
    }
    *ret_ok = !name || fd >= 0;
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

/* None of the findings is of the host rather than of the command line there. */
static bool host_holds(json_object *findings)
{
    for (size_t i = 0; i < json_object_array_length(findings); i++) {
        json_object *row = json_object_array_get_idx(findings, i);
        const char *code = NULL, *level = NULL;

        if (json_get_string(row, "finding", "level", &level, NULL) &&
            strcmp(level, "error") == 0 &&
            (!json_get_string(row, "finding", "code", &code, NULL) ||
             check_reason_is_of_host(code))) {
            return false;
        }
    }
    return true;
}

/* This guest was judged by a destination. */
static void peer_answers(void *opaque, bool ok, json_object *findings,
                         const GError *error)
{
    VpmuCompatInfo info = {
        .compatible = ok, .host_compatible = host_holds(findings), .findings = findings};
    const VpmuCompatInfo *place = &info;

    monitor_answer(opaque, &place, error);
}

/* @contract, judged here. */
static bool judge_here(const Program *program, json_object *contract, VpmuCompatInfo *ret,
                       GError **errp)
{
    const CpuContract *own = program->plan->machine->contract;
    g_autoptr(CpuContract) guest = cpu_contract_parse(contract, errp);
    g_autoptr(Report) report = report_new();

    if (!guest) {
        g_prefix_error(errp, "contract: ");
        return false;
    }
    contract_check_line(guest, own, program->host, report);
    ret->compatible = report_count(report, FINDING_ERROR) == 0;
    ret->host_compatible = contract_check_host(guest, program->host, NULL);
    ret->findings = report_to_json(report);
    return true;
}

bool qmp_query_vpmu_compat(QmpContext *ctx, const QueryVpmuCompatArgs *args,
                           VpmuCompatInfo **ret, GError **errp)
{
    const Program *program = ctx->program;
    g_autoptr(VpmuCompatInfo) info = g_new0(VpmuCompatInfo, 1);

    if (!program->plan->machine->contract || !program->host) {
        error_set(errp, "the machine 'none' has no CPU to compare with");
        return false;
    }
    if (!args->contract == !args->address) {
        error_set(errp, "either contract or address is needed");
        return false;
    }
    if (args->address) {
        return migration_probe(program->migration, args->address, peer_answers,
                               monitor_defer(ctx), errp);
    }
    if (!judge_here(program, args->contract, info, errp)) {
        return false;
    }
    *ret = g_steal_pointer(&info);
    return true;
}
