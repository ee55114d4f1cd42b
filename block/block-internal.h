/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of a BlockNode, for the files of this folder. */
#ifndef BLOCK_BLOCK_INTERNAL_H
#define BLOCK_BLOCK_INTERNAL_H

#include "block/block.h"

struct BlockNode {
    const BlockConfig *config; /* borrowed */
    BlockNode *file;           /* borrowed; NULL: this one has the descriptor */
    int fd;
    uint64_t file_bytes;
    bool is_block_device, is_active;
    char *device; /* who uses it */
    void (*resized)(void *opaque);
    void *resized_opaque;
    BlockCounts stats;
    unsigned in_flight;
    /* Of direct access: a write of part of a block, which reads it first, is alone. */
    GRWLock blocks;

    /* Requests that came back from the pool and wait for their callback. */
    GMutex lock;
    GCond came_back;
    GQueue finished; /* BlockRequest */
    int event_fd;
    guint source;
};

/* block_node_fd - of the node below that has the descriptor. */
int block_node_fd(const BlockNode *node);

/* block_engine_attach, block_engine_detach - callbacks of @node come in the main loop
 * from here, and do not any more. */
bool block_engine_attach(BlockNode *node, GError **errp);
void block_engine_detach(BlockNode *node);

/* block_node_is_direct - the same, of cache.direct. */
bool block_node_is_direct(const BlockNode *node);

/* block_perform - do what @request asks, in this thread; 0 or an errno. */
int block_perform(BlockNode *node, const BlockRequest *request);

#endif
