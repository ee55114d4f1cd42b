/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the virt board, for its files. */
#ifndef HW_VIRT_H
#define HW_VIRT_H

#include "hw/boot-images.h"
#include "hw/machine.h"

/* What the device tree says about the images in RAM. */
typedef struct VirtBoot {
    uint64_t entry, fdt_gpa;
    uint64_t initrd_gpa, initrd_bytes; /* 0: none */
} VirtBoot;

/* boot_arm_load - kernel and initrd into RAM; leaves room for the device tree. */
bool boot_arm_load(Machine *machine, const BootImages *images, VirtBoot *ret,
                   GError **errp);

/* virt_fdt_write - the device tree of @machine to @boot->fdt_gpa. */
bool virt_fdt_write(Machine *machine, const VirtBoot *boot, GError **errp);

#endif
