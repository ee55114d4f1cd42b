/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "migration/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libdeflate.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fd-wait.h"
#include "util/bits.h"
#include "util/error.h"

#define MAGIC       "VPMUSTRM"
#define MAGIC_BYTES 8
#define HEAD_BYTES  12

struct Stream {
    int fd;
    int cancel_fd;       /* readable once cancelled; borrowed */
    int64_t deadline_us; /* 0: none */
    bool is_socket;
    uint64_t out, in;
};

Stream *stream_new(int fd, int cancel_fd)
{
    Stream *stream = g_new0(Stream, 1);
    int type;
    socklen_t len = sizeof(type);

    stream->fd = fd;
    /* So that a full pipe can be cancelled; files know no such thing. */
    (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    stream->cancel_fd = cancel_fd;
    stream->is_socket = getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0;
    return stream;
}

void stream_free(Stream *stream)
{
    if (stream) {
        close(stream->fd);
        g_free(stream);
    }
}

void stream_set_deadline(Stream *stream, int64_t deadline_us)
{
    stream->deadline_us = deadline_us;
}

void stream_shutdown(Stream *stream, int how)
{
    (void)shutdown(stream->fd, how);
}

int stream_fd(const Stream *stream)
{
    return stream->fd;
}

bool stream_is_socket(const Stream *stream)
{
    return stream->is_socket;
}

uint64_t stream_offset_out(const Stream *stream)
{
    return stream->out;
}

uint64_t stream_offset_in(const Stream *stream)
{
    return stream->in;
}

uint32_t stream_crc32(uint32_t crc, const void *data, size_t len)
{
    /* Without data it would begin anew. */
    return len ? libdeflate_crc32(crc, data, len) : crc;
}

const char *stream_frame_name(StreamFrame kind)
{
    static const char *const names[STREAM_FRAME_COUNT] = {
        "nothing", "header", "contract", "ram",    "ram-pass", "state",      "end",
        "accept",  "refuse", "loaded",   "failed", "running",  "ram-packed", "channel"};

    return kind < STREAM_FRAME_COUNT ? names[kind] : "unknown";
}

/* ---- bytes ---- */

static bool wait_for(const Stream *stream, short events, GError **errp)
{
    return fd_wait(stream->fd, events, stream->cancel_fd, stream->deadline_us, errp);
}

/* As much of @parts as is taken at once. */
static ssize_t write_some(const Stream *stream, struct iovec *parts, unsigned count,
                          int flags)
{
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};

    return stream->is_socket ? sendmsg(stream->fd, &message, MSG_NOSIGNAL | flags)
                             : writev(stream->fd, parts, (int)count);
}

/* @parts without their first @bytes. */
static void skip(struct iovec *parts, unsigned count, size_t bytes)
{
    for (unsigned i = 0; i < count; i++) {
        size_t part = MIN(bytes, parts[i].iov_len);

        parts[i].iov_base = (uint8_t *)parts[i].iov_base + part;
        parts[i].iov_len -= part;
        bytes -= part;
    }
}

static size_t size_of(const struct iovec *parts, unsigned count)
{
    size_t size = 0;

    for (unsigned i = 0; i < count; i++) {
        size += parts[i].iov_len;
    }
    return size;
}

static bool write_all(Stream *stream, struct iovec *parts, unsigned count, GError **errp)
{
    while (size_of(parts, count)) {
        ssize_t n;

        if (!wait_for(stream, POLLOUT, errp)) {
            return false;
        }
        n = write_some(stream, parts, count, 0);
        if (n < 0 && errno != EINTR && errno != EAGAIN) {
            error_set_errno(errp, errno,
                            "migration stream: cannot write at offset %" PRIu64,
                            stream->out);
            return false;
        }
        if (n > 0) {
            skip(parts, count, (size_t)n);
            stream->out += (uint64_t)n;
        }
    }
    return true;
}

static bool read_all(Stream *stream, void *data, size_t len, const char *doing,
                     GError **errp)
{
    uint8_t *at = data;

    while (len) {
        ssize_t n;

        if (!wait_for(stream, POLLIN, errp)) {
            return false;
        }
        n = read(stream->fd, at, len);
        if (n == 0) {
            error_set(errp, "migration stream: it ends within %s at offset %" PRIu64,
                      doing, stream->in);
            return false;
        }
        if (n < 0 && errno != EINTR && errno != EAGAIN) {
            error_set_errno(errp, errno,
                            "migration stream: cannot read %s at offset %" PRIu64, doing,
                            stream->in);
            return false;
        }
        if (n > 0) {
            at += n;
            len -= (size_t)n;
            stream->in += (uint64_t)n;
        }
    }
    return true;
}

/* ---- frames ---- */

bool stream_write_magic(Stream *stream, GError **errp)
{
    uint8_t bytes[MAGIC_BYTES + 4] = MAGIC;
    uint32_t version = GUINT32_TO_LE(STREAM_VERSION);

    memcpy(bytes + MAGIC_BYTES, &version, sizeof(version));
    return write_all(stream, &(struct iovec){bytes, sizeof(bytes)}, 1, errp);
}

bool stream_read_magic(Stream *stream, GError **errp)
{
    uint8_t bytes[MAGIC_BYTES + 4];
    uint32_t version;

    if (!read_all(stream, bytes, sizeof(bytes), "the magic number", errp)) {
        return false;
    }
    if (memcmp(bytes, MAGIC, MAGIC_BYTES) != 0) {
        error_set(errp, "migration stream: it does not begin as one of this program");
        return false;
    }
    memcpy(&version, bytes + MAGIC_BYTES, sizeof(version));
    version = GUINT32_FROM_LE(version);
    if (version != STREAM_VERSION) {
        error_set(errp, "migration stream: version %" PRIu32 ", known is %d", version,
                  STREAM_VERSION);
        return false;
    }
    return true;
}

/* Kind, length and checksum of a frame. */
static void fill_head(uint32_t head[3], StreamFrame kind, const void *payload,
                      uint32_t bytes)
{
    head[0] = GUINT32_TO_LE((uint32_t)kind);
    head[1] = GUINT32_TO_LE(bytes);
    head[2] = GUINT32_TO_LE(stream_crc32(stream_crc32(0, head, 8), payload, bytes));
}

bool stream_write(Stream *stream, StreamFrame kind, const void *payload, uint32_t bytes,
                  GError **errp)
{
    uint32_t head[3];
    /* Together: over tcp: the second of two small packets would wait for the first. */
    struct iovec parts[2] = {{head, sizeof(head)}, {(void *)payload, bytes}};

    fill_head(head, kind, payload, bytes);
    return write_all(stream, parts, 2, errp);
}

void stream_write_last(Stream *stream, StreamFrame kind, const char *text)
{
    uint32_t head[3];
    struct iovec parts[2] = {{head, sizeof(head)}, {(void *)text, strlen(text)}};

    fill_head(head, kind, text, (uint32_t)parts[1].iov_len);
    if (stream->is_socket) {
        (void)write_some(stream, parts, 2,
                         MSG_DONTWAIT); /* a peer that is gone needs no word */
    }
}

StreamFrame stream_read(Stream *stream, GByteArray *payload, const char *doing,
                        GError **errp)
{
    uint64_t start = stream->in;
    uint32_t head[3], kind, bytes;

    if (!read_all(stream, head, sizeof(head), doing, errp)) {
        return 0;
    }
    kind = GUINT32_FROM_LE(head[0]);
    bytes = GUINT32_FROM_LE(head[1]);
    if (kind == 0 || kind >= STREAM_FRAME_COUNT || bytes > STREAM_PAYLOAD_MAX) {
        error_set(errp,
                  "migration stream: damaged in %s at offset %" PRIu64 ": kind %" PRIu32
                  ", %" PRIu32 " bytes",
                  doing, start, kind, bytes);
        return 0;
    }
    g_byte_array_set_size(payload, bytes);
    if (!read_all(stream, payload->data, bytes, doing, errp)) {
        return 0;
    }
    if (stream_crc32(stream_crc32(0, head, 8), payload->data, bytes) !=
        GUINT32_FROM_LE(head[2])) {
        error_set(errp,
                  "migration stream: damaged in %s at offset %" PRIu64
                  ": the checksum of a frame '%s' is wrong",
                  doing, start, stream_frame_name(kind));
        return 0;
    }
    return kind;
}

bool stream_write_end(Stream *stream, uint64_t frames, GError **errp)
{
    uint64_t wire = GUINT64_TO_LE(frames);

    return stream_write(stream, STREAM_END, &wire, sizeof(wire), errp);
}

bool stream_check_end(const GByteArray *payload, uint64_t frames, GError **errp)
{
    uint64_t wire = 0;

    memcpy(&wire, payload->data, MIN(payload->len, sizeof(wire)));
    if (payload->len != sizeof(wire) || GUINT64_FROM_LE(wire) != frames) {
        error_set(errp, "%" PRIu64 " frames came, not as many as sent", frames);
        return false;
    }
    return true;
}

bool stream_sync(Stream *stream, GError **errp)
{
    /* EINVAL: pipes, devices and some network file systems have nothing to wait for. */
    if (fdatasync(stream->fd) < 0 && errno != EINVAL) {
        error_set_errno(errp, errno,
                        "migration stream: the disk did not take all of its %" PRIu64
                        " bytes",
                        stream->out);
        return false;
    }
    return true;
}

bool stream_wait_readable(const Stream *stream, int timeout_ms)
{
    return fd_wait(stream->fd, POLLIN, stream->cancel_fd,
                   g_get_monotonic_time() + (int64_t)timeout_ms * 1000, NULL);
}

bool stream_wait_begin(const Stream *stream)
{
    uint8_t byte;
    ssize_t got = -1;

    while (got < 0 && wait_for(stream, POLLIN, NULL)) {
        got = recv(stream->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        if (got < 0 && errno != EINTR && errno != EAGAIN) {
            break;
        }
    }
    return got > 0;
}
