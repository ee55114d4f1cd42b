/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/pci-plan.h"

#include <inttypes.h>
#include <string.h>

#include "hw/machine.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/number.h"

#define BUS_NUMBERS  256
#define WINDOW_BYTES MIB       /* a port's windows start and end at whole MiB */
#define PORT_LEAST   (2 * MIB) /* what a port can give to a device that comes later */
#define SLOTS        32
#define FUNCTIONS    8

static PciBusPlan *bus_new(const char *name, DevicePlan *port)
{
    PciBusPlan *bus = g_new0(PciBusPlan, 1);

    bus->name = g_strdup(name);
    bus->port = port;
    return bus;
}

static void bus_free(gpointer data)
{
    PciBusPlan *bus = data;

    g_free(bus->name);
    g_free(bus);
}

PciPlan *pci_plan_new(void)
{
    PciPlan *pci = g_new0(PciPlan, 1);

    pci->buses = g_ptr_array_new_with_free_func(bus_free);
    g_ptr_array_add(pci->buses, bus_new("pcie.0", NULL));
    return pci;
}

void pci_plan_free(PciPlan *pci)
{
    if (pci) {
        g_ptr_array_unref(pci->buses);
        g_free(pci);
    }
}

/* ---- where it sits ---- */

static PciBusPlan *find_bus(const PciPlan *pci, const DevicePlan *plan, GError **errp)
{
    const DeviceConfig *config = (const DeviceConfig *)plan->config;

    for (unsigned i = 0; i < pci->buses->len; i++) {
        PciBusPlan *bus = g_ptr_array_index(pci->buses, i);

        if (!config->bus || strcmp(config->bus, bus->name) == 0) {
            return bus;
        }
    }
    error_set(errp, "device %s: bus=%s: there is no such bus before it",
              plan->class->type.name, config->bus);
    return NULL;
}

/* "0x3", "3", "03.0", "3.1", and libvirt's "0x3.0x1" */
static bool parse_addr(const char *text, unsigned *ret_slot, unsigned *ret_function)
{
    char *end;
    guint64 slot = g_ascii_strtoull(text, &end, 16), function = 0;

    if (end == text || slot >= SLOTS) {
        return false;
    }
    if (*end == '.') {
        const char *start = end + 1;

        function = g_ascii_strtoull(start, &end, 16);
        if (end == start || function >= FUNCTIONS) {
            return false;
        }
    }
    *ret_slot = (unsigned)slot;
    *ret_function = (unsigned)function;
    return *end == '\0';
}

/* A port leads to one device. */
static unsigned bus_slots(const PciBusPlan *bus)
{
    return bus->port ? 1 : SLOTS;
}

static bool find_slot(const PciBusPlan *bus, const DevicePlan *plan, uint8_t *ret,
                      GError **errp)
{
    for (unsigned slot = 0; slot < bus_slots(bus); slot++) {
        if (!bus->functions[PCI_DEVFN(slot, 0)]) {
            *ret = PCI_DEVFN(slot, 0);
            return true;
        }
    }
    error_set(errp, "device %s: bus %s has no free slot", plan->class->type.name,
              bus->name);
    return false;
}

static bool find_devfn(const PciBusPlan *bus, const DevicePlan *plan, uint8_t *ret,
                       GError **errp)
{
    const DeviceConfig *config = (const DeviceConfig *)plan->config;
    unsigned slot, function;

    if (plan->pci.identity.fixed_devfn) {
        *ret = (uint8_t)(plan->pci.identity.fixed_devfn - 1);
        return true;
    }
    if (!config->addr) {
        return find_slot(bus, plan, ret, errp);
    }
    if (!parse_addr(config->addr, &slot, &function)) {
        error_set(errp,
                  "device %s: addr=%s: SLOT or SLOT.FUNCTION is accepted, slots 0 to 1f "
                  "in hexadecimal, functions 0 to 7",
                  plan->class->type.name, config->addr);
        return false;
    }
    if (slot >= bus_slots(bus)) {
        error_set(errp, "device %s: addr=%s: bus %s has slot 0 alone",
                  plan->class->type.name, config->addr, bus->name);
        return false;
    }
    *ret = PCI_DEVFN(slot, function);
    return true;
}

/* Functions above 0 are found where function 0 says that there are several. */
static bool check_functions(const PciBusPlan *bus, const DevicePlan *plan, uint8_t devfn,
                            GError **errp)
{
    unsigned slot = PCI_SLOT(devfn);
    const DevicePlan *first = bus->functions[PCI_DEVFN(slot, 0)];
    const DevicePlan *taken = bus->functions[devfn];

    if (taken) {
        error_set(errp, "device %s: slot %02x function %u of bus %s is taken by %s%s%s",
                  plan->class->type.name, slot, PCI_FUNC(devfn), bus->name,
                  taken->class->type.name, taken->config->id ? ",id=" : "",
                  taken->config->id ? taken->config->id : "");
        return false;
    }
    if (PCI_FUNC(devfn) && first && !first->pci.is_multifunction) {
        error_set(errp,
                  "device %s: slot %02x of bus %s has one function; give %s "
                  "multifunction=on",
                  plan->class->type.name, slot, bus->name, first->class->type.name);
        return false;
    }
    for (unsigned i = 1;
         PCI_FUNC(devfn) == 0 && !plan->pci.is_multifunction && i < FUNCTIONS; i++) {
        if (bus->functions[PCI_DEVFN(slot, i)]) {
            error_set(errp,
                      "device %s: slot %02x of bus %s has other functions; "
                      "multifunction=on is needed",
                      plan->class->type.name, slot, bus->name);
            return false;
        }
    }
    return true;
}

bool pci_plan_place(PciPlan *pci, DevicePlan *plan, GError **errp)
{
    DeviceConfig *config = (DeviceConfig *)plan->config;
    PciBusPlan *bus;
    uint8_t devfn;

    if (!pci) {
        error_set(errp, "device %s: this machine has no PCI bus", plan->class->type.name);
        return false;
    }
    plan->pci.is_multifunction |= config->multifunction;
    bus = find_bus(pci, plan, errp);
    if (!bus || !find_devfn(bus, plan, &devfn, errp) ||
        !check_functions(bus, plan, devfn, errp)) {
        return false;
    }
    if (plan->pci.identity.is_bridge) {
        g_autofree char *name =
            plan->config->id
                ? g_strdup(plan->config->id)
                : g_strdup_printf("%s.%u", plan->class->type.name, plan->instance);

        plan->pci.secondary = bus_new(name, plan);
        g_ptr_array_add(pci->buses, plan->pci.secondary);
    }
    plan->pci.bus = bus;
    plan->pci.devfn = devfn;
    bus->functions[devfn] = plan;
    g_free(config->addr);
    config->addr = g_strdup_printf("%02x.%u", PCI_SLOT(devfn), PCI_FUNC(devfn));
    return true;
}

/* ---- addresses ---- */

/* What is left to give, from below. */
typedef struct Giving {
    uint64_t memory32, memory64, ports;
    unsigned bus;
} Giving;

static void give_bars(Giving *next, PciFunctionPlan *function)
{
    for (unsigned i = 0; i < PCI_BARS; i++) {
        const PciBarRow *row = &function->identity.bars[i];
        uint64_t *from = row->kind == PCI_BAR_MEMORY32 ? &next->memory32
                         : row->kind == PCI_BAR_PORTS  ? &next->ports
                                                       : &next->memory64;

        if (row->bytes) {
            function->bar_base[i] = align_up(*from, row->bytes);
            *from = function->bar_base[i] + row->bytes;
        }
    }
}

static void give_bus(Giving *next, PciBusPlan *bus);

static PciWindow close_window(uint64_t first, uint64_t *next)
{
    *next = MAX(align_up(*next, WINDOW_BYTES), first + PORT_LEAST);
    return (PciWindow){first, *next - 1};
}

static void give_port(Giving *next, PciFunctionPlan *function)
{
    uint64_t memory = align_up(next->memory32, WINDOW_BYTES);
    uint64_t prefetchable = align_up(next->memory64, WINDOW_BYTES);

    next->memory32 = memory;
    next->memory64 = prefetchable;
    function->secondary->number = (uint8_t)++next->bus;
    give_bus(next, function->secondary);
    function->secondary->last_number = (uint8_t)next->bus;
    function->memory = close_window(memory, &next->memory32);
    function->prefetchable = close_window(prefetchable, &next->memory64);
}

static void give_bus(Giving *next, PciBusPlan *bus)
{
    for (unsigned i = 0; i < PCI_DEVFNS; i++) {
        if (bus->functions[i]) {
            give_bars(next, &bus->functions[i]->pci);
        }
    }
    for (unsigned i = 0; i < PCI_DEVFNS && next->bus < BUS_NUMBERS; i++) {
        if (bus->functions[i] && bus->functions[i]->pci.secondary) {
            give_port(next, &bus->functions[i]->pci);
        }
    }
}

static bool check_given(const char *what, uint64_t next, const PciWindow *window,
                        GError **errp)
{
    if (next - 1 > window->last) {
        g_autofree char *size = number_format_size(window->last + 1 - window->first);

        error_set(errp, "the devices need more %s addresses than the %s this board has",
                  what, size);
        return false;
    }
    return true;
}

bool pci_plan_assign(MachinePlan *machine, GError **errp)
{
    PciPlan *pci = machine->pci;
    Giving next;

    if (!pci) {
        return true;
    }
    if (pci->buses->len > pci->ecam_bytes / PCI_ECAM_PER_BUS) {
        error_set(errp, "there can be %" PRIu64 " PCI buses on this machine",
                  pci->ecam_bytes / PCI_ECAM_PER_BUS);
        return false;
    }
    if (!pci->is_assigned) {
        return true;
    }
    next = (Giving){pci->memory32.first, pci->memory64.first, pci->ports.first, 0};
    give_bus(&next, g_ptr_array_index(pci->buses, 0));
    return check_given("32-bit memory", next.memory32, &pci->memory32, errp) &&
           check_given("64-bit memory", next.memory64, &pci->memory64, errp) &&
           check_given("port", next.ports, &pci->ports, errp);
}

unsigned pci_root_line(unsigned slot, unsigned pin)
{
    return (slot + pin) % PCI_INTX_LINES;
}

unsigned pci_plan_line(const DevicePlan *plan, unsigned pin)
{
    unsigned line = pin - 1;

    /* A bridge turns the pins as the root bus does (PCI-to-PCI Bridge 1.2, 9.1). */
    for (;;) {
        line = pci_root_line(PCI_SLOT(plan->pci.devfn), line);
        if (!plan->pci.bus->port) {
            return line;
        }
        plan = plan->pci.bus->port;
    }
}
