/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HostProfile: what a host and its KVM offer, as frozen facts.
 *
 * One type, whether probed from the running kernel, read from a recorded JSON file, or
 * derived by KVM's documented rules from raw CPUID facts.  It holds facts only; what they
 * mean for a guest is decided by the resolvers.
 */
#ifndef TARGET_HOST_PROFILE_H
#define TARGET_HOST_PROFILE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "target/x86-cpuid.h"
#include "util/cpu-set.h"

typedef struct json_object json_object;

typedef enum TargetArch {
    TARGET_ARCH_X86_64,
    TARGET_ARCH_AARCH64,
    TARGET_ARCH_COUNT,
} TargetArch;

/* In masks of architectures. */
#define TARGET_ARCH_BIT(arch) (1u << (arch))

typedef enum HostOrigin {
    HOST_LIVE,     /* probed from the running kernel by this process */
    HOST_RECORDED, /* was live when the file was written */
    HOST_DERIVED,  /* computed by rule from other facts, never measured */
} HostOrigin;

/* How the host's kernel serves guests and their PMU. */
typedef enum HostMode {
    HOST_MODE_UNKNOWN,
    HOST_MODE_HOST_PERF, /* x86: counters are perf events of the host */
    HOST_MODE_MEDIATED,  /* x86: the guest owns the counters while it runs */
    HOST_MODE_VHE,       /* arm64: the kernel runs at EL2 */
    HOST_MODE_NVHE,      /* arm64: a part of KVM runs at EL2 */
    HOST_MODE_PROTECTED, /* arm64: that part does not trust the kernel */
    HOST_MODE_COUNT,
} HostMode;

/* KVM capabilities that some decision depends on.  Numbers: Linux uapi, kvm.h. */
typedef enum KvmCapId {
    KVM_CAPID_SPLIT_IRQCHIP,
    KVM_CAPID_GET_MSR_FEATURES,
    KVM_CAPID_PMU_EVENT_FILTER,
    KVM_CAPID_PMU_EVENT_MASKED_EVENTS,
    KVM_CAPID_PMU_CAPABILITY,
    KVM_CAPID_DISABLE_QUIRKS2,
    KVM_CAPID_TSC_CONTROL,
    KVM_CAPID_X2APIC_API,
    KVM_CAPID_XSAVE2,
    KVM_CAPID_NR_VCPUS,
    KVM_CAPID_MAX_VCPUS,
    KVM_CAPID_DIRTY_RING, /* bytes the ring of a vCPU may have */
    KVM_CAPID_ARM_PMU_V3,
    KVM_CAPID_ARM_PMU_V3_STRICT,
    KVM_CAPID_ARM_EL1_32BIT,
    KVM_CAPID_ARM_VM_IPA_SIZE,
    KVM_CAPID_ARM_SVE,
    KVM_CAPID_ARM_PTRAUTH_ADDRESS,
    KVM_CAPID_ARM_PTRAUTH_GENERIC,
    KVM_CAPID_COUNT,
} KvmCapId;

typedef struct KvmCapRow {
    const char *name;    /* in profiles: "pmu-capability" */
    unsigned number;     /* KVM_CAP_… */
    bool is_x86, is_arm; /* where it is probed and recorded */
} KvmCapRow;

/* One row per KvmCapId. */
extern const KvmCapRow kvm_cap_rows[KVM_CAPID_COUNT];

/* "kvm", "enable_pmu", "Y" */
typedef struct ModuleParameter {
    char *module, *name, *value;
} ModuleParameter;

/* What KVM answered when a source was tried once on a scratch vCPU. */
#define PMU_TRIAL_NONE (-1)

/* An entry of /sys/bus/event_source/devices. */
typedef struct PmuSource {
    char *name;
    uint32_t type;     /* perf type; means nothing on another host or boot */
    char *location;    /* target of the symbolic link */
    CpuSet *cpus;      /* "cpus": only a core PMU has it; NULL otherwise */
    CpuSet *cpumask;   /* "cpumask": uncore and others; NULL otherwise */
    int trial;         /* PMU_TRIAL_NONE, 0 accepted by SET_PMU, or the errno */
    uint32_t counters; /* PMCR_EL0.N of a guest with it; 0 unknown */
    uint64_t midr;     /* MIDR_EL1 of its CPUs; 0 unknown */
    uint32_t capacity; /* of each of its CPUs, 1024 for the fastest; 0 unknown */
} PmuSource;

/* An ID register, by its manual name and KVM_{GET,SET}_ONE_REG sysreg encoding. */
typedef struct ArmIdReg {
    char *name;
    uint64_t value;
} ArmIdReg;

typedef struct X86Host {
    GArray *supported;    /* X86CpuidEntry: KVM_GET_SUPPORTED_CPUID */
    GArray *cpuid;        /* X86CpuidEntry: the host's own CPUID, as far as known */
    GArray *feature_msrs; /* X86Msr: the feature list with its values */
    GArray *msr_indices;  /* uint32_t: KVM_GET_MSR_INDEX_LIST */
    GArray *msrs_refused; /* uint32_t: of the feature list, but no vCPU takes the value */
} X86Host;

/* Attributes of a vCPU's PMU that some kernels lack. */
typedef enum ArmPmuAttr {
    ARM_ATTR_SET_PMU,             /* Linux 5.18 */
    ARM_ATTR_NR_COUNTERS,         /* Linux 6.16 */
    ARM_ATTR_FIXED_COUNTERS_ONLY, /* contested, experimental */
    ARM_ATTR_COUNT,
} ArmPmuAttr;

typedef struct ArmPmuAttrRow {
    const char *name; /* in profiles: "set-pmu" */
    unsigned number;  /* of the attribute in KVM_ARM_VCPU_PMU_V3_CTRL */
    bool is_later;    /* profiles from before it lack it */
} ArmPmuAttrRow;

/* One row per ArmPmuAttr. */
extern const ArmPmuAttrRow arm_pmu_attr_rows[ARM_ATTR_COUNT];

typedef struct ArmHost {
    uint64_t midr;
    GArray *id_regs; /* ArmIdReg */
    bool has_pmu_attr[ARM_ATTR_COUNT];
    uint32_t pmu_counters; /* PMCR_EL0.N with KVM's own choice, 0 unknown */
    uint32_t gic_version;  /* newest one KVM has in the kernel: 2 or 3; 0 unknown */
    HostMode mode;         /* as far as the kernel tells */
    GArray *registers; /* uint64_t, ascending: those KVM lists for a vCPU with all that
                          was    probed; empty: unknown */
} ArmHost;

typedef struct HostProfile {
    TargetArch arch;
    HostOrigin origin;
    char *origin_detail; /* what it was derived from, or NULL */
    char *kernel;        /* release, or NULL */
    char *model_name;    /* for people, or NULL */
    int caps[KVM_CAPID_COUNT];
    GArray *module_parameters;           /* ModuleParameter */
    CpuSet *possible, *present, *online; /* NULL: unreadable or unknown */
    /* Where this process may run; NULL: unknown.  Of a live host only, never recorded. */
    CpuSet *allowed;
    char *cpus_problem; /* why a CPU set or source is missing, or NULL */
    GArray *sources;    /* PmuSource, in byte order of their names */
    int nmi_watchdog;   /* 0, 1, or -1 unknown */
    X86Host x86;
    ArmHost arm;
} HostProfile;

/* host_profile_new - an empty profile of @arch; who fills it freezes it by sharing it. */
HostProfile *host_profile_new(TargetArch arch);

/* host_profile_free - NULL is nothing. */
void host_profile_free(HostProfile *host);

/*
 * host_profile_parse - from the JSON form.
 * Errors name the member.  A profile that says "live" was written by another tool and is
 * taken as recorded.
 */
HostProfile *host_profile_parse(json_object *json, GError **errp);

/* host_profile_parse_text - as host_profile_parse(), from @len bytes of text. */
HostProfile *host_profile_parse_text(const char *text, gssize len, GError **errp);

/*
 * host_profile_format - the JSON form; a new reference.  host_profile_parse() of it gives
 * an equal profile; a live one is written as recorded.
 */
json_object *host_profile_format(const HostProfile *host);

/* host_profile_equal - same facts (the origin's kind does not count). */
bool host_profile_equal(const HostProfile *a, const HostProfile *b);

/* host_profile_add_module_parameter - all strings are copied. */
void host_profile_add_module_parameter(HostProfile *host, const char *module,
                                       const char *name, const char *value);

/* host_profile_module_parameter - its value, or NULL; @module NULL searches all. */
const char *host_profile_module_parameter(const HostProfile *host, const char *module,
                                          const char *name);

/* host_profile_module_flag - the parameter as a switch; @missing where it is not there.
 */
bool host_profile_module_flag(const HostProfile *host, const char *name, bool missing);

/* host_profile_add_source - copies @source with all it points to. */
void host_profile_add_source(HostProfile *host, const PmuSource *source);

/*
 * host_profile_feature_msr - the value KVM offers of a feature MSR.
 * False, with @ret untouched, where KVM does not list it or its vCPUs refuse it.
 */
bool host_profile_feature_msr(const HostProfile *host, uint32_t index, uint64_t *ret);

/* host_profile_refuses_msr - KVM lists feature MSR @index, but no vCPU takes its value.
 */
bool host_profile_refuses_msr(const HostProfile *host, uint32_t index);

/* host_profile_has_msr - @index is in KVM_GET_MSR_INDEX_LIST. */
bool host_profile_has_msr(const HostProfile *host, uint32_t index);

/* host_profile_vendor - the host CPU's vendor text into @ret (13 bytes); "" unknown. */
void host_profile_vendor(const HostProfile *host, char ret[13]);

/*
 * x86_vendor_is_amd - @vendor makes processors in AMD's way: AMD or Hygon.  All others
 * have Intel's PMU.
 */
bool x86_vendor_is_amd(const char *vendor);

/* host_profile_signature - the host's CPUID.1:EAX, 0 unknown. */
uint32_t host_profile_signature(const HostProfile *host);

/* host_profile_is_hybrid - the host CPU mixes core types (CPUID.7:EDX[15]). */
bool host_profile_is_hybrid(const HostProfile *host);

/* host_profile_can_disable_pmu - x86: KVM can take its PMU away from a VM, so it has one
 * (KVM_CAP_PMU_CAPABILITY, KVM_PMU_CAP_DISABLE; from Linux 5.18 on). */
bool host_profile_can_disable_pmu(const HostProfile *host);

/* host_profile_mode - x86: by the module's parameters; arm64: as recorded. */
HostMode host_profile_mode(const HostProfile *host);

extern const char *const host_mode_names[HOST_MODE_COUNT];

/* host_mode_name - "host-perf", "mediated", "vhe", "nvhe", "protected"; "unknown". */
const char *host_mode_name(HostMode mode);

/* host_mode_parse - the inverse, a known one only; false where @name is no such. */
bool host_mode_parse(const char *name, HostMode *ret);

/* host_origin_name - "live", "recorded" or "derived". */
const char *host_origin_name(HostOrigin origin);

extern const char *const target_arch_names[TARGET_ARCH_COUNT];

/* target_arch_name - "x86_64" or "aarch64". */
const char *target_arch_name(TargetArch arch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HostProfile, host_profile_free)

#endif
