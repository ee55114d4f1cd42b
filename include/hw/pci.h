/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCI functions that exist: configuration space, BARs that move, INTx, MSI-X.
 *
 * A PCI device's struct begins with a PciFunction; its class's plan() sets the identity
 * in DevicePlan.pci, realize() calls pci_function_init(), gives each BAR its registers
 * and adds capabilities.  The rest is here: what the guest writes to configuration space
 * is checked here, and a BAR answers where the guest put it, if nobody else does.
 *
 * Source: PCI Local Bus 3.0, chapter 6; PCI Express Base Specification 6.0, chapter 7.
 */
#ifndef HW_PCI_H
#define HW_PCI_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "hw/device.h"
#include "hw/io-bus.h"
#include "hw/pci-plan.h"

#define TYPE_PCI_DEVICE "pci-device"

#define PCI_CONFIG_BYTES  256
#define PCIE_CONFIG_BYTES 4096

/* Who made what QEMU made up, and what it is a part of. */
#define PCI_VENDOR_QUMRANET 0x1af4
#define PCI_SUBSYSTEM_QEMU  0x1100

#define PCI_CAP_VENDOR  0x09
#define PCI_CAP_MSIX    0x11
#define PCI_CAP_EXPRESS 0x10

typedef struct Msix Msix;
typedef struct PciFunction PciFunction;
typedef struct PciHost PciHost;

typedef struct PciBar {
    const IoOps *ops; /* NULL: nobody answers */
    void *opaque;
    uint64_t at; /* where it is on the bus now; only while is_mapped */
    bool is_mapped;
} PciBar;

struct PciFunction {
    Device device;
    Machine *machine;
    PciHost *host;
    const DevicePlan *plan;
    uint8_t config[PCIE_CONFIG_BYTES];
    uint8_t writable[PCI_CONFIG_BYTES];     /* bits a guest can change */
    uint8_t clear_on_one[PCI_CONFIG_BYTES]; /* bits a guest clears by writing 1 */
    PciBar bars[PCI_BARS];
    unsigned next_capability;               /* offset for the next one */
    uint8_t *last_link;                     /* the byte that leads to the next one */
    bool intx_level;                        /* what the device asks for */
    bool is_intx_raised;                    /* what the line shows */
    Msix *msix;                             /* NULL: it has none */
    uint8_t saved_config[PCI_CONFIG_BYTES]; /* on its way to or from a stream */
    GByteArray *saved_msix;
    /* Called after a write to configuration space, and after loading with all of it;
     * NULL: nothing to do. */
    void (*config_written)(PciFunction *function, unsigned offset, unsigned size);
    /* Called before a guest reads configuration space; NULL: nothing to do. */
    void (*config_will_be_read)(PciFunction *function, unsigned offset, unsigned size);
};

/* pci_function_init - the function @plan describes, on its bus, as at power on. */
void pci_function_init(PciFunction *function, Machine *machine, const DevicePlan *plan);

/* pci_function_new - the same for a device that is nothing more than its function; it
 * releases itself. */
PciFunction *pci_function_new(Machine *machine, const DevicePlan *plan);

/* pci_function_clear - off its bus; nobody can reach it from here.  Before the device's
 * own struct goes. */
void pci_function_clear(PciFunction *function);

/*
 * pci_bar_answer - have @ops answer within BAR @index of the plan's identity; offsets
 * count from its start.
 */
void pci_bar_answer(PciFunction *function, unsigned index, const IoOps *ops,
                    void *opaque);

/*
 * pci_add_capability - append one to the list.
 * @bytes: with the two bytes of the header
 * Returns its offset; the device fills the rest and says in @writable what may change.
 */
unsigned pci_add_capability(PciFunction *function, uint8_t id, unsigned bytes);

/*
 * pci_add_express_capability - the PCI Express capability.
 * @type: PCI Express Base 6.0, 7.5.3.2: 0 endpoint, 4 root port, 9 integrated endpoint
 * @slot: number of a root port's slot; 0 for others
 */
unsigned pci_add_express_capability(PciFunction *function, unsigned type, unsigned slot);

/* pci_put16, pci_put32, pci_get16, pci_get32 - little-endian registers of configuration
 * space. */
void pci_put16(PciFunction *function, unsigned offset, uint16_t value);
void pci_put32(PciFunction *function, unsigned offset, uint32_t value);
uint16_t pci_get16(const PciFunction *function, unsigned offset);
uint32_t pci_get32(const PciFunction *function, unsigned offset);

/* pci_set_writable32 - bits of the register at @offset that a guest can change. */
void pci_set_writable32(PciFunction *function, unsigned offset, uint32_t mask);

/* pci_set_intx - the level the device wants on its pin; not seen while MSI-X is on. */
void pci_set_intx(PciFunction *function, bool level);

/* pci_is_bus_master - the guest lets the device reach memory. */
bool pci_is_bus_master(const PciFunction *function);

/*
 * msix_init - MSI-X with @vectors, table and pending bits in BAR @bar, which is all its
 * own (PCI Local Bus 3.0, 6.8.2).  Goes with pci_function_clear().
 */
bool msix_init(PciFunction *function, unsigned bar, unsigned vectors, GError **errp);

/* msix_bar_bytes - how large that BAR has to be. */
uint64_t msix_bar_bytes(unsigned vectors);

/* msix_is_enabled - the guest has switched from INTx to MSI-X. */
bool msix_is_enabled(const PciFunction *function);

/* msix_notify - fire @vector, or note that it is pending where the guest has it masked;
 * nothing where there is no such vector.  From any thread. */
void msix_notify(PciFunction *function, unsigned vector);

/* The saved part of every PCI function: configuration space and MSI-X. */
extern const StateTable pci_function_state;

/*
 * The fabric is a device, too: pci_host_q35_class with ports 0xcf8 to 0xcff, and
 * pci_host_ecam_class with memory alone.  A board plans it before the first function.
 */
extern const DeviceClass pci_host_q35_class;
extern const DeviceClass pci_host_ecam_class;

/* pci_host_set_ecam - have configuration space answer at @gpa, or (@bytes 0) nowhere as
 * memory. */
void pci_host_set_ecam(PciHost *host, uint64_t gpa, uint64_t bytes);

#endif
