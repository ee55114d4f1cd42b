/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Choosing the PMU backend of an arm64 guest, from facts alone.
 */
#ifndef TARGET_PMU_SELECT_H
#define TARGET_PMU_SELECT_H

#include "target/cpu-contract.h"
#include "target/host-profile.h"
#include "target/kvm-accel.h"
#include "util/report.h"

/* What was asked, as far as it concerns the choice. */
typedef struct PmuSelectInput {
    const HostProfile *host;
    const PmuRequest *request; /* -accel kvm,pmu= */
    bool backcompat;           /* backcompat-pmu */
    bool allow_fixed_counters; /* x-fixed-counters-only */
    bool is_explicit_on;       /* -cpu …,pmu=on: no PMU is an error */
    bool leaves_threads;       /* pmu-affinity=off */
} PmuSelectInput;

typedef struct PmuChoice {
    ArmPmuKind kind;
    const PmuSource *source; /* of the profile; NULL unless kind is EVENT_SOURCE */
    bool is_partial;         /* the source lacks some possible CPU */
} PmuChoice;

/*
 * pmu_select - the backend, in this order: what the user named; KVM's own choice for the
 * machine versions of QEMU; a source that covers every possible CPU, every CPU that is
 * there, or every one this process may run on; fixed counters only, where allowed; none.
 *
 * Among several full sources the smallest location wins, bytewise, then the name.  A
 * source the kernel refused on trial is passed over.  @report says what was chosen, what
 * was passed over, and why; an error there means the choice is not to be used.
 * Source: the order of the QEMU RFC "Choose PMU backend" v3, with this project's
 * decisions.
 */
PmuChoice pmu_select(const PmuSelectInput *in, Report *report);

/* pmu_source_covers - the source's "cpus" contains every possible CPU of the host. */
bool pmu_source_covers(const HostProfile *host, const PmuSource *source);

#endif
