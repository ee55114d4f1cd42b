/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is saved of the program, beside its machine: the clock's offset, the run state. */
#ifndef SYSTEM_VM_PROGRAM_STATE_H
#define SYSTEM_VM_PROGRAM_STATE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "qapi/types.h"

typedef struct StateSection StateSection;
typedef struct StateTable StateTable;

typedef struct ProgramState {
    int64_t rtc_offset_s;
    bool was_running;  /* all that version 1 tells of the run state */
    uint8_t run_state; /* as numbered in the stream; 0: not told */
} ProgramState;

/* program_state_table - its saved form.  Loading refuses run states nobody can be in. */
const StateTable *program_state_table(void);

/*
 * program_state_of - of a guest that was in @state.
 * What a migration does to a guest (postmigrate and the like) is "paused" elsewhere.
 */
ProgramState program_state_of(RunState state, int64_t rtc_offset_s);

/* program_state_run_state - the state the guest was in; of one that was loaded. */
RunState program_state_run_state(const ProgramState *state);

/* program_state_save - as a section, in the form of guests of @machine. */
StateSection *program_state_save(const char *machine, ProgramState *state);

/*
 * program_state_split - what @sections say of the program, which is there exactly once.
 * @machine: the guest's
 * @rest: gets all other sections, which stay the owner's
 */
bool program_state_split(const GPtrArray *sections, const char *machine,
                         ProgramState *ret, GPtrArray *rest, GError **errp);

#endif
