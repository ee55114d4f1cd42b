/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The MSRs that hold an x86 guest's PMU state: which of them a guest has, in which order
 * they are written, what they hold after a reset.  Pure.
 *
 * Everything asks the contract, never the host: an MSR the contract does not give the
 * guest is in no list here.
 */
#ifndef TARGET_X86_PMU_STATE_H
#define TARGET_X86_PMU_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "target/cpu-contract.h"
#include "util/state-list.h"

/* No contract needs more, stops included. */
#define X86_PMU_STATE_MAX 160

/*
 * Order of writing.  Counters are stopped before they are written and started last; the
 * metrics follow fixed counter 3, which clears them.
 * Source: SDM vol 3B, 20.3 (PERF_METRICS) and 20.6.2 (global control).
 */
typedef enum X86MsrPhase {
    X86_MSR_PHASE_PEBS,
    X86_MSR_PHASE_FIXED,
    X86_MSR_PHASE_METRICS,
    X86_MSR_PHASE_COUNTER,
    X86_MSR_PHASE_SELECT,
    X86_MSR_PHASE_BRANCH,
    X86_MSR_PHASE_STATUS,
    X86_MSR_PHASE_CONTROL,
    X86_MSR_PHASE_ENABLE,
} X86MsrPhase;

typedef struct X86MsrRow {
    const char *name; /* in streams and messages: "perf-gp-counter" */
    uint32_t index;
    unsigned stride; /* between instances */
    unsigned most;   /* of them */
    X86MsrPhase phase;
    bool is_stopped_first; /* zero is written before anything else */
    /* How many instances this guest may have, from the first on, see
     * x86_pmu_msr_count(); X86_MSR_ALL; 0: none. */
    unsigned (*count)(const CpuContract *contract);
    const char *when; /* the same in words, for the manual */
    /* Machine version from which on it is saved, see machine_is_since(). */
    const char *machine;
} X86MsrRow;

/* Sorted by phase. */
extern const X86MsrRow x86_pmu_msr_rows[];
extern const unsigned x86_pmu_msr_row_count;

/* x86_pmu_msr_count - how many instances of @row this guest has. */
unsigned x86_pmu_msr_count(const X86MsrRow *row, const CpuContract *contract);

/* x86_msr_phase_name - "pebs", "enable" and so on. */
const char *x86_msr_phase_name(X86MsrPhase phase);

/*
 * x86_pmu_state_list - the MSRs to read, in the order their values are written.
 * @msrs: room for X86_PMU_STATE_MAX; values are set to 0
 *
 * Returns how many; 0 with pmu=off.
 */
unsigned x86_pmu_state_list(const CpuContract *contract, X86Msr *msrs);

/*
 * x86_pmu_state_encode - the writes that bring values into a vCPU: stops, then @state.
 * @state: @count MSRs in the order of x86_pmu_state_list()
 * @writes: room for X86_PMU_STATE_MAX
 */
unsigned x86_pmu_state_encode(const CpuContract *contract, const X86Msr *state,
                              unsigned count, X86Msr *writes);

/*
 * x86_pmu_state_reset - the writes of a reset: every MSR of the list to 0.
 * Feature MSRs are not among them.
 */
unsigned x86_pmu_state_reset(const CpuContract *contract, X86Msr *writes);

/* x86_pmu_msr_row - the row @index belongs to for this guest, or NULL. */
const X86MsrRow *x86_pmu_msr_row(const CpuContract *contract, uint32_t index);

/* How they are saved; its context is the CpuContract. */
extern const StateList x86_pmu_state_saved;

#endif
