/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asking the running kernel for the facts of a HostProfile.
 */
#ifndef ACCEL_HOST_PROBE_H
#define ACCEL_HOST_PROBE_H

#include "accel/kvm-sys.h"
#include "target/host-profile.h"
#include "util/file.h"
#include "util/report.h"

/*
 * kvm_host_profile_probe - the live host: KVM through @sys, the rest through @fs.
 *
 * KVM calls that fail are errors that name the call.  A file that is missing leaves the
 * fact unknown; where CPU sets or event sources are unreadable, the profile says why.
 * Every descriptor of a scratch VM is closed on every path.
 */
HostProfile *kvm_host_profile_probe(KvmSys *sys, FileSys *fs, GError **errp);

/*
 * host_probe_sysfs - CPU sets and event sources below @fs, into @host.
 * @prefix: "/sys" on a live host; where a copied tree starts otherwise
 *
 * @report: NULL, or takes a warning with path and cause for each thing left out
 *
 * Never fails: what cannot be read is not there, and @host->cpus_problem says so.
 */
void host_probe_sysfs(FileSys *fs, const char *prefix, HostProfile *host, Report *report);

/*
 * host_probe_cores - of the event sources in @host, which kind of core each is of: MIDR
 * and capacity of the first of its CPUs that tells.  Never fails.
 */
void host_probe_cores(FileSys *fs, const char *prefix, HostProfile *host);

/* host_probe_kernel - release, module parameters and the NMI watchdog, into @host. */
void host_probe_kernel(FileSys *fs, HostProfile *host);

#endif
