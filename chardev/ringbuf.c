/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backend.h"

#define RINGBUF_BYTES 65536

typedef struct Ringbuf {
    size_t size; /* a power of two */
    size_t head; /* where the next byte goes */
    size_t used;
    uint8_t bytes[];
} Ringbuf;

static bool ringbuf_open(Chardev *chardev, ChardevConfig *config, GError **errp)
{
    size_t size = config->size_bytes ? config->size_bytes : RINGBUF_BYTES;
    Ringbuf *ring = g_malloc0(sizeof(*ring) + size);

    (void)errp; /* the size was checked when the config was parsed */
    ring->size = size;
    chardev->backend = ring;
    chardev_attach_fds(chardev, -1, -1, false);
    return true;
}

static size_t ringbuf_write(Chardev *chardev, const void *data, size_t len)
{
    Ringbuf *ring = chardev->backend;
    const uint8_t *bytes = data;

    for (size_t i = 0; i < len; i++) {
        ring->bytes[ring->head] = bytes[i];
        ring->head = (ring->head + 1) & (ring->size - 1);
    }
    ring->used = MIN(ring->used + len, ring->size);
    return len;
}

static void ringbuf_clear(Chardev *chardev)
{
    g_free(chardev->backend);
}

size_t chardev_read_ringbuf(Chardev *chardev, void *data, size_t max)
{
    Ringbuf *ring = chardev->backend;
    uint8_t *bytes = data;
    size_t count;

    if (chardev->class != &chardev_class_ringbuf) {
        return 0;
    }
    g_mutex_lock(&chardev->lock);
    count = MIN(max, ring->used);
    for (size_t i = 0; i < count; i++) {
        bytes[i] = ring->bytes[(ring->head - ring->used + i) & (ring->size - 1)];
    }
    ring->used -= count;
    g_mutex_unlock(&chardev->lock);
    return count;
}

const ChardevClass chardev_class_ringbuf = {
    .open = ringbuf_open, .write = ringbuf_write, .clear = ringbuf_clear};
