/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of PCI, for the files of this folder. */
#ifndef HW_PCI_INTERNAL_H
#define HW_PCI_INTERNAL_H

#include "hw/pci.h"
#include "util/bits.h"

#define PCI_REG_COMMAND        0x04
#define PCI_REG_STATUS         0x06
#define PCI_REG_BAR0           0x10
#define PCI_REG_PRIMARY        0x18 /* and secondary, subordinate bus number */
#define PCI_REG_SECONDARY      0x19
#define PCI_REG_SUBORDINATE    0x1a
#define PCI_REG_IO_BASE        0x1c
#define PCI_REG_MEMORY_BASE    0x20
#define PCI_REG_PREFETCH_BASE  0x24
#define PCI_REG_PREFETCH_UPPER 0x28
#define PCI_REG_BRIDGE_CONTROL 0x3e

#define PCI_COMMAND_PORTS   BIT64(0)
#define PCI_COMMAND_MEMORY  BIT64(1)
#define PCI_COMMAND_MASTER  BIT64(2)
#define PCI_COMMAND_NO_INTX BIT64(10)
#define PCI_COMMAND_ALL     0x0547 /* those, parity and SERR# */

#define MSIX_VECTORS_MAX 2048
#define MSIX_ENTRY_BYTES 16
#define MSIX_SAVED_MAX   (MSIX_VECTORS_MAX * MSIX_ENTRY_BYTES + MSIX_VECTORS_MAX / 8)

/* pci_function_read, pci_function_write - the guest's access to registers; it lies
 * within them. */
uint64_t pci_function_read(PciFunction *function, unsigned offset, unsigned size);
void pci_function_write(PciFunction *function, unsigned offset, unsigned size,
                        uint64_t value);

/* pci_bar_wanted - where the guest wants BAR @index to answer; false: nowhere. */
bool pci_bar_wanted(const PciFunction *function, unsigned index, uint64_t *ret);

/* pci_host_add, pci_host_remove - a function comes and goes. */
void pci_host_add(PciHost *host, PciFunction *function);
void pci_host_remove(PciHost *host, PciFunction *function);

/* pci_host_map_bars - have every BAR answer where it is wanted now.  One that would
 * cover another answers nowhere until there is room. */
void pci_host_map_bars(PciHost *host);

/* pci_host_port_of - the bridge @function is behind; NULL on the root bus. */
PciFunction *pci_host_port_of(PciHost *host, const PciFunction *function);

/* pci_host_requester - bus, device and function in 16 bits, as the guest numbered the
 * buses: how an ITS knows who sends. */
uint16_t pci_host_requester(PciHost *host, const PciFunction *function);

/* pci_host_set_line - @function raises or lowers its pin. */
void pci_host_set_line(PciHost *host, const PciFunction *function, bool level);

/* Parts of a function's life that concern MSI-X; nothing where it has none. */
void msix_config_written(PciFunction *function, unsigned offset, unsigned size);
void msix_free(PciFunction *function);
void msix_save(PciFunction *function);
bool msix_load(PciFunction *function, GError **errp);

#endif
