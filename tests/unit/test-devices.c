/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices without a machine around them: registers on a bus, a line, no KVM.  Those of
 * one architecture's boards are tested on the other's desk, too.
 */
#include "hw/devices.h"

#include "hw/io-bus.h"
#include "util/bits.h"

#define ACCESSES 10000
#define BASE     UINT64_C(0x9000000)

/* A board of one line, which counts how often it changes. */
typedef struct Desk {
    Machine machine;
    MachinePlan plan;
    MachineHost host;
    Board board;
    int64_t rtc_offset_s;
    unsigned edges;
    bool level;
} Desk;

static Desk *current; /* of the one test that runs */

static void set_line(void *opaque, unsigned number, bool level)
{
    Desk *desk = opaque;

    (void)number;
    g_assert_true(desk->level != level);
    desk->level = level;
    desk->edges++;
}

static IrqLine board_irq(Machine *machine, unsigned number)
{
    (void)machine;
    return (IrqLine){.set = set_line, .opaque = current, .number = number};
}

static void ignore_event(void *opaque, MachineEvent event, int code)
{
    (void)opaque;
    (void)event;
    (void)code;
}

static void desk_init(Desk *desk)
{
    *desk = (Desk){.board = {.irq = board_irq}};
    current = desk;
    desk->plan.board = &desk->board;
    desk->host.rtc_offset_s = &desk->rtc_offset_s;
    desk->host.event = ignore_event;
    desk->machine.plan = &desk->plan;
    desk->machine.host = &desk->host;
    desk->machine.mmio = io_bus_new("memory");
    desk->machine.pio = io_bus_new("port");
}

static void desk_clear(Desk *desk)
{
    io_bus_free(desk->machine.mmio);
    io_bus_free(desk->machine.pio);
}

typedef struct DeviceCase {
    const char *name;
    const DeviceClass *class;
    bool is_mmio;
    unsigned bytes;
} DeviceCase;

static const DeviceCase cases[] = {
    {"pl011", &pl011_class, true, 0x1000},
    {"pl031", &pl031_class, true, 0x1000},
    {"pl061", &pl061_class, true, 0x1000},
    {"isa-serial", &isa_serial_class, false, 8},
};

static Device *realize(Desk *desk, const DeviceCase *row)
{
    SysbusConfig sysbus = {.object = {.type = &row->class->type}, .base = BASE, .irq = 3};
    IsaSerialConfig serial = {
        .object = {.type = &row->class->type}, .iobase = 0x3f8, .irq = 4};
    DevicePlan plan = {.class = row->class,
                       .config = row->is_mmio ? &sysbus.object : &serial.object};
    g_autoptr(GError) error = NULL;
    Device *device;

    g_assert_true(row->class->plan(&plan, &desk->plan, &error));
    device = row->class->realize(&desk->machine, &plan, &error);
    g_assert_no_error(error);
    g_assert_nonnull(device);
    return device;
}

/* Whatever a guest does to its registers is an access and nothing else; what comes out of
 * a register has the width of the access. */
static void test_any_access(gconstpointer data)
{
    const DeviceCase *row = data;
    uint64_t base = row->is_mmio ? BASE : 0x3f8;
    Desk desk;
    Device *device;

    desk_init(&desk);
    device = realize(&desk, row);
    for (unsigned i = 0; i < ACCESSES; i++) {
        IoBus *bus = row->is_mmio ? desk.machine.mmio : desk.machine.pio;
        unsigned size = 1u << g_test_rand_int_range(0, row->is_mmio ? 4 : 1);
        uint64_t at = (uint64_t)g_test_rand_int_range(0, (gint32)row->bytes) &
                      ~(uint64_t)(size - 1);
        uint64_t value =
            (uint64_t)(uint32_t)g_test_rand_int() << 32 | (uint32_t)g_test_rand_int();

        if (g_test_rand_bit()) {
            io_bus_write(bus, base + at, size, value);
        } else {
            value = io_bus_read(bus, base + at, size);
            g_assert_cmphex(size < 8 ? value >> (8 * size) : 0, ==, 0);
        }
    }
    device->free(device);
    desk_clear(&desk);
}

/* PrimeCells say what they are.  Source: Arm DDI 0183 (PL011), 0224 (PL031), 0190
 * (PL061): identification registers. */
static void test_prime_cells_say_what_they_are(void)
{
    static const uint8_t cell[] = {0x0d, 0xf0, 0x05, 0xb1};
    static const uint8_t parts[] = {0x11, 0x31, 0x61};

    for (unsigned i = 0; i < ARRAY_LEN(parts); i++) {
        Desk desk;
        Device *device;

        desk_init(&desk);
        device = realize(&desk, &cases[i]);
        g_assert_cmphex(io_bus_read(desk.machine.mmio, BASE + 0xfe0, 4), ==, parts[i]);
        for (unsigned k = 0; k < ARRAY_LEN(cell); k++) {
            g_assert_cmphex(io_bus_read(desk.machine.mmio, BASE + 0xff0 + 4 * k, 4), ==,
                            cell[k]);
        }
        device->free(device);
        desk_clear(&desk);
    }
}

/* The interrupt of an empty transmitter follows its enable, on both UARTs. */
static void test_uarts_raise_their_line(void)
{
    static const struct {
        unsigned at, mask;
    } enables[] = {{0x38, BIT64(5)},
                   {1, BIT64(1)}}; /* PL011 IMSC.TXIM, 16550 IER.ETBEI */

    for (unsigned i = 0; i < ARRAY_LEN(enables); i++) {
        const DeviceCase *row = &cases[i ? 3 : 0];
        uint64_t base = row->is_mmio ? BASE : 0x3f8;
        unsigned size = row->is_mmio ? 4 : 1;
        IoBus *bus;
        Desk desk;
        Device *device;

        desk_init(&desk);
        bus = row->is_mmio ? desk.machine.mmio : desk.machine.pio;
        device = realize(&desk, row);
        g_assert_false(desk.level);
        io_bus_write(bus, base, size, 'x'); /* sent at once: the transmitter is empty */
        io_bus_write(bus, base + enables[i].at, size, enables[i].mask);
        g_assert_true(desk.level);
        io_bus_write(bus, base + enables[i].at, size, 0);
        g_assert_false(desk.level);
        device->free(device);
        desk_clear(&desk);
    }
}

/* What an old machine version had of a device names one, and a property it has. */
static void test_old_defaults_name_devices_that_exist(void)
{
    g_autoptr(TypeRegistry) registry = type_registry_new();
    const MachineVersion *versions;
    unsigned count, found = 0;

    hw_register_types(registry);
    versions = machine_versions(&count);
    for (unsigned i = 0; i < count; i++) {
        for (unsigned k = 0; k < versions[i].row_count; k++) {
            const CompatProperty *property = &versions[i].rows[k].property;

            if (property->is_optional) {
                const ObjectType *type = type_registry_find(registry, property->type);

                g_assert_nonnull(type);
                g_assert_nonnull(type_find_property(registry, type, property->property));
                found++;
            }
        }
    }
    g_assert_cmpuint(found, >, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autofree char *path = g_strdup_printf("/devices/any-access/%s", cases[i].name);

        g_test_add_data_func(path, &cases[i], test_any_access);
    }
    g_test_add_func("/devices/old-defaults", test_old_defaults_name_devices_that_exist);
    g_test_add_func("/devices/prime-cells", test_prime_cells_say_what_they_are);
    g_test_add_func("/devices/uarts-raise-their-line", test_uarts_raise_their_line);
    return g_test_run();
}
