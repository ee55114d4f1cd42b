/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Just enough ACPI to end: RSDP, XSDT or RSDT, FADT, and the _S5_ package of the DSDT,
 * found by its bytes.  Source: ACPI 6.4, sections 4.8, 5.2 and 20.
 */
#include "x86.h"

#define FADT_DSDT            40
#define FADT_PM1A_CNT        64
#define FADT_FLAGS           112
#define FADT_RESET_REG       116
#define FADT_RESET_VALUE     128
#define FADT_X_DSDT          140
#define FADT_X_PM1A_CNT      172
#define FADT_SLEEP_CONTROL   244
#define FADT_FLAG_RESET      (1u << 10)
#define FADT_FLAG_HW_REDUCED (1u << 20)

#define GAS_IO       1
#define TABLE_HEADER 36

static const uint8_t *fadt;
static const uint8_t *madt;

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
           (uint32_t)at[3] << 24;
}

static uint64_t get64(const uint8_t *at)
{
    return get32(at) | (uint64_t)get32(at + 4) << 32;
}

static const uint8_t *table_at(uint64_t address)
{
    /* Only the first 4 GiB are mapped. */
    return address && address < 1ull << 32 ? (const uint8_t *)address : NULL;
}

static bool has_signature(const uint8_t *table, const char *signature, unsigned size)
{
    return text_equal((const char *)table, size, signature);
}

static const uint8_t *rsdp_search(void)
{
    for (uint64_t at = 0xe0000; at < 0x100000; at += 16) {
        if (has_signature((const uint8_t *)at, "RSD PTR ", 8)) {
            return (const uint8_t *)at;
        }
    }
    return NULL;
}

static void note_table(const uint8_t *table)
{
    if (table && has_signature(table, "FACP", 4)) {
        fadt = table;
    } else if (table && has_signature(table, "APIC", 4)) {
        madt = table;
    }
}

void acpi_init(uint64_t rsdp_address)
{
    const uint8_t *rsdp = table_at(rsdp_address);
    const uint8_t *root;
    unsigned step;

    if (!rsdp || !has_signature(rsdp, "RSD PTR ", 8)) {
        rsdp = rsdp_search();
    }
    if (!rsdp) {
        return;
    }
    step = rsdp[15] >= 2 && get64(rsdp + 24) ? 8 : 4;
    root = table_at(step == 8 ? get64(rsdp + 24) : get32(rsdp + 16));
    if (!root) {
        return;
    }
    for (uint32_t at = TABLE_HEADER; at + step <= get32(root + 4); at += step) {
        note_table(table_at(step == 8 ? get64(root + at) : get32(root + at)));
    }
}

unsigned acpi_cpu_count(void)
{
    unsigned count = 0;
    uint32_t length = madt ? get32(madt + 4) : 0;

    for (uint32_t at = TABLE_HEADER + 8; at + 2 <= length && madt[at + 1] >= 2;
         at += madt[at + 1]) {
        bool is_lapic = madt[at] == 0 && get32(madt + at + 4) & 1;
        bool is_x2apic = madt[at] == 9 && get32(madt + at + 8) & 1;

        count += is_lapic || is_x2apic;
    }
    return count;
}

/* The first element of the package: SLP_TYP for PM1a_CNT. */
static bool sleep_type_find(uint8_t *ret_type)
{
    uint32_t fadt_length = get32(fadt + 4);
    uint64_t address = fadt_length >= FADT_X_DSDT + 8 ? get64(fadt + FADT_X_DSDT) : 0;
    const uint8_t *dsdt = table_at(address ? address : get32(fadt + FADT_DSDT));
    uint32_t length = dsdt ? get32(dsdt + 4) : 0;

    for (uint32_t at = TABLE_HEADER; at + 8 < length; at++) {
        const uint8_t *p = dsdt + at;

        if (!has_signature(p, "_S5_", 4) || p[4] != 0x12) {
            continue;
        }
        p += 5;
        p += 1 + (*p >> 6); /* package length, one to four bytes */
        p += 1;             /* number of elements */
        *ret_type = *p == 0x0a ? p[1] : *p;
        return true;
    }
    return false;
}

static void gas_write(const uint8_t *gas, uint8_t value)
{
    uint64_t address = get64(gas + 4);

    if (!address) {
        return;
    }
    if (gas[0] == GAS_IO) {
        outb((uint16_t)address, value);
    } else if (address < 1ull << 32) {
        *(volatile uint8_t *)address = value;
    }
}

void acpi_poweroff(void)
{
    uint32_t length = fadt ? get32(fadt + 4) : 0;
    uint32_t flags = fadt ? get32(fadt + FADT_FLAGS) : 0;
    uint32_t port;
    uint8_t type;

    if (!fadt || !sleep_type_find(&type)) {
        return;
    }
    if (flags & FADT_FLAG_HW_REDUCED && length >= FADT_SLEEP_CONTROL + 12) {
        gas_write(fadt + FADT_SLEEP_CONTROL, (uint8_t)((type & 7) << 2 | 1u << 5));
        return;
    }
    port = get32(fadt + FADT_PM1A_CNT);
    if (!port && length >= FADT_X_PM1A_CNT + 12) {
        port = (uint32_t)get64(fadt + FADT_X_PM1A_CNT + 4);
    }
    if (port) {
        uint16_t keep = inw((uint16_t)port) & ~(uint16_t)(7u << 10);

        outw((uint16_t)port, (uint16_t)(keep | (type & 7u) << 10 | 1u << 13));
    }
}

void acpi_reset(void)
{
    if (fadt && get32(fadt + 4) > FADT_RESET_VALUE &&
        get32(fadt + FADT_FLAGS) & FADT_FLAG_RESET) {
        gas_write(fadt + FADT_RESET_REG, fadt[FADT_RESET_VALUE]);
    }
}
