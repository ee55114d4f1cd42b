/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The 16550A UART at a port.
 * Source: National Semiconductor PC16550D data sheet, section 8 (registers).
 */
#include <string.h>

#include "chardev/chardev.h"
#include "hw/devices.h"
#include "util/error.h"

#define FIFO_BYTES 16

enum {
    REG_DATA,    /* RBR, THR; DLL where LCR.DLAB */
    REG_IER,     /* DLM where LCR.DLAB */
    REG_IIR_FCR, /* read IIR, write FCR */
    REG_LCR,
    REG_MCR,
    REG_LSR,
    REG_MSR,
    REG_SCR,
    REG_COUNT,
};

#define IER_RX          0x01
#define IER_THRE        0x02
#define IER_LINE        0x04
#define IER_MODEM       0x08
#define IIR_NONE        0x01
#define IIR_MODEM       0x00
#define IIR_THRE        0x02
#define IIR_RX          0x04
#define IIR_LINE        0x06
#define IIR_RX_TIMEOUT  0x0c
#define IIR_FIFOS_ON    0xc0
#define FCR_ENABLE      0x01
#define FCR_CLEAR_RX    0x02
#define LCR_DLAB        0x80
#define MCR_OUT2        0x08
#define MCR_LOOP        0x10
#define LSR_DATA        0x01
#define LSR_OVERRUN     0x02
#define LSR_BREAK       0x10
#define LSR_THR_EMPTY   0x20
#define LSR_IDLE        0x40
#define MSR_CTS_DSR_DCD 0xb0
#define MSR_CHANGE_BITS 0x0f

typedef struct Serial {
    Device device;
    Chardev *chardev; /* NULL: bytes go nowhere */
    IrqLine irq;
    uint8_t ier, lcr, mcr, lsr, msr, scr, fcr;
    uint16_t divisor;
    bool thre_pending;
    uint8_t rx[FIFO_BYTES];
    uint32_t rx_head, rx_len;
} Serial;

static uint8_t pending_interrupt(const Serial *serial)
{
    if ((serial->ier & IER_LINE) && (serial->lsr & (LSR_OVERRUN | LSR_BREAK))) {
        return IIR_LINE;
    }
    if ((serial->ier & IER_RX) && serial->rx_len) {
        return serial->fcr & FCR_ENABLE ? IIR_RX_TIMEOUT : IIR_RX;
    }
    if ((serial->ier & IER_THRE) && serial->thre_pending) {
        return IIR_THRE;
    }
    if ((serial->ier & IER_MODEM) && (serial->msr & MSR_CHANGE_BITS)) {
        return IIR_MODEM;
    }
    return IIR_NONE;
}

static void update_irq(Serial *serial)
{
    irq_line_set(&serial->irq, pending_interrupt(serial) != IIR_NONE);
}

static unsigned rx_room(const Serial *serial)
{
    unsigned room = serial->fcr & FCR_ENABLE ? FIFO_BYTES : 1;

    return room > serial->rx_len ? room - serial->rx_len : 0;
}

static void rx_push(Serial *serial, uint8_t byte)
{
    if (rx_room(serial) == 0) {
        serial->lsr |= LSR_OVERRUN;
        return;
    }
    serial->rx[(serial->rx_head + serial->rx_len++) % FIFO_BYTES] = byte;
    serial->lsr |= LSR_DATA;
}

static uint8_t rx_pop(Serial *serial)
{
    uint8_t byte = serial->rx[serial->rx_head];

    if (serial->rx_len == 0) {
        return 0;
    }
    serial->rx_head = (serial->rx_head + 1) % FIFO_BYTES;
    if (--serial->rx_len == 0) {
        serial->lsr &= (uint8_t)~LSR_DATA;
    }
    if (serial->chardev) {
        chardev_accept_input(serial->chardev);
    }
    return byte;
}

static void transmit(Serial *serial, uint8_t byte)
{
    if (serial->mcr & MCR_LOOP) {
        rx_push(serial, byte);
    } else if (serial->chardev) {
        chardev_write(serial->chardev, &byte, 1);
    }
    serial->thre_pending = true;
}

static uint64_t serial_read(void *opaque, uint64_t offset, unsigned size)
{
    Serial *serial = opaque;
    uint8_t value = 0;

    (void)size;
    switch (offset) {
    case REG_DATA:
        value = serial->lcr & LCR_DLAB ? serial->divisor & 0xff : rx_pop(serial);
        break;
    case REG_IER:
        value = serial->lcr & LCR_DLAB ? serial->divisor >> 8 : serial->ier;
        break;
    case REG_IIR_FCR:
        value = pending_interrupt(serial);
        if (value == IIR_THRE) {
            serial->thre_pending = false;
        }
        value |= serial->fcr & FCR_ENABLE ? IIR_FIFOS_ON : 0;
        break;
    case REG_LCR:
        value = serial->lcr;
        break;
    case REG_MCR:
        value = serial->mcr;
        break;
    case REG_LSR:
        value = serial->lsr | LSR_THR_EMPTY | LSR_IDLE;
        serial->lsr &= (uint8_t) ~(LSR_OVERRUN | LSR_BREAK);
        break;
    case REG_MSR:
        /* In loop-back the outputs come back as inputs (data sheet 8.6.7). */
        value = serial->mcr & MCR_LOOP
                    ? (uint8_t)((serial->mcr & 0x0c) << 4 | (serial->mcr & 0x02) << 3 |
                                (serial->mcr & 0x01) << 5)
                    : serial->msr;
        serial->msr &= (uint8_t)~MSR_CHANGE_BITS;
        break;
    case REG_SCR:
        value = serial->scr;
        break;
    }
    update_irq(serial);
    return value;
}

static void write_fcr(Serial *serial, uint8_t value)
{
    if ((value ^ serial->fcr) & FCR_ENABLE || value & FCR_CLEAR_RX) {
        serial->rx_len = 0;
        serial->lsr &= (uint8_t)~LSR_DATA;
    }
    serial->fcr = value & (FCR_ENABLE | 0xc8);
    if (serial->chardev) {
        chardev_accept_input(serial->chardev);
    }
}

static void serial_write(void *opaque, uint64_t offset, unsigned size, uint64_t wide)
{
    Serial *serial = opaque;
    uint8_t value = (uint8_t)wide;

    (void)size;
    switch (offset) {
    case REG_DATA:
        if (serial->lcr & LCR_DLAB) {
            serial->divisor = (serial->divisor & 0xff00) | value;
        } else {
            transmit(serial, value);
        }
        break;
    case REG_IER:
        if (serial->lcr & LCR_DLAB) {
            serial->divisor = (uint16_t)(value << 8 | (serial->divisor & 0xff));
            break;
        }
        if ((value & IER_THRE) && !(serial->ier & IER_THRE)) {
            serial->thre_pending = true;
        }
        serial->ier = value & 0x0f;
        break;
    case REG_IIR_FCR:
        write_fcr(serial, value);
        break;
    case REG_LCR:
        serial->lcr = value;
        break;
    case REG_MCR:
        serial->mcr = value & 0x1f;
        break;
    case REG_SCR:
        serial->scr = value;
        break;
    }
    update_irq(serial);
}

static const IoOps serial_ops = {.read = serial_read, .write = serial_write};

static size_t serial_can_receive(void *opaque)
{
    return rx_room(opaque);
}

static void serial_receive(void *opaque, const uint8_t *data, size_t len)
{
    Serial *serial = opaque;

    for (size_t i = 0; i < len; i++) {
        rx_push(serial, data[i]);
    }
    update_irq(serial);
}

static void serial_event(void *opaque, ChardevEvent event)
{
    Serial *serial = opaque;

    if (event == CHARDEV_EVENT_BREAK) {
        rx_push(serial, 0);
        serial->lsr |= LSR_BREAK;
        update_irq(serial);
    }
}

static const ChardevHandlers serial_handlers = {
    .can_read = serial_can_receive,
    .read = serial_receive,
    .event = serial_event,
};

static void serial_free(Device *device)
{
    Serial *serial = (Serial *)device;

    if (serial->chardev) {
        chardev_set_handlers(serial->chardev, NULL, NULL);
    }
    g_free(serial);
}

/* Ports and interrupts of COM1 to COM4. */
static const struct {
    uint32_t iobase, irq;
} com_ports[] = {
    {0x3f8, 4},
    {0x2f8, 3},
    {0x3e8, 4},
    {0x2e8, 3},
};

static bool serial_plan(DevicePlan *self, const MachinePlan *machine, GError **errp)
{
    IsaSerialConfig *config = (IsaSerialConfig *)self->config;

    (void)machine;
    (void)errp;
    if (config->index < ARRAY_LEN(com_ports)) {
        config->iobase =
            config->iobase ? config->iobase : com_ports[config->index].iobase;
        config->irq = config->irq ? config->irq : com_ports[config->index].irq;
    }
    device_plan_add_range(self, DEVICE_SPACE_PORTS, config->iobase, REG_COUNT);
    self->irq = (int)config->irq;
    self->instance = config->index;
    return true;
}

static Device *serial_realize(Machine *machine, const DevicePlan *plan, GError **errp)
{
    const IsaSerialConfig *config = (const IsaSerialConfig *)plan->config;
    Serial *serial = g_new0(Serial, 1);

    serial->device.free = serial_free;
    serial->msr = MSR_CTS_DSR_DCD;
    serial->divisor = 12; /* 9600 baud */
    serial->irq = machine->plan->board->irq(machine, (unsigned)plan->irq);
    if (!device_chardev(machine, plan->config, config->chardev, &serial->chardev, errp) ||
        !device_map(machine, plan, 0, &serial_ops, serial, errp)) {
        serial->chardev = NULL;
        serial_free(&serial->device);
        return NULL;
    }
    if (serial->chardev) {
        chardev_set_handlers(serial->chardev, &serial_handlers, serial);
    }
    return &serial->device;
}

static bool serial_post_load(void *object, GError **errp)
{
    Serial *serial = object;

    if (serial->rx_head >= FIFO_BYTES || serial->rx_len > FIFO_BYTES) {
        error_set(errp, "isa-serial: %u bytes at %u do not fit the receive FIFO",
                  serial->rx_len, serial->rx_head);
        return false;
    }
    update_irq(serial);
    return true;
}

/* clang-format off */
static const StateRow serial_rows[] = {
    {"ier", STATE_U8, offsetof(Serial, ier)},
    {"lcr", STATE_U8, offsetof(Serial, lcr)},
    {"mcr", STATE_U8, offsetof(Serial, mcr)},
    {"lsr", STATE_U8, offsetof(Serial, lsr)},
    {"msr", STATE_U8, offsetof(Serial, msr)},
    {"scr", STATE_U8, offsetof(Serial, scr)},
    {"fcr", STATE_U8, offsetof(Serial, fcr)},
    {"divisor", STATE_U16, offsetof(Serial, divisor)},
    {"thre-pending", STATE_BOOL, offsetof(Serial, thre_pending)},
    {"rx", STATE_U8, offsetof(Serial, rx), FIFO_BYTES},
    {"rx-head", STATE_U32, offsetof(Serial, rx_head)},
    {"rx-len", STATE_U32, offsetof(Serial, rx_len)},
};
/* clang-format on */

static const StateTable serial_state = {
    .name = "isa-serial",
    .version = 1,
    .size = sizeof(Serial),
    .rows = serial_rows,
    .row_count = ARRAY_LEN(serial_rows),
    .post_load = serial_post_load,
};

static const Property serial_props[] = {
    {"chardev", PROP_STRING, offsetof(IsaSerialConfig, chardev),
     .doc = "character device the bytes go to and come from"},
    {"index", PROP_UINT32, offsetof(IsaSerialConfig, index), .max = 3,
     .doc = "0 to 3 for COM1 to COM4"},
    {"iobase", PROP_UINT32, offsetof(IsaSerialConfig, iobase), .max = 0xfff8,
     .seen_by = SEEN_BY_ALL, .doc = "first port; 0 takes the one of the index"},
    {"irq", PROP_UINT32, offsetof(IsaSerialConfig, irq), .max = 15,
     .seen_by = SEEN_BY_ALL, .doc = "interrupt; 0 takes the one of the index"},
};

const DeviceClass isa_serial_class = {
    .type = {.name = "isa-serial",
             .parent = TYPE_DEVICE,
             .doc = "16550A UART at a port",
             .is_user_creatable = true,
             .instance_size = sizeof(IsaSerialConfig),
             .props = serial_props,
             .prop_count = ARRAY_LEN(serial_props)},
    .bus = DEVICE_BUS_ISA,
    .description = {.acpi_name = "COM", .acpi_first = 1, .acpi_hid = "PNP0501"},
    .plan = serial_plan,
    .realize = serial_realize,
    .state = &serial_state,
};
