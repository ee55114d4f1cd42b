/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The common configuration structure of virtio over PCI.
 * Source: VIRTIO 1.2, section 4.1.4.3.
 */
#include <linux/virtio_pci.h>

#include "util/bits.h"
#include "virtio-pci.h"

/* Newer than the C library's headers may be. */
#ifndef VIRTIO_PCI_COMMON_Q_RESET
#define VIRTIO_PCI_COMMON_Q_RESET 58
#endif

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

uint64_t virtio_pci_read_common(VirtioPci *pci, uint64_t offset)
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
        virtio_pci_set_isr(pci, 0);
        pci->features_select = pci->accepted_select = pci->queue_select = 0;
        pci->config_vector = VIRTIO_MSI_NO_VECTOR;
    }
}

void virtio_pci_write_common(VirtioPci *pci, uint64_t offset, unsigned size,
                             uint64_t value)
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
