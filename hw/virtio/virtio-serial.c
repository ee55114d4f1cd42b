/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio-serial: consoles and other streams of bytes, many over one device.
 *
 * What the guest has to be told of its ports is owed to it, a bit for each port and kind
 * of message, until it has a buffer for it: so nothing is lost, and nothing piles up.
 *
 * Source: VIRTIO 1.2, section 5.3.
 */
#include "virtio-serial.h"

#include <linux/virtio_console.h>
#include <string.h>

#include "util/bits.h"
#include "util/error.h"
#include "virtio-rows.h"

#define DATA_QUEUE_SIZE    128
#define CONTROL_QUEUE_SIZE 32

enum {
    QUEUE_CONTROL_IN = 2,
    QUEUE_CONTROL_OUT = 3
};

#define CHUNK_BYTES 4096

/* Messages that may be owed, in the order a guest has to have them. */
static const uint16_t owed_events[] = {
    VIRTIO_CONSOLE_PORT_ADD,
    VIRTIO_CONSOLE_CONSOLE_PORT,
    VIRTIO_CONSOLE_PORT_NAME,
    VIRTIO_CONSOLE_PORT_OPEN,
};
enum {
    OWED_ADD,
    OWED_CONSOLE,
    OWED_NAME,
    OWED_OPEN,
    OWED_COUNT
};

#define PORT_WORDS ((VIRTIO_SERIAL_PORTS_MAX + 63) / 64)

struct VirtioSerial {
    VirtioDevice device;
    VirtioSerialPort *ports[VIRTIO_SERIAL_PORTS_MAX];
    bool is_ready; /* the driver's control queue works */
    /* By number of the port. */
    uint64_t guest_open[PORT_WORDS];
    uint64_t told_open[PORT_WORDS]; /* the host's side, as the guest was told */
    uint64_t owed[OWED_COUNT * PORT_WORDS];
};

static bool bit_get(const uint64_t *words, unsigned n)
{
    return words[n / 64] >> n % 64 & 1;
}

static void bit_set(uint64_t *words, unsigned n, bool on)
{
    words[n / 64] = bits_set(words[n / 64], n % 64, 1, on);
}

static unsigned max_ports(const VirtioSerial *serial)
{
    return ((const VirtioSerialConfig *)serial->device.config)->max_ports;
}

/* Queues of ports, in pairs from 0; those of control are the second pair. */
static VirtQueue *port_queue(VirtioSerial *serial, unsigned number, bool is_out)
{
    return virtio_queue(&serial->device, (number ? 2 * number + 2 : 0) + is_out);
}

static unsigned queue_port(unsigned queue)
{
    return queue < QUEUE_CONTROL_IN ? 0 : queue / 2 - 1;
}

/* A driver that does not know of ports has one, which is always open. */
static bool is_guest_open(const VirtioSerial *serial, unsigned number)
{
    return virtio_has(&serial->device, VIRTIO_CONSOLE_F_MULTIPORT)
               ? bit_get(serial->guest_open, number)
               : number == 0;
}

/* ---- to the guest ---- */

size_t virtio_serial_room(VirtioSerialPort *port)
{
    VirtioSerial *serial = port->serial;
    g_autofree VirtqElement *element = NULL;
    VirtQueue *queue;

    if (!serial->device.is_started || !is_guest_open(serial, port->number)) {
        return 0;
    }
    queue = port_queue(serial, port->number, false);
    element = virtqueue_pop(queue, sizeof(*element));
    if (!element) {
        return 0;
    }
    virtqueue_unpop(queue, element);
    return MIN(element->in_bytes, CHUNK_BYTES);
}

void virtio_serial_send(VirtioSerialPort *port, const uint8_t *data, size_t bytes)
{
    VirtQueue *queue = port_queue(port->serial, port->number, false);

    while (bytes) {
        g_autofree VirtqElement *element = virtqueue_pop(queue, sizeof(*element));
        size_t len;

        if (!element) {
            break;
        }
        len = virtq_element_write(element, 0, data, bytes);
        virtqueue_push(queue, element, len);
        data += len;
        bytes -= len;
    }
    virtio_notify(&port->serial->device, queue);
}

/* Writes one message; false where there is no buffer for it now. */
static bool send_control(VirtioSerial *serial, VirtioSerialPort *port, uint16_t event)
{
    VirtQueue *queue = virtio_queue(&serial->device, QUEUE_CONTROL_IN);
    const struct virtio_console_control message = {
        .id = GUINT32_TO_LE(port->number),
        .event = GUINT16_TO_LE(event),
        .value =
            GUINT16_TO_LE(event == VIRTIO_CONSOLE_PORT_OPEN ? port->is_host_open : 1),
    };
    g_autofree VirtqElement *element = virtqueue_pop(queue, sizeof(*element));
    size_t len;

    if (!element) {
        return false;
    }
    len = virtq_element_write(element, 0, &message, sizeof(message));
    if (event == VIRTIO_CONSOLE_PORT_NAME) {
        len += virtq_element_write(element, len, port->name, strlen(port->name) + 1);
    }
    virtqueue_push(queue, element, len);
    if (event == VIRTIO_CONSOLE_PORT_OPEN) {
        bit_set(serial->told_open, port->number, port->is_host_open);
    }
    return true;
}

/* Sends what is owed, as far as there are buffers. */
static void send_owed(VirtioSerial *serial)
{
    bool has_room = serial->is_ready && serial->device.is_started;

    for (unsigned kind = 0; has_room && kind < OWED_COUNT; kind++) {
        uint64_t *owed = &serial->owed[kind * PORT_WORDS];

        for (unsigned n = 0; has_room && n < max_ports(serial); n++) {
            if (!bit_get(owed, n)) {
                continue;
            }
            has_room = !serial->ports[n] ||
                       send_control(serial, serial->ports[n], owed_events[kind]);
            bit_set(owed, n, !has_room);
        }
    }
    virtio_notify(&serial->device, virtio_queue(&serial->device, QUEUE_CONTROL_IN));
}

static void owe(VirtioSerial *serial, unsigned kind, unsigned number)
{
    bit_set(&serial->owed[kind * PORT_WORDS], number, true);
}

void virtio_serial_host_changed(VirtioSerialPort *port)
{
    VirtioSerial *serial = port->serial;

    /* Before a guest asks for a port it hears of nothing but that it is there. */
    if (serial && serial->is_ready &&
        bit_get(serial->told_open, port->number) != port->is_host_open) {
        owe(serial, OWED_OPEN, port->number);
        send_owed(serial);
    }
}

/* ---- from the guest ---- */

static void set_guest_open(VirtioSerial *serial, unsigned number, bool is_open)
{
    if (bit_get(serial->guest_open, number) == is_open) {
        return;
    }
    bit_set(serial->guest_open, number, is_open);
    if (serial->ports[number]) {
        virtio_serial_port_guest_changed(serial->ports[number], is_open);
    }
}

static void port_is_ready(VirtioSerial *serial, VirtioSerialPort *port)
{
    if (port->is_console) {
        owe(serial, OWED_CONSOLE, port->number);
    }
    if (port->name) {
        owe(serial, OWED_NAME, port->number);
    }
    if (port->is_host_open) {
        owe(serial, OWED_OPEN, port->number);
    }
}

static void driver_is_ready(VirtioSerial *serial)
{
    serial->is_ready = true;
    for (unsigned n = 0; n < max_ports(serial); n++) {
        if (serial->ports[n]) {
            owe(serial, OWED_ADD, n);
        }
    }
}

/* What a guest says of a port that is not there, or in vain, is nothing. */
static void control(VirtioSerial *serial, const struct virtio_console_control *message)
{
    uint32_t number = GUINT32_FROM_LE(message->id);
    uint16_t event = GUINT16_FROM_LE(message->event);
    bool value = message->value != 0;
    VirtioSerialPort *port = number < max_ports(serial) ? serial->ports[number] : NULL;

    if (event == VIRTIO_CONSOLE_DEVICE_READY && value) {
        driver_is_ready(serial);
    } else if (event == VIRTIO_CONSOLE_PORT_READY && value && port) {
        port_is_ready(serial, port);
    } else if (event == VIRTIO_CONSOLE_PORT_OPEN && port) {
        set_guest_open(serial, number, value);
        virtio_serial_port_room_changed(port);
    }
}

static void take_control(VirtioSerial *serial, VirtQueue *queue)
{
    VirtqElement *element;

    while ((element = virtqueue_pop(queue, sizeof(*element)))) {
        struct virtio_console_control message;

        if (virtq_element_read(element, 0, &message, sizeof(message)) ==
            sizeof(message)) {
            control(serial, &message);
        }
        virtqueue_push(queue, element, 0);
        g_free(element);
    }
    virtio_notify(&serial->device, queue);
    send_owed(serial);
}

static void take_data(VirtioSerial *serial, VirtQueue *queue)
{
    VirtioSerialPort *port = serial->ports[queue_port(queue->index)];
    VirtqElement *element;

    while ((element = virtqueue_pop(queue, sizeof(*element)))) {
        uint8_t data[CHUNK_BYTES];
        uint64_t at = 0;
        size_t len;

        while (port && (len = virtq_element_read(element, at, data, sizeof(data)))) {
            virtio_serial_port_receive(port, data, len);
            at += len;
        }
        virtqueue_push(queue, element, 0);
        g_free(element);
    }
    virtio_notify(&serial->device, queue);
}

static void serial_kick(VirtioDevice *device, VirtQueue *queue)
{
    VirtioSerial *serial = (VirtioSerial *)device;
    VirtioSerialPort *port;

    if (queue->index == QUEUE_CONTROL_IN) {
        send_owed(serial);
    } else if (queue->index == QUEUE_CONTROL_OUT) {
        take_control(serial, queue);
    } else if (queue->index & 1) {
        take_data(serial, queue);
    } else {
        port = serial->ports[queue_port(queue->index)];
        if (port) {
            virtio_serial_port_room_changed(port);
        }
    }
}

static void serial_get_config(VirtioDevice *device, void *ret)
{
    struct virtio_console_config *config = ret;

    config->max_nr_ports = GUINT32_TO_LE(max_ports((VirtioSerial *)device));
}

/* A byte for the first console, from a guest whose driver may not be there yet. */
static void serial_set_config(VirtioDevice *device, const void *written)
{
    const struct virtio_console_config *config = written;
    VirtioSerialPort *port = ((VirtioSerial *)device)->ports[0];
    uint8_t byte = (uint8_t)GUINT32_FROM_LE(config->emerg_wr);

    if (port && byte && device->offered & BIT64(VIRTIO_CONSOLE_F_EMERG_WRITE)) {
        virtio_serial_port_receive(port, &byte, 1);
    }
}

/* ---- life ---- */

static uint16_t serial_queue_size(const VirtioConfig *config, unsigned queue)
{
    unsigned ports = ((const VirtioSerialConfig *)config)->max_ports;

    if (queue == QUEUE_CONTROL_IN || queue == QUEUE_CONTROL_OUT) {
        return CONTROL_QUEUE_SIZE;
    }
    return queue < 2 * (ports + 1) ? DATA_QUEUE_SIZE : 0;
}

static bool serial_init(VirtioDevice *device, GError **errp)
{
    const VirtioSerialConfig *config = (const VirtioSerialConfig *)device->config;

    (void)errp;
    device->offered |=
        (config->max_ports > 1 ? BIT64(VIRTIO_CONSOLE_F_MULTIPORT) : 0) |
        (config->emergency_write ? BIT64(VIRTIO_CONSOLE_F_EMERG_WRITE) : 0);
    return true;
}

void virtio_serial_detach(VirtioSerialPort *port)
{
    set_guest_open(port->serial, port->number, false);
    port->serial->ports[port->number] = NULL;
}

static void serial_reset(VirtioDevice *device)
{
    VirtioSerial *serial = (VirtioSerial *)device;

    for (unsigned n = 0; n < max_ports(serial); n++) {
        set_guest_open(serial, n, false);
    }
    serial->is_ready = false;
    memset(serial->told_open, 0, sizeof(serial->told_open));
    memset(serial->owed, 0, sizeof(serial->owed));
}

/* After an arrival the other ends may be others than the guest was told. */
static void serial_start(VirtioDevice *device)
{
    VirtioSerial *serial = (VirtioSerial *)device;

    for (unsigned n = 0; n < max_ports(serial); n++) {
        if (serial->ports[n] && bit_get(serial->guest_open, n)) {
            virtio_serial_host_changed(serial->ports[n]);
        }
    }
}

void virtio_serial_attach(VirtioDevice *device, VirtioSerialPort *port)
{
    port->serial = (VirtioSerial *)device;
    port->serial->ports[port->number] = port;
}

const VirtioClass virtio_serial_class = {
    .name = "virtio-serial",
    .id = VIRTIO_ID_CONSOLE,
    .pci_class = 0x078000,
    .vectors = 2,
    .bytes = sizeof(VirtioSerial),
    .config_bytes = sizeof(struct virtio_console_config),
    .queue_size = serial_queue_size,
    .init = serial_init,
    .get_config = serial_get_config,
    .set_config = serial_set_config,
    .start = serial_start,
    .reset = serial_reset,
    .kick = serial_kick,
};

/* clang-format off */
static const StateRow serial_rows[] = {
    {"ready", STATE_BOOL, offsetof(VirtioSerial, is_ready)},
    {"guest-open", STATE_U64, offsetof(VirtioSerial, guest_open), PORT_WORDS,
     .doc = "a bit for each port"},
    {"told-open", STATE_U64, offsetof(VirtioSerial, told_open), PORT_WORDS,
     .doc = "of the host's side, a bit for each port"},
    {"owed", STATE_U64, offsetof(VirtioSerial, owed), OWED_COUNT * PORT_WORDS,
     .doc = "messages that it is there, a console, its name, open: a bit for each port"},
};
/* clang-format on */

static const StateTable serial_state = {
    .name = "virtio-serial",
    .version = 1,
    .size = sizeof(VirtioSerial),
    .rows = serial_rows,
    .row_count = ARRAY_LEN(serial_rows),
};

static const Property serial_props[] = {
    {"emergency-write", PROP_BOOL, offsetof(VirtioSerialConfig, emergency_write),
     .default_value = true, .seen_by = SEEN_BY_ALL,
     .doc = "a byte written to the configuration goes to the first console"},
    {"max_ports", PROP_UINT32, offsetof(VirtioSerialConfig, max_ports),
     .default_value = 31, .min = 1, .max = VIRTIO_SERIAL_PORTS_MAX,
     .seen_by = SEEN_BY_ALL, .doc = "ports there may be"},
};

VIRTIO_DEVICE_ROWS(virtio_serial, "virtio-serial", "ports for streams of bytes",
                   VirtioSerialConfig, serial_props, &serial_state);
