/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * i8042: the keyboard controller without a keyboard.  Guests use it to reset the machine
 * and to switch A20, and probe it at start.
 * Source: IBM PS/2 Technical Reference, keyboard controller commands.
 */
#include "hw/devices.h"

#define PORT_DATA    0x60
#define PORT_COMMAND 0x64

#define STATUS_OUTPUT_FULL 0x01
#define STATUS_SYSTEM      0x04
#define STATUS_COMMAND     0x08
#define STATUS_UNLOCKED    0x10

#define COMMAND_READ_CONTROL  0x20
#define COMMAND_WRITE_CONTROL 0x60
#define COMMAND_DISABLE_AUX   0xa7
#define COMMAND_TEST_AUX      0xa9
#define COMMAND_SELF_TEST     0xaa
#define COMMAND_TEST_KEYBOARD 0xab
#define COMMAND_READ_OUTPUT   0xd0
#define COMMAND_WRITE_OUTPUT  0xd1
#define COMMAND_PULSE_FIRST   0xf0 /* low nibble: lines not pulled low; bit 0 is reset */

#define OUTPUT_NOT_RESET 0x01
#define OUTPUT_A20       0x02

typedef struct I8042 {
    Device device;
    Machine *machine;
    uint8_t control, output, pending_command;
    bool has_reply;
    uint8_t reply; /* byte waiting in the output buffer */
} I8042;

static void request_reset(I8042 *kbc)
{
    machine_event(kbc->machine, MACHINE_EVENT_RESET, 0);
}

static void set_reply(I8042 *kbc, uint8_t reply)
{
    kbc->reply = reply;
    kbc->has_reply = true;
}

static uint64_t data_read(void *opaque, uint64_t offset, unsigned size)
{
    I8042 *kbc = opaque;
    uint8_t reply = kbc->has_reply ? kbc->reply : 0;

    (void)offset;
    (void)size;
    kbc->has_reply = false;
    return reply;
}

static void data_write(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    I8042 *kbc = opaque;

    (void)offset;
    (void)size;
    switch (kbc->pending_command) {
    case COMMAND_WRITE_CONTROL:
        kbc->control = (uint8_t)value;
        break;
    case COMMAND_WRITE_OUTPUT:
        kbc->output = (uint8_t)value;
        if (!(value & OUTPUT_NOT_RESET)) {
            request_reset(kbc);
        }
        break;
    }
    kbc->pending_command = 0;
}

static uint64_t status_read(void *opaque, uint64_t offset, unsigned size)
{
    I8042 *kbc = opaque;

    (void)offset;
    (void)size;
    return STATUS_SYSTEM | STATUS_UNLOCKED | (kbc->has_reply ? STATUS_OUTPUT_FULL : 0) |
           (kbc->pending_command ? STATUS_COMMAND : 0);
}

static void command_write(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    I8042 *kbc = opaque;

    (void)offset;
    (void)size;
    switch (value) {
    case COMMAND_READ_CONTROL:
        set_reply(kbc, kbc->control);
        break;
    case COMMAND_SELF_TEST:
        set_reply(kbc, 0x55);
        break;
    case COMMAND_TEST_KEYBOARD:
    case COMMAND_TEST_AUX:
        set_reply(kbc, 0x01); /* clock line stuck low: nothing is plugged in */
        break;
    case COMMAND_READ_OUTPUT:
        set_reply(kbc, kbc->output);
        break;
    case COMMAND_WRITE_CONTROL:
    case COMMAND_WRITE_OUTPUT:
        kbc->pending_command = (uint8_t)value;
        break;
    default:
        if ((value & 0xf0) == COMMAND_PULSE_FIRST && !(value & OUTPUT_NOT_RESET)) {
            request_reset(kbc);
        }
        break;
    }
}

static const IoOps data_ops = {.read = data_read, .write = data_write};
static const IoOps command_ops = {.read = status_read, .write = command_write};

static void i8042_free(Device *device)
{
    g_free(device);
}

static bool i8042_plan(DevicePlan *self, const MachinePlan *machine, GError **errp)
{
    (void)machine;
    (void)errp;
    device_plan_add_range(self, DEVICE_SPACE_PORTS, PORT_DATA, 1);
    device_plan_add_range(self, DEVICE_SPACE_PORTS, PORT_COMMAND, 1);
    return true;
}

static Device *i8042_realize(Machine *machine, const DevicePlan *plan, GError **errp)
{
    I8042 *kbc = g_new0(I8042, 1);

    kbc->device.free = i8042_free;
    kbc->machine = machine;
    kbc->output = OUTPUT_NOT_RESET | OUTPUT_A20;
    if (!device_map(machine, plan, 0, &data_ops, kbc, errp) ||
        !device_map(machine, plan, 1, &command_ops, kbc, errp)) {
        g_free(kbc);
        return NULL;
    }
    return &kbc->device;
}

/* clang-format off */
static const StateRow i8042_rows[] = {
    {"control", STATE_U8, offsetof(I8042, control)},
    {"output", STATE_U8, offsetof(I8042, output)},
    {"pending-command", STATE_U8, offsetof(I8042, pending_command)},
    {"has-reply", STATE_BOOL, offsetof(I8042, has_reply)},
    {"reply", STATE_U8, offsetof(I8042, reply)},
};
/* clang-format on */

static const StateTable i8042_state = {
    .name = "i8042",
    .version = 1,
    .size = sizeof(I8042),
    .rows = i8042_rows,
    .row_count = ARRAY_LEN(i8042_rows),
};

const DeviceClass i8042_class = {
    .type = {.name = "i8042",
             .parent = TYPE_DEVICE,
             .doc = "keyboard controller without a keyboard: reset and A20",
             .instance_size = sizeof(Object)},
    .bus = DEVICE_BUS_ISA,
    .plan = i8042_plan,
    .realize = i8042_realize,
    .state = &i8042_state,
};
