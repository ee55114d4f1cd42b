/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The MSRs of an x86 vCPU that hold state and have nothing to do with the PMU: which of
 * them a guest has, in which order they are written.  Those of the PMU are
 * x86-pmu-state.h.  Pure.
 *
 * Everything asks the contract, never the host.
 */
#ifndef TARGET_X86_STATE_H
#define TARGET_X86_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "target/cpu-contract.h"
#include "util/state-list.h"

/* No contract needs more. */
#define X86_STATE_MAX 256

typedef struct X86StateRow {
    const char *name; /* in messages and dumps */
    uint32_t index;
    unsigned most; /* of them, one after the other */
    /* KVM may lack it although the guest's CPUID has the feature; then there is nothing
     * to lose. */
    bool is_optional;
    /* How many of them this guest has, from the first on; X86_MSR_ALL; 0: none. */
    unsigned (*count)(const CpuContract *contract);
    const char *when; /* the same in words, for the manual */
    /* Machine version from which on it is saved, see machine_is_since(). */
    const char *machine;
} X86StateRow;

/* In the order of writing: the TSC before what is compared with it. */
extern const X86StateRow x86_state_rows[];
extern const unsigned x86_state_row_count;

/*
 * x86_state_list - the MSRs this guest has, in the order of writing, values 0.
 * @msrs: room for X86_STATE_MAX
 */
unsigned x86_state_list(const CpuContract *contract, X86Msr *msrs);

/* x86_state_row - the row MSR @index belongs to for this guest, or NULL. */
const X86StateRow *x86_state_row(const CpuContract *contract, uint32_t index);

/* How they are saved; its context is the CpuContract. */
extern const StateList x86_state_saved;

#endif
