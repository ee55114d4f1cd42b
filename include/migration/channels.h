/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several connections for the memory of one guest (capability multifd).
 *
 * Each is a stream of its own beside the main one, with a thread on either side.  It
 * begins with a CHANNEL frame that repeats a token of the main stream's header, then has
 * RAM frames, a RAM_PASS frame at the end of each pass, and END with the number of frames
 * before it.  Within a pass no page comes twice, so channels need not wait for each
 * other; between passes they all do, the main stream too.
 */
#ifndef MIGRATION_CHANNELS_H
#define MIGRATION_CHANNELS_H

#include "migration/ram.h"
#include "migration/stream.h"
#include "migration/transport.h"

#define CHANNELS_MOST    255u
#define CHANNELS_DEFAULT 2u
/* Hexadecimal digits of the token. */
#define CHANNEL_TOKEN_CHARS 32u

/* channel_token_new - nobody guesses it. */
char *channel_token_new(void);

/* channel_thread_new - for one channel, on either side; NULL with an error. */
GThread *channel_thread_new(GThreadFunc main, void *channel, GError **errp);

/* ---- the source ---- */

typedef struct ChannelsOut ChannelsOut;

/*
 * channels_out_open - connect @count times more to where the main stream went.
 * @cancel_fd: as for stream_new(), and as long as the channels live
 * @memory: borrowed
 * @level: of zstd, as for ram_writer_new()
 */
ChannelsOut *channels_out_open(const Transport *transport, int cancel_fd, unsigned count,
                               const char *token, const GuestMemory *memory, int level,
                               GError **errp);

/* channels_out_free - end the threads; NULL is nothing. */
void channels_out_free(ChannelsOut *all);

/* channels_out_send - hand @run to a thread; waits while all are busy. */
bool channels_out_send(ChannelsOut *channels, const RamRun *run, GError **errp);

/* channels_out_end_pass - everything handed over is written, and the pass is over. */
bool channels_out_end_pass(ChannelsOut *channels, GError **errp);

/* channels_out_finish - nothing follows. */
bool channels_out_finish(ChannelsOut *channels, GError **errp);

/* channels_out_handed - bytes of the pages handed over and not written yet. */
uint64_t channels_out_handed(ChannelsOut *all);

/* channels_out_sent - bytes written so far; what they held is added to @count. */
uint64_t channels_out_sent(ChannelsOut *all, RamCount *count);

/* ---- the destination ---- */

typedef struct ChannelsIn ChannelsIn;

/*
 * channels_in_accept - wait, 10 s at most, for @count connections with @token.
 * @cancel_fd: as for channels_out_open()
 * @main: its reading ends where a channel fails
 */
ChannelsIn *channels_in_accept(int listen_fd, int cancel_fd, unsigned count,
                               const char *token, GuestMemory *memory, Stream *main,
                               GError **errp);

/* channels_in_free - end the threads; NULL is nothing. */
void channels_in_free(ChannelsIn *all);

/* channels_in_end_pass - wait until every channel is at the end of the pass, too. */
bool channels_in_end_pass(ChannelsIn *channels, GError **errp);

/* channels_in_finish - wait for their ends; what came to them has come to @ram. */
bool channels_in_finish(ChannelsIn *channels, RamReceiver *ram, GError **errp);

/* channels_in_error - why a channel failed, or NULL; owned by @all. */
const GError *channels_in_error(ChannelsIn *all);

#endif
