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
#include "migration/stream.h"

typedef struct RamSender RamSender;
typedef struct RamReceiver RamReceiver;

/* What was sent so far. */
typedef struct RamCount {
    uint64_t pages, zero_pages;
} RamCount;

/* ram_sender_new - every page is to be sent.  @memory: borrowed */
RamSender *ram_sender_new(GuestMemory *memory);

/* ram_sender_free - NULL is nothing. */
void ram_sender_free(RamSender *sender);

/* ram_sender_add - the pages the guest wrote since are to be sent again. */
bool ram_sender_add(RamSender *sender, KvmVm *vm, GError **errp);

/* ram_sender_left - pages still to be sent. */
uint64_t ram_sender_left(const RamSender *sender);

/* ram_sender_count - what was sent. */
RamCount ram_sender_count(const RamSender *sender);

/*
 * ram_sender_send - one frame.
 * The guest may be running: a page it writes meanwhile is in its log.
 */
bool ram_sender_send(RamSender *sender, Stream *stream, GError **errp);

/* ram_receiver_new - nothing has come.  @memory: borrowed */
RamReceiver *ram_receiver_new(GuestMemory *memory);

/* ram_receiver_free - NULL is nothing. */
void ram_receiver_free(RamReceiver *receiver);

/* ram_receiver_load - the payload of one frame, untrusted, into memory. */
bool ram_receiver_load(RamReceiver *receiver, const GByteArray *payload, GError **errp);

/* ram_receiver_check - every page has come. */
bool ram_receiver_check(const RamReceiver *receiver, GError **errp);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RamSender, ram_sender_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RamReceiver, ram_receiver_free)

#endif
