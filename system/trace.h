/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -trace: one line on stderr (or -D FILE) per event. */
#ifndef SYSTEM_TRACE_H
#define SYSTEM_TRACE_H

#include "accel/kvm-sys.h"
#include "system/cmdline/vm-spec.h"

typedef struct Trace Trace;

/*
 * trace_new - what @spec's patterns name, to stderr or the file of -D.
 * @spec: borrowed
 *
 * An error where the file cannot be opened.
 */
Trace *trace_new(const VmSpec *spec, GError **errp);

/* trace_attach - have @sys traced where a pattern names an event of KVM. */
void trace_attach(Trace *trace, KvmSys *sys);

/* trace_free - after the door it is attached to; NULL is nothing. */
void trace_free(Trace *trace);

#endif
