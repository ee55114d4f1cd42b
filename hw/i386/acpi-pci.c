/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCI Express in the ACPI tables of the PC: the root bus with what it can give and where
 * its pins lead.  Source: ACPI 6.5, 6.2.13 (_PRT); PCI Firmware 3.3, 4.1 (MCFG), 4.5.
 */
#include "../acpi/aml.h"
#include "acpi-tables.h"
#include "util/bits.h"

#define SLOTS         32
#define CONFIG_PORTS  0xcf8
#define ALL_FUNCTIONS 0xffff

/* Where each pin of each slot of the root bus leads: fixed inputs of the IOAPIC. */
static void put_routes(const PciPlan *pci, GByteArray *body)
{
    g_autoptr(GByteArray) routes = g_byte_array_new();
    g_autoptr(GByteArray) table = g_byte_array_new();
    unsigned count = 0;

    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        for (uint32_t pin = 0; pin < PCI_INTX_LINES; pin++) {
            g_autoptr(GByteArray) route = g_byte_array_new();

            aml_integer(route, slot << 16 | ALL_FUNCTIONS);
            aml_integer(route, pin);
            aml_integer(route, 0); /* no link device */
            aml_integer(route, pci->intx_first + pci_root_line(slot, pin));
            aml_package(routes, 4, route);
            count++;
        }
    }
    aml_package(table, count, routes);
    aml_name_value(body, "_PRT", table);
}

static void put_windows(const PciPlan *pci, GByteArray *body)
{
    g_autoptr(GByteArray) windows = g_byte_array_new();

    aml_resource_window(windows, AML_SPACE_BUS_NUMBERS, 0,
                        pci->ecam_bytes / PCI_ECAM_PER_BUS - 1);
    aml_resource_ports(windows, CONFIG_PORTS, 8);
    aml_resource_window(windows, AML_SPACE_PORTS, 0, CONFIG_PORTS - 1);
    aml_resource_window(windows, AML_SPACE_PORTS, CONFIG_PORTS + 8, 0xffff);
    aml_resource_window(windows, AML_SPACE_MEMORY, 0xa0000, 0xbffff);
    aml_resource_window(windows, AML_SPACE_MEMORY, pci->memory32.first,
                        pci->memory32.last);
    aml_resource_window(windows, AML_SPACE_MEMORY, pci->memory64.first,
                        pci->memory64.last);
    aml_name_resources(body, "_CRS", windows);
}

/* Firmware and guests believe the MCFG where memory is set aside as well. */
static void put_ecam(const PciPlan *pci, GByteArray *aml)
{
    g_autoptr(GByteArray) body = g_byte_array_new();
    g_autoptr(GByteArray) resources = g_byte_array_new();

    aml_name_eisa_id(body, "_HID", "PNP0C02");
    aml_name_string(body, "_UID", "PCI Express");
    aml_resource_memory32(resources, (uint32_t)pci->ecam_gpa, (uint32_t)pci->ecam_bytes);
    aml_name_resources(body, "_CRS", resources);
    aml_device(aml, "DRAC", body);
}

void acpi_describe_pci(const PciPlan *pci, GByteArray *aml)
{
    g_autoptr(GByteArray) body = g_byte_array_new();

    aml_name_eisa_id(body, "_HID", "PNP0A08");
    aml_name_eisa_id(body, "_CID", "PNP0A03");
    aml_name_integer(body, "_UID", 0);
    aml_name_integer(body, "_SEG", 0);
    aml_name_integer(body, "_BBN", 0);
    put_windows(pci, body);
    put_routes(pci, body);
    aml_device(aml, "PCI0", body);
    put_ecam(pci, aml);
}
