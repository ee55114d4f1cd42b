/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/pci.h"

#include <string.h>

#include "hw/machine.h"
#include "pci-internal.h"
#include "util/bits.h"
#include "util/error.h"

/* Registers of every function.  PCI Local Bus 3.0, 6.1; bridges: PCI-to-PCI Bridge 1.2,
 * 3.2. */
#define REG_VENDOR       0x00
#define REG_DEVICE       0x02
#define REG_REVISION     0x08
#define REG_CLASS        0x09
#define REG_HEADER       0x0e
#define REG_SUBSYSTEM    0x2c
#define REG_CAPABILITIES 0x34
#define REG_LINE         0x3c
#define REG_PIN          0x3d

#define STATUS_CAPABILITIES BIT64(4)
#define STATUS_INTERRUPT    BIT64(3)
#define STATUS_ERRORS       0xf900 /* cleared by writing 1 */
#define HEADER_MULTI        0x80

#define EXPRESS_SLOT_CAPABILITIES 0x14
#define EXPRESS_SLOT_NUMBER_SHIFT 19

#define BAR_IS_PORTS        0x1
#define BAR_IS_64           0x4
#define BAR_IS_PREFETCHABLE 0x8
#define FIRST_CAPABILITY    0x40

#define EXPRESS_BYTES    0x3c
#define EXPRESS_VERSION  2
#define EXPRESS_SLOT     BIT64(8)
#define EXPRESS_ROOTPORT 4

void pci_put16(PciFunction *function, unsigned offset, uint16_t value)
{
    value = GUINT16_TO_LE(value);
    memcpy(function->config + offset, &value, sizeof(value));
}

void pci_put32(PciFunction *function, unsigned offset, uint32_t value)
{
    value = GUINT32_TO_LE(value);
    memcpy(function->config + offset, &value, sizeof(value));
}

uint16_t pci_get16(const PciFunction *function, unsigned offset)
{
    uint16_t value;

    memcpy(&value, function->config + offset, sizeof(value));
    return GUINT16_FROM_LE(value);
}

uint32_t pci_get32(const PciFunction *function, unsigned offset)
{
    uint32_t value;

    memcpy(&value, function->config + offset, sizeof(value));
    return GUINT32_FROM_LE(value);
}

void pci_set_writable32(PciFunction *function, unsigned offset, uint32_t mask)
{
    mask = GUINT32_TO_LE(mask);
    memcpy(function->writable + offset, &mask, sizeof(mask));
}

static void set_writable16(PciFunction *function, unsigned offset, uint16_t mask)
{
    mask = GUINT16_TO_LE(mask);
    memcpy(function->writable + offset, &mask, sizeof(mask));
}

/* ---- as at power on ---- */

static unsigned bar_offset(unsigned index)
{
    return PCI_REG_BAR0 + 4 * index;
}

static void init_bar(PciFunction *function, unsigned index)
{
    const PciFunctionPlan *plan = &function->plan->pci;
    const PciBarRow *row = &plan->identity.bars[index];
    bool is_64 = row->kind == PCI_BAR_MEMORY64_PREFETCHABLE;
    uint32_t flags = row->kind == PCI_BAR_PORTS ? BAR_IS_PORTS
                     : is_64                    ? BAR_IS_64 | BAR_IS_PREFETCHABLE
                                                : 0;

    pci_put32(function, bar_offset(index), (uint32_t)plan->bar_base[index] | flags);
    pci_set_writable32(function, bar_offset(index), (uint32_t) ~(row->bytes - 1));
    if (is_64) {
        pci_put32(function, bar_offset(index) + 4,
                  (uint32_t)(plan->bar_base[index] >> 32));
        pci_set_writable32(function, bar_offset(index) + 4,
                           (uint32_t)(~(row->bytes - 1) >> 32));
    }
}

static void init_bridge(PciFunction *function)
{
    const PciFunctionPlan *plan = &function->plan->pci;

    function->config[PCI_REG_PRIMARY] = plan->bus->number;
    function->config[PCI_REG_SECONDARY] = plan->secondary->number;
    function->config[PCI_REG_SUBORDINATE] = plan->secondary->last_number;
    memset(function->writable + PCI_REG_PRIMARY, 0xff, 3);
    /* Windows that end before they start let nothing through. */
    pci_put16(function, PCI_REG_IO_BASE, 0x00f0);
    pci_put32(function, PCI_REG_MEMORY_BASE, 0x0000fff0);
    pci_put32(function, PCI_REG_PREFETCH_BASE, 0x0001fff1);
    if (plan->memory.last) {
        pci_put16(function, PCI_REG_MEMORY_BASE, (plan->memory.first >> 16) & 0xfff0);
        pci_put16(function, PCI_REG_MEMORY_BASE + 2, (plan->memory.last >> 16) & 0xfff0);
        pci_put16(function, PCI_REG_PREFETCH_BASE,
                  ((plan->prefetchable.first >> 16) & 0xfff0) | 1);
        pci_put16(function, PCI_REG_PREFETCH_BASE + 2,
                  ((plan->prefetchable.last >> 16) & 0xfff0) | 1);
        pci_put32(function, PCI_REG_PREFETCH_UPPER,
                  (uint32_t)(plan->prefetchable.first >> 32));
        pci_put32(function, PCI_REG_PREFETCH_UPPER + 4,
                  (uint32_t)(plan->prefetchable.last >> 32));
    }
    set_writable16(function, PCI_REG_IO_BASE, 0xf0f0);
    pci_set_writable32(function, PCI_REG_MEMORY_BASE, 0xfff0fff0);
    pci_set_writable32(function, PCI_REG_PREFETCH_BASE, 0xfff0fff0);
    memset(function->writable + PCI_REG_PREFETCH_UPPER, 0xff, 8);
    set_writable16(function, PCI_REG_BRIDGE_CONTROL, 0x0fff);
}

static void init_registers(PciFunction *function)
{
    const PciFunctionPlan *plan = &function->plan->pci;
    const PciIdentity *id = &plan->identity;
    uint16_t command = PCI_COMMAND_PORTS | PCI_COMMAND_MEMORY;

    pci_put16(function, REG_VENDOR, id->vendor);
    pci_put16(function, REG_DEVICE, id->device);
    function->config[REG_REVISION] = id->revision;
    function->config[REG_CLASS] = (uint8_t)id->class_code;
    pci_put16(function, REG_CLASS + 1, (uint16_t)(id->class_code >> 8));
    function->config[REG_HEADER] =
        (id->is_bridge ? 1 : 0) | (plan->is_multifunction ? HEADER_MULTI : 0);
    if (!id->is_bridge) {
        pci_put16(function, REG_SUBSYSTEM, id->subsystem_vendor);
        pci_put16(function, REG_SUBSYSTEM + 2, id->subsystem);
    }
    function->config[REG_PIN] = id->has_pin ? 1 : 0;
    function->writable[REG_LINE] = 0xff;
    set_writable16(function, PCI_REG_COMMAND, PCI_COMMAND_ALL);
    function->clear_on_one[PCI_REG_STATUS + 1] = STATUS_ERRORS >> 8;
    function->writable[0x0c] = 0xff; /* cache line size, which nobody looks at */
    for (unsigned i = 0; i < PCI_BARS; i++) {
        if (id->bars[i].bytes) {
            init_bar(function, i);
        }
    }
    if (id->is_bridge) {
        init_bridge(function);
    }
    if (function->machine->plan->pci->is_assigned) {
        pci_put16(function, PCI_REG_COMMAND,
                  command | (id->is_bridge ? PCI_COMMAND_MASTER : 0));
    }
    function->next_capability = FIRST_CAPABILITY;
    function->last_link = &function->config[REG_CAPABILITIES];
}

void pci_function_init(PciFunction *function, Machine *machine, const DevicePlan *plan)
{
    function->machine = machine;
    function->host = machine->pci;
    function->plan = plan;
    init_registers(function);
    pci_host_add(function->host, function);
}

void pci_function_clear(PciFunction *function)
{
    if (function->is_intx_raised) {
        pci_host_set_line(function->host, function, false);
    }
    pci_host_remove(function->host, function);
    msix_free(function);
}

static void function_free(Device *device)
{
    pci_function_clear((PciFunction *)device);
    g_free(device);
}

PciFunction *pci_function_new(Machine *machine, const DevicePlan *plan)
{
    PciFunction *function = g_new0(PciFunction, 1);

    function->device.free = function_free;
    pci_function_init(function, machine, plan);
    return function;
}

void pci_bar_answer(PciFunction *function, unsigned index, const IoOps *ops, void *opaque)
{
    function->bars[index].ops = ops;
    function->bars[index].opaque = opaque;
    pci_host_map_bars(function->host);
}

unsigned pci_add_capability(PciFunction *function, uint8_t id, unsigned bytes)
{
    unsigned offset = function->next_capability;

    g_assert(offset + bytes <= PCI_CONFIG_BYTES);
    function->config[PCI_REG_STATUS] |= STATUS_CAPABILITIES;
    function->config[offset] = id;
    *function->last_link = (uint8_t)offset;
    function->last_link = &function->config[offset + 1];
    function->next_capability = (unsigned)align_up(offset + bytes, 4);
    return offset;
}

unsigned pci_add_express_capability(PciFunction *function, unsigned type, unsigned slot)
{
    unsigned at = pci_add_capability(function, PCI_CAP_EXPRESS, EXPRESS_BYTES);
    bool is_port = type == EXPRESS_ROOTPORT;

    pci_put16(function, at + 2,
              (uint16_t)(EXPRESS_VERSION | type << 4 | (is_port ? EXPRESS_SLOT : 0)));
    pci_put32(function, at + 4, 0x8000); /* role-based errors, payload of 128 bytes */
    set_writable16(function, at + 8, 0x7fff); /* device control */
    pci_put32(function, at + 0x0c, 0x0011);   /* one lane of 2.5 GT/s */
    set_writable16(function, at + 0x10, 0x00fb);
    pci_put16(function, at + 0x12, 0x0011);
    if (is_port) {
        pci_put32(function, at + EXPRESS_SLOT_CAPABILITIES,
                  (uint32_t)slot << EXPRESS_SLOT_NUMBER_SHIFT);
        set_writable16(function, at + 0x18, 0x1fff); /* slot control */
        set_writable16(function, at + 0x1c, 0x001f); /* root control */
    }
    return at;
}

/* ---- what a guest does ---- */

static bool touches(unsigned offset, unsigned size, unsigned first, unsigned end)
{
    return offset < end && offset + size > first;
}

static bool changes_map(const PciFunction *function, unsigned offset, unsigned size)
{
    bool is_bridge = function->plan->pci.identity.is_bridge;

    return touches(offset, size, PCI_REG_COMMAND, PCI_REG_COMMAND + 2) ||
           touches(offset, size, PCI_REG_BAR0, PCI_REG_BAR0 + 4 * PCI_BARS) ||
           (is_bridge &&
            touches(offset, size, PCI_REG_PRIMARY, PCI_REG_PREFETCH_UPPER + 8));
}

void pci_function_write(PciFunction *function, unsigned offset, unsigned size,
                        uint64_t value)
{
    for (unsigned i = 0; i < size && offset + i < PCI_CONFIG_BYTES; i++) {
        unsigned at = offset + i;
        uint8_t byte = (uint8_t)(value >> (8 * i)), mask = function->writable[at];
        uint8_t old = function->config[at];

        function->config[at] = (uint8_t)((old & ~mask) | (byte & mask));
        function->config[at] &= (uint8_t) ~(byte & function->clear_on_one[at]);
    }
    if (changes_map(function, offset, size)) {
        pci_host_map_bars(function->host);
        pci_set_intx(function, function->intx_level);
    }
    msix_config_written(function, offset, size);
    if (function->config_written) {
        function->config_written(function, offset, size);
    }
}

uint64_t pci_function_read(PciFunction *function, unsigned offset, unsigned size)
{
    uint64_t value = 0;

    if (function->config_will_be_read) {
        function->config_will_be_read(function, offset, size);
    }
    for (unsigned i = 0; i < size; i++) {
        value |= (uint64_t)function->config[offset + i] << (8 * i);
    }
    return value;
}

bool pci_is_bus_master(const PciFunction *function)
{
    return pci_get16(function, PCI_REG_COMMAND) & PCI_COMMAND_MASTER;
}

void pci_set_intx(PciFunction *function, bool level)
{
    bool is_seen;

    function->intx_level = level;
    function->config[PCI_REG_STATUS] &= (uint8_t)~STATUS_INTERRUPT;
    function->config[PCI_REG_STATUS] |= level ? STATUS_INTERRUPT : 0;
    is_seen = level && !msix_is_enabled(function) &&
              !(pci_get16(function, PCI_REG_COMMAND) & PCI_COMMAND_NO_INTX);
    if (is_seen != function->is_intx_raised) {
        function->is_intx_raised = is_seen;
        pci_host_set_line(function->host, function, is_seen);
    }
}

/* ---- where BARs answer ---- */

static uint64_t bar_address(const PciFunction *function, unsigned index)
{
    const PciBarRow *row = &function->plan->pci.identity.bars[index];
    uint64_t address = pci_get32(function, bar_offset(index));

    if (row->kind == PCI_BAR_MEMORY64_PREFETCHABLE) {
        address |= (uint64_t)pci_get32(function, bar_offset(index) + 4) << 32;
    }
    return address & ~(row->bytes - 1);
}

/* The bridges above let the range through. */
static bool is_forwarded(const PciFunction *function, const PciBarRow *row, uint64_t base)
{
    const PciFunction *port = pci_host_port_of(function->host, function);

    for (; port; port = pci_host_port_of(function->host, port)) {
        bool is_64 = row->kind == PCI_BAR_MEMORY64_PREFETCHABLE;
        unsigned reg = is_64 ? PCI_REG_PREFETCH_BASE : PCI_REG_MEMORY_BASE;
        uint64_t first = (uint64_t)(pci_get16(port, reg) & 0xfff0) << 16;
        uint64_t last = (uint64_t)(pci_get16(port, reg + 2) & 0xfff0) << 16 | 0xfffff;

        if (row->kind == PCI_BAR_PORTS ||
            !(pci_get16(port, PCI_REG_COMMAND) & PCI_COMMAND_MEMORY)) {
            return false;
        }
        if (is_64) {
            first |= (uint64_t)pci_get32(port, PCI_REG_PREFETCH_UPPER) << 32;
            last |= (uint64_t)pci_get32(port, PCI_REG_PREFETCH_UPPER + 4) << 32;
        }
        if (base < first || base + row->bytes - 1 > last) {
            return false;
        }
    }
    return true;
}

bool pci_bar_wanted(const PciFunction *function, unsigned index, uint64_t *ret)
{
    const PciBarRow *row = &function->plan->pci.identity.bars[index];
    unsigned enable = row->kind == PCI_BAR_PORTS ? PCI_COMMAND_PORTS : PCI_COMMAND_MEMORY;

    if (!row->bytes || !function->bars[index].ops ||
        !(pci_get16(function, PCI_REG_COMMAND) & enable)) {
        return false;
    }
    *ret = bar_address(function, index);
    /* 0 is what an unassigned register says. */
    return *ret && range_fits(*ret, row->bytes, UINT64_MAX) &&
           is_forwarded(function, row, *ret);
}

/* ---- saved state ---- */

static void pci_pre_save(void *object)
{
    PciFunction *function = object;

    memcpy(function->saved_config, function->config, PCI_CONFIG_BYTES);
    msix_save(function);
}

static bool pci_post_load(void *object, GError **errp)
{
    PciFunction *function = object;

    if (memcmp(function->saved_config, function->config, 4) != 0) {
        error_set(errp, "pci: the function saved at %02x.%u is another device",
                  PCI_SLOT(function->plan->pci.devfn),
                  PCI_FUNC(function->plan->pci.devfn));
        return false;
    }
    /* What a guest cannot change is this program's to say. */
    for (unsigned i = 0; i < PCI_CONFIG_BYTES; i++) {
        uint8_t mask = function->writable[i] | function->clear_on_one[i];

        function->config[i] =
            (uint8_t)((function->config[i] & ~mask) | (function->saved_config[i] & mask));
    }
    if (!msix_load(function, errp)) {
        return false;
    }
    pci_host_map_bars(function->host);
    if (function->config_written) {
        function->config_written(function, 0, PCI_CONFIG_BYTES);
    }
    return true;
}

static const StateRow pci_rows[] = {
    {"config", STATE_U8, offsetof(PciFunction, saved_config), PCI_CONFIG_BYTES,
     .doc = "configuration space; what a guest cannot write is not taken from it"},
    {"msix", STATE_BLOB, offsetof(PciFunction, saved_msix), MSIX_SAVED_MAX,
     .doc = "MSI-X table and pending bits; empty where the function has none"},
};

const StateTable pci_function_state = {
    .name = "pci",
    .version = 1,
    .size = sizeof(PciFunction),
    .rows = pci_rows,
    .row_count = ARRAY_LEN(pci_rows),
    .pre_save = pci_pre_save,
    .post_load = pci_post_load,
};
