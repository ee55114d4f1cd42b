/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HostAffinity: on which host CPUs the calling thread may run.
 */
#ifndef ACCEL_HOST_AFFINITY_H
#define ACCEL_HOST_AFFINITY_H

#include <glib.h>
#include <stdbool.h>

#include "util/cpu-set.h"

typedef struct HostAffinity HostAffinity;

/*
 * host_affinity_confine - keep the calling thread on those of @cpus it may already use.
 * Returns what it had before, for host_affinity_restore(); NULL where the two have
 * nothing in common, with both in the message.
 */
HostAffinity *host_affinity_confine(const CpuSet *cpus, GError **errp);

/* host_affinity_get - what the calling thread has now; NULL with an error. */
HostAffinity *host_affinity_get(GError **errp);

/* host_affinity_allowed - the CPUs the calling thread may run on; NULL where the kernel
 * does not say. */
CpuSet *host_affinity_allowed(void);

/* host_affinity_restore - give the calling thread back what it had. */
void host_affinity_restore(const HostAffinity *saved);

/* host_affinity_free - NULL is nothing; does not restore. */
void host_affinity_free(HostAffinity *saved);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HostAffinity, host_affinity_free)

#endif
