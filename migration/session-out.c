/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The source: contract first, then memory while the guest runs, then the rest.
 *
 * The switchover is at one place: after the destination said that it has loaded
 * everything, the source says that the guest is not going on here.  Every failure up to
 * and with that word leaves the guest running here; after it, nothing does.
 */
#include "outgoing.h"

#include <unistd.h>

#include "migration/header.h"
#include "util/error.h"
#include "util/json.h"
#include "util/state-section.h"

/* ---- in the main thread ---- */

static bool step_describe(Migration *migration, void *data, GError **errp)
{
    const MigrationGuest *guest = migration->guest;
    g_autoptr(GPtrArray) id_registers =
        guest->ops->read_id_registers(guest->opaque, errp);
    GuestDescription here = migration_describe(migration);

    if (!id_registers) {
        return false;
    }
    here.id_registers = id_registers;
    *(Handshake **)data = handshake_new(&here, false);
    (*(Handshake **)data)->is_packed =
        migration->capabilities[MIGRATION_CAPABILITY_COMPRESS];
    (*(Handshake **)data)->channels =
        migration->capabilities[MIGRATION_CAPABILITY_MULTIFD]
            ? (unsigned)migration->parameters.multifd_channels
            : 0;
    return true;
}

static void note_state(Migration *migration)
{
    migration->old_state = migration->guest->ops->run_state(migration->guest->opaque);
    migration->was_running = migration->old_state == RUN_STATE_RUNNING;
}

static bool step_active(Migration *migration, void *data, GError **errp)
{
    (void)data;
    note_state(migration);
    migration->is_logging =
        migration->guest->ops->log_dirty(migration->guest->opaque, true, errp);
    if (migration->is_logging) {
        migration_set_status(migration, MIGRATION_STATUS_ACTIVE);
    }
    return migration->is_logging;
}

static bool step_stop(Migration *migration, void *data, GError **errp)
{
    const MigrationGuest *guest = migration->guest;
    Outgoing *out = data;

    note_state(migration);
    migration->stop_us = g_get_monotonic_time();
    guest->ops->stop(guest->opaque, RUN_STATE_FINISH_MIGRATE);
    migration_throttle(migration, 0);
    out->sections = guest->ops->save(guest->opaque, migration->old_state, errp);
    if (!out->sections || !ram_sender_sync(out->ram, guest, errp)) {
        return false;
    }
    if (migration->capabilities[MIGRATION_CAPABILITY_PAUSE_BEFORE_SWITCHOVER]) {
        migration_set_status(migration, MIGRATION_STATUS_PRE_SWITCHOVER);
    }
    return true;
}

static bool step_device(Migration *migration, void *data, GError **errp)
{
    (void)data;
    (void)errp; /* cannot fail */
    migration_set_status(migration, MIGRATION_STATUS_DEVICE);
    return true;
}

static void stop_logging(Migration *migration)
{
    if (migration->is_logging) {
        (void)migration->guest->ops->log_dirty(migration->guest->opaque, false, NULL);
    }
    migration->is_logging = false;
}

static bool step_completed(Migration *migration, void *data, GError **errp)
{
    (void)data;
    (void)errp; /* cannot fail */
    stop_logging(migration);
    migration_throttle(migration, 0);
    migration->end_us = g_get_monotonic_time();
    migration->downtime_us = migration->end_us - migration->stop_us;
    migration->guest->ops->stop(migration->guest->opaque, RUN_STATE_POSTMIGRATE);
    migration_set_status(migration, MIGRATION_STATUS_COMPLETED);
    return true;
}

static bool step_failed(Migration *migration, void *data, GError **errp)
{
    const MigrationGuest *guest = migration->guest;
    bool was_stopped = guest->ops->run_state(guest->opaque) == RUN_STATE_FINISH_MIGRATE;

    (void)data;
    (void)errp; /* cannot fail */
    stop_logging(migration);
    migration_throttle(migration, 0);
    migration->end_us = g_get_monotonic_time();
    migration_set_status(migration, migration->is_cancelled ? MIGRATION_STATUS_CANCELLED
                                                            : MIGRATION_STATUS_FAILED);
    if (!migration->is_cancelled && migration->error) {
        g_autofree char *text = g_strdup_printf("migrate: %s", migration->error);

        migration_log(migration, text);
    }
    if (was_stopped) {
        guest->ops->stop(guest->opaque, migration->old_state == RUN_STATE_RUNNING
                                            ? RUN_STATE_PAUSED
                                            : migration->old_state);
        /* It ran a moment ago, so it can go on. */
        (void)(migration->was_running && guest->ops->go_on(guest->opaque, NULL));
    }
    return true;
}

/* ---- in the migration's thread ---- */

/* What the destination refuses becomes the error, and is kept for query-migrate. */
static void keep_refusal(Outgoing *out, json_object *findings, GError **errp)
{
    g_autofree char *reasons = migration_refusal_text(findings);

    g_mutex_lock(&out->migration->mutex);
    json_object_put(out->migration->refusal);
    out->migration->refusal = json_object_get(findings);
    g_mutex_unlock(&out->migration->mutex);
    error_set(errp, "the destination refuses the guest: %s",
              *reasons ? reasons : "it gives no reason");
}

/* An answer of the destination; what is not @wanted becomes the error. */
static bool expect_answer(Outgoing *out, StreamFrame wanted, GError **errp)
{
    g_autoptr(GByteArray) payload = g_byte_array_new();
    StreamFrame kind = stream_read(out->stream, payload, "the answer", errp);

    if (kind != wanted && kind != STREAM_NOTHING) {
        handshake_set_unexpected(kind, payload, wanted, errp);
    }
    return kind == wanted;
}

static bool hear_answer(Outgoing *out, GError **errp)
{
    g_autojson *findings = NULL;
    bool ok = false;

    if (!handshake_read_answer(out->stream, &findings, &ok, errp)) {
        return false;
    }
    if (!ok) {
        keep_refusal(out, findings, errp);
    }
    return ok;
}

static bool open_channels(Outgoing *out, GError **errp)
{
    const Handshake *handshake = out->handshake;
    Migration *migration = out->migration;

    out->channels =
        channels_out_open(migration->transport, migration->cancel_fd, handshake->channels,
                          handshake->token, migration->guest->memory, out->level, errp);
    return out->channels;
}

static bool shake_hands(Outgoing *out, GError **errp)
{
    if (!handshake_send(out->stream, out->handshake, errp)) {
        return false;
    }
    out->frames += HANDSHAKE_FRAMES;
    if (out->handshake->has_return_path && !hear_answer(out, errp)) {
        return false;
    }
    return !out->handshake->channels || open_channels(out, errp);
}

static bool wait_continue(Migration *migration, GError **errp)
{
    bool go;

    g_mutex_lock(&migration->mutex);
    while (!migration->may_continue && !migration->is_cancelled) {
        g_cond_wait(&migration->changed, &migration->mutex);
    }
    go = !migration->is_cancelled;
    g_mutex_unlock(&migration->mutex);
    if (!go) {
        error_set(errp, "the migration was cancelled");
    }
    return go && migration_call(migration, step_device, NULL, errp);
}

static bool send_sections(Outgoing *out, GError **errp)
{
    for (unsigned i = 0; i < out->sections->len; i++) {
        const StateSection *section = g_ptr_array_index(out->sections, i);
        g_autoptr(GByteArray) payload = state_section_encode(section);

        out->frames++;
        if (!stream_write(out->stream, STREAM_STATE, payload->data, payload->len, errp)) {
            return false;
        }
    }
    return true;
}

/* The last of the memory is written; channels have nothing more to bring. */
static bool end_channels(Outgoing *out, GError **errp)
{
    return !out->channels ||
           (precopy_end_pass(out, errp) && channels_out_finish(out->channels, errp));
}

static bool send_stopped(Outgoing *out, GError **errp)
{
    Migration *migration = out->migration;

    if (!migration_call(migration, step_stop, out, errp) ||
        (migration->status == MIGRATION_STATUS_PRE_SWITCHOVER &&
         !wait_continue(migration, errp))) {
        return false;
    }
    out->is_whole = precopy_send_pages(out, false, errp) && end_channels(out, errp) &&
                    send_sections(out, errp) &&
                    stream_write_end(out->stream, out->frames, errp);
    return out->is_whole &&
           (stream_is_socket(out->stream) ? expect_answer(out, STREAM_LOADED, errp)
                                          : stream_sync(out->stream, errp));
}

/* After a write error the destination may have said why. */
static void read_last_words(Outgoing *out, GError **errp)
{
    g_autoptr(GError) words = NULL;

    if (stream_is_socket(out->stream) && !migration_is_cancelled(out->migration) &&
        stream_wait_readable(out->stream, 100) &&
        !expect_answer(out, STREAM_LOADED, &words) && errp &&
        g_error_matches(words, VPMU_ERROR, VPMU_ERROR_PEER)) {
        g_clear_error(errp);
        g_propagate_error(errp, g_steal_pointer(&words));
    }
}

static bool send_all(Outgoing *out, GError **errp)
{
    g_autoptr(GError) error = NULL;

    precopy_begin(out);
    if (shake_hands(out, &error) &&
        migration_call(out->migration, step_active, NULL, &error)) {
        out->migration->setup_us = g_get_monotonic_time();
        if (precopy_run(out, &error) && send_stopped(out, &error)) {
            return true;
        }
    }
    read_last_words(out, &error);
    g_propagate_error(errp, g_steal_pointer(&error));
    return false;
}

/*
 * The guest is given away.  A destination that did not get the whole frame never runs
 * it, so where it cannot be sent the guest goes on here.
 */
static bool switch_over(Outgoing *out, GError **errp)
{
    return !stream_is_socket(out->stream) ||
           stream_write(out->stream, STREAM_RUNNING, NULL, 0, errp);
}

/*
 * A destination that has everything must not keep it: the guest goes on here.  Not where
 * the program ends, and the guest with it: then the other one is all there is.
 */
static void keep_guest(Outgoing *out, const GError *error)
{
    bool is_closing;

    g_mutex_lock(&out->migration->mutex);
    is_closing = out->migration->is_closing;
    g_mutex_unlock(&out->migration->mutex);
    if (out->is_whole && !is_closing) {
        stream_write_last(out->stream, STREAM_FAILED, error->message);
    }
}

/* Only somebody who has something to say connects: a destination does not wait for it
 * long. */
static bool open_stream(Outgoing *out, GError **errp)
{
    Migration *migration = out->migration;
    TransportEnd *end = &migration->end;

    if (!migration_call(migration, step_describe, &out->handshake, errp) ||
        (end->fd < 0 &&
         !transport_open_out(migration->transport, migration->cancel_fd, end, errp))) {
        return false;
    }
    out->stream = stream_new(end->fd, migration->cancel_fd);
    end->fd = -1;
    return true;
}

/* Whoever handed a descriptor over may wait for the end of what comes. */
static void close_given(TransportEnd *end)
{
    if (end->fd >= 0) {
        close(end->fd);
        end->fd = -1;
    }
}

static bool run(Migration *migration, GError **errp)
{
    Outgoing out = {.migration = migration};
    g_autoptr(GError) error = NULL;
    bool ok;

    if (!open_stream(&out, errp)) {
        handshake_free(out.handshake);
        close_given(&migration->end);
        return false;
    }
    out.ram = ram_sender_new(migration->guest->memory);
    if (migration->capabilities[MIGRATION_CAPABILITY_COMPRESS]) {
        out.level = (int)migration->parameters.compress_level;
    }
    out.writer = ram_writer_new(migration->guest->memory, out.level);
    ok = send_all(&out, &error) && switch_over(&out, &error);
    precopy_update_stats(&out);
    if (!ok) {
        keep_guest(&out, error);
        if (!migration_is_cancelled(migration)) {
            transport_explain(&migration->end, &error);
        }
        transport_abandon(&migration->end);
        /* What cannot be taken back has no end, and is refused for that. */
        (void)transport_discard(migration->transport, stream_fd(out.stream), NULL);
    }
    channels_out_free(out.channels);
    stream_free(out.stream);
    handshake_free(out.handshake);
    ram_writer_free(out.writer);
    ram_sender_free(out.ram);
    g_clear_pointer(&out.sections, g_ptr_array_unref);
    ok =
        transport_finish(&migration->end, migration->cancel_fd, ok ? &error : NULL) && ok;
    if (!ok) {
        g_propagate_prefixed_error(errp, g_steal_pointer(&error),
                                   "%s: ", migration->transport->uri);
    }
    return ok;
}

gpointer migration_out_main(gpointer data)
{
    Migration *migration = data;
    g_autoptr(GError) error = NULL;
    bool ok = run(migration, &error);

    if (!ok) {
        migration_fail(migration, error);
    }
    /* Fails only where the program ends, and then nothing is left to say. */
    (void)migration_call(migration, ok ? step_completed : step_failed, NULL, NULL);
    return NULL;
}
