/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lists of registers in saved guests of either architecture, for who reads a stream
 * without the tables that wrote it: those of another architecture's KVM are not there.
 */
#ifndef TARGET_SAVED_LISTS_H
#define TARGET_SAVED_LISTS_H

#include "util/state-list.h"

/* saved_list_find - what row @row of section @section holds; NULL: no list. */
const StateList *saved_list_find(const char *section, const char *row);

#endif
