/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of a stopped machine as sections: every vCPU, what the kernel emulates, every
 * device.  Walks state tables; RAM is not part of it.
 */
#ifndef HW_MACHINE_STATE_H
#define HW_MACHINE_STATE_H

#include <glib.h>
#include <stdbool.h>

typedef struct Machine Machine;
typedef struct StateTable StateTable;

/*
 * machine_save_state - everything, in the order of loading; StateSection *, freed with
 * the array.  The vCPUs are stopped.
 */
GPtrArray *machine_save_state(Machine *machine, GError **errp);

/*
 * machine_load_state - the inverse, into a machine that has not run; RAM is there.
 * @sections: StateSection *, untrusted; each must be there exactly once
 */
bool machine_load_state(Machine *machine, const GPtrArray *sections, GError **errp);

/*
 * machine_state_tables - every table of this program, StateTable *, for dumping and for
 * the manual; free with g_ptr_array_unref().
 */
GPtrArray *machine_state_tables(void);

#endif
