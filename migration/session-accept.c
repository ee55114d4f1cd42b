/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who comes to a destination, and whether its guest may go on here: connections that are
 * nobody's, sources that only ask, and the one that brings a guest, judged.
 */
#include "incoming.h"

#include <string.h>

#include "target/contract-check.h"
#include "util/error.h"

/* Who connects to an address has so long to say what it brings. */
#define HANDSHAKE_SECONDS 10

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

void incoming_restore(Migration *migration)
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
static bool fit_machine(Incoming *in, const CpuContract *contract, GError **errp)
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

bool incoming_is_wanted(Migration *migration, GError **errp)
{
    if (migration->is_cancelled) {
        error_set(errp, "the migration was cancelled");
    }
    return !migration->is_cancelled;
}

static bool step_judge(Migration *migration, void *data, GError **errp)
{
    Incoming *in = data;
    const GuestDescription here = migration_describe(migration);
    g_autoptr(CpuContract) guest =
        handshake_judge(in->handshake, &here, in->report, errp);
    bool ok;

    if (!guest || !incoming_is_wanted(migration, errp)) {
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
        incoming_restore(migration);
    }
    return ok;
}

/* ---- in the migration's thread ---- */

/* Not yet answered. */
static bool judge_handshake(Incoming *in, GError **errp)
{
    in->frames = HANDSHAKE_FRAMES;
    in->has_return_path = in->handshake->has_return_path;
    return migration_call(in->migration, step_judge, in, errp);
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

static bool open_stream(Incoming *in, GError **errp)
{
    if (!open_source(in->migration, errp)) {
        return false;
    }
    in->stream = stream_new(in->migration->end.fd, in->migration->cancel_fd);
    in->migration->end.fd = -1;
    return true;
}

void incoming_close(Incoming *in)
{
    g_clear_pointer(&in->stream, stream_free);
    g_clear_pointer(&in->handshake, handshake_free);
    g_clear_pointer(&in->report, report_free);
}

/* Answers a source that only asks; whether it hears is its own affair. */
static void answer_probe(Incoming *in, const GError *error)
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
static bool receive_handshake(Incoming *in, bool *ret_again, GError **errp)
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
static bool try_guest(Incoming *in, bool *ret_again, GError **errp)
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

bool incoming_accept(Incoming *in, GError **errp)
{
    while (true) {
        bool again = false;

        if (!try_guest(in, &again, errp)) {
            return false;
        }
        if (!again) {
            return true;
        }
        incoming_close(in);
    }
}
