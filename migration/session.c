/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "migration/session.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "migration/pack.h"
#include "qapi/events.h"
#include "session-internal.h"
#include "util/error.h"
#include "util/json.h"

#define DEFAULT_BANDWIDTH   (UINT64_C(128) * 1024 * 1024)
#define DEFAULT_DOWNTIME_MS 300
/* Percent, as QEMU has them. */
#define DEFAULT_THROTTLE_INITIAL   20
#define DEFAULT_THROTTLE_INCREMENT 10
#define DEFAULT_THROTTLE_MAX       99

Migration *migration_new(const MigrationGuest *guest)
{
    Migration *migration = g_new0(Migration, 1);

    migration->guest = guest;
    migration->listen_fd = -1;
    migration->end.fd = -1;
    migration->cancel_fd = -1;
    migration->autostart = true;
    migration->probes = g_ptr_array_new();
    migration->exit_on_error = true;
    migration->parameters =
        (MigrationParameters){.max_bandwidth = DEFAULT_BANDWIDTH,
                              .downtime_limit = DEFAULT_DOWNTIME_MS,
                              .cpu_throttle_initial = DEFAULT_THROTTLE_INITIAL,
                              .cpu_throttle_increment = DEFAULT_THROTTLE_INCREMENT,
                              .max_cpu_throttle = DEFAULT_THROTTLE_MAX,
                              .compress_level = PACK_LEVEL_LEAST,
                              .multifd_channels = CHANNELS_DEFAULT};
    g_mutex_init(&migration->mutex);
    g_cond_init(&migration->changed);
    return migration;
}

/* The thread is over or about to be; a command that brought the guest is not waited for
 * any longer. */
static void join_thread(Migration *migration)
{
    if (migration->thread) {
        migration_wake(migration);
        g_thread_join(migration->thread);
        migration->thread = NULL;
    }
    migration_stop_listening(migration);
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
    migration_wake(migration);
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
    migration_end_probes(migration);
    g_ptr_array_unref(migration->probes);
    if (migration->cancel_fd >= 0) {
        close(migration->cancel_fd);
    }
    g_free(migration->error);
    g_free(migration->not_converging);
    json_object_put(migration->refusal);
    cpu_contract_free(migration->asked);
    g_mutex_clear(&migration->mutex);
    g_cond_clear(&migration->changed);
    g_free(migration);
}

/* ---- beginning ---- */

/* State for a new attempt; joins the last thread.  Takes @transport and @fd over. */
static void begin(Migration *migration, Transport *transport, int fd)
{
    uint64_t count;

    /* No thread is left that reads what is written from here on, so without the mutex. */
    join_thread(migration);
    (void)!read(migration->cancel_fd, &count, sizeof(count)); /* empty is as good */
    migration->transport = transport;
    g_clear_pointer(&migration->error, g_free);
    g_clear_pointer(&migration->not_converging, g_free);
    json_object_put(migration->refusal);
    migration->refusal = NULL;
    migration->is_cancelled = false;
    migration->may_continue = false;
    migration->is_accepted = migration->is_changed = migration->is_loaded = false;
    migration->is_silent = migration->is_confirmed = false;
    migration->stats = (MigrationStats){0};
    migration->start_us = g_get_monotonic_time();
    migration->setup_us = migration->end_us = migration->stop_us = 0;
    migration->downtime_us = 0;
    migration->expected_us = -1;
    migration->end = (TransportEnd){fd, 0};
    transport_tune(fd); /* -1, and what is no connection, is none to tune */
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

/* Nothing is under way, and what is begun can be cancelled. */
static bool is_free(Migration *migration, GError **errp)
{
    if (migration_is_under_way(migration)) {
        error_set(errp, "a migration is under way already");
        return false;
    }
    if (migration->cancel_fd < 0) {
        migration->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    }
    if (migration->cancel_fd < 0) {
        error_set_errno(errp, errno, "cannot make an eventfd");
    }
    return migration->cancel_fd >= 0;
}

static bool may_leave(Migration *migration, const Transport *transport, GError **errp)
{
    const MigrationGuest *guest = migration->guest;
    g_autoptr(GPtrArray) blockers = guest->ops->list_blockers(guest->opaque);

    if (blockers->len || migration->is_expecting) {
        error_set(errp, "%s",
                  blockers->len ? (const char *)g_ptr_array_index(blockers, 0)
                                : "the guest has not arrived yet");
        return false;
    }
    if (migration->capabilities[MIGRATION_CAPABILITY_MULTIFD] &&
        !transport_is_listening(transport)) {
        error_set(errp, "capability multifd opens several connections, so it takes unix: "
                        "or tcp: only; for anything else switch it off");
        return false;
    }
    /* A copy in a file runs nowhere by itself. */
    if (guest->ops->run_state(guest->opaque) == RUN_STATE_POSTMIGRATE &&
        transport->kind != TRANSPORT_FILE) {
        error_set(errp,
                  "the guest has left already: 'cont' takes it back, a copy of it can "
                  "be written to file:PATH");
        return false;
    }
    return is_free(migration, errp);
}

static bool may_come(Migration *migration, GError **errp)
{
    if (!migration_describe(migration).contract) {
        error_set(errp, "the machine 'none' cannot take a guest");
        return false;
    }
    if (!migration->is_expecting) {
        error_set(errp, "this program was not started with -incoming defer");
        return false;
    }
    return is_free(migration, errp);
}

/* The wrong end of a pipe would be waited for without end. */
static bool can_use_fd(const char *uri, int fd, bool is_out, GError **errp)
{
    int flags = fd >= 0 ? fcntl(fd, F_GETFL) : O_RDWR;

    if (flags < 0 || (flags & O_ACCMODE) == (is_out ? O_RDONLY : O_WRONLY)) {
        error_set(errp, "%s: the descriptor is not open for %s", uri,
                  is_out ? "writing" : "reading");
        return false;
    }
    return true;
}

/* A peer may be waiting for the end of what it sends or gets. */
static bool refuse(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
    return false;
}

bool migration_start_out(Migration *migration, const char *uri, int fd, GError **errp)
{
    g_autoptr(Transport) transport = transport_parse(uri, errp);

    if (!transport || !may_leave(migration, transport, errp) ||
        !can_use_fd(uri, fd, true, errp)) {
        return refuse(fd);
    }
    begin(migration, g_steal_pointer(&transport), fd);
    return start_thread(migration, "migration out", migration_out_main, errp);
}

/* Listens, or opens what is to be read: neither waits for anybody. */
static bool open_way_in(Migration *migration, GError **errp)
{
    if (transport_is_listening(migration->transport)) {
        migration->listen_fd = transport_listen(migration->transport, errp);
        return migration->listen_fd >= 0;
    }
    return migration->end.fd >= 0 ||
           transport_open_in(migration->transport, &migration->end, errp);
}

bool migration_start_in(Migration *migration, const char *uri, int fd, bool exit_on_error,
                        GError **errp)
{
    g_autoptr(Transport) transport = transport_parse(uri, errp);

    if (!transport || !may_come(migration, errp) || !can_use_fd(uri, fd, false, errp)) {
        return refuse(fd);
    }
    begin(migration, g_steal_pointer(&transport), fd);
    migration->exit_on_error = exit_on_error;
    return open_way_in(migration, errp) &&
           start_thread(migration, "migration in", migration_in_main, errp);
}

void migration_expect(Migration *migration)
{
    const CpuContract *contract = migration_describe(migration).contract;

    migration->is_expecting = true;
    migration->asked = contract ? cpu_contract_dup(contract) : NULL;
    migration->guest->ops->stop(migration->guest->opaque, RUN_STATE_INMIGRATE);
}

bool migration_is_expecting(const Migration *migration)
{
    return migration->is_expecting;
}

void migration_set_autostart(Migration *migration, bool on)
{
    migration->autostart = on;
    migration->is_confirmed &= on;
}

void migration_confirm_switchover(Migration *migration)
{
    migration->is_confirmed = migration->is_loaded;
    if (migration->is_confirmed && migration->is_silent) {
        migration_wake(migration);
    }
}

void migration_cancel(Migration *migration)
{
    if (!migration_is_under_way(migration)) {
        return;
    }
    if (migration->is_loaded) {
        migration->is_confirmed = false;
        migration_wake(migration);
    } else {
        migration_set_status(migration, MIGRATION_STATUS_CANCELLING);
        interrupt(migration);
    }
}

void migration_keep_stopped(Migration *migration)
{
    migration->was_running = false;
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
