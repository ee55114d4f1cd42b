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

/*
 * The device type @text "-device" over @ident_class, a VirtioClass.
 * @own: the StateTable of its own, or NULL; @properties: an array
 */
#define VIRTIO_DEVICE_ROWS(ident, text, sentence, Config, properties, own)               \
    static const StateTable *const ident##_parts[] = {&virtio_state, &virtqueue_state,   \
                                                      own, NULL};                        \
    const DeviceClass ident##_device_class = {                                           \
        .type = {.name = text "-device",                                                 \
                 .parent = TYPE_VIRTIO_DEVICE,                                           \
                 .doc = sentence ", in a slot of virtio-mmio",                           \
                 .is_user_creatable = true,                                              \
                 .instance_size = sizeof(Config),                                        \
                 .props = properties,                                                    \
                 .prop_count = ARRAY_LEN(properties)},                                   \
        .bus = DEVICE_BUS_VIRTIO_MMIO,                                                   \
        .data = &ident##_class,                                                          \
        .description = {.acpi_name = "VR",                                               \
                        .acpi_hid = "LNRO0005",                                          \
                        .fdt_name = "virtio_mmio",                                       \
                        .fdt_compatible = {"virtio,mmio"},                               \
                        .fdt_is_dma_coherent = true},                                    \
        .plan = virtio_mmio_plan,                                                        \
        .realize = virtio_mmio_realize,                                                  \
        .set_running = virtio_mmio_set_running,                                          \
        .state = &virtio_mmio_state,                                                     \
        .part_tables = ident##_parts,                                                    \
        .part = virtio_mmio_part,                                                        \
    }

#endif
