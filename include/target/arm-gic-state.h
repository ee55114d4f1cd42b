/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registers that hold the state of an arm64 guest's interrupt controller: which there
 * are, in which order they are written, and their saved form.  Pure.
 *
 * Saved form: entries of group (4 bytes), attribute (8) and value (8), little endian, in
 * any order.  Group and attribute are those of KVM's device: they say which register it
 * is.
 */
#ifndef TARGET_ARM_GIC_STATE_H
#define TARGET_ARM_GIC_STATE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/state-list.h"

/* Groups of attributes.  Source: Linux uapi, asm/kvm.h, which is not there where this is
 * built for another architecture. */
typedef enum ArmGicGroup {
    ARM_GIC_DIST = 1,
    ARM_GIC_CPU = 2, /* GICv2 */
    ARM_GIC_REDIST = 5,
    ARM_GIC_SYSREG = 6, /* the CPU interface of GICv3 */
    ARM_GIC_LEVEL = 7,  /* levels of lines, counted in interrupts */
} ArmGicGroup;

#define ARM_GIC_V2 (1u << 2)
#define ARM_GIC_V3 (1u << 3)

/* One register, or a run of them. */
typedef struct ArmGicRow {
    const char *name;  /* with %u where it is a run */
    unsigned versions; /* ARM_GIC_V2, ARM_GIC_V3, or both */
    ArmGicGroup group;
    uint32_t offset; /* in ARM_GIC_SYSREG the system register's number */
    /*
     * A run: bits of each interrupt from 32 on; with GICv2 also of the first 32, which
     * each CPU has for itself (with GICv3 those are in the redistributor).  0: one
     * register.
     */
    unsigned bits;
    bool is_per_cpu;  /* one register for each CPU */
    bool is_optional; /* KVM may lack it; a stream may be without it */
    /* Machine version from which on it is saved, see machine_is_since(). */
    const char *machine;
} ArmGicRow;

/*
 * In the order of writing.  A row that is new is optional: older streams do not have it.
 */
extern const ArmGicRow arm_gic_rows[];
extern const unsigned arm_gic_row_count;

/* One register of a guest. */
typedef struct ArmGicRegister {
    const ArmGicRow *row;
    uint64_t attr;
    uint64_t value;
    bool is_there; /* was read, or came */
} ArmGicRegister;

/*
 * arm_gic_list - the registers of a guest's GIC, in the order of writing.
 * @version: 2 or 3
 * @irqs: interrupts, the 32 private ones included
 * @machine: the guest's
 * @cpus: bits 32 to 63 of the attributes that speak of each CPU
 *
 * Returns ArmGicRegister, none of them there; g_array_unref().
 */
GArray *arm_gic_list(unsigned version, unsigned irqs, const char *machine,
                     const uint64_t *cpus, unsigned count);

/* arm_gic_encode - append the saved form of those of @list that are there to @out. */
void arm_gic_encode(const GArray *list, GByteArray *out);

/*
 * arm_gic_decode - the inverse, into @list.
 * @data: untrusted
 *
 * False with an error that names the register, where one is not in the list, is there
 * twice, or is missing and not optional; or where the bytes are no whole entries.
 */
bool arm_gic_decode(GArray *list, const uint8_t *data, size_t len, GError **errp);

/* arm_gic_register_name - "GICD_ISENABLER3"; "group-9-0x14" where no row has it; the
 * caller frees it. */
char *arm_gic_register_name(uint32_t group, uint64_t attr);

/* How they are saved. */
extern const StateList arm_gic_saved;

#endif
