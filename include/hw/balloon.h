/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The balloon of a machine: memory that its guest gives back while it runs.
 */
#ifndef HW_BALLOON_H
#define HW_BALLOON_H

#include "hw/machine.h"

/*
 * machine_balloon_size - bytes the guest has at present.
 * False with code VPMU_ERROR_NOT_ACTIVE where the machine has no balloon.
 */
bool machine_balloon_size(Machine *machine, uint64_t *ret_bytes, GError **errp);

/* machine_balloon_set - ask the guest to have @bytes; it may take its time.  Errors as
 * above. */
bool machine_balloon_set(Machine *machine, uint64_t bytes, GError **errp);

#endif
