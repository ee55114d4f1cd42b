/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an arm64 build has: the list to extend for a new board or device. */
#include "../boards.h"
#include "../virtio/virtio-list.h"
#include "hw/devices.h"
#include "hw/pci.h"

/* As -machine help lists them: families, then machines without versions, by name. */
static const Board *const board_list[] = {
    &board_virt,
    &board_none,
};

/* clang-format off */
static const DeviceClass *const class_list[] = {
    &fw_cfg_mem_class, &gpex_root_class, &pci_host_ecam_class, &pcie_root_port_class,
    &pl011_class, &pl031_class, &pl061_class,
    &virtconsole_class, &virtserialport_class,
    VIRTIO_CLASS_LIST(VIRTIO_DEVICE_CLASSES)
};
/* clang-format on */

const Board *const *boards(unsigned *ret_count)
{
    *ret_count = ARRAY_LEN(board_list);
    return board_list;
}

const DeviceClass *const *device_classes(unsigned *ret_count)
{
    *ret_count = ARRAY_LEN(class_list);
    return class_list;
}
