/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio-balloon: pages the guest gives back when asked, statistics of its memory, and
 * pages it reports free.
 * Source: VIRTIO 1.2, section 5.5.
 */
#include <linux/virtio_balloon.h>
#include <string.h>

#include "hw/balloon.h"
#include "qapi/events.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"
#include "util/number.h"
#include "virtio-rows.h"

enum {
    QUEUE_INFLATE,
    QUEUE_DEFLATE,
    QUEUE_STATS,
    QUEUE_REPORTING
};

#define QUEUE_SIZE           128
#define REPORTING_QUEUE_SIZE 32

#define PAGE_SHIFT VIRTIO_BALLOON_PFN_SHIFT
#define PFNS       256 /* page numbers taken from a buffer at once */
#define STATS      16  /* that have names */

typedef struct VirtioBalloon VirtioBalloon;

typedef struct VirtioBalloonConfig {
    VirtioConfig virtio;
    bool deflate_on_oom, free_page_reporting, page_poison;
    uint32_t poll_s;        /* of the statistics; 0: never */
    uint64_t stats[STATS];  /* what the guest said last, by tag */
    int64_t stats_time_s;   /* and when; 0: never */
    VirtioBalloon *balloon; /* NULL while there is none */
} VirtioBalloonConfig;

struct VirtioBalloon {
    VirtioDevice device;
    VirtioBalloonConfig *config;
    uint32_t pages; /* asked for */
    uint32_t actual;
    uint32_t poison;
    guint timer;
};

static const char *const stat_names[STATS] = {
    "stat-swap-in",          "stat-swap-out",     "stat-major-faults",
    "stat-minor-faults",     "stat-free-memory",  "stat-total-memory",
    "stat-available-memory", "stat-disk-caches",  "stat-htlb-pgalloc",
    "stat-htlb-pgfail",      "stat-oom-kills",    "stat-alloc-stalls",
    "stat-async-scans",      "stat-direct-scans", "stat-async-reclaims",
    "stat-direct-reclaims",
};

/* ---- pages ---- */

static void inflate(VirtioBalloon *balloon, const VirtqElement *element)
{
    GuestMemory *memory = balloon->device.machine->memory;
    uint32_t pfns[PFNS];
    uint64_t at = 0;
    size_t len;

    while ((len = virtq_element_read(element, at, pfns, sizeof(pfns)))) {
        for (unsigned i = 0; i < len / sizeof(pfns[0]); i++) {
            guest_memory_discard(memory, (uint64_t)GUINT32_FROM_LE(pfns[i]) << PAGE_SHIFT,
                                 UINT64_C(1) << PAGE_SHIFT);
        }
        at += len;
    }
}

/* A guest that wants its own pattern in free pages keeps them. */
static void report(VirtioBalloon *balloon, const VirtqElement *element)
{
    if (virtio_has(&balloon->device, VIRTIO_BALLOON_F_PAGE_POISON) && balloon->poison) {
        return;
    }
    for (unsigned i = 0; i < element->in_count; i++) {
        guest_memory_discard(balloon->device.machine->memory, element->in_gpa[i],
                             element->in[i].iov_len);
    }
}

/* ---- statistics: the driver's buffer stays in its queue until they are asked for ----
 */

static void read_stats(VirtioBalloon *balloon, VirtQueue *queue)
{
    g_autofree VirtqElement *element = virtqueue_pop(queue, sizeof(*element));
    struct virtio_balloon_stat stat;
    uint64_t at = 0;

    if (!element) {
        return;
    }
    virtqueue_unpop(queue, element);
    memset(balloon->config->stats, 0xff, sizeof(balloon->config->stats));
    while (virtq_element_read(element, at, &stat, sizeof(stat)) == sizeof(stat)) {
        uint16_t tag = GUINT16_FROM_LE(stat.tag);

        if (tag < STATS) {
            balloon->config->stats[tag] = GUINT64_FROM_LE(stat.val);
        }
        at += sizeof(stat);
    }
    balloon->config->stats_time_s = g_get_real_time() / G_USEC_PER_SEC;
}

static gboolean ask_for_stats(gpointer data)
{
    VirtioBalloon *balloon = data;
    VirtQueue *queue = virtio_queue(&balloon->device, QUEUE_STATS);
    g_autofree VirtqElement *element = virtqueue_pop(queue, sizeof(*element));

    if (element) {
        virtqueue_push(queue, element, 0);
        virtio_notify(&balloon->device, queue);
    }
    return G_SOURCE_CONTINUE;
}

static void set_timer(VirtioBalloon *balloon)
{
    g_clear_handle_id(&balloon->timer, g_source_remove);
    if (balloon->device.is_started && balloon->config->poll_s &&
        virtio_has(&balloon->device, VIRTIO_BALLOON_F_STATS_VQ)) {
        balloon->timer =
            g_timeout_add_seconds(balloon->config->poll_s, ask_for_stats, balloon);
    }
}

/* ---- the device ---- */

static void balloon_kick(VirtioDevice *device, VirtQueue *queue)
{
    VirtioBalloon *balloon = (VirtioBalloon *)device;
    VirtqElement *element;

    if (queue->index == QUEUE_STATS) {
        read_stats(balloon, queue);
        return;
    }
    while ((element = virtqueue_pop(queue, sizeof(*element)))) {
        if (queue->index == QUEUE_INFLATE) {
            inflate(balloon, element);
        } else if (queue->index == QUEUE_REPORTING) {
            report(balloon, element);
        }
        virtqueue_push(queue, element, 0);
        g_free(element);
    }
    virtio_notify(device, queue);
}

static void balloon_get_config(VirtioDevice *device, void *ret)
{
    const VirtioBalloon *balloon = (const VirtioBalloon *)device;
    struct virtio_balloon_config *config = ret;

    config->num_pages = GUINT32_TO_LE(balloon->pages);
    config->actual = GUINT32_TO_LE(balloon->actual);
    config->poison_val = GUINT32_TO_LE(balloon->poison);
}

static uint64_t guest_bytes(const VirtioBalloon *balloon)
{
    uint64_t ram = balloon->device.machine->plan->ram_bytes;
    uint64_t given = (uint64_t)balloon->actual << PAGE_SHIFT;

    return ram - MIN(ram, given);
}

static void balloon_set_config(VirtioDevice *device, const void *written)
{
    VirtioBalloon *balloon = (VirtioBalloon *)device;
    const struct virtio_balloon_config *config = written;
    const MachineHost *host = device->machine->host;
    uint32_t actual = GUINT32_FROM_LE(config->actual);

    balloon->poison = GUINT32_FROM_LE(config->poison_val);
    if (actual != balloon->actual) {
        balloon->actual = actual;
        host->emit(host->opaque, qapi_event_balloon_change(&(BalloonChangeEvent){
                                     .actual = (int64_t)guest_bytes(balloon)}));
    }
}

static uint16_t balloon_queue_size(const VirtioConfig *config, unsigned queue)
{
    if (queue == QUEUE_REPORTING &&
        ((const VirtioBalloonConfig *)config)->free_page_reporting) {
        return REPORTING_QUEUE_SIZE;
    }
    return queue <= QUEUE_STATS ? QUEUE_SIZE : 0;
}

static bool balloon_init(VirtioDevice *device, GError **errp)
{
    VirtioBalloon *balloon = (VirtioBalloon *)device;
    VirtioBalloonConfig *config = (VirtioBalloonConfig *)device->config;

    (void)errp;
    balloon->config = config;
    config->balloon = balloon;
    config->stats_time_s = 0;
    memset(config->stats, 0xff, sizeof(config->stats));
    device->offered |=
        BIT64(VIRTIO_BALLOON_F_STATS_VQ) |
        (config->deflate_on_oom ? BIT64(VIRTIO_BALLOON_F_DEFLATE_ON_OOM) : 0) |
        (config->page_poison ? BIT64(VIRTIO_BALLOON_F_PAGE_POISON) : 0) |
        (config->free_page_reporting ? BIT64(VIRTIO_BALLOON_F_REPORTING) : 0);
    return true;
}

static void balloon_clear(VirtioDevice *device)
{
    ((VirtioBalloon *)device)->config->balloon = NULL;
}

static void balloon_follow(VirtioDevice *device)
{
    set_timer((VirtioBalloon *)device);
}

/* What the guest gave it has again. */
static void balloon_reset(VirtioDevice *device)
{
    ((VirtioBalloon *)device)->poison = 0;
}

static const VirtioClass virtio_balloon_class = {
    .name = "virtio-balloon",
    .id = VIRTIO_ID_BALLOON,
    .pci_class = 0x00ff00,
    .vectors = 2,
    .bytes = sizeof(VirtioBalloon),
    .config_bytes = sizeof(struct virtio_balloon_config),
    .queue_size = balloon_queue_size,
    .init = balloon_init,
    .clear = balloon_clear,
    .get_config = balloon_get_config,
    .set_config = balloon_set_config,
    .start = balloon_follow,
    .stop = balloon_follow,
    .reset = balloon_reset,
    .kick = balloon_kick,
};

/* ---- for operators ---- */

static VirtioBalloon *find_balloon(Machine *machine, GError **errp)
{
    for (unsigned i = 0; machine && i < machine->devices->len; i++) {
        VirtioDevice *device = virtio_device_of(g_ptr_array_index(machine->devices, i));

        if (device && device->class == &virtio_balloon_class) {
            return (VirtioBalloon *)device;
        }
    }
    error_set_code(errp, VPMU_ERROR_NOT_ACTIVE, "No balloon device has been activated");
    return NULL;
}

bool machine_balloon_size(Machine *machine, uint64_t *ret_bytes, GError **errp)
{
    const VirtioBalloon *balloon = find_balloon(machine, errp);

    if (balloon) {
        *ret_bytes = guest_bytes(balloon);
    }
    return balloon;
}

bool machine_balloon_set(Machine *machine, uint64_t bytes, GError **errp)
{
    VirtioBalloon *balloon = find_balloon(machine, errp);

    if (balloon) {
        uint64_t ram = machine->plan->ram_bytes;

        balloon->pages = (uint32_t)((ram - MIN(bytes, ram)) >> PAGE_SHIFT);
        virtio_config_changed(&balloon->device);
    }
    return balloon;
}

static json_object *get_stats(const Object *object, const Property *prop)
{
    const VirtioBalloonConfig *config = (const VirtioBalloonConfig *)object;
    json_object *stats = json_object_new_object(), *all = json_object_new_object();

    (void)prop;
    for (unsigned i = 0; i < STATS; i++) {
        json_object_object_add(stats, stat_names[i],
                               json_object_new_uint64(config->stats[i]));
    }
    json_object_object_add(all, "last-update",
                           json_object_new_int64(config->stats_time_s));
    json_object_object_add(all, "stats", stats);
    return all;
}

static json_object *get_interval(const Object *object, const Property *prop)
{
    (void)prop;
    return json_object_new_int64(((const VirtioBalloonConfig *)object)->poll_s);
}

static bool set_interval(Object *object, const Property *prop, json_object *value,
                         PropertyOrigin origin, GError **errp)
{
    VirtioBalloonConfig *config = (VirtioBalloonConfig *)object;
    const char *text = json_object_get_string(value);
    uint64_t seconds;

    (void)origin;
    if (!number_parse_uint64(text, &seconds) || seconds > UINT32_MAX) {
        error_set(errp, "%s=%s: 0 to %u seconds are possible", prop->name, text,
                  UINT32_MAX);
        return false;
    }
    config->poll_s = (uint32_t)seconds;
    if (config->balloon) {
        set_timer(config->balloon);
    }
    return true;
}

/* ---- rows ---- */

/* clang-format off */
static const StateRow balloon_rows[] = {
    {"pages", STATE_U32, offsetof(VirtioBalloon, pages)},
    {"actual", STATE_U32, offsetof(VirtioBalloon, actual)},
    {"poison", STATE_U32, offsetof(VirtioBalloon, poison)},
};
/* clang-format on */

static const StateTable balloon_state = {
    .name = "virtio-balloon",
    .version = 1,
    .size = sizeof(VirtioBalloon),
    .rows = balloon_rows,
    .row_count = ARRAY_LEN(balloon_rows),
};

static const Property balloon_props[] = {
    {"deflate-on-oom", PROP_BOOL, offsetof(VirtioBalloonConfig, deflate_on_oom),
     .seen_by = SEEN_BY_ALL, .doc = "the guest takes pages back before it runs out"},
    {"free-page-reporting", PROP_BOOL, offsetof(VirtioBalloonConfig, free_page_reporting),
     .seen_by = SEEN_BY_ALL, .doc = "the host has pages that are free in the guest"},
    {"guest-stats", PROP_CUSTOM, .type_name = "guest statistics", .get = get_stats,
     .read_only = true, .doc = "what the guest last said of its memory"},
    {"guest-stats-polling-interval", PROP_CUSTOM, .type_name = "uint32",
     .get = get_interval, .set = set_interval, .is_live = true,
     .doc = "seconds after which the guest is asked for statistics; 0 never"},
    {"page-poison", PROP_BOOL, offsetof(VirtioBalloonConfig, page_poison),
     .default_value = true, .seen_by = SEEN_BY_ALL,
     .doc = "the guest may say that it fills free pages"},
};

VIRTIO_DEVICE_ROWS(virtio_balloon, "virtio-balloon", "memory the guest gives back",
                   VirtioBalloonConfig, balloon_props, &balloon_state);
