/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the two forms of a ring have to do for a VirtQueue, and what they share.
 */
#ifndef HW_VIRTQUEUE_RING_H
#define HW_VIRTQUEUE_RING_H

#include "hw/virtqueue.h"

/* A buffer while its descriptors are being walked. */
typedef struct VirtqChain {
    uint16_t id, slots;
    unsigned out_count, in_count;
    uint64_t out_bytes, in_bytes;
    struct iovec parts[VIRTQUEUE_MAX_PARTS];
    uint64_t gpa[VIRTQUEUE_MAX_PARTS];
} VirtqChain;

/* A descriptor in the host's byte order; @link is the next one, or the buffer's id. */
typedef struct VirtqDesc {
    uint64_t gpa;
    uint32_t bytes;
    uint16_t flags, link;
} VirtqDesc;

/* A form of a ring.  None is called for a queue that is off or broken. */
struct VirtqRing {
    /* Bytes and alignment of the three areas: descriptors, driver, device. */
    uint64_t (*area_bytes[3])(uint16_t size);
    uint16_t area_align[3];
    bool needs_power_of_two;
    bool (*is_empty)(VirtQueue *queue);
    /* Walks the next buffer, which is there; does not yet pass it. */
    bool (*walk)(VirtQueue *queue, VirtqChain *chain);
    /* Passes @slots places, or goes back over them. */
    void (*pass)(VirtQueue *queue, uint16_t slots);
    void (*unpass)(VirtQueue *queue, uint16_t slots);
    void (*fill)(VirtQueue *queue, const VirtqElement *element, uint32_t bytes);
    void (*flush)(VirtQueue *queue);
    bool (*wants_interrupt)(VirtQueue *queue);
    /* Tells the driver of queue->has_kicks, and from which buffer on. */
    void (*tell_kicks)(VirtQueue *queue);
};

extern const VirtqRing virtq_split;
extern const VirtqRing virtq_packed;

/* virtq_break - the queue is broken; returns false. */
bool virtq_break(VirtQueue *queue, const char *why);

/* virtq_has - feature bit @bit was negotiated. */
static inline bool virtq_has(const VirtQueue *queue, unsigned bit)
{
    return queue->features >> bit & 1;
}

/* virtq_read_table - entry @index of @table, fetched once: the guest may write to it. */
VirtqDesc virtq_read_desc(const uint8_t *table, unsigned index, bool is_packed);

/* virtq_chain_add - one more part; false where it breaks the queue. */
bool virtq_chain_add(VirtQueue *queue, VirtqChain *chain, const VirtqDesc *desc);

/*
 * virtq_table - the table an indirect descriptor points at; NULL where that breaks the
 * queue.
 */
const uint8_t *virtq_table(VirtQueue *queue, const VirtqDesc *desc, unsigned *ret_count);

/* virtq_load16 - a field the driver writes at any time. */
static inline uint16_t virtq_load16(const uint8_t *at)
{
    return GUINT16_FROM_LE(
        __atomic_load_n((const uint16_t *)(const void *)at, __ATOMIC_ACQUIRE));
}

/* virtq_store16 - into the descriptors (0), the driver's (1) or the device's area (2);
 * whoever sees it sees all stores before it. */
void virtq_store16(VirtQueue *queue, unsigned area, uint64_t offset, uint16_t value);

/* virtq_store32 - the same, in no order. */
void virtq_store32(VirtQueue *queue, unsigned area, uint64_t offset, uint32_t value);

#endif
