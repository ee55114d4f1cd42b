/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Building the table that cpu_table() returns, inside target/ only.
 */
#ifndef TARGET_COMMON_CPU_TABLE_H
#define TARGET_COMMON_CPU_TABLE_H

#include "target/cpu-resolve.h"

/* cpu_table_new - an empty table. */
GArray *cpu_table_new(void);

/* cpu_table_add - append a row; takes over the texts but @what, NULL prints as "-". */
void cpu_table_add(GArray *table, const char *what, char *asked, char *offered,
                   char *given);

#endif
