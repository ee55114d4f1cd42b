/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The MSRs of a vCPU that hold state: which a guest has, in which order they are written,
 * and what a reset leaves in them.
 *
 * Whether a row applies is asked of the contract, never of the host.  Reading, writing,
 * reset, saving and the manual's tables are loops over these rows.
 */
#ifndef TARGET_X86_STATE_H
#define TARGET_X86_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "target/cpu-contract.h"

/*
 * Writing goes through the phases in this order; before the first, every MSR of the last
 * is written as 0, so that nothing counts while values change.
 */
typedef enum X86MsrPhase {
    X86_MSR_PHASE_GENERAL, /* nothing to do with the PMU */
    X86_MSR_PHASE_PEBS,
    X86_MSR_PHASE_FIXED,
    X86_MSR_PHASE_METRICS, /* after fixed counter 3, which writing it depends on */
    X86_MSR_PHASE_VALUE,   /* general-purpose counters and event selects */
    X86_MSR_PHASE_LBR,
    X86_MSR_PHASE_STATUS,
    X86_MSR_PHASE_ENABLE, /* control registers: from here it counts */
} X86MsrPhase;

typedef struct X86MsrRow {
    const char *name;
    uint32_t index;  /* of the first */
    uint32_t stride; /* from one to the next */
    X86MsrPhase phase;
    uint64_t reset;
    unsigned (*count)(const CpuContract *contract); /* 0: this guest does not have it */
    const char *when;                               /* the same in words */
    bool is_optional; /* not in KVM's lists: try to read, do without where it refuses */
} X86MsrRow;

/* Sorted by phase. */
extern const X86MsrRow x86_msr_rows[];
extern const unsigned x86_msr_row_count;

/* More MSRs than any guest has. */
#define X86_STATE_MSRS_MAX 512

/*
 * x86_state_list_msrs - every MSR the guest has, in the order of writing, with its reset
 * value.
 * @ret: room for X86_STATE_MSRS_MAX
 * Returns how many.
 */
unsigned x86_state_list_msrs(const CpuContract *contract, X86Msr *ret);

/*
 * x86_state_order_msrs - values for writing: first the MSRs of the last phase as 0, then
 * @values as x86_state_list_msrs() ordered them.
 * @ret: room for X86_STATE_MSRS_MAX
 */
unsigned x86_state_order_msrs(const CpuContract *contract, const X86Msr *values,
                              unsigned count, X86Msr *ret);

/* x86_state_reset_msrs - what to write at a reset, in order: every PMU MSR. */
unsigned x86_state_reset_msrs(const CpuContract *contract, X86Msr *ret);

/* x86_msr_phase_name - "pebs", "enable" and so on. */
const char *x86_msr_phase_name(X86MsrPhase phase);

#endif
