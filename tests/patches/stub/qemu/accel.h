/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STUB_QEMU_ACCEL_H
#define STUB_QEMU_ACCEL_H

#include "qom/object.h"

typedef struct AccelState AccelState;

AccelState *current_accel(void);

#endif
