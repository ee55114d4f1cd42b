/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every part of a session stands on: its state, and calls from thread to thread. */
#include <unistd.h>

#include "qapi/events.h"
#include "util/error.h"

#include "session-internal.h"

GuestDescription migration_describe(const Migration *migration)
{
    return migration->guest->ops->describe(migration->guest->opaque);
}

void migration_log(const Migration *migration, const char *message)
{
    migration->guest->ops->log(migration->guest->opaque, message);
}

void migration_wake(Migration *migration)
{
    const uint64_t one = 1;

    /* Fails only where it is readable already, or nothing was ever begun. */
    (void)!write(migration->cancel_fd, &one, sizeof(one));
}

bool migration_is_cancelled(Migration *migration)
{
    bool is_cancelled;

    g_mutex_lock(&migration->mutex);
    is_cancelled = migration->is_cancelled;
    g_mutex_unlock(&migration->mutex);
    return is_cancelled;
}

void migration_stop_listening(Migration *migration)
{
    if (migration->listen_fd >= 0) {
        transport_unlisten(migration->transport, migration->listen_fd);
        migration->listen_fd = -1;
    }
}

bool migration_is_under_way(const Migration *migration)
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

    /* Without the mutex: a step emits events, and may be asked to cancel by who hears. */
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
    /* Once the main thread closes it runs no source any more: it joins this thread. */
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
        migration->guest->ops->emit(migration->guest->opaque,
                                    qapi_event_migration(&data));
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
