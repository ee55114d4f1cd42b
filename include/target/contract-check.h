/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Comparing contracts with hosts and with each other, row by row.
 *
 * Each row says how it compares.  The same relations judge a migration on arrival, a
 * fleet of recorded hosts offline, and two CPU models.
 */
#ifndef TARGET_CONTRACT_CHECK_H
#define TARGET_CONTRACT_CHECK_H

#include "target/cpu-contract.h"
#include "target/host-profile.h"
#include "util/report.h"

typedef enum Relation {
    RELATION_SUBSET, /* every bit of the guest is one the host offers */
    RELATION_EQUAL,
    RELATION_AT_MOST,         /* the host has as many or more */
    RELATION_EQUAL_OR_ABSENT, /* a format: the host's number, or none */
    RELATION_GROUP,           /* on: every bit as the host has it; off: none */
    RELATION_COVERAGE,        /* the host has a PMU of that kind for its CPUs */
    RELATION_COUNT,
} Relation;

/* relation_name - "subset", "equal", "at-most", … */
const char *relation_name(Relation relation);

/*
 * contract_check_host - can a guest with @contract run on @host as it is?  Pure.
 *
 * One error finding for each row that does not hold: row, what the guest has (asked),
 * what the host has (offered), the relation and the cause.  True where there is none.
 */
bool contract_check_host(const CpuContract *contract, const HostProfile *host,
                         Report *report);

/*
 * contract_diff - what a guest would see differently, row by row, as note findings:
 * asked is @a's, given is @b's.  True where the two are the same.
 */
bool contract_diff(const CpuContract *a, const CpuContract *b, Report *report);

typedef enum ContractOrder {
    CONTRACT_IDENTICAL,
    CONTRACT_SUPERSET, /* the first has all of the second, and more */
    CONTRACT_SUBSET,
    CONTRACT_INCOMPATIBLE,
} ContractOrder;

/*
 * x86_contract_compare - how two CPUs relate, by the relations of the rows.
 * @ret_responsible: names of properties (char *) that differ; g_ptr_array_unref()
 */
ContractOrder x86_contract_compare(const CpuContract *a, const CpuContract *b,
                                   GPtrArray **ret_responsible);

/*
 * x86_contract_baseline - the best CPU that a host able to run either can run: features
 * both have, formats both have alike.
 * Returns the text of -cpu for it, model "base" and the rest as properties; the caller
 * frees it.
 */
char *x86_contract_baseline(const CpuContract *a, const CpuContract *b);

#endif
