/*
 * Arm PMU of a KVM guest: event sources of the host, and which one to use
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_KVM_PMU_SOURCE_H
#define TARGET_ARM_KVM_PMU_SOURCE_H

#define ARM_PMU_MAX_CPUS 65536

typedef struct ArmPmuCpus {
    uint64_t words[ARM_PMU_MAX_CPUS / 64];
    bool any;
} ArmPmuCpus;

/* A CPU PMU of the host, as the event_source bus of sysfs shows it. */
typedef struct ArmPmuSource {
    char *name;
    char *location;     /* where its device is; same on each boot */
    uint32_t type;      /* what perf and KVM call it; not the same */
    char *cpu_list;     /* as the kernel writes it */
    ArmPmuCpus cpus;
} ArmPmuSource;

/* Everything a choice depends on. */
typedef struct ArmPmuFacts {
    const char *asked;  /* "auto", "none", a type or a name; NULL for nothing */
    bool backcompat;    /* a machine that leaves the choice to KVM */
    bool has_pmu;       /* KVM has PMUs for guests */
    bool can_set;       /* KVM lets us say which (Linux 5.18) */
    GPtrArray *sources; /* of ArmPmuSource */
    ArmPmuCpus *possible;
    ArmPmuCpus *present;
    int (*try)(void *opaque, uint32_t type);    /* 0 or a negative errno */
    void *opaque;
} ArmPmuFacts;

typedef enum ArmPmuKind {
    ARM_PMU_NONE,       /* no PMU for guests */
    ARM_PMU_DEFAULT,    /* KVM takes one */
    ARM_PMU_SOURCE,     /* this one */
} ArmPmuKind;

typedef struct ArmPmuChoice {
    ArmPmuKind kind;
    const ArmPmuSource *source;
    bool partial;       /* the source does not cover all CPUs */
} ArmPmuChoice;

/*
 * Parses a CPU list: numbers and ranges in order of writing, commas between
 * them, and one newline at the end, without which the kernel has cut it.
 */
bool arm_pmu_parse_cpus(const char *text, ArmPmuCpus *cpus);

/* Whether @set has all CPUs of @wanted; an empty @wanted is never covered. */
bool arm_pmu_covers(const ArmPmuCpus *set, const ArmPmuCpus *wanted);

/*
 * Reads the CPU PMUs below @root, "/sys" on a host, in order of location and
 * name.  What is not a CPU PMU, or cannot be read, is left out.
 */
GPtrArray *arm_pmu_read_sources(const char *root);

/* Reads a CPU list below @root/devices/system/cpu; empty if it is not one. */
bool arm_pmu_read_cpus(const char *root, const char *name, ArmPmuCpus *cpus);

/*
 * Chooses, in this order: what the user asked for; KVM's default on machines
 * that have it; a source that covers all CPUs; none.  Fails only for what the
 * user asked for by type or name.
 */
bool arm_pmu_choose(const ArmPmuFacts *facts, ArmPmuChoice *choice,
                    Error **errp);

/* "armv8_cortex_a53 (type 8, CPUs 0-3), ..." for messages; freed by caller. */
char *arm_pmu_describe(GPtrArray *sources);

#endif
