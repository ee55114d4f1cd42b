/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VirtQueue: the rings a driver and a virtio device pass buffers through, split or
 * packed.
 *
 * The device's side.  Everything in a ring is a guest's word: addresses, lengths, indices
 * and chains are checked before they are used, and what cannot be breaks the queue, which
 * then gives nothing any more (virtio.h makes that DEVICE_NEEDS_RESET).  A queue is used
 * by one thread at a time, the driver runs beside it.
 *
 * Source: Virtual I/O Device (VIRTIO) 1.2, sections 2.7 (split) and 2.8 (packed).
 */
#ifndef HW_VIRTQUEUE_H
#define HW_VIRTQUEUE_H

#include <glib.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "accel/guest-memory.h"
#include "util/state-table.h"

/* Parts a buffer may have.  A chain in the ring has at most as many as the queue is long;
 * a table beside it may be longer, because drivers have been seen to make it so. */
#define VIRTQUEUE_MAX_PARTS 1024

/* What a driver may ask for (2.7, 2.8). */
#define VIRTQUEUE_MAX_SIZE 32768

/* Of VirtQueue.vector: there is none. */
#define VIRTQUEUE_NO_VECTOR 0xffff

typedef struct VirtQueue VirtQueue;
typedef struct VirtqRing VirtqRing;

/*
 * A buffer of the driver: parts that the device reads, then parts that it writes.  First
 * member of what virtqueue_pop() makes; freed with g_free().
 */
typedef struct VirtqElement {
    uint16_t id;    /* the driver's */
    uint16_t slots; /* places it has in the ring */
    unsigned out_count, in_count;
    struct iovec *out, *in; /* host addresses, to read from and to write to */
    uint64_t *in_gpa;       /* where each of in lies for the guest */
    uint64_t out_bytes, in_bytes;
} VirtqElement;

struct VirtQueue {
    /* Fixed. */
    GuestMemory *memory; /* borrowed */
    unsigned index;
    uint16_t max_size;
    void (*broken)(void *opaque, VirtQueue *queue, const char *why);
    void *opaque;
    /* What the driver says while the queue is off. */
    uint16_t size;
    uint64_t desc_gpa, driver_gpa, device_gpa;
    uint16_t vector; /* message of its interrupt, for transports that have those */
    /* Where the device is. */
    bool is_enabled;
    uint16_t avail, used; /* split: indices that count on; packed: places in the ring */
    bool avail_wrap, used_wrap;
    /* Not saved. */
    const VirtqRing *ring;
    uint64_t features; /* as negotiated */
    uint8_t *desc, *driver, *device;
    bool is_broken, has_kicks, is_kick_unseen, has_signalled, has_news;
    uint16_t signalled;   /* used, when the driver was last asked about interrupts */
    unsigned filled;      /* places written and not yet shown */
    uint16_t first_flags; /* packed: of the first of those */
    unsigned in_flight;   /* places popped and not yet filled */
};

/* virtqueue_init - a queue that is off; @max_size: what the device offers at most. */
void virtqueue_init(VirtQueue *queue, GuestMemory *memory, unsigned index,
                    uint16_t max_size,
                    void (*broken)(void *opaque, VirtQueue *queue, const char *why),
                    void *opaque);

/* virtqueue_reset - off, and as virtqueue_init() left it.  What was popped is not to be
 * pushed any more. */
void virtqueue_reset(VirtQueue *queue);

/*
 * virtqueue_enable - on, with the size and the addresses that were set.
 * @features: negotiated; VIRTIO_F_RING_PACKED, VIRTIO_RING_F_EVENT_IDX and
 *            VIRTIO_RING_F_INDIRECT_DESC matter here
 *
 * Breaks the queue where a size or an address cannot be, and returns false then.
 */
bool virtqueue_enable(VirtQueue *queue, uint64_t features);

/* virtqueue_is_empty - there is nothing to pop now, or never will be. */
bool virtqueue_is_empty(VirtQueue *queue);

/*
 * virtqueue_pop - the next buffer of the driver, as first member of a zeroed block of
 * @bytes; NULL where there is none.  The driver kicks for the next one then, unless
 * virtqueue_set_kicks() said otherwise.
 */
void *virtqueue_pop(VirtQueue *queue, size_t bytes);

/* virtqueue_unpop - give back the element popped last, as if it had not been. */
void virtqueue_unpop(VirtQueue *queue, const VirtqElement *element);

/*
 * virtqueue_fill - the device is done with @element and wrote its first @bytes of in.
 * The driver sees it after virtqueue_flush(), all that was filled at once.
 */
void virtqueue_fill(VirtQueue *queue, const VirtqElement *element, uint64_t bytes);

/* virtqueue_flush - show what was filled. */
void virtqueue_flush(VirtQueue *queue);

/* virtqueue_push - both, for one. */
void virtqueue_push(VirtQueue *queue, const VirtqElement *element, uint64_t bytes);

/* virtqueue_wants_interrupt - the driver asks to be told of what was shown since this was
 * last called. */
bool virtqueue_wants_interrupt(VirtQueue *queue);

/*
 * virtqueue_set_kicks - whether the driver should kick when it adds a buffer.  A hint: it
 * may do so all the same.  Set again, look once more: a buffer may have come in between.
 */
void virtqueue_set_kicks(VirtQueue *queue, bool on);

/* How a VirtQueue is saved.  After loading, virtqueue_resume(). */
extern const StateTable virtqueue_state;

/*
 * virtqueue_resume - a queue that was loaded is as it was when it was saved.
 * @features: as virtqueue_enable()
 * False with an error where what was loaded cannot be.
 */
bool virtqueue_resume(VirtQueue *queue, uint64_t features, GError **errp);

/* virtq_element_read - up to @bytes of out from @offset; returns how many. */
size_t virtq_element_read(const VirtqElement *element, uint64_t offset, void *ret,
                          size_t bytes);

/* virtq_element_write - up to @bytes into in from @offset; returns how many. */
size_t virtq_element_write(const VirtqElement *element, uint64_t offset, const void *data,
                           size_t bytes);

#endif
