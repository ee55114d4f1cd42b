/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RAM as frames of a stream: which pages are still to be sent, and where arriving pages
 * go.  A frame holds up to 1 MiB of consecutive pages; pages of zeros travel as one bit.
 *
 * Payload: guest physical address (8 bytes), number of pages (4), one bit per page (1:
 * its bytes follow, 0: it is zero) in whole bytes, then the pages.
 */
#ifndef MIGRATION_RAM_H
#define MIGRATION_RAM_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "accel/guest-memory.h"
#include "migration/guest.h"
#include "migration/stream.h"

typedef struct RamSender RamSender;
typedef struct RamWriter RamWriter;
typedef struct RamReceiver RamReceiver;

/* What was sent so far. */
typedef struct RamCount {
    uint64_t pages, zero_pages;
} RamCount;

/* Consecutive pages of one frame. */
typedef struct RamRun {
    uint64_t gpa;
    unsigned pages;
} RamRun;

/* ram_sender_new - every page is to be sent.  @memory: borrowed */
RamSender *ram_sender_new(const GuestMemory *memory);

/* ram_sender_free - NULL is nothing. */
void ram_sender_free(RamSender *sender);

/* ram_sender_sync - the pages @guest wrote since are to be sent again. */
bool ram_sender_sync(RamSender *sender, const MigrationGuest *guest, GError **errp);

/* ram_sender_left - pages still to be sent. */
uint64_t ram_sender_left(const RamSender *sender);

/* ram_sender_next - the next pages to send; they count as sent.  False: there are none.
 */
bool ram_sender_next(RamSender *sender, RamRun *ret);

/*
 * ram_writer_new - makes frames; one thread's.
 * @memory: borrowed
 * @level: of zstd, to pack frames where that makes them smaller; 0: do not
 */
RamWriter *ram_writer_new(const GuestMemory *memory, int level);

/* ram_writer_free - NULL is nothing. */
void ram_writer_free(RamWriter *writer);

/*
 * ram_writer_send - one frame.
 * @count: what it holds is added
 *
 * The guest may be running: a page it writes meanwhile is in its log.
 */
bool ram_writer_send(RamWriter *writer, const RamRun *run, Stream *stream,
                     RamCount *count, GError **errp);

/* ram_receiver_new - nothing has come.  @memory: borrowed */
RamReceiver *ram_receiver_new(GuestMemory *memory);

/* ram_receiver_free - NULL is nothing. */
void ram_receiver_free(RamReceiver *receiver);

/* ram_receiver_load - the payload of one frame, untrusted, into memory. */
bool ram_receiver_load(RamReceiver *receiver, const GByteArray *payload, GError **errp);

/* ram_receiver_load_packed - the same of a frame that is packed. */
bool ram_receiver_load_packed(RamReceiver *receiver, const GByteArray *payload,
                              GError **errp);

/* ram_receiver_merge - what came to @other came. */
void ram_receiver_merge(RamReceiver *receiver, const RamReceiver *other);

/* ram_receiver_check - every page has come. */
bool ram_receiver_check(const RamReceiver *receiver, GError **errp);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RamSender, ram_sender_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RamWriter, ram_writer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RamReceiver, ram_receiver_free)

#endif
