/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program's guest, and the program, as migration sees them. */
#ifndef SYSTEM_QMP_MIGRATION_GUEST_H
#define SYSTEM_QMP_MIGRATION_GUEST_H

#include "system/qmp/program.h"

/* program_guest - of a program with a Vm; borrows @program. */
MigrationGuest program_guest(Program *program);

/* program_list_blockers - why the guest of the plan cannot be moved, char *;
 * g_ptr_array_unref(). */
GPtrArray *program_list_blockers(const Program *program);

/*
 * program_inherited_fd - the descriptor @name is the number of, the caller's from here.
 * -1 where it is none that was inherited and that nothing of @program uses.
 */
int program_inherited_fd(const Program *program, const char *name);

#endif
