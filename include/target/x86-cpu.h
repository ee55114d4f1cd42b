/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * X86Cpu: what was asked of an x86 guest CPU, and the resolver that decides it.
 */
#ifndef TARGET_X86_CPU_H
#define TARGET_X86_CPU_H

#include "qom/object.h"
#include "target/cpu-resolve.h"
#include "target/x86-features.h"
#include "target/x86-models.h"

#define TYPE_X86_CPU        "x86_64-cpu"
#define X86_CPU_TYPE_SUFFIX "-x86_64-cpu"
#define X86_NUMBER_UNSET    UINT64_MAX

/* How pebs-fmt or lbr-fmt was asked for. */
typedef enum X86FormatKind {
    X86_FORMAT_UNSET,
    X86_FORMAT_NUMBER, /* 0 is off */
    X86_FORMAT_HOST,   /* whatever the host has, decided once */
} X86FormatKind;

typedef struct X86Format {
    X86FormatKind kind;
    uint64_t value;
} X86Format;

#define X86_GUEST_PHYS_BITS_UNSET UINT32_MAX

typedef struct X86Cpu {
    Object parent;
    uint64_t set_mask[X86_WORD_COUNT];  /* bits somebody set explicitly */
    uint64_t set_value[X86_WORD_COUNT]; /* their values */
    uint64_t user_mask[X86_WORD_COUNT]; /* of these, by command line or -global */
    X86Format formats[X86_FIELD_COUNT];
    int pmu;          /* OnOffAuto; AUTO: the model's default … */
    bool pmu_is_auto; /* … or a PMU wherever the host has one, never failing */
    bool check, enforce, migratable, x_force_features;
    bool kvm; /* false hides KVM from the guest */
    char *vendor, *model_id;
    uint64_t family, model, stepping; /* X86_NUMBER_UNSET */
    uint64_t level, xlevel, min_level, min_xlevel;
    uint64_t pmu_version, pmu_counters, pmu_fixed_counters; /* X86_NUMBER_UNSET: KVM's */
    uint64_t pmu_events; /* bits of architectural events; X86_NUMBER_UNSET: KVM's */
    uint32_t phys_bits;  /* 0: the model's or the host's */
    bool host_phys_bits;
    uint32_t host_phys_bits_limit;
    uint32_t guest_phys_bits; /* X86_GUEST_PHYS_BITS_UNSET: as KVM says */
    uint64_t tsc_frequency;   /* Hz, 0: the host's */
    bool l3_cache, host_cache_info, cpuid_0xb, x_l1_cache_per_thread;
    bool full_cpuid_auto_level, legacy_cache, lmce;
    bool x_force_cpuid_0x1f; /* leaf 0x1f whatever the topology */
    uint32_t avx10_version;  /* at most; 0: the host's */
    bool x_pdcm_on_even_without_pmu;
    bool x_arch_cap_always_on;
    bool x_debug_store_always_available; /* MISC_ENABLE[12:11] stay clear */
    bool x_ds_without_pmu;               /* keep DS with pmu=off */
    bool x_intel_pt_without_pmu;         /* keep intel-pt with pmu=off */
    bool x_auto_perf_capabilities; /* host and max take all named bits of the MSR over */
    bool legacy_multi_node;        /* AMD: leaf 0x8000001e counts dies as nodes */
    bool x_amd_topoext_features_only; /* leaf 0x8000001d without a complex index */
    bool x_consistent_cache;          /* leaf 2 points to leaf 4 */
    bool x_vendor_cpuid_only_v2;  /* AMD's cache and vendor leaves for AMD guests only */
    bool x_amd_perfmon_always_on; /* perfctr-core stays with pmu=off */
} X86Cpu;

/* x86_cpu_register_types - "x86_64-cpu" and every model. */
void x86_cpu_register_types(TypeRegistry *registry);

/* x86_cpu_type_alias_of - the versioned type that @type is another name of, or NULL. */
const char *x86_cpu_type_alias_of(const ObjectType *type);

/* x86_cpu_model - the row @cpu was made from. */
const X86CpuModel *x86_cpu_model(const X86Cpu *cpu);

/*
 * x86_cpu_model_words - the features @cpu has of its model.  What a model leaves to its
 * user whole (a leaf such as 0x8000000a, which is there with svm=on) only counts where
 * the user has asked for it.
 */
void x86_cpu_model_words(const X86Cpu *cpu, uint64_t ret[X86_WORD_COUNT]);

/*
 * x86_cpu_resolve - see cpu_resolve().  A list of small passes: model, what host and max
 * take over, user, PMU switch, dependencies, formats, host filter, finish.
 * Every bit that was asked for and is not given has one finding.
 */
CpuContract *x86_cpu_resolve(const X86Cpu *cpu, const CpuResolveInput *in,
                             Report *report);

/*
 * x86_cpu_finding_level - what check and enforce make of something that is not given.
 * False where neither is on and nothing is to be said.
 */
bool x86_cpu_finding_level(const X86Cpu *cpu, FindingLevel *ret);

/* x86_cpu_pmu_wanted - pmu=on|off as the model and the user have it. */
bool x86_cpu_pmu_wanted(const X86Cpu *cpu);

#endif
