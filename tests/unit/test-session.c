/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole migrations between two sessions of this process, of guests that are made: no KVM,
 * no program.  A wire between the two is cut or stands still after any byte.
 *
 * Whatever happens, at most one guest runs, and after a failure that is the source's,
 * whole, ready to be moved again.
 */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "made-guest.h"
#include "migration/session.h"
#include "util/bits.h"

#define PATIENCE_S 30
#define NO_LIMIT   UINT_MAX

/* ---- a wire ---- */

typedef struct Wire {
    GThread *thread;
    int ends[2];       /* of the source's and the destination's side */
    int close_fd[2];   /* a byte in it ends the wire */
    unsigned limit[2]; /* bytes that pass: from the source, from the destination */
    bool is_cut;       /* then all ends; else it stands still */
    guint passed[2];   /* so far; atomic */
} Wire;

static unsigned passed(const Wire *wire, unsigned from)
{
    return (unsigned)g_atomic_int_get((gint *)&wire->passed[from]);
}

/* Passes on what there is; false where this direction is over. */
static bool pass_on(Wire *wire, unsigned from)
{
    uint8_t bytes[4096];
    unsigned left = wire->limit[from] - passed(wire, from);
    ssize_t got = read(wire->ends[from], bytes, MIN(sizeof(bytes), left));
    ssize_t put = 0;

    for (ssize_t done = 0; done < got; done += put) {
        put = send(wire->ends[!from], bytes + done, (size_t)(got - done), MSG_NOSIGNAL);
        if (put <= 0) {
            return false;
        }
        g_atomic_int_add(&wire->passed[from], (int)put);
    }
    if (got <= 0) {
        (void)shutdown(wire->ends[!from], SHUT_WR);
    }
    return got > 0;
}

static gpointer wire_main(gpointer data)
{
    Wire *wire = data;
    struct pollfd fds[3] = {{wire->ends[0], POLLIN, 0},
                            {wire->ends[1], POLLIN, 0},
                            {wire->close_fd[0], POLLIN, 0}};

    while (poll(fds, ARRAY_LEN(fds), -1) > 0 && !fds[2].revents) {
        for (unsigned i = 0; i < 2; i++) {
            if (fds[i].revents && !pass_on(wire, i)) {
                fds[i].fd = -1;
            }
            if (passed(wire, i) == wire->limit[i]) {
                fds[i].fd = -1; /* who writes on waits for ever */
                if (wire->is_cut) {
                    (void)shutdown(wire->ends[0], SHUT_RDWR);
                    (void)shutdown(wire->ends[1], SHUT_RDWR);
                    return NULL;
                }
            }
        }
    }
    return NULL;
}

static void wire_begin(Wire *wire, int *ret_source, int *ret_target)
{
    int source[2], target[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, source), ==, 0);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, target), ==, 0);
    g_assert_cmpint(pipe(wire->close_fd), ==, 0);
    wire->ends[0] = source[1];
    wire->ends[1] = target[1];
    wire->thread = g_thread_new("wire", wire_main, wire);
    *ret_source = source[0];
    *ret_target = target[0];
}

/* Both sides see its end. */
static void wire_end(Wire *wire)
{
    if (wire->thread) {
        g_assert_cmpint(write(wire->close_fd[1], "", 1), ==, 1);
        g_thread_join(wire->thread);
        wire->thread = NULL;
        for (unsigned i = 0; i < 2; i++) {
            close(wire->ends[i]);
            close(wire->close_fd[i]);
        }
    }
}

/* ---- two sides ---- */

typedef struct Pair {
    MadeGuest *here, *there;
    Migration *out, *in;
    Wire wire;
} Pair;

static gboolean too_late(gpointer data)
{
    (void)data;
    g_error("nothing has happened for %d seconds", PATIENCE_S);
    return G_SOURCE_REMOVE;
}

typedef bool Condition(const Pair *pair);

static void run_until(const Pair *pair, Condition *is_true)
{
    guint timer = g_timeout_add_seconds(PATIENCE_S, too_late, NULL);

    while (!is_true(pair)) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_source_remove(timer);
}

static bool is_over(const MadeGuest *made)
{
    return made->statuses[MIGRATION_STATUS_COMPLETED] ||
           made->statuses[MIGRATION_STATUS_FAILED] ||
           made->statuses[MIGRATION_STATUS_CANCELLED];
}

static bool source_is_over(const Pair *pair)
{
    return is_over(pair->here);
}

static bool target_is_over(const Pair *pair)
{
    return is_over(pair->there);
}

static bool both_are_over(const Pair *pair)
{
    return is_over(pair->here) && is_over(pair->there);
}

static Migration *session_new(MadeGuest *made)
{
    Migration *session = migration_new(&made->guest);

    g_assert_true(
        migration_set_capability(session, MIGRATION_CAPABILITY_EVENTS, true, NULL));
    return session;
}

static void pair_init(Pair *pair, const char *cpu)
{
    *pair = (Pair){.wire = {.limit = {NO_LIMIT, NO_LIMIT}}};
    pair->here = made_guest_new(cpu, 7);
    pair->there = made_guest_new("host", 0);
    pair->out = session_new(pair->here);
    pair->in = session_new(pair->there);
    migration_expect(pair->in);
}

static void pair_begin(Pair *pair)
{
    g_autoptr(GError) error = NULL;
    int here, there;

    wire_begin(&pair->wire, &here, &there);
    migration_start_in(pair->in, "fd:there", there, false, &error);
    g_assert_no_error(error);
    migration_start_out(pair->out, "fd:here", here, &error);
    g_assert_no_error(error);
}

static void pair_clear(Pair *pair)
{
    wire_end(&pair->wire);
    migration_free(pair->out);
    migration_free(pair->in);
    made_guest_free(pair->here);
    made_guest_free(pair->there);
}

/* Another destination, after a failure; the source is as it was. */
static void pair_renew(Pair *pair)
{
    wire_end(&pair->wire);
    migration_free(pair->in);
    made_guest_free(pair->there);
    pair->wire = (Wire){.limit = {NO_LIMIT, NO_LIMIT}};
    pair->there = made_guest_new("host", 0);
    pair->in = session_new(pair->there);
    migration_expect(pair->in);
    memset(pair->here->statuses, 0, sizeof(pair->here->statuses));
    memset(pair->here->fail_at, 0, sizeof(pair->here->fail_at));
    pair->here->pages_each_sync = 0;
}

static void check_arrived(const Pair *pair)
{
    g_assert_cmpuint(pair->here->statuses[MIGRATION_STATUS_COMPLETED], ==, 1);
    g_assert_cmpuint(pair->there->statuses[MIGRATION_STATUS_COMPLETED], ==, 1);
    g_assert_cmpint(pair->here->state, ==, RUN_STATE_POSTMIGRATE);
    g_assert_true(made_guest_runs(pair->there));
    g_assert_true(made_guest_is_like(pair->there, pair->here));
}

static void check_source_is_whole(const Pair *pair)
{
    g_autoptr(MadeGuest) fresh = made_guest_new("host", 7);

    cpu_contract_free(fresh->contract);
    fresh->contract = cpu_contract_dup(pair->here->contract);
    g_assert_true(made_guest_is_like(pair->here, fresh));
    g_assert_false(pair->here->is_logging);
    g_assert_cmpuint(pair->here->throttle, ==, 0);
}

/* It failed or was cancelled, and the source goes on. */
static void check_stayed(const Pair *pair)
{
    g_assert_true(made_guest_runs(pair->here));
    g_assert_false(made_guest_runs(pair->there));
    check_source_is_whole(pair);
}

/* After a failure the guest can still be moved. */
static void check_moves_again(Pair *pair)
{
    pair_renew(pair);
    pair_begin(pair);
    run_until(pair, both_are_over);
    check_arrived(pair);
}

/* ---- success ---- */

static void test_guest_arrives(void)
{
    Pair pair;

    pair_init(&pair, "host");
    pair_begin(&pair);
    run_until(&pair, both_are_over);
    check_arrived(&pair);
    g_assert_cmpuint(pair.there->calls[MADE_ADOPT], ==, 0);
    g_assert_cmpstr(pair.here->told->str, ==, "");
    g_assert_cmpstr(pair.there->told->str, ==, "");
    pair_clear(&pair);
}

static void test_contract_of_the_guest_is_adopted(void)
{
    Pair pair;

    pair_init(&pair, "host,-x2apic");
    pair_begin(&pair);
    run_until(&pair, both_are_over);
    check_arrived(&pair);
    g_assert_cmpuint(pair.there->calls[MADE_ADOPT], ==, 1);
    pair_clear(&pair);
}

static void test_stopped_guest_arrives_stopped(void)
{
    Pair pair;

    pair_init(&pair, "host");
    pair.here->state = RUN_STATE_PAUSED;
    pair_begin(&pair);
    run_until(&pair, both_are_over);
    g_assert_cmpint(pair.here->state, ==, RUN_STATE_POSTMIGRATE);
    g_assert_cmpint(pair.there->state, ==, RUN_STATE_PAUSED);
    g_assert_true(made_guest_is_like(pair.there, pair.here));
    pair_clear(&pair);
}

/* Channels, compression, and a question before: by way of an address. */
static void note_verdict(void *opaque, bool ok, json_object *findings,
                         const GError *error)
{
    (void)findings;
    g_assert_no_error(error);
    ((Pair *)opaque)->here->number += ok ? 1 : 2;
}

static bool has_verdict(const Pair *pair)
{
    return pair->here->number != 7;
}

static void test_several_connections_and_a_probe(void)
{
    g_autofree char *path = g_strdup_printf("/tmp/vpmu-session-%d", (int)getpid());
    g_autofree char *uri = g_strconcat("unix:", path, NULL);
    g_autoptr(GError) error = NULL;
    Pair pair;

    pair_init(&pair, "host");
    g_assert_true(
        migration_set_capability(pair.out, MIGRATION_CAPABILITY_MULTIFD, true, NULL));
    g_assert_true(
        migration_set_capability(pair.out, MIGRATION_CAPABILITY_COMPRESS, true, NULL));
    migration_start_in(pair.in, uri, -1, false, &error);
    g_assert_no_error(error);
    migration_probe(pair.out, uri, note_verdict, &pair, &error);
    g_assert_no_error(error);
    run_until(&pair, has_verdict);
    g_assert_cmpuint(pair.here->number, ==, 8);
    g_assert_true(made_guest_runs(pair.here));
    migration_start_out(pair.out, uri, -1, &error);
    g_assert_no_error(error);
    run_until(&pair, both_are_over);
    check_arrived(&pair);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    pair_clear(&pair);
}

/* ---- convergence ---- */

static void test_guest_that_writes_is_slowed_down(void)
{
    Pair pair;
    MigrationParameters parameters;

    pair_init(&pair, "host");
    pair.here->pages_each_sync = 32;
    parameters = migration_parameters(pair.out);
    parameters.downtime_limit = 0;
    parameters.max_bandwidth = 16 * MIB;
    migration_set_parameters(pair.out, parameters);
    g_assert_true(migration_set_capability(pair.out, MIGRATION_CAPABILITY_AUTO_CONVERGE,
                                           true, NULL));
    pair_begin(&pair);
    run_until(&pair, both_are_over);
    check_arrived(&pair);
    g_assert_cmpuint(pair.here->throttle, ==, 0);
    pair_clear(&pair);
}

/* ---- failures of the guests ---- */

static void test_source_survives_each_of_its_calls(void)
{
    static const struct {
        MadeCall call;
        unsigned nth;
    } cases[] = {
        {MADE_READ_ID_REGISTERS, 1}, {MADE_LOG_DIRTY, 1},  {MADE_SYNC_DIRTY, 1},
        {MADE_SYNC_DIRTY, 2},        {MADE_SYNC_DIRTY, 3}, {MADE_SYNC_DIRTY, 5},
        {MADE_SYNC_DIRTY, 6},        {MADE_SAVE, 1},
    };

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        Pair pair;

        g_test_message("call %u, time %u", cases[i].call, cases[i].nth);
        pair_init(&pair, "host");
        pair.here->fail_at[cases[i].call] = cases[i].nth;
        pair_begin(&pair);
        run_until(&pair, both_are_over);
        g_assert_cmpuint(pair.here->calls[cases[i].call], >=, cases[i].nth);
        g_assert_nonnull(strstr(pair.here->told->str, "made to fail"));
        check_stayed(&pair);
        check_moves_again(&pair);
        pair_clear(&pair);
    }
}

static void test_source_survives_the_destinations_calls(void)
{
    static const MadeCall calls[] = {MADE_ADOPT, MADE_LOAD};

    for (unsigned i = 0; i < ARRAY_LEN(calls); i++) {
        Pair pair;

        pair_init(&pair, "host,-x2apic");
        pair.there->fail_at[calls[i]] = 1;
        pair_begin(&pair);
        run_until(&pair, both_are_over);
        g_assert_nonnull(strstr(pair.here->told->str, "the destination failed: "));
        g_assert_nonnull(strstr(pair.there->told->str, "made to fail"));
        check_stayed(&pair);
        check_moves_again(&pair);
        pair_clear(&pair);
    }
}

/* After a failure the destination is the machine of its command line again. */
static void test_destination_is_restored(void)
{
    g_autofree char *before = NULL, *after = NULL;
    Pair pair;

    pair_init(&pair, "host,-x2apic");
    before = cpu_contract_digest(pair.there->contract);
    pair.there->fail_at[MADE_LOAD] = 1;
    pair_begin(&pair);
    run_until(&pair, both_are_over);
    after = cpu_contract_digest(pair.there->contract);
    g_assert_cmpstr(before, ==, after);
    g_assert_cmpuint(pair.there->calls[MADE_ADOPT], ==, 2);
    pair_clear(&pair);
}

/* The source gave it away; what fails then is told where the guest is. */
static void test_guest_that_does_not_go_on_is_here(void)
{
    Pair pair;

    pair_init(&pair, "host");
    pair.there->fail_at[MADE_GO_ON] = 1;
    pair_begin(&pair);
    run_until(&pair, both_are_over);
    while (!pair.there->statuses[MIGRATION_STATUS_FAILED]) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpint(pair.here->state, ==, RUN_STATE_POSTMIGRATE);
    g_assert_nonnull(strstr(pair.there->told->str, "made to fail"));
    pair_clear(&pair);
}

static void test_program_ends_with_what_it_waited_for(void)
{
    g_autoptr(MadeGuest) there = made_guest_new("host", 0);
    Pair pair = {.there = there, .in = session_new(there)};
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    migration_expect(pair.in);
    g_assert_true(migration_start_in(pair.in, "fd:x", fds[0], true, NULL));
    close(fds[1]);
    run_until(&pair, target_is_over);
    g_assert_true(there->has_given_up);
    migration_free(pair.in);
}

/* ---- a wire that ends, or stands still ---- */

/* Bytes each way of a whole migration. */
static void measure(unsigned ret[2])
{
    Pair pair;

    pair_init(&pair, "host");
    pair_begin(&pair);
    run_until(&pair, both_are_over);
    wire_end(&pair.wire);
    memcpy(ret, pair.wire.passed, sizeof(pair.wire.passed));
    pair_clear(&pair);
}

/* Some of the bytes, near both ends each, where the words of the handshake and of the
 * switchover are. */
static unsigned next_point(unsigned at, unsigned whole)
{
    return at < 40 || at + 30 >= whole ? at + 1 : MIN(at + whole / 24 + 1, whole - 30);
}

/* At most one guest runs; where none does, it is whole at the destination. */
static void check_one_guest(const Pair *pair)
{
    if (made_guest_runs(pair->here)) {
        check_stayed(pair);
        return;
    }
    g_assert_cmpint(pair->here->state, ==, RUN_STATE_POSTMIGRATE);
    g_assert_true(made_guest_is_like(pair->there, pair->here));
    if (!made_guest_runs(pair->there)) {
        g_assert_cmpint(pair->there->state, ==, RUN_STATE_PAUSED);
        g_assert_nonnull(strstr(pair->there->told->str, "it may run there"));
    }
}

static void test_peer_vanishes_at_any_byte(void)
{
    unsigned whole[2];

    measure(whole);
    for (unsigned way = 0; way < 2; way++) {
        for (unsigned at = 1; at < whole[way]; at = next_point(at, whole[way])) {
            Pair pair;

            pair_init(&pair, "host");
            pair.wire.limit[way] = at;
            pair.wire.is_cut = true;
            pair_begin(&pair);
            run_until(&pair, both_are_over);
            check_one_guest(&pair);
            /* Only the last word, which is the source's, can be lost unnoticed. */
            if (way == 1 || at + STREAM_HEAD_BYTES < whole[0]) {
                check_stayed(&pair);
                g_assert_cmpuint(pair.here->statuses[MIGRATION_STATUS_FAILED], ==, 1);
            }
            pair_clear(&pair);
        }
    }
}

static bool wire_stands_still(const Pair *pair)
{
    const Wire *wire = &pair->wire;

    return passed(wire, 0) == wire->limit[0] || passed(wire, 1) == wire->limit[1];
}

static gboolean look_again(gpointer data)
{
    (void)data;
    return G_SOURCE_CONTINUE;
}

/* @is_source: it is the source that is told to end it. */
static void cancel_at(unsigned way, unsigned at, bool is_source)
{
    guint timer = g_timeout_add(1, look_again, NULL);
    Pair pair;

    pair_init(&pair, "host");
    pair.wire.limit[way] = at;
    pair_begin(&pair);
    run_until(&pair, wire_stands_still);
    migration_cancel(is_source ? pair.out : pair.in);
    run_until(&pair, is_source ? source_is_over : target_is_over);
    wire_end(&pair.wire);
    run_until(&pair, both_are_over);
    check_one_guest(&pair);
    g_source_remove(timer);
    pair_clear(&pair);
}

static void test_cancel_at_any_byte(void)
{
    unsigned whole[2];

    measure(whole);
    for (unsigned way = 0; way < 2; way++) {
        for (unsigned at = 1; at < whole[way]; at = next_point(at, whole[way])) {
            /* Each way by turns: all of both takes too long. */
            cancel_at(way, at, at % 2);
        }
    }
}

static bool is_before_switchover(const Pair *pair)
{
    return pair->here->statuses[MIGRATION_STATUS_PRE_SWITCHOVER];
}

static void test_pause_before_switchover(void)
{
    for (unsigned cancels = 0; cancels < 2; cancels++) {
        Pair pair;

        pair_init(&pair, "host");
        g_assert_true(migration_set_capability(
            pair.out, MIGRATION_CAPABILITY_PAUSE_BEFORE_SWITCHOVER, true, NULL));
        pair_begin(&pair);
        run_until(&pair, is_before_switchover);
        g_assert_cmpint(pair.here->state, ==, RUN_STATE_FINISH_MIGRATE);
        if (cancels) {
            migration_cancel(pair.out);
        } else {
            g_assert_true(migration_continue(pair.out, NULL));
        }
        run_until(&pair, both_are_over);
        if (cancels) {
            check_stayed(&pair);
        } else {
            check_arrived(&pair);
        }
        pair_clear(&pair);
    }
}

/* The operator knows that the source is gone: 'cont' is the word it did not say. */
static void test_operator_confirms_a_silent_source(void)
{
    guint timer = g_timeout_add(1, look_again, NULL);
    unsigned whole[2];
    Pair pair;

    measure(whole);
    pair_init(&pair, "host");
    pair.wire.limit[0] = whole[0] - STREAM_HEAD_BYTES;
    pair_begin(&pair);
    run_until(&pair, source_is_over);
    while (pair.there->calls[MADE_LOAD] == 0) {
        g_main_context_iteration(NULL, TRUE);
    }
    migration_confirm_switchover(pair.in);
    run_until(&pair, target_is_over);
    g_assert_true(made_guest_runs(pair.there));
    g_assert_true(made_guest_is_like(pair.there, pair.here));
    g_source_remove(timer);
    pair_clear(&pair);
}

/* The program ends in the middle of it: nobody waits for anybody. */
static void test_program_ends_at_any_byte(void)
{
    unsigned whole[2];

    measure(whole);
    for (unsigned at = 1; at < whole[0]; at = next_point(at, whole[0])) {
        guint timer = g_timeout_add(1, look_again, NULL);
        Pair pair;

        pair_init(&pair, "host");
        pair.wire.limit[0] = at;
        pair_begin(&pair);
        run_until(&pair, wire_stands_still);
        g_source_remove(timer);
        pair_clear(&pair);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/session/guest-arrives", test_guest_arrives);
    g_test_add_func("/session/contract-of-the-guest-is-adopted",
                    test_contract_of_the_guest_is_adopted);
    g_test_add_func("/session/stopped-guest-arrives-stopped",
                    test_stopped_guest_arrives_stopped);
    g_test_add_func("/session/several-connections-and-a-probe",
                    test_several_connections_and_a_probe);
    g_test_add_func("/session/guest-that-writes-is-slowed-down",
                    test_guest_that_writes_is_slowed_down);
    g_test_add_func("/session/source-survives-each-of-its-calls",
                    test_source_survives_each_of_its_calls);
    g_test_add_func("/session/source-survives-the-destinations-calls",
                    test_source_survives_the_destinations_calls);
    g_test_add_func("/session/destination-is-restored", test_destination_is_restored);
    g_test_add_func("/session/guest-that-does-not-go-on-is-here",
                    test_guest_that_does_not_go_on_is_here);
    g_test_add_func("/session/program-ends-with-what-it-waited-for",
                    test_program_ends_with_what_it_waited_for);
    g_test_add_func("/session/peer-vanishes-at-any-byte", test_peer_vanishes_at_any_byte);
    g_test_add_func("/session/cancel-at-any-byte", test_cancel_at_any_byte);
    g_test_add_func("/session/pause-before-switchover", test_pause_before_switchover);
    g_test_add_func("/session/operator-confirms-a-silent-source",
                    test_operator_confirms_a_silent_source);
    g_test_add_func("/session/program-ends-at-any-byte", test_program_ends_at_any_byte);
    return g_test_run();
}
