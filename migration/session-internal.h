/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of a Migration, for session*.c. */
#ifndef MIGRATION_SESSION_INTERNAL_H
#define MIGRATION_SESSION_INTERNAL_H

#include "migration/channels.h"
#include "migration/guest.h"
#include "migration/handshake.h"
#include "migration/ram.h"
#include "migration/session.h"
#include "migration/stream.h"
#include "migration/transport.h"

struct Migration {
    const MigrationGuest *guest;
    GThread *thread;

    /* Under the mutex. */
    GMutex mutex;
    GCond changed;
    bool is_closing;
    bool is_cancelled;
    int cancel_fd;     /* readable then: every wait of the thread ends */
    bool may_continue; /* migrate-continue came */
    MigrationStatus status;
    MigrationParameters parameters;
    MigrationStats stats;
    char *error;          /* why it failed */
    char *not_converging; /* why it does not end */
    unsigned throttle;    /* percent the guest is slowed down by */
    json_object *refusal; /* findings of the destination */
    int64_t start_us, setup_us, end_us, stop_us, downtime_us;
    int64_t expected_us; /* -1: not known yet */

    /* Set before the thread starts. */
    Transport *transport;
    TransportEnd end; /* fd -1: the thread opens it */
    int listen_fd;    /* incoming sockets; -1: none */
    bool exit_on_error;

    /* Main thread only. */
    bool capabilities[MIGRATION_CAPABILITY_COUNT];
    bool is_expecting;
    bool is_accepted;  /* the guest that arrives is judged; the machine may be its own */
    bool is_changed;   /* the machine is not, or not for sure, that of the command line */
    bool is_loaded;    /* it is here, and only the source's word is missing */
    bool is_silent;    /* that did not come at once */
    bool is_confirmed; /* 'cont' since it was loaded: the operator's word instead */
    CpuContract *asked; /* by the command line, where a guest is expected; else NULL */
    bool autostart;
    RunState old_state;
    bool was_running;
    bool is_logging;
    GPtrArray *probes; /* under way: Probe */
};

/* migration_describe - the guest that is here. */
GuestDescription migration_describe(const Migration *migration);

/* migration_log - what went wrong is said where the program says such things. */
void migration_log(const Migration *migration, const char *message);

/* What the migration's thread has the main thread do. */
typedef bool MigrationStep(Migration *migration, void *data, GError **errp);

/* migration_call - have the main thread do @step, and wait; false with an error, also
 * where the program ends. */
bool migration_call(Migration *migration, MigrationStep *step, void *data, GError **errp);

/* migration_set_status - and tell by an event.  Main thread. */
void migration_set_status(Migration *migration, MigrationStatus status);

/* migration_is_under_way - begun, and not over.  Main thread. */
bool migration_is_under_way(const Migration *migration);

/* migration_wake - whatever the thread waits for, it waits no longer. */
void migration_wake(Migration *migration);

/* migration_is_cancelled - by an operator, or because the program ends.  Any thread. */
bool migration_is_cancelled(Migration *migration);

/* migration_fail - remember why; first one counts.  Any thread. */
void migration_fail(Migration *migration, const GError *error);

/* migration_stop_listening - who comes from here on is not to wait for nothing.  The
 * migration's thread, or after it. */
void migration_stop_listening(Migration *migration);

/* migration_end_probes - who waits for an answer hears that none will come. */
void migration_end_probes(Migration *migration);

/* migration_out_main, migration_in_main - the threads. */
gpointer migration_out_main(gpointer data);
gpointer migration_in_main(gpointer data);

#endif
