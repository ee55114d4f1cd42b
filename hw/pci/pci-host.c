/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's side of PCI: which function an access to configuration space is for, where
 * BARs answer, which line a pin drives.
 */
#include <string.h>

#include "hw/machine.h"
#include "pci-internal.h"

#define CONFIG_ENABLE      BIT64(31)
#define CONFIG_PORTS       0xcf8
#define CONFIG_PORTS_BYTES 8

struct PciHost {
    Device device;
    Machine *machine;
    GPtrArray *functions; /* PciFunction *, borrowed */
    uint32_t address;     /* port 0xcf8 */
    IrqLine lines[PCI_INTX_LINES];
    unsigned raised[PCI_INTX_LINES]; /* how many functions hold it up */
    uint64_t ecam_gpa, ecam_bytes;   /* where it answers now */
};

void pci_host_add(PciHost *host, PciFunction *function)
{
    g_ptr_array_add(host->functions, function);
}

PciFunction *pci_host_port_of(PciHost *host, const PciFunction *function)
{
    const DevicePlan *port = function->plan->pci.bus->port;

    for (unsigned i = 0; port && i < host->functions->len; i++) {
        PciFunction *other = g_ptr_array_index(host->functions, i);

        if (other->plan == port) {
            return other;
        }
    }
    return NULL;
}

/* ---- BARs ---- */

static IoBus *bar_bus(const PciHost *host, const PciFunction *function, unsigned index)
{
    return function->plan->pci.identity.bars[index].kind == PCI_BAR_PORTS
               ? host->machine->pio
               : host->machine->mmio;
}

static void unmap(PciHost *host, PciFunction *function, unsigned index)
{
    PciBar *bar = &function->bars[index];

    if (bar->is_mapped) {
        io_bus_remove(bar_bus(host, function, index), bar->at);
        bar->is_mapped = false;
    }
}

static void map(PciHost *host, PciFunction *function, unsigned index)
{
    PciBar *bar = &function->bars[index];
    uint64_t at;

    if (bar->is_mapped || !pci_bar_wanted(function, index, &at)) {
        return;
    }
    bar->at = at;
    bar->is_mapped =
        io_bus_add(bar_bus(host, function, index), at,
                   function->plan->pci.identity.bars[index].bytes,
                   function->plan->class->type.name, bar->ops, bar->opaque, NULL);
}

void pci_host_map_bars(PciHost *host)
{
    /* First those that move away make room. */
    for (unsigned i = 0; i < host->functions->len; i++) {
        PciFunction *function = g_ptr_array_index(host->functions, i);

        for (unsigned k = 0; k < PCI_BARS; k++) {
            uint64_t at;

            if (!pci_bar_wanted(function, k, &at) || at != function->bars[k].at) {
                unmap(host, function, k);
            }
        }
    }
    for (unsigned i = 0; i < host->functions->len; i++) {
        for (unsigned k = 0; k < PCI_BARS; k++) {
            map(host, g_ptr_array_index(host->functions, i), k);
        }
    }
}

void pci_host_remove(PciHost *host, PciFunction *function)
{
    for (unsigned k = 0; k < PCI_BARS; k++) {
        unmap(host, function, k);
    }
    g_ptr_array_remove(host->functions, function);
}

/* ---- lines ---- */

void pci_host_set_line(PciHost *host, const PciFunction *function, bool level)
{
    unsigned line = pci_plan_line(function->plan, 1);

    host->raised[line] += level ? 1u : -1u;
    irq_line_set(&host->lines[line], host->raised[line] > 0);
}

/* ---- configuration space ---- */

static bool is_on_bus(PciHost *host, const PciFunction *function, unsigned number)
{
    const PciFunction *port = pci_host_port_of(host, function);

    return number == (port ? port->config[PCI_REG_SECONDARY] : 0u) &&
           /* a port that was not given a number leads nowhere */
           (!port || number);
}

uint16_t pci_host_requester(PciHost *host, const PciFunction *function)
{
    const PciFunction *port = pci_host_port_of(host, function);
    unsigned number = port ? port->config[PCI_REG_SECONDARY] : 0u;

    return (uint16_t)(number << 8 | function->plan->pci.devfn);
}

static PciFunction *find(PciHost *host, uint16_t requester)
{
    for (unsigned i = 0; i < host->functions->len; i++) {
        PciFunction *function = g_ptr_array_index(host->functions, i);

        if (function->plan->pci.devfn == (requester & 0xff) &&
            is_on_bus(host, function, requester >> 8)) {
            return function;
        }
    }
    return NULL;
}

/* Nobody there reads as all ones. */
static uint64_t host_read(PciHost *host, uint16_t requester, unsigned offset,
                          unsigned size)
{
    PciFunction *function = find(host, requester);

    return function && offset + size <= PCIE_CONFIG_BYTES
               ? pci_function_read(function, offset, size)
               : bits_mask(0, size * 8);
}

static void host_write(PciHost *host, uint16_t requester, unsigned offset, unsigned size,
                       uint64_t value)
{
    PciFunction *function = find(host, requester);

    if (function && offset + size <= PCIE_CONFIG_BYTES) {
        pci_function_write(function, offset, size, value);
    }
}

static uint64_t ecam_read(void *opaque, uint64_t offset, unsigned size)
{
    return host_read(opaque, (uint16_t)(offset >> 12), offset & 0xfff, size);
}

static void ecam_write(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    host_write(opaque, (uint16_t)(offset >> 12), offset & 0xfff, size, value);
}

static const IoOps ecam_ops = {.read = ecam_read, .write = ecam_write};

/* PCI Local Bus 3.0, 3.2.2.3.2: bus, device, function and register in 0xcf8. */
static uint64_t port_read(void *opaque, uint64_t offset, unsigned size)
{
    PciHost *host = opaque;

    if (offset < 4) {
        return offset == 0 && size == 4 ? host->address : bits_mask(0, size * 8);
    }
    return host->address & CONFIG_ENABLE
               ? host_read(host, (uint16_t)(host->address >> 8),
                           (host->address & 0xfc) + (unsigned)(offset - 4), size)
               : bits_mask(0, size * 8);
}

static void port_write(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    PciHost *host = opaque;

    if (offset < 4) {
        host->address = offset == 0 && size == 4 ? (uint32_t)value : host->address;
    } else if (host->address & CONFIG_ENABLE) {
        host_write(host, (uint16_t)(host->address >> 8),
                   (host->address & 0xfc) + (unsigned)(offset - 4), size, value);
    }
}

static const IoOps port_ops = {.read = port_read, .write = port_write};

/* Where memory stands for ports. */
static uint64_t window_read(void *opaque, uint64_t offset, unsigned size)
{
    return io_bus_read(((PciHost *)opaque)->machine->pio, offset, size);
}

static void window_write(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    io_bus_write(((PciHost *)opaque)->machine->pio, offset, size, value);
}

static const IoOps window_ops = {.read = window_read, .write = window_write};

void pci_host_set_ecam(PciHost *host, uint64_t gpa, uint64_t bytes)
{
    if (host->ecam_bytes) {
        io_bus_remove(host->machine->mmio, host->ecam_gpa);
    }
    host->ecam_gpa = gpa;
    /* Over another device it answers nowhere, as a BAR would. */
    host->ecam_bytes = bytes && io_bus_add(host->machine->mmio, gpa, bytes, "PCI Express",
                                           &ecam_ops, host, NULL)
                           ? bytes
                           : 0;
}

/* ---- the device ---- */

static void host_free(Device *device)
{
    PciHost *host = (PciHost *)device;

    host->machine->pci = NULL;
    g_ptr_array_unref(host->functions);
    g_free(host);
}

static bool q35_plan(DevicePlan *self, const MachinePlan *machine, GError **errp)
{
    (void)machine;
    (void)errp;
    device_plan_add_range(self, DEVICE_SPACE_PORTS, CONFIG_PORTS, CONFIG_PORTS_BYTES);
    return true;
}

static bool ecam_plan(DevicePlan *self, const MachinePlan *machine, GError **errp)
{
    const PciPlan *pci = machine->pci;

    (void)errp;
    if (pci->ports_gpa) {
        device_plan_add_range(self, DEVICE_SPACE_MEMORY, pci->ports_gpa,
                              pci->ports.last + 1);
    }
    return true;
}

static PciHost *host_new(Machine *machine)
{
    PciHost *host = g_new0(PciHost, 1);

    host->device.free = host_free;
    host->machine = machine;
    host->functions = g_ptr_array_new();
    for (unsigned i = 0; i < PCI_INTX_LINES; i++) {
        host->lines[i] =
            machine->plan->board->irq(machine, machine->plan->pci->intx_first + i);
    }
    machine->pci = host;
    return host;
}

/* On a PC firmware says where PCI Express is, if there is firmware. */
static Device *q35_realize(Machine *machine, const DevicePlan *plan, GError **errp)
{
    PciHost *host = host_new(machine);
    const PciPlan *pci = machine->plan->pci;

    if (!device_map(machine, plan, 0, &port_ops, host, errp)) {
        host_free(&host->device);
        return NULL;
    }
    if (pci->is_assigned) {
        pci_host_set_ecam(host, pci->ecam_gpa, pci->ecam_bytes);
    }
    return &host->device;
}

static Device *ecam_realize(Machine *machine, const DevicePlan *plan, GError **errp)
{
    PciHost *host = host_new(machine);
    const PciPlan *pci = machine->plan->pci;

    if (pci->ports_gpa && !device_map(machine, plan, 0, &window_ops, host, errp)) {
        host_free(&host->device);
        return NULL;
    }
    pci_host_set_ecam(host, pci->ecam_gpa, pci->ecam_bytes);
    return &host->device;
}

static const StateRow host_rows[] = {
    {"address", STATE_U32, offsetof(PciHost, address), .doc = "port 0xcf8"},
};

static const StateTable host_state = {
    .name = "pci-host",
    .version = 1,
    .size = sizeof(PciHost),
    .rows = host_rows,
    .row_count = ARRAY_LEN(host_rows),
};

const DeviceClass pci_host_q35_class = {
    .type = {.name = "q35-pcihost",
             .parent = TYPE_DEVICE,
             .doc = "PCI Express of the q35 board, through ports and memory",
             .instance_size = sizeof(Object)},
    .bus = DEVICE_BUS_ISA,
    .is_board_part = true,
    .plan = q35_plan,
    .realize = q35_realize,
    .state = &host_state,
};

const DeviceClass pci_host_ecam_class = {
    .type = {.name = "gpex-pcihost",
             .parent = TYPE_DEVICE,
             .doc = "PCI Express through memory",
             .instance_size = sizeof(Object)},
    .bus = DEVICE_BUS_SYSBUS,
    .is_board_part = true,
    .plan = ecam_plan,
    .realize = ecam_realize,
    .state = &host_state,
};
