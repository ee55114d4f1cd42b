/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCI Express as a guest meets it: configuration space by ports and by memory, BARs that
 * are sized and moved, ports with their windows, MSI-X.
 */
#include "hw/pci.h"

#include "hw/machine-state.h"
#include "made-machine.h"
#include "util/bits.h"

#define HOST     "intel-icelake-sp"
#define ECAM     UINT64_C(0xb0000000)
#define ACCESSES 20000

#define MACHINE(...)                                                                     \
    made_machine_new(                                                                    \
        HOST, (const char *const[]){"-M", "q35", "-nodefaults", __VA_ARGS__, NULL})

static uint32_t by_ports(MadeMachine *made, unsigned devfn, unsigned reg)
{
    io_bus_write(made->machine->pio, 0xcf8, 4, 0x80000000u | devfn << 8 | reg);
    return (uint32_t)io_bus_read(made->machine->pio, 0xcfc, 4);
}

static uint64_t place(unsigned bus, unsigned devfn, unsigned reg)
{
    return ECAM + ((uint64_t)bus << 20 | devfn << 12 | reg);
}

static uint32_t by_memory(MadeMachine *made, unsigned bus, unsigned devfn, unsigned reg)
{
    return (uint32_t)io_bus_read(made->machine->mmio, place(bus, devfn, reg), 4);
}

static void put(MadeMachine *made, unsigned bus, unsigned devfn, unsigned reg,
                uint32_t value)
{
    io_bus_write(made->machine->mmio, place(bus, devfn, reg), 4, value);
}

static void test_both_ways_lead_to_one_space(void)
{
    g_autoptr(MadeMachine) made = MACHINE("-device", "virtio-rng-pci,addr=3.1", "-device",
                                          "virtio-rng-pci,addr=3.0,"
                                          "multifunction=on");
    static const struct {
        unsigned devfn;
        uint32_t id;
    } rows[] = {{PCI_DEVFN(0, 0), 0x29c08086},
                {PCI_DEVFN(0x1f, 0), 0x29188086},
                {PCI_DEVFN(3, 0), 0x10441af4},
                {PCI_DEVFN(3, 1), 0x10441af4},
                {PCI_DEVFN(4, 0), 0xffffffff}};

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_assert_cmphex(by_ports(made, rows[i].devfn, 0), ==, rows[i].id);
        for (unsigned reg = 0; reg < 256; reg += 4) {
            g_assert_cmphex(by_ports(made, rows[i].devfn, reg), ==,
                            by_memory(made, 0, rows[i].devfn, reg));
        }
    }
    /* Reset control lies within the ports of configuration space. */
    g_assert_cmphex(io_bus_read(made->machine->pio, 0xcf9, 1), ==, 0);
}

/* As a kernel does: all ones, read back the size, then where it was. */
static void test_bars_are_sized_and_move(void)
{
    g_autoptr(MadeMachine) made = MACHINE("-device", "virtio-rng-pci,addr=2");
    unsigned devfn = PCI_DEVFN(2, 0);
    uint32_t bar = by_memory(made, 0, devfn, 0x14), moved = 0xd0000000;

    g_assert_cmphex(bar, ==, 0xc0000000);
    g_assert_cmphex(io_bus_read(made->machine->mmio, bar, 4), !=, UINT32_MAX);
    put(made, 0, devfn, 0x14, UINT32_MAX);
    g_assert_cmphex(by_memory(made, 0, devfn, 0x14), ==, 0xfffff000);
    put(made, 0, devfn, 0x14, moved);
    g_assert_cmphex(io_bus_read(made->machine->mmio, bar, 4), ==, UINT32_MAX);
    io_bus_write(made->machine->mmio, moved, 4, 0xfee00000);
    g_assert_cmphex(io_bus_read(made->machine->mmio, moved, 4), ==, 0xfee00000);
    /* Nowhere while decoding is off. */
    put(made, 0, devfn, 0x04, 0);
    g_assert_cmphex(io_bus_read(made->machine->mmio, moved, 4), ==, UINT32_MAX);
    put(made, 0, devfn, 0x04, 2);
    g_assert_cmphex(io_bus_read(made->machine->mmio, moved, 4), ==, 0xfee00000);
    /* Over configuration space it has to wait. */
    put(made, 0, devfn, 0x14, (uint32_t)ECAM);
    g_assert_cmphex(by_memory(made, 0, 0, 0), ==, 0x29c08086);
}

static void test_a_port_lets_its_windows_through(void)
{
    g_autoptr(MadeMachine) made = MACHINE("-device", "pcie-root-port,id=rp,addr=1",
                                          "-device", "virtio-rng-pci,bus=rp");
    uint32_t bar;

    g_assert_cmphex(by_memory(made, 0, PCI_DEVFN(1, 0), 0x18) & 0xffffff, ==, 0x010100);
    g_assert_cmphex(by_memory(made, 1, 0, 0), ==, 0x10441af4);
    bar = by_memory(made, 1, 0, 0x14);
    g_assert_cmphex(io_bus_read(made->machine->mmio, bar, 4), !=, UINT32_MAX);
    put(made, 0, PCI_DEVFN(1, 0), 0x20, 0x0000fff0); /* a window that lets nothing */
    g_assert_cmphex(io_bus_read(made->machine->mmio, bar, 4), ==, UINT32_MAX);
    /* Another number, another address. */
    put(made, 0, PCI_DEVFN(1, 0), 0x18, 0x00050500);
    g_assert_cmphex(by_memory(made, 1, 0, 0), ==, UINT32_MAX);
    g_assert_cmphex(by_memory(made, 5, 0, 0), ==, 0x10441af4);
    /* Without one it leads nowhere; bus 0 is the root's. */
    put(made, 0, PCI_DEVFN(1, 0), 0x18, 0);
    g_assert_cmphex(by_memory(made, 0, 0, 0), ==, 0x29c08086);
}

static void test_the_chipset_moves_configuration_space(void)
{
    g_autoptr(MadeMachine) made = MACHINE("-m", "64");

    io_bus_write(made->machine->pio, 0xcf8, 4, 0x80000060);
    io_bus_write(made->machine->pio, 0xcfc, 4, 0xe0000001);
    g_assert_cmphex(by_memory(made, 0, 0, 0), ==, UINT32_MAX);
    g_assert_cmphex(io_bus_read(made->machine->mmio, 0xe0000000, 4), ==, 0x29c08086);
    io_bus_write(made->machine->pio, 0xcfc, 4, 0xe0000000);
    g_assert_cmphex(io_bus_read(made->machine->mmio, 0xe0000000, 4), ==, UINT32_MAX);
}

static void test_many_ports_have_room(void)
{
    g_autoptr(GPtrArray) args = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(MadeMachine) made = NULL;

    g_ptr_array_add(args, g_strdup("-M"));
    g_ptr_array_add(args, g_strdup("q35"));
    g_ptr_array_add(args, g_strdup("-nodefaults"));
    for (unsigned i = 0; i < 28; i++) {
        g_ptr_array_add(args, g_strdup("-device"));
        g_ptr_array_add(args, g_strdup_printf("pcie-root-port,id=rp%u", i));
        g_ptr_array_add(args, g_strdup("-device"));
        g_ptr_array_add(args, g_strdup_printf("virtio-rng-pci,bus=rp%u", i));
    }
    g_ptr_array_add(args, NULL);
    made = made_machine_new(HOST, (const char *const *)args->pdata);
    for (unsigned bus = 1; bus <= 28; bus++) {
        uint32_t bar = by_memory(made, bus, 0, 0x14);

        g_assert_cmphex(by_memory(made, bus, 0, 0), ==, 0x10441af4);
        g_assert_cmphex(io_bus_read(made->machine->mmio, bar, 4), !=, UINT32_MAX);
    }
}

/* Whatever a guest writes to configuration space is an access, and what it reads has the
 * width of the access; the functions are still there. */
static void test_any_access(void)
{
    g_autoptr(MadeMachine) made =
        MACHINE("-device", "pcie-root-port,id=rp,addr=1", "-device",
                "virtio-rng-pci,bus=rp", "-device", "virtio-rng-pci,addr=2");
    static const uint8_t devfns[] = {PCI_DEVFN(0, 0), PCI_DEVFN(1, 0), PCI_DEVFN(2, 0),
                                     PCI_DEVFN(0x1f, 0)};

    for (unsigned i = 0; i < ACCESSES; i++) {
        unsigned size = 1u << g_test_rand_int_range(0, 4);
        unsigned devfn = devfns[g_test_rand_int_range(0, ARRAY_LEN(devfns))];
        unsigned bus = (unsigned)g_test_rand_int_range(0, 3);
        unsigned reg =
            (unsigned)g_test_rand_int_range(0, 0x1000) >> (g_test_rand_bit() ? 4 : 0);
        uint64_t at = place(bus, devfn, reg), value = (uint32_t)g_test_rand_int();

        if (g_test_rand_bit()) {
            io_bus_write(made->machine->mmio, at, size, value);
        } else {
            value = io_bus_read(made->machine->mmio, at, size);
            g_assert_cmphex(size < 8 ? value >> (8 * size) : 0, ==, 0);
        }
        if (i % 64 == 0) { /* it may have been moved */
            io_bus_write(made->machine->pio, 0xcf8, 4, 0x80000060);
            io_bus_write(made->machine->pio, 0xcfc, 4, (uint32_t)ECAM | 1);
        }
    }
    g_assert_cmphex(by_ports(made, PCI_DEVFN(2, 0), 0), ==, 0x10441af4);
}

/* A machine that is saved after all that is loaded into a new one, and answers alike. */
static void test_saved_space_is_loaded(void)
{
    static const char *const args[] = {
        "-M", "q35", "-nodefaults", "-device", "virtio-rng-pci,addr=2", NULL};
    g_autoptr(MadeMachine) made = made_machine_new(HOST, args);
    g_autoptr(MadeMachine) other = made_machine_new(HOST, args);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) sections = NULL;
    unsigned devfn = PCI_DEVFN(2, 0);

    put(made, 0, devfn, 0x14, 0xd0000000);
    io_bus_write(made->machine->mmio, 0xd0000000, 4, 0xfee01000);
    sections = machine_save_state(made->machine, &error);
    g_assert_no_error(error);
    g_assert_true(machine_load_state(other->machine, sections, &error));
    g_assert_no_error(error);
    g_assert_cmphex(io_bus_read(other->machine->mmio, 0xd0000000, 4), ==, 0xfee01000);
    for (unsigned reg = 0; reg < 256; reg += 4) {
        g_assert_cmphex(by_memory(other, 0, devfn, reg), ==,
                        by_memory(made, 0, devfn, reg));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pci/both-ways", test_both_ways_lead_to_one_space);
    g_test_add_func("/pci/bars", test_bars_are_sized_and_move);
    g_test_add_func("/pci/port", test_a_port_lets_its_windows_through);
    g_test_add_func("/pci/chipset", test_the_chipset_moves_configuration_space);
    g_test_add_func("/pci/many-ports", test_many_ports_have_room);
    g_test_add_func("/pci/any-access", test_any_access);
    g_test_add_func("/pci/saved", test_saved_space_is_loaded);
    return g_test_run();
}
