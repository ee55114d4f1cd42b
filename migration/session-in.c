/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The destination: judges the contract, takes memory and state, and runs the guest once
 * the source said that it does not.
 *
 * Where the connection ends after everything was loaded, the guest stays here, whole and
 * stopped: it is not known whether the source goes on.  Where it only goes silent, an
 * operator may say so instead ('cont').
 */
#include <inttypes.h>
#include <string.h>

#include "migration/header.h"
#include "session-internal.h"
#include "target/contract-check.h"
#include "util/error.h"
#include "util/json.h"
#include "util/state-section.h"

/* No machine has more things with state, nor more of it. */
#define SECTIONS_MAX       4096
#define SECTIONS_BYTES_MAX (UINT64_C(256) * 1024 * 1024)
/* Who connects to an address has so long to say what it brings. */
#define HANDSHAKE_SECONDS 10
/* Until then 'cont' is meant for the guest that is given away at this moment. */
#define WORD_MS 2000

typedef struct In {
    Migration *migration;
    Stream *stream;
    GByteArray *payload;
    Handshake *handshake;
    bool has_return_path;
    Report *report; /* of a refusal */
    RamReceiver *ram;
    ChannelsIn *channels; /* NULL: memory comes over the stream */
    GPtrArray *sections;
    uint64_t section_bytes;
    uint64_t frames;
    RunState state; /* on the source, before it was stopped */
    bool may_run;   /* the source gave the guest away */
} In;

/* ---- in the main thread ---- */

/*
 * The guest's contract takes the place of the one here where the two differ.  On arm64
 * the one here has what is this host's affair (the number of the event source), and the
 * rows that were compared leave only one difference: a guest without a PMU.
 */
static bool is_to_adopt(const CpuContract *guest, const CpuContract *here)
{
    g_autofree char *theirs = cpu_contract_digest(guest);
    g_autofree char *ours = cpu_contract_digest(here);

    return strcmp(theirs, ours) != 0 &&
           (here->arch == TARGET_ARCH_X86_64 || guest->pmu_enabled != here->pmu_enabled);
}

/* The machine is from here on one for a guest with @contract, which is taken over. */
static bool adopt(Migration *migration, CpuContract *contract, GError **errp)
{
    migration->is_changed = true;
    return migration->guest->ops->adopt(migration->guest->opaque, contract, errp);
}

/* What came of the guest is nobody's: the next one finds the machine of the command line.
 */
static void restore_machine(Migration *migration)
{
    g_autoptr(GError) error = NULL;

    if (adopt(migration, cpu_contract_dup(migration->asked), &error)) {
        migration->is_changed = false;
    } else {
        migration_log(migration, error->message);
    }
}

static bool is_to_try(const Handshake *handshake, const CpuContract *guest)
{
    return handshake->id_registers && guest->arch == TARGET_ARCH_AARCH64;
}

/* With the guest's contract, which holds here, and its ID registers, which KVM has to
 * try.
 */
static bool fit_machine(In *in, const CpuContract *contract, GError **errp)
{
    Migration *migration = in->migration;
    const MigrationGuest *guest = migration->guest;

    if (is_to_adopt(contract, migration_describe(migration).contract) &&
        !adopt(migration, cpu_contract_dup(contract), errp)) {
        return false;
    }
    return !is_to_try(in->handshake, contract) ||
           guest->ops->try_id_registers(guest->opaque, in->handshake->id_registers,
                                        in->report, &migration->is_changed, errp);
}

/* Cancelled while the main thread was asked for something. */
static bool is_wanted(Migration *migration, GError **errp)
{
    if (migration->is_cancelled) {
        error_set(errp, "the migration was cancelled");
    }
    return !migration->is_cancelled;
}

static bool step_judge(Migration *migration, void *data, GError **errp)
{
    In *in = data;
    const GuestDescription here = migration_describe(migration);
    g_autoptr(CpuContract) guest =
        handshake_judge(in->handshake, &here, in->report, errp);
    bool ok;

    if (!guest || !is_wanted(migration, errp)) {
        return false;
    }
    if (report_count(in->report, FINDING_ERROR) ||
        (in->handshake->is_probe && !is_to_try(in->handshake, guest))) {
        return true;
    }
    contract_settle(guest, here.host);
    ok = fit_machine(in, guest, errp);
    if (ok && !in->handshake->is_probe && !report_count(in->report, FINDING_ERROR)) {
        migration->is_accepted = true;
        migration_set_status(migration, MIGRATION_STATUS_ACTIVE);
    } else if (migration->is_changed) {
        /* Who only asks, or is refused, changes nothing here. */
        restore_machine(migration);
    }
    return ok;
}

static bool step_load(Migration *migration, void *data, GError **errp)
{
    const MigrationGuest *guest = migration->guest;
    In *in = data;

    migration->is_loaded =
        is_wanted(migration, errp) &&
        guest->ops->load(guest->opaque, in->sections, &in->state, errp);
    return migration->is_loaded;
}

/* The source does not say at once that it gave the guest away. */
static bool step_silent(Migration *migration, void *data, GError **errp)
{
    (void)data;
    (void)errp; /* cannot fail */
    migration->is_silent = true;
    if (migration->is_taken) {
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
    In *in = data;
    bool was_running = in->state == RUN_STATE_RUNNING;

    if (!in->may_run && !migration->is_taken) {
        tell_doubt(migration);
    }
    in->may_run |= migration->is_taken;
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
        restore_machine(migration);
    }
    return true;
}

/* ---- in the migration's thread ---- */

static bool answer_handshake(In *in, GError **errp)
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

/* Not yet answered. */
static bool judge_handshake(In *in, GError **errp)
{
    in->frames = HANDSHAKE_FRAMES;
    in->has_return_path = in->handshake->has_return_path;
    return migration_call(in->migration, step_judge, in, errp);
}

static bool take_section(In *in, GError **errp)
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

static bool check_end(const In *in, GError **errp)
{
    if (!stream_check_end(in->payload, in->frames, errp)) {
        g_prefix_error(errp, "migration stream: ");
        return false;
    }
    return ram_receiver_check(in->ram, errp);
}

/* One frame; *ret_is_end after the last. */
static bool take_frame(In *in, bool *ret_is_end, GError **errp)
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
        ok = take_section(in, errp);
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
static bool ask_for_guest(In *in, GError **errp)
{
    StreamFrame kind;

    /* A source that does not hear this may have left a last word before. */
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

static bool open_channels(In *in, GError **errp)
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

static bool receive(In *in, GError **errp)
{
    bool is_end = false;

    if (!answer_handshake(in, errp) ||
        (in->handshake->channels && !open_channels(in, errp))) {
        return false;
    }
    while (!is_end) {
        if (!take_frame(in, &is_end, errp)) {
            return false;
        }
    }
    in->may_run = !in->has_return_path;
    return migration_call(in->migration, step_load, in, errp) &&
           (!in->has_return_path || ask_for_guest(in, errp)) &&
           migration_call(in->migration, step_done, in, errp);
}

/* The next that connects; what is not listened for is open already. */
static bool open_source(Migration *migration, GError **errp)
{
    if (migration->end.fd < 0) {
        int fd = transport_accept(migration->listen_fd, migration->cancel_fd, 0, errp);

        migration->end = (TransportEnd){fd, 0};
    }
    return migration->end.fd >= 0;
}

static bool open_stream(In *in, GError **errp)
{
    if (!open_source(in->migration, errp)) {
        return false;
    }
    in->stream = stream_new(in->migration->end.fd, in->migration->cancel_fd);
    in->migration->end.fd = -1;
    return true;
}

static void close_stream(In *in)
{
    g_clear_pointer(&in->stream, stream_free);
    g_clear_pointer(&in->handshake, handshake_free);
    g_clear_pointer(&in->report, report_free);
}

/* Answers a source that only asks; whether it hears is its own affair. */
static void answer_probe(In *in, const GError *error)
{
    if (error) {
        stream_write_last(in->stream, STREAM_FAILED, error->message);
    } else {
        (void)(in->has_return_path && handshake_answer(in->stream, in->report, NULL));
    }
}

/*
 * Where anybody can connect, one that ends or stays without a byte, or does not come to
 * the end of what it brings, is nobody's, and the wait goes on.  False with an error, or
 * *ret_again.
 */
static bool receive_handshake(In *in, bool *ret_again, GError **errp)
{
    bool is_open = in->migration->listen_fd >= 0;
    g_autoptr(GError) error = NULL;

    if (is_open) {
        stream_set_deadline(in->stream, g_get_monotonic_time() +
                                            HANDSHAKE_SECONDS * G_TIME_SPAN_SECOND);
    }
    if (is_open && !stream_wait_begin(in->stream)) {
        *ret_again = true;
        return true;
    }
    in->handshake = handshake_receive(in->stream, in->payload, &error);
    stream_set_deadline(in->stream, 0);
    *ret_again = g_error_matches(error, VPMU_ERROR, VPMU_ERROR_TIMEOUT);
    if (*ret_again) {
        stream_write_last(in->stream, STREAM_FAILED, "no guest came in time");
    } else if (error) {
        g_propagate_error(errp, g_steal_pointer(&error));
    }
    return in->handshake || *ret_again;
}

/* The connection brings a guest, or a failure; *ret_again: neither. */
static bool try_guest(In *in, bool *ret_again, GError **errp)
{
    g_autoptr(GError) error = NULL;
    bool ok;

    in->report = report_new();
    if (!open_stream(in, errp)) {
        return false;
    }
    ok = receive_handshake(in, ret_again, &error);
    if (ok && *ret_again) {
        return true;
    }
    ok = ok && judge_handshake(in, &error);
    if (in->handshake && in->handshake->is_probe) {
        answer_probe(in, error);
        if (in->migration->listen_fd < 0) {
            error_set(errp, "the source only asked, and no other can come this way");
            return false;
        }
        *ret_again = true;
        return true;
    }
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): judged, so there is one */
    if (!ok || !in->handshake->channels) {
        migration_stop_listening(in->migration);
    }
    if (!ok) {
        g_propagate_error(errp, g_steal_pointer(&error));
    }
    return ok;
}

/* The first connection that brings a guest. */
static bool next_guest(In *in, GError **errp)
{
    while (true) {
        bool again = false;

        if (!try_guest(in, &again, errp)) {
            return false;
        }
        if (!again) {
            return true;
        }
        close_stream(in);
    }
}

/* A channel that fails ends the reading of the stream, too, but knows why. */
static void prefer_channel_error(In *in, GError **error)
{
    const GError *cause = in->channels ? channels_in_error(in->channels) : NULL;

    if (cause) {
        g_clear_error(error);
        *error = g_error_copy(cause);
    }
}

static bool run(Migration *migration, GError **errp)
{
    In in = {.migration = migration};
    g_autoptr(GError) error = NULL;
    bool ok;

    in.payload = g_byte_array_new();
    in.ram = ram_receiver_new(migration->guest->memory);
    in.sections = g_ptr_array_new_with_free_func((GDestroyNotify)state_section_free);
    ok = next_guest(&in, &error) && receive(&in, &error);
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
    close_stream(&in);
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
