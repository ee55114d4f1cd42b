/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loading a kernel into an x86 machine's RAM, and the state its entry expects. */
#ifndef HW_BOOT_X86_H
#define HW_BOOT_X86_H

#include "accel/vcpu-setup.h"
#include "hw/boot-images.h"
#include "hw/machine.h"

/* The modes boot protocols begin in: flat segments, paging off or on. */
extern const X86StartState x86_start_protected_32, x86_start_long_64;

/* What firmware leaves behind. */
extern const X86PowerOn x86_power_on;

/*
 * boot_x86_load - kernel, initrd, command line and memory map to where the boot protocol
 * wants them.
 * An image that does not fit is an error that says how much RAM it needs.
 */
bool boot_x86_load(Machine *machine, const BootImages *images, X86Start *ret,
                   GError **errp);

#endif
