/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices: what a kind of device is (DeviceClass, a row), what one of them will have
 * (DevicePlan, values), and one that exists (Device).
 *
 * A plan is made from configuration alone and says all that others need to know: where
 * the device answers, which line it has, how a guest finds it.  ACPI tables, device tree,
 * --dry-run and the migration header read plans and nothing else.
 */
#ifndef HW_DEVICE_H
#define HW_DEVICE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "hw/io-bus.h"
#include "hw/pci-plan.h"
#include "qom/object.h"
#include "util/state-table.h"

#define TYPE_DEVICE        "device"
#define TYPE_SYSBUS_DEVICE "sys-bus-device" /* a device with a SysbusConfig */

typedef struct Device Device;
typedef struct DeviceClass DeviceClass;
typedef struct Machine Machine;

/* Where a kind of device can be plugged. */
typedef enum DeviceBus {
    DEVICE_BUS_ISA = 1 << 0,    /* boards with ports */
    DEVICE_BUS_SYSBUS = 1 << 1, /* boards with memory-mapped devices */
    DEVICE_BUS_VIRTIO_MMIO = 1 << 2,
    DEVICE_BUS_PCI = 1 << 3,           /* boards with PCI Express */
    DEVICE_BUS_VIRTIO_SERIAL = 1 << 4, /* ports of a virtio-serial */
} DeviceBus;

typedef enum DeviceSpace {
    DEVICE_SPACE_PORTS,
    DEVICE_SPACE_MEMORY,
} DeviceSpace;

/* Addresses at which a device answers. */
typedef struct DeviceRange {
    DeviceSpace space;
    uint64_t base, bytes;
    bool is_over; /* on top of whatever is around it: io_bus_add_over() */
} DeviceRange;

#define DEVICE_RANGES_MAX 4
#define DEVICE_NO_IRQ     (-1)

/* What the configuration of a device begins with that is plugged into a bus. */
typedef struct DeviceConfig {
    Object object;
    char *bus;  /* NULL: the first */
    char *addr; /* PCI: "02.0"; NULL until it was planned, where none was given */
    bool multifunction;
} DeviceConfig;

/* What one device will have. */
struct DevicePlan {
    const DeviceClass *class;
    Object *config;    /* borrowed */
    unsigned instance; /* among devices of its class; names it where all have names */
    DeviceRange ranges[DEVICE_RANGES_MAX];
    unsigned range_count;
    int irq;             /* number of its line on this board, or DEVICE_NO_IRQ */
    PciFunctionPlan pci; /* of a PCI device: plan() fills the identity */
};

/*
 * How a guest that cannot probe finds a device: its ACPI object and its device tree node.
 * Addresses and interrupt come from its plan.
 */
typedef struct DeviceDescription {
    /*
     * The ACPI object's name, at most four characters; shorter ones are filled up with
     * the instance, counted from @acpi_first: "COM" becomes COM1.  NULL: not in ACPI.
     */
    const char *acpi_name;
    unsigned acpi_first;
    const char *acpi_hid;

    const char *fdt_name;          /* "pl011", of pl011@9000000; NULL: not in the tree */
    const char *fdt_compatible[3]; /* most special first, NULL last */
    const char *fdt_clocks[3];     /* names of its inputs of the APB clock, NULL last */
    bool fdt_is_console;           /* the first such device is stdout-path */
    bool fdt_is_dma_coherent;
    bool fdt_has_power_button; /* a GPIO controller; gpio-keys hangs on it */
} DeviceDescription;

/* A part of a device that has a table of its own. */
typedef struct DevicePart {
    const StateTable *table;
    void *object;
} DevicePart;

/* A kind of device.  Rows of hw/<architecture>/list-*.c. */
struct DeviceClass {
    ObjectType type;
    DeviceBus bus;
    const void *data; /* what the kind's bus wants to know of it; NULL: nothing */
    /* Every board of its family has it: the machine's type says so, and a stream of an
     * earlier build may be without its state. */
    bool is_board_part;
    DeviceDescription description;
    /*
     * Says what the device @self->config asks for will have: ranges by
     * device_plan_add_range(), @self->irq, @self->instance.  What the command line left
     * to the device it puts into the configuration, so that its properties say where it
     * sits.  Pure.
     */
    bool (*plan)(DevicePlan *self, const MachinePlan *machine, GError **errp);
    /* Makes the device @self describes; it answers where device_map() put it. */
    Device *(*realize)(Machine *machine, const DevicePlan *self, GError **errp);
    /* Of the struct realize makes; its post_load sets lines and timers.  NULL: the device
     * keeps nothing a guest could miss. */
    const StateTable *state;
    /*
     * What else is kept, loaded before state: the tables there can be, NULL last, and
     * part @index of one device, false past the last.  NULL: nothing else.
     */
    const StateTable *const *part_tables;
    bool (*part)(Device *device, unsigned index, DevicePart *ret);
    /*
     * The guest runs from here, or no longer: a device that uses guest memory of its own
     * accord does so only in between.  A new device is not running.  NULL: it never does.
     */
    void (*set_running)(Device *device, bool running);
};

/* First member of every device that exists. */
struct Device {
    const DeviceClass *class;
    const DevicePlan *plan;
    void (*free)(Device *device); /* stops it and releases it */
};

/* device_class_find - the class of device type @name, or NULL. */
const DeviceClass *device_class_find(const char *name);

/* device_plan_add_range - the device answers at [@base, @base + @bytes). */
void device_plan_add_range(DevicePlan *plan, DeviceSpace space, uint64_t base,
                           uint64_t bytes);

/* device_plan_add_range_over - the same, on top of another device's range. */
void device_plan_add_range_over(DevicePlan *plan, DeviceSpace space, uint64_t base,
                                uint64_t bytes);

/* device_plan_acpi_name - "COM1"; @ret has room for five characters. */
void device_plan_acpi_name(const DevicePlan *plan, char ret[5]);

/*
 * device_map - have @ops answer at range @index of @plan.
 * @opaque: what the callbacks get
 */
bool device_map(Machine *machine, const DevicePlan *plan, unsigned index,
                const IoOps *ops, void *opaque, GError **errp);

/*
 * machine_plan_add_device - plan the device of @config, which must be a device that can
 * be realized, after those that are there; borrowed.
 *
 * Where another device answers already is an error that names both.
 */
bool machine_plan_add_device(MachinePlan *machine, Object *config, GError **errp);

/* machine_plan_find_device - the first device of type @name, or NULL. */
const DevicePlan *machine_plan_find_device(const MachinePlan *machine, const char *name);

#endif
