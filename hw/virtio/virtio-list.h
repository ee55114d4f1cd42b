/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every kind of virtio device, by name: the list to extend for a new one. */
#ifndef HW_VIRTIO_LIST_H
#define HW_VIRTIO_LIST_H

#include "hw/device.h"

#define VIRTIO_CLASS_LIST(ROW)                                                           \
    ROW(virtio_balloon) ROW(virtio_blk) ROW(virtio_net) ROW(virtio_rng) ROW(virtio_serial)

/* What there is of each, by transport. */
#define VIRTIO_DECLARE(name)                                                             \
    extern const DeviceClass name##_device_class;                                        \
    extern const DeviceClass name##_pci_class;                                           \
    extern const DeviceClass name##_pci_modern_class;
VIRTIO_CLASS_LIST(VIRTIO_DECLARE)
#undef VIRTIO_DECLARE

/* Ports of a virtio-serial. */
extern const DeviceClass virtconsole_class;
extern const DeviceClass virtserialport_class;

/* For a list of classes. */
#define VIRTIO_DEVICE_CLASSES(name)                                                      \
    &name##_device_class, &name##_pci_class, &name##_pci_modern_class,

#endif
