/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pcie-root-port: a bridge on the root bus with one slot behind it.
 * Source: PCI Express Base 6.0, 7.5.1.3 (type 1 header) and 7.5.3.
 */
#include "hw/devices.h"
#include "hw/machine.h"
#include "hw/pci.h"
#include "util/bits.h"

#define EXPRESS_ROOT_PORT 4

typedef struct RootPortConfig {
    DeviceConfig device;
    uint8_t port;
    uint16_t chassis, slot;
} RootPortConfig;

static bool root_port_plan(DevicePlan *self, const MachinePlan *machine, GError **errp)
{
    (void)machine;
    (void)errp;
    self->pci.identity = (PciIdentity){.vendor = 0x1b36,
                                       .device = 0x000c,
                                       .class_code = 0x060400,
                                       .is_bridge = true,
                                       .has_pin = true};
    return true;
}

static Device *root_port_realize(Machine *machine, const DevicePlan *plan, GError **errp)
{
    const RootPortConfig *config = (const RootPortConfig *)plan->config;
    PciFunction *port = pci_function_new(machine, plan);

    (void)errp;
    pci_add_express_capability(port, EXPRESS_ROOT_PORT, config->slot);
    return &port->device;
}

static const Property root_port_props[] = {
    {"port", PROP_UINT8, offsetof(RootPortConfig, port), .doc = "number of the port"},
    {"chassis", PROP_UINT16, offsetof(RootPortConfig, chassis), .max = 255,
     .doc = "number of the chassis its slot is in"},
    {"slot", PROP_UINT16, offsetof(RootPortConfig, slot), .max = 8191,
     .doc = "number of its slot, as the guest shows it"},
};

const DeviceClass pcie_root_port_class = {
    .type = {.name = "pcie-root-port",
             .parent = TYPE_PCI_DEVICE,
             .doc = "PCI Express root port: a bus with one slot, called by its id",
             .is_user_creatable = true,
             .instance_size = sizeof(RootPortConfig),
             .props = root_port_props,
             .prop_count = ARRAY_LEN(root_port_props)},
    .bus = DEVICE_BUS_PCI,
    .plan = root_port_plan,
    .realize = root_port_realize,
    .state = &pci_function_state,
};
