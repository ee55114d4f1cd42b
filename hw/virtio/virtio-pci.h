/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtio as a function of PCI Express, modern alone.
 */
#ifndef HW_VIRTIO_PCI_H
#define HW_VIRTIO_PCI_H

#include "hw/pci.h"
#include "hw/virtio.h"

typedef struct VirtioPci {
    PciFunction function;
    VirtioDevice *virtio;
    bool is_running; /* the VM */
    /* Kicks that KVM tells: descriptor of each queue, 0 where it has none, and where the
     * queues' registers are for KVM, 0 where they are not. */
    int *kick_fds;
    uint64_t kicks_at;
    unsigned window; /* the capability that reaches BARs through configuration space */
    GMutex lock;     /* of isr, because interrupts come from any thread */
    uint8_t isr;
    /* Used under the VM lock alone. */
    uint32_t features_select, accepted_select;
    uint16_t config_vector, queue_select;
} VirtioPci;

/* virtio_pci_set_isr - @bits are added to what the guest finds pending; 0: nothing is
 * pending.  Any thread. */
void virtio_pci_set_isr(VirtioPci *pci, uint8_t bits);

/* virtio_pci_read_common, virtio_pci_write_common - a field of the common structure. */
uint64_t virtio_pci_read_common(VirtioPci *pci, uint64_t offset);
void virtio_pci_write_common(VirtioPci *pci, uint64_t offset, unsigned size,
                             uint64_t value);

/* virtio_pci_vectors - how many messages a device has; 0: none. */
uint32_t virtio_pci_vectors(const VirtioClass *class, const VirtioConfig *config);

/* virtio_pci_plan - identity and BARs. */
bool virtio_pci_plan(DevicePlan *self, const MachinePlan *machine, GError **errp);

/* virtio_pci_realize - the function, on its bus. */
Device *virtio_pci_realize(Machine *machine, const DevicePlan *self, GError **errp);

/* virtio_pci_part - of what is saved, see DeviceClass. */
bool virtio_pci_part(Device *device, unsigned index, DevicePart *ret);

/* virtio_pci_set_running - the VM runs or stops, see DeviceClass. */
void virtio_pci_set_running(Device *device, bool running);

/* Of the registers in its BAR. */
extern const StateTable virtio_pci_state;

#endif
