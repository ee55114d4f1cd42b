/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtio over memory-mapped registers, in the slots a board has for them.
 */
#ifndef HW_VIRTIO_MMIO_H
#define HW_VIRTIO_MMIO_H

#include "hw/virtio.h"

/* virtio_mmio_plan - a slot for the device: the last one that is free, as in QEMU. */
bool virtio_mmio_plan(DevicePlan *self, const MachinePlan *machine, GError **errp);

/* virtio_mmio_realize - the device in its slot. */
Device *virtio_mmio_realize(Machine *machine, const DevicePlan *self, GError **errp);

/* virtio_mmio_part - of what is saved, see DeviceClass. */
bool virtio_mmio_part(Device *device, unsigned index, DevicePart *ret);

/* virtio_mmio_set_running - the VM runs or stops, see DeviceClass. */
void virtio_mmio_set_running(Device *device, bool running);

/* Of the registers. */
extern const StateTable virtio_mmio_state;

#endif
