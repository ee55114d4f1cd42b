/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Open images: files and block devices, their locks and sizes. */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "block-internal.h"
#include "image-lock.h"
#include "util/bits.h"
#include "util/error.h"

const BlockConfig *block_node_config(const BlockNode *node)
{
    return node->config;
}

/* The node that has the descriptor. */
static BlockNode *protocol(const BlockNode *node)
{
    BlockNode *file = node->file;

    while (file && file->file) {
        file = file->file;
    }
    return file ? file : (BlockNode *)node;
}

int block_node_fd(const BlockNode *node)
{
    return protocol(node)->fd;
}

uint64_t block_node_bytes(const BlockNode *node)
{
    return align_up(protocol(node)->file_bytes, BLOCK_SECTOR_BYTES);
}

bool block_node_is_direct(const BlockNode *node)
{
    return protocol(node)->config->is_direct;
}

bool block_node_is_device(const BlockNode *node)
{
    return protocol(node)->is_block_device;
}

const char *block_node_path(const BlockNode *node)
{
    return protocol(node)->config->filename;
}

uint64_t block_node_allocated(const BlockNode *node)
{
    struct stat info;

    /* In units of 512 bytes, whatever the file system's blocks are. */
    return fstat(block_node_fd(node), &info) == 0 ? (uint64_t)info.st_blocks * 512 : 0;
}

const BlockCounts *block_node_counts(const BlockNode *node)
{
    return &node->stats;
}

const char *block_node_device(const BlockNode *node)
{
    return node->device;
}

bool block_node_attach(BlockNode *node, const char *device, GError **errp)
{
    if (node->device) {
        error_set(errp, "%s is used by %s already", node->config->id, node->device);
        return false;
    }
    node->device = g_strdup(device);
    return true;
}

void block_node_detach(BlockNode *node)
{
    g_clear_pointer(&node->device, g_free);
    node->resized = NULL;
}

void block_node_set_resized(BlockNode *node, void (*resized)(void *opaque), void *opaque)
{
    node->resized = resized;
    node->resized_opaque = opaque;
}

/* ---- opening ---- */

/* Formats that were meant where none was named: what their first bytes are. */
static bool check_is_raw(const BlockConfig *config, int fd, GError **errp)
{
    static const struct {
        const char *format, *magic;
        unsigned bytes;
    } formats[] = {
        {"qcow2", "QFI\xfb", 4}, {"qed", "QED\0", 4},    {"vmdk", "KDMV", 4},
        {"vhdx", "vhdxfile", 8}, {"vpc", "conectix", 8}, {"luks", "LUKS\xba\xbe", 6},
    };
    char head[8] = "";
    ssize_t got = pread(fd, head, sizeof(head), 0);

    for (unsigned i = 0; config->is_probed && got > 0 && i < ARRAY_LEN(formats); i++) {
        if ((unsigned)got >= formats[i].bytes &&
            memcmp(head, formats[i].magic, formats[i].bytes) == 0) {
            error_set(errp,
                      "%s: the image looks like %s, and raw images can be used here: "
                      "qemu-img convert -O raw, or format=raw if it is one",
                      config->filename, formats[i].format);
            return false;
        }
    }
    return true;
}

static bool read_size(BlockNode *node, GError **errp)
{
    struct stat info;
    uint64_t bytes = 0;

    if (fstat(node->fd, &info) < 0) {
        error_set(errp, "%s: %s", node->config->filename, strerror(errno));
        return false;
    }
    node->is_block_device = S_ISBLK(info.st_mode);
    if (node->is_block_device) {
        if (ioctl(node->fd, BLKGETSIZE64, &bytes) < 0) {
            error_set(errp, "%s: cannot read the size: %s", node->config->filename,
                      strerror(errno));
            return false;
        }
    } else if (S_ISREG(info.st_mode)) {
        bytes = (uint64_t)info.st_size;
    } else {
        error_set(errp, "%s: neither a file nor a block device", node->config->filename);
        return false;
    }
    node->file_bytes = bytes;
    return true;
}

static bool open_file(BlockNode *node, GError **errp)
{
    const BlockConfig *config = node->config;
    int flags = (config->is_read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC |
                (config->is_direct ? O_DIRECT : 0);

    node->fd = open(config->filename, flags);
    if (node->fd < 0) {
        error_set(errp, "%s: %s%s", config->filename, strerror(errno),
                  errno == EINVAL && config->is_direct
                      ? "; its file system may not have direct access (cache=none)"
                      : "");
        return false;
    }
    return read_size(node, errp) &&
           (config->is_direct || check_is_raw(config, node->fd, errp));
}

static bool lock(BlockNode *node, GError **errp)
{
    if (node->file || node->config->is_lock_off) {
        return true;
    }
    if (!image_lock_set(node->fd, node->config->is_read_only ? IMAGE_READ : IMAGE_WRITE,
                        errp)) {
        g_prefix_error(errp, "%s: ", node->config->filename);
        return false;
    }
    return true;
}

BlockNode *block_node_open(const BlockConfig *config, BlockNode *file, bool is_active,
                           GError **errp)
{
    BlockNode *node = g_new0(BlockNode, 1);

    node->config = config;
    node->file = file;
    node->fd = node->event_fd = -1;
    g_rw_lock_init(&node->blocks);
    g_mutex_init(&node->lock);
    g_cond_init(&node->came_back);
    if ((!file && !open_file(node, errp)) || (is_active && !lock(node, errp)) ||
        !block_engine_attach(node, errp)) {
        g_prefix_error(errp, "%s: ", config->text);
        block_node_close(node);
        return NULL;
    }
    node->is_active = is_active;
    return node;
}

void block_node_close(BlockNode *node)
{
    if (!node) {
        return;
    }
    block_engine_detach(node);
    if (node->fd >= 0) {
        close(node->fd); /* the locks go with it */
    }
    g_mutex_clear(&node->lock);
    g_cond_clear(&node->came_back);
    g_rw_lock_clear(&node->blocks);
    g_free(node->device);
    g_free(node);
}

/* ---- who has the image ---- */

bool block_node_activate(BlockNode *node, GError **errp)
{
    if (node->is_active) {
        return true;
    }
    /* The one that had it may have made it larger. */
    if ((!node->file && !read_size(node, errp)) || !lock(node, errp)) {
        return false;
    }
    node->is_active = true;
    if (node->resized) {
        node->resized(node->resized_opaque);
    }
    return true;
}

bool block_node_inactivate(BlockNode *node, GError **errp)
{
    block_drain(node);
    if (!node->is_active || node->file) {
        node->is_active = false;
        return true;
    }
    if (!node->config->is_read_only && fdatasync(node->fd) < 0) {
        error_set(errp, "%s: what was written cannot be brought to the medium: %s",
                  node->config->filename, strerror(errno));
        return false;
    }
    node->is_active = false;
    return node->config->is_lock_off || image_lock_set(node->fd, IMAGE_UNUSED, errp);
}

bool block_node_resize(BlockNode *node, uint64_t bytes, GError **errp)
{
    BlockNode *file = protocol(node);

    if (bytes == 0 || bytes % BLOCK_SECTOR_BYTES || bytes > INT64_MAX) {
        error_set(errp, "%" PRIu64 " bytes are not a whole number of sectors of %d",
                  bytes, BLOCK_SECTOR_BYTES);
        return false;
    }
    if (file->config->is_read_only || file->is_block_device || !file->is_active) {
        error_set(errp, "%s: the size of %s cannot be changed", file->config->filename,
                  file->is_block_device ? "a block device"
                                        : "an image that is read-only");
        return false;
    }
    block_drain(node);
    if (ftruncate(file->fd, (off_t)bytes) < 0) {
        error_set(errp, "%s: %s", file->config->filename, strerror(errno));
        return false;
    }
    file->file_bytes = bytes;
    if (node->resized) {
        node->resized(node->resized_opaque);
    }
    return true;
}
