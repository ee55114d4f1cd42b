/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The numbers of a guest's PMU: what may be asked for, who compares them.
 */
#ifndef TARGET_I386_GEOMETRY_H
#define TARGET_I386_GEOMETRY_H

#include "resolve.h"
#include "target/contract-check.h"

typedef struct X86GeometryRow {
    const char *row;      /* in contracts and checks: "pmu.gp-counters" */
    const char *property; /* of -cpu: "pmu-counters"; NULL: it is the host's */
    CheckReason reason;   /* for which a host with less does not do */
    size_t place;         /* in X86Pmu, an unsigned */
    size_t asked;         /* in X86Cpu, X86_NUMBER_UNSET; where @property is not NULL */
} X86GeometryRow;

#define X86_GEOMETRY_ROWS 5
extern const X86GeometryRow x86_geometry_rows[X86_GEOMETRY_ROWS];

/* x86_geometry_get - the number of @row in @pmu. */
unsigned x86_geometry_get(const X86GeometryRow *row, const X86Pmu *pmu);

/*
 * x86_resolve_geometry - the counters of the contract: KVM's, or fewer where the user
 * asked for that.  More than there are is an error finding, whatever check= says.
 */
void x86_resolve_geometry(X86Work *work);

#endif
