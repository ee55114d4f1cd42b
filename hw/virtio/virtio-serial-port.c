/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ports of virtio-serial: virtserialport, a named stream between a program of the
 * guest and a character device, and virtconsole, a terminal.
 */
#include <string.h>

#include "hw/devices.h"
#include "qapi/events.h"
#include "util/error.h"
#include "virtio-serial.h"

#define NUMBER_UNSET UINT32_MAX

typedef struct PortConfig {
    Object object;
    char *bus, *name, *chardev;
    uint32_t nr;
} PortConfig;

/* What tells a kind of port; data of its class. */
typedef struct PortKind {
    bool is_console;
} PortKind;

/* ---- between stream and guest ---- */

static size_t port_can_read(void *opaque)
{
    return virtio_serial_room(opaque);
}

static void port_read(void *opaque, const uint8_t *data, size_t len)
{
    virtio_serial_send(opaque, data, len);
}

static void port_event(void *opaque, ChardevEvent event)
{
    VirtioSerialPort *port = opaque;

    /* A console's guest writes whether or not anybody listens. */
    if (event == CHARDEV_EVENT_BREAK || port->is_console) {
        return;
    }
    port->is_host_open = event == CHARDEV_EVENT_OPEN;
    virtio_serial_host_changed(port);
}

static const ChardevHandlers port_handlers = {
    .can_read = port_can_read,
    .read = port_read,
    .event = port_event,
};

void virtio_serial_port_receive(VirtioSerialPort *port, const uint8_t *data, size_t bytes)
{
    if (port->chardev && port->is_host_open) {
        chardev_write(port->chardev, data, bytes);
    }
}

void virtio_serial_port_room_changed(VirtioSerialPort *port)
{
    if (port->chardev) {
        chardev_accept_input(port->chardev);
    }
}

void virtio_serial_port_guest_changed(VirtioSerialPort *port, bool is_open)
{
    const MachineHost *host = port->host;
    const char *id = port->device.plan->config->id;
    const VserportChangeEvent event = {.id = (char *)id, .open = is_open};

    if (id) {
        host->emit(host->opaque, qapi_event_vserport_change(&event));
    }
}

/* ---- plan ---- */

static bool is_controller(const DevicePlan *plan)
{
    return plan->class->data == &virtio_serial_class;
}

/* As QEMU names the bus of a device: after its id, or after its kind. */
static char *bus_name(const DevicePlan *controller)
{
    const char *id = controller->config->id;

    return id ? g_strdup_printf("%s.0", id) : g_strdup("virtio-serial-bus.0");
}

static const DevicePlan *find_controller(const MachinePlan *machine, const char *bus)
{
    for (unsigned i = 0; i < machine->devices->len; i++) {
        const DevicePlan *plan = g_ptr_array_index(machine->devices, i);
        g_autofree char *name = is_controller(plan) ? bus_name(plan) : NULL;

        if (name && (!bus || strcmp(name, bus) == 0)) {
            return plan;
        }
    }
    return NULL;
}

static bool is_taken(const MachinePlan *machine, const char *bus, uint32_t nr)
{
    for (unsigned i = 0; i < machine->devices->len; i++) {
        const DevicePlan *plan = g_ptr_array_index(machine->devices, i);
        const PortConfig *config = (const PortConfig *)plan->config;

        if (plan->class->bus == DEVICE_BUS_VIRTIO_SERIAL && config->nr == nr &&
            strcmp(config->bus, bus) == 0) {
            return true;
        }
    }
    return false;
}

/* The first free number; 0 is for a console, which takes it where it can. */
static uint32_t free_number(const MachinePlan *machine, const char *bus, bool is_console)
{
    uint32_t nr = is_console ? 0 : 1;

    while (is_taken(machine, bus, nr)) {
        nr++;
    }
    return nr;
}

static bool port_plan(DevicePlan *self, const MachinePlan *machine, GError **errp)
{
    PortConfig *config = (PortConfig *)self->config;
    const PortKind *kind = self->class->data;
    const DevicePlan *controller = find_controller(machine, config->bus);
    const char *type = self->class->type.name;
    uint32_t ports;

    if (!controller) {
        error_set(errp,
                  config->bus ? "device %s: bus=%s: there is no virtio-serial of that bus"
                              : "device %s: there is no virtio-serial before it",
                  type, config->bus);
        return false;
    }
    if (!config->bus) {
        config->bus = bus_name(controller);
    }
    if (config->nr == NUMBER_UNSET) {
        config->nr = free_number(machine, config->bus, kind->is_console);
    } else if (is_taken(machine, config->bus, config->nr)) {
        error_set(errp, "device %s: nr=%u: the port is taken", type, config->nr);
        return false;
    }
    ports = ((const VirtioSerialConfig *)controller->config)->max_ports;
    if (config->nr >= ports) {
        error_set(errp, "device %s: nr=%u: %s has ports up to %u, see its max_ports",
                  type, config->nr, config->bus, ports - 1);
        return false;
    }
    if (config->nr == 0 && !kind->is_console) {
        error_set(errp, "device %s: nr=0: that port is for a virtconsole", type);
        return false;
    }
    return true;
}

/* ---- life ---- */

static Device *find_device(const Machine *machine, const DevicePlan *plan)
{
    for (unsigned i = 0; i < machine->devices->len; i++) {
        Device *device = g_ptr_array_index(machine->devices, i);

        if (device->plan == plan) {
            return device;
        }
    }
    return NULL;
}

static void port_free(Device *device)
{
    VirtioSerialPort *port = (VirtioSerialPort *)device;

    if (port->chardev) {
        chardev_set_handlers(port->chardev, NULL, NULL);
    }
    if (port->serial) { /* not where realizing failed */
        virtio_serial_detach(port);
    }
    g_free(port);
}

static Device *port_realize(Machine *machine, const DevicePlan *self, GError **errp)
{
    const PortConfig *config = (const PortConfig *)self->config;
    const PortKind *kind = self->class->data;
    Device *controller =
        find_device(machine, find_controller(machine->plan, config->bus));
    VirtioSerialPort *port = g_new0(VirtioSerialPort, 1);

    port->device.free = port_free;
    port->host = machine->host;
    port->number = config->nr;
    port->name = config->name;
    port->is_console = port->is_host_open = kind->is_console;
    if (!device_chardev(machine, self->config, config->chardev, &port->chardev, errp)) {
        port_free(&port->device);
        return NULL;
    }
    virtio_serial_attach(virtio_device_of(controller), port);
    if (port->chardev) {
        chardev_set_handlers(port->chardev, &port_handlers, port);
    }
    return &port->device;
}

static const Property port_props[] = {
    {"bus", PROP_STRING, offsetof(PortConfig, bus), .seen_by = SEEN_BY_ALL,
     .doc = "bus of the virtio-serial it is at; unset takes the first one"},
    {"chardev", PROP_STRING, offsetof(PortConfig, chardev),
     .doc = "character device the bytes go to and come from"},
    {"name", PROP_STRING, offsetof(PortConfig, name), .seen_by = SEEN_BY_ALL,
     .doc = "name of the port in the guest"},
    {"nr", PROP_UINT32, offsetof(PortConfig, nr), .default_value = NUMBER_UNSET,
     .seen_by = SEEN_BY_ALL, .doc = "number of the port; unset takes the first free one"},
};

static const PortKind console = {.is_console = true};
static const PortKind stream = {.is_console = false};

#define PORT_CLASS(text, sentence, kind)                                                 \
    {                                                                                    \
        .type = {.name = text,                                                           \
                 .parent = TYPE_DEVICE,                                                  \
                 .doc = sentence,                                                        \
                 .is_user_creatable = true,                                              \
                 .instance_size = sizeof(PortConfig),                                    \
                 .props = port_props,                                                    \
                 .prop_count = ARRAY_LEN(port_props)},                                   \
        .bus = DEVICE_BUS_VIRTIO_SERIAL, .data = kind, .plan = port_plan,                \
        .realize = port_realize                                                          \
    }

const DeviceClass virtconsole_class =
    PORT_CLASS("virtconsole", "a terminal at virtio-serial", &console);
const DeviceClass virtserialport_class =
    PORT_CLASS("virtserialport", "a named stream of bytes at virtio-serial", &stream);
