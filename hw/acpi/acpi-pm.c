/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ACPI fixed hardware: power button, soft off, PM timer, and the reset register.
 * Source: ACPI 6.5, section 4.8.3 (fixed hardware registers).
 */
#include "acpi-pm.h"

#include <string.h>

#include "hw/devices.h"

#define PM1_POWER_BUTTON BIT64(8)
#define PM1_EVENT_BITS   (BIT64(0) | BIT64(5) | BIT64(8) | BIT64(9) | BIT64(10) | BIT64(15))
#define CNT_SCI_ENABLE   BIT64(0)
#define CNT_SLEEP_TYPE   10
#define CNT_SLEEP_ENABLE BIT64(13)
#define PM_TIMER_HZ      UINT64_C(3579545)
#define RESET_CPU        0x04

typedef struct AcpiPm {
    Device device;
    Machine *machine;
    IrqLine sci;
    uint16_t status, enable, control;
    uint8_t reset;
    int64_t start_us;  /* when the timer was 0 */
    uint64_t timer_us; /* of start_us, as saved */
} AcpiPm;

static void update_sci(AcpiPm *pm)
{
    irq_line_set(&pm->sci, pm->status & pm->enable & PM1_EVENT_BITS);
}

static uint32_t timer_value(const AcpiPm *pm)
{
    uint64_t us = (uint64_t)(g_get_monotonic_time() - pm->start_us);

    return (uint32_t)((unsigned __int128)us * PM_TIMER_HZ / 1000000) & 0xffffff;
}

/* The register block as the guest sees it, so that any access width works. */
static uint64_t pm_read(void *opaque, uint64_t offset, unsigned size)
{
    AcpiPm *pm = opaque;
    uint8_t bytes[ACPI_PM_BYTES + 8] = {0};
    uint32_t timer = timer_value(pm);
    uint64_t value = 0;

    memcpy(bytes + ACPI_PM1_EVENT, &pm->status, 2);
    memcpy(bytes + ACPI_PM1_EVENT + 2, &pm->enable, 2);
    memcpy(bytes + ACPI_PM1_CNT, &pm->control, 2);
    memcpy(bytes + ACPI_PM_TIMER, &timer, 4);
    memcpy(&value, bytes + offset, size);
    return value;
}

static void write_control(AcpiPm *pm, uint16_t value)
{
    pm->control = value & (uint16_t)~CNT_SLEEP_ENABLE;
    if ((value & CNT_SLEEP_ENABLE) &&
        bits_get(value, CNT_SLEEP_TYPE, 3) == ACPI_S5_TYPE) {
        machine_event(pm->machine, MACHINE_EVENT_POWER_OFF, 0);
    }
}

static void pm_write(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    AcpiPm *pm = opaque;

    if (offset == ACPI_PM1_EVENT) {
        pm->status &= (uint16_t)~value; /* write one to clear */
        if (size == 4) {
            pm->enable = (uint16_t)(value >> 16);
        }
    } else if (offset == ACPI_PM1_EVENT + 2 && size <= 2) {
        pm->enable = (uint16_t)value;
    } else if (offset == ACPI_PM1_CNT) {
        write_control(pm, (uint16_t)value);
    }
    update_sci(pm);
}

static const IoOps pm_ops = {.read = pm_read, .write = pm_write};

static uint64_t reset_read(void *opaque, uint64_t offset, unsigned size)
{
    (void)offset;
    (void)size;
    return ((AcpiPm *)opaque)->reset;
}

static void reset_write(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    AcpiPm *pm = opaque;

    (void)offset;
    (void)size;
    pm->reset = (uint8_t)value;
    if (value & RESET_CPU) {
        machine_event(pm->machine, MACHINE_EVENT_RESET, 0);
    }
}

static const IoOps reset_ops = {.read = reset_read, .write = reset_write};

static void press_power_button(void *opaque)
{
    AcpiPm *pm = opaque;

    pm->status |= PM1_POWER_BUTTON;
    update_sci(pm);
}

static void acpi_pm_free(Device *device)
{
    g_free(device);
}

static bool acpi_pm_plan(DevicePlan *self, const MachinePlan *machine, GError **errp)
{
    (void)machine;
    (void)errp;
    device_plan_add_range(self, DEVICE_SPACE_PORTS, ACPI_PM_BASE, ACPI_PM_BYTES);
    device_plan_add_range_over(self, DEVICE_SPACE_PORTS, ACPI_RESET_PORT, 1);
    self->irq = ACPI_SCI_IRQ;
    return true;
}

static Device *acpi_pm_realize(Machine *machine, const DevicePlan *plan, GError **errp)
{
    AcpiPm *pm = g_new0(AcpiPm, 1);

    pm->device.free = acpi_pm_free;
    pm->machine = machine;
    pm->sci = machine->plan->board->irq(machine, (unsigned)plan->irq);
    pm->control = CNT_SCI_ENABLE; /* there is no SMM to hand over from */
    pm->start_us = g_get_monotonic_time();
    if (!device_map(machine, plan, 0, &pm_ops, pm, errp) ||
        !device_map(machine, plan, 1, &reset_ops, pm, errp)) {
        g_free(pm);
        return NULL;
    }
    machine->power_button = press_power_button;
    machine->power_button_opaque = pm;
    return &pm->device;
}

static void acpi_pm_pre_save(void *object)
{
    AcpiPm *pm = object;

    pm->timer_us = (uint64_t)(g_get_monotonic_time() - pm->start_us);
}

static bool acpi_pm_post_load(void *object, GError **errp)
{
    AcpiPm *pm = object;

    (void)errp; /* any values are possible */
    pm->start_us = (int64_t)((uint64_t)g_get_monotonic_time() - pm->timer_us);
    update_sci(pm);
    return true;
}

/* clang-format off */
static const StateRow acpi_pm_rows[] = {
    {"status", STATE_U16, offsetof(AcpiPm, status)},
    {"enable", STATE_U16, offsetof(AcpiPm, enable)},
    {"control", STATE_U16, offsetof(AcpiPm, control)},
    {"reset", STATE_U8, offsetof(AcpiPm, reset)},
    {"timer-us", STATE_U64, offsetof(AcpiPm, timer_us)},
};
/* clang-format on */

static const StateTable acpi_pm_state = {
    .name = "acpi-pm",
    .version = 1,
    .size = sizeof(AcpiPm),
    .rows = acpi_pm_rows,
    .row_count = ARRAY_LEN(acpi_pm_rows),
    .pre_save = acpi_pm_pre_save,
    .post_load = acpi_pm_post_load,
};

const DeviceClass acpi_pm_class = {
    .type = {.name = "acpi-pm",
             .parent = TYPE_DEVICE,
             .doc = "ACPI fixed hardware: power button, soft off, PM timer, reset",
             .instance_size = sizeof(Object)},
    .bus = DEVICE_BUS_ISA,
    .plan = acpi_pm_plan,
    .realize = acpi_pm_realize,
    .state = &acpi_pm_state,
};
