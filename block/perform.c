/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One request, done by system calls.  Runs in any thread and touches no state. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "block-internal.h"
#include "util/bits.h"

#define DIRECT_ALIGN 4096 /* fits every file system there is */
#define PIECE_BYTES  (1 * MIB)

/* Reads or writes all of [@data, @data + @bytes); behind the file's end zeros are read.
 */
static int transfer(int fd, bool is_write, uint8_t *data, uint64_t bytes, uint64_t offset)
{
    while (bytes) {
        ssize_t done = is_write ? pwrite(fd, data, bytes, (off_t)offset)
                                : pread(fd, data, bytes, (off_t)offset);

        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done < 0) {
            return errno;
        }
        if (done == 0 && is_write) {
            return ENOSPC;
        }
        if (done == 0) {
            memset(data, 0, bytes);
            return 0;
        }
        data += done;
        offset += (uint64_t)done;
        bytes -= (uint64_t)done;
    }
    return 0;
}

/* Copies [@from, @from + @bytes) of the request's parts, to @buffer or from it. */
static void copy_iov(const BlockRequest *request, uint64_t from, uint8_t *buffer,
                     uint64_t bytes, bool is_gather)
{
    for (unsigned i = 0; i < request->iov_count && bytes; i++) {
        uint64_t len = request->iov[i].iov_len, over = MIN(from, len);
        uint8_t *part = (uint8_t *)request->iov[i].iov_base + over;

        from -= over;
        len = MIN(len - over, bytes);
        memcpy(is_gather ? buffer : part, is_gather ? part : buffer, len);
        buffer += len;
        bytes -= len;
    }
}

static bool is_aligned(const BlockRequest *request)
{
    uint64_t bits = request->offset | request->bytes;

    for (unsigned i = 0; i < request->iov_count; i++) {
        bits |= (uintptr_t)request->iov[i].iov_base | request->iov[i].iov_len;
    }
    return bits % DIRECT_ALIGN == 0;
}

static void lock_blocks(BlockNode *node, bool alone)
{
    if (alone) {
        g_rw_lock_writer_lock(&node->blocks);
    } else {
        g_rw_lock_reader_lock(&node->blocks);
    }
}

static void unlock_blocks(BlockNode *node, bool alone)
{
    if (alone) {
        g_rw_lock_writer_unlock(&node->blocks);
    } else {
        g_rw_lock_reader_unlock(&node->blocks);
    }
}

/*
 * [@from, @from + @bytes) of the request through aligned @buffer.  A write that does not
 * fill its blocks reads them first, and nobody writes in between.
 */
static int bounce_piece(BlockNode *node, const BlockRequest *request, uint64_t from,
                        uint64_t bytes, uint8_t *buffer)
{
    int fd = block_node_fd(node), error = 0;
    uint64_t offset = request->offset + from;
    uint64_t start = offset & ~(uint64_t)(DIRECT_ALIGN - 1);
    uint64_t whole = align_up(offset + bytes, DIRECT_ALIGN) - start;
    bool is_write = request->op == BLOCK_WRITE;
    bool is_part = is_write && (start != offset || whole != bytes);

    lock_blocks(node, is_part);
    if (!is_write || is_part) {
        error = transfer(fd, false, buffer, whole, start);
    }
    if (!error && is_write) {
        copy_iov(request, from, buffer + (offset - start), bytes, true);
        error = transfer(fd, true, buffer, whole, start);
    }
    unlock_blocks(node, is_part);
    if (!error && !is_write) {
        copy_iov(request, from, buffer + (offset - start), bytes, false);
    }
    return error;
}

/* Piece by piece, for direct access: a guest can ask for more than the host has memory.
 */
static int bounce(BlockNode *node, const BlockRequest *request)
{
    uint8_t *buffer = aligned_alloc(DIRECT_ALIGN, PIECE_BYTES + 2 * DIRECT_ALIGN);
    int error = buffer ? 0 : ENOMEM;

    for (uint64_t at = 0; at < request->bytes && !error; at += PIECE_BYTES) {
        error = bounce_piece(node, request, at, MIN(PIECE_BYTES, request->bytes - at),
                             buffer);
    }
    free(buffer);
    return error;
}

/* As many parts at once as the kernel takes; what it leaves over goes part by part. */
static int transfer_iov(BlockNode *node, const BlockRequest *request)
{
    int fd = block_node_fd(node), error = 0;
    bool is_write = request->op == BLOCK_WRITE;
    int count = (int)MIN(request->iov_count, (unsigned)IOV_MAX);
    uint64_t offset = request->offset, done = 0;
    ssize_t got = is_write ? pwritev(fd, request->iov, count, (off_t)offset)
                           : preadv(fd, request->iov, count, (off_t)offset);

    if (got < 0 && errno != EINTR) {
        return errno;
    }
    done = got < 0 ? 0 : (uint64_t)got;
    for (unsigned i = 0; i < request->iov_count && !error; i++) {
        uint64_t bytes = request->iov[i].iov_len, skip = MIN(done, bytes);

        done -= skip;
        if (skip < bytes) {
            error = transfer(fd, is_write, (uint8_t *)request->iov[i].iov_base + skip,
                             bytes - skip, offset + skip);
        }
        offset += bytes;
    }
    return error;
}

static int transfer_direct(BlockNode *node, const BlockRequest *request)
{
    int error;

    if (!is_aligned(request)) {
        return bounce(node, request);
    }
    lock_blocks(node, false);
    error = transfer_iov(node, request);
    unlock_blocks(node, false);
    return error;
}

static int move_data(BlockNode *node, const BlockRequest *request)
{
    return block_node_is_direct(node) ? transfer_direct(node, request)
                                      : transfer_iov(node, request);
}

static int flush(BlockNode *node)
{
    return fdatasync(block_node_fd(node)) < 0 ? errno : 0;
}

static bool is_unsupported(int error)
{
    return error == EOPNOTSUPP || error == ENOSYS || error == ENODEV || error == EINVAL ||
           error == ENOTTY || error == EPERM;
}

static int discard(BlockNode *node, const BlockRequest *request)
{
    uint64_t range[2] = {request->offset, request->bytes};
    int fd = block_node_fd(node), ret;

    if (!node->config->is_unmap) {
        return 0; /* a hint, and not taken */
    }
    ret = block_node_is_device(node)
              ? ioctl(fd, BLKDISCARD, range)
              : fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                          (off_t)request->offset, (off_t)request->bytes);
    return ret < 0 && !is_unsupported(errno) ? errno : 0;
}

static int write_zero_chunks(BlockNode *node, const BlockRequest *request)
{
    uint64_t chunk = MIN(PIECE_BYTES, align_up(request->bytes, DIRECT_ALIGN));
    uint8_t *zeros = aligned_alloc(DIRECT_ALIGN, chunk);
    int error = zeros ? 0 : ENOMEM;

    if (zeros) {
        memset(zeros, 0, chunk);
    }
    for (uint64_t at = 0; at < request->bytes && !error; at += chunk) {
        struct iovec iov = {zeros, MIN(chunk, request->bytes - at)};
        const BlockRequest part = {.op = BLOCK_WRITE,
                                   .offset = request->offset + at,
                                   .bytes = iov.iov_len,
                                   .iov = &iov,
                                   .iov_count = 1};

        error = move_data(node, &part);
    }
    free(zeros);
    return error;
}

static int write_zeroes(BlockNode *node, const BlockRequest *request)
{
    uint64_t range[2] = {request->offset, request->bytes};
    int fd = block_node_fd(node), ret;
    int mode = request->may_unmap && node->config->is_unmap
                   ? FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE
                   : FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE;

    ret = block_node_is_device(node)
              ? ioctl(fd, BLKZEROOUT, range)
              : fallocate(fd, mode, (off_t)request->offset, (off_t)request->bytes);
    if (ret == 0) {
        return 0;
    }
    return is_unsupported(errno) ? write_zero_chunks(node, request) : errno;
}

static bool is_all_zero(const BlockRequest *request)
{
    for (unsigned i = 0; i < request->iov_count; i++) {
        const uint8_t *data = request->iov[i].iov_base;
        size_t len = request->iov[i].iov_len;

        if (len && (data[0] || memcmp(data, data + 1, len - 1) != 0)) {
            return false;
        }
    }
    return true;
}

static int write_data(BlockNode *node, const BlockRequest *request)
{
    return node->config->detects_zeroes && is_all_zero(request)
               ? write_zeroes(node, request)
               : move_data(node, request);
}

int block_perform(BlockNode *node, const BlockRequest *request)
{
    int error = 0;

    switch (request->op) {
    case BLOCK_READ:
        return move_data(node, request);
    case BLOCK_FLUSH:
        return node->config->is_no_flush ? 0 : flush(node);
    case BLOCK_DISCARD:
        error = discard(node, request);
        break;
    case BLOCK_WRITE_ZEROES:
        error = write_zeroes(node, request);
        break;
    case BLOCK_WRITE:
        error = write_data(node, request);
        break;
    case BLOCK_OP_COUNT:
        return EINVAL;
    }
    return error || !node->config->is_writethrough ? error : flush(node);
}
