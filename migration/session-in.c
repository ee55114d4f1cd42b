/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The destination: judges the contract, takes memory and state, and runs the guest once
 * the source said that it does not.
 *
 * Where the connection ends after everything was loaded, the guest stays here, whole and
 * stopped: it is not known whether the source goes on.  Where it only goes silent, an
 * operator may say so instead ('cont').
 */
#include "incoming.h"

#include <inttypes.h>

#include "migration/header.h"
#include "util/error.h"
#include "util/json.h"
#include "util/state-section.h"

/* No machine has more things with state, nor more of it. */
#define SECTIONS_MAX       4096
#define SECTIONS_BYTES_MAX (UINT64_C(256) * 1024 * 1024)
/* Until then 'cont' is meant for the guest that is given away at this moment. */
#define WORD_MS 2000

/* ---- in the main thread ---- */

static bool step_load(Migration *migration, void *data, GError **errp)
{
    const MigrationGuest *guest = migration->guest;
    Incoming *in = data;

    migration->is_loaded =
        incoming_is_wanted(migration, errp) &&
        guest->ops->load(guest->opaque, in->sections, &in->state, errp);
    return migration->is_loaded;
}

/* The source does not say at once that it gave the guest away. */
static bool step_silent(Migration *migration, void *data, GError **errp)
{
    (void)data;
    (void)errp; /* cannot fail */
    migration->is_silent = true;
    if (migration->is_confirmed) {
        migration_wake(migration);
    }
    return true;
}

static void tell_doubt(Migration *migration)
{
    g_autoptr(GError) doubt = NULL;
    g_autofree char *text = NULL;

    error_set(&doubt, "the source did not say that it gave the guest away; it may run "
                      "there");
    migration_fail(migration, doubt);
    text = g_strdup_printf("incoming migration: %s", doubt->message);
    migration_log(migration, text);
}

static bool step_done(Migration *migration, void *data, GError **errp)
{
    const MigrationGuest *guest = migration->guest;
    Incoming *in = data;
    bool was_running = in->state == RUN_STATE_RUNNING;

    if (!in->may_run && !migration->is_confirmed) {
        tell_doubt(migration);
    }
    in->may_run |= migration->is_confirmed;
    migration->is_expecting = migration->is_loaded = false;
    migration->end_us = g_get_monotonic_time();
    guest->ops->stop(guest->opaque, was_running ? RUN_STATE_PAUSED : in->state);
    migration_set_status(migration, MIGRATION_STATUS_COMPLETED);
    return !in->may_run || !was_running || !migration->autostart ||
           guest->ops->go_on(guest->opaque, errp);
}

static bool step_failed(Migration *migration, void *data, GError **errp)
{
    g_autofree char *text = g_strdup_printf("incoming migration: %s", migration->error);

    (void)data;
    (void)errp; /* cannot fail */
    migration->end_us = g_get_monotonic_time();
    migration->is_loaded = false;
    if (!migration->is_cancelled) {
        migration_log(migration, text);
    }
    migration_set_status(migration, migration->is_cancelled ? MIGRATION_STATUS_CANCELLED
                                                            : MIGRATION_STATUS_FAILED);
    if (migration->exit_on_error && !migration->is_cancelled) {
        migration->guest->ops->give_up(migration->guest->opaque);
    } else if (migration->is_accepted || migration->is_changed) {
        incoming_restore(migration);
    }
    return true;
}

/* ---- in the migration's thread ---- */

static bool answer_handshake(Incoming *in, GError **errp)
{
    g_autojson *rows = report_to_json(in->report);
    g_autofree char *reasons = migration_refusal_text(rows);
    bool ok = report_count(in->report, FINDING_ERROR) == 0;

    if (ok) {
        return !in->has_return_path || handshake_answer(in->stream, in->report, errp);
    }
    /* The source may be gone; then it needs no answer. */
    (void)(in->has_return_path && handshake_answer(in->stream, in->report, NULL));
    in->has_return_path = false;
    error_set(errp, "the guest cannot go on here: %s", reasons);
    return false;
}

static bool add_section(Incoming *in, GError **errp)
{
    StateSection *section;

    in->section_bytes += in->payload->len;
    if (in->sections->len >= SECTIONS_MAX || in->section_bytes > SECTIONS_BYTES_MAX) {
        error_set(errp, "%u states in %" PRIu64 " bytes are more than any machine has",
                  in->sections->len + 1, in->section_bytes);
        return false;
    }
    section = state_section_decode(in->payload->data, in->payload->len, errp);
    if (section) {
        g_ptr_array_add(in->sections, section);
    }
    return section;
}

static bool check_end(const Incoming *in, GError **errp)
{
    if (!stream_check_end(in->payload, in->frames, errp)) {
        g_prefix_error(errp, "migration stream: ");
        return false;
    }
    return ram_receiver_check(in->ram, errp);
}

/* One frame; *ret_is_end after the last. */
static bool load_frame(Incoming *in, bool *ret_is_end, GError **errp)
{
    uint64_t start = stream_offset_in(in->stream);
    StreamFrame kind = stream_read(in->stream, in->payload, "memory and state", errp);
    bool ok;

    switch (kind) {
    case STREAM_NOTHING:
        return false;
    case STREAM_RAM:
        ok = ram_receiver_load(in->ram, in->payload, errp);
        break;
    case STREAM_RAM_PACKED:
        ok = ram_receiver_load_packed(in->ram, in->payload, errp);
        break;
    case STREAM_RAM_PASS:
        ok = !in->channels || channels_in_end_pass(in->channels, errp);
        break;
    case STREAM_STATE:
        ok = add_section(in, errp);
        break;
    case STREAM_END:
        *ret_is_end = true;
        return (!in->channels || channels_in_finish(in->channels, in->ram, errp)) &&
               check_end(in, errp);
    default:
        error_set(errp, "a frame '%s' does not belong here", stream_frame_name(kind));
        ok = false;
        break;
    }
    in->frames++;
    if (!ok) {
        g_prefix_error(errp, "migration stream at offset %" PRIu64 ": ", start);
    }
    return ok;
}

/*
 * Says that all is here, and hears whether the source gives the guest away.  A connection
 * that ends leaves that open; false with an error where the source keeps the guest.
 */
static bool finish_switchover(Incoming *in, GError **errp)
{
    StreamFrame kind;

    /* A source that does not hear this may have left a last word before; so a failed
     * write does not end it: what is to be read decides. */
    (void)stream_write(in->stream, STREAM_LOADED, NULL, 0, NULL);
    if (!stream_wait_readable(in->stream, WORD_MS) &&
        !migration_call(in->migration, step_silent, NULL, errp)) {
        return false;
    }
    kind = stream_read(in->stream, in->payload, "the last word of the source", NULL);
    if (kind == STREAM_FAILED) {
        error_set(errp, "the source failed and keeps the guest: %.*s",
                  (int)in->payload->len, (const char *)in->payload->data);
        return false;
    }
    in->may_run = kind == STREAM_RUNNING;
    return true;
}

static bool open_channels(Incoming *in, GError **errp)
{
    Migration *migration = in->migration;

    if (migration->listen_fd < 0) {
        error_set(errp, "multifd: several connections cannot come this way");
        return false;
    }
    in->channels = channels_in_accept(migration->listen_fd, migration->cancel_fd,
                                      in->handshake->channels, in->handshake->token,
                                      migration->guest->memory, in->stream, errp);
    migration_stop_listening(migration);
    return in->channels;
}

static bool receive(Incoming *in, GError **errp)
{
    bool is_end = false;

    if (!answer_handshake(in, errp) ||
        (in->handshake->channels && !open_channels(in, errp))) {
        return false;
    }
    while (!is_end) {
        if (!load_frame(in, &is_end, errp)) {
            return false;
        }
    }
    in->may_run = !in->has_return_path;
    return migration_call(in->migration, step_load, in, errp) &&
           (!in->has_return_path || finish_switchover(in, errp)) &&
           migration_call(in->migration, step_done, in, errp);
}

/* A channel that fails ends the reading of the stream, too, but knows why. */
static void prefer_channel_error(Incoming *in, GError **error)
{
    const GError *cause = in->channels ? channels_in_error(in->channels) : NULL;

    if (cause) {
        g_clear_error(error);
        *error = g_error_copy(cause);
    }
}

static bool run(Migration *migration, GError **errp)
{
    Incoming in = {.migration = migration};
    g_autoptr(GError) error = NULL;
    bool ok;

    in.payload = g_byte_array_new();
    in.ram = ram_receiver_new(migration->guest->memory);
    in.sections = g_ptr_array_new_with_free_func((GDestroyNotify)state_section_free);
    ok = incoming_accept(&in, &error) && receive(&in, &error);
    migration_stop_listening(migration);
    if (!ok) {
        prefer_channel_error(&in, &error);
        transport_explain(&migration->end, &error);
        /* The source may be gone; then it needs no answer. */
        if (in.stream && in.has_return_path) {
            stream_write_last(in.stream, STREAM_FAILED, error->message);
        }
        g_propagate_prefixed_error(errp, g_steal_pointer(&error),
                                   "%s: ", migration->transport->uri);
        transport_abandon(&migration->end);
    }
    channels_in_free(in.channels);
    incoming_close(&in);
    g_byte_array_unref(in.payload);
    ram_receiver_free(in.ram);
    g_ptr_array_unref(in.sections);
    return ok;
}

gpointer migration_in_main(gpointer data)
{
    Migration *migration = data;
    g_autoptr(GError) error = NULL;

    if (!run(migration, &error)) {
        migration_fail(migration, error);
        /* Fails only where the program ends anyway. */
        (void)migration_call(migration, step_failed, NULL, NULL);
    }
    /* What a command did after the last byte was read changes nothing here. */
    (void)transport_finish(&migration->end, migration->cancel_fd, NULL);
    return NULL;
}
