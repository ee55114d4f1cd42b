/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtio over PCI.
 * Source: VIRTIO 1.2, section 4.1.
 */
#include "virtio-pci.h"

#include <linux/virtio_pci.h>
#include <string.h>

#include "accel/kvm-irq.h"
#include "util/bits.h"
#include "util/error.h"

#define DEVICE_ID_FIRST 0x1040 /* and the device's number */
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

/* ---- interrupts ---- */

void virtio_pci_set_isr(VirtioPci *pci, uint8_t bits)
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
        virtio_pci_set_isr(pci, ISR_QUEUE);
    }
}

static void config_interrupt(void *opaque)
{
    VirtioPci *pci = opaque;

    virtio_pci_set_isr(pci, ISR_CONFIG);
    if (msix_is_enabled(&pci->function)) {
        msix_notify(&pci->function, pci->config_vector);
    }
}

/* ---- kicks by eventfd, which follow the BAR ---- */

static bool set_io_event(VirtioPci *pci, unsigned queue, uint64_t at, bool on)
{
    const KvmIoEvent event = {.fd = pci->kick_fds[queue],
                              .addr = at + queue * NOTIFY_BYTES};
    KvmVm *vm = pci->function.machine->vm;

    return vm && kvm_vm_set_io_event(vm, &event, on, NULL);
}

static void follow_bar(VirtioPci *pci)
{
    const PciBar *bar = &pci->function.bars[REGISTER_BAR];
    uint64_t at = bar->is_mapped ? bar->at + NOTIFY_OFFSET : 0;

    if (at == pci->kicks_at) {
        return;
    }
    for (unsigned i = 0; i < pci->virtio->queue_count; i++) {
        if (pci->kick_fds[i] && pci->kicks_at) {
            (void)set_io_event(pci, i, pci->kicks_at, false); /* as it was made */
        }
        if (pci->kick_fds[i] && at) {
            (void)set_io_event(pci, i, at, true); /* else kicks are exits */
        }
    }
    pci->kicks_at = at;
}

static bool set_kick_fd(void *opaque, unsigned queue, int fd)
{
    VirtioPci *pci = opaque;
    bool ok = true;

    follow_bar(pci);
    if (pci->kick_fds[queue] && pci->kicks_at) {
        (void)set_io_event(pci, queue, pci->kicks_at, false);
    }
    pci->kick_fds[queue] = fd < 0 ? 0 : fd;
    if (pci->kick_fds[queue] && pci->kicks_at) {
        ok = set_io_event(pci, queue, pci->kicks_at, true);
        pci->kick_fds[queue] = ok ? fd : 0;
    }
    return ok;
}

static const VirtioTransport pci_transport = {
    .queue_interrupt = queue_interrupt,
    .config_interrupt = config_interrupt,
    .set_kick_fd = set_kick_fd,
};

/* ---- the BAR ---- */

static uint8_t read_isr(VirtioPci *pci)
{
    uint8_t isr;

    g_mutex_lock(&pci->lock);
    isr = pci->isr;
    g_mutex_unlock(&pci->lock);
    virtio_pci_set_isr(pci, 0);
    return isr;
}

static uint64_t pci_bar_read(void *opaque, uint64_t offset, unsigned size)
{
    VirtioPci *pci = opaque;
    uint64_t at = offset % STRUCTURE_BYTES;

    switch (offset - at) {
    case COMMON_OFFSET:
        return virtio_pci_read_common(pci, at);
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
        virtio_pci_write_common(pci, at, size, value);
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

    follow_bar(pci);
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
        .vendor = PCI_VENDOR_QUMRANET,
        .device = (uint16_t)(DEVICE_ID_FIRST + class->id),
        .subsystem_vendor = PCI_VENDOR_QUMRANET,
        .subsystem = PCI_SUBSYSTEM_QEMU,
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
    g_free(pci->kick_fds);
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
    pci->kick_fds = g_new0(int, pci->virtio->queue_count);
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
