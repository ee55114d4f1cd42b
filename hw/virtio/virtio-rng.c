/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio-rng: random bytes.
 * Source: VIRTIO 1.2, section 5.4.
 */
#include "hw/rng-backend.h"
#include "hw/virtio.h"
#include "util/bits.h"
#include "util/error.h"
#include "virtio-rows.h"

#define QUEUE_SIZE 8

/* Of one buffer, at once; a driver that wants more asks again. */
#define CHUNK_BYTES 4096

typedef struct VirtioRngConfig {
    VirtioConfig virtio;
    char *rng;
    uint64_t max_bytes;
    uint32_t period_ms;
} VirtioRngConfig;

typedef struct VirtioRng {
    VirtioDevice device;
    RngBackend *rng; /* borrowed, or own */
    RngBackend *own;
    uint64_t left; /* bytes the guest may have until period_end */
    gint64 period_end_us;
    guint timer, watch;
} VirtioRng;

static uint16_t rng_queue_size(const VirtioConfig *config, unsigned queue)
{
    (void)config;
    return queue < 1 ? QUEUE_SIZE : 0;
}

static bool rng_check(const VirtioConfig *virtio, const MachinePlan *machine,
                      GError **errp)
{
    const VirtioRngConfig *config = (const VirtioRngConfig *)virtio;
    g_autofree char *path = g_strdup_printf("/%s", config->rng ? config->rng : "");
    const Object *object = config->rng ? object_find(machine->objects, path) : NULL;

    if (config->rng && !(object && object_is_a(object, TYPE_RNG_BACKEND))) {
        error_set(errp,
                  "device %s: rng=%s: there is no -object rng-random or rng-builtin "
                  "of that id",
                  virtio->device.object.type->name, config->rng);
        return false;
    }
    return true;
}

static bool rng_init(VirtioDevice *device, GError **errp)
{
    VirtioRng *rng = (VirtioRng *)device;
    const VirtioRngConfig *config = (const VirtioRngConfig *)device->config;
    const MachineHost *host = device->machine->host;

    if (config->rng) {
        rng->rng = host->find_rng(host->opaque, config->rng);
    } else {
        rng->rng = rng->own = rng_backend_new(NULL, errp);
    }
    return true;
}

static void rng_clear(VirtioDevice *device)
{
    rng_backend_free(((VirtioRng *)device)->own);
}

static void serve(VirtioRng *rng);

static gboolean on_timer(gpointer data)
{
    VirtioRng *rng = data;

    rng->timer = 0;
    serve(rng);
    return G_SOURCE_REMOVE;
}

static void on_entropy(void *opaque)
{
    VirtioRng *rng = opaque;

    rng->watch = 0;
    serve(rng);
}

/* What the guest may have now; a new period may have begun. */
static uint64_t allowance(VirtioRng *rng)
{
    const VirtioRngConfig *config = (const VirtioRngConfig *)rng->device.config;
    gint64 now = g_get_monotonic_time();

    if (now >= rng->period_end_us) {
        rng->period_end_us = now + config->period_ms * INT64_C(1000);
        rng->left = config->max_bytes;
    }
    if (!rng->left && !rng->timer) {
        rng->timer =
            g_timeout_add((guint)((rng->period_end_us - now) / 1000 + 1), on_timer, rng);
    }
    return rng->left;
}

/* Fills one buffer; false where there are no bytes for it now. */
static bool fill(VirtioRng *rng, VirtQueue *queue, const VirtqElement *element)
{
    uint8_t bytes[CHUNK_BYTES];
    uint64_t most = allowance(rng);
    size_t len;

    most = MIN(most, MIN(element->in_bytes, sizeof(bytes)));
    len = rng_backend_read(rng->rng, bytes, most);

    if (!len && element->in_bytes) {
        return false;
    }
    (void)virtq_element_write(element, 0, bytes, len);
    virtqueue_push(queue, element, len);
    rng->left -= len;
    return true;
}

static void serve(VirtioRng *rng)
{
    VirtQueue *queue = virtio_queue(&rng->device, 0);
    VirtqElement *element;

    while (!rng->timer && !rng->watch &&
           (element = virtqueue_pop(queue, sizeof(*element)))) {
        bool is_done = fill(rng, queue, element);

        if (!is_done) {
            virtqueue_unpop(queue, element);
        }
        g_free(element);
        if (!is_done) {
            if (!rng->timer) {
                rng->watch = rng_backend_watch(rng->rng, on_entropy, rng);
            }
            break;
        }
    }
    virtio_notify(&rng->device, queue);
}

static void rng_kick(VirtioDevice *device, VirtQueue *queue)
{
    (void)queue;
    serve((VirtioRng *)device);
}

static void rng_stop(VirtioDevice *device)
{
    VirtioRng *rng = (VirtioRng *)device;

    g_clear_handle_id(&rng->timer, g_source_remove);
    g_clear_handle_id(&rng->watch, g_source_remove);
}

static const VirtioClass virtio_rng_class = {
    .name = "virtio-rng",
    .id = VIRTIO_ID_RNG,
    .pci_class = 0x00ff00,
    .bytes = sizeof(VirtioRng),
    .has_busy_queues = true,
    .queue_size = rng_queue_size,
    .check = rng_check,
    .init = rng_init,
    .clear = rng_clear,
    .stop = rng_stop,
    .kick = rng_kick,
};

static const Property rng_props[] = {
    {"max-bytes", PROP_UINT64, offsetof(VirtioRngConfig, max_bytes),
     .default_value = INT64_MAX, .max = INT64_MAX,
     .doc = "bytes the guest gets in a period, at most"},
    {"period", PROP_UINT32, offsetof(VirtioRngConfig, period_ms),
     .default_value = 1 << 16, .min = 1, .max = INT32_MAX,
     .doc = "length of a period in milliseconds"},
    {"rng", PROP_STRING, offsetof(VirtioRngConfig, rng),
     .doc = "id of the object the bytes come from; unset takes the host's generator"},
};

VIRTIO_DEVICE_ROWS(virtio_rng, "virtio-rng", "random bytes", VirtioRngConfig, rng_props,
                   NULL);
