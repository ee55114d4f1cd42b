/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making a VmSpec: for the command line only, everybody else reads one.
 */
#ifndef SYSTEM_CMDLINE_SPEC_NEW_H
#define SYSTEM_CMDLINE_SPEC_NEW_H

#include "system/cmdline/vm-spec.h"

/* vm_spec_new - an empty spec with empty lists. */
VmSpec *vm_spec_new(void);

/* spec_item_free - NULL is nothing. */
void spec_item_free(SpecItem *item);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpecItem, spec_item_free)

#endif
