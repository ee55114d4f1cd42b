/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Split rings: a table of descriptors, a ring of chains the driver makes available, a
 * ring of those the device has used. Source: VIRTIO 1.2, section 2.7.
 */
#include "virtqueue-ring.h"

enum {
    AREA_DESC,
    AREA_DRIVER,
    AREA_DEVICE
};

/* Both rings begin with flags and index, 16 bits each. */
#define RING_FLAGS   0
#define RING_INDEX   2
#define RING_ENTRIES 4

static uint64_t desc_bytes(uint16_t size)
{
    return size * sizeof(struct vring_desc);
}

static uint64_t avail_bytes(uint16_t size)
{
    return RING_ENTRIES + size * sizeof(uint16_t) + sizeof(uint16_t);
}

static uint64_t used_bytes(uint16_t size)
{
    return RING_ENTRIES + size * sizeof(struct vring_used_elem) + sizeof(uint16_t);
}

static bool split_is_empty(VirtQueue *queue)
{
    uint16_t index = virtq_load16(queue->driver + RING_INDEX);

    if ((uint16_t)(index - queue->avail) > queue->size) {
        virtq_break(queue, "the driver's index runs away");
        return true;
    }
    return index == queue->avail;
}

/* Walks a list in @table of @count descriptors, at most @limit long. */
static bool walk_list(VirtQueue *queue, VirtqChain *chain, const uint8_t *table,
                      unsigned count, unsigned index, unsigned limit, bool is_indirect)
{
    for (unsigned done = 0; done < limit; done++) {
        VirtqDesc desc;

        if (index >= count) {
            return virtq_break(queue, "a descriptor lies behind its table");
        }
        desc = virtq_read_desc(table, index, false);
        if (desc.flags & VRING_DESC_F_INDIRECT) {
            unsigned entries;
            const uint8_t *inner = NULL;

            if (is_indirect) {
                return virtq_break(queue, "a table points at a table");
            }
            inner = virtq_table(queue, &desc, &entries);
            return inner && walk_list(queue, chain, inner, entries, 0, entries, true);
        }
        if (!virtq_chain_add(queue, chain, &desc)) {
            return false;
        }
        if (!(desc.flags & VRING_DESC_F_NEXT)) {
            return true;
        }
        index = desc.link;
    }
    return virtq_break(queue, "a chain of descriptors has no end");
}

static bool split_walk(VirtQueue *queue, VirtqChain *chain)
{
    unsigned place = queue->avail % queue->size;

    chain->id = virtq_load16(queue->driver + RING_ENTRIES + place * sizeof(uint16_t));
    chain->slots = 1;
    return walk_list(queue, chain, queue->desc, queue->size, chain->id, queue->size,
                     false);
}

static void split_pass(VirtQueue *queue, uint16_t slots)
{
    queue->avail = (uint16_t)(queue->avail + slots);
}

static void split_unpass(VirtQueue *queue, uint16_t slots)
{
    queue->avail = (uint16_t)(queue->avail - slots);
}

static void split_fill(VirtQueue *queue, const VirtqElement *element, uint32_t bytes)
{
    unsigned place = (queue->used + queue->filled) % queue->size;
    uint64_t at = RING_ENTRIES + place * sizeof(struct vring_used_elem);

    virtq_store32(queue, AREA_DEVICE, at, element->id);
    virtq_store32(queue, AREA_DEVICE, at + sizeof(uint32_t), bytes);
}

static void split_flush(VirtQueue *queue)
{
    queue->used = (uint16_t)(queue->used + queue->filled);
    virtq_store16(queue, AREA_DEVICE, RING_INDEX, queue->used);
}

static bool split_wants_interrupt(VirtQueue *queue)
{
    if (!virtq_has(queue, VIRTIO_RING_F_EVENT_IDX)) {
        return !(virtq_load16(queue->driver + RING_FLAGS) & VRING_AVAIL_F_NO_INTERRUPT);
    }
    return !queue->has_signalled ||
           vring_need_event(virtq_load16(queue->driver + RING_ENTRIES +
                                         queue->size * sizeof(uint16_t)),
                            queue->used, queue->signalled);
}

static void split_tell_kicks(VirtQueue *queue)
{
    if (!virtq_has(queue, VIRTIO_RING_F_EVENT_IDX)) {
        virtq_store16(queue, AREA_DEVICE, RING_FLAGS,
                      queue->has_kicks ? 0 : VRING_USED_F_NO_NOTIFY);
        return;
    }
    /* Not to be told is to be told at a buffer that was. */
    virtq_store16(queue, AREA_DEVICE,
                  RING_ENTRIES + queue->size * sizeof(struct vring_used_elem),
                  (uint16_t)(queue->avail - !queue->has_kicks));
}

const VirtqRing virtq_split = {
    .area_bytes = {desc_bytes, avail_bytes, used_bytes},
    .area_align = {16, 2, 4},
    .needs_power_of_two = true,
    .is_empty = split_is_empty,
    .walk = split_walk,
    .pass = split_pass,
    .unpass = split_unpass,
    .fill = split_fill,
    .flush = split_flush,
    .wants_interrupt = split_wants_interrupt,
    .tell_kicks = split_tell_kicks,
};
