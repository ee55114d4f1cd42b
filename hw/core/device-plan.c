/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/device.h"

#include <string.h>

#include "../boards.h"
#include "hw/devices.h"

/* Nobody asks a device that is only planned. */
static const IoOps planned_ops = {0};

const DeviceClass *device_class_find(const char *name)
{
    unsigned count;
    const DeviceClass *const *classes = device_classes(&count);

    for (unsigned i = 0; i < count; i++) {
        if (strcmp(classes[i]->type.name, name) == 0) {
            return classes[i];
        }
    }
    return NULL;
}

void device_plan_add_range(DevicePlan *plan, DeviceSpace space, uint64_t base,
                           uint64_t bytes)
{
    g_assert(plan->range_count < DEVICE_RANGES_MAX);
    plan->ranges[plan->range_count++] = (DeviceRange){space, base, bytes, false};
}

void device_plan_add_range_over(DevicePlan *plan, DeviceSpace space, uint64_t base,
                                uint64_t bytes)
{
    device_plan_add_range(plan, space, base, bytes);
    plan->ranges[plan->range_count - 1].is_over = true;
}

static bool add_range(IoBus *bus, const DeviceRange *range, const char *owner,
                      const IoOps *ops, void *opaque, GError **errp)
{
    return range->is_over
               ? io_bus_add_over(bus, range->base, range->bytes, owner, ops, opaque, errp)
               : io_bus_add(bus, range->base, range->bytes, owner, ops, opaque, errp);
}

void sysbus_plan(DevicePlan *self, uint64_t bytes)
{
    const SysbusConfig *config = (const SysbusConfig *)self->config;

    device_plan_add_range(self, DEVICE_SPACE_MEMORY, config->base, bytes);
    self->irq = (int)config->irq;
}

void device_plan_acpi_name(const DevicePlan *plan, char ret[5])
{
    const DeviceDescription *description = &plan->class->description;
    int width = 4 - (int)strlen(description->acpi_name);

    g_snprintf(ret, 5, "%s", description->acpi_name);
    if (width > 0) {
        g_snprintf(ret + 4 - width, (gulong)width + 1, "%0*X", width,
                   description->acpi_first + plan->instance);
    }
}

bool device_map(Machine *machine, const DevicePlan *plan, unsigned index,
                const IoOps *ops, void *opaque, GError **errp)
{
    const DeviceRange *range = &plan->ranges[index];
    IoBus *bus = range->space == DEVICE_SPACE_PORTS ? machine->pio : machine->mmio;

    return add_range(bus, range, plan->class->type.name, ops, opaque, errp);
}

static unsigned count_of_class(const MachinePlan *machine, const DeviceClass *class)
{
    unsigned count = 0;

    for (unsigned i = 0; i < machine->devices->len; i++) {
        const DevicePlan *other = g_ptr_array_index(machine->devices, i);

        count += other->class == class;
    }
    return count;
}

static bool take_ranges(MachinePlan *machine, const DevicePlan *plan, GError **errp)
{
    for (unsigned i = 0; i < plan->range_count; i++) {
        const DeviceRange *range = &plan->ranges[i];

        if (!add_range(machine->taken[range->space], range, plan->class->type.name,
                       &planned_ops, NULL, errp)) {
            return false;
        }
    }
    return true;
}

bool machine_plan_add_device(MachinePlan *machine, Object *config, GError **errp)
{
    g_autofree DevicePlan *plan = g_new0(DevicePlan, 1);

    plan->class = device_class_find(config->type->name);
    plan->config = config;
    plan->irq = DEVICE_NO_IRQ;
    plan->instance = count_of_class(machine, plan->class);
    if ((plan->class->plan && !plan->class->plan(plan, machine, errp)) ||
        !take_ranges(machine, plan, errp) ||
        (plan->class->bus == DEVICE_BUS_PCI &&
         !pci_plan_place(machine->pci, plan, errp))) {
        return false;
    }
    if (!plan->class->is_board_part) {
        g_ptr_array_add(machine->configs, config);
    }
    g_ptr_array_add(machine->devices, g_steal_pointer(&plan));
    return true;
}

const DevicePlan *machine_plan_find_device(const MachinePlan *machine, const char *name)
{
    for (unsigned i = 0; i < machine->devices->len; i++) {
        const DevicePlan *plan = g_ptr_array_index(machine->devices, i);

        if (strcmp(plan->class->type.name, name) == 0) {
            return plan;
        }
    }
    return NULL;
}
