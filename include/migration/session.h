/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Migration: sending the guest away, or waiting for one.  One at a time.
 *
 * A thread of its own reads and writes the stream; what touches the Vm happens in the
 * main thread, which the migration's thread asks (migration_call()).  All functions here
 * are for the main thread.
 */
#ifndef MIGRATION_SESSION_H
#define MIGRATION_SESSION_H

#include <glib.h>
#include <stdbool.h>

#include "qapi/types.h"

typedef struct Migration Migration;
typedef struct MigrationGuest MigrationGuest;
typedef struct json_object json_object;

/* migration_new - nothing is under way.  @guest: borrowed, as is all it leads to */
Migration *migration_new(const MigrationGuest *guest);

/* migration_free - ends what is under way; before the guest goes.  NULL is nothing. */
void migration_free(Migration *migration);

/*
 * migration_start_out - begin to send the guest.
 * @fd: of an fd: address, taken over; else -1
 */
bool migration_start_out(Migration *migration, const char *uri, int fd, GError **errp);

/* migration_start_in - begin to wait for a guest; sockets listen, and files are open,
 * when this returns. */
bool migration_start_in(Migration *migration, const char *uri, int fd, bool exit_on_error,
                        GError **errp);

/* migration_expect - the guest is there to be filled (-incoming). */
void migration_expect(Migration *migration);

/* migration_is_expecting - a guest is waited for, or arriving. */
bool migration_is_expecting(const Migration *migration);

/*
 * migration_confirm_switchover - should the guest be here, whole, and the source silent,
 * it is let run: the caller knows that it runs nowhere else.
 */
void migration_confirm_switchover(Migration *migration);

/* migration_set_autostart - whether the guest that arrives runs, where it ran before. */
void migration_set_autostart(Migration *migration, bool on);

/*
 * migration_cancel - end what is under way.  A guest that has arrived, and waits for the
 * source's word, stays, stopped.
 */
void migration_cancel(Migration *migration);

/* migration_keep_stopped - a guest that is being given away is not let run on here,
 * should it stay. */
void migration_keep_stopped(Migration *migration);

/* migration_continue - go on after pre-switchover. */
bool migration_continue(Migration *migration, GError **errp);

/* migration_query - how far it is; the caller frees it. */
MigrationInfo *migration_query(Migration *migration);

/*
 * What a destination says.
 * @findings: what does not hold there, a JSON array, borrowed
 * @error: why there is no answer, and then no verdict either; else NULL
 */
typedef void MigrationVerdict(void *opaque, bool ok, json_object *findings,
                              const GError *error);

/*
 * migration_probe - ask the destination that waits at @address whether it takes this
 * guest; it waits on.
 * @heard: called in the main thread, once: with the answer, after some seconds without
 * one, or where the program ends
 *
 * False with an error, and @heard is not called, where it cannot begin.
 */
bool migration_probe(Migration *migration, const char *address, MigrationVerdict *heard,
                     void *opaque, GError **errp);

/* migration_capability - whether it is on. */
bool migration_capability(const Migration *migration, MigrationCapability which);

/* migration_set_capability - an error while the guest is being sent. */
bool migration_set_capability(Migration *migration, MigrationCapability which, bool on,
                              GError **errp);

/* migration_parameters, migration_set_parameters - the numbers it goes by. */
MigrationParameters migration_parameters(const Migration *migration);
void migration_set_parameters(Migration *migration, MigrationParameters parameters);

#endif
