/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of the registers in an arm64 vCPU's state, by the numbers of KVM_GET_REG_LIST.
 */
#ifndef TARGET_ARM_REGISTERS_H
#define TARGET_ARM_REGISTERS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/state-list.h"

/*
 * ARM_SYSREG - bits 0 to 15 of the number of a system register.  Source: Linux uapi,
 * asm/kvm.h, which is not there where this is built for another architecture.
 */
#define ARM_SYSREG(op0, op1, crn, crm, op2)                                              \
    ((op0) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))

/*
 * arm_register_name - "x0", "PMCR_EL0"; system registers without a row have the name the
 * architecture gives by number, "S3_0_C0_C4_1", others their class and number.
 * The caller frees it.
 */
char *arm_register_name(uint64_t id);

/* arm_registers_take - into @guest those of @host that a vCPU has: without a PMU none of
 * its registers.  Both uint64_t, ascending. */
void arm_registers_take(GArray *guest, const GArray *host, bool with_pmu);

/*
 * arm_registers_missing - names of those of @guest that @host does not have; the caller
 * frees it.  NULL where there are none, or where one side is not known.
 */
char *arm_registers_missing(const GArray *guest, const GArray *host);

/* How those of a vCPU are saved. */
extern const StateList arm_registers_saved;

#endif
