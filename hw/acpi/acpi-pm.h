/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the ACPI fixed hardware of the x86 boards answers; the FADT tells the guest.
 */
#ifndef HW_ACPI_PM_H
#define HW_ACPI_PM_H

#define ACPI_PM_BASE    0x600
#define ACPI_PM1_EVENT  0x00 /* status, enable: two bytes each */
#define ACPI_PM1_CNT    0x04
#define ACPI_PM_TIMER   0x08
#define ACPI_PM_BYTES   0x0c
#define ACPI_RESET_PORT 0xcf9
#define ACPI_RESET_CODE 0x06
#define ACPI_SCI_IRQ    9
#define ACPI_S5_TYPE    0 /* SLP_TYP that the DSDT's _S5_ names */

#endif
