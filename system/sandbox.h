/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -sandbox: system calls the monitor gives up once the guest may run. */
#ifndef SYSTEM_SANDBOX_H
#define SYSTEM_SANDBOX_H

#include <glib.h>
#include <stdbool.h>

typedef struct KeyvalList KeyvalList;

/*
 * sandbox_enter - from here a denied system call fails with EPERM, in this and every
 * later thread.
 * @rules: settings of -sandbox; NULL is nothing to do
 */
bool sandbox_enter(const KeyvalList *rules, GError **errp);

#endif
