/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "migration.h"

#include <sys/socket.h>
#include <unistd.h>

#include "migration-internal.h"
#include "monitors.h"
#include "qapi/events.h"
#include "target/x86-features.h"
#include "util/error.h"
#include "util/json.h"

#define DEFAULT_BANDWIDTH   (UINT64_C(128) * 1024 * 1024)
#define DEFAULT_DOWNTIME_MS 300

Migration *migration_new(Program *program)
{
    Migration *migration = g_new0(Migration, 1);

    migration->program = program;
    migration->listen_fd = -1;
    migration->end.fd = -1;
    migration->autostart = true;
    migration->exit_on_error = true;
    migration->parameters = (MigrationParameters){DEFAULT_BANDWIDTH, DEFAULT_DOWNTIME_MS};
    g_mutex_init(&migration->mutex);
    g_cond_init(&migration->changed);
    return migration;
}

/* The thread is over or about to be. */
static void join_thread(Migration *migration)
{
    if (migration->thread) {
        g_thread_join(migration->thread);
        migration->thread = NULL;
    }
    if (migration->listen_fd >= 0) {
        close(migration->listen_fd);
        migration->listen_fd = -1;
    }
    if (migration->end.fd >= 0) {
        close(migration->end.fd);
        migration->end.fd = -1;
    }
    g_clear_pointer(&migration->transport, transport_free);
}

static void interrupt(Migration *migration)
{
    g_mutex_lock(&migration->mutex);
    migration->is_cancelled = true;
    if (migration->stream) {
        stream_cancel(migration->stream);
    }
    if (migration->listen_fd >= 0) {
        (void)shutdown(migration->listen_fd, SHUT_RDWR); /* accept() comes back */
    }
    g_cond_broadcast(&migration->changed);
    g_mutex_unlock(&migration->mutex);
}

void migration_free(Migration *migration)
{
    if (!migration) {
        return;
    }
    g_mutex_lock(&migration->mutex);
    migration->is_closing = true;
    g_mutex_unlock(&migration->mutex);
    interrupt(migration);
    join_thread(migration);
    g_free(migration->error);
    json_object_put(migration->refusal);
    g_mutex_clear(&migration->mutex);
    g_cond_clear(&migration->changed);
    g_free(migration);
}

/* ---- between the threads ---- */

typedef struct Call {
    Migration *migration;
    MigrationStep *step;
    void *data;
    GError *error;
    bool ok, is_done;
} Call;

static gboolean run_call(gpointer data)
{
    Call *call = data;
    Migration *migration = call->migration;

    call->ok = call->step(migration, call->data, &call->error);
    g_mutex_lock(&migration->mutex);
    call->is_done = true;
    g_cond_broadcast(&migration->changed);
    g_mutex_unlock(&migration->mutex);
    return G_SOURCE_REMOVE;
}

bool migration_call(Migration *migration, MigrationStep *step, void *data, GError **errp)
{
    Call call = {.migration = migration, .step = step, .data = data};
    g_autoptr(GSource) source = g_idle_source_new();

    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, run_call, &call, NULL);
    g_mutex_lock(&migration->mutex);
    if (!migration->is_closing) {
        g_source_attach(source, NULL);
    }
    while (!call.is_done && !migration->is_closing) {
        g_cond_wait(&migration->changed, &migration->mutex);
    }
    /* The main thread closes; so it is not in run_call(), and will not be. */
    if (!call.is_done) {
        g_source_destroy(source);
    }
    g_mutex_unlock(&migration->mutex);
    if (!call.is_done) {
        error_set(errp, "the program ends");
        return false;
    }
    if (!call.ok) {
        g_propagate_error(errp, call.error);
    }
    return call.ok;
}

void migration_set_status(Migration *migration, MigrationStatus status)
{
    const MigrationEvent data = {.status = status};

    g_mutex_lock(&migration->mutex);
    migration->status = status;
    g_mutex_unlock(&migration->mutex);
    if (migration->capabilities[MIGRATION_CAPABILITY_EVENTS]) {
        monitors_emit(migration->program->monitors, qapi_event_migration(&data));
    }
}

void migration_fail(Migration *migration, const GError *error)
{
    g_mutex_lock(&migration->mutex);
    if (!migration->error) {
        migration->error = g_strdup(error->message);
    }
    g_mutex_unlock(&migration->mutex);
}

void migration_attach_stream(Migration *migration, Stream *stream)
{
    g_mutex_lock(&migration->mutex);
    migration->stream = stream;
    if (stream && migration->is_cancelled) {
        stream_cancel(stream);
    }
    g_mutex_unlock(&migration->mutex);
}

/* ---- beginning ---- */

static bool is_under_way(const Migration *migration)
{
    switch (migration->status) {
    case MIGRATION_STATUS_SETUP:
    case MIGRATION_STATUS_ACTIVE:
    case MIGRATION_STATUS_CANCELLING:
    case MIGRATION_STATUS_PRE_SWITCHOVER:
    case MIGRATION_STATUS_DEVICE:
        return true;
    default:
        return false;
    }
}

bool migration_begin(Migration *migration, const char *uri, int fd, GError **errp)
{
    if (is_under_way(migration)) {
        error_set(errp, "a migration is under way already");
        return false;
    }
    join_thread(migration);
    migration->transport = transport_parse(uri, errp);
    if (!migration->transport) {
        return false;
    }
    g_clear_pointer(&migration->error, g_free);
    json_object_put(migration->refusal);
    migration->refusal = NULL;
    migration->is_cancelled = false;
    migration->may_continue = false;
    migration->stats = (MigrationStats){0};
    migration->start_us = g_get_monotonic_time();
    migration->setup_us = migration->end_us = migration->stop_us = 0;
    migration->downtime_us = migration->expected_us = 0;
    migration->end = (TransportEnd){fd, 0};
    return true;
}

static bool start_thread(Migration *migration, const char *name, GThreadFunc main,
                         GError **errp)
{
    g_autoptr(GError) cause = NULL;

    migration_set_status(migration, MIGRATION_STATUS_SETUP);
    migration->thread = g_thread_try_new(name, main, migration, &cause);
    if (!migration->thread) {
        error_set(errp, "cannot start the migration's thread: %s", cause->message);
        migration_set_status(migration, MIGRATION_STATUS_FAILED);
        return false;
    }
    return true;
}

bool migration_start_out(Migration *migration, const char *uri, int fd, GError **errp)
{
    g_autoptr(GPtrArray) blockers = migration_blockers(migration->program);

    if (blockers->len || migration->is_expecting) {
        error_set(errp, "%s",
                  blockers->len ? (const char *)g_ptr_array_index(blockers, 0)
                                : "the guest has not arrived yet");
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    if (!migration_begin(migration, uri, fd, errp)) {
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    return start_thread(migration, "migration out", migration_out_main, errp);
}

bool migration_start_in(Migration *migration, const char *uri, int fd, bool exit_on_error,
                        GError **errp)
{
    bool is_expecting = migration->is_expecting;

    if (!is_expecting) {
        error_set(errp, "this program was not started with -incoming defer");
    }
    if (!is_expecting || !migration_begin(migration, uri, fd, errp)) {
        /* A peer may be waiting for the end of what it sends. */
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    migration->exit_on_error = exit_on_error;
    if (transport_is_listening(migration->transport)) {
        migration->listen_fd = transport_listen(migration->transport, errp);
        if (migration->listen_fd < 0) {
            return false;
        }
    }
    return start_thread(migration, "migration in", migration_in_main, errp);
}

void migration_expect(Migration *migration)
{
    migration->is_expecting = true;
    vm_stop(migration->program->vm, RUN_STATE_INMIGRATE);
}

bool migration_is_expecting(const Migration *migration)
{
    return migration->is_expecting;
}

void migration_set_autostart(Migration *migration, bool on)
{
    migration->autostart = on;
}

void migration_cancel(Migration *migration)
{
    if (is_under_way(migration) && !migration->is_expecting) {
        migration_set_status(migration, MIGRATION_STATUS_CANCELLING);
        interrupt(migration);
    }
}

bool migration_continue(Migration *migration, GError **errp)
{
    if (migration->status != MIGRATION_STATUS_PRE_SWITCHOVER) {
        error_set(errp, "the migration is not at pre-switchover");
        return false;
    }
    g_mutex_lock(&migration->mutex);
    migration->may_continue = true;
    g_cond_broadcast(&migration->changed);
    g_mutex_unlock(&migration->mutex);
    return true;
}

/* ---- answers ---- */

GPtrArray *migration_blockers(const Program *program)
{
    GPtrArray *reasons = g_ptr_array_new_with_free_func(g_free);
    const CpuContract *contract = program->plan->machine->contract;

    if (!contract) {
        g_ptr_array_add(reasons, g_strdup("the machine 'none' has nothing to migrate"));
        return reasons;
    }
    for (unsigned i = 0; contract->arch == TARGET_ARCH_X86_64 && i < X86_FEATURE_COUNT;
         i++) {
        const X86FeatureRow *row = &x86_feature_rows[i];

        if ((row->flags & X86_UNMIGRATABLE) && x86_contract_has(contract, i)) {
            g_ptr_array_add(reasons,
                            g_strdup_printf("the guest has %s, which no other host can "
                                            "promise to go on with",
                                            row->name));
        }
    }
    return reasons;
}

static uint64_t ms(int64_t us)
{
    return us > 0 ? (uint64_t)us / 1000 : 0;
}

static GPtrArray *refusal_rows(json_object *refusal)
{
    GPtrArray *rows = g_ptr_array_new();

    for (size_t i = 0; i < json_object_array_length(refusal); i++) {
        g_ptr_array_add(rows, json_object_get(json_object_array_get_idx(refusal, i)));
    }
    return rows;
}

MigrationInfo *migration_query(Migration *migration)
{
    MigrationInfo *info = g_new0(MigrationInfo, 1);
    GPtrArray *blockers = migration_blockers(migration->program);
    int64_t now = g_get_monotonic_time();

    g_mutex_lock(&migration->mutex);
    info->has_status = migration->status != MIGRATION_STATUS_NONE;
    info->status = migration->status;
    if (info->has_status) {
        info->has_total_time = true;
        info->total_time =
            ms((migration->end_us ? migration->end_us : now) - migration->start_us);
    }
    if (info->has_status && migration->setup_us) {
        info->has_setup_time = true;
        info->setup_time = ms(migration->setup_us - migration->start_us);
        info->ram = g_memdup2(&migration->stats, sizeof(migration->stats));
    }
    info->has_expected_downtime = migration->status == MIGRATION_STATUS_ACTIVE;
    info->expected_downtime = ms(migration->expected_us);
    info->has_downtime = migration->status == MIGRATION_STATUS_COMPLETED;
    info->downtime = ms(migration->downtime_us);
    info->error_desc = g_strdup(migration->error);
    info->vpmu_refusal = migration->refusal ? refusal_rows(migration->refusal) : NULL;
    g_mutex_unlock(&migration->mutex);
    if (blockers->len) {
        g_ptr_array_set_free_func(blockers, NULL);
        info->blocked_reasons = blockers;
    } else {
        g_ptr_array_unref(blockers);
    }
    return info;
}

bool migration_capability(const Migration *migration, MigrationCapability which)
{
    return migration->capabilities[which];
}

void migration_set_capability(Migration *migration, MigrationCapability which, bool on)
{
    migration->capabilities[which] = on;
}

MigrationParameters migration_parameters(const Migration *migration)
{
    return migration->parameters;
}

void migration_set_parameters(Migration *migration, MigrationParameters parameters)
{
    g_mutex_lock(&migration->mutex);
    migration->parameters = parameters;
    g_mutex_unlock(&migration->mutex);
}
