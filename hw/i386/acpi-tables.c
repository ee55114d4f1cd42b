/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acpi-tables.h"

#include <string.h>

#include "../acpi/acpi-pm.h"
#include "../acpi/aml.h"
#include "hw/devices.h"
#include "pc-layout.h"
#include "util/error.h"

#define HEADER_BYTES    36
#define HEADER_LENGTH   4
#define HEADER_CHECKSUM 9

/* Offsets in the FADT, ACPI 6.5, table 5.9. */
enum {
    FADT_FACS = 36,
    FADT_DSDT = 40,
    FADT_SCI_INT = 46,
    FADT_PM1A_EVT = 56,
    FADT_PM1A_CNT = 64,
    FADT_PM_TMR = 76,
    FADT_PM1_EVT_LEN = 88,
    FADT_PM1_CNT_LEN = 89,
    FADT_PM_TMR_LEN = 91,
    FADT_C2_LATENCY = 96,
    FADT_C3_LATENCY = 98,
    FADT_CENTURY = 108,
    FADT_BOOT_ARCH = 109,
    FADT_FLAGS = 112,
    FADT_RESET_REG = 116,
    FADT_RESET_VALUE = 128,
    FADT_MINOR = 131,
    FADT_X_FACS = 132,
    FADT_X_DSDT = 140,
    FADT_X_PM1A_EVT = 148,
    FADT_X_PM1A_CNT = 172,
    FADT_X_PM_TMR = 208,
    FADT_BYTES = 276,
};

#define BOOT_ARCH_LEGACY_DEVICES BIT64(0)
#define BOOT_ARCH_8042           BIT64(1)
#define BOOT_ARCH_NO_VGA         BIT64(2)
#define BOOT_ARCH_NO_CMOS_RTC    BIT64(5)

#define FADT_WBINVD       BIT64(0)
#define FADT_PROC_C1      BIT64(2)
#define FADT_SLEEP_BUTTON BIT64(5) /* 1: there is no fixed one */
#define FADT_FIX_RTC      BIT64(6) /* 1: no wake status in fixed registers */
#define FADT_RESET_SUP    BIT64(10)

#define GAS_SYSTEM_IO 1
#define LATENCY_NO_C2 0x0fff
#define LATENCY_NO_C3 0x0fff
#define FACS_BYTES    64
#define RSDP_BYTES    36

/* Where the next table goes, and the addresses the XSDT lists. */
typedef struct TableWriter {
    GuestMemory *memory;
    uint64_t gpa, end;
    uint64_t listed[8];
    unsigned listed_count;
} TableWriter;

static void put16(GByteArray *table, unsigned at, uint16_t value)
{
    value = GUINT16_TO_LE(value);
    memcpy(table->data + at, &value, sizeof(value));
}

static void put32(GByteArray *table, unsigned at, uint32_t value)
{
    value = GUINT32_TO_LE(value);
    memcpy(table->data + at, &value, sizeof(value));
}

static void put64(GByteArray *table, unsigned at, uint64_t value)
{
    value = GUINT64_TO_LE(value);
    memcpy(table->data + at, &value, sizeof(value));
}

static uint8_t checksum(const uint8_t *data, size_t len)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < len; i++) {
        sum += data[i];
    }
    return (uint8_t)-sum;
}

static GByteArray *table_new(const char *signature, uint8_t revision, unsigned bytes)
{
    GByteArray *table = g_byte_array_new();

    g_byte_array_set_size(table, bytes);
    memset(table->data, 0, bytes);
    memcpy(table->data, signature, 4);
    table->data[8] = revision;
    memcpy(table->data + 10, "VPMU  ", 6);   /* OEM id */
    memcpy(table->data + 16, "VPMUPC  ", 8); /* OEM table id */
    put32(table, 24, 1);
    memcpy(table->data + 28, "VPMU", 4); /* creator */
    put32(table, 32, 1);
    return table;
}

static bool write_bytes(TableWriter *writer, const void *data, size_t len,
                        uint64_t *ret_gpa, GError **errp)
{
    uint64_t gpa = align_up(writer->gpa, 64);

    if (!range_fits(gpa, len, writer->end)) {
        error_set(errp, "the ACPI tables for so many CPUs do not fit below 1 MiB");
        return false;
    }
    *ret_gpa = gpa;
    writer->gpa = gpa + len;
    return guest_memory_write(writer->memory, gpa, data, len, errp);
}

static bool write_table(TableWriter *writer, GByteArray *table, bool is_listed,
                        uint64_t *ret_gpa, GError **errp)
{
    put32(table, HEADER_LENGTH, table->len);
    table->data[HEADER_CHECKSUM] = 0;
    table->data[HEADER_CHECKSUM] = checksum(table->data, table->len);
    if (!write_bytes(writer, table->data, table->len, ret_gpa, errp)) {
        return false;
    }
    if (is_listed) {
        writer->listed[writer->listed_count++] = *ret_gpa;
    }
    return true;
}

/* What the device occupies: ports, memory, its interrupt. */
static void describe_resources(const DevicePlan *plan, GByteArray *body)
{
    g_autoptr(GByteArray) resources = g_byte_array_new();

    for (unsigned i = 0; i < plan->range_count; i++) {
        const DeviceRange *range = &plan->ranges[i];

        if (range->space == DEVICE_SPACE_PORTS) {
            aml_resource_ports(resources, (uint16_t)range->base, (uint8_t)range->bytes);
        } else {
            aml_resource_memory32(resources, (uint32_t)range->base,
                                  (uint32_t)range->bytes);
        }
    }
    if (plan->irq != DEVICE_NO_IRQ) {
        aml_resource_irq(resources, (unsigned)plan->irq);
    }
    aml_name_resources(body, "_CRS", resources);
}

/* The devices a guest finds only through ACPI. */
static void describe_devices(const MachinePlan *plan, GByteArray *aml)
{
    for (unsigned i = 0; i < plan->devices->len; i++) {
        const DevicePlan *device = g_ptr_array_index(plan->devices, i);
        const DeviceDescription *row = &device->class->description;
        g_autoptr(GByteArray) body = NULL;
        char name[5];

        if (!row->acpi_name) {
            continue;
        }
        body = g_byte_array_new();
        if (strlen(row->acpi_hid) == 7) {
            aml_name_eisa_id(body, "_HID", row->acpi_hid);
        } else {
            aml_name_string(body, "_HID", row->acpi_hid);
        }
        aml_name_integer(body, "_UID", device->instance + 1);
        aml_name_integer(body, "_STA", 0xf);
        describe_resources(device, body);
        device_plan_acpi_name(device, name);
        aml_device(aml, name, body);
    }
}

static bool write_dsdt(TableWriter *writer, const MachinePlan *plan, uint64_t *ret_gpa,
                       GError **errp)
{
    static const uint32_t s5[4] = {ACPI_S5_TYPE, 0, 0, 0};
    g_autoptr(GByteArray) dsdt = table_new("DSDT", 2, HEADER_BYTES);
    g_autoptr(GByteArray) devices = g_byte_array_new();

    aml_name_package(dsdt, "_S5_", s5, ARRAY_LEN(s5));
    describe_devices(plan, devices);
    if (plan->pci) {
        acpi_describe_pci(plan->pci, devices);
    }
    aml_scope(dsdt, "_SB_", devices);
    return write_table(writer, dsdt, false, ret_gpa, errp);
}

static bool write_facs(TableWriter *writer, uint64_t *ret_gpa, GError **errp)
{
    uint8_t facs[FACS_BYTES] = "FACS";

    facs[4] = FACS_BYTES;
    facs[32] = 2; /* version */
    return write_bytes(writer, facs, sizeof(facs), ret_gpa, errp);
}

/* Generic address of a port range.  ACPI 6.5, 5.2.3.2. */
static void put_port(GByteArray *table, unsigned at, uint16_t port, uint8_t bytes)
{
    table->data[at] = GAS_SYSTEM_IO;
    table->data[at + 1] = (uint8_t)(bytes * 8);
    table->data[at + 3] = bytes == 1 ? 1 : bytes == 2 ? 2 : 3;
    put64(table, at + 4, port);
}

static bool write_fadt(TableWriter *writer, const MachinePlan *plan, uint64_t facs,
                       uint64_t dsdt, GError **errp)
{
    g_autoptr(GByteArray) fadt = table_new("FACP", 6, FADT_BYTES);
    uint64_t unused;

    put32(fadt, FADT_FACS, (uint32_t)facs);
    put32(fadt, FADT_DSDT, (uint32_t)dsdt);
    put16(fadt, FADT_SCI_INT, ACPI_SCI_IRQ);
    put32(fadt, FADT_PM1A_EVT, ACPI_PM_BASE + ACPI_PM1_EVENT);
    put32(fadt, FADT_PM1A_CNT, ACPI_PM_BASE + ACPI_PM1_CNT);
    put32(fadt, FADT_PM_TMR, ACPI_PM_BASE + ACPI_PM_TIMER);
    fadt->data[FADT_PM1_EVT_LEN] = 4;
    fadt->data[FADT_PM1_CNT_LEN] = 2;
    fadt->data[FADT_PM_TMR_LEN] = 4;
    put16(fadt, FADT_C2_LATENCY, LATENCY_NO_C2);
    put16(fadt, FADT_C3_LATENCY, LATENCY_NO_C3);
    fadt->data[FADT_CENTURY] = 0x32;
    put16(fadt, FADT_BOOT_ARCH,
          (uint16_t)(BOOT_ARCH_LEGACY_DEVICES | BOOT_ARCH_NO_VGA |
                     (machine_plan_find_device(plan, "i8042") ? BOOT_ARCH_8042 : 0) |
                     (machine_plan_find_device(plan, "mc146818rtc")
                          ? 0
                          : BOOT_ARCH_NO_CMOS_RTC)));
    put32(fadt, FADT_FLAGS,
          (uint32_t)(FADT_WBINVD | FADT_PROC_C1 | FADT_SLEEP_BUTTON | FADT_FIX_RTC |
                     FADT_RESET_SUP));
    put_port(fadt, FADT_RESET_REG, ACPI_RESET_PORT, 1);
    fadt->data[FADT_RESET_VALUE] = ACPI_RESET_CODE;
    fadt->data[FADT_MINOR] = 5;
    put64(fadt, FADT_X_FACS, facs);
    put64(fadt, FADT_X_DSDT, dsdt);
    put_port(fadt, FADT_X_PM1A_EVT, ACPI_PM_BASE + ACPI_PM1_EVENT, 4);
    put_port(fadt, FADT_X_PM1A_CNT, ACPI_PM_BASE + ACPI_PM1_CNT, 2);
    put_port(fadt, FADT_X_PM_TMR, ACPI_PM_BASE + ACPI_PM_TIMER, 4);
    return write_table(writer, fadt, true, &unused, errp);
}

static void madt_entry(GByteArray *madt, const void *entry, uint8_t bytes)
{
    g_byte_array_append(madt, entry, bytes);
}

static void madt_cpu(GByteArray *madt, uint32_t apic_id, uint32_t uid)
{
    if (apic_id < 0xff && uid < 0xff) {
        const uint8_t lapic[8] = {0, 8, (uint8_t)uid, (uint8_t)apic_id, 1, 0, 0, 0};

        madt_entry(madt, lapic, sizeof(lapic));
    } else {
        uint32_t x2apic[4] = {9 | 16 << 8, GUINT32_TO_LE(apic_id), GUINT32_TO_LE(1),
                              GUINT32_TO_LE(uid)};

        madt_entry(madt, x2apic, sizeof(x2apic));
    }
}

/* Interrupt controllers.  ACPI 6.5, 5.2.12. */
static bool write_madt(TableWriter *writer, const MachinePlan *plan,
                       const X86Topology *topology, GError **errp)
{
    /* IOAPIC; GSI 2 carries ISA 0; the SCI is active high, level; NMI at LINT1. */
    static const uint8_t ioapic[12] = {1, 12, 0, 0, 0x00, 0x00, 0xc0, 0xfe, 0, 0, 0, 0};
    static const uint8_t timer[10] = {2, 10, 0, 0, 2, 0, 0, 0, 0, 0};
    static const uint8_t sci[10] = {2, 10, 0, ACPI_SCI_IRQ, ACPI_SCI_IRQ,
                                    0, 0,  0, 0x0d,         0};
    static const uint8_t nmi[6] = {4, 6, 0xff, 0, 0, 1};
    g_autoptr(GByteArray) madt = table_new("APIC", 5, HEADER_BYTES + 8);
    uint64_t unused;

    put32(madt, HEADER_BYTES, PC_LAPIC_GPA);
    put32(madt, HEADER_BYTES + 4, 1); /* there is a PIC as well */
    for (unsigned i = 0; i < plan->smp.cpus; i++) {
        madt_cpu(madt, x86_topology_apic_id(topology, i), i);
    }
    madt_entry(madt, ioapic, sizeof(ioapic));
    madt_entry(madt, timer, sizeof(timer));
    madt_entry(madt, sci, sizeof(sci));
    madt_entry(madt, nmi, sizeof(nmi));
    return write_table(writer, madt, true, &unused, errp);
}

/* Where PCI Express is.  PCI Firmware 3.3, 4.1.2. */
static bool write_mcfg(TableWriter *writer, const PciPlan *pci, GError **errp)
{
    g_autoptr(GByteArray) mcfg = NULL;
    uint64_t unused;

    if (!pci) {
        return true;
    }
    mcfg = table_new("MCFG", 1, HEADER_BYTES + 8 + 16);
    put64(mcfg, HEADER_BYTES + 8, pci->ecam_gpa);
    mcfg->data[HEADER_BYTES + 8 + 11] = (uint8_t)(pci->ecam_bytes / PCI_ECAM_PER_BUS - 1);
    return write_table(writer, mcfg, true, &unused, errp);
}

static bool write_xsdt(TableWriter *writer, uint64_t *ret_gpa, GError **errp)
{
    g_autoptr(GByteArray) xsdt =
        table_new("XSDT", 1, HEADER_BYTES + writer->listed_count * 8);

    for (unsigned i = 0; i < writer->listed_count; i++) {
        put64(xsdt, HEADER_BYTES + i * 8, writer->listed[i]);
    }
    return write_table(writer, xsdt, false, ret_gpa, errp);
}

static bool write_rsdp(GuestMemory *memory, uint64_t xsdt, GError **errp)
{
    uint8_t rsdp[RSDP_BYTES] = "RSD PTR ";
    uint32_t len = GUINT32_TO_LE(RSDP_BYTES);

    memcpy(rsdp + 9, "VPMU  ", 6);
    rsdp[15] = 2;
    memcpy(rsdp + 20, &len, sizeof(len));
    xsdt = GUINT64_TO_LE(xsdt);
    memcpy(rsdp + 24, &xsdt, sizeof(xsdt));
    rsdp[8] = checksum(rsdp, 20);
    rsdp[32] = checksum(rsdp, RSDP_BYTES);
    return guest_memory_write(memory, PC_ACPI_GPA, rsdp, sizeof(rsdp), errp);
}

bool acpi_tables_write(Machine *machine, const X86Topology *topology, GError **errp)
{
    TableWriter writer = {.memory = machine->memory,
                          .gpa = PC_ACPI_GPA + RSDP_BYTES,
                          .end = PC_ACPI_GPA + PC_ACPI_BYTES};
    uint64_t dsdt, facs, xsdt;

    return write_dsdt(&writer, machine->plan, &dsdt, errp) &&
           write_facs(&writer, &facs, errp) &&
           write_fadt(&writer, machine->plan, facs, dsdt, errp) &&
           write_madt(&writer, machine->plan, topology, errp) &&
           write_mcfg(&writer, machine->plan->pci, errp) &&
           write_xsdt(&writer, &xsdt, errp) && write_rsdp(machine->memory, xsdt, errp);
}
