/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Comparing contracts with hosts and with each other, row by row.
 *
 * Each row says how it compares.  The same relations judge a migration on arrival, a
 * fleet of recorded hosts offline, and two CPU models.
 */
#ifndef TARGET_CONTRACT_CHECK_H
#define TARGET_CONTRACT_CHECK_H

#include "target/check-reason.h"
#include "target/cpu-contract.h"
#include "target/host-profile.h"
#include "util/report.h"

/*
 * contract_check_host - can a guest with @contract run on @host as it is?  Pure.
 *
 * One error finding for each row that does not hold: code, row, what the guest has
 * (asked), what the host has (offered), the relation and the cause.  True where there is
 * none.  What changes for the guest without harm is a warning.
 */
bool contract_check_host(const CpuContract *contract, const HostProfile *host,
                         Report *report);

/*
 * contract_check_unmigratable - what keeps a guest with @contract from any other host:
 * one error finding each, the cause a sentence with what to do.  True where there is
 * none.  Part of contract_check_host().
 */
bool contract_check_unmigratable(const CpuContract *contract, Report *report);

/*
 * contract_check_line - a guest arrives on @host, where the command line gives @own: one
 * error finding for each row that does not hold, with the host's own reasons before those
 * of the line, which speaks up only where the host would do.
 */
void contract_check_line(const CpuContract *guest, const CpuContract *own,
                         const HostProfile *host, Report *report);

/*
 * contract_settle - note in a contract that holds on @host, and comes from another, what
 * the next host is compared with and no guest sees: the mode of KVM here, and the
 * registers that a vCPU is saved with here.
 */
void contract_settle(CpuContract *contract, const HostProfile *host);

/*
 * contract_distance - how much @host has that the guest does not use: features, counters,
 * formats, one each.  Among hosts that can run the guest the one with the least is
 * nearest to it: it keeps the others free for guests that need them.
 */
unsigned contract_distance(const CpuContract *contract, const HostProfile *host);

/*
 * contract_diff - what a guest would see differently, row by row, as note findings: asked
 * is @a's, given is @b's, the cause says what that means for a guest that moves from the
 * one's host (left) to the other's (right) or back, the code is there where one way is
 * refused.  True where the guest sees the same.
 * @to_right, @to_left: NULL, or take an error finding for each row that refuses a guest
 * of the left where the right one is given, or the other way
 */
bool contract_diff(const CpuContract *a, const CpuContract *b, Report *report,
                   Report *to_right, Report *to_left);

/* host_diff - facts that explain why two hosts give other contracts, in the same form:
 * kernel, capabilities, module parameters. */
void host_diff(const HostProfile *a, const HostProfile *b, Report *report);

typedef enum ContractOrder {
    CONTRACT_IDENTICAL,
    CONTRACT_SUPERSET, /* the first has all of the second, and more */
    CONTRACT_SUBSET,
    CONTRACT_INCOMPATIBLE,
} ContractOrder;

/*
 * contract_order - how two CPUs relate, by the relations of the rows.
 * @ret_responsible: names of properties (char *) that differ; g_ptr_array_unref()
 */
ContractOrder contract_order(const CpuContract *a, const CpuContract *b,
                             GPtrArray **ret_responsible);

#endif
