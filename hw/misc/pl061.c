/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PL061: eight GPIO lines; line 3 is the power button of the arm64 board.
 * Source: Arm PrimeCell General Purpose Input/Output (PL061) TRM, DDI 0190.
 */
#include "hw/pl061.h"
#include "hw/devices.h"

#define PL061_BYTES 0x1000
#define PRESS_MS    100

#define REG_DATA_END 0x400 /* address bits 9:2 of a data access are its mask */
#define REG_DIR      0x400
#define REG_IS       0x404
#define REG_IBE      0x408
#define REG_IEV      0x40c
#define REG_IE       0x410
#define REG_RIS      0x414
#define REG_MIS      0x418
#define REG_IC       0x41c
#define REG_AFSEL    0x420
#define REG_ID       0xfe0

typedef struct Pl061 {
    Device device;
    IrqLine irq;
    uint8_t data, dir, is, ibe, iev, ie, ris, afsel;
    guint release; /* the button comes up again */
} Pl061;

static const uint8_t pl061_id[8] = {0x61, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

static void update_irq(Pl061 *gpio)
{
    /* Level-sensitive lines follow their input. */
    gpio->ris |= gpio->is & (uint8_t) ~(gpio->data ^ gpio->iev) & (uint8_t)~gpio->dir;
    irq_line_set(&gpio->irq, gpio->ris & gpio->ie);
}

static void set_inputs(Pl061 *gpio, uint8_t data)
{
    uint8_t changed = (data ^ gpio->data) & (uint8_t)~gpio->dir;
    uint8_t edges = changed & (uint8_t)~gpio->is;

    gpio->data = data;
    gpio->ris |= edges & (gpio->ibe | (uint8_t) ~(data ^ gpio->iev));
    update_irq(gpio);
}

static uint64_t pl061_read(void *opaque, uint64_t offset, unsigned size)
{
    const Pl061 *gpio = opaque;

    (void)size;
    if (offset < REG_DATA_END) {
        return gpio->data & (offset >> 2);
    }
    switch (offset) {
    case REG_DIR:
        return gpio->dir;
    case REG_IS:
        return gpio->is;
    case REG_IBE:
        return gpio->ibe;
    case REG_IEV:
        return gpio->iev;
    case REG_IE:
        return gpio->ie;
    case REG_RIS:
        return gpio->ris;
    case REG_MIS:
        return gpio->ris & gpio->ie;
    case REG_AFSEL:
        return gpio->afsel;
    default:
        return offset >= REG_ID && offset < PL061_BYTES ? pl061_id[(offset - REG_ID) / 4]
                                                        : 0;
    }
}

static void pl061_write(void *opaque, uint64_t offset, unsigned size, uint64_t wide)
{
    Pl061 *gpio = opaque;
    uint8_t value = (uint8_t)wide;
    uint8_t mask;

    (void)size;
    if (offset < REG_DATA_END) {
        mask = (uint8_t)(offset >> 2) & gpio->dir;
        gpio->data = (uint8_t)((gpio->data & ~mask) | (value & mask));
        return;
    }
    switch (offset) {
    case REG_DIR:
        gpio->dir = value;
        break;
    case REG_IS:
        gpio->is = value;
        break;
    case REG_IBE:
        gpio->ibe = value;
        break;
    case REG_IEV:
        gpio->iev = value;
        break;
    case REG_IE:
        gpio->ie = value;
        break;
    case REG_IC:
        gpio->ris &= (uint8_t)~value;
        break;
    case REG_AFSEL:
        gpio->afsel = value;
        break;
    }
    update_irq(gpio);
}

static const IoOps pl061_ops = {.read = pl061_read, .write = pl061_write};

static gboolean release_button(gpointer opaque)
{
    Pl061 *gpio = opaque;

    gpio->release = 0;
    set_inputs(gpio, gpio->data & (uint8_t)~BIT64(PL061_POWER_LINE));
    return G_SOURCE_REMOVE;
}

static void press_button(void *opaque)
{
    Pl061 *gpio = opaque;

    set_inputs(gpio, gpio->data | BIT64(PL061_POWER_LINE));
    if (!gpio->release) {
        gpio->release = g_timeout_add(PRESS_MS, release_button, gpio);
    }
}

static void pl061_free(Device *device)
{
    Pl061 *gpio = (Pl061 *)device;

    if (gpio->release) {
        g_source_remove(gpio->release);
    }
    g_free(gpio);
}

static bool pl061_plan(DevicePlan *self, const MachinePlan *machine, GError **errp)
{
    (void)machine;
    (void)errp;
    sysbus_plan(self, PL061_BYTES);
    return true;
}

static Device *pl061_realize(Machine *machine, const DevicePlan *plan, GError **errp)
{
    Pl061 *gpio = g_new0(Pl061, 1);

    gpio->device.free = pl061_free;
    gpio->irq = machine->plan->board->irq(machine, (unsigned)plan->irq);
    if (!device_map(machine, plan, 0, &pl061_ops, gpio, errp)) {
        g_free(gpio);
        return NULL;
    }
    machine->power_button = press_button;
    machine->power_button_opaque = gpio;
    return &gpio->device;
}

static bool pl061_post_load(void *object, GError **errp)
{
    Pl061 *gpio = object;

    (void)errp; /* any values are possible */
    /* A button that was held when the guest was saved still comes up. */
    if ((gpio->data & BIT64(PL061_POWER_LINE)) && !gpio->release) {
        gpio->release = g_timeout_add(PRESS_MS, release_button, gpio);
    }
    update_irq(gpio);
    return true;
}

/* clang-format off */
static const StateRow pl061_rows[] = {
    {"data", STATE_U8, offsetof(Pl061, data)},
    {"dir", STATE_U8, offsetof(Pl061, dir)},
    {"is", STATE_U8, offsetof(Pl061, is)},
    {"ibe", STATE_U8, offsetof(Pl061, ibe)},
    {"iev", STATE_U8, offsetof(Pl061, iev)},
    {"ie", STATE_U8, offsetof(Pl061, ie)},
    {"ris", STATE_U8, offsetof(Pl061, ris)},
    {"afsel", STATE_U8, offsetof(Pl061, afsel)},
};
/* clang-format on */

static const StateTable pl061_state = {
    .name = "pl061",
    .version = 1,
    .size = sizeof(Pl061),
    .rows = pl061_rows,
    .row_count = ARRAY_LEN(pl061_rows),
    .post_load = pl061_post_load,
};

const DeviceClass pl061_class = {
    .type = {.name = "pl061",
             .parent = TYPE_SYSBUS_DEVICE,
             .doc = "GPIO lines, one of them the power button",
             .instance_size = sizeof(SysbusConfig)},
    .bus = DEVICE_BUS_SYSBUS,
    .description = {.fdt_name = "pl061",
                    .fdt_compatible = {"arm,pl061", "arm,primecell"},
                    .fdt_clocks = {"apb_pclk"},
                    .fdt_has_power_button = true},
    .plan = pl061_plan,
    .realize = pl061_realize,
    .state = &pl061_state,
};
