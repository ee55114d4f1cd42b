/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The handshake: what a source says before anything moves, how the destination judges
 * it, and the answer on the return path.
 *
 * A source that only asks says so in the header ("probe"): it gets the answer and closes,
 * and the destination waits on for the guest.
 */
#ifndef MIGRATION_HELLO_H
#define MIGRATION_HELLO_H

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
typedef struct Hello {
    json_object *header, *contract;
    bool has_return_path; /* the source waits for an answer */
    bool is_probe;        /* and for nothing else */
    bool is_packed;       /* frames of pages may be packed (PACK_METHOD) */
    unsigned channels;    /* further connections for memory; 0: none */
    char *token;          /* by which they are known, where there are any */
    GPtrArray
        *id_registers; /* of the vCPUs, heard (arm_id_sets_parse()); NULL: not told */
} Hello;

/* What a guest is compared with where it arrives, and what it says where it leaves. */
typedef struct HelloOwn {
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
} HelloOwn;

/* hello_new - of the guest @own describes. */
Hello *hello_new(const HelloOwn *own, bool is_probe);

/* hello_free - NULL is nothing. */
void hello_free(Hello *hello);

/* hello_send - magic number and the two frames; with a return path where @stream has
 * one. */
bool hello_send(Stream *stream, Hello *hello, GError **errp);

/* The frames hello_send() wrote, the magic number not counted. */
#define HELLO_FRAMES 2

/* hello_receive - the inverse.  @payload: room that is reused */
Hello *hello_receive(Stream *stream, GByteArray *payload, GError **errp);

/*
 * hello_judge - can the guest go on here?  All but its ID registers: those KVM has to
 * try.
 * @hello: untrusted
 * @report: takes each row that does not hold
 *
 * Returns the guest's contract, whatever the verdict; NULL with an error where it is
 * damaged.
 */
CpuContract *hello_judge(const Hello *hello, const HelloOwn *own, Report *report,
                         GError **errp);

/* hello_answer - accept, with the warnings of @report, or refuse, with its errors. */
bool hello_answer(Stream *stream, const Report *report, GError **errp);

/*
 * hello_read_answer - at the source.
 * @ret_findings: a reference, or NULL: what the destination found, a JSON array
 * @ret_ok: accepted
 *
 * False with an error where there is no answer.
 */
bool hello_read_answer(Stream *stream, json_object **ret_findings, bool *ret_ok,
                       GError **errp);

/*
 * hello_set_unexpected - at the source: a frame of the destination that is not @wanted
 * becomes the error, code VPMU_ERROR_PEER: why it failed, or what it says instead.
 */
void hello_set_unexpected(StreamFrame kind, const GByteArray *payload, StreamFrame wanted,
                          GError **errp);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Hello, hello_free)

#endif
