/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "system/vm/program-state.h"

#include <string.h>

#include "target/compat.h"
#include "util/bits.h"
#include "util/state-section.h"
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

static bool moves(const StateTable *from, const StateTable *to, const char *machine,
                  char **ret_why)
{
    g_autofree StateRow *left = NULL, *come = NULL;
    const StateTable leaving = state_table_as_of(from, machine_is_since, machine, &left);
    const StateTable coming = state_table_as_of(to, machine_is_since, machine, &come);
    ProgramState state = {0, true, 2}, arrived = {0};
    g_autoptr(GByteArray) bytes = save(&leaving, &state);
    g_autoptr(GError) error = NULL;
    bool ok = state_table_load(&coming, &arrived, NULL, bytes->data, bytes->len, &error);

    *ret_why = error ? g_strdup(error->message) : NULL;
    return ok;
}

/*
 * A build with one more row, which came with vpmu1.0: guests of machines from before move
 * between it and this one, both ways; those of its own version do not.
 */
static void test_newer_build_writes_what_the_machine_had(void)
{
    const StateTable *table = program_state_table();
    StateRow rows[8];
    StateTable newer = *table;
    static const struct {
        const char *machine;
        bool moves;
    } cases[] = {{"pc-q35-7.2", true},
                 {"virt-11.1", true},
                 {"pc-q35-11.1", true},
                 {"microvm", false},
                 {"pc-q35-vpmu1.0", false}};

    g_assert_cmpuint(table->row_count, <, ARRAY_LEN(rows));
    memcpy(rows, table->rows, table->row_count * sizeof(rows[0]));
    rows[newer.row_count++] = (StateRow){.name = "more",
                                         .kind = STATE_BOOL,
                                         .offset = offsetof(ProgramState, was_running),
                                         .machine = "vpmu1.0"};
    newer.rows = rows;
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autofree char *there = NULL, *back = NULL;

        g_assert_true(moves(&newer, table, cases[i].machine, &there) == cases[i].moves);
        g_assert_true(moves(table, &newer, cases[i].machine, &back) == cases[i].moves);
        g_assert_true(cases[i].moves ||
                      (strstr(there, "program.more") && strstr(back, "program.more")));
    }
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

static void test_offsets_are_those_of_clocks(void)
{
    static const int64_t good[] = {0, -1, INT64_C(1) << 40, -(INT64_C(1) << 40)};
    static const int64_t bad[] = {INT64_MAX, INT64_MIN, (INT64_C(1) << 40) + 1,
                                  -(INT64_C(1) << 40) - 1, INT64_MAX - 2000000000};

    for (unsigned i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autofree char *why = NULL;

        g_assert_cmpint(arrive(program_state_table(),
                               program_state_of(RUN_STATE_RUNNING, good[i]), &why),
                        ==, RUN_STATE_RUNNING);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *why = NULL;

        g_assert_cmpint(arrive(program_state_table(),
                               program_state_of(RUN_STATE_RUNNING, bad[i]), &why),
                        ==, -1);
        g_assert_nonnull(strstr(why, "rtc-offset-s"));
    }
}

/* Other sections are passed on, whatever their number; this one is there once. */
static void test_is_there_exactly_once(void)
{
    static const struct {
        const char *names[3];
        unsigned instances[3];
        const char *error; /* NULL: taken */
    } cases[] = {
        {{"program", "vcpu"}, {0, 0}, NULL},
        {{"vcpu", "program", "i8042"}, {0, 0, 0}, NULL},
        {{"program", "program"}, {0, 0}, "program 0 is there twice"},
        {{"program", "vcpu", "program"}, {0, 0, 0}, "program 0 is there twice"},
        {{"program", "program"}, {0, 1}, NULL},
        {{"program"}, {1}, "program 0 is missing"},
        {{"vcpu"}, {0}, "program 0 is missing"},
        {{NULL}, {0}, "program 0 is missing"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        ProgramState state = program_state_of(RUN_STATE_RUNNING, 5), taken = {0};
        g_autoptr(GPtrArray) sections =
            g_ptr_array_new_with_free_func((GDestroyNotify)state_section_free);
        g_autoptr(GPtrArray) rest = g_ptr_array_new();
        g_autoptr(GError) error = NULL;
        bool ok;

        for (unsigned k = 0; k < 3 && cases[i].names[k]; k++) {
            StateSection *section = g_new0(StateSection, 1);

            g_strlcpy(section->name, cases[i].names[k], sizeof(section->name));
            section->instance = cases[i].instances[k];
            section->bytes = save(program_state_table(), &state);
            g_ptr_array_add(sections, section);
        }
        ok = program_state_split(sections, "pc-q35-11.1", &taken, rest, &error);
        g_assert_true(ok == (cases[i].error == NULL) && ok == (error == NULL));
        g_assert_true(ok || strstr(error->message, cases[i].error));
        g_assert_true(!ok || (rest->len == sections->len - 1 && taken.rtc_offset_s == 5));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/program-state/states-travel", test_states_travel);
    g_test_add_func("/program-state/version-1-loads", test_version_1_loads);
    g_test_add_func("/program-state/made-up-states-are-refused",
                    test_made_up_states_are_refused);
    g_test_add_func("/program-state/offsets-are-those-of-clocks",
                    test_offsets_are_those_of_clocks);
    g_test_add_func("/program-state/is-there-exactly-once", test_is_there_exactly_once);
    g_test_add_func("/program-state/newer-build-writes-what-the-machine-had",
                    test_newer_build_writes_what_the_machine_had);
    return g_test_run();
}
