/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The destination's side of a session, for session-in.c and session-accept.c: its
 * thread's own. */
#ifndef MIGRATION_INCOMING_H
#define MIGRATION_INCOMING_H

#include "session-internal.h"

typedef struct Incoming {
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
} Incoming;

/* incoming_accept - the first connection that brings a guest, judged and not answered. */
bool incoming_accept(Incoming *in, GError **errp);

/* incoming_close - the connection and what it said. */
void incoming_close(Incoming *in);

/* incoming_is_wanted - an error where it was cancelled while the main thread was asked
 * for something.  Main thread. */
bool incoming_is_wanted(Migration *migration, GError **errp);

/* incoming_restore - what came of the guest is nobody's: the next one finds the machine
 * of the command line.  Main thread. */
void incoming_restore(Migration *migration);

#endif
