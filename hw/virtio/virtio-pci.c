/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtio over PCI.
 * Source: VIRTIO 1.2, section 4.1.
 */
#include "virtio-pci.h"

#include <linux/virtio_pci.h>
#include <string.h>

#include "util/bits.h"
#include "util/error.h"

/* Newer than the C library's headers may be. */
#ifndef VIRTIO_PCI_COMMON_Q_RESET
#define VIRTIO_PCI_COMMON_Q_RESET 58
#endif

#define VENDOR_ID       0x1af4
#define DEVICE_ID_FIRST 0x1040 /* and the device's number */
#define SUBSYSTEM_ID    0x1100
#define REVISION        1

/* As QEMU places them: table of messages in BAR 1, structures in BAR 4. */
#define MSIX_BAR           1
#define REGISTER_BAR       4
#define REGISTER_BAR_BYTES 0x4000
#define COMMON_OFFSET      0x0000
#define ISR_OFFSET         0x1000
#define CONFIG_OFFSET      0x2000
#define NOTIFY_OFFSET      0x3000
#define STRUCTURE_BYTES    0x1000
#define NOTIFY_BYTES       4 /* for each queue */

#define ISR_QUEUE  1
#define ISR_CONFIG 2

#define EXPRESS_ENDPOINT            0
#define EXPRESS_INTEGRATED_ENDPOINT 9

typedef struct VirtioPci {
    PciFunction function;
    VirtioDevice *virtio;
    bool is_running; /* the VM */
    unsigned window; /* the capability that reaches BARs through configuration space */
    GMutex lock;     /* of isr, because interrupts come from any thread */
    uint8_t isr;
    /* Used under the VM lock alone. */
    uint32_t features_select, accepted_select;
    uint16_t config_vector, queue_select;
} VirtioPci;

/* ---- interrupts ---- */

static void set_isr(VirtioPci *pci, uint8_t bits)
{
    g_mutex_lock(&pci->lock);
    pci->isr = bits ? pci->isr | bits : 0;
    pci_set_intx(&pci->function, pci->isr != 0);
    g_mutex_unlock(&pci->lock);
}

static void queue_interrupt(void *opaque, unsigned queue)
{
    VirtioPci *pci = opaque;

    if (msix_is_enabled(&pci->function)) {
        msix_notify(&pci->function, pci->virtio->queues[queue].vector);
    } else {
        set_isr(pci, ISR_QUEUE);
    }
}

static void config_interrupt(void *opaque)
{
    VirtioPci *pci = opaque;

    set_isr(pci, ISR_CONFIG);
    if (msix_is_enabled(&pci->function)) {
        msix_notify(&pci->function, pci->config_vector);
    }
}

static const VirtioTransport pci_transport = {
    .queue_interrupt = queue_interrupt,
    .config_interrupt = config_interrupt,
};

/* ---- the common structure ---- */

static uint32_t vectors_of(const VirtioPci *pci)
{
    return virtio_pci_vectors(pci->virtio->class, pci->virtio->config);
}

/* A vector that is not there is refused by reading back as none. */
static uint16_t accept_vector(const VirtioPci *pci, uint64_t vector)
{
    return vector < vectors_of(pci) ? (uint16_t)vector : VIRTIO_MSI_NO_VECTOR;
}

static uint64_t read_device_field(VirtioPci *pci, uint64_t offset)
{
    const VirtioDevice *virtio = pci->virtio;

    switch (offset) {
    case VIRTIO_PCI_COMMON_DFSELECT:
        return pci->features_select;
    case VIRTIO_PCI_COMMON_DF:
        return virtio_features(virtio, pci->features_select);
    case VIRTIO_PCI_COMMON_GFSELECT:
        return pci->accepted_select;
    case VIRTIO_PCI_COMMON_GF:
        return virtio_accepted(virtio, pci->accepted_select);
    case VIRTIO_PCI_COMMON_MSIX:
        return pci->config_vector;
    case VIRTIO_PCI_COMMON_NUMQ:
        return virtio->queue_count;
    case VIRTIO_PCI_COMMON_STATUS:
        return virtio_status(virtio);
    case VIRTIO_PCI_COMMON_CFGGENERATION:
        return (uint8_t)virtio->generation;
    case VIRTIO_PCI_COMMON_Q_SELECT:
        return pci->queue_select;
    }
    return 0;
}

static uint64_t read_queue_field(const VirtQueue *queue, uint64_t offset)
{
    switch (offset) {
    case VIRTIO_PCI_COMMON_Q_SIZE:
        return queue->size;
    case VIRTIO_PCI_COMMON_Q_MSIX:
        return queue->vector;
    case VIRTIO_PCI_COMMON_Q_ENABLE:
        return queue->is_enabled;
    case VIRTIO_PCI_COMMON_Q_NOFF:
        return queue->index;
    case VIRTIO_PCI_COMMON_Q_DESCLO:
        return queue->desc_gpa;
    case VIRTIO_PCI_COMMON_Q_DESCHI:
        return queue->desc_gpa >> 32;
    case VIRTIO_PCI_COMMON_Q_AVAILLO:
        return queue->driver_gpa;
    case VIRTIO_PCI_COMMON_Q_AVAILHI:
        return queue->driver_gpa >> 32;
    case VIRTIO_PCI_COMMON_Q_USEDLO:
        return queue->device_gpa;
    case VIRTIO_PCI_COMMON_Q_USEDHI:
        return queue->device_gpa >> 32;
    }
    return 0;
}

static uint64_t read_common(VirtioPci *pci, uint64_t offset)
{
    const VirtQueue *queue = virtio_queue(pci->virtio, pci->queue_select);

    if (offset <= VIRTIO_PCI_COMMON_Q_SELECT) {
        return read_device_field(pci, offset);
    }
    return queue ? read_queue_field(queue, offset) : 0; /* size 0: it is not there */
}

static void write_address(uint64_t *gpa, bool is_high, unsigned size, uint64_t value)
{
    *gpa = bits_set(*gpa, is_high ? 32 : 0, size == 8 && !is_high ? 64 : 32, value);
}

/* What describes a queue, which a driver may only change while it is off. */
static void write_queue_field(VirtQueue *queue, uint64_t offset, unsigned size,
                              uint64_t value)
{
    if (queue->is_enabled) {
        return;
    }
    switch (offset) {
    case VIRTIO_PCI_COMMON_Q_SIZE:
        queue->size = value <= queue->max_size ? (uint16_t)value : 0;
        break;
    case VIRTIO_PCI_COMMON_Q_DESCLO:
    case VIRTIO_PCI_COMMON_Q_DESCHI:
        write_address(&queue->desc_gpa, offset & 4, size, value);
        break;
    case VIRTIO_PCI_COMMON_Q_AVAILLO:
    case VIRTIO_PCI_COMMON_Q_AVAILHI:
        write_address(&queue->driver_gpa, offset & 4, size, value);
        break;
    case VIRTIO_PCI_COMMON_Q_USEDLO:
    case VIRTIO_PCI_COMMON_Q_USEDHI:
        write_address(&queue->device_gpa, offset & 4, size, value);
        break;
    }
}

static void write_queue(VirtioPci *pci, uint64_t offset, unsigned size, uint64_t value)
{
    VirtQueue *queue = virtio_queue(pci->virtio, pci->queue_select);

    if (!queue) {
        return;
    }
    if (offset == VIRTIO_PCI_COMMON_Q_MSIX) {
        queue->vector = accept_vector(pci, value);
    } else if (offset == VIRTIO_PCI_COMMON_Q_ENABLE && value == 1) {
        virtio_enable_queue(pci->virtio, queue);
    } else if (offset == VIRTIO_PCI_COMMON_Q_RESET && value == 1 &&
               virtio_has(pci->virtio, VIRTIO_F_RING_RESET)) {
        virtio_reset_queue(pci->virtio, queue);
    } else {
        write_queue_field(queue, offset, size, value);
    }
}

static void write_status(VirtioPci *pci, uint8_t value)
{
    virtio_set_status(pci->virtio, value);
    if (value == 0) {
        set_isr(pci, 0);
        pci->features_select = pci->accepted_select = pci->queue_select = 0;
        pci->config_vector = VIRTIO_MSI_NO_VECTOR;
    }
}

static void write_common(VirtioPci *pci, uint64_t offset, unsigned size, uint64_t value)
{
    switch (offset) {
    case VIRTIO_PCI_COMMON_DFSELECT:
        pci->features_select = (uint32_t)value;
        break;
    case VIRTIO_PCI_COMMON_GFSELECT:
        pci->accepted_select = (uint32_t)value;
        break;
    case VIRTIO_PCI_COMMON_GF:
        virtio_accept(pci->virtio, pci->accepted_select, (uint32_t)value);
        break;
    case VIRTIO_PCI_COMMON_MSIX:
        pci->config_vector = accept_vector(pci, value);
        break;
    case VIRTIO_PCI_COMMON_STATUS:
        write_status(pci, (uint8_t)value);
        break;
    case VIRTIO_PCI_COMMON_Q_SELECT:
        pci->queue_select = (uint16_t)value;
        break;
    default:
        write_queue(pci, offset, size, value);
    }
}

/* ---- the BAR ---- */

static uint8_t read_isr(VirtioPci *pci)
{
    uint8_t isr;

    g_mutex_lock(&pci->lock);
    isr = pci->isr;
    g_mutex_unlock(&pci->lock);
    set_isr(pci, 0);
    return isr;
}

static uint64_t pci_bar_read(void *opaque, uint64_t offset, unsigned size)
{
    VirtioPci *pci = opaque;
    uint64_t at = offset % STRUCTURE_BYTES;

    switch (offset - at) {
    case COMMON_OFFSET:
        return read_common(pci, at);
    case ISR_OFFSET:
        return at == 0 ? read_isr(pci) : 0;
    case CONFIG_OFFSET:
        return virtio_read_config(pci->virtio, at, size);
    }
    return 0;
}

static void pci_bar_write(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    VirtioPci *pci = opaque;
    uint64_t at = offset % STRUCTURE_BYTES;

    switch (offset - at) {
    case COMMON_OFFSET:
        write_common(pci, at, size, value);
        break;
    case CONFIG_OFFSET:
        virtio_write_config(pci->virtio, at, size, value);
        break;
    case NOTIFY_OFFSET:
        virtio_kick(pci->virtio, (uint32_t)(at / NOTIFY_BYTES));
        break;
    }
}

static const IoOps bar_ops = {.read = pci_bar_read, .write = pci_bar_write};

/* ---- the window in configuration space (4.1.4.9) ---- */

/* Where the guest has pointed it; false where that is nowhere. */
static bool window_place(const VirtioPci *pci, uint32_t *ret_offset, unsigned *ret_size)
{
    uint32_t size = pci_get32(&pci->function, pci->window + VIRTIO_PCI_CAP_LENGTH);

    *ret_offset = pci_get32(&pci->function, pci->window + VIRTIO_PCI_CAP_OFFSET);
    *ret_size = size;
    return pci->function.config[pci->window + VIRTIO_PCI_CAP_BAR] == REGISTER_BAR &&
           (size == 1 || size == 2 || size == 4) && *ret_offset % size == 0 &&
           range_fits(*ret_offset, size, REGISTER_BAR_BYTES);
}

static bool touches_window(const VirtioPci *pci, unsigned offset, unsigned size)
{
    unsigned data = pci->window + sizeof(struct virtio_pci_cap);

    return pci->window && offset < data + 4 && offset + size > data;
}

static void config_will_be_read(PciFunction *function, unsigned offset, unsigned size)
{
    VirtioPci *pci = (VirtioPci *)function;
    uint32_t at;
    unsigned len;

    if (touches_window(pci, offset, size) && window_place(pci, &at, &len)) {
        pci_put32(function, pci->window + sizeof(struct virtio_pci_cap),
                  (uint32_t)pci_bar_read(pci, at, len));
    }
}

static void follow(VirtioPci *pci)
{
    virtio_set_running(pci->virtio, pci->is_running && pci_is_bus_master(&pci->function));
}

static void config_written(PciFunction *function, unsigned offset, unsigned size)
{
    VirtioPci *pci = (VirtioPci *)function;
    uint32_t at;
    unsigned len;

    follow(pci);
    /* All of it at once is a load, and not a guest's. */
    if (size <= 4 && touches_window(pci, offset, size) && window_place(pci, &at, &len)) {
        pci_bar_write(pci, at, len,
                      pci_get32(function, pci->window + sizeof(struct virtio_pci_cap)));
    }
}

/* ---- plan ---- */

uint32_t virtio_pci_vectors(const VirtioClass *class, const VirtioConfig *config)
{
    uint32_t queues = 0;

    if (config->vectors != VIRTIO_VECTORS_UNSET) {
        return config->vectors;
    }
    while (class->queue_size(config, queues)) {
        queues++;
    }
    return class->vectors ? class->vectors : queues + 1;
}

bool virtio_pci_plan(DevicePlan *self, const MachinePlan *machine, GError **errp)
{
    const VirtioClass *class = self->class->data;
    const VirtioConfig *config = (const VirtioConfig *)self->config;
    uint32_t vectors = virtio_pci_vectors(class, config);

    self->pci.identity = (PciIdentity){
        .vendor = VENDOR_ID,
        .device = (uint16_t)(DEVICE_ID_FIRST + class->id),
        .subsystem_vendor = VENDOR_ID,
        .subsystem = SUBSYSTEM_ID,
        .revision = REVISION,
        .class_code = class->pci_class,
        .has_pin = true,
        .bars = {[REGISTER_BAR] = {REGISTER_BAR_BYTES, PCI_BAR_MEMORY64_PREFETCHABLE}},
    };
    if (vectors) {
        self->pci.identity.bars[MSIX_BAR] =
            (PciBarRow){msix_bar_bytes(vectors), PCI_BAR_MEMORY32};
    }
    return !class->check || class->check(config, machine, errp);
}

/* ---- life ---- */

static void add_structure(VirtioPci *pci, uint8_t type, unsigned extra, uint32_t offset,
                          uint32_t bytes)
{
    unsigned len = (unsigned)sizeof(struct virtio_pci_cap) + extra;
    unsigned at = pci_add_capability(&pci->function, PCI_CAP_VENDOR, len);

    pci->function.config[at + VIRTIO_PCI_CAP_LEN] = (uint8_t)len;
    pci->function.config[at + VIRTIO_PCI_CAP_CFG_TYPE] = type;
    pci->function.config[at + VIRTIO_PCI_CAP_BAR] =
        type == VIRTIO_PCI_CAP_PCI_CFG ? 0 : REGISTER_BAR;
    pci_put32(&pci->function, at + VIRTIO_PCI_CAP_OFFSET, offset);
    pci_put32(&pci->function, at + VIRTIO_PCI_CAP_LENGTH, bytes);
    if (type == VIRTIO_PCI_CAP_NOTIFY_CFG) {
        pci_put32(&pci->function, at + VIRTIO_PCI_NOTIFY_CAP_MULT, NOTIFY_BYTES);
    }
    if (type == VIRTIO_PCI_CAP_PCI_CFG) {
        pci->window = at;
        pci->function.writable[at + VIRTIO_PCI_CAP_BAR] = 0xff;
        pci_set_writable32(&pci->function, at + VIRTIO_PCI_CAP_OFFSET, UINT32_MAX);
        pci_set_writable32(&pci->function, at + VIRTIO_PCI_CAP_LENGTH, UINT32_MAX);
        pci_set_writable32(&pci->function, at + sizeof(struct virtio_pci_cap),
                           UINT32_MAX);
    }
}

static void add_structures(VirtioPci *pci)
{
    const VirtioDevice *virtio = pci->virtio;

    add_structure(pci, VIRTIO_PCI_CAP_COMMON_CFG, 0, COMMON_OFFSET, STRUCTURE_BYTES);
    add_structure(pci, VIRTIO_PCI_CAP_ISR_CFG, 0, ISR_OFFSET, STRUCTURE_BYTES);
    if (virtio->class->config_bytes) {
        add_structure(pci, VIRTIO_PCI_CAP_DEVICE_CFG, 0, CONFIG_OFFSET, STRUCTURE_BYTES);
    }
    add_structure(pci, VIRTIO_PCI_CAP_NOTIFY_CFG, 4, NOTIFY_OFFSET,
                  virtio->queue_count * NOTIFY_BYTES);
    add_structure(pci, VIRTIO_PCI_CAP_PCI_CFG, 4, 0, 0);
}

static void virtio_pci_free(Device *device)
{
    VirtioPci *pci = (VirtioPci *)device;

    virtio_device_free(pci->virtio);
    pci_function_clear(&pci->function);
    g_mutex_clear(&pci->lock);
    g_free(pci);
}

Device *virtio_pci_realize(Machine *machine, const DevicePlan *self, GError **errp)
{
    const VirtioConfig *config = (const VirtioConfig *)self->config;
    VirtioPci *pci = g_new0(VirtioPci, 1);
    uint32_t vectors = virtio_pci_vectors(self->class->data, config);

    pci->function.device.free = virtio_pci_free;
    g_mutex_init(&pci->lock);
    pci->config_vector = VIRTIO_MSI_NO_VECTOR;
    pci_function_init(&pci->function, machine, self);
    pci_add_express_capability(
        &pci->function,
        self->pci.bus->port ? EXPRESS_ENDPOINT : EXPRESS_INTEGRATED_ENDPOINT, 0);
    pci->virtio =
        virtio_device_new(self->class->data, machine, config, &pci_transport, pci, errp);
    if (!pci->virtio ||
        (vectors && !msix_init(&pci->function, MSIX_BAR, vectors, errp))) {
        virtio_pci_free(&pci->function.device);
        return NULL;
    }
    add_structures(pci);
    pci_bar_answer(&pci->function, REGISTER_BAR, &bar_ops, pci);
    pci->function.config_written = config_written;
    pci->function.config_will_be_read = config_will_be_read;
    return &pci->function.device;
}

void virtio_pci_set_running(Device *device, bool running)
{
    VirtioPci *pci = (VirtioPci *)device;

    pci->is_running = running;
    follow(pci);
}

/* ---- state ---- */

bool virtio_pci_part(Device *device, unsigned index, DevicePart *ret)
{
    VirtioPci *pci = (VirtioPci *)device;

    if (index == 0) {
        *ret = (DevicePart){&pci_function_state, &pci->function};
        return true;
    }
    return virtio_part(pci->virtio, device->class->part_tables[3], index - 1, ret);
}

static bool pci_post_load(void *object, GError **errp)
{
    VirtioPci *pci = object;

    pci_set_intx(&pci->function, pci->isr != 0);
    return virtio_device_resume(pci->virtio, errp);
}

/* clang-format off */
static const StateRow pci_rows[] = {
    {"isr", STATE_U8, offsetof(VirtioPci, isr)},
    {"features-select", STATE_U32, offsetof(VirtioPci, features_select)},
    {"accepted-select", STATE_U32, offsetof(VirtioPci, accepted_select)},
    {"config-vector", STATE_U16, offsetof(VirtioPci, config_vector)},
    {"queue-select", STATE_U16, offsetof(VirtioPci, queue_select)},
};
/* clang-format on */

const StateTable virtio_pci_state = {
    .name = "virtio-pci",
    .version = 1,
    .size = sizeof(VirtioPci),
    .rows = pci_rows,
    .row_count = ARRAY_LEN(pci_rows),
    .post_load = pci_post_load,
};
