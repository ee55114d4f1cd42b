/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where things lie in the memory of the x86 boards. */
#ifndef HW_PC_LAYOUT_H
#define HW_PC_LAYOUT_H

#include "util/bits.h"

/* Low memory, used once at start. */
#define PC_GDT_GPA        0x500
#define PC_START_INFO_GPA 0x6000 /* PVH or multiboot information */
#define PC_ZERO_PAGE_GPA  0x7000 /* Linux boot_params */
#define PC_WAIT_GPA       0x7c00 /* what runs without a kernel, where a boot sector would */
#define PC_PML4_GPA       0x9000  /* six pages: identity map of 4 GiB */
#define PC_MEMMAP_GPA     0x10000 /* PVH and multiboot memory map, module list */
#define PC_CMDLINE_GPA    0x20000
#define PC_CMDLINE_BYTES  0x10000
#define PC_STACK_GPA      0x9f000
#define PC_EBDA_GPA       0x9fc00
#define PC_ACPI_GPA       0xe0000 /* RSDP first, found by scanning too */
#define PC_ACPI_BYTES     0x20000
#define PC_HIGH_RAM_GPA   0x100000

#define PC_ECAM_GPA       0xb0000000 /* PCI Express, below that RAM ends at the latest */
#define PC_ECAM_BYTES     (256 * MIB)
#define PC_PCI_GPA        0xc0000000
#define PC_PCI_LAST_GPA   0xfebfffff
#define PC_PCI64_BYTES    (32 * GIB)
#define PC_PCI_FIRST_PORT 0x1000
#define PC_PCI_FIRST_GSI  20
#define PC_4G_GPA         (4 * GIB)
#define PC_KVM_PAGES_GPA  0xfeffc000 /* identity map and TSS, four pages */
#define PC_VIRTIO_GPA     0xfeb00000 /* microvm: slots of virtio-mmio */
#define PC_IOAPIC_GPA     0xfec00000
#define PC_LAPIC_GPA      0xfee00000

#endif
