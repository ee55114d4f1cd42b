/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCI Express as values: which function sits where, what its registers will claim, and
 * which addresses there are to give.  Pure; the functions themselves are pci.h.
 *
 * Source: PCI Express Base Specification 6.0, chapter 7; PCI Local Bus 3.0, chapter 6.
 */
#ifndef HW_PCI_PLAN_H
#define HW_PCI_PLAN_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct DevicePlan DevicePlan;
typedef struct MachinePlan MachinePlan;

#define PCI_BARS           6
#define PCI_DEVFNS         256
#define PCI_DEVFN(s, f)    ((uint8_t)((s) << 3 | (f)))
#define PCI_SLOT(devfn)    ((unsigned)(devfn) >> 3)
#define PCI_FUNC(devfn)    ((unsigned)(devfn)&7)
#define PCI_ECAM_PER_BUS   (UINT64_C(1) << 20)
#define PCI_INTX_LINES     4
#define PCI_FIXED_DEVFN(d) ((d) + 1) /* for PciIdentity.fixed_devfn */

typedef enum PciBarKind {
    PCI_BAR_MEMORY32,
    PCI_BAR_MEMORY64_PREFETCHABLE, /* takes the next register, too */
    PCI_BAR_PORTS,
} PciBarKind;

typedef struct PciBarRow {
    uint64_t bytes; /* power of two; 0: there is none */
    PciBarKind kind;
} PciBarRow;

/* What a kind of function is, for whoever reads its configuration space. */
typedef struct PciIdentity {
    uint16_t vendor, device, subsystem_vendor, subsystem;
    uint8_t revision;
    uint32_t class_code;  /* base class, subclass, interface: 0x010802 */
    bool is_bridge;       /* a port with a bus of its own, named like its id */
    bool has_pin;         /* INTA */
    unsigned fixed_devfn; /* PCI_FIXED_DEVFN() where a board has it; 0: anywhere */
    PciBarRow bars[PCI_BARS];
} PciIdentity;

typedef struct PciBusPlan PciBusPlan;

/* Addresses of one kind behind a port; none where the first is above the last. */
typedef struct PciWindow {
    uint64_t first, last;
} PciWindow;

/* Part of a DevicePlan. */
typedef struct PciFunctionPlan {
    const PciBusPlan *bus; /* NULL: not a PCI function */
    PciIdentity identity;
    uint8_t devfn;
    bool is_multifunction;
    uint64_t bar_base[PCI_BARS];    /* at power on; 0: not assigned */
    PciBusPlan *secondary;          /* of a bridge */
    PciWindow memory, prefetchable; /* of a bridge */
} PciFunctionPlan;

struct PciBusPlan {
    char *name;
    DevicePlan *port; /* NULL: the root bus */
    DevicePlan *functions[PCI_DEVFNS];
    uint8_t number, last_number; /* at power on */
};

/* The whole fabric of a machine. */
typedef struct PciPlan {
    GPtrArray *buses; /* PciBusPlan *, the root bus first */
    uint64_t ecam_gpa, ecam_bytes;
    PciWindow memory32, memory64, ports; /* what there is to give */
    uint64_t ports_gpa;  /* where memory is ports; 0: there are real ones */
    unsigned intx_first; /* board's number of the first of four lines */
    bool is_assigned;    /* addresses are given at power on; firmware does it otherwise */
} PciPlan;

/* pci_plan_new - a root bus called "pcie.0" and nothing on it. */
PciPlan *pci_plan_new(void);

/* pci_plan_free - NULL is nothing. */
void pci_plan_free(PciPlan *pci);

/*
 * pci_plan_place - put the function of @plan, whose identity is set, on the bus and at
 * the address its configuration (a DeviceConfig) names, or on the first free slot; the
 * configuration then says where.
 * @pci: NULL where the machine has no PCI bus, which is an error here
 */
bool pci_plan_place(PciPlan *pci, DevicePlan *plan, GError **errp);

/*
 * pci_plan_assign - give every function its addresses, every port its bus numbers and
 * windows, if that is not left to firmware.  After the last function was placed.
 */
bool pci_plan_assign(MachinePlan *machine, GError **errp);

/* pci_root_line - which of the four lines pin @pin, 0 for INTA, of @slot of the root bus
 * drives. */
unsigned pci_root_line(unsigned slot, unsigned pin);

/* pci_plan_line - which of the four lines of the root bus pin @pin (1 to 4) of @plan
 * drives. */
unsigned pci_plan_line(const DevicePlan *plan, unsigned pin);

#endif
