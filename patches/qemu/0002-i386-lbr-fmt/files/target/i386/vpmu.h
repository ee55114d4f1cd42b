/*
 * x86 virtual PMU: what a guest gets, decided before its vCPUs exist
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef I386_VPMU_H
#define I386_VPMU_H

#include "cpu.h"

/* Gives a new CPU object the properties that have no place in a table. */
void x86_vpmu_add_properties(X86CPU *cpu);

/*
 * Decides the PMU's features of a CPU whose model, host and user have spoken;
 * dependencies between features follow.  Returns false and sets @errp when
 * what the user asked for cannot be had.
 */
bool x86_vpmu_expand(X86CPU *cpu, Error **errp);

#endif
