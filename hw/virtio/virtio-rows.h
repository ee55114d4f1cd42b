/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a kind of virtio device to the types a command line names: one for each transport.
 */
#ifndef HW_VIRTIO_ROWS_H
#define HW_VIRTIO_ROWS_H

#include "virtio-list.h"
#include "virtio-mmio.h"
#include "virtio-pci.h"

#define VIRTIO_TYPE(text, above, sentence, Config, properties)                           \
    {                                                                                    \
        .name = text, .parent = above, .doc = sentence, .is_user_creatable = true,       \
        .instance_size = sizeof(Config), .props = properties,                            \
        .prop_count = ARRAY_LEN(properties)                                              \
    }

#define VIRTIO_PCI_ROW(ident, text, sentence, Config, properties)                        \
    {                                                                                    \
        .type = VIRTIO_TYPE(text, TYPE_VIRTIO_PCI, sentence " on PCI Express", Config,   \
                            properties),                                                 \
        .bus = DEVICE_BUS_PCI, .data = &ident##_class, .plan = virtio_pci_plan,          \
        .realize = virtio_pci_realize, .set_running = virtio_pci_set_running,            \
        .state = &virtio_pci_state, .part_tables = ident##_pci_parts,                    \
        .part = virtio_pci_part                                                          \
    }

/*
 * The types over ident##_class, a VirtioClass: @text "-device", "-pci" and
 * "-pci-non-transitional", which is the same under the name libvirt has for it.
 * @properties: an array; @own: the StateTable of its own, or NULL
 */
#define VIRTIO_DEVICE_ROWS(ident, text, sentence, Config, properties, own)               \
    static const StateTable *const ident##_parts[] = {&virtio_state, &virtqueue_state,   \
                                                      own, NULL};                        \
    static const StateTable *const ident##_pci_parts[] = {                               \
        &pci_function_state, &virtio_state, &virtqueue_state, own, NULL};                \
    const DeviceClass ident##_device_class = {                                           \
        .type = VIRTIO_TYPE(text "-device", TYPE_VIRTIO_DEVICE,                          \
                            sentence " in a slot of virtio-mmio", Config, properties),   \
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
    };                                                                                   \
    const DeviceClass ident##_pci_class =                                                \
        VIRTIO_PCI_ROW(ident, text "-pci", sentence, Config, properties);                \
    const DeviceClass ident##_pci_modern_class = VIRTIO_PCI_ROW(                         \
        ident, text "-pci-non-transitional", sentence, Config, properties)

#endif
