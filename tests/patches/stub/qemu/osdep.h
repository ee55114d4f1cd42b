/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STUB_QEMU_OSDEP_H
#define STUB_QEMU_OSDEP_H

#include <errno.h>
#include <glib.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

typedef struct Error Error;
typedef struct Object Object;
typedef struct ObjectClass ObjectClass;
typedef struct Visitor Visitor;

#endif
