/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pvpanic: the port a Linux guest writes to when it panics.
 * Source: QEMU docs/specs/pvpanic (bit 0 panicked, bit 1 crash loaded).
 */
#include "hw/devices.h"

#define PVPANIC_PANICKED     0x01
#define PVPANIC_CRASH_LOADED 0x02

typedef struct Pvpanic {
    Device device;
    Machine *machine;
} Pvpanic;

static uint64_t pvpanic_read(void *opaque, uint64_t offset, unsigned size)
{
    (void)opaque;
    (void)offset;
    (void)size;
    return PVPANIC_PANICKED | PVPANIC_CRASH_LOADED;
}

static void pvpanic_write(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    Pvpanic *pvpanic = opaque;

    (void)offset;
    (void)size;
    if (value & PVPANIC_PANICKED) {
        machine_event(pvpanic->machine, MACHINE_EVENT_PANIC, 0);
    }
}

static const IoOps pvpanic_ops = {.read = pvpanic_read, .write = pvpanic_write};

static void pvpanic_free(Device *device)
{
    g_free(device);
}

static bool pvpanic_plan(DevicePlan *self, const MachinePlan *machine, GError **errp)
{
    const IsaDebugExitConfig *config = (const IsaDebugExitConfig *)self->config;

    (void)machine;
    (void)errp;
    device_plan_add_range(self, DEVICE_SPACE_PORTS, config->iobase, 1);
    return true;
}

static Device *pvpanic_realize(Machine *machine, const DevicePlan *plan, GError **errp)
{
    Pvpanic *pvpanic = g_new0(Pvpanic, 1);

    pvpanic->device.free = pvpanic_free;
    pvpanic->machine = machine;
    if (!device_map(machine, plan, 0, &pvpanic_ops, pvpanic, errp)) {
        g_free(pvpanic);
        return NULL;
    }
    return &pvpanic->device;
}

static const Property pvpanic_props[] = {
    {"ioport", PROP_UINT32, offsetof(IsaDebugExitConfig, iobase), 0x505, .max = 0xffff,
     .seen_by = SEEN_BY_ALL, .doc = "the port"},
};

const DeviceClass pvpanic_class = {
    .type = {.name = "pvpanic",
             .parent = TYPE_DEVICE,
             .doc = "a port through which the guest tells that it panicked",
             .is_user_creatable = true,
             .instance_size = sizeof(IsaDebugExitConfig),
             .props = pvpanic_props,
             .prop_count = ARRAY_LEN(pvpanic_props)},
    .bus = DEVICE_BUS_ISA,
    .description = {.acpi_name = "PEVT", .acpi_hid = "QEMU0001"},
    .plan = pvpanic_plan,
    .realize = pvpanic_realize,
};
