/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "system/program-state.h"

#include <string.h>

#include "util/state-table.h"

static GByteArray *save(const StateTable *table, ProgramState *state)
{
    GByteArray *bytes = g_byte_array_new();

    state_table_save(table, state, NULL, bytes);
    return bytes;
}

/* What arrives as @state left; -1 where it is refused, with *ret_why. */
static int arrive(const StateTable *leaving, ProgramState state, char **ret_why)
{
    g_autoptr(GByteArray) bytes = save(leaving, &state);
    g_autoptr(GError) error = NULL;
    ProgramState arrived = {0};

    if (!state_table_load(program_state_table(), &arrived, NULL, bytes->data, bytes->len,
                          &error)) {
        *ret_why = g_strdup(error->message);
        return -1;
    }
    g_assert_cmpint(arrived.rtc_offset_s, ==, state.rtc_offset_s);
    return (int)program_state_run_state(&arrived);
}

/* Every run state there is: the guest's own arrive, those of a migration are "paused". */
static void test_states_travel(void)
{
    for (int state = 0; state < RUN_STATE_COUNT; state++) {
        g_autofree char *why = NULL;
        int arrived =
            arrive(program_state_table(), program_state_of((RunState)state, -7), &why);

        switch (state) {
        case RUN_STATE_RUNNING:
        case RUN_STATE_PRELAUNCH:
        case RUN_STATE_SHUTDOWN:
        case RUN_STATE_GUEST_PANICKED:
        case RUN_STATE_INTERNAL_ERROR:
        case RUN_STATE_IO_ERROR:
            g_assert_cmpint(arrived, ==, state);
            break;
        default:
            g_assert_cmpint(arrived, ==, RUN_STATE_PAUSED);
            break;
        }
    }
}

/* A stream from before the row was there tells running from paused. */
static void test_version_1_loads(void)
{
    StateTable old = *program_state_table();
    g_autofree char *why = NULL;

    old.version = 1;
    old.row_count = 2;
    g_assert_cmpint(arrive(&old, (ProgramState){0, true, 0}, &why), ==,
                    RUN_STATE_RUNNING);
    g_assert_cmpint(arrive(&old, (ProgramState){0, false, 0}, &why), ==,
                    RUN_STATE_PAUSED);
}

/* All values of the byte, with either switch: what was not saved so is refused by name.
 */
static void test_made_up_states_are_refused(void)
{
    unsigned taken = 0;

    for (unsigned i = 0; i < 512; i++) {
        ProgramState state = {0, i & 1, (uint8_t)(i >> 1)};
        g_autofree char *why = NULL;

        if (arrive(program_state_table(), state, &why) >= 0) {
            taken++;
        } else {
            g_assert_nonnull(strstr(why, "program.run-state: "));
        }
    }
    /* Seven states, each with the one switch that fits; not told, with both. */
    g_assert_cmpuint(taken, ==, 7 + 2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/program-state/states-travel", test_states_travel);
    g_test_add_func("/program-state/version-1-loads", test_version_1_loads);
    g_test_add_func("/program-state/made-up-states-are-refused",
                    test_made_up_states_are_refused);
    return g_test_run();
}
