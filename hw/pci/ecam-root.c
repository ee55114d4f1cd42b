/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The function at 00.0 of boards whose PCI Express is memory alone. */
#include "hw/devices.h"
#include "hw/machine.h"
#include "hw/pci.h"

static bool gpex_plan(DevicePlan *self, const MachinePlan *machine, GError **errp)
{
    (void)machine;
    (void)errp;
    self->pci.identity = (PciIdentity){.vendor = 0x1b36,
                                       .device = 0x0008,
                                       .subsystem_vendor = PCI_VENDOR_QUMRANET,
                                       .subsystem = PCI_SUBSYSTEM_QEMU,
                                       .class_code = 0x060000,
                                       .fixed_devfn = PCI_FIXED_DEVFN(0)};
    return true;
}

static Device *gpex_realize(Machine *machine, const DevicePlan *plan, GError **errp)
{
    (void)errp;
    return &pci_function_new(machine, plan)->device;
}

const DeviceClass gpex_root_class = {
    .type = {.name = "gpex-root",
             .parent = TYPE_PCI_DEVICE,
             .doc = "host bridge of a board whose PCI Express is memory alone",
             .instance_size = sizeof(DeviceConfig)},
    .bus = DEVICE_BUS_PCI,
    .is_board_part = true,
    .plan = gpex_plan,
    .realize = gpex_realize,
    .state = &pci_function_state,
};
