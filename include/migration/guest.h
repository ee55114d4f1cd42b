/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What migration needs of a guest and of the program it runs in: a table of calls.
 *
 * The session knows a guest by this table alone, so that it moves the guests of tests,
 * which have no KVM, as it moves the program's.  All calls are made in the main thread,
 * one at a time.
 */
#ifndef MIGRATION_GUEST_H
#define MIGRATION_GUEST_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "accel/guest-memory.h"
#include "migration/handshake.h"
#include "qapi/types.h"
#include "util/report.h"

typedef struct MigrationGuestOps {
    /* What it is; borrowed, until a contract is adopted.  Without a contract there is
     * nothing to migrate. */
    GuestDescription (*describe)(void *guest);
    /* Why it cannot be moved, char *; empty: it can. */
    GPtrArray *(*list_blockers)(void *guest);

    RunState (*run_state)(void *guest);
    /* Stop it, whatever it did; it is in @state then. */
    void (*stop)(void *guest, RunState state);
    bool (*go_on)(void *guest, GError **errp);
    /* Slow it down by @percent, 0 to 99; it survives a stop. */
    void (*throttle)(void *guest, unsigned percent);

    /* Note which pages it writes, or stop that; stopping cannot fail. */
    bool (*log_dirty)(void *guest, bool on, GError **errp);
    /* Pages of memory range @index written since the last call are added to @bitmap, one
     * bit each in words of 64; they count as clean from here. */
    bool (*sync_dirty)(void *guest, unsigned index, uint64_t *bitmap, GError **errp);

    /* Everything but memory of the stopped guest, StateSection *.
     * @state: it is to be in after loading */
    GPtrArray *(*save)(void *guest, RunState state, GError **errp);
    /* The inverse, into a guest that has not run; memory is there.
     * @ret_state: as it was saved with; the guest is not in it yet */
    bool (*load)(void *guest, const GPtrArray *sections, RunState *ret_state,
                 GError **errp);
    /* The machine is made anew with @contract, which the call takes over. */
    bool (*adopt)(void *guest, CpuContract *contract, GError **errp);

    /* arm64: of every vCPU, as arm_id_sets_new() has them; empty elsewhere. */
    GPtrArray *(*read_id_registers)(void *guest, GError **errp);
    /* arm64: does the host give the vCPUs @sets?
     * @report: takes each register that it does not
     * @ret_touched: set where any was written: the machine is not that of the command
     * line */
    bool (*try_id_registers)(void *guest, const GPtrArray *sets, Report *report,
                             bool *ret_touched, GError **errp);

    /* The program: tell everyone (takes the reference over), say what went wrong, and
     * end, as the guest it was started for does not come. */
    void (*emit)(void *guest, json_object *event);
    void (*log)(void *guest, const char *message);
    void (*give_up)(void *guest);
} MigrationGuestOps;

typedef struct MigrationGuest {
    const MigrationGuestOps *ops;
    void *opaque;        /* first argument of each */
    GuestMemory *memory; /* the same for ever */
} MigrationGuest;

#endif
