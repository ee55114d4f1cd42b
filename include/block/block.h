/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disk images: what was asked (BlockConfig), an image that is open (BlockNode), and what
 * is asked of it (BlockRequest).
 *
 * Raw images in files and block devices.  A node is used under the VM lock; requests run
 * in threads of the pool, their callbacks come back in the main loop, under that lock.
 * One writer: an image is locked as QEMU locks it, so that its tools and its guests and
 * ours keep off one another's images.
 */
#ifndef BLOCK_BLOCK_H
#define BLOCK_BLOCK_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#define BLOCK_SECTOR_BYTES 512

typedef struct BlockNode BlockNode;
typedef struct BlockRequest BlockRequest;
typedef struct KeyvalList KeyvalList;
typedef struct json_object json_object;

/* What a full disk or a failing one does to the guest. */
typedef enum BlockErrorAction {
    BLOCK_ERROR_REPORT, /* it is told */
    BLOCK_ERROR_IGNORE, /* it is told that all went well */
    BLOCK_ERROR_ENOSPC, /* known from QEMU, refused here: stop where the disk is full */
    BLOCK_ERROR_STOP,   /* likewise */
    BLOCK_ERROR_ACTION_COUNT,
} BlockErrorAction;

typedef enum BlockInterface {
    BLOCK_INTERFACE_NONE,   /* some -device names it */
    BLOCK_INTERFACE_VIRTIO, /* a virtio-blk of its own */
} BlockInterface;

typedef struct BlockConfig {
    char *text;      /* "-drive file=x", for messages */
    char *id;        /* what -device drive= names: a drive's id, or a node's name */
    char *node_name; /* NULL for drives without one */
    char *filename;  /* NULL: the node is over another one, @file */
    char *file;      /* node name */
    char *serial;
    int interface; /* BlockInterface */
    bool is_drive; /* of -drive: owned by its device; not a node of -blockdev */
    bool is_read_only, is_direct, is_no_flush, is_writethrough, is_unmap;
    bool is_probed;   /* no format was named */
    bool is_lock_off; /* locking=off */
    bool detects_zeroes;
    int read_error, write_error; /* BlockErrorAction */
} BlockConfig;

/* block_config_parse_drive - -drive @text; @index makes the id of one that has none. */
BlockConfig *block_config_parse_drive(const char *text, unsigned index, GError **errp);

/* block_config_parse_node - -blockdev @text, settings or JSON.  An inline file= makes a
 * second one in @ret_file, NULL where there is none. */
BlockConfig *block_config_parse_node(const char *text, BlockConfig **ret_file,
                                     GError **errp);

/* block_config_free - NULL is nothing. */
void block_config_free(BlockConfig *config);

/*
 * block_node_open - open the image.
 * @file: the node it is over, borrowed; NULL where it has a filename
 * @is_active: take the image's locks now; otherwise when it is activated
 *
 * Errors name the option, the file, and who may have it.
 */
BlockNode *block_node_open(const BlockConfig *config, BlockNode *file, bool is_active,
                           GError **errp);

/* block_node_close - after every request has come back; NULL is nothing. */
void block_node_close(BlockNode *node);

/*
 * block_node_activate - take the image: another program has let it go.
 * block_node_inactivate - let it go, everything written: another program takes it.
 * Requests in between fail with EROFS for writes, and see what is there for reads.
 */
bool block_node_activate(BlockNode *node, GError **errp);
bool block_node_inactivate(BlockNode *node, GError **errp);

/* block_node_config - what it was opened from. */
const BlockConfig *block_node_config(const BlockNode *node);

/* block_node_bytes - size, rounded up to whole sectors; what is behind the file's end
 * reads as zeros. */
uint64_t block_node_bytes(const BlockNode *node);

/* Of the node below that opened something: it is a block device, the host's page cache
 * is passed over, where it lies, how many bytes of the host's file system it takes. */
bool block_node_is_device(const BlockNode *node);
bool block_node_is_direct(const BlockNode *node);
const char *block_node_path(const BlockNode *node);
uint64_t block_node_allocated(const BlockNode *node);

/* block_node_resize - block_resize: another size of the file, in whole sectors. */
bool block_node_resize(BlockNode *node, uint64_t bytes, GError **errp);

/* block_node_set_resized - have @resized called when the size has changed. */
void block_node_set_resized(BlockNode *node, void (*resized)(void *opaque), void *opaque);

/* block_node_attach, block_node_detach - one device uses it; false where one does. */
bool block_node_attach(BlockNode *node, const char *device, GError **errp);
void block_node_detach(BlockNode *node);

/* block_node_device - who attached it; NULL: nobody. */
const char *block_node_device(const BlockNode *node);

typedef enum BlockOp {
    BLOCK_READ,
    BLOCK_WRITE,
    BLOCK_FLUSH,        /* all that was written before is on the medium */
    BLOCK_DISCARD,      /* the content does not matter any more */
    BLOCK_WRITE_ZEROES, /* reads as zeros from here on */
    BLOCK_OP_COUNT,
} BlockOp;

struct BlockRequest {
    BlockOp op;
    bool may_unmap; /* of zeroes: the space may be given back */
    uint64_t offset, bytes;
    const struct iovec *iov; /* of reads and writes: @bytes in all */
    unsigned iov_count;
    int error;          /* afterwards: 0 or an errno */
    gint64 nanoseconds; /* afterwards: how long it took */
    void (*done)(BlockRequest *request);
    void *opaque;
    BlockNode *node; /* the rest is the node's */
};

/*
 * block_submit - start @request, which lives until done was called.  A request outside
 * the image comes back with EINVAL.
 */
void block_submit(BlockNode *node, BlockRequest *request);

/* block_drain - wait until every request of @node has come back; their callbacks are
 * called from here. */
void block_drain(BlockNode *node);

/* What was done so far: query-blockstats. */
typedef struct BlockCounts {
    uint64_t operations[BLOCK_OP_COUNT], bytes[BLOCK_OP_COUNT], failed[BLOCK_OP_COUNT];
    uint64_t nanoseconds[BLOCK_OP_COUNT];
} BlockCounts;

/* block_node_counts - owned by @node. */
const BlockCounts *block_node_counts(const BlockNode *node);

/* Every image of a guest. */
typedef struct BlockSet BlockSet;

/*
 * block_set_open - open the images of @configs, BlockConfig, in their order.
 * @is_active: as block_node_open()
 */
BlockSet *block_set_open(const GPtrArray *configs, bool is_active, GError **errp);

/* block_set_close - NULL is nothing. */
void block_set_close(BlockSet *set);

/* block_set_find - the node called @name, or whose drive is; NULL: there is none. */
BlockNode *block_set_find(const BlockSet *set, const char *name);

/* block_set_node - number @index; NULL behind the last. */
BlockNode *block_set_node(const BlockSet *set, unsigned index);

/* block_set_activate, block_set_inactivate - all of them, or none: on failure those that
 * were taken are let go again. */
bool block_set_activate(BlockSet *set, GError **errp);
bool block_set_inactivate(BlockSet *set, GError **errp);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BlockSet, block_set_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BlockConfig, block_config_free)

#endif
