/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Program: what one run of the monitor holds, from the command line to the Vm.
 */
#ifndef SYSTEM_QMP_PROGRAM_H
#define SYSTEM_QMP_PROGRAM_H

#include "accel/kvm-sys.h"
#include "migration/guest.h"
#include "system/cmdline/vm-spec.h"
#include "system/plan/vm-plan.h"
#include "system/vm/vm.h"

typedef struct Migration Migration;
typedef struct Monitors Monitors;
typedef struct Trace Trace;

typedef struct BlockSet BlockSet;
typedef struct NetSet NetSet;

typedef struct Program {
    const char *name; /* argv[0] */
    VmSpec *spec;
    TypeRegistry *registry;
    Trace *trace;
    KvmSys *sys;  /* NULL where a recorded host stands in */
    char *no_kvm; /* why sys is NULL although the host should be live */
    HostProfile *host;
    Report *report;
    Report *found; /* what realizing showed, before -cpu check and enforce */
    VmPlan *plan;
    GPtrArray *chardevs; /* Chardev, owned */
    GPtrArray *rngs;     /* RngBackend, owned */
    BlockSet *blocks;    /* NULL until they are open */
    NetSet *nets;        /* likewise */
    GArray *escapes;     /* what their escape keys need */
    Monitors *monitors;
    VmHost vm_host;
    Vm *vm;
    MigrationGuest guest; /* @vm, for @migration */
    Migration *migration;
    int pidfile; /* -1: none */
} Program;

/* program_answer_query - -help, -M help and the like; text for stdout, the caller frees
 * it. */
char *program_answer_query(const Program *program, GError **errp);

#endif
