/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two functions of the q35 chipset that firmware and guests look for: the memory
 * controller, which says where PCI Express is in memory, and the LPC bridge.
 * Source: Intel 3 Series Express Chipset (Q35) datasheet 316966, 5.1; ICH9 datasheet
 * 316972, chapter 13.
 */
#include "hw/devices.h"
#include "hw/machine.h"
#include "hw/pci.h"
#include "util/bits.h"

#define VENDOR_INTEL 0x8086

#define MCH_PCIEXBAR       0x60
#define PCIEXBAR_ENABLE    BIT64(0)
#define PCIEXBAR_LENGTH(v) bits_get((v), 1, 2)
#define PCIEXBAR_WRITABLE  0xf0000007

#define LPC_PIRQ_A    0x60 /* to D at 0x63 */
#define LPC_PIRQ_E    0x68
#define PIRQ_DISABLED 0x80
#define PIRQ_WRITABLE 0x8f
#define LPC_SLOT      0x1f

/* ---- memory controller ---- */

static void mch_written(PciFunction *function, unsigned offset, unsigned size)
{
    uint64_t value = pci_get32(function, MCH_PCIEXBAR) |
                     (uint64_t)pci_get32(function, MCH_PCIEXBAR + 4) << 32;
    uint64_t bytes = (256 * MIB) >> PCIEXBAR_LENGTH(value);

    if (offset + size > MCH_PCIEXBAR && offset < MCH_PCIEXBAR + 8) {
        pci_host_set_ecam(function->host, value & ~(bytes - 1),
                          value & PCIEXBAR_ENABLE ? bytes : 0);
    }
}

static bool mch_plan(DevicePlan *self, const MachinePlan *machine, GError **errp)
{
    (void)machine;
    (void)errp;
    self->pci.identity = (PciIdentity){.vendor = VENDOR_INTEL,
                                       .device = 0x29c0,
                                       .subsystem_vendor = PCI_VENDOR_QUMRANET,
                                       .subsystem = PCI_SUBSYSTEM_QEMU,
                                       .class_code = 0x060000,
                                       .fixed_devfn = PCI_FIXED_DEVFN(0)};
    return true;
}

static Device *mch_realize(Machine *machine, const DevicePlan *plan, GError **errp)
{
    PciFunction *mch = pci_function_new(machine, plan);
    const PciPlan *pci = machine->plan->pci;

    (void)errp;
    pci_set_writable32(mch, MCH_PCIEXBAR, PCIEXBAR_WRITABLE);
    pci_set_writable32(mch, MCH_PCIEXBAR + 4, 0xf);
    if (pci->is_assigned) {
        pci_put32(mch, MCH_PCIEXBAR, (uint32_t)pci->ecam_gpa | (uint32_t)PCIEXBAR_ENABLE);
    }
    mch->config_written = mch_written;
    return &mch->device;
}

const DeviceClass mch_class = {
    .type = {.name = "mch",
             .parent = TYPE_PCI_DEVICE,
             .doc = "memory controller of the q35 board",
             .instance_size = sizeof(DeviceConfig)},
    .bus = DEVICE_BUS_PCI,
    .is_board_part = true,
    .plan = mch_plan,
    .realize = mch_realize,
    .state = &pci_function_state,
};

/* ---- LPC bridge: interrupts arrive at the IOAPIC, whatever the PIC's routes say ---- */

typedef struct LpcConfig {
    DeviceConfig device;
    uint8_t disable_s3, disable_s4;
    bool noreboot;
} LpcConfig;

static bool lpc_plan(DevicePlan *self, const MachinePlan *machine, GError **errp)
{
    (void)machine;
    (void)errp;
    self->pci.identity =
        (PciIdentity){.vendor = VENDOR_INTEL,
                      .device = 0x2918,
                      .revision = 2,
                      .subsystem_vendor = PCI_VENDOR_QUMRANET,
                      .subsystem = PCI_SUBSYSTEM_QEMU,
                      .class_code = 0x060100,
                      .fixed_devfn = PCI_FIXED_DEVFN(PCI_DEVFN(LPC_SLOT, 0))};
    self->pci.is_multifunction = true;
    return true;
}

static Device *lpc_realize(Machine *machine, const DevicePlan *plan, GError **errp)
{
    PciFunction *lpc = pci_function_new(machine, plan);

    (void)errp;
    for (unsigned i = 0; i < 4; i++) {
        lpc->config[LPC_PIRQ_A + i] = lpc->config[LPC_PIRQ_E + i] = PIRQ_DISABLED;
        lpc->writable[LPC_PIRQ_A + i] = lpc->writable[LPC_PIRQ_E + i] = PIRQ_WRITABLE;
    }
    return &lpc->device;
}

/* libvirt sets the first two. */
static const Property lpc_props[] = {
    {"disable_s3", PROP_UINT8, offsetof(LpcConfig, disable_s3), 1,
     .doc = "the guest cannot suspend to RAM; it never can"},
    {"disable_s4", PROP_UINT8, offsetof(LpcConfig, disable_s4), 1,
     .doc = "the guest cannot suspend to disk; it never can"},
    {"noreboot", PROP_BOOL, offsetof(LpcConfig, noreboot),
     .doc = "the watchdog does not reset; there is none"},
};

const DeviceClass ich9_lpc_class = {
    .type = {.name = "ICH9-LPC",
             .parent = TYPE_PCI_DEVICE,
             .doc = "LPC bridge of the q35 board",
             .instance_size = sizeof(LpcConfig),
             .props = lpc_props,
             .prop_count = ARRAY_LEN(lpc_props)},
    .bus = DEVICE_BUS_PCI,
    .is_board_part = true,
    .plan = lpc_plan,
    .realize = lpc_realize,
    .state = &pci_function_state,
};
