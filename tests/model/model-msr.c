/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The MSR rules of x86 KVM, PMU part.
 *
 * Sources: LV arch/x86/kvm/vmx/vmx.c, LP arch/x86/kvm/pmu.c, vmx/pmu_intel.c, svm/pmu.c,
 * LX arch/x86/kvm/x86.c, LS tools/testing/selftests/kvm (vmx_pmu_caps_test,
 * pmu_counters_test, feature_msrs_test), KM6 the mediated vPMU, version 6.
 */
#include <string.h>

#include "model-internal.h"
#include "target/x86-features.h"
#include "util/bits.h"

#define CPUID_1_ECX_DTES64       BIT64(2)
#define CPUID_1_ECX_PDCM         BIT64(15)
#define CPUID_1_EDX_DS           BIT64(21)
#define CPUID_81_ECX_PERFCTR     BIT64(23)
#define CPUID_822_EAX_PERFMON_V2 BIT64(0)

#define CAP_FULL_WIDTH BIT64(13)
#define CAP_BASELINE   BIT64(14)
#define CAP_METRICS    BIT64(15)
#define CAP_LBR_FMT    UINT64_C(0x3f)
#define CAP_PEBS_FMT   UINT64_C(0xf00)
/* LV vmx_set_msr: the bits that stand or fall together once PEBS_FMT is not zero. */
#define CAP_PEBS_GROUP (BIT64(6) | BIT64(7) | CAP_PEBS_FMT | BIT64(14) | BIT64(17))

#define QUIRK_STUFF_FEATURE_MSRS BIT64(8)
#define STATUS_DS_OVERFLOW       BIT64(62)
#define STATUS_CONDITION_CHANGED BIT64(63)
#define GLOBAL_METRICS           BIT64(48)
#define SELECT_RESERVED          UINT64_C(0xffffffff00200000)
/* LP amd_pmu_refresh. */
#define AMD_SELECT_RESERVED UINT64_C(0xfffffff000280000)
#define AMD_GUEST_HOST_ONLY (BIT64(40) | BIT64(41))
#define CPUID_81_ECX_SVM    BIT64(2)
#define PEBS_DATA_CFG_VALID UINT64_C(0xff00000f)
#define LBR_ENTRIES         32
#define FIXED_MAX           16
#define AMD_K7_COUNTERS     4
#define AMD_CORE_COUNTERS   6

#define MSR_MISC_ENABLE       0x1a0
#define MSR_GLOBAL_STATUS     0x38e
#define MSR_GLOBAL_CTRL       0x38f
#define MSR_GLOBAL_OVF_CTRL   0x390
#define MSR_AMD_GLOBAL_STATUS 0xc0000300
#define MSR_AMD_GLOBAL_CTL    0xc0000301
#define MSR_AMD_STATUS_CLEAR  0xc0000302
#define MSR_AMD_STATUS_SET    0xc0000303

#define MISC_ENABLE_EMON BIT64(7)
#define MISC_ENABLE_BTS  BIT64(11) /* unavailable */
#define MISC_ENABLE_PEBS BIT64(12) /* unavailable */

/* The vPMU KVM makes of a guest's CPUID.  LP: intel_pmu_refresh, amd_pmu_refresh. */
typedef struct ModelPmu {
    bool is_intel, is_amd;
    unsigned version, gp, gp_width, fixed_width;
    uint64_t fixed; /* a bit for each fixed counter there is */
    bool has_core, has_v2;
    uint64_t select_reserved; /* AMD: dropped, not refused */
    uint64_t caps;            /* PERF_CAPABILITIES of the vCPU */
} ModelPmu;

static bool within(uint32_t index, uint32_t first, unsigned count)
{
    return index >= first && index - first < count;
}

static uint32_t guest_cpuid(const ModelVcpu *vcpu, uint32_t leaf, X86Reg reg)
{
    return x86_cpuid_reg(vcpu->cpuid, leaf, 0, reg);
}

static uint32_t offered_cpuid(const ModelVcpu *vcpu, uint32_t leaf, X86Reg reg)
{
    return x86_cpuid_reg(vcpu->host->x86.supported, leaf, 0, reg);
}

static uint64_t stored(const ModelVcpu *vcpu, uint32_t index)
{
    const uint64_t *value = g_hash_table_lookup(vcpu->msrs, GUINT_TO_POINTER(index));

    return value ? *value : 0;
}

static void store(ModelVcpu *vcpu, uint32_t index, uint64_t value)
{
    g_hash_table_replace(vcpu->msrs, GUINT_TO_POINTER(index),
                         g_memdup2(&value, sizeof(value)));
}

static bool is_amd_host(const ModelVcpu *vcpu)
{
    return offered_cpuid(vcpu, 0, X86_EBX) == 0x68747541; /* "Auth" */
}

/*
 * LX: KVM_CAP_PMU_CAPABILITY reads 0 where enable_pmu is off.  KM6: without the kernel's
 * interrupt chip a mediated PMU is gone, and nothing says so.
 */
bool model_vm_has_vpmu(const HostProfile *host, const ModelVm *vm)
{
    return host->caps[KVM_CAPID_PMU_CAPABILITY] > 0 && !vm->pmu_disabled &&
           (vm->has_irqchip ||
            !host_profile_module_flag(host, "enable_mediated_pmu", false));
}

/* LP amd_pmu_refresh. */
static void refresh_amd(const ModelVcpu *vcpu, ModelPmu *pmu)
{
    unsigned told = guest_cpuid(vcpu, 0x80000022, X86_EBX) & 0xf;

    pmu->is_amd = true;
    pmu->has_core = guest_cpuid(vcpu, 0x80000001, X86_ECX) & CPUID_81_ECX_PERFCTR;
    pmu->has_v2 = guest_cpuid(vcpu, 0x80000022, X86_EAX) & CPUID_822_EAX_PERFMON_V2;
    pmu->gp = pmu->has_core ? AMD_CORE_COUNTERS : AMD_K7_COUNTERS;
    if (pmu->has_v2) {
        pmu->gp = MIN(told, AMD_CORE_COUNTERS);
    }
    /* KM6: where the guest has SVM, it says of which of its worlds an event is. */
    pmu->select_reserved =
        AMD_SELECT_RESERVED &
        ~(host_profile_module_flag(vcpu->host, "enable_mediated_pmu", false) &&
                  guest_cpuid(vcpu, 0x80000001, X86_ECX) & CPUID_81_ECX_SVM
              ? AMD_GUEST_HOST_ONLY
              : 0);
    pmu->version = pmu->has_v2 ? 2 : 1;
    pmu->gp_width = 48;
}

/* The lesser of what the guest was told and what KVM offers, in a field of leaf 0xA. */
static unsigned leaf_a_field(const ModelVcpu *vcpu, X86Reg reg, unsigned shift,
                             unsigned width)
{
    return (unsigned)MIN(bits_get(guest_cpuid(vcpu, 0xa, reg), shift, width),
                         bits_get(offered_cpuid(vcpu, 0xa, reg), shift, width));
}

/* All below the count and, from version 5 on, those in the bitmap. */
static uint64_t fixed_counters(uint32_t ecx, uint32_t edx, bool has_bitmap)
{
    return (BIT64(edx & 0x1f) - 1) | (has_bitmap ? ecx : 0);
}

/*
 * LP intel_pmu_refresh.  The bitmap of fixed counters is LS pmu_counters_test: it means
 * something where guest and KVM both have version 5, and no KVM does yet (2 is its most).
 */
static void refresh_intel(const ModelVcpu *vcpu, ModelPmu *pmu)
{
    bool has_bitmap = leaf_a_field(vcpu, X86_EAX, 0, 8) >= 5;

    pmu->version = guest_cpuid(vcpu, 0xa, X86_EAX) & 0xff;
    pmu->is_intel = pmu->version > 0;
    if (!pmu->is_intel) {
        return;
    }
    pmu->gp = leaf_a_field(vcpu, X86_EAX, 8, 8);
    pmu->gp_width = leaf_a_field(vcpu, X86_EAX, 16, 8);
    if (pmu->version > 1) {
        pmu->fixed = fixed_counters(guest_cpuid(vcpu, 0xa, X86_ECX),
                                    guest_cpuid(vcpu, 0xa, X86_EDX), has_bitmap) &
                     fixed_counters(offered_cpuid(vcpu, 0xa, X86_ECX),
                                    offered_cpuid(vcpu, 0xa, X86_EDX), has_bitmap);
        pmu->fixed_width = leaf_a_field(vcpu, X86_EDX, 5, 8);
    }
}

static ModelPmu model_pmu(const ModelVcpu *vcpu)
{
    ModelPmu pmu = {.caps = stored(vcpu, MSR_PERF_CAPABILITIES)};

    if (model_vm_has_vpmu(vcpu->host, vcpu->vm)) {
        (is_amd_host(vcpu) ? refresh_amd : refresh_intel)(vcpu, &pmu);
    }
    return pmu;
}

static uint64_t gp_bits(const ModelPmu *pmu)
{
    return BIT64(pmu->gp) - 1;
}

/*
 * LP kvm_pmu_refresh: the general counters' bits of the global control are set, as after
 * a processor's reset.  Seen on Linux 6.12; 6.1 leaves it 0 (docs/rigs.md).
 */
void model_vcpu_refresh_pmu(ModelVcpu *vcpu)
{
    ModelPmu pmu = model_pmu(vcpu);
    bool has_global = pmu.version > 1;

    store(vcpu, MSR_GLOBAL_CTRL, pmu.is_intel && has_global ? gp_bits(&pmu) : 0);
    store(vcpu, MSR_AMD_GLOBAL_CTL, pmu.is_amd && has_global ? gp_bits(&pmu) : 0);
}

/* LP: intel_is_valid_msr and the per-counter look-ups. */
static bool intel_has(const ModelVcpu *vcpu, const ModelPmu *pmu, uint32_t index)
{
    bool has_pebs = pmu->caps & CAP_PEBS_FMT, has_lbr = pmu->caps & CAP_LBR_FMT;

    switch (index) {
    case 0x38d:
    case MSR_GLOBAL_STATUS:
    case MSR_GLOBAL_CTRL:
    case MSR_GLOBAL_OVF_CTRL:
        return pmu->version > 1;
    case 0x3f1:
        return has_pebs;
    case 0x3f2:
        return has_pebs && (pmu->caps & CAP_BASELINE);
    case 0x600:
        return guest_cpuid(vcpu, 1, X86_EDX) & CPUID_1_EDX_DS;
    case 0x329:
        return pmu->caps & CAP_METRICS;
    case 0x1c8:
    case 0x1c9:
        return has_lbr;
    default:
        return within(index, 0xc1, pmu->gp) || within(index, 0x186, pmu->gp) ||
               (within(index, 0x309, FIXED_MAX) && pmu->fixed >> (index - 0x309) & 1) ||
               ((pmu->caps & CAP_FULL_WIDTH) && within(index, 0x4c1, pmu->gp)) ||
               (has_lbr &&
                (within(index, 0x680, LBR_ENTRIES) || within(index, 0x6c0, LBR_ENTRIES) ||
                 within(index, 0xdc0, LBR_ENTRIES)));
    }
}

/* LP: amd_is_valid_msr.  STATUS_SET, the fourth, is younger than PerfMonV2 in KVM. */
static bool amd_has(const ModelPmu *pmu, uint32_t index)
{
    return within(index, 0xc0010000, 8) ||
           (pmu->has_core && within(index, 0xc0010200, 12)) ||
           (pmu->has_v2 && within(index, MSR_AMD_GLOBAL_STATUS, 4));
}

static bool is_pmu_msr(uint32_t index)
{
    static const struct {
        uint32_t first, count;
    } ranges[] = {
        {0xc1, 13}, /* then PLATFORM_INFO */
        {0x186, 18}, {0x309, FIXED_MAX}, {0x329, 1},       {0x38d, 4},      {0x3f1, 2},
        {0x4c1, 15}, {0x600, 1},         {0x1c8, 2},       {0x680, 32},     {0x6c0, 32},
        {0xdc0, 32}, {0xc0010000, 8},    {0xc0010200, 12}, {0xc0000300, 4},
    };

    for (unsigned i = 0; i < ARRAY_LEN(ranges); i++) {
        if (within(index, ranges[i].first, ranges[i].count)) {
            return true;
        }
    }
    return false;
}

/*
 * LX kvm_set_msr_common: P6 and K7 registers a guest does not have read 0 and take any
 * value, which is dropped.  Seen on real kvm_amd 6.1 and 6.12 (tests/rig/nested_suite).
 */
static bool is_legacy_msr(uint32_t index)
{
    return within(index, 0xc1, 2) || within(index, 0x186, 2) ||
           within(index, 0xc0010000, 8);
}

static bool has_pmu_msr(const ModelVcpu *vcpu, uint32_t index)
{
    ModelPmu pmu = model_pmu(vcpu);

    return (pmu.is_intel && intel_has(vcpu, &pmu, index)) ||
           (pmu.is_amd && amd_has(&pmu, index));
}

/*
 * LP: the reserved masks intel_pmu_refresh computes.  Linux 6.1 lets user space write
 * every bit of the status, 6.12 does not (docs/rigs.md).
 */
static bool intel_value_ok(const ModelPmu *pmu, uint32_t index, uint64_t value)
{
    uint64_t counters = gp_bits(pmu) | pmu->fixed << 32;
    uint64_t metrics = pmu->caps & CAP_METRICS ? GLOBAL_METRICS : 0;
    bool has_baseline = pmu->caps & CAP_BASELINE;
    uint64_t fixed_ctrl = 0;

    for (unsigned i = 0; i < FIXED_MAX; i++) {
        if (pmu->fixed >> i & 1) {
            fixed_ctrl |= UINT64_C(0xb) << (4 * i);
            fixed_ctrl |=
                has_baseline && pmu->caps & CAP_PEBS_FMT ? BIT64(32 + 4 * i) : 0;
        }
    }
    switch (index) {
    case MSR_GLOBAL_CTRL:
        return !(value & ~(counters | metrics));
    case MSR_GLOBAL_STATUS:
    case MSR_GLOBAL_OVF_CTRL:
        return !(value &
                 ~(counters | metrics | STATUS_DS_OVERFLOW | STATUS_CONDITION_CHANGED));
    case 0x38d:
        return !(value & ~fixed_ctrl);
    case 0x3f1:
        return !(value & ~(has_baseline ? counters : gp_bits(pmu)));
    case 0x3f2:
        return !(value & ~PEBS_DATA_CFG_VALID);
    case 0x600:
        return (int64_t)(value << 16) >> 16 == (int64_t)value; /* canonical */
    default:
        if (within(index, 0x186, pmu->gp)) {
            return !(value & SELECT_RESERVED);
        }
        if (within(index, 0x4c1, pmu->gp)) {
            return value <= bits_mask(0, pmu->gp_width);
        }
        return true;
    }
}

/* LP kvm_pmu_set_msr: of AMD's registers only the status is looked at. */
static bool value_ok(const ModelPmu *pmu, uint32_t index, uint64_t value)
{
    if (pmu->is_amd) {
        return index != MSR_AMD_GLOBAL_STATUS || !(value & ~gp_bits(pmu));
    }
    return intel_value_ok(pmu, index, value);
}

/* LP pmc_read_counter: a counter has no more bits than its width; else all. */
static uint64_t width_mask(const ModelPmu *pmu, uint32_t index)
{
    bool is_amd_counter =
        within(index, 0xc0010004, 4) || (within(index, 0xc0010200, 12) && (index & 1));

    if (pmu->is_amd ? is_amd_counter : within(index, 0xc1, pmu->gp)) {
        return bits_mask(0, pmu->gp_width);
    }
    if (pmu->is_intel && within(index, 0x309, FIXED_MAX)) {
        return bits_mask(0, pmu->fixed_width);
    }
    return UINT64_MAX;
}

static bool is_amd_select(uint32_t index)
{
    return within(index, 0xc0010000, 4) ||
           (within(index, 0xc0010200, 12) && !(index & 1));
}

/* What becomes of a value.  LP intel_pmu_set_msr, kvm_pmu_set_msr. */
static uint64_t kept_value(const ModelPmu *pmu, uint32_t index, uint64_t value,
                           bool is_host)
{
    if (pmu->is_intel && within(index, 0xc1, pmu->gp) && !is_host) {
        value = (uint64_t)(int64_t)(int32_t)value; /* SDM: 32 bits, sign-extended */
    }
    if (index == MSR_AMD_GLOBAL_CTL) {
        value &= gp_bits(pmu); /* masked where Intel's is refused */
    }
    if (pmu->is_amd && is_amd_select(index)) {
        value &= ~pmu->select_reserved;
    }
    return value & width_mask(pmu, index);
}

/* LV vmx_set_msr, case MSR_IA32_PERF_CAPABILITIES; LX for PDCM and the first run. */
static bool perf_capabilities_ok(const ModelVcpu *vcpu, uint64_t value)
{
    uint64_t offered = 0, changed;
    bool has_ds = guest_cpuid(vcpu, 1, X86_EDX) & CPUID_1_EDX_DS;
    bool has_dtes64 = guest_cpuid(vcpu, 1, X86_ECX) & CPUID_1_ECX_DTES64;
    /* Families and models are compared, steppings are not. */
    uint32_t guest = guest_cpuid(vcpu, 1, X86_EAX) & ~0xfu;
    uint32_t host = offered_cpuid(vcpu, 1, X86_EAX) & ~0xfu;

    host_profile_feature_msr(vcpu->host, MSR_PERF_CAPABILITIES, &offered);
    changed = value ^ offered;
    if (value & ~offered) {
        return false;
    }
    if ((value & CAP_LBR_FMT) && ((changed & CAP_LBR_FMT) || guest != host)) {
        return false;
    }
    if ((value & CAP_PEBS_FMT) &&
        ((changed & CAP_PEBS_GROUP) || !has_ds || !has_dtes64 || guest != host)) {
        return false;
    }
    return true;
}

static bool set_perf_capabilities(ModelVcpu *vcpu, uint64_t value, bool is_host)
{
    if (!is_host) {
        return false; /* LS: a guest's write faults, whatever the value */
    }
    if (!(guest_cpuid(vcpu, 1, X86_ECX) & CPUID_1_ECX_PDCM)) {
        return value == 0; /* LX: advertised, not supported for this guest */
    }
    if (vcpu->has_run) {
        return value == stored(vcpu, MSR_PERF_CAPABILITIES);
    }
    if (!perf_capabilities_ok(vcpu, value)) {
        return false;
    }
    if (value != stored(vcpu, MSR_PERF_CAPABILITIES)) {
        store(vcpu, MSR_PERF_CAPABILITIES, value);
        model_vcpu_refresh_pmu(vcpu);
    }
    return true;
}

/* LX kvm_set_msr_common, case MSR_IA32_MISC_ENABLE. */
static bool set_misc_enable(ModelVcpu *vcpu, uint64_t value, bool is_host)
{
    uint64_t old = stored(vcpu, MSR_MISC_ENABLE);

    if (!is_host) {
        if ((value ^ old) & (MISC_ENABLE_BTS | MISC_ENABLE_PEBS)) {
            return false;
        }
        value = (value & ~MISC_ENABLE_EMON) | (old & MISC_ENABLE_EMON);
    }
    store(vcpu, MSR_MISC_ENABLE, value);
    return true;
}

static bool set_feature_msr(ModelVcpu *vcpu, uint32_t index, uint64_t value, bool is_host)
{
    uint64_t offered = 0;

    host_profile_feature_msr(vcpu->host, index, &offered);
    /* LX: what ARCH_CAPABILITIES promises is for user space to answer for. */
    if (!is_host || (vcpu->has_run && value != stored(vcpu, index)) ||
        (value & ~offered && index != X86_MSR_ARCH_CAPABILITIES)) {
        return false;
    }
    store(vcpu, index, value);
    return true;
}

/* What clears or sets bits of the status and has no value itself. */
static bool is_write_only(uint32_t index)
{
    return index == MSR_GLOBAL_OVF_CTRL || index == MSR_AMD_STATUS_CLEAR ||
           index == MSR_AMD_STATUS_SET;
}

/* LP kvm_pmu_set_msr. */
static void write_status(ModelVcpu *vcpu, const ModelPmu *pmu, uint32_t index,
                         uint64_t value)
{
    uint32_t status = pmu->is_intel ? MSR_GLOBAL_STATUS : MSR_AMD_GLOBAL_STATUS;
    uint64_t old = stored(vcpu, status);

    store(vcpu, status,
          index == MSR_AMD_STATUS_SET ? old | (value & gp_bits(pmu)) : old & ~value);
}

static bool set_pmu_msr(ModelVcpu *vcpu, uint32_t index, uint64_t value, bool is_host)
{
    ModelPmu pmu = model_pmu(vcpu);

    if (!has_pmu_msr(vcpu, index)) {
        if (is_legacy_msr(index)) {
            return true;
        }
        /* LX: what the list advertises takes a zero from the host. */
        return is_host && host_profile_has_msr(vcpu->host, index) && value == 0;
    }
    if ((index == MSR_GLOBAL_STATUS || index == MSR_AMD_GLOBAL_STATUS) && !is_host) {
        return pmu.is_amd; /* read-only: Intel's faults, AMD's ignores it (LP, PPR) */
    }
    if (!value_ok(&pmu, index, value)) {
        return false;
    }
    if (is_write_only(index)) {
        if (!is_host) { /* no effect from the host */
            write_status(vcpu, &pmu, index, value);
        }
        return true;
    }
    if (within(index, 0x4c1, pmu.gp)) { /* the full-width alias is the same counter */
        store(vcpu, index - 0x4c1 + 0xc1, value);
    } else {
        store(vcpu, index, kept_value(&pmu, index, value, is_host));
    }
    return true;
}

bool model_set_msr(ModelVcpu *vcpu, uint32_t index, uint64_t value, bool is_host)
{
    uint64_t offered;

    if (index == MSR_PERF_CAPABILITIES) {
        return set_perf_capabilities(vcpu, value, is_host);
    }
    if (host_profile_feature_msr(vcpu->host, index, &offered)) {
        return set_feature_msr(vcpu, index, value, is_host);
    }
    if (is_pmu_msr(index)) {
        return set_pmu_msr(vcpu, index, value, is_host);
    }
    if (index == MSR_MISC_ENABLE) {
        return set_misc_enable(vcpu, value, is_host);
    }
    store(vcpu, index, value);
    return true;
}

bool model_get_msr(ModelVcpu *vcpu, uint32_t index, uint64_t *ret, bool is_host)
{
    *ret = 0;
    if (index == MSR_PERF_CAPABILITIES &&
        !(guest_cpuid(vcpu, 1, X86_ECX) & CPUID_1_ECX_PDCM)) {
        return is_host; /* reads 0 for the host, faults for the guest */
    }
    if (is_pmu_msr(index)) {
        ModelPmu pmu = model_pmu(vcpu);

        if (!has_pmu_msr(vcpu, index)) {
            return is_legacy_msr(index) ||
                   (is_host && host_profile_has_msr(vcpu->host, index));
        }
        if (is_write_only(index)) {
            return true; /* reads 0 */
        }
        index =
            pmu.is_intel && within(index, 0x4c1, pmu.gp) ? index - 0x4c1 + 0xc1 : index;
    }
    *ret = stored(vcpu, index);
    return true;
}

void model_vcpu_init_msrs(ModelVcpu *vcpu)
{
    const GArray *msrs = vcpu->host->x86.feature_msrs;

    /* LX feature_msrs: stuffed with what is offered unless user space forbids it. */
    for (unsigned i = 0; i < msrs->len; i++) {
        const X86Msr *msr = &g_array_index(msrs, X86Msr, i);

        if (!(vcpu->vm->disabled_quirks & QUIRK_STUFF_FEATURE_MSRS)) {
            store(vcpu, msr->index, msr->value);
        }
    }
    /* LX kvm_vcpu_reset: neither BTS nor PEBS.  Seen on Linux 6.1 and 6.12. */
    store(vcpu, MSR_MISC_ENABLE, MISC_ENABLE_BTS | MISC_ENABLE_PEBS);
}
