/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/saved-lists.h"

#include <string.h>

#include "target/arm-gic-state.h"
#include "target/arm-registers.h"
#include "target/x86-pmu-state.h"
#include "target/x86-state.h"
#include "util/bits.h"

/* Every list that a row of a state table points to; a test walks the tables. */
static const StateList *const lists[] = {
    &arm_gic_saved,
    &arm_registers_saved,
    &x86_pmu_state_saved,
    &x86_state_saved,
};

const StateList *saved_list_find(const char *section, const char *row)
{
    for (unsigned i = 0; i < ARRAY_LEN(lists); i++) {
        if (strcmp(lists[i]->section, section) == 0 && strcmp(lists[i]->row, row) == 0) {
            return lists[i];
        }
    }
    return NULL;
}
