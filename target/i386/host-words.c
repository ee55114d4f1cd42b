/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host-words.h"

#include <string.h>

#include "target/x86-kernel-rules.h"
#include "util/bits.h"
#include "vmx.h"

#define AMD_EVNTSEL0 0xc0010000

bool x86_vendor_is_amd(const char *vendor)
{
    return strcmp(vendor, "AuthenticAMD") == 0 || strcmp(vendor, "HygonGenuine") == 0;
}

#define SPLIT     (1u << KVM_IRQCHIP_SPLIT)
#define IN_KERNEL (1u << KVM_IRQCHIP_ON | SPLIT)

/*
 * KVM names fb-clear where VERW clears buffers.  A CPU with none to clear can do as if it
 * did, and then takes guests of those where it does.  Source: QEMU 10.0, on all machines;
 * KVM lets user space write what it likes to ARCH_CAPABILITIES.
 */
static const X86FeatureId no_buffer_leaks[] = {
    X86_MDS_NO, X86_TAA_NO, X86_SBDR_SSDP_NO, X86_FBSDP_NO, X86_PSDP_NO, X86_NO_FEATURE};

/*
 * Bits that KVM accepts in a guest although what it says it supports leaves them to user
 * space.  Source: Linux Documentation/virt/kvm/api.rst, KVM_GET_SUPPORTED_CPUID.
 */
static const struct {
    X86FeatureId feature;
    unsigned irqchip; /* mask of KvmIrqchip bits with which it works; 0: any */
    bool amd_only;
    bool from_host; /* only what the host CPU has: a hint about speed, nothing to run */
    const X86FeatureId *with; /* only beside these; ends with X86_NO_FEATURE; or NULL */
} unsaid_rows[] = {
    {X86_MTRR, 0, false, false},
    {X86_PAT, 0, false, false},
    {X86_MCE, 0, false, false},
    {X86_MCA, 0, false, false},
    {X86_HT, 0, false, false},
    {X86_HYPERVISOR, 0, false, false},
    {X86_TSC_DEADLINE, IN_KERNEL, false, false},
    {X86_ARAT, 0, false, false},
    {X86_TOPOEXT, 0, false, false},
    {X86_CMP_LEGACY, 0, true, false},
    {X86_OVERFLOW_RECOV, 0, true, false},
    {X86_SUCCOR, 0, true, false},
    {X86_KVM_HINT_DEDICATED, 0, false, false},
    {X86_KVM_MSI_EXT_DEST_ID, SPLIT, false, false},
    {X86_ERMS, 0, false, true},
    {X86_FSRM, 0, false, true},
    {X86_FZRM, 0, false, true},
    {X86_FSRS, 0, false, true},
    {X86_FSRC, 0, false, true},
    {X86_FB_CLEAR, 0, false, false, no_buffer_leaks},
};

/* Bits that KVM offers but that need the local APIC in the kernel. */
static const X86FeatureId irqchip_features[] = {X86_X2APIC, X86_TSC_DEADLINE,
                                                X86_KVM_PV_UNHALT};

static void set_feature(uint64_t *words, X86FeatureId feature, bool on)
{
    const X86FeatureRow *row = &x86_feature_rows[feature];

    words[row->word] = on ? words[row->word] | row->mask : words[row->word] & ~row->mask;
}

static bool host_cpu_has(const HostProfile *host, X86FeatureId feature)
{
    const X86FeatureRow *row = &x86_feature_rows[feature];
    const X86WordRow *word = &x86_word_rows[row->word];

    return x86_cpuid_reg(host->x86.cpuid, word->leaf, word->subleaf, word->reg) &
           row->mask;
}

static bool have_all(const uint64_t *words, const X86FeatureId *features)
{
    while (*features != X86_NO_FEATURE && x86_words_have(words, *features)) {
        features++;
    }
    return *features == X86_NO_FEATURE;
}

static void apply_unsaid(const CpuResolveInput *in, uint64_t *words, bool is_amd)
{
    int kind = in->accel ? in->accel->kernel_irqchip : KVM_IRQCHIP_ON;
    bool irqchip = kind != KVM_IRQCHIP_OFF;

    for (unsigned i = 0; i < ARRAY_LEN(unsaid_rows); i++) {
        if ((unsaid_rows[i].irqchip && !(unsaid_rows[i].irqchip & 1u << kind)) ||
            (unsaid_rows[i].amd_only && !is_amd) ||
            (unsaid_rows[i].from_host &&
             !host_cpu_has(in->host, unsaid_rows[i].feature)) ||
            (unsaid_rows[i].with && !have_all(words, unsaid_rows[i].with))) {
            continue;
        }
        set_feature(words, unsaid_rows[i].feature, true);
    }
    for (unsigned i = 0; !irqchip && i < ARRAY_LEN(irqchip_features); i++) {
        set_feature(words, irqchip_features[i], false);
    }
    /* Set by the guest's own kernel. */
    set_feature(words, X86_OSXSAVE, false);
    set_feature(words, X86_OSPKE, false);
    /* MWAIT exits to nowhere unless it is passed through, which nobody asks for yet. */
    set_feature(words, X86_MONITOR, false);
}

void x86_host_words(const CpuResolveInput *in, uint64_t ret[X86_WORD_COUNT])
{
    char vendor[13];
    bool is_amd;

    host_profile_vendor(in->host, vendor);
    is_amd = x86_vendor_is_amd(vendor);
    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        const X86WordRow *row = &x86_word_rows[word];

        ret[word] = 0;
        if ((row->flags & X86_WORD_OF_VMX)) {
            uint64_t value;

            ret[word] = host_profile_feature_msr(in->host, row->msr, &value)
                            ? x86_vmx_decode(word, value)
                            : 0;
        } else if (row->msr) {
            (void)host_profile_feature_msr(in->host, row->msr, &ret[word]);
        } else {
            ret[word] =
                x86_cpuid_reg(in->host->x86.supported, row->leaf, row->subleaf, row->reg);
        }
    }
    apply_unsaid(in, ret, is_amd);
    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        const X86WordRow *row = &x86_word_rows[word];

        /* A guest that was told of the register would find none. */
        if (row->msr && !(row->flags & X86_WORD_OF_VMX) &&
            host_profile_refuses_msr(in->host, row->msr)) {
            set_feature(ret, row->parent, false);
        }
    }
    if (is_amd) {
        ret[X86_WORD_80000001_EDX] |= ret[X86_WORD_1_EDX] & X86_AMD_ALIASES;
    }
}

unsigned x86_host_phys_bits(const HostProfile *host)
{
    unsigned bits = x86_cpuid_reg(host->x86.supported, 0x80000008, 0, X86_EAX) & 0xff;

    return bits ? bits : 36;
}

/* Decode leaf 0xA.  Source: SDM volume 2A, CPUID. */
static X86Pmu decode_intel(const X86CpuidEntry *leaf)
{
    X86Pmu pmu = {
        .version = (unsigned)bits_get(leaf->eax, 0, 8),
        .gp_counters = (unsigned)bits_get(leaf->eax, 8, 8),
        .gp_width = (unsigned)bits_get(leaf->eax, 16, 8),
        .events = (unsigned)bits_get(leaf->eax, 24, 8),
        .events_missing = leaf->ebx,
        .fixed_bitmap = leaf->ecx,
        .fixed_counters = (unsigned)bits_get(leaf->edx, 0, 5),
        .fixed_width = (unsigned)bits_get(leaf->edx, 5, 8),
        .anythread_deprecated = leaf->edx & BIT64(15),
    };

    return pmu;
}

/* AMD: the counters follow from feature bits.  Source: APM volume 2, 13.2. */
static X86Pmu decode_amd(const GArray *leaves)
{
    X86Pmu pmu = {.version = 1, .gp_counters = 4, .gp_width = 48};

    if (x86_cpuid_reg(leaves, 0x80000001, 0, X86_ECX) & BIT64(23)) {
        pmu.gp_counters = 6;
        if (x86_cpuid_reg(leaves, 0x80000022, 0, X86_EAX) & 1) {
            pmu.version = 2;
            pmu.gp_counters =
                (unsigned)bits_get(x86_cpuid_reg(leaves, 0x80000022, 0, X86_EBX), 0, 4);
        }
    }
    return pmu;
}

/*
 * AMD has no CPUID bit for its PMU.  Kernels from 5.18 on have a capability, older ones
 * list the MSRs wherever the host has them.
 */
static bool amd_has_pmu(const HostProfile *host)
{
    return host_profile_can_disable_pmu(host) || host_profile_has_msr(host, AMD_EVNTSEL0);
}

/* Its event sources are known, and no core PMU is among them: x86 calls that "cpu", and
 * "cpu_core" and "cpu_atom" where cores differ. */
static bool lacks_core_pmu(const HostProfile *host)
{
    for (unsigned i = 0; i < host->sources->len; i++) {
        const PmuSource *source = &g_array_index(host->sources, PmuSource, i);

        if (strcmp(source->name, "cpu") == 0 || g_str_has_prefix(source->name, "cpu_")) {
            return false;
        }
    }
    return host->sources->len > 0;
}

static bool host_has_pmu(const HostProfile *host, bool is_amd, X86HostPmu *ret)
{
    bool enabled = host_profile_module_flag(host, "enable_pmu", true);
    bool nested = x86_cpuid_reg(host->x86.cpuid, 1, 0, X86_ECX) & BIT64(31);

    if (is_amd ? enabled && amd_has_pmu(host) : ret->pmu.version != 0) {
        return true;
    }
    if (host_profile_is_hybrid(host)) {
        ret->missing_cause = "hybrid host CPU: KVM has no vPMU where core types differ";
        ret->missing_remedy = "switch the efficient cores off in the firmware, or use a "
                              "host with one kind of core";
    } else if (!enabled && lacks_core_pmu(host)) {
        /* KVM switched the parameter off itself, and would again. */
        ret->missing_cause = nested ? "the kernel of this host found no PMU: the "
                                      "hypervisor above it offers none"
                                    : "the kernel of this host found no core PMU";
        ret->missing_remedy = nested ? "give this host a PMU in the hypervisor above it"
                                     : "see what the kernel says of the PMU as it starts";
    } else if (!enabled) {
        ret->missing_cause = nested
                                 ? "module parameter enable_pmu is off; the hypervisor "
                                   "above this host may offer no PMU"
                                 : "module parameter enable_pmu is off";
        ret->missing_remedy = "load kvm with enable_pmu=1";
    } else if (nested) {
        ret->missing_cause = "the hypervisor above this host offers no PMU";
        ret->missing_remedy = "give this host a PMU in the hypervisor above it";
    } else {
        ret->missing_cause = "KVM offers no vPMU on this host";
        ret->missing_remedy = "use a host whose CPU has an architectural PMU";
    }
    return false;
}

X86HostPmu x86_host_pmu(const CpuResolveInput *in)
{
    const HostProfile *host = in->host;
    const X86CpuidEntry *leaf = x86_cpuid_find(host->x86.supported, 0xa, 0);
    X86HostPmu ret = {0};
    char vendor[13];

    host_profile_vendor(host, vendor);
    ret.is_amd = x86_vendor_is_amd(vendor);
    ret.is_mediated = host_profile_module_flag(host, "enable_mediated_pmu", false);
    if (ret.is_amd) {
        ret.pmu = decode_amd(host->x86.supported);
    } else if (leaf) {
        ret.pmu = decode_intel(leaf);
    }
    ret.is_there = host_has_pmu(host, ret.is_amd, &ret);
    if (ret.is_there && ret.is_mediated && in->accel &&
        in->accel->kernel_irqchip == KVM_IRQCHIP_OFF) {
        ret.is_there = false;
        ret.missing_cause =
            "the mediated vPMU needs the interrupt controller in the kernel";
        ret.missing_remedy = "drop kernel-irqchip=off";
    }
    if (!ret.is_there) {
        ret.pmu = (X86Pmu){0};
    }
    (void)host_profile_feature_msr(host, X86_MSR_PERF_CAPABILITIES,
                                   &ret.perf_capabilities);
    return ret;
}

static bool is_of_feature(X86FeatureId feature, X86Word word, unsigned bit)
{
    const X86FeatureRow *row = &x86_feature_rows[feature];

    return feature != X86_NO_FEATURE && row->word == word && row->mask & BIT64(bit);
}

/* The bit is one of a feature MSR that this KVM refuses, or announces one. */
static bool is_of_refused_msr(const HostProfile *host, X86Word word, unsigned bit)
{
    for (X86Word i = 0; i < X86_WORD_COUNT; i++) {
        const X86WordRow *row = &x86_word_rows[i];

        if (row->msr && host_profile_refuses_msr(host, row->msr) &&
            (i == word || (!(row->flags & X86_WORD_OF_VMX) &&
                           is_of_feature(row->parent, word, bit)))) {
            return true;
        }
    }
    return false;
}

/* What decides whether KVM offers a bit of PERF_CAPABILITIES. */
typedef struct PerfcapFacts {
    const HostProfile *host;
    X86HostPmu pmu;
} PerfcapFacts;

static bool always(const PerfcapFacts *facts)
{
    (void)facts;
    return true;
}

static bool is_amds(const PerfcapFacts *facts)
{
    return facts->pmu.is_amd;
}

static bool is_mediated(const PerfcapFacts *facts)
{
    return facts->pmu.is_mediated;
}

static bool has_arch_lbr(const PerfcapFacts *facts)
{
    return host_cpu_has(facts->host, X86_ARCH_LBR);
}

/* Topdown metrics come with fixed counter 3.  Source: SDM volume 3B. */
static bool lacks_slots(const PerfcapFacts *facts)
{
    return (x86_cpuid_reg(facts->host->x86.cpuid, 0xa, 0, X86_EDX) & 0x1f) < 4;
}

/* Before Ice Lake no PEBS works with nested paging.  Source: Linux, intel_pmu_init(). */
static bool is_before_ice_lake(const PerfcapFacts *facts)
{
    return (x86_cpuid_reg(facts->host->x86.cpuid, 0xa, 0, X86_EAX) & 0xff) < 5;
}

static bool lacks_timing_kernel(const PerfcapFacts *facts)
{
    return x86_host_kernel_lacks(facts->host, X86_KERNEL_PEBS_TIMING);
}

static bool lacks_pebs_kernel(const PerfcapFacts *facts)
{
    return x86_host_kernel_lacks(facts->host, X86_KERNEL_PEBS);
}

static bool has_pebs(const PerfcapFacts *facts)
{
    return facts->pmu.perf_capabilities & X86_PEBS_FMT_MASK;
}

#define LACKS     "the host CPU lacks it"
#define EPT_ONLY  "KVM rule: PEBS is offered only where it works with nested paging"
#define EPT_HOSTS "use Ice Lake-SP, or Sapphire Rapids or later"

/* The first that holds is the reason: what the CPU lacks no parameter can bring. */
/* clang-format off */
static const struct {
    uint64_t bits;        /* 0: those of … */
    X86FeatureId feature; /* … this one */
    bool (*holds)(const PerfcapFacts *facts);
    const char *cause, *remedy;
} perfcap_rows[] = {
    {~UINT64_C(0), X86_NO_FEATURE, is_amds,
     "KVM rule: IA32_PERF_CAPABILITIES is always 0 on AMD", NULL},
    {X86_LBR_FMT_MASK, X86_NO_FEATURE, has_arch_lbr,
     "the host CPU has architectural LBR instead, which KVM gives no guest",
     "use a host from before architectural LBR"},
    {0, X86_PERF_METRICS, lacks_slots,
     LACKS, "use a host with fixed counter 3: Ice Lake or later"},
    {0, X86_PEBS_BASELINE, always,
     "KVM rule: no kernel gives adaptive PEBS to a guest, as it could show the guest the "
     "host's branch records", NULL},
    {X86_PEBS_GROUP_MASK, X86_NO_FEATURE, is_before_ice_lake,
     EPT_ONLY, EPT_HOSTS},
    {X86_PEBS_GROUP_MASK | X86_LBR_FMT_MASK, X86_NO_FEATURE, is_mediated,
     "mediated mode: KVM gives neither PEBS nor LBR with enable_mediated_pmu=1",
     "load kvm_intel with enable_mediated_pmu=0"},
    {X86_PEBS_GROUP_MASK, X86_NO_FEATURE, lacks_pebs_kernel,
     "KVM rule: kernels before 6.0 give guests no PEBS", "use Linux 6.0 or later"},
    {0, X86_PEBS_TIMING_INFO, lacks_timing_kernel,
     "KVM rule: kernels before 6.18 give it to no guest", "use Linux 6.18 or later"},
    {X86_PEBS_GROUP_MASK, X86_NO_FEATURE, has_pebs,
     LACKS, NULL},
    {X86_PEBS_GROUP_MASK, X86_NO_FEATURE, always,
     EPT_ONLY, EPT_HOSTS},
    {0, X86_PERF_METRICS, is_mediated,
     "KVM rule: this kernel gives guests no topdown metrics, as none up to Linux 7.3 does",
     NULL},
    {0, X86_PERF_METRICS, always,
     "mediated mode: topdown metrics would need it, and no kernel up to Linux 7.3 gives "
     "them to guests", NULL},
    {~UINT64_C(0), X86_NO_FEATURE, always,
     "KVM rule: the kernel does not offer this bit", NULL},
};
/* clang-format on */

static const char *perfcap_missing(const HostProfile *host, unsigned bit,
                                   const char **ret_remedy)
{
    CpuResolveInput in = {.host = host};
    PerfcapFacts facts = {host, x86_host_pmu(&in)};
    unsigned i = 0;

    if (!facts.pmu.is_there) {
        *ret_remedy = facts.pmu.missing_remedy;
        return facts.pmu.missing_cause;
    }
    /* The last row holds for every bit. */
    while (!((perfcap_rows[i].bits & BIT64(bit) ||
              is_of_feature(perfcap_rows[i].feature, X86_WORD_PERF_CAPABILITIES, bit)) &&
             perfcap_rows[i].holds(&facts))) {
        i++;
    }
    *ret_remedy = perfcap_rows[i].remedy;
    return perfcap_rows[i].cause;
}

/* Features of the PMU go with it; where a hypervisor above hides it, these are hidden. */
static bool is_lost_with_pmu(const X86HostPmu *pmu, X86Word word, uint64_t bit,
                             bool is_cpus)
{
    bool is_intels = word == X86_WORD_1_ECX || word == X86_WORD_1_EDX;

    return !pmu->is_there && x86_word_flagged(word, X86_OF_PMU) & bit &&
           (is_cpus || (is_intels && !pmu->is_amd));
}

const char *x86_host_missing(const HostProfile *host, X86Word word, unsigned bit,
                             const char **ret_remedy)
{
    const X86WordRow *row = &x86_word_rows[word];
    CpuResolveInput in = {.host = host};
    X86HostPmu pmu = x86_host_pmu(&in);
    uint64_t value;
    bool is_cpus =
        x86_cpuid_reg(host->x86.cpuid, row->leaf, row->subleaf, row->reg) & BIT64(bit);

    *ret_remedy = NULL;
    if (is_of_refused_msr(host, word, bit)) {
        return "KVM rule: this KVM lists the register as a feature, but its vCPUs refuse "
               "the value";
    }
    if (word == X86_WORD_PERF_CAPABILITIES) {
        return perfcap_missing(host, bit, ret_remedy);
    }
    if ((row->flags & X86_WORD_OF_VMX) &&
        !host_profile_feature_msr(host, row->msr, &value)) {
        *ret_remedy = "leave it out: what KVM gives a guest with vmx is there";
        return "not known: nobody read the registers of nested VMX on this host";
    }
    if (row->msr && host->origin == HOST_DERIVED) {
        *ret_remedy = "record the host itself";
        return "not known: this host was derived, and nobody read the register";
    }
    if (row->msr) {
        return "neither the host CPU nor KVM offers it";
    }
    if (is_lost_with_pmu(&pmu, word, BIT64(bit), is_cpus)) {
        *ret_remedy = pmu.missing_remedy;
        return pmu.missing_cause;
    }
    if (!pmu.is_amd &&
        (is_of_feature(X86_DTES64, word, bit) || is_of_feature(X86_DS, word, bit))) {
        /* The debug store is for PEBS. */
        return perfcap_missing(host, (unsigned)__builtin_ctzll(X86_PEBS_GROUP_MASK),
                               ret_remedy);
    }
    if (is_cpus &&
        (is_of_feature(X86_VMX, word, bit) || is_of_feature(X86_SVM, word, bit)) &&
        !host_profile_module_flag(host, "nested", true)) {
        *ret_remedy =
            pmu.is_amd ? "load kvm_amd with nested=1" : "load kvm_intel with nested=1";
        return "module parameter nested is off";
    }
    /* KVM's own leaves are no CPU's. */
    return is_cpus || (row->leaf & 0xf0000000) == 0x40000000
               ? "KVM rule: the kernel does not offer it to guests"
               : "the host CPU lacks it";
}
