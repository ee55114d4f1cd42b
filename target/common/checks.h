/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the checks of both architectures share, inside target/ only.
 */
#ifndef TARGET_COMMON_CHECKS_H
#define TARGET_COMMON_CHECKS_H

#include "target/contract-check.h"

/* check_fail - report that @row does not hold; @guest and @host may be NULL. */
void check_fail(Report *report, Relation relation, const char *row, const char *guest,
                const char *host, const char *why);

/* check_number - compare two numbers by a relation other than subset and group. */
void check_number(Report *report, Relation relation, const char *row, uint64_t guest,
                  uint64_t host, const char *why);

/* x86_contract_check_host - the x86 rows of contract_check_host(). */
void x86_contract_check_host(const CpuContract *contract, const HostProfile *host,
                             Report *report);

#endif
