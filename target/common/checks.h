/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the checks of both architectures share, inside target/ only.
 */
#ifndef TARGET_COMMON_CHECKS_H
#define TARGET_COMMON_CHECKS_H

#include "target/cpu-contract.h"
#include "target/host-profile.h"

/* contract_needs_mode - the mode of KVM without which the guest would lose something it
 * has; HOST_MODE_UNKNOWN: any serves it. */
HostMode contract_needs_mode(const CpuContract *contract);

/* x86_contract_needs_mode - the same of an x86 guest. */
HostMode x86_contract_needs_mode(const CpuContract *contract);

/* arm_host_source - the event source @name that KVM of @host can serve a guest with, or
 * NULL. */
const PmuSource *arm_host_source(const HostProfile *host, const char *name);

/* arm_host_has_feature - KVM of @host has the capability for @feature of a vCPU. */
bool arm_host_has_feature(const HostProfile *host, ArmVcpuFeature feature);

/* arm_host_counters - event counters of @source, or where it does not say (or is NULL) of
 * what KVM gives by itself; 0 unknown. */
unsigned arm_host_counters(const HostProfile *host, const PmuSource *source);

/* arm_host_pmu_version - PMUVer of a guest on @host; 0 without a PMU. */
unsigned arm_host_pmu_version(const HostProfile *host);

#endif
