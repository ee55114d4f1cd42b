/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The source's side of a session, for session-out.c and precopy.c: its thread's own. */
#ifndef MIGRATION_OUTGOING_H
#define MIGRATION_OUTGOING_H

#include "session-internal.h"

typedef struct Outgoing {
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
    unsigned stalled_passes; /* in a row, since the guest was last slowed down */
    bool has_told;           /* that it does not converge */
} Outgoing;

/* precopy_begin - all of the memory is to be sent; before the handshake. */
void precopy_begin(Outgoing *out);

/* precopy_run - passes until what is left fits the downtime; the guest runs. */
bool precopy_run(Outgoing *out, GError **errp);

/*
 * precopy_send_pages - what is known to be dirty now.
 * @is_limited: by max-bandwidth
 */
bool precopy_send_pages(Outgoing *out, bool is_limited, GError **errp);

/* precopy_end_pass - what was handed to channels is written; the destination waits for
 * all of them. */
bool precopy_end_pass(Outgoing *out, GError **errp);

/* precopy_update_stats - for who looks. */
void precopy_update_stats(Outgoing *out);

/* migration_throttle - slow the guest down by @percent.  Main thread. */
void migration_throttle(Migration *migration, unsigned percent);

#endif
