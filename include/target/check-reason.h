/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Relations between what a guest has and what is there elsewhere, and the reasons for
 * which they do not hold.
 */
#ifndef TARGET_CHECK_REASON_H
#define TARGET_CHECK_REASON_H

#include "util/report.h"

typedef enum Relation {
    RELATION_NONE,   /* not compared */
    RELATION_KEPT,   /* the guest keeps its own wherever it goes */
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
    CHECK_NO_REASON,
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

/* check_less_remedy - to start the guest with @property at @value, or use another host;
 * the caller frees it. */
char *check_less_remedy(const char *property, const char *value);

/*
 * check_fail_as - likewise, in the words of @as: its row, asked, offered and given, and
 * its cause and remedy in place of the reason's own where they are not NULL.
 */
void check_fail_as(Report *report, CheckReason reason, const Finding *as);

#endif
