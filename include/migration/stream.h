/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The migration stream: frames over a descriptor, each with its length and checksum.
 *
 * A stream begins with a magic number and a version.  Every frame has a kind, a length
 * and the CRC-32 of its payload; reading refuses anything else and names what it was
 * reading and at which offset.  What is in a frame is the business of the callers.
 *
 * Layout, little endian: "VPMUSTRM" and version (4 bytes), then frames: kind (4), length
 * (4), CRC-32 of kind, length and payload (4), payload.
 *
 * Calls block until done, cancelled, or out of time.
 */
#ifndef MIGRATION_STREAM_H
#define MIGRATION_STREAM_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define STREAM_VERSION 1
/* Magic number and version; kind, length and checksum of a frame. */
#define STREAM_MAGIC_BYTES 12u
#define STREAM_HEAD_BYTES  12u
/* No frame is larger; sizes come from the peer. */
#define STREAM_PAYLOAD_MAX (4u * 1024 * 1024)

typedef enum StreamFrame {
    STREAM_NOTHING,  /* no frame: an error */
    STREAM_HEADER,   /* JSON: machine, digest, CPUs, RAM */
    STREAM_CONTRACT, /* JSON: the CpuContract of the guest */
    STREAM_RAM,      /* pages */
    STREAM_RAM_PASS, /* a pass over the RAM is over */
    STREAM_STATE,    /* name, instance, a state table's saved form */
    STREAM_END,      /* nothing follows; 8 bytes: frames before it */
    /* From the destination to the source. */
    STREAM_ACCEPT,  /* the contract holds here */
    STREAM_REFUSE,  /* JSON: why not */
    STREAM_LOADED,  /* all state is in place */
    STREAM_FAILED,  /* text; from the source after its END: the guest stays there */
    STREAM_RUNNING, /* from the source: the guest is yours, run it */
    /* Later additions. */
    STREAM_RAM_PACKED, /* pages, packed; see migration/pack.h */
    STREAM_CHANNEL,    /* the first of a further connection; see migration/channels.h */
    STREAM_FRAME_COUNT,
} StreamFrame;

typedef struct Stream Stream;

/*
 * stream_new - takes @fd over.
 * @cancel_fd: borrowed; once it is readable every call that would wait, or would go on,
 * ends with an error; -1: never
 */
Stream *stream_new(int fd, int cancel_fd);

/* stream_free - closes the descriptor; NULL is nothing. */
void stream_free(Stream *stream);

/*
 * stream_set_deadline - calls end with an error, code VPMU_ERROR_TIMEOUT, where they
 * would wait longer.
 * @deadline_us: of the monotonic clock; 0: none, as at first
 */
void stream_set_deadline(Stream *stream, int64_t deadline_us);

/*
 * stream_shutdown - another thread's calls that read (SHUT_RD), or write, too
 * (SHUT_RDWR), end with an error, now and later; sockets only.
 */
void stream_shutdown(Stream *stream, int how);

/* stream_fd - the descriptor, borrowed. */
int stream_fd(const Stream *stream);

/* stream_is_socket - the peer can answer. */
bool stream_is_socket(const Stream *stream);

/* stream_offset - bytes written, or read. */
uint64_t stream_offset_out(const Stream *stream);
uint64_t stream_offset_in(const Stream *stream);

/* stream_write_magic, stream_read_magic - begin. */
bool stream_write_magic(Stream *stream, GError **errp);
bool stream_read_magic(Stream *stream, GError **errp);

/*
 * stream_write - one frame.
 * @bytes: at most STREAM_PAYLOAD_MAX
 */
bool stream_write(Stream *stream, StreamFrame kind, const void *payload, uint32_t bytes,
                  GError **errp);

/*
 * stream_write_last - a frame before the connection is closed, to say why.  Tried once,
 * also where the stream is cancelled or out of time: it does not wait, and may be lost.
 * Nothing but for sockets.
 */
void stream_write_last(Stream *stream, StreamFrame kind, const char *text);

/*
 * stream_read - the next frame.
 * @payload: emptied and filled
 * @doing: what is being read, for messages: "state"
 *
 * Returns its kind; 0 with an error that names @doing and the offset.
 */
StreamFrame stream_read(Stream *stream, GByteArray *payload, const char *doing,
                        GError **errp);

/*
 * stream_write_end, stream_check_end - the last frame, with the number of frames before
 * it.  @payload: of a frame STREAM_END
 */
bool stream_write_end(Stream *stream, uint64_t frames, GError **errp);
bool stream_check_end(const GByteArray *payload, uint64_t frames, GError **errp);

/*
 * stream_sync - wait until what was written to a file is on its disk, so that it outlives
 * the host; nothing for what is no file.  Cannot be cancelled.
 */
bool stream_sync(Stream *stream, GError **errp);

/* stream_wait_readable - whether something, or the end, arrives within @timeout_ms, and
 * before it is cancelled. */
bool stream_wait_readable(const Stream *stream, int timeout_ms);

/* stream_wait_begin - wait for the first byte of a socket; false where it ends without
 * one, or none comes in time. */
bool stream_wait_begin(const Stream *stream);

/* stream_frame_name - "header", "ram", … */
const char *stream_frame_name(StreamFrame kind);

/* stream_crc32 - the checksum of zlib and Ethernet, continued from @crc (0 at first). */
uint32_t stream_crc32(uint32_t crc, const void *data, size_t len);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Stream, stream_free)

#endif
