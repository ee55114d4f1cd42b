/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STUB_SYSTEM_SYSTEM_H
#define STUB_SYSTEM_SYSTEM_H

#include "qemu/notify.h"

void qemu_add_machine_init_done_notifier(Notifier *notify);

#endif
