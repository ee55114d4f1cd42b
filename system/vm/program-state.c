/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "system/vm/program-state.h"

#include <string.h>

#include "target/compat.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/state-section.h"
#include "util/state-table.h"

/* The states a guest takes along.  Numbers never change; 0 is a stream of version 1. */
static const RunState states[] = {
    [1] = RUN_STATE_PAUSED,         [2] = RUN_STATE_RUNNING,
    [3] = RUN_STATE_PRELAUNCH,      [4] = RUN_STATE_SHUTDOWN,
    [5] = RUN_STATE_GUEST_PANICKED, [6] = RUN_STATE_INTERNAL_ERROR,
    [7] = RUN_STATE_IO_ERROR,
};

#define NUMBER_PAUSED 1
/* Seconds: more than any date a clock's registers hold can be off, 34865 years. */
#define RTC_OFFSET_MAX (INT64_C(1) << 40)

static const StateRow rows[] = {
    {"rtc-offset-s", STATE_U64, offsetof(ProgramState, rtc_offset_s), 1, 1, NULL, NULL},
    {"was-running", STATE_BOOL, offsetof(ProgramState, was_running), 1, 1, NULL, NULL},
    {"run-state", STATE_U8, offsetof(ProgramState, run_state), 1, 2, NULL,
     "1 paused, 2 running, 3 prelaunch, 4 shutdown, 5 guest-panicked, 6 internal-error, "
     "7 io-error"},
};

static bool check_state(void *object, GError **errp)
{
    const ProgramState *state = object;

    if (state->rtc_offset_s < -RTC_OFFSET_MAX || state->rtc_offset_s > RTC_OFFSET_MAX) {
        error_set(errp, "program.rtc-offset-s: %" G_GINT64_FORMAT " s is no clock's",
                  state->rtc_offset_s);
        return false;
    }
    if (state->run_state >= ARRAY_LEN(states)) {
        error_set(errp, "program.run-state: %u is no state a guest can be in",
                  state->run_state);
        return false;
    }
    if (state->run_state &&
        state->was_running != (states[state->run_state] == RUN_STATE_RUNNING)) {
        error_set(errp, "program.run-state: %u contradicts was-running, which is %u",
                  state->run_state, state->was_running);
        return false;
    }
    return true;
}

static const StateTable table = {
    .name = "program",
    .version = 2,
    .size = sizeof(ProgramState),
    .rows = rows,
    .row_count = ARRAY_LEN(rows),
    .post_load = check_state,
};

const StateTable *program_state_table(void)
{
    return &table;
}

StateSection *program_state_save(const char *machine, ProgramState *state)
{
    g_autofree StateRow *known_rows = NULL;
    const StateTable known =
        state_table_as_of(&table, machine_is_since, machine, &known_rows);
    StateSection *section = g_new0(StateSection, 1);

    g_strlcpy(section->name, table.name, sizeof(section->name));
    section->bytes = g_byte_array_new();
    state_table_save(&known, state, NULL, section->bytes);
    return section;
}

bool program_state_split(const GPtrArray *sections, const char *machine,
                         ProgramState *ret, GPtrArray *rest, GError **errp)
{
    g_autofree StateRow *known_rows = NULL;
    const StateTable known =
        state_table_as_of(&table, machine_is_since, machine, &known_rows);
    const StateSection *own = state_section_find(sections, table.name, 0, errp);

    if (!own) {
        return false;
    }
    if (!state_table_load(&known, ret, NULL, own->bytes->data, own->bytes->len, errp)) {
        g_prefix_error(errp, "state %s: ", table.name);
        return false;
    }
    for (unsigned i = 0; i < sections->len; i++) {
        if (g_ptr_array_index(sections, i) != own) {
            g_ptr_array_add(rest, g_ptr_array_index(sections, i));
        }
    }
    return true;
}

ProgramState program_state_of(RunState state, int64_t rtc_offset_s)
{
    ProgramState saved = {rtc_offset_s, state == RUN_STATE_RUNNING, NUMBER_PAUSED};

    for (unsigned i = NUMBER_PAUSED; i < ARRAY_LEN(states); i++) {
        if (states[i] == state) {
            saved.run_state = (uint8_t)i;
        }
    }
    return saved;
}

RunState program_state_run_state(const ProgramState *state)
{
    if (state->run_state) {
        return states[state->run_state];
    }
    return state->was_running ? RUN_STATE_RUNNING : RUN_STATE_PAUSED;
}
