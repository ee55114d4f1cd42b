/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ACPI tables of the x86 boards. */
#ifndef HW_ACPI_TABLES_H
#define HW_ACPI_TABLES_H

#include "hw/machine.h"
#include "target/x86-encode.h"

/*
 * acpi_tables_write - RSDP, XSDT, FADT, FACS, MADT, DSDT and, with PCI, MCFG at
 * PC_ACPI_GPA. Source: ACPI 6.5, section 5.2.
 */
bool acpi_tables_write(Machine *machine, const X86Topology *topology, GError **errp);

/* acpi_describe_pci - the root bus, as objects below _SB_. */
void acpi_describe_pci(const PciPlan *pci, GByteArray *aml);

#endif
