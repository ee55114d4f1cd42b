/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/virtqueue.h"

#include <string.h>

#include "util/bits.h"
#include "util/error.h"
#include "virtqueue-ring.h"

bool virtq_break(VirtQueue *queue, const char *why)
{
    if (!queue->is_broken) {
        queue->is_broken = true;
        queue->broken(queue->opaque, queue, why);
    }
    return false;
}

void virtqueue_init(VirtQueue *queue, GuestMemory *memory, unsigned index,
                    uint16_t max_size,
                    void (*broken)(void *opaque, VirtQueue *queue, const char *why),
                    void *opaque)
{
    *queue = (VirtQueue){
        .memory = memory,
        .index = index,
        .max_size = max_size,
        .broken = broken,
        .opaque = opaque,
        .size = max_size,
        .vector = VIRTQUEUE_NO_VECTOR,
        .avail_wrap = true,
        .used_wrap = true,
        .has_kicks = true,
    };
}

void virtqueue_reset(VirtQueue *queue)
{
    virtqueue_init(queue, queue->memory, queue->index, queue->max_size, queue->broken,
                   queue->opaque);
}

/* What is wrong with the size and the addresses, or NULL; finds the areas. */
static const char *map_areas(VirtQueue *queue)
{
    const uint64_t gpa[] = {queue->desc_gpa, queue->driver_gpa, queue->device_gpa};
    uint8_t **const areas[] = {&queue->desc, &queue->driver, &queue->device};
    const VirtqRing *ring = queue->ring;

    if (queue->size == 0 || queue->size > queue->max_size) {
        return "its size is not one the device has";
    }
    if (ring->needs_power_of_two && queue->size & (queue->size - 1)) {
        return "its size is not a power of two";
    }
    for (unsigned i = 0; i < ARRAY_LEN(gpa); i++) {
        if (gpa[i] & (ring->area_align[i] - 1u)) {
            return "a ring is not aligned";
        }
        *areas[i] =
            guest_memory_at(queue->memory, gpa[i], ring->area_bytes[i](queue->size));
        if (!*areas[i]) {
            return "a ring is not all RAM";
        }
    }
    return NULL;
}

static const char *turn_on(VirtQueue *queue, uint64_t features)
{
    const char *why;

    queue->features = features;
    queue->ring = virtq_has(queue, VIRTIO_F_RING_PACKED) ? &virtq_packed : &virtq_split;
    why = map_areas(queue);
    queue->is_enabled = !why;
    return why;
}

bool virtqueue_enable(VirtQueue *queue, uint64_t features)
{
    const char *why = turn_on(queue, features);

    return why ? virtq_break(queue, why) : true;
}

static bool is_usable(const VirtQueue *queue)
{
    return queue->is_enabled && !queue->is_broken;
}

bool virtqueue_is_empty(VirtQueue *queue)
{
    if (!is_usable(queue)) {
        return true;
    }
    if (!queue->ring->is_empty(queue)) {
        return false;
    }
    if (!queue->is_kick_unseen) {
        return true;
    }
    /* The driver adds a buffer and then looks whether to kick; we said that it should and
     * then look for a buffer.  With a barrier on both sides one of the two sees the
     * other. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    queue->is_kick_unseen = false;
    return !is_usable(queue) || queue->ring->is_empty(queue);
}

/* ---- buffers ---- */

VirtqDesc virtq_read_desc(const uint8_t *table, unsigned index, bool is_packed)
{
    struct vring_desc raw; /* a packed one has id and flags in the other order */
    uint16_t first, second;

    memcpy(&raw, table + (size_t)index * sizeof(raw), sizeof(raw));
    __atomic_signal_fence(__ATOMIC_SEQ_CST); /* not to be read a second time */
    first = GUINT16_FROM_LE(raw.flags);
    second = GUINT16_FROM_LE(raw.next);
    return (VirtqDesc){
        .gpa = GUINT64_FROM_LE(raw.addr),
        .bytes = GUINT32_FROM_LE(raw.len),
        .flags = is_packed ? second : first,
        .link = is_packed ? first : second,
    };
}

bool virtq_chain_add(VirtQueue *queue, VirtqChain *chain, const VirtqDesc *desc)
{
    unsigned at = chain->out_count + chain->in_count;
    void *hva;

    if (at == VIRTQUEUE_MAX_PARTS) {
        return virtq_break(queue, "a buffer has too many parts");
    }
    hva = desc->bytes ? guest_memory_at(queue->memory, desc->gpa, desc->bytes) : NULL;
    if (!hva) {
        return virtq_break(queue, desc->bytes ? "a part of a buffer is not all RAM"
                                              : "a part of a buffer is empty");
    }
    chain->parts[at] = (struct iovec){hva, desc->bytes};
    chain->gpa[at] = desc->gpa;
    if (desc->flags & VRING_DESC_F_WRITE) {
        chain->in_count++;
        chain->in_bytes += desc->bytes;
    } else if (chain->in_count) {
        return virtq_break(queue, "a part to read follows one to write");
    } else {
        chain->out_count++;
        chain->out_bytes += desc->bytes;
    }
    /* Source: 2.7.5, 2.8.9: no longer than 2^32 bytes in total. */
    return chain->in_bytes + chain->out_bytes <= UINT32_MAX ||
           virtq_break(queue, "a buffer is longer than 4 GiB");
}

const uint8_t *virtq_table(VirtQueue *queue, const VirtqDesc *desc, unsigned *ret_count)
{
    const uint8_t *table = guest_memory_at(queue->memory, desc->gpa, desc->bytes);

    if (!virtq_has(queue, VIRTIO_RING_F_INDIRECT_DESC)) {
        virtq_break(queue, "a table of descriptors was not negotiated");
    } else if (desc->flags & VRING_DESC_F_NEXT) {
        virtq_break(queue, "a descriptor follows a table");
    } else if (desc->bytes == 0 || desc->bytes % sizeof(struct vring_desc)) {
        virtq_break(queue, "a table has not whole descriptors");
    } else if (!table) {
        virtq_break(queue, "a table of descriptors is not all RAM");
    } else {
        *ret_count = desc->bytes / sizeof(struct vring_desc);
        return table;
    }
    return NULL;
}

static void *new_element(const VirtqChain *chain, size_t bytes)
{
    unsigned count = chain->out_count + chain->in_count;
    size_t parts_at = align_up(bytes, sizeof(uint64_t));
    size_t gpa_at = parts_at + count * sizeof(struct iovec);
    uint8_t *block = g_malloc(gpa_at + chain->in_count * sizeof(uint64_t));
    VirtqElement *element = (VirtqElement *)(void *)block;

    memset(block, 0, bytes);
    element->id = chain->id;
    element->slots = chain->slots;
    element->out_count = chain->out_count;
    element->in_count = chain->in_count;
    element->out_bytes = chain->out_bytes;
    element->in_bytes = chain->in_bytes;
    element->out = (struct iovec *)(void *)(block + parts_at);
    element->in = element->out + chain->out_count;
    element->in_gpa = (uint64_t *)(void *)(block + gpa_at);
    memcpy(element->out, chain->parts, count * sizeof(struct iovec));
    memcpy(element->in_gpa, chain->gpa + chain->out_count,
           chain->in_count * sizeof(uint64_t));
    return element;
}

void *virtqueue_pop(VirtQueue *queue, size_t bytes)
{
    VirtqChain chain; /* large: only what is counted is written */

    if (virtqueue_is_empty(queue)) {
        return NULL;
    }
    chain.out_count = chain.in_count = 0;
    chain.out_bytes = chain.in_bytes = 0;
    if (!queue->ring->walk(queue, &chain)) {
        return NULL;
    }
    if (queue->in_flight + chain.slots > queue->size) {
        virtq_break(queue, "there are more buffers than the ring has places");
        return NULL;
    }
    queue->in_flight += chain.slots;
    queue->ring->pass(queue, chain.slots);
    if (queue->has_kicks && virtq_has(queue, VIRTIO_RING_F_EVENT_IDX)) {
        queue->ring->tell_kicks(queue);
        queue->is_kick_unseen = true;
    }
    return new_element(&chain, bytes);
}

void virtqueue_unpop(VirtQueue *queue, const VirtqElement *element)
{
    if (is_usable(queue)) {
        queue->in_flight -= element->slots;
        queue->ring->unpass(queue, element->slots);
    }
}

static void mark_written(VirtQueue *queue, const VirtqElement *element, uint64_t bytes)
{
    for (unsigned i = 0; bytes && i < element->in_count; i++) {
        uint64_t part = MIN(bytes, element->in[i].iov_len);

        guest_memory_mark_dirty(queue->memory, element->in_gpa[i], part);
        bytes -= part;
    }
}

void virtqueue_fill(VirtQueue *queue, const VirtqElement *element, uint64_t bytes)
{
    mark_written(queue, element, bytes);
    if (is_usable(queue)) {
        queue->ring->fill(queue, element, (uint32_t)bytes);
        queue->filled += element->slots;
        queue->in_flight -= element->slots;
    }
}

void virtqueue_flush(VirtQueue *queue)
{
    if (is_usable(queue) && queue->filled) {
        queue->ring->flush(queue);
        queue->filled = 0;
        queue->has_news = true;
    }
}

void virtqueue_push(VirtQueue *queue, const VirtqElement *element, uint64_t bytes)
{
    virtqueue_fill(queue, element, bytes);
    virtqueue_flush(queue);
}

/* ---- who tells whom ---- */

bool virtqueue_wants_interrupt(VirtQueue *queue)
{
    bool wants;

    if (!is_usable(queue) || !queue->has_news) {
        return false;
    }
    /* The driver asks for an interrupt and then looks at the ring; see above. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    wants = queue->ring->wants_interrupt(queue);
    queue->signalled = queue->used;
    queue->has_signalled = true;
    queue->has_news = false;
    return wants;
}

void virtqueue_set_kicks(VirtQueue *queue, bool on)
{
    queue->has_kicks = on;
    if (is_usable(queue)) {
        queue->ring->tell_kicks(queue);
        queue->is_kick_unseen = on;
    }
}

/* ---- memory ---- */

static void *area_at(VirtQueue *queue, unsigned area, uint64_t offset, unsigned bytes)
{
    uint8_t *const hva[] = {queue->desc, queue->driver, queue->device};
    const uint64_t gpa[] = {queue->desc_gpa, queue->driver_gpa, queue->device_gpa};

    guest_memory_mark_dirty(queue->memory, gpa[area] + offset, bytes);
    return hva[area] + offset;
}

void virtq_store16(VirtQueue *queue, unsigned area, uint64_t offset, uint16_t value)
{
    uint16_t *at = area_at(queue, area, offset, sizeof(value));

    __atomic_store_n(at, GUINT16_TO_LE(value), __ATOMIC_RELEASE);
}

void virtq_store32(VirtQueue *queue, unsigned area, uint64_t offset, uint32_t value)
{
    uint32_t *at = area_at(queue, area, offset, sizeof(value));

    __atomic_store_n(at, GUINT32_TO_LE(value), __ATOMIC_RELAXED);
}

/* Copies between @data and @parts from @offset on; returns how much. */
static size_t copy_parts(const struct iovec *parts, unsigned count, uint64_t offset,
                         uint8_t *data, size_t bytes, bool to_parts)
{
    size_t done = 0;

    for (unsigned i = 0; i < count && done < bytes; i++) {
        size_t len = parts[i].iov_len, now;
        uint8_t *at = parts[i].iov_base;

        if (offset >= len) {
            offset -= len;
            continue;
        }
        now = MIN(len - offset, bytes - done);
        memcpy(to_parts ? at + offset : data + done, to_parts ? data + done : at + offset,
               now);
        done += now;
        offset = 0;
    }
    return done;
}

size_t virtq_element_read(const VirtqElement *element, uint64_t offset, void *ret,
                          size_t bytes)
{
    return copy_parts(element->out, element->out_count, offset, ret, bytes, false);
}

size_t virtq_element_write(const VirtqElement *element, uint64_t offset, const void *data,
                           size_t bytes)
{
    return copy_parts(element->in, element->in_count, offset, (uint8_t *)data, bytes,
                      true);
}

/* ---- state ---- */

/* clang-format off */
static const StateRow queue_rows[] = {
    {"size", STATE_U16, offsetof(VirtQueue, size)},
    {"descriptors", STATE_U64, offsetof(VirtQueue, desc_gpa)},
    {"driver-area", STATE_U64, offsetof(VirtQueue, driver_gpa)},
    {"device-area", STATE_U64, offsetof(VirtQueue, device_gpa)},
    {"vector", STATE_U16, offsetof(VirtQueue, vector)},
    {"enabled", STATE_BOOL, offsetof(VirtQueue, is_enabled)},
    {"avail", STATE_U16, offsetof(VirtQueue, avail)},
    {"used", STATE_U16, offsetof(VirtQueue, used)},
    {"avail-wrap", STATE_BOOL, offsetof(VirtQueue, avail_wrap)},
    {"used-wrap", STATE_BOOL, offsetof(VirtQueue, used_wrap)},
};
/* clang-format on */

const StateTable virtqueue_state = {
    .name = "virtqueue",
    .version = 1,
    .size = sizeof(VirtQueue),
    .rows = queue_rows,
    .row_count = ARRAY_LEN(queue_rows),
};

bool virtqueue_resume(VirtQueue *queue, uint64_t features, GError **errp)
{
    const char *why = queue->is_enabled ? turn_on(queue, features) : NULL;

    if (!why && virtq_has(queue, VIRTIO_F_RING_PACKED) && queue->is_enabled &&
        (queue->avail >= queue->size || queue->used >= queue->size)) {
        why = "it is at a place behind its end";
    }
    if (why) {
        error_set(errp, "virtqueue %u: %s", queue->index, why);
    }
    return !why;
}
