/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -trace: one line on stderr (or -D FILE) per event. */
#ifndef SYSTEM_TRACE_H
#define SYSTEM_TRACE_H

#include "accel/kvm-sys.h"
#include "system/vm-spec.h"

/* trace_attach - have @sys traced where @spec's patterns name an event of KVM. */
void trace_attach(const VmSpec *spec, KvmSys *sys);

#endif
