/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What virtio-serial, which has the queues, and its ports, which have the streams, know
 * of each other.  Under the VM lock.
 */
#ifndef HW_VIRTIO_SERIAL_H
#define HW_VIRTIO_SERIAL_H

#include "hw/virtio.h"

/* Two queues a port, and two for control, of the 1024 there may be. */
#define VIRTIO_SERIAL_PORTS_MAX 511

typedef struct VirtioSerial VirtioSerial;
typedef struct VirtioSerialPort VirtioSerialPort;

typedef struct VirtioSerialConfig {
    VirtioConfig virtio;
    uint32_t max_ports;
    bool emergency_write;
} VirtioSerialConfig;

/* A port that exists. */
struct VirtioSerialPort {
    Device device;
    VirtioSerial *serial; /* NULL until it is attached */
    unsigned number;
    const char *name; /* for the guest, or NULL */
    const MachineHost *host;
    bool is_console;
    bool is_host_open; /* somebody is at the other end, or it is a console */
    Chardev *chardev;  /* NULL: bytes go nowhere */
};

extern const VirtioClass virtio_serial_class;

/* virtio_serial_attach - @port is there from here; one of its number is not yet. */
void virtio_serial_attach(VirtioDevice *device, VirtioSerialPort *port);

/* virtio_serial_detach - @port goes, before its virtio-serial does. */
void virtio_serial_detach(VirtioSerialPort *port);

/* virtio_serial_host_changed - @port->is_host_open did; the guest is told. */
void virtio_serial_host_changed(VirtioSerialPort *port);

/* virtio_serial_room - how many bytes the guest takes on @port now. */
size_t virtio_serial_room(VirtioSerialPort *port);

/* virtio_serial_send - @bytes, at most virtio_serial_room(), to the guest. */
void virtio_serial_send(VirtioSerialPort *port, const uint8_t *data, size_t bytes);

/* What the guest does, in virtio-serial-port.c. */

/* virtio_serial_port_receive - the guest wrote @bytes. */
void virtio_serial_port_receive(VirtioSerialPort *port, const uint8_t *data,
                                size_t bytes);

/* virtio_serial_port_room_changed - the guest takes bytes, where it took none before. */
void virtio_serial_port_room_changed(VirtioSerialPort *port);

/* virtio_serial_port_guest_changed - a program of the guest has opened the port, or
 * closed it. */
void virtio_serial_port_guest_changed(VirtioSerialPort *port, bool is_open);

#endif
