/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One virtio device, on a machine without KVM or vCPUs, and what a driver does to it:
 * registers by the offsets of virtio-mmio, of which those of PCI are found; rings by
 * made-driver.h.
 */
#ifndef TESTS_MADE_VIRTIO_H
#define TESTS_MADE_VIRTIO_H

#include "hw/machine.h"
#include "made-driver.h"

#define MADE_RAM_BYTES  (1024 * 1024)
#define MADE_BUFFER_GPA 0x80000 /* rings of queue N lie at N * 0x8000 */
#define MADE_QUEUES_MAX 8

/* Offsets of registers, VIRTIO 1.2, 4.2.2. */
enum {
    MMIO_DEVICE_ID = 0x008,
    MMIO_DEVICE_FEATURES = 0x010,
    MMIO_DEVICE_FEATURES_SEL = 0x014,
    MMIO_DRIVER_FEATURES = 0x020,
    MMIO_DRIVER_FEATURES_SEL = 0x024,
    MMIO_QUEUE_SEL = 0x030,
    MMIO_QUEUE_NUM_MAX = 0x034,
    MMIO_QUEUE_NUM = 0x038,
    MMIO_QUEUE_READY = 0x044,
    MMIO_QUEUE_NOTIFY = 0x050,
    MMIO_INTERRUPT_STATUS = 0x060,
    MMIO_INTERRUPT_ACK = 0x064,
    MMIO_STATUS = 0x070,
    MMIO_QUEUE_DESC = 0x080,
    MMIO_QUEUE_DRIVER = 0x090,
    MMIO_QUEUE_DEVICE = 0x0a0,
    MMIO_QUEUE_RESET = 0x0c0,
    MMIO_CONFIG_GENERATION = 0x0fc,
    MMIO_CONFIG = 0x100,
};

enum {
    STATUS_ACKNOWLEDGE = 1,
    STATUS_DRIVER = 2,
    STATUS_DRIVER_OK = 4,
    STATUS_FEATURES_OK = 8,
    STATUS_NEEDS_RESET = 64,
    STATUS_READY = 15,
};

typedef struct MadeVirtio {
    TypeRegistry *registry;
    Board board;
    MachineHost host;
    MachinePlan *plan;
    Machine machine;
    GPtrArray *configs; /* Object *, owned */
    uint64_t base;      /* where the first device's registers are */
    bool is_pci;
    bool level;         /* of its line */
    json_object *event; /* the last one; NULL: none */
    MadeDriver drivers[MADE_QUEUES_MAX];
} MadeVirtio;

/*
 * made_virtio_new - a running device of @type with "property=value" strings, NULL last.
 * @edit: what else the machine has; NULL: nothing
 */
MadeVirtio *made_virtio_new(const char *type, const char *const *settings,
                            void (*edit)(MadeVirtio *made));

/* made_virtio_plug - one more device, with an id; an error where it cannot be planned. */
bool made_virtio_plug(MadeVirtio *made, const char *type, const char *id,
                      const char *const *settings, GError **errp);

/* made_virtio_renew - the devices anew, as a reset of the machine or an arrival makes it:
 * not running yet.  Memory stays. */
void made_virtio_renew(MadeVirtio *made);

/* made_virtio_free - NULL is nothing. */
void made_virtio_free(MadeVirtio *made);

/* made_virtio_read, made_virtio_write - a register.  Over PCI reading the interrupts is
 * taking them. */
uint32_t made_virtio_read(MadeVirtio *made, unsigned offset);
void made_virtio_write(MadeVirtio *made, unsigned offset, uint32_t value);

/* made_virtio_read_config, made_virtio_write_config - configuration space of the first
 * function. */
uint32_t made_virtio_read_config(MadeVirtio *made, unsigned offset, unsigned bytes);
void made_virtio_write_config(MadeVirtio *made, unsigned offset, unsigned bytes,
                              uint32_t value);

/* made_virtio_features - what the device offers. */
uint64_t made_virtio_features(MadeVirtio *made);

/*
 * made_virtio_start - as a driver starts it, with @features of those offered and its
 * first
 * @queues queues, of at most 8 places; VIRTIO_F_VERSION_1 by itself.
 */
void made_virtio_start(MadeVirtio *made, uint64_t features, unsigned queues);

/* made_virtio_set_queue - set queue @index up again, after it was reset. */
void made_virtio_set_queue(MadeVirtio *made, unsigned index, uint64_t features);

/* made_virtio_add - a buffer of one part on @queue; kicked where the device asks.  Its
 * id. */
int made_virtio_add(MadeVirtio *made, unsigned queue, uint64_t gpa, uint32_t bytes,
                    bool is_in);

/* made_virtio_save, made_virtio_load - its state, through a new device. */
GPtrArray *made_virtio_save(MadeVirtio *made);
bool made_virtio_load(MadeVirtio *made, const GPtrArray *sections, GError **errp);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MadeVirtio, made_virtio_free)

#endif
