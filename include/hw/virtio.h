/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtio devices: what a kind of device is (VirtioClass, a row), and one of them
 * (VirtioDevice), without the transport that a driver reaches it by.
 *
 * Modern devices alone.  The transport hands on what the driver writes; here are the
 * status machine, the features, the queues and config space, which are the same for all.
 * What a driver does wrong breaks the device: DEVICE_NEEDS_RESET, a config interrupt, and
 * nothing from its queues until it is reset.
 *
 * To add a kind: a file in hw/virtio/ that ends with VIRTIO_DEVICE_ROWS(), its name in
 * VIRTIO_CLASS_LIST (virtio-list.h), a seed for its fuzz target.
 *
 * Source: Virtual I/O Device (VIRTIO) 1.2, section 2.
 */
#ifndef HW_VIRTIO_H
#define HW_VIRTIO_H

#include <glib.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <stdbool.h>
#include <stdint.h>

#include "hw/machine.h"
#include "hw/virtqueue.h"
#include "qom/object.h"

/* What has a VirtioConfig. */
#define TYPE_VIRTIO_DEVICE "virtio-device" /* over virtio-mmio */
#define TYPE_VIRTIO_PCI    "virtio-pci"

#define VIRTIO_CONFIG_BYTES_MAX 256

typedef struct VirtioClass VirtioClass;
typedef struct VirtioDevice VirtioDevice;
typedef struct VirtioKick VirtioKick;

/* First member of every virtio device's configuration. */
typedef struct VirtioConfig {
    DeviceConfig device;
    bool indirect_desc, event_idx, packed, queue_reset, iommu_platform;
    bool ioeventfd;   /* kicks may come by eventfd */
    uint32_t vectors; /* PCI: messages; VIRTIO_VECTORS_UNSET: as the kind has it */
} VirtioConfig;

#define VIRTIO_VECTORS_UNSET UINT32_MAX

/* bootindex= of a device firmware can start from: @Config has a bootindex. */
#define BOOTINDEX_PROPERTY(Config)                                                       \
    {                                                                                    \
        "bootindex", PROP_UINT32, offsetof(Config, bootindex),                           \
            .max = INT32_MAX, .type_name = "int32",                                      \
            .doc = "the order in which firmware tries it; a kernel of -kernel comes "    \
                   "before all"                                                          \
    }

/* What a device asks of its transport.  Any thread. */
typedef struct VirtioTransport {
    void (*queue_interrupt)(void *opaque, unsigned queue);
    void (*config_interrupt)(void *opaque);
    /*
     * From here on KVM signals @fd for the driver's kicks of @queue; -1: no longer. False
     * where it cannot; kicks come by virtio_kick() then.  Under the VM lock.
     */
    bool (*set_kick_fd)(void *opaque, unsigned queue, int fd);
} VirtioTransport;

/*
 * A kind of device.  Calls come under the VM lock.  Between start and stop the driver is
 * ready and the VM runs; only then may a device touch its queues.
 */
struct VirtioClass {
    const char *name;   /* "virtio-rng" */
    uint16_t id;        /* linux/virtio_ids.h */
    uint32_t pci_class; /* class code, as in a PCI header: base, sub, interface */
    uint32_t
        vectors;  /* PCI: messages where none are asked for; 0: one a queue, and one */
    size_t bytes; /* of the struct whose first member is a VirtioDevice */
    size_t config_bytes;
    bool has_busy_queues; /* few, and their kicks are worth an eventfd each */
    /* Places of queue @queue, at most; 0: there is no such queue, nor any behind it. */
    uint16_t (*queue_size)(const VirtioConfig *config, unsigned queue);
    /* The configuration can be had, and what it names is there.  Pure.  NULL: always. */
    bool (*check)(const VirtioConfig *config, const MachinePlan *machine, GError **errp);
    /* Takes what @device borrows from the machine, sets features it offers. */
    bool (*init)(VirtioDevice *device, GError **errp);
    /* Undoes init, also one that failed; the device is stopped.  NULL: nothing to do. */
    void (*clear)(VirtioDevice *device);
    /* Fills config space, which is zeroed; NULL where it has none. */
    void (*get_config)(VirtioDevice *device, void *ret);
    /* The driver wrote: @config is how it looks then.  NULL: nothing is writable. */
    void (*set_config)(VirtioDevice *device, const void *config);
    void (*start)(VirtioDevice *device); /* NULL: nothing to do */
    /* Nothing touches the queues from here; what was popped is given back or pushed. */
    void (*stop)(VirtioDevice *device); /* NULL: nothing to do */
    /* The driver forgets what was agreed: back to how init left it; stopped.  NULL:
     * nothing to do. */
    void (*reset)(VirtioDevice *device);
    /* Queue @queue alone stops, and will be reset; NULL: nothing of it is under way. */
    void (*stop_queue)(VirtioDevice *device, VirtQueue *queue);
    /* There may be something to pop. */
    void (*kick)(VirtioDevice *device, VirtQueue *queue);
};

/* First member of every virtio device that exists. */
struct VirtioDevice {
    const VirtioClass *class;
    const VirtioConfig *config;
    Machine *machine; /* borrowed */
    const VirtioTransport *transport;
    void *transport_opaque;
    VirtQueue *queues;
    unsigned queue_count;
    VirtioKick **kicks; /* by queue; NULL: by exits */
    uint64_t offered;   /* features */
    uint64_t accepted;  /* of those */
    uint8_t status;     /* VIRTIO_CONFIG_S_… */
    uint32_t generation;
    const char *broken; /* what the driver did, where the device needs a reset */
    bool is_running;    /* the VM */
    bool is_started;
};

/* virtio_device_of - the virtio device that @device, over whatever transport, is; NULL
 * where it is another kind of device. */
VirtioDevice *virtio_device_of(Device *device);

/*
 * virtio_device_new - a device whose driver has not begun; the VM does not run yet.
 * @transport, @opaque: borrowed
 */
VirtioDevice *virtio_device_new(const VirtioClass *class, Machine *machine,
                                const VirtioConfig *config,
                                const VirtioTransport *transport, void *opaque,
                                GError **errp);

/* virtio_device_free - stops and releases it; NULL is nothing. */
void virtio_device_free(VirtioDevice *device);

/* virtio_set_running - the VM runs, or stops: then no device touches its memory. */
void virtio_set_running(VirtioDevice *device, bool running);

/* ---- for devices ---- */

/* virtio_has - the driver accepted feature bit @bit. */
bool virtio_has(const VirtioDevice *device, unsigned bit);

/* virtio_notify - tell the driver of what was flushed on @queue, if it wants to know. */
void virtio_notify(VirtioDevice *device, VirtQueue *queue);

/* virtio_config_changed - config space has other values than before. */
void virtio_config_changed(VirtioDevice *device);

/* virtio_break - the driver did wrong; @why: a phrase that lives on.  Any thread. */
void virtio_break(VirtioDevice *device, const char *why);

/* ---- for transports: what the driver does ---- */

/* virtio_features - 32 of the features offered; @select 0 or 1, else there are none. */
uint32_t virtio_features(const VirtioDevice *device, uint32_t select);

/* virtio_accepted - 32 of those accepted. */
uint32_t virtio_accepted(const VirtioDevice *device, uint32_t select);

/* virtio_accept - the driver takes those; nothing once FEATURES_OK is set. */
void virtio_accept(VirtioDevice *device, uint32_t select, uint32_t features);

/*
 * virtio_set_status - the driver writes the status; 0 resets the device.
 * FEATURES_OK stays off where the device cannot work with what was accepted.
 */
void virtio_set_status(VirtioDevice *device, uint8_t status);

/* virtio_status - what the driver reads. */
uint8_t virtio_status(const VirtioDevice *device);

/* virtio_queue - queue @index, or NULL. */
VirtQueue *virtio_queue(VirtioDevice *device, uint32_t index);

/* virtio_enable_queue - the driver set it up. */
void virtio_enable_queue(VirtioDevice *device, VirtQueue *queue);

/* virtio_reset_queue - the driver takes it back; off, and as at first. */
void virtio_reset_queue(VirtioDevice *device, VirtQueue *queue);

/* virtio_kick - the driver says there is something on queue @index. */
void virtio_kick(VirtioDevice *device, uint32_t index);

/* virtio_read_config - @size bytes of config space, all ones behind its end. */
uint64_t virtio_read_config(VirtioDevice *device, uint64_t offset, unsigned size);

/* virtio_write_config - behind its end, nothing. */
void virtio_write_config(VirtioDevice *device, uint64_t offset, unsigned size,
                         uint64_t value);

/* ---- saved state ---- */

/* Of a VirtioDevice, whatever its kind. */
extern const StateTable virtio_state;

/* virtio_part - of what is saved: the device, its queues, what its kind adds by @own, for
 * the struct of the device; NULL: nothing.  See DeviceClass. */
bool virtio_part(VirtioDevice *device, const StateTable *own, unsigned index,
                 DevicePart *ret);

/*
 * virtio_device_resume - after the tables of the device, its queues and its kind were
 * loaded; it starts when the VM runs.
 */
bool virtio_device_resume(VirtioDevice *device, GError **errp);

/* virtio_register_types - what the types of virtio devices descend from. */
void virtio_register_types(TypeRegistry *registry);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirtioDevice, virtio_device_free)

#endif
