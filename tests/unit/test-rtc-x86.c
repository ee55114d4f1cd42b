/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PC's clock with whatever a guest or a stream puts into it. */
#include <string.h>
#include <time.h>

#include "made-machine.h"
#include "util/bits.h"

#define INDEX 0x70
#define DATA  0x71
#define REG_B 0x0b
#define HOLD  0x80

static const uint8_t time_registers[] = {0, 2, 4, 6, 7, 8, 9, 0x32};
/* Binary or BCD, 24 hours or 12. */
static const uint8_t modes[] = {0x00, 0x02, 0x04, 0x06};

static MadeMachine *make(void)
{
    return made_machine_new(
        "intel-icelake-sp",
        (const char *const[]){"-M", "q35", "-m", "64", "-nodefaults", NULL});
}

static uint8_t get(MadeMachine *made, uint8_t index)
{
    io_bus_write(made->machine->pio, INDEX, 1, index);
    return (uint8_t)io_bus_read(made->machine->pio, DATA, 1);
}

static void set(MadeMachine *made, uint8_t index, uint8_t value)
{
    io_bus_write(made->machine->pio, INDEX, 1, index);
    io_bus_write(made->machine->pio, DATA, 1, value);
}

/* Any two bytes, in every mode, are a time that can be read. */
static void test_any_bytes_are_a_time(void)
{
    g_autoptr(MadeMachine) made = make();

    for (unsigned m = 0; m < ARRAY_LEN(modes); m++) {
        for (unsigned r = 0; r < ARRAY_LEN(time_registers); r++) {
            for (unsigned value = 0; value < 256; value++) {
                set(made, REG_B, modes[m] | HOLD);
                for (unsigned i = 0; i < ARRAY_LEN(time_registers); i++) {
                    set(made, time_registers[i], (uint8_t)(value ^ (i == r ? 0 : 0xff)));
                }
                set(made, REG_B, modes[m]);
                for (unsigned i = 0; i < ARRAY_LEN(time_registers); i++) {
                    uint8_t got = get(made, time_registers[i]) & 0x7f;

                    g_assert_cmpuint(got, <=, modes[m] & 4 ? 99 : 0x99);
                }
                g_assert_cmpint(ABS(made->rtc_offset_s), <, INT64_C(1) << 40);
            }
        }
    }
}

/* Offsets that no clock has, as nothing but a mistake would leave them. */
static void test_any_offset_is_a_time(void)
{
    static const int64_t offsets[] = {INT64_MAX,
                                      INT64_MIN,
                                      INT64_MAX - 1700000000,
                                      INT64_C(-62167219200) * 2,
                                      INT64_C(67767976233532799),
                                      INT64_C(67767976233532800),
                                      INT64_C(-99999999999),
                                      INT64_C(-67768040609740800),
                                      INT64_C(1) << 40,
                                      -(INT64_C(1) << 40)};
    g_autoptr(MadeMachine) made = make();

    for (unsigned m = 0; m < ARRAY_LEN(modes); m++) {
        for (unsigned i = 0; i < ARRAY_LEN(offsets); i++) {
            set(made, REG_B, modes[m]);
            made->rtc_offset_s = offsets[i];
            for (unsigned r = 0; r < ARRAY_LEN(time_registers); r++) {
                uint8_t got = get(made, time_registers[r]);

                g_assert_cmpuint(got & 0x0f, <=, modes[m] & 4 ? 15 : 9);
            }
        }
    }
}

/* The year counts from where the guest set it, across a century and at the ends. */
static void test_years_are_kept(void)
{
    static const struct {
        uint8_t century, year;
    } years[] = {{0x19, 0x70}, {0x19, 0x99}, {0x20, 0x00}, {0x00, 0x00}, {0x99, 0x99}};
    g_autoptr(MadeMachine) made = make();

    for (unsigned i = 0; i < ARRAY_LEN(years); i++) {
        set(made, REG_B, HOLD | 2);
        set(made, 0, 0);
        set(made, 2, 0);
        set(made, 4, 0x12);
        set(made, 7, 0x15);
        set(made, 8, 6);
        set(made, 9, years[i].year);
        set(made, 0x32, years[i].century);
        set(made, REG_B, 2);
        g_assert_cmphex(get(made, 9), ==, years[i].year);
        g_assert_cmphex(get(made, 0x32), ==, years[i].century);
        g_assert_cmphex(get(made, 8), ==, 6);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rtc/any-bytes", test_any_bytes_are_a_time);
    g_test_add_func("/rtc/any-offset", test_any_offset_is_a_time);
    g_test_add_func("/rtc/years", test_years_are_kept);
    return g_test_run();
}
