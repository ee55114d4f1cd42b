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
    RELATION_MODE,            /* the host's kernel serves the PMU in the same way */
    RELATION_COUNT,
} Relation;

/* Why a contract does not hold: what a program that reads a verdict switches on. */
typedef enum CheckReason {
    /* The host's CPU and KVM. */
    CHECK_ARCH_DIFFERS,
    CHECK_VENDOR_DIFFERS,
    CHECK_FAMILY_DIFFERS,
    CHECK_MODEL_DIFFERS,
    CHECK_PHYS_BITS_FEWER,
    CHECK_TSC_NOT_SCALED,
    CHECK_FEATURE_MISSING,
    CHECK_UNNAMED_BITS_MISSING,
    CHECK_LBR_FORMAT_DIFFERS,
    CHECK_PEBS_FORMAT_DIFFERS,
    CHECK_PEBS_GROUP_DIFFERS,
    CHECK_PMU_MISSING,
    CHECK_PMU_STAYS_ON,
    CHECK_PMU_VERSION_LOWER,
    CHECK_GP_COUNTERS_FEWER,
    CHECK_FIXED_COUNTERS_FEWER,
    CHECK_GP_WIDTH_LESS,
    CHECK_FIXED_WIDTH_LESS,
    CHECK_EVENT_MISSING,
    CHECK_TIED_TO_HOST,
    CHECK_MIDR_DIFFERS,
    CHECK_VCPU_FEATURE_MISSING,
    CHECK_SOURCE_MISSING,
    CHECK_SOURCE_PARTIAL,
    CHECK_BACKEND_MISSING,
    CHECK_COUNTERS_FEWER,
    CHECK_COUNTERS_DIFFER,
    CHECK_PMUVER_DIFFERS,
    CHECK_REGISTER_MISSING,
    CHECK_ID_REGISTER_DIFFERS,
    CHECK_MODE_DIFFERS,
    CHECK_MODE_CHANGES,
    /* The destination's command line: only where a guest arrives. */
    CHECK_MACHINE_DIFFERS,
    CHECK_CPUS_DIFFER,
    CHECK_RAM_DIFFERS,
    CHECK_DEVICES_DIFFER,
    CHECK_DEVICE_DIFFERS,
    CHECK_MACHINE_PROPERTY_DIFFERS,
    CHECK_TOPOLOGY_DIFFERS,
    CHECK_PACKING_UNKNOWN,
    CHECK_PMU_SWITCH_DIFFERS,
    CHECK_CPU_PROMISES_LESS,
    CHECK_KIND_DIFFERS,
    CHECK_VCPU_FEATURES_DIFFER,
    CHECK_SOURCE_DIFFERS,
    CHECK_REASON_COUNT,
} CheckReason;

typedef struct CheckReasonRow {
    const char *code; /* in verdicts: "pebs-format-differs"; never changed */
    Relation relation;
    const char *sentence; /* why the row has to hold */
    const char *remedy;
} CheckReasonRow;

/* One row per CheckReason. */
extern const CheckReasonRow check_reason_rows[CHECK_REASON_COUNT];

/* relation_name - "subset", "equal", "at-most", … */
const char *relation_name(Relation relation);

/* check_reason_is_of_host - @code, of a finding, speaks of the host rather than of the
 * command line; an unknown one does. */
bool check_reason_is_of_host(const char *code);

/*
 * check_fail - report that @row does not hold, with code, relation and sentence of
 * @reason.
 * @guest, @host: what each has, or NULL
 * @detail: says it in place of the reason's sentence, or NULL
 */
void check_fail(Report *report, CheckReason reason, const char *row, const char *guest,
                const char *host, const char *detail);

/*
 * check_fail_less - likewise, where a guest that is started with @property at @value can
 * run on the host, too; @property may be NULL where there is none.
 */
void check_fail_less(Report *report, CheckReason reason, const char *row,
                     const char *guest, const char *host, const char *property,
                     const char *value);

/*
 * check_fail_as - likewise, in the words of @as: its row, asked, offered and given, and
 * its cause and remedy in place of the reason's own where they are not NULL.
 */
void check_fail_as(Report *report, CheckReason reason, const Finding *as);

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
 * contract_check_ties - what keeps a guest with @contract from any other host: one error
 * finding each, the cause a sentence with what to do.  True where there is none.  Part of
 * contract_check_host().
 */
bool contract_check_ties(const CpuContract *contract, Report *report);

/*
 * contract_settle - fit a contract that holds on @host, and comes from another, to how
 * this one serves it: the way KVM takes its PMU away, and the mode.  What the guest sees
 * stays.
 */
void contract_settle(CpuContract *contract, const HostProfile *host);

/*
 * contract_host_surplus - how much @host has that the guest does not use: features,
 * counters, formats, one each.  Among hosts that can run the guest the one with the least
 * is nearest to it: it keeps the others free for guests that need them.
 */
unsigned contract_host_surplus(const CpuContract *contract, const HostProfile *host);

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
 * x86_contract_compare - how two CPUs relate, by the relations of the rows.
 * @ret_responsible: names of properties (char *) that differ; g_ptr_array_unref()
 */
ContractOrder x86_contract_compare(const CpuContract *a, const CpuContract *b,
                                   GPtrArray **ret_responsible);

/*
 * x86_contract_baseline - the best CPU with which a guest can go from either host to the
 * other, as "base,pmu=on,…": see x86_baseline_text().
 * NULL with an error where the two have no CPU in common.
 */
char *x86_contract_baseline(const CpuContract *a, const CpuContract *b, GError **errp);

#endif
