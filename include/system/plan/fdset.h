/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors handed over by whoever started us: -add-fd, reachable as /dev/fdset/<set>.
 */
#ifndef SYSTEM_PLAN_FDSET_H
#define SYSTEM_PLAN_FDSET_H

#include "chardev/chardev.h"
#include "system/cmdline/vm-spec.h"

/*
 * fdset_fill_config - where a path of @config is /dev/fdset/<set>, put a copy of a
 * writable descriptor of that set into it.
 * An error where the set has none, or a descriptor of it is not open.
 */
bool fdset_fill_config(const VmSpec *spec, ChardevConfig *config, GError **errp);

#endif
