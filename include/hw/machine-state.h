/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of a stopped machine as sections: every vCPU, what the kernel emulates, every
 * device.  Walks state tables; RAM is not part of it.
 */
#ifndef HW_MACHINE_STATE_H
#define HW_MACHINE_STATE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Machine Machine;
typedef struct StateTable StateTable;

/* One thing's saved form. */
typedef struct MachineSection {
    char name[64]; /* "vcpu", "isa-serial" */
    unsigned instance;
    GByteArray *bytes;
} MachineSection;

/*
 * machine_section_encode - length of the name, name, instance (4 bytes, little endian),
 * state.
 */
GByteArray *machine_section_encode(const MachineSection *section);

/* machine_section_decode - the inverse, of untrusted bytes. */
MachineSection *machine_section_decode(const uint8_t *data, size_t len, GError **errp);

/* machine_section_free - NULL is nothing. */
void machine_section_free(MachineSection *section);

/*
 * machine_save_state - everything, in the order of loading; MachineSection *, freed with
 * the array.  The vCPUs are stopped.
 */
GPtrArray *machine_save_state(Machine *machine, GError **errp);

/*
 * machine_section_find - the one section of that name and instance.
 * NULL with an error where there is none, or a second.
 */
const MachineSection *machine_section_find(const GPtrArray *sections, const char *name,
                                           unsigned instance, GError **errp);

/*
 * machine_load_state - the inverse, into a machine that has not run; RAM is there.
 * @sections: MachineSection *, untrusted; each must be there exactly once
 */
bool machine_load_state(Machine *machine, const GPtrArray *sections, GError **errp);

/*
 * machine_state_tables - every table of this program, StateTable *, for dumping and for
 * the manual; free with g_ptr_array_unref().
 */
GPtrArray *machine_state_tables(void);

#endif
