/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernels made here, for tests that need an image and run nothing.
 */
#ifndef TESTS_MADE_KERNEL_H
#define TESTS_MADE_KERNEL_H

#include <glib.h>

/* Where made_kernel_pvh() begins. */
#define MADE_KERNEL_ENTRY 0x200000

/* made_kernel_pvh - the smallest ELF with a PVH note and one segment. */
GByteArray *made_kernel_pvh(void);

/* made_kernel_write - into a new file; its path, to be removed and freed. */
char *made_kernel_write(const GByteArray *bytes);

#endif
