/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/virtio.h"

#include <inttypes.h>
#include <string.h>

#include "hw/pci.h"
#include "util/bits.h"
#include "util/error.h"
#include "virtio-kicks.h"

/* Status bits that a driver sets; NEEDS_RESET is the device's. */
#define DRIVER_STATUS                                                                    \
    (VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER | VIRTIO_CONFIG_S_DRIVER_OK |  \
     VIRTIO_CONFIG_S_FEATURES_OK | VIRTIO_CONFIG_S_FAILED)

static void queue_broken(void *opaque, VirtQueue *queue, const char *why)
{
    (void)queue;
    virtio_break(opaque, why);
}

static void make_queues(VirtioDevice *device)
{
    const VirtioClass *class = device->class;

    while (class->queue_size(device->config, device->queue_count)) {
        device->queue_count++;
    }
    device->queues = g_new0(VirtQueue, device->queue_count);
    device->kicks = g_new0(VirtioKick *, device->queue_count);
    for (unsigned i = 0; i < device->queue_count; i++) {
        virtqueue_init(&device->queues[i], device->machine->memory, i,
                       class->queue_size(device->config, i), queue_broken, device);
    }
}

/* Features that are a matter of configuration, for every kind of device. */
static uint64_t common_features(const VirtioConfig *config)
{
    return BIT64(VIRTIO_F_VERSION_1) |
           (config->indirect_desc ? BIT64(VIRTIO_RING_F_INDIRECT_DESC) : 0) |
           (config->event_idx ? BIT64(VIRTIO_RING_F_EVENT_IDX) : 0) |
           (config->packed ? BIT64(VIRTIO_F_RING_PACKED) : 0) |
           (config->queue_reset ? BIT64(VIRTIO_F_RING_RESET) : 0) |
           (config->iommu_platform ? BIT64(VIRTIO_F_ACCESS_PLATFORM) : 0);
}

VirtioDevice *virtio_device_new(const VirtioClass *class, Machine *machine,
                                const VirtioConfig *config,
                                const VirtioTransport *transport, void *opaque,
                                GError **errp)
{
    g_autoptr(VirtioDevice) device = g_malloc0(class->bytes);

    device->class = class;
    device->config = config;
    device->machine = machine;
    device->transport = transport;
    device->transport_opaque = opaque;
    device->offered = common_features(config);
    make_queues(device);
    return class->init(device, errp) ? g_steal_pointer(&device) : NULL;
}

static bool may_start(const VirtioDevice *device)
{
    return device->is_running && !device->broken &&
           device->status & VIRTIO_CONFIG_S_DRIVER_OK;
}

/* Starts or stops the device as status and VM say. */
static void follow(VirtioDevice *device)
{
    const VirtioClass *class = device->class;

    if (may_start(device) == device->is_started) {
        return;
    }
    device->is_started = !device->is_started;
    if (!device->is_started) {
        for (unsigned i = 0; i < device->queue_count; i++) {
            virtio_kicks_stop(device, &device->queues[i]);
        }
        if (class->stop) {
            class->stop(device);
        }
        return;
    }
    if (class->start) {
        class->start(device);
    }
    /* What came while nobody looked. */
    for (unsigned i = 0; i < device->queue_count; i++) {
        virtqueue_set_kicks(&device->queues[i], true);
        virtio_kicks_start(device, &device->queues[i]);
        virtio_kick(device, i);
    }
}

void virtio_device_free(VirtioDevice *device)
{
    if (!device) {
        return;
    }
    virtio_set_running(device, false);
    if (device->class->clear) {
        device->class->clear(device);
    }
    g_free(device->kicks);
    g_free(device->queues);
    g_free(device);
}

void virtio_set_running(VirtioDevice *device, bool running)
{
    device->is_running = running;
    follow(device);
}

/* ---- for devices ---- */

bool virtio_has(const VirtioDevice *device, unsigned bit)
{
    return device->accepted >> bit & 1;
}

void virtio_notify(VirtioDevice *device, VirtQueue *queue)
{
    if (virtqueue_wants_interrupt(queue)) {
        device->transport->queue_interrupt(device->transport_opaque, queue->index);
    }
}

static void config_interrupt(VirtioDevice *device)
{
    if (__atomic_load_n(&device->status, __ATOMIC_RELAXED) & VIRTIO_CONFIG_S_DRIVER_OK) {
        device->transport->config_interrupt(device->transport_opaque);
    }
}

void virtio_config_changed(VirtioDevice *device)
{
    device->generation++;
    config_interrupt(device);
}

void virtio_break(VirtioDevice *device, const char *why)
{
    const char *none = NULL;

    if (__atomic_compare_exchange_n(&device->broken, &none, why, false, __ATOMIC_SEQ_CST,
                                    __ATOMIC_SEQ_CST)) {
        __atomic_or_fetch(&device->status, VIRTIO_CONFIG_S_NEEDS_RESET, __ATOMIC_SEQ_CST);
        config_interrupt(device);
    }
}

/* ---- for transports ---- */

uint32_t virtio_features(const VirtioDevice *device, uint32_t select)
{
    return select < 2 ? (uint32_t)(device->offered >> (32 * select)) : 0;
}

uint32_t virtio_accepted(const VirtioDevice *device, uint32_t select)
{
    return select < 2 ? (uint32_t)(device->accepted >> (32 * select)) : 0;
}

void virtio_accept(VirtioDevice *device, uint32_t select, uint32_t features)
{
    if (select < 2 && !(device->status & VIRTIO_CONFIG_S_FEATURES_OK)) {
        device->accepted = bits_set(device->accepted, 32 * select, 32, features);
    }
}

/* The driver's choice is one the device can work with. */
static bool is_acceptable(const VirtioDevice *device)
{
    return !(device->accepted & ~device->offered) &&
           virtio_has(device, VIRTIO_F_VERSION_1);
}

static void reset(VirtioDevice *device)
{
    __atomic_store_n(&device->status, 0, __ATOMIC_SEQ_CST);
    follow(device);
    for (unsigned i = 0; i < device->queue_count; i++) {
        virtqueue_reset(&device->queues[i]);
    }
    device->accepted = 0;
    device->broken = NULL;
    if (device->class->reset) {
        device->class->reset(device);
    }
}

void virtio_set_status(VirtioDevice *device, uint8_t status)
{
    if (status == 0) {
        reset(device);
        return;
    }
    status &= DRIVER_STATUS;
    if (!(device->status & VIRTIO_CONFIG_S_FEATURES_OK) && !is_acceptable(device)) {
        status &= (uint8_t)~VIRTIO_CONFIG_S_FEATURES_OK;
    }
    /* Nothing works without agreed features; 3.1.1 has the driver see to that. */
    if (!((device->status | status) & VIRTIO_CONFIG_S_FEATURES_OK)) {
        status &= (uint8_t)~VIRTIO_CONFIG_S_DRIVER_OK;
    }
    __atomic_or_fetch(&device->status, status, __ATOMIC_SEQ_CST);
    follow(device);
}

uint8_t virtio_status(const VirtioDevice *device)
{
    return __atomic_load_n(&device->status, __ATOMIC_SEQ_CST);
}

VirtQueue *virtio_queue(VirtioDevice *device, uint32_t index)
{
    return index < device->queue_count ? &device->queues[index] : NULL;
}

void virtio_enable_queue(VirtioDevice *device, VirtQueue *queue)
{
    if (queue->is_enabled || !(device->status & VIRTIO_CONFIG_S_FEATURES_OK)) {
        return;
    }
    /* One that comes back after its reset does so while the others work. */
    if (virtqueue_enable(queue, device->accepted) && device->is_started) {
        virtio_kicks_start(device, queue);
        virtio_kick(device, queue->index);
    }
}

void virtio_reset_queue(VirtioDevice *device, VirtQueue *queue)
{
    if (device->is_started && device->class->stop_queue) {
        device->class->stop_queue(device, queue);
    }
    virtio_kicks_stop(device, queue);
    virtqueue_reset(queue);
}

void virtio_kick(VirtioDevice *device, uint32_t index)
{
    VirtQueue *queue = virtio_queue(device, index);

    if (queue && queue->is_enabled && device->is_started && !device->broken) {
        device->class->kick(device, queue);
    }
}

static void get_config(VirtioDevice *device, uint8_t ret[VIRTIO_CONFIG_BYTES_MAX])
{
    memset(ret, 0, VIRTIO_CONFIG_BYTES_MAX);
    if (device->class->get_config) {
        device->class->get_config(device, ret);
    }
}

uint64_t virtio_read_config(VirtioDevice *device, uint64_t offset, unsigned size)
{
    uint8_t config[VIRTIO_CONFIG_BYTES_MAX];
    uint64_t value = 0;

    if (!range_fits(offset, size, device->class->config_bytes)) {
        return bits_mask(0, size * 8);
    }
    get_config(device, config);
    memcpy(&value, config + offset, size);
    return GUINT64_FROM_LE(value);
}

void virtio_write_config(VirtioDevice *device, uint64_t offset, unsigned size,
                         uint64_t value)
{
    uint8_t config[VIRTIO_CONFIG_BYTES_MAX];

    if (!device->class->set_config ||
        !range_fits(offset, size, device->class->config_bytes)) {
        return;
    }
    get_config(device, config);
    value = GUINT64_TO_LE(value);
    memcpy(config + offset, &value, size);
    device->class->set_config(device, config);
}

/* ---- state ---- */

/* clang-format off */
static const StateRow virtio_rows[] = {
    {"accepted", STATE_U64, offsetof(VirtioDevice, accepted)},
    {"status", STATE_U8, offsetof(VirtioDevice, status)},
    {"generation", STATE_U32, offsetof(VirtioDevice, generation)},
};
/* clang-format on */

const StateTable virtio_state = {
    .name = "virtio",
    .version = 1,
    .size = sizeof(VirtioDevice),
    .rows = virtio_rows,
    .row_count = ARRAY_LEN(virtio_rows),
};

bool virtio_part(VirtioDevice *device, const StateTable *own, unsigned index,
                 DevicePart *ret)
{
    if (index == 0) {
        *ret = (DevicePart){&virtio_state, device};
    } else if (index <= device->queue_count) {
        *ret = (DevicePart){&virtqueue_state, &device->queues[index - 1]};
    } else {
        *ret = (DevicePart){own, device};
        return own && index == device->queue_count + 1;
    }
    return true;
}

VirtioDevice *virtio_device_of(Device *device)
{
    DevicePart part;

    for (unsigned i = 0; device->class->part && device->class->part(device, i, &part);
         i++) {
        if (part.table == &virtio_state) {
            return part.object;
        }
    }
    return NULL;
}

bool virtio_device_resume(VirtioDevice *device, GError **errp)
{
    uint64_t missing = device->accepted & ~device->offered;

    /* Until FEATURES_OK they are what the driver wishes. */
    if (missing && device->status & VIRTIO_CONFIG_S_FEATURES_OK) {
        error_set(errp, "%s: the guest uses features 0x%" PRIx64 ", which are not here",
                  device->class->name, missing);
        return false;
    }
    if (device->status & VIRTIO_CONFIG_S_NEEDS_RESET) {
        device->broken = "it did wrong before it was saved";
    }
    for (unsigned i = 0; i < device->queue_count; i++) {
        if (!virtqueue_resume(&device->queues[i], device->accepted, errp)) {
            g_prefix_error(errp, "%s: ", device->class->name);
            return false;
        }
    }
    return true;
}

/* ---- types ---- */

#define BOOL(text, member, on, sentence)                                                 \
    {                                                                                    \
        .name = text, .kind = PROP_BOOL, .offset = offsetof(VirtioConfig, member),       \
        .default_value = (on), .seen_by = SEEN_BY_ALL, .doc = sentence                   \
    }

#define IOEVENTFD                                                                        \
    {                                                                                    \
        .name = "ioeventfd", .kind = PROP_BOOL,                                          \
        .offset = offsetof(VirtioConfig, ioeventfd), .default_value = true,              \
        .doc = "the guest goes on while its disk or network is told of requests"         \
    }

#define FEATURES                                                                         \
    BOOL("event_idx", event_idx, true, "notification when an index is reached"),         \
        BOOL("indirect_desc", indirect_desc, true, "tables beside a ring"),              \
        BOOL("iommu_platform", iommu_platform, false,                                    \
             "the driver asks its platform for addresses the device can use"),           \
        BOOL("packed", packed, false, "packed rings"),                                   \
        BOOL("queue_reset", queue_reset, true, "a queue can be reset by itself")

static const Property mmio_props[] = {
    FEATURES,
    IOEVENTFD,
    {"bus", PROP_STRING, offsetof(VirtioConfig, device.bus), .seen_by = SEEN_BY_ALL,
     .doc = "virtio-mmio-bus.N for slot N; unset takes the last that is free"},
};

static const Property pci_props[] = {
    FEATURES,
    IOEVENTFD,
    {"vectors", PROP_UINT32, offsetof(VirtioConfig, vectors),
     .default_value = VIRTIO_VECTORS_UNSET, .seen_by = SEEN_BY_ALL,
     .doc = "messages of MSI-X; unset takes as many as the device has a use for, 0 none"},
};

void virtio_register_types(TypeRegistry *registry)
{
    const ObjectType mmio = {.name = TYPE_VIRTIO_DEVICE,
                             .parent = TYPE_DEVICE,
                             .doc = "a virtio device in a slot of virtio-mmio",
                             .is_abstract = true,
                             .instance_size = sizeof(VirtioConfig),
                             .props = mmio_props,
                             .prop_count = ARRAY_LEN(mmio_props)};
    const ObjectType pci = {.name = TYPE_VIRTIO_PCI,
                            .parent = TYPE_PCI_DEVICE,
                            .doc = "a virtio device on PCI Express",
                            .is_abstract = true,
                            .instance_size = sizeof(VirtioConfig),
                            .props = pci_props,
                            .prop_count = ARRAY_LEN(pci_props)};

    type_registry_add(registry, &mmio);
    type_registry_add(registry, &pci);
}
