/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The devices there are: their classes and configurations.
 *
 * To add one: a file in hw/<class>/, its configuration and class here, one row in
 * hw/<architecture>/list-*.c, one line in hw/meson.build.
 */
#ifndef HW_DEVICES_H
#define HW_DEVICES_H

#include "hw/machine.h"
#include "util/bits.h"

typedef struct IsaSerialConfig {
    Object object;
    uint32_t index, iobase, irq;
    char *chardev;
} IsaSerialConfig;

typedef struct IsaDebugExitConfig {
    Object object;
    uint32_t iobase, iosize;
} IsaDebugExitConfig;

typedef struct SysbusConfig {
    Object object;
    uint64_t base; /* guest physical address */
    uint32_t irq;  /* SPI number */
    char *chardev; /* devices that have one */
} SysbusConfig;

extern const DeviceClass isa_serial_class;
extern const DeviceClass isa_debug_exit_class;
extern const DeviceClass pvpanic_class;
extern const DeviceClass i8042_class;
extern const DeviceClass mc146818_class;
extern const DeviceClass acpi_pm_class;
extern const DeviceClass fw_cfg_io_class;
extern const DeviceClass fw_cfg_mem_class;
extern const DeviceClass mch_class;
extern const DeviceClass ich9_lpc_class;
extern const DeviceClass gpex_root_class;
extern const DeviceClass pcie_root_port_class;
extern const DeviceClass pl011_class;
extern const DeviceClass pl031_class;
extern const DeviceClass pl061_class;

/*
 * device_chardev - the character device a configuration names.
 * @id: NULL gives NULL
 * An unknown name is an error that names device and property.
 */
bool device_chardev(Machine *machine, const Object *config, const char *id, Chardev **ret,
                    GError **errp);

/* sysbus_plan - the board said where: @bytes at the SysbusConfig's base, and its line. */
void sysbus_plan(DevicePlan *self, uint64_t bytes);

/*
 * fw_cfg_add - offer @data to the guest as file @name.
 * Fails where the directory is full or has the name already.
 */
bool fw_cfg_add(FwCfg *fw_cfg, const char *name, GBytes *data, GError **errp);

#endif
