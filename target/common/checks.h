/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the checks of both architectures share, inside target/ only.
 */
#ifndef TARGET_COMMON_CHECKS_H
#define TARGET_COMMON_CHECKS_H

#include "target/contract-check.h"

/* check_number - compare two numbers by the relation of @reason, which is not subset,
 * group, coverage or mode. */
void check_number(Report *report, CheckReason reason, const char *row, uint64_t guest,
                  uint64_t host);

/* x86_contract_check_host - the x86 rows of contract_check_host(). */
void x86_contract_check_host(const CpuContract *contract, const HostProfile *host,
                             Report *report);

/* x86_contract_surplus - the x86 part of contract_host_surplus(). */
unsigned x86_contract_surplus(const CpuContract *contract, const HostProfile *host);

/* x86_contract_needs_mode - the mode of KVM without which the guest would lose something
 * it has; HOST_MODE_UNKNOWN: either serves it. */
HostMode x86_contract_needs_mode(const CpuContract *contract);

/* arm_host_pmu_version - PMUVer of a guest on @host; 0 without a PMU. */
unsigned arm_host_pmu_version(const HostProfile *host);

#endif
