/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The handshake: what a source says before anything moves, how the destination judges
 * it, and the answer on the return path.
 *
 * A source that only asks says so in the header ("probe"): it gets the answer and closes,
 * and the destination waits on for the guest.
 */
#ifndef MIGRATION_HANDSHAKE_H
#define MIGRATION_HANDSHAKE_H

#include <glib.h>
#include <stdbool.h>

#include "accel/guest-memory.h"
#include "migration/stream.h"
#include "qom/object.h"
#include "target/cpu-contract.h"
#include "target/host-profile.h"
#include "target/smp-topology.h"
#include "util/report.h"

typedef struct json_object json_object;

/* Header and contract, both JSON. */
typedef struct Handshake {
    json_object *header, *contract;
    bool has_return_path; /* the source waits for an answer */
    bool is_probe;        /* and for nothing else */
    bool is_packed;       /* frames of pages may be packed (PACK_METHOD) */
    unsigned channels;    /* further connections for memory; 0: none */
    char *token;          /* by which they are known, where there are any */
    GPtrArray
        *id_registers; /* of the vCPUs, heard (arm_id_sets_parse()); NULL: not told */
} Handshake;

/* What a guest is compared with where it arrives, and what it says where it leaves. */
typedef struct GuestDescription {
    const char *machine;
    const CpuContract *contract;
    unsigned cpus;
    const GuestRange *ram;
    unsigned ranges;
    const HostProfile *host;       /* NULL: not judging */
    const Object *config;          /* of the board; NULL: not compared */
    const SmpTopology *smp;        /* NULL: not compared beyond @cpus */
    const GPtrArray *devices;      /* Object *; NULL: not compared */
    const GPtrArray *id_registers; /* to be said, arm_id_sets_new(); NULL: none */
} GuestDescription;

/* handshake_new - of the guest @here describes. */
Handshake *handshake_new(const GuestDescription *here, bool is_probe);

/* handshake_free - NULL is nothing. */
void handshake_free(Handshake *handshake);

/* handshake_send - magic number and the two frames; with a return path where @stream has
 * one. */
bool handshake_send(Stream *stream, Handshake *handshake, GError **errp);

/* The frames handshake_send() wrote, the magic number not counted. */
#define HANDSHAKE_FRAMES 2

/* handshake_receive - the inverse.  @payload: room that is reused */
Handshake *handshake_receive(Stream *stream, GByteArray *payload, GError **errp);

/*
 * handshake_judge - can the guest go on here?  All but its ID registers: those KVM has to
 * try.
 * @handshake: untrusted
 * @report: takes each row that does not hold
 *
 * Returns the guest's contract, whatever the verdict; NULL with an error where it is
 * damaged.
 */
CpuContract *handshake_judge(const Handshake *handshake, const GuestDescription *here,
                             Report *report, GError **errp);

/* handshake_answer - accept, with the warnings of @report, or refuse, with its errors. */
bool handshake_answer(Stream *stream, const Report *report, GError **errp);

/*
 * handshake_read_answer - at the source.
 * @ret_findings: a reference, or NULL: what the destination found, a JSON array
 * @ret_ok: accepted
 *
 * False with an error where there is no answer.
 */
bool handshake_read_answer(Stream *stream, json_object **ret_findings, bool *ret_ok,
                           GError **errp);

/*
 * handshake_set_unexpected - at the source: a frame of the destination that is not
 * @wanted becomes the error, code VPMU_ERROR_PEER: why it failed, or what it says
 * instead.
 */
void handshake_set_unexpected(StreamFrame kind, const GByteArray *payload,
                              StreamFrame wanted, GError **errp);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Handshake, handshake_free)

#endif
