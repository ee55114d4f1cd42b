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
                                       .subsystem_vendor = 0x1af4,
                                       .subsystem = 0x1100,
                                       .class_code = 0x060000,
                                       .fixed_devfn = PCI_FIXED_DEVFN(0)};
    return true;
}

static void gpex_free(Device *device)
{
    pci_function_clear((PciFunction *)device);
    g_free(device);
}

static Device *gpex_realize(Machine *machine, const DevicePlan *plan, GError **errp)
{
    PciFunction *function = g_new0(PciFunction, 1);

    (void)errp;
    function->device.free = gpex_free;
    pci_function_init(function, machine, plan);
    return &function->device;
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
