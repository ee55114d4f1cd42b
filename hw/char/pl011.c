/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PL011: the UART of the arm64 board.
 * Source: Arm PrimeCell UART (PL011) Technical Reference Manual, DDI 0183, chapter 3.
 */
#include <string.h>

#include "chardev/chardev.h"
#include "hw/devices.h"
#include "util/error.h"

#define FIFO_BYTES  16
#define PL011_BYTES 0x1000

#define REG_DR    0x00
#define REG_RSR   0x04
#define REG_FR    0x18
#define REG_ILPR  0x20
#define REG_IBRD  0x24
#define REG_FBRD  0x28
#define REG_LCR_H 0x2c
#define REG_CR    0x30
#define REG_IFLS  0x34
#define REG_IMSC  0x38
#define REG_RIS   0x3c
#define REG_MIS   0x40
#define REG_ICR   0x44
#define REG_DMACR 0x48
#define REG_ID    0xfe0

#define DR_BREAK      0x400
#define FR_TX_EMPTY   0x80
#define FR_RX_FULL    0x40
#define FR_RX_EMPTY   0x10
#define LCR_H_FIFO_ON 0x10
#define CR_DEFAULT    0x300 /* transmit and receive on, UART off */
#define IFLS_DEFAULT  0x12
#define INT_RX        0x10
#define INT_TX        0x20
#define INT_RX_IDLE   0x40
#define INT_BREAK     0x200

typedef struct Pl011 {
    Device device;
    Chardev *chardev;
    IrqLine irq;
    uint32_t ilpr, ibrd, fbrd, lcr, cr, ifls, imsc, ris, dmacr;
    uint32_t rx[FIFO_BYTES];
    uint32_t rx_head, rx_len;
} Pl011;

/* Peripheral and PrimeCell identification, one byte per register from 0xfe0. */
static const uint8_t pl011_id[8] = {0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

static void update_irq(Pl011 *uart)
{
    irq_line_set(&uart->irq, uart->ris & uart->imsc);
}

static unsigned rx_depth(const Pl011 *uart)
{
    return uart->lcr & LCR_H_FIFO_ON ? FIFO_BYTES : 1;
}

static void rx_push(Pl011 *uart, uint32_t value)
{
    if (uart->rx_len >= rx_depth(uart)) {
        return;
    }
    uart->rx[(uart->rx_head + uart->rx_len++) % FIFO_BYTES] = value;
    uart->ris |= INT_RX | INT_RX_IDLE;
}

static uint32_t rx_pop(Pl011 *uart)
{
    uint32_t value;

    if (uart->rx_len == 0) {
        return 0;
    }
    value = uart->rx[uart->rx_head];
    uart->rx_head = (uart->rx_head + 1) % FIFO_BYTES;
    if (--uart->rx_len == 0) {
        uart->ris &= ~(uint32_t)(INT_RX | INT_RX_IDLE);
    }
    if (uart->chardev) {
        chardev_accept_input(uart->chardev);
    }
    return value;
}

static uint64_t pl011_read(void *opaque, uint64_t offset, unsigned size)
{
    Pl011 *uart = opaque;
    uint32_t value = 0;

    (void)size;
    switch (offset) {
    case REG_DR:
        value = rx_pop(uart);
        update_irq(uart);
        return value;
    case REG_FR:
        return FR_TX_EMPTY | (uart->rx_len ? 0 : FR_RX_EMPTY) |
               (uart->rx_len >= rx_depth(uart) ? FR_RX_FULL : 0);
    case REG_ILPR:
        return uart->ilpr;
    case REG_IBRD:
        return uart->ibrd;
    case REG_FBRD:
        return uart->fbrd;
    case REG_LCR_H:
        return uart->lcr;
    case REG_CR:
        return uart->cr;
    case REG_IFLS:
        return uart->ifls;
    case REG_IMSC:
        return uart->imsc;
    case REG_RIS:
        return uart->ris;
    case REG_MIS:
        return uart->ris & uart->imsc;
    case REG_DMACR:
        return uart->dmacr;
    default:
        return offset >= REG_ID && offset < PL011_BYTES ? pl011_id[(offset - REG_ID) / 4]
                                                        : 0;
    }
}

static void transmit(Pl011 *uart, uint8_t byte)
{
    if (uart->chardev) {
        chardev_write(uart->chardev, &byte, 1);
    }
    uart->ris |= INT_TX;
}

static void pl011_write(void *opaque, uint64_t offset, unsigned size, uint64_t wide)
{
    Pl011 *uart = opaque;
    uint32_t value = (uint32_t)wide;

    (void)size;
    switch (offset) {
    case REG_DR:
        transmit(uart, (uint8_t)value);
        break;
    case REG_ILPR:
        uart->ilpr = value & 0xff;
        break;
    case REG_IBRD:
        uart->ibrd = value & 0xffff;
        break;
    case REG_FBRD:
        uart->fbrd = value & 0x3f;
        break;
    case REG_LCR_H:
        uart->lcr = value & 0xff;
        if (uart->chardev) {
            chardev_accept_input(uart->chardev);
        }
        break;
    case REG_CR:
        uart->cr = value & 0xffff;
        break;
    case REG_IFLS:
        uart->ifls = value & 0x3f;
        break;
    case REG_IMSC:
        uart->imsc = value & 0x7ff;
        break;
    case REG_ICR:
        uart->ris &= ~value;
        break;
    case REG_DMACR:
        uart->dmacr = value & 0x7;
        break;
    }
    update_irq(uart);
}

static const IoOps pl011_ops = {.read = pl011_read, .write = pl011_write};

static size_t pl011_can_receive(void *opaque)
{
    const Pl011 *uart = opaque;

    return rx_depth(uart) > uart->rx_len ? rx_depth(uart) - uart->rx_len : 0;
}

static void pl011_receive(void *opaque, const uint8_t *data, size_t len)
{
    Pl011 *uart = opaque;

    for (size_t i = 0; i < len; i++) {
        rx_push(uart, data[i]);
    }
    update_irq(uart);
}

static void pl011_event(void *opaque, ChardevEvent event)
{
    Pl011 *uart = opaque;

    if (event == CHARDEV_EVENT_BREAK) {
        rx_push(uart, DR_BREAK);
        uart->ris |= INT_BREAK;
        update_irq(uart);
    }
}

static const ChardevHandlers pl011_handlers = {
    .can_read = pl011_can_receive,
    .read = pl011_receive,
    .event = pl011_event,
};

static void pl011_free(Device *device)
{
    Pl011 *uart = (Pl011 *)device;

    if (uart->chardev) {
        chardev_set_handlers(uart->chardev, NULL, NULL);
    }
    g_free(uart);
}

static bool pl011_plan(DevicePlan *self, const MachinePlan *machine, GError **errp)
{
    (void)machine;
    (void)errp;
    sysbus_plan(self, PL011_BYTES);
    return true;
}

static Device *pl011_realize(Machine *machine, const DevicePlan *plan, GError **errp)
{
    const SysbusConfig *config = (const SysbusConfig *)plan->config;
    Pl011 *uart = g_new0(Pl011, 1);

    uart->device.free = pl011_free;
    uart->cr = CR_DEFAULT;
    uart->ifls = IFLS_DEFAULT;
    uart->irq = machine->plan->board->irq(machine, (unsigned)plan->irq);
    if (!device_chardev(machine, plan->config, config->chardev, &uart->chardev, errp) ||
        !device_map(machine, plan, 0, &pl011_ops, uart, errp)) {
        g_free(uart);
        return NULL;
    }
    if (uart->chardev) {
        chardev_set_handlers(uart->chardev, &pl011_handlers, uart);
    }
    return &uart->device;
}

static bool pl011_post_load(void *object, GError **errp)
{
    Pl011 *uart = object;

    if (uart->rx_head >= FIFO_BYTES || uart->rx_len > FIFO_BYTES) {
        error_set(errp, "pl011: %u bytes at %u do not fit the receive FIFO", uart->rx_len,
                  uart->rx_head);
        return false;
    }
    update_irq(uart);
    return true;
}

/* clang-format off */
static const StateRow pl011_rows[] = {
    {"ilpr", STATE_U32, offsetof(Pl011, ilpr)},
    {"ibrd", STATE_U32, offsetof(Pl011, ibrd)},
    {"fbrd", STATE_U32, offsetof(Pl011, fbrd)},
    {"lcr", STATE_U32, offsetof(Pl011, lcr)},
    {"cr", STATE_U32, offsetof(Pl011, cr)},
    {"ifls", STATE_U32, offsetof(Pl011, ifls)},
    {"imsc", STATE_U32, offsetof(Pl011, imsc)},
    {"ris", STATE_U32, offsetof(Pl011, ris)},
    {"dmacr", STATE_U32, offsetof(Pl011, dmacr)},
    {"rx", STATE_U32, offsetof(Pl011, rx), FIFO_BYTES},
    {"rx-head", STATE_U32, offsetof(Pl011, rx_head)},
    {"rx-len", STATE_U32, offsetof(Pl011, rx_len)},
};
/* clang-format on */

static const StateTable pl011_state = {
    .name = "pl011",
    .version = 1,
    .size = sizeof(Pl011),
    .rows = pl011_rows,
    .row_count = ARRAY_LEN(pl011_rows),
    .post_load = pl011_post_load,
};

static const Property pl011_props[] = {
    {"chardev", PROP_STRING, offsetof(SysbusConfig, chardev),
     .doc = "character device the bytes go to and come from"},
};

const DeviceClass pl011_class = {
    .type = {.name = "pl011",
             .parent = TYPE_SYSBUS_DEVICE,
             .doc = "PL011 UART",
             .instance_size = sizeof(SysbusConfig),
             .props = pl011_props,
             .prop_count = ARRAY_LEN(pl011_props)},
    .bus = DEVICE_BUS_SYSBUS,
    .description = {.fdt_name = "pl011",
                    .fdt_compatible = {"arm,pl011", "arm,primecell"},
                    .fdt_clocks = {"uartclk", "apb_pclk"},
                    .fdt_is_console = true},
    .plan = pl011_plan,
    .realize = pl011_realize,
    .state = &pl011_state,
};
