/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtio over memory-mapped registers.
 * Source: VIRTIO 1.2, section 4.2.2 (registers, version 2).
 */
#include "virtio-mmio.h"

#include <linux/virtio_mmio.h>
#include <string.h>

#include "accel/kvm-irq.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/number.h"

/* Newer than the C library's headers may be. */
#ifndef VIRTIO_MMIO_QUEUE_RESET
#define VIRTIO_MMIO_QUEUE_RESET 0x0c0
#endif

#define MAGIC     0x74726976 /* "virt" */
#define VERSION   2
#define VENDOR_ID 0x554d4551 /* "QEMU": guests look up quirks by it */

typedef struct VirtioMmio {
    Device device;
    VirtioDevice *virtio;
    Machine *machine;
    uint64_t base; /* guest physical address */
    int *kick_fds; /* by queue, where KVM has one */
    GMutex lock;   /* of what follows, because interrupts come from any thread */
    IrqLine irq;
    uint32_t interrupts; /* VIRTIO_MMIO_INT_… */
    /* Used under the VM lock alone. */
    uint32_t features_select, accepted_select, queue_select;
} VirtioMmio;

static void set_interrupts(VirtioMmio *mmio, uint32_t add, uint32_t remove)
{
    g_mutex_lock(&mmio->lock);
    mmio->interrupts = (mmio->interrupts | add) & ~remove;
    irq_line_set(&mmio->irq, mmio->interrupts != 0);
    g_mutex_unlock(&mmio->lock);
}

static void queue_interrupt(void *opaque, unsigned queue)
{
    (void)queue;
    set_interrupts(opaque, VIRTIO_MMIO_INT_VRING, 0);
}

static void config_interrupt(void *opaque)
{
    set_interrupts(opaque, VIRTIO_MMIO_INT_CONFIG, 0);
}

static bool set_kick_fd(void *opaque, unsigned queue, int fd)
{
    VirtioMmio *mmio = opaque;
    KvmVm *vm = mmio->machine->vm;
    bool on = fd >= 0;
    const KvmIoEvent event = {
        .fd = on ? fd : mmio->kick_fds[queue],
        .addr = mmio->base + VIRTIO_MMIO_QUEUE_NOTIFY,
        .bytes = sizeof(uint32_t),
        .has_value = true,
        .value = queue,
    };

    if (!vm || !kvm_vm_set_io_event(vm, &event, on, NULL)) {
        return false;
    }
    mmio->kick_fds[queue] = fd;
    return true;
}

static const VirtioTransport mmio_transport = {
    .queue_interrupt = queue_interrupt,
    .config_interrupt = config_interrupt,
    .set_kick_fd = set_kick_fd,
};

static uint32_t read_register(VirtioMmio *mmio, uint64_t offset)
{
    VirtioDevice *virtio = mmio->virtio;
    const VirtQueue *queue = virtio_queue(virtio, mmio->queue_select);

    switch (offset) {
    case VIRTIO_MMIO_MAGIC_VALUE:
        return MAGIC;
    case VIRTIO_MMIO_VERSION:
        return VERSION;
    case VIRTIO_MMIO_DEVICE_ID:
        return virtio->class->id;
    case VIRTIO_MMIO_VENDOR_ID:
        return VENDOR_ID;
    case VIRTIO_MMIO_DEVICE_FEATURES:
        return virtio_features(virtio, mmio->features_select);
    case VIRTIO_MMIO_QUEUE_NUM_MAX:
        return queue ? queue->max_size : 0;
    case VIRTIO_MMIO_QUEUE_READY:
        return queue ? queue->is_enabled : 0;
    case VIRTIO_MMIO_INTERRUPT_STATUS:
        return __atomic_load_n(&mmio->interrupts, __ATOMIC_SEQ_CST);
    case VIRTIO_MMIO_STATUS:
        return virtio_status(virtio);
    case VIRTIO_MMIO_SHM_LEN_LOW:
    case VIRTIO_MMIO_SHM_LEN_HIGH:
    case VIRTIO_MMIO_SHM_BASE_LOW:
    case VIRTIO_MMIO_SHM_BASE_HIGH:
        return UINT32_MAX; /* there is no such region */
    case VIRTIO_MMIO_CONFIG_GENERATION:
        return virtio->generation;
    }
    return 0;
}

static uint64_t mmio_read(void *opaque, uint64_t offset, unsigned size)
{
    VirtioMmio *mmio = opaque;

    if (offset >= VIRTIO_MMIO_CONFIG) {
        return virtio_read_config(mmio->virtio, offset - VIRTIO_MMIO_CONFIG, size);
    }
    return size == sizeof(uint32_t) ? read_register(mmio, offset) : 0;
}

/* What describes a queue, which a driver may only change while it is off. */
static void write_queue(VirtQueue *queue, uint64_t offset, uint32_t value)
{
    static const struct {
        uint16_t low, high, field;
    } rows[] = {
        {VIRTIO_MMIO_QUEUE_DESC_LOW, VIRTIO_MMIO_QUEUE_DESC_HIGH,
         offsetof(VirtQueue, desc_gpa)},
        {VIRTIO_MMIO_QUEUE_AVAIL_LOW, VIRTIO_MMIO_QUEUE_AVAIL_HIGH,
         offsetof(VirtQueue, driver_gpa)},
        {VIRTIO_MMIO_QUEUE_USED_LOW, VIRTIO_MMIO_QUEUE_USED_HIGH,
         offsetof(VirtQueue, device_gpa)},
    };

    if (queue->is_enabled) {
        return;
    }
    if (offset == VIRTIO_MMIO_QUEUE_NUM) {
        queue->size = value <= queue->max_size ? (uint16_t)value : 0;
    }
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        uint64_t *gpa = (uint64_t *)(void *)((uint8_t *)queue + rows[i].field);

        if (offset == rows[i].low || offset == rows[i].high) {
            *gpa = bits_set(*gpa, offset == rows[i].high ? 32 : 0, 32, value);
        }
    }
}

static void write_queue_register(VirtioMmio *mmio, uint64_t offset, uint32_t value)
{
    VirtioDevice *virtio = mmio->virtio;
    VirtQueue *queue = virtio_queue(virtio, mmio->queue_select);

    if (!queue) {
        return;
    }
    if (offset == VIRTIO_MMIO_QUEUE_READY && value == 1) {
        virtio_enable_queue(virtio, queue);
    } else if ((offset == VIRTIO_MMIO_QUEUE_READY && value == 0) ||
               (offset == VIRTIO_MMIO_QUEUE_RESET && value == 1 &&
                virtio_has(virtio, VIRTIO_F_RING_RESET))) {
        virtio_reset_queue(virtio, queue);
    } else {
        write_queue(queue, offset, value);
    }
}

static void write_status(VirtioMmio *mmio, uint32_t value)
{
    virtio_set_status(mmio->virtio, (uint8_t)value);
    if (value == 0) {
        set_interrupts(mmio, 0, UINT32_MAX);
        mmio->features_select = mmio->accepted_select = mmio->queue_select = 0;
    }
}

static void write_register(VirtioMmio *mmio, uint64_t offset, uint32_t value)
{
    switch (offset) {
    case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
        mmio->features_select = value;
        break;
    case VIRTIO_MMIO_DRIVER_FEATURES:
        virtio_accept(mmio->virtio, mmio->accepted_select, value);
        break;
    case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
        mmio->accepted_select = value;
        break;
    case VIRTIO_MMIO_QUEUE_SEL:
        mmio->queue_select = value;
        break;
    case VIRTIO_MMIO_QUEUE_NOTIFY:
        virtio_kick(mmio->virtio, value);
        break;
    case VIRTIO_MMIO_INTERRUPT_ACK:
        set_interrupts(mmio, 0, value);
        break;
    case VIRTIO_MMIO_STATUS:
        write_status(mmio, value);
        break;
    default:
        write_queue_register(mmio, offset, value);
    }
}

static void mmio_write(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    VirtioMmio *mmio = opaque;

    if (offset >= VIRTIO_MMIO_CONFIG) {
        virtio_write_config(mmio->virtio, offset - VIRTIO_MMIO_CONFIG, size, value);
    } else if (size == sizeof(uint32_t)) {
        write_register(mmio, offset, (uint32_t)value);
    }
}

static const IoOps mmio_ops = {.read = mmio_read, .write = mmio_write};

/* ---- plan and life ---- */

#define SLOT_BYTES 0x200
#define BUS_PREFIX "virtio-mmio-bus."

static bool is_slot_free(const MachinePlan *machine, unsigned slot)
{
    for (unsigned i = 0; i < machine->devices->len; i++) {
        const DevicePlan *other = g_ptr_array_index(machine->devices, i);

        if (other->class->bus == DEVICE_BUS_VIRTIO_MMIO && other->instance == slot) {
            return false;
        }
    }
    return true;
}

/* The slot that bus=virtio-mmio-bus.N names. */
static bool find_named_slot(const DevicePlan *self, const MachinePlan *machine,
                            const VirtioMmioSlots *slots, unsigned *ret, GError **errp)
{
    const char *type = self->class->type.name;
    const char *bus = ((const DeviceConfig *)self->config)->bus;
    uint64_t slot;

    if (!g_str_has_prefix(bus, BUS_PREFIX) ||
        !number_parse_uint64(bus + strlen(BUS_PREFIX), &slot) || slot >= slots->count) {
        error_set(errp, "device %s: bus=%s: there are " BUS_PREFIX "0 to %u", type, bus,
                  slots->count - 1);
        return false;
    }
    if (!is_slot_free(machine, (unsigned)slot)) {
        error_set(errp, "device %s: bus=%s: another device has it", type, bus);
        return false;
    }
    *ret = (unsigned)slot;
    return true;
}

static bool find_slot(const DevicePlan *self, const MachinePlan *machine,
                      const VirtioMmioSlots *slots, unsigned *ret, GError **errp)
{
    unsigned slot = slots->count;

    if (slots->count && ((const DeviceConfig *)self->config)->bus) {
        return find_named_slot(self, machine, slots, ret, errp);
    }
    while (slot > 0 && !is_slot_free(machine, slot - 1)) {
        slot--;
    }
    if (slot == 0) {
        error_set(errp,
                  slots->count ? "device %s: all %u slots of virtio-mmio are taken"
                               : "device %s: this board has no slots of virtio-mmio",
                  self->class->type.name, slots->count);
        return false;
    }
    *ret = slot - 1;
    return true;
}

bool virtio_mmio_plan(DevicePlan *self, const MachinePlan *machine, GError **errp)
{
    const VirtioClass *class = self->class->data;
    DeviceConfig *config = (DeviceConfig *)self->config;
    VirtioMmioSlots slots = {0};
    unsigned slot;

    if (machine->board->virtio_slots) {
        slots = machine->board->virtio_slots(machine);
    }
    if (!find_slot(self, machine, &slots, &slot, errp)) {
        return false;
    }
    g_free(config->bus);
    config->bus = g_strdup_printf(BUS_PREFIX "%u", slot);
    self->instance = slot;
    self->irq = (int)(slots.irq + slot);
    device_plan_add_range(self, DEVICE_SPACE_MEMORY, slots.base + SLOT_BYTES * slot,
                          SLOT_BYTES);
    return !class->check ||
           class->check((const VirtioConfig *)self->config, machine, errp);
}

static void mmio_free(Device *device)
{
    VirtioMmio *mmio = (VirtioMmio *)device;

    virtio_device_free(mmio->virtio);
    g_mutex_clear(&mmio->lock);
    g_free(mmio->kick_fds);
    g_free(mmio);
}

Device *virtio_mmio_realize(Machine *machine, const DevicePlan *self, GError **errp)
{
    VirtioMmio *mmio = g_new0(VirtioMmio, 1);

    mmio->device.free = mmio_free;
    mmio->machine = machine;
    mmio->base = self->ranges[0].base;
    g_mutex_init(&mmio->lock);
    mmio->irq = machine->plan->board->irq(machine, (unsigned)self->irq);
    mmio->virtio =
        virtio_device_new(self->class->data, machine, (const VirtioConfig *)self->config,
                          &mmio_transport, mmio, errp);
    if (mmio->virtio) {
        mmio->kick_fds = g_new0(int, mmio->virtio->queue_count);
    }
    if (!mmio->virtio || !device_map(machine, self, 0, &mmio_ops, mmio, errp)) {
        mmio_free(&mmio->device);
        return NULL;
    }
    return &mmio->device;
}

void virtio_mmio_set_running(Device *device, bool running)
{
    virtio_set_running(((VirtioMmio *)device)->virtio, running);
}

/* ---- state ---- */

bool virtio_mmio_part(Device *device, unsigned index, DevicePart *ret)
{
    return virtio_part(((VirtioMmio *)device)->virtio, device->class->part_tables[2],
                       index, ret);
}

static bool mmio_post_load(void *object, GError **errp)
{
    VirtioMmio *mmio = object;

    set_interrupts(mmio, 0, 0);
    return virtio_device_resume(mmio->virtio, errp);
}

/* clang-format off */
static const StateRow mmio_rows[] = {
    {"interrupts", STATE_U32, offsetof(VirtioMmio, interrupts)},
    {"features-select", STATE_U32, offsetof(VirtioMmio, features_select)},
    {"accepted-select", STATE_U32, offsetof(VirtioMmio, accepted_select)},
    {"queue-select", STATE_U32, offsetof(VirtioMmio, queue_select)},
};
/* clang-format on */

const StateTable virtio_mmio_state = {
    .name = "virtio-mmio",
    .version = 1,
    .size = sizeof(VirtioMmio),
    .rows = mmio_rows,
    .row_count = ARRAY_LEN(mmio_rows),
    .post_load = mmio_post_load,
};
