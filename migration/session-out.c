/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The source: contract first, then memory while the guest runs, then the rest.
 *
 * The guest is given away at one place: after the destination said that it has loaded
 * everything, the source says that the guest is not going on here.  Every failure up to
 * and with that word leaves the guest running here; after it, nothing does.
 */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "migration/handshake.h"
#include "migration/header.h"
#include "qapi/events.h"
#include "session-internal.h"
#include "util/error.h"
#include "util/json.h"
#include "util/state-section.h"

#define WINDOW_US       100000 /* over which the bandwidth is kept */
#define FRAMES_PER_LOOK 16     /* between two updates of the statistics */
/* Passes in a row that brought back more than half of what they sent. */
#define PASSES_TO_SLOW_DOWN 2
#define PASSES_TO_TELL      5

typedef struct Out {
    Migration *migration;
    Stream *stream;
    RamSender *ram;
    RamWriter *writer;
    RamCount count;
    Handshake *handshake;
    ChannelsOut *channels; /* NULL: memory goes over the stream */
    int level;             /* of zstd */
    bool is_whole;         /* the destination was sent everything */
    GPtrArray *sections;
    uint64_t frames;
    /* The pass under way. */
    int64_t pass_us;
    uint64_t pass_bytes;
    /* What the limit is kept by. */
    int64_t window_us;
    uint64_t window_bytes;
    unsigned vain_passes; /* in a row, since the guest was last slowed down */
    bool has_told;
} Out;

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

static bool step_pass(Migration *migration, void *data, GError **errp)
{
    Out *out = data;
    MigrationPassEvent event;

    if (!ram_sender_sync(out->ram, migration->guest, errp)) {
        return false;
    }
    g_mutex_lock(&migration->mutex);
    event.pass = (int64_t)++migration->stats.dirty_sync_count;
    g_mutex_unlock(&migration->mutex);
    if (migration->capabilities[MIGRATION_CAPABILITY_EVENTS]) {
        migration->guest->ops->emit(migration->guest->opaque,
                                    qapi_event_migration_pass(&event));
    }
    return true;
}

/* The guest is slowed down by the percentage in @data. */
static bool step_throttle(Migration *migration, void *data, GError **errp)
{
    unsigned percent = GPOINTER_TO_UINT(data);

    (void)errp; /* cannot fail */
    migration->guest->ops->throttle(migration->guest->opaque, percent);
    g_mutex_lock(&migration->mutex);
    migration->throttle = percent;
    g_mutex_unlock(&migration->mutex);
    return true;
}

static bool step_stop(Migration *migration, void *data, GError **errp)
{
    const MigrationGuest *guest = migration->guest;
    Out *out = data;

    note_state(migration);
    migration->stop_us = g_get_monotonic_time();
    guest->ops->stop(guest->opaque, RUN_STATE_FINISH_MIGRATE);
    (void)step_throttle(migration, GUINT_TO_POINTER(0), NULL); /* cannot fail */
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
    stop_logging(migration);
    (void)step_throttle(migration, GUINT_TO_POINTER(0), errp); /* cannot fail */
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
    stop_logging(migration);
    (void)step_throttle(migration, GUINT_TO_POINTER(0), errp); /* cannot fail */
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

static bool step_tell(Migration *migration, void *data, GError **errp)
{
    g_autofree char *text = g_strdup_printf("migrate: %s", (char *)data);

    (void)errp; /* cannot fail */
    migration_log(migration, text);
    return true;
}

/* ---- in the migration's thread ---- */

/* What the destination refuses becomes the error, and is kept for query-migrate. */
static void take_refusal(Out *out, json_object *findings, GError **errp)
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
static bool expect_answer(Out *out, StreamFrame wanted, GError **errp)
{
    g_autoptr(GByteArray) payload = g_byte_array_new();
    StreamFrame kind = stream_read(out->stream, payload, "the answer", errp);

    if (kind != wanted && kind != STREAM_NOTHING) {
        handshake_set_unexpected(kind, payload, wanted, errp);
    }
    return kind == wanted;
}

static bool hear_answer(Out *out, GError **errp)
{
    g_autojson *findings = NULL;
    bool ok = false;

    if (!handshake_read_answer(out->stream, &findings, &ok, errp)) {
        return false;
    }
    if (!ok) {
        take_refusal(out, findings, errp);
    }
    return ok;
}

static bool open_channels(Out *out, GError **errp)
{
    const Handshake *handshake = out->handshake;
    Migration *migration = out->migration;

    out->channels =
        channels_out_open(migration->transport, migration->cancel_fd, handshake->channels,
                          handshake->token, migration->guest->memory, out->level, errp);
    return out->channels;
}

static bool shake_hands(Out *out, GError **errp)
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

/* Over all connections; @count, where wanted, gets what the channels held added. */
static uint64_t bytes_out(const Out *out, RamCount *count)
{
    RamCount ignored = {0};

    return stream_offset_out(out->stream) +
           (out->channels ? channels_out_sent(out->channels, count ? count : &ignored)
                          : 0);
}

/* What is in the hands of channels is as good as sent: they do not ask for the limit. */
static uint64_t bytes_due(const Out *out)
{
    return bytes_out(out, NULL) +
           (out->channels ? channels_out_handed(out->channels) : 0);
}

static void update_stats(Out *out)
{
    Migration *migration = out->migration;
    RamCount count = out->count;
    uint64_t sent = bytes_out(out, &count);

    g_mutex_lock(&migration->mutex);
    migration->stats.transferred = sent;
    migration->stats.duplicate = count.zero_pages;
    migration->stats.normal = count.pages;
    migration->stats.normal_bytes = count.pages * GUEST_PAGE_BYTES;
    migration->stats.remaining = ram_sender_left(out->ram) * GUEST_PAGE_BYTES;
    g_mutex_unlock(&migration->mutex);
}

/* Bytes per window by max-bandwidth; 0: no limit.  Under the mutex. */
static uint64_t window_limit(const Migration *migration)
{
    uint64_t limit = migration->parameters.max_bandwidth;

    return limit ? MAX(limit / (1000000 / WINDOW_US), 1) : 0;
}

/* Sleeps where more was sent than the limit allows; what is too much counts for later. */
static void keep_bandwidth(Out *out)
{
    Migration *migration = out->migration;
    uint64_t allowed;

    update_stats(out); /* who waits is looked at */
    g_mutex_lock(&migration->mutex);
    /* The limit may be changed while it is waited for. */
    while ((allowed = window_limit(migration)) && !migration->is_cancelled &&
           bytes_due(out) > out->window_bytes + allowed) {
        if (g_get_monotonic_time() < out->window_us + WINDOW_US) {
            (void)g_cond_wait_until(&migration->changed, &migration->mutex,
                                    out->window_us + WINDOW_US);
        } else {
            out->window_us += WINDOW_US;
            out->window_bytes += allowed;
        }
    }
    g_mutex_unlock(&migration->mutex);
    if (g_get_monotonic_time() >= out->window_us + WINDOW_US) {
        out->window_us = g_get_monotonic_time();
        out->window_bytes = bytes_out(out, NULL);
    }
}

static bool send_run(Out *out, GError **errp)
{
    RamRun run;

    if (!ram_sender_take(out->ram, &run)) {
        return true;
    }
    if (out->channels) {
        return channels_out_send(out->channels, &run, errp);
    }
    out->frames++;
    return ram_writer_send(out->writer, &run, out->stream, &out->count, errp);
}

/* What was handed to channels is written; the destination waits for all of them. */
static bool end_pass(Out *out, GError **errp)
{
    out->frames++;
    return (!out->channels || channels_out_end_pass(out->channels, errp)) &&
           stream_write(out->stream, STREAM_RAM_PASS, NULL, 0, errp);
}

/* Sends what is dirty now. */
static bool send_pages(Out *out, bool is_limited, GError **errp)
{
    while (ram_sender_left(out->ram)) {
        for (unsigned i = 0; i < FRAMES_PER_LOOK && ram_sender_left(out->ram); i++) {
            if (!send_run(out, errp)) {
                return false;
            }
            if (is_limited) {
                keep_bandwidth(out);
            }
        }
        update_stats(out);
    }
    return true;
}

/* What the pass has shown: how fast pages go, how fast they come back. */
static void judge_pass(Out *out, uint64_t left, int64_t *ret_expected_us)
{
    Migration *migration = out->migration;
    int64_t took_us = MAX(g_get_monotonic_time() - out->pass_us, 1);
    uint64_t bytes = bytes_out(out, NULL) - out->pass_bytes;
    double per_us = MAX((double)bytes / (double)took_us, 0.001);

    *ret_expected_us = (int64_t)((double)left * GUEST_PAGE_BYTES / per_us);
    g_mutex_lock(&migration->mutex);
    migration->expected_us = *ret_expected_us;
    migration->stats.mbps = (double)bytes * 8 / (double)took_us;
    migration->stats.dirty_pages_rate = left * 1000000 / (uint64_t)took_us;
    migration->stats.remaining = left * GUEST_PAGE_BYTES;
    g_mutex_unlock(&migration->mutex);
}

static void set_not_converging(Migration *migration, const char *text)
{
    g_mutex_lock(&migration->mutex);
    g_free(migration->not_converging);
    migration->not_converging = g_strdup(text);
    g_mutex_unlock(&migration->mutex);
}

static void tell_no_end(Out *out, int64_t expected_us)
{
    Migration *migration = out->migration;
    bool is_slowed = migration->throttle;
    g_autofree char *text = g_strdup_printf(
        "it does not end: the guest writes %" PRIu64 " pages per second%s, %.0f Mbit/s "
        "are sent; stopping it now would take %" PRId64 " ms: raise downtime-limit or "
        "max-bandwidth%s, or migrate_cancel",
        migration->stats.dirty_pages_rate,
        is_slowed ? ", slowed down as far as it may be" : "", migration->stats.mbps,
        expected_us / 1000,
        is_slowed ? " or max-cpu-throttle" : ", switch on auto-converge");

    out->has_told = true;
    set_not_converging(migration, text);
    /* Fails only where the program ends. */
    (void)migration_call(migration, step_tell, text, NULL);
}

/* The percentage the guest is to be slowed down by now; what it is where that is all. */
static unsigned next_throttle(const Migration *migration)
{
    const MigrationParameters *wanted = &migration->parameters;
    uint64_t next = migration->throttle
                        ? migration->throttle + wanted->cpu_throttle_increment
                        : wanted->cpu_throttle_initial;

    if (!migration->capabilities[MIGRATION_CAPABILITY_AUTO_CONVERGE]) {
        return migration->throttle;
    }
    return (unsigned)MAX(MIN(next, wanted->max_cpu_throttle), migration->throttle);
}

/* A pass that was in vain: slow the guest down, or say that there is no end. */
static bool answer_vain_pass(Out *out, int64_t expected_us, GError **errp)
{
    Migration *migration = out->migration;
    unsigned throttle;

    out->vain_passes++;
    g_mutex_lock(&migration->mutex);
    throttle = next_throttle(migration);
    g_mutex_unlock(&migration->mutex);
    if (throttle != migration->throttle) {
        if (out->vain_passes < PASSES_TO_SLOW_DOWN) {
            return true;
        }
        out->vain_passes = 0;
        return migration_call(migration, step_throttle, GUINT_TO_POINTER(throttle), errp);
    }
    if (out->vain_passes >= PASSES_TO_TELL && !out->has_told) {
        tell_no_end(out, expected_us);
    }
    return true;
}

/* More than half of what the pass sent is to be sent again. */
static bool is_vain(const Out *out)
{
    uint64_t sent = bytes_out(out, NULL) - out->pass_bytes;

    return ram_sender_left(out->ram) * GUEST_PAGE_BYTES > sent / 2;
}

/* Passes over the memory, until what is left fits the downtime. */
static bool send_while_running(Out *out, GError **errp)
{
    Migration *migration = out->migration;
    int64_t expected_us = INT64_MAX;

    while (true) {
        int64_t limit_us;

        if (!migration_call(migration, step_pass, out, errp)) {
            return false;
        }
        g_mutex_lock(&migration->mutex);
        limit_us = (int64_t)MIN(migration->parameters.downtime_limit, 2000000) * 1000;
        g_mutex_unlock(&migration->mutex);
        if (migration->stats.dirty_sync_count > 1) {
            judge_pass(out, ram_sender_left(out->ram), &expected_us);
            if (expected_us <= limit_us) {
                set_not_converging(migration, NULL);
                return true;
            }
            if (!is_vain(out)) {
                out->vain_passes = 0;
                set_not_converging(migration, NULL);
            } else if (!answer_vain_pass(out, expected_us, errp)) {
                return false;
            }
        }
        out->pass_us = g_get_monotonic_time();
        out->pass_bytes = bytes_out(out, NULL);
        if (!send_pages(out, true, errp) || !end_pass(out, errp)) {
            return false;
        }
    }
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

static bool send_sections(Out *out, GError **errp)
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
static bool end_channels(Out *out, GError **errp)
{
    return !out->channels ||
           (end_pass(out, errp) && channels_out_finish(out->channels, errp));
}

static bool send_rest(Out *out, GError **errp)
{
    Migration *migration = out->migration;

    if (!migration_call(migration, step_stop, out, errp) ||
        (migration->status == MIGRATION_STATUS_PRE_SWITCHOVER &&
         !wait_continue(migration, errp))) {
        return false;
    }
    out->is_whole = send_pages(out, false, errp) && end_channels(out, errp) &&
                    send_sections(out, errp) &&
                    stream_write_end(out->stream, out->frames, errp);
    return out->is_whole &&
           (stream_is_socket(out->stream) ? expect_answer(out, STREAM_LOADED, errp)
                                          : stream_sync(out->stream, errp));
}

/* After a write error the destination may have said why. */
static void read_last_words(Out *out, GError **errp)
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

static void begin_stats(Out *out)
{
    Migration *migration = out->migration;

    g_mutex_lock(&migration->mutex);
    migration->stats.page_size = GUEST_PAGE_BYTES;
    migration->stats.total = ram_sender_left(out->ram) * GUEST_PAGE_BYTES;
    migration->stats.remaining = migration->stats.total;
    g_mutex_unlock(&migration->mutex);
}

static bool send_all(Out *out, GError **errp)
{
    g_autoptr(GError) error = NULL;

    begin_stats(out);
    if (shake_hands(out, &error) &&
        migration_call(out->migration, step_active, NULL, &error)) {
        out->migration->setup_us = g_get_monotonic_time();
        out->window_us = out->migration->setup_us;
        out->window_bytes = bytes_out(out, NULL);
        if (send_while_running(out, &error) && send_rest(out, &error)) {
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
static bool give_away(Out *out, GError **errp)
{
    return !stream_is_socket(out->stream) ||
           stream_write(out->stream, STREAM_RUNNING, NULL, 0, errp);
}

/*
 * A destination that has everything must not keep it: the guest goes on here.  Not where
 * the program ends, and the guest with it: then the other one is all there is.
 */
static void keep_guest(Out *out, const GError *error)
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
static bool open_stream(Out *out, GError **errp)
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
    Out out = {.migration = migration};
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
    ok = send_all(&out, &error) && give_away(&out, &error);
    update_stats(&out);
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
