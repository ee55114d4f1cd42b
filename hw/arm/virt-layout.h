/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where things lie on the virt board; guests rely on the device tree, people on habit. */
#ifndef HW_VIRT_LAYOUT_H
#define HW_VIRT_LAYOUT_H

#include "util/bits.h"

#define VIRT_GIC_DIST_GPA     UINT64_C(0x08000000)
#define VIRT_GIC_DIST_BYTES   UINT64_C(0x10000)
#define VIRT_GIC_CPU_GPA      UINT64_C(0x08010000) /* GICv2 */
#define VIRT_GIC_CPU_BYTES    UINT64_C(0x10000)
#define VIRT_GIC_REDIST_GPA   UINT64_C(0x080a0000) /* GICv3, 128 KiB per CPU */
#define VIRT_GIC_REDIST_BYTES UINT64_C(0x00f60000)
#define VIRT_REDIST_PER_CPU   UINT64_C(0x20000)
#define VIRT_UART_GPA         UINT64_C(0x09000000)
#define VIRT_RTC_GPA          UINT64_C(0x09010000)
#define VIRT_FW_CFG_GPA       UINT64_C(0x09020000)
#define VIRT_GPIO_GPA         UINT64_C(0x09030000)
#define VIRT_DEVICE_BYTES     UINT64_C(0x1000)
#define VIRT_VIRTIO_GPA       UINT64_C(0x0a000000) /* slots of virtio-mmio */
#define VIRT_PCI_GPA          UINT64_C(0x10000000) /* memory of PCI functions */
#define VIRT_PCI_PREFETCH_GPA UINT64_C(0x30000000) /* from here on prefetchable */
#define VIRT_PCI_LAST_GPA     UINT64_C(0x3efeffff)
#define VIRT_PCI_PORTS_GPA    UINT64_C(0x3eff0000) /* memory that stands for ports */
#define VIRT_PCI_FIRST_PORT   0x1000
#define VIRT_ECAM_GPA         UINT64_C(0x3f000000)
#define VIRT_ECAM_BYTES       UINT64_C(0x01000000)
#define VIRT_RAM_GPA          UINT64_C(0x40000000)

/* Shared peripheral interrupts. */
#define VIRT_UART_SPI   1
#define VIRT_RTC_SPI    2
#define VIRT_PCI_SPI    3 /* and the next three */
#define VIRT_GPIO_SPI   7
#define VIRT_VIRTIO_SPI 16
#define VIRT_SPI_COUNT  256

/* Private peripheral interrupts. */
#define VIRT_PMU_PPI        7
#define VIRT_TIMER_S_PPI    13
#define VIRT_TIMER_NS_PPI   14
#define VIRT_TIMER_VIRT_PPI 11
#define VIRT_TIMER_HYP_PPI  10
#define PPI_TO_INTID(ppi)   ((ppi) + 16)

/* The device tree lies at the start of RAM, the kernel above it. */
#define VIRT_FDT_BYTES    (1 * MIB)
#define VIRT_KERNEL_ALIGN (2 * MIB)

#define VIRT_APB_CLOCK_HZ 24000000

#endif
