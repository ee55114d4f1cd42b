/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packed rings: one ring of descriptors that the driver makes available and the device
 * overwrites with those it has used; each side has a wrap counter, and says in a word of
 * its own when it wants to be told.
 * Source: VIRTIO 1.2, section 2.8.
 */
#include "util/bits.h"
#include "virtqueue-ring.h"

enum {
    AREA_DESC,
    AREA_DRIVER,
    AREA_DEVICE
};

#define DESC_BYTES  sizeof(struct vring_packed_desc)
#define DESC_LEN    8
#define DESC_ID     12
#define DESC_FLAGS  14
#define EVENT_PLACE 0 /* a place and, in bit 15, a wrap counter */
#define EVENT_FLAGS 2

#define FLAG_AVAIL (1u << VRING_PACKED_DESC_F_AVAIL)
#define FLAG_USED  (1u << VRING_PACKED_DESC_F_USED)

static uint64_t ring_bytes(uint16_t size)
{
    return size * DESC_BYTES;
}

static uint64_t event_bytes(uint16_t size)
{
    (void)size;
    return sizeof(struct vring_packed_desc_event);
}

static bool packed_is_empty(VirtQueue *queue)
{
    uint16_t flags = virtq_load16(queue->desc + queue->avail * DESC_BYTES + DESC_FLAGS);
    bool avail = flags & FLAG_AVAIL, used = flags & FLAG_USED;

    return avail != queue->avail_wrap || used == queue->avail_wrap;
}

static bool walk_table(VirtQueue *queue, VirtqChain *chain, const VirtqDesc *indirect)
{
    unsigned count = 0;
    const uint8_t *table = virtq_table(queue, indirect, &count);

    for (unsigned i = 0; table && i < count; i++) {
        VirtqDesc desc = virtq_read_desc(table, i, true);

        if (desc.flags & VRING_DESC_F_INDIRECT) {
            return virtq_break(queue, "a table points at a table");
        }
        if (!virtq_chain_add(queue, chain, &desc)) {
            return false;
        }
    }
    return table;
}

static bool packed_walk(VirtQueue *queue, VirtqChain *chain)
{
    unsigned place = queue->avail;

    for (unsigned done = 1; done <= queue->size; done++) {
        VirtqDesc desc = virtq_read_desc(queue->desc, place, true);
        bool ok = desc.flags & VRING_DESC_F_INDIRECT
                      ? walk_table(queue, chain, &desc)
                      : virtq_chain_add(queue, chain, &desc);

        if (!ok) {
            return false;
        }
        if (!(desc.flags & VRING_DESC_F_NEXT)) {
            chain->id = desc.link;
            chain->slots = (uint16_t)done;
            return true;
        }
        place = place + 1 == queue->size ? 0 : place + 1;
    }
    return virtq_break(queue, "a chain of descriptors has no end");
}

static void packed_pass(VirtQueue *queue, uint16_t slots)
{
    unsigned place = queue->avail + slots;

    if (place >= queue->size) {
        place -= queue->size;
        queue->avail_wrap = !queue->avail_wrap;
    }
    queue->avail = (uint16_t)place;
}

static void packed_unpass(VirtQueue *queue, uint16_t slots)
{
    unsigned place = queue->avail;

    if (place < slots) {
        place += queue->size;
        queue->avail_wrap = !queue->avail_wrap;
    }
    queue->avail = (uint16_t)(place - slots);
}

static void packed_fill(VirtQueue *queue, const VirtqElement *element, uint32_t bytes)
{
    unsigned place = queue->used + queue->filled;
    bool wrap = queue->used_wrap;
    uint16_t flags = element->in_count ? VRING_DESC_F_WRITE : 0;

    if (place >= queue->size) {
        place -= queue->size;
        wrap = !wrap;
    }
    flags |= wrap ? FLAG_AVAIL | FLAG_USED : 0;
    virtq_store32(queue, AREA_DESC, place * DESC_BYTES + DESC_LEN, bytes);
    virtq_store16(queue, AREA_DESC, place * DESC_BYTES + DESC_ID, element->id);
    if (queue->filled) {
        virtq_store16(queue, AREA_DESC, place * DESC_BYTES + DESC_FLAGS, flags);
    } else {
        queue->first_flags = flags; /* shown last, so that all are seen at once */
    }
}

static void packed_flush(VirtQueue *queue)
{
    unsigned place = queue->used + queue->filled;

    virtq_store16(queue, AREA_DESC, queue->used * DESC_BYTES + DESC_FLAGS,
                  queue->first_flags);
    if (place >= queue->size) {
        place -= queue->size;
        queue->used_wrap = !queue->used_wrap;
        queue->signalled = (uint16_t)(queue->signalled - queue->size);
    }
    queue->used = (uint16_t)place;
}

static bool packed_wants_interrupt(VirtQueue *queue)
{
    uint16_t flags = virtq_load16(queue->driver + EVENT_FLAGS) & 3;
    uint16_t event = virtq_load16(queue->driver + EVENT_PLACE);
    uint16_t place = event & bits_mask(0, VRING_PACKED_EVENT_F_WRAP_CTR);

    if (flags != VRING_PACKED_EVENT_FLAG_DESC ||
        !virtq_has(queue, VIRTIO_RING_F_EVENT_IDX)) {
        return flags != VRING_PACKED_EVENT_FLAG_DISABLE;
    }
    if ((event >> VRING_PACKED_EVENT_F_WRAP_CTR) != queue->used_wrap) {
        place = (uint16_t)(place - queue->size);
    }
    return !queue->has_signalled ||
           vring_need_event(place, queue->used, queue->signalled);
}

static void packed_tell_kicks(VirtQueue *queue)
{
    uint16_t flags = VRING_PACKED_EVENT_FLAG_DISABLE;

    if (queue->has_kicks && virtq_has(queue, VIRTIO_RING_F_EVENT_IDX)) {
        virtq_store16(queue, AREA_DEVICE, EVENT_PLACE,
                      (uint16_t)(queue->avail | queue->avail_wrap
                                                    << VRING_PACKED_EVENT_F_WRAP_CTR));
        flags = VRING_PACKED_EVENT_FLAG_DESC;
    } else if (queue->has_kicks) {
        flags = VRING_PACKED_EVENT_FLAG_ENABLE;
    }
    virtq_store16(queue, AREA_DEVICE, EVENT_FLAGS, flags);
}

const VirtqRing virtq_packed = {
    .area_bytes = {ring_bytes, event_bytes, event_bytes},
    .area_align = {16, 4, 4},
    .is_empty = packed_is_empty,
    .walk = packed_walk,
    .pass = packed_pass,
    .unpass = packed_unpass,
    .fill = packed_fill,
    .flush = packed_flush,
    .wants_interrupt = packed_wants_interrupt,
    .tell_kicks = packed_tell_kicks,
};
