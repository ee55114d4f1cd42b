/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asking a waiting destination whether it would take this guest.
 *
 * A thread of its own connects, shakes hands and reads the answer; the main thread goes
 * on and hears of it, or gives it up after PROBE_SECONDS.  What is left of an attempt
 * that was given up ends by itself.
 */
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "migration/handshake.h"
#include "session-internal.h"
#include "util/error.h"
#include "util/json.h"

#define PROBE_SECONDS 10

typedef struct Probe {
    gint refs; /* the main thread's while it waits, the probe's thread's */
    Transport *transport;
    int cancel_fd; /* readable once it is given up */
    Handshake *handshake;
    /* The thread's until it says that it is done. */
    bool ok;
    json_object *findings;
    GError *error;
    /* Main thread only. */
    Migration *migration;
    guint timer;
    MigrationVerdict *heard; /* NULL: was told */
    void *opaque;
} Probe;

static void probe_unref(gpointer data)
{
    Probe *probe = data;

    if (!g_atomic_int_dec_and_test(&probe->refs)) {
        return;
    }
    transport_free(probe->transport);
    close(probe->cancel_fd);
    handshake_free(probe->handshake);
    json_object_put(probe->findings);
    g_clear_error(&probe->error);
    g_free(probe);
}

/* ---- in the main thread ---- */

/* The one who asked hears @error, or the answer; nobody waits any longer. */
static void conclude(Probe *probe, const GError *error)
{
    g_autojson *none = json_object_new_array();

    g_source_remove(probe->timer);
    g_ptr_array_remove(probe->migration->probes, probe);
    probe->heard(probe->opaque, !error && probe->ok,
                 !error && probe->findings ? probe->findings : none, error);
    probe->heard = NULL;
    probe_unref(probe);
}

static void give_up(Probe *probe, const char *why)
{
    const uint64_t one = 1;
    g_autoptr(GError) error = NULL;

    (void)!write(probe->cancel_fd, &one, sizeof(one)); /* of an empty one: can be */
    error_set(&error, "%s", why);
    conclude(probe, error);
}

static gboolean time_is_over(gpointer data)
{
    g_autofree char *why = g_strdup_printf("no answer within %d seconds", PROBE_SECONDS);

    give_up(data, why);
    return G_SOURCE_REMOVE;
}

static gboolean thread_is_done(gpointer data)
{
    Probe *probe = data;

    if (probe->heard) {
        conclude(probe, probe->error);
    }
    return G_SOURCE_REMOVE;
}

void migration_end_probes(Migration *migration)
{
    while (migration->probes->len) {
        give_up(g_ptr_array_index(migration->probes, 0), "the program ends");
    }
}

/* ---- in the probe's thread ---- */

static bool ask(Probe *probe, GError **errp)
{
    TransportEnd end = {-1, 0};
    g_autoptr(Stream) stream = NULL;

    if (!transport_open_out(probe->transport, probe->cancel_fd, &end, errp)) {
        return false;
    }
    stream = stream_new(end.fd, probe->cancel_fd);
    return handshake_send(stream, probe->handshake, errp) &&
           handshake_read_answer(stream, &probe->findings, &probe->ok, errp);
}

static gpointer probe_main(gpointer data)
{
    Probe *probe = data;

    (void)ask(probe, &probe->error); /* the error tells */
    g_idle_add_full(G_PRIORITY_DEFAULT, thread_is_done, probe, probe_unref);
    return NULL;
}

/* ---- beginning ---- */

static Probe *probe_new(Migration *migration, const char *address, GError **errp)
{
    const MigrationGuest *guest = migration->guest;
    GuestDescription here = migration_describe(migration);
    g_autoptr(GPtrArray) id_registers = NULL;
    g_autoptr(Transport) transport = transport_parse(address, errp);
    Probe *probe;
    int cancel_fd;

    if (!transport) {
        return NULL;
    }
    if (!transport_is_listening(transport)) {
        error_set(errp, "%s: unix: and tcp: can be asked, others take one guest only",
                  address);
        return NULL;
    }
    id_registers = guest->ops->read_id_registers(guest->opaque, errp);
    if (!id_registers) {
        return NULL;
    }
    here.id_registers = id_registers;
    cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (cancel_fd < 0) {
        error_set_errno(errp, errno, "cannot make an eventfd");
        return NULL;
    }
    probe = g_new0(Probe, 1);
    probe->refs = 1;
    probe->cancel_fd = cancel_fd;
    probe->transport = g_steal_pointer(&transport);
    probe->handshake = handshake_new(&here, true);
    probe->migration = migration;
    return probe;
}

bool migration_probe(Migration *migration, const char *address, MigrationVerdict *heard,
                     void *opaque, GError **errp)
{
    Probe *probe = probe_new(migration, address, errp);
    g_autoptr(GError) cause = NULL;
    GThread *thread;

    if (!probe) {
        return false;
    }
    g_atomic_int_inc(&probe->refs);
    thread = g_thread_try_new("probe", probe_main, probe, &cause);
    if (!thread) {
        error_set(errp, "cannot start the probe's thread: %s", cause->message);
        probe_unref(probe);
        probe_unref(probe);
        return false;
    }
    g_thread_unref(thread);
    probe->heard = heard;
    probe->opaque = opaque;
    probe->timer = g_timeout_add_seconds(PROBE_SECONDS, time_is_over, probe);
    g_ptr_array_add(migration->probes, probe);
    return true;
}
