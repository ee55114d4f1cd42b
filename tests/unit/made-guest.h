/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that is only memory, a number and a run state: what migration needs of one, and
 * nothing of KVM.  Each call can be made to fail.
 */
#ifndef TESTS_MADE_GUEST_H
#define TESTS_MADE_GUEST_H

#include "migration/guest.h"
#include "resolve-case.h"

/* The calls that can fail. */
typedef enum MadeCall {
    MADE_READ_ID_REGISTERS,
    MADE_LOG_DIRTY,
    MADE_SYNC_DIRTY,
    MADE_SAVE,
    MADE_ADOPT,
    MADE_LOAD,
    MADE_GO_ON,
    MADE_CALL_COUNT,
} MadeCall;

typedef struct MadeGuest {
    MigrationGuest guest; /* for migration_new() */
    ResolveCase *resolved;
    CpuContract *contract; /* of now; an adopted one */
    GThread *thread;       /* where all calls have to come */
    RunState state;
    uint64_t number; /* what is saved and loaded */
    bool is_logging, has_given_up;
    unsigned throttle;
    unsigned pages_each_sync; /* written between two syncs */
    unsigned calls[MADE_CALL_COUNT];
    unsigned fail_at[MADE_CALL_COUNT];         /* that call of its kind fails; 0: none */
    GString *told;                             /* what was logged */
    unsigned statuses[MIGRATION_STATUS_COUNT]; /* how often each was told of */
} MadeGuest;

/*
 * made_guest_new - runs, on the host of a committed profile.
 * @seed: fills the memory and is the number; 0: an empty one, to be filled
 */
MadeGuest *made_guest_new(const char *cpu, uint64_t seed);

/* made_guest_free - NULL is nothing. */
void made_guest_free(MadeGuest *made);

/* made_guest_is_like - memory, number and contract are those of @other. */
bool made_guest_is_like(const MadeGuest *made, const MadeGuest *other);

/* made_guest_runs - it does. */
bool made_guest_runs(const MadeGuest *made);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MadeGuest, made_guest_free)

#endif
