/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * isa-debug-exit: a guest writes a value and the monitor ends with status value * 2 + 1.
 */
#include "hw/devices.h"

typedef struct DebugExit {
    Device device;
    Machine *machine;
} DebugExit;

static void debug_exit_write(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    DebugExit *exit_port = opaque;

    (void)offset;
    (void)size;
    machine_event(exit_port->machine, MACHINE_EVENT_EXIT, (int)((value << 1 | 1) & 0xff));
}

static uint64_t debug_exit_read(void *opaque, uint64_t offset, unsigned size)
{
    (void)opaque;
    (void)offset;
    (void)size;
    return 0;
}

static const IoOps debug_exit_ops = {.read = debug_exit_read, .write = debug_exit_write};

static void debug_exit_free(Device *device)
{
    g_free(device);
}

static bool debug_exit_plan(DevicePlan *self, const MachinePlan *machine, GError **errp)
{
    const IsaDebugExitConfig *config = (const IsaDebugExitConfig *)self->config;

    (void)machine;
    (void)errp;
    device_plan_add_range(self, DEVICE_SPACE_PORTS, config->iobase, config->iosize);
    return true;
}

static Device *debug_exit_realize(Machine *machine, const DevicePlan *plan, GError **errp)
{
    DebugExit *exit_port = g_new0(DebugExit, 1);

    exit_port->device.free = debug_exit_free;
    exit_port->machine = machine;
    if (!device_map(machine, plan, 0, &debug_exit_ops, exit_port, errp)) {
        g_free(exit_port);
        return NULL;
    }
    return &exit_port->device;
}

static const Property debug_exit_props[] = {
    {"iobase", PROP_UINT32, offsetof(IsaDebugExitConfig, iobase), 0x501, .max = 0xffff,
     .seen_by = SEEN_BY_ALL, .doc = "first port"},
    {"iosize", PROP_UINT32, offsetof(IsaDebugExitConfig, iosize), 2, .min = 1, .max = 8,
     .seen_by = SEEN_BY_ALL, .doc = "number of ports"},
};

const DeviceClass isa_debug_exit_class = {
    .type = {.name = "isa-debug-exit",
             .parent = TYPE_DEVICE,
             .doc = "a port that ends the monitor with a status the guest chooses",
             .is_user_creatable = true,
             .instance_size = sizeof(IsaDebugExitConfig),
             .props = debug_exit_props,
             .prop_count = ARRAY_LEN(debug_exit_props)},
    .bus = DEVICE_BUS_ISA,
    .plan = debug_exit_plan,
    .realize = debug_exit_realize,
};
