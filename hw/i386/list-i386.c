/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an x86 build has: the list to extend for a new board or device. */
#include "../boards.h"
#include "../virtio/virtio-list.h"
#include "hw/devices.h"
#include "hw/pci.h"

/* As -machine help lists them: families, then machines without versions, by name. */
static const Board *const board_list[] = {
    &board_q35,
    &board_microvm,
    &board_none,
};

/* clang-format off */
static const DeviceClass *const class_list[] = {
    &acpi_pm_class, &fw_cfg_io_class, &gpex_root_class, &i8042_class, &ich9_lpc_class,
    &isa_debug_exit_class, &isa_serial_class, &mc146818_class, &mch_class,
    &pci_host_ecam_class, &pci_host_q35_class, &pcie_root_port_class, &pvpanic_class,
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
