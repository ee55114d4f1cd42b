/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The boards and devices of each architecture, for the files of this folder. */
#ifndef HW_BOARDS_H
#define HW_BOARDS_H

#include "hw/machine.h"

extern const Board board_none;
extern const Board board_q35;
extern const Board board_microvm;
extern const Board board_virt;

/* device_classes - every kind of device of this program, sorted by name. */
const DeviceClass *const *device_classes(unsigned *ret_count);

/* boards_register_types - the machine types, after TYPE_MACHINE. */
void boards_register_types(TypeRegistry *registry);

#endif
