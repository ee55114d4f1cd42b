/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CpuContract: everything that is decided about a guest's CPU, as plain data.
 *
 * Made by x86_cpu_resolve() or arm_cpu_resolve(), then only read: it is printed,
 * compared, carried in the migration stream and encoded to what KVM takes.  No later
 * stage asks the host again.
 */
#ifndef TARGET_CPU_CONTRACT_H
#define TARGET_CPU_CONTRACT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "target/host-profile.h"
#include "target/x86-features.h"

typedef struct json_object json_object;

/* Who set a bit of a feature word. */
typedef enum BitOrigin {
    BIT_UNSET,
    BIT_MODEL,    /* the CPU model's own list */
    BIT_COMPAT,   /* machine version */
    BIT_HOST,     /* host or max took what KVM offers */
    BIT_USER_ON,  /* command line, on */
    BIT_USER_OFF, /* command line, off */
    BIT_IMPLIED,  /* another setting needs it */
    BIT_ORIGIN_COUNT,
} BitOrigin;

/* The x86 PMU a guest sees. */
typedef struct X86Pmu {
    unsigned version; /* of leaf 0xA; AMD: 1, 2 with PerfMonV2 */
    unsigned gp_counters, gp_width;
    unsigned events;         /* valid bits of events_missing */
    uint32_t events_missing; /* leaf 0xA EBX */
    uint32_t fixed_bitmap;   /* leaf 0xA ECX */
    unsigned fixed_counters, fixed_width;
    bool anythread_deprecated;
} X86Pmu;

/* x86_pmu_events - the architectural events it counts, bit by bit as in leaf 0xA EBX. */
static inline uint32_t x86_pmu_events(const X86Pmu *pmu)
{
    return ~pmu->events_missing &
           (pmu->events >= 32 ? UINT32_MAX : (UINT32_C(1) << pmu->events) - 1);
}

typedef struct X86Contract {
    char vendor[13];
    unsigned family, model, stepping;
    char *model_id; /* at most 48 bytes */
    uint32_t level, xlevel;
    unsigned phys_bits, linear_bits;
    uint64_t words[X86_WORD_COUNT];
    uint8_t origins[X86_WORD_COUNT][64]; /* BitOrigin */
    X86Pmu pmu;
    bool is_amd_pmu;
    bool l1_per_core;     /* threads of a core share L1 caches; else each has its own */
    bool dies_are_nodes;  /* leaf 0x8000001e counts them so */
    uint32_t tsc_khz;     /* 0: the host's */
    uint64_t misc_enable; /* IA32_MISC_ENABLE at reset */
    GArray *cpuid;        /* X86CpuidEntry; what does not depend on the vCPU's number */
    GArray *msrs;         /* X86Msr: feature MSRs and others to set once */
} X86Contract;

/* Which backend serves an arm guest's PMU. */
typedef enum ArmPmuKind {
    ARM_PMU_NONE,
    ARM_PMU_EVENT_SOURCE,
    ARM_PMU_FIXED_COUNTERS_ONLY,
    ARM_PMU_KVM_DEFAULT,
    ARM_PMU_KIND_COUNT,
} ArmPmuKind;

/* Bits of KVM_ARM_VCPU_INIT.  Source: Linux uapi, asm/kvm.h. */
typedef enum ArmVcpuFeature {
    ARM_VCPU_POWER_OFF,
    ARM_VCPU_EL1_32BIT,
    ARM_VCPU_PSCI_0_2,
    ARM_VCPU_PMU_V3,
    ARM_VCPU_SVE,
    ARM_VCPU_PTRAUTH_ADDRESS,
    ARM_VCPU_PTRAUTH_GENERIC,
    ARM_VCPU_HAS_EL2,
    ARM_VCPU_HAS_EL2_E2H0,
    ARM_VCPU_PMU_V3_STRICT,
} ArmVcpuFeature;

typedef struct ArmContract {
    uint32_t vcpu_features; /* bit per ArmVcpuFeature, without POWER_OFF */
    uint64_t midr;
    ArmPmuKind pmu_kind;
    char *pmu_source;     /* its name, or NULL */
    bool is_partial;      /* the source lacks some possible CPU of the host */
    unsigned pmu_version; /* ID_AA64DFR0_EL1.PMUVer */
    int pmu_counters;     /* PMCR_EL0.N, -1: what the kernel gives */
    bool set_nr_counters; /* the user asked for pmu_counters */
    /* uint64_t, ascending: those a saved vCPU has, as far as known.  Compared, but
     * nothing the guest sees, so not in the digest. */
    GArray *registers;
} ArmContract;

typedef struct CpuContract {
    TargetArch arch;
    char *machine;   /* versioned name: "pc-q35-11.1" */
    char *cpu_model; /* "host" */
    bool pmu_enabled;
    /* How the host it was made on serves the PMU: compared, but nothing the guest sees,
     * so not in the digest. */
    HostMode pmu_mode;
    X86Contract x86;
    ArmContract arm;
} CpuContract;

/* cpu_contract_new - empty. */
CpuContract *cpu_contract_new(TargetArch arch);

/* cpu_contract_free - NULL is nothing. */
void cpu_contract_free(CpuContract *contract);

/*
 * cpu_contract_format - canonical JSON: sorted keys, the same bytes for the same
 * contract, with its digest and who set each bit; a new reference.
 */
json_object *cpu_contract_format(const CpuContract *contract);

/*
 * cpu_contract_parse - the inverse of cpu_contract_format().
 * Errors name the member; a digest that does not match the content is one.  What an
 * earlier build wrote into a contract and its guest never saw is left out, and the digest
 * is another then.
 */
CpuContract *cpu_contract_parse(json_object *json, GError **errp);

/* cpu_contract_digest - SHA-256, in hex, over what the guest sees; the caller frees it.
 */
char *cpu_contract_digest(const CpuContract *contract);

/* cpu_contract_dup - a deep copy. */
CpuContract *cpu_contract_dup(const CpuContract *contract);

/* x86_contract_has - the guest has @feature. */
bool x86_contract_has(const CpuContract *contract, X86FeatureId feature);

/*
 * x86_contract_is_held_by - @feature holds the guest on its host: what it promises is a
 * matter of the machine, or it has registers that are not saved.  Of invtsc that is the
 * TSC's frequency, unless the contract says which it is (tsc-frequency); then it is a
 * matter of whether another host can scale.
 */
bool x86_contract_is_held_by(const CpuContract *contract, X86FeatureId feature);

/* x86_contract_why_held - the same as a sentence with what to do; NULL where it does not.
 * The caller frees it. */
char *x86_contract_why_held(const CpuContract *contract, X86FeatureId feature);

extern const char *const arm_pmu_kind_names[ARM_PMU_KIND_COUNT];

/* arm_pmu_kind_name - "event-source", "fixed-counters-only", "kvm-default" or "none". */
const char *arm_pmu_kind_name(ArmPmuKind kind);

/* bit_origin_name - "model", "compat", "host", "user-on", … */
const char *bit_origin_name(BitOrigin origin);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CpuContract, cpu_contract_free)

#endif
