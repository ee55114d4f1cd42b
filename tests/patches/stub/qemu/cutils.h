/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STUB_QEMU_CUTILS_H
#define STUB_QEMU_CUTILS_H

#include "qemu/osdep.h"

int qemu_strtou64(const char *text, const char **end, int base, uint64_t *value);

#endif
