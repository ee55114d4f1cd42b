/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/x86-derive.h"

#include <inttypes.h>
#include <string.h>

#include "common/cpuid-json.h"
#include "host-words.h"
#include "target/x86-features.h"
#include "target/x86-kernel-rules.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"

/* KVM's ceilings.  Source: Linux arch/x86/kvm/pmu.h. */
#define KVM_PMU_VERSION_MAX 2
#define KVM_INTEL_GP_MAX    8
#define KVM_AMD_GP_MAX      6
#define KVM_FIXED_MAX       3
#define KVM_XCR0            UINT64_C(0x602e7)

/* Of which the rules are that no row of x86_kernel_rules is about. */
static const KernelVersion default_kernel = {6, 12};

/* Paravirtual features of a 6.12 kernel. */
#define KVM_PV_FEATURES 0x01007efbu

/* Named bits that KVM never passes on, by word. */
static const struct {
    X86Word word;
    uint64_t never;
} never_rows[] = {
    /* ds, acpi, ht, tm, ia64, pbe, pn */
    {X86_WORD_1_EDX,
     BIT64(18) | BIT64(21) | BIT64(22) | BIT64(28) | BIT64(29) | BIT64(30) | BIT64(31)},
    /* dtes64, monitor, ds-cpl, vmx, smx, est, tm2, cid, xtpr, pdcm, dca */
    {X86_WORD_1_ECX, BIT64(2) | BIT64(3) | BIT64(4) | BIT64(5) | BIT64(6) | BIT64(7) |
                         BIT64(8) | BIT64(10) | BIT64(14) | BIT64(15) | BIT64(18)},
    /* sgx, mpx, pcommit, intel-pt */
    {X86_WORD_7_0_EBX, BIT64(2) | BIT64(14) | BIT64(22) | BIT64(25)},
    /* shstk, sgxlc, pks */
    {X86_WORD_7_0_ECX, BIT64(7) | BIT64(30) | BIT64(31)},
    /* arch-lbr, ibt, core-capability */
    {X86_WORD_7_0_EDX, BIT64(19) | BIT64(20) | BIT64(30)},
    /* fred, lkgs, wrmsrns, movrs */
    {X86_WORD_7_1_EAX, BIT64(17) | BIT64(18) | BIT64(19) | BIT64(31)},
    {X86_WORD_7_1_ECX, ~UINT64_C(0)},
    {X86_WORD_14_0_ECX, ~UINT64_C(0)},
    {X86_WORD_6_EAX, ~UINT64_C(0)},
    /* svm, extapic, ibs, skinit, wdt, lwp, nodeid-msr, perfctr-nb */
    {X86_WORD_80000001_ECX, BIT64(2) | BIT64(3) | BIT64(10) | BIT64(12) | BIT64(13) |
                                BIT64(15) | BIT64(19) | BIT64(24)},
    {X86_WORD_80000007_EBX, ~UINT64_C(0)},
    {X86_WORD_8000000A_EDX, ~UINT64_C(0)},
};

typedef struct Derive {
    HostProfile *host;
    const X86DeriveOptions *options;
    KernelVersion kernel;
    const GArray *raw;
    bool is_amd, is_hybrid;
    bool pmu;                   /* KVM offers one */
    bool pebs;                  /* … with PEBS */
    uint64_t perf_capabilities; /* KVM's */
} Derive;

static bool kernel_has(const Derive *d, X86KernelRule rule)
{
    return x86_kernel_has(d->kernel, rule);
}

static uint32_t raw_reg(const Derive *d, uint32_t leaf, uint32_t sub, X86Reg reg)
{
    return x86_cpuid_reg(d->raw, leaf, sub, reg);
}

static uint64_t never_mask(X86Word word)
{
    for (unsigned i = 0; i < ARRAY_LEN(never_rows); i++) {
        if (never_rows[i].word == word) {
            return never_rows[i].never;
        }
    }
    return 0;
}

static uint32_t *supported_reg(Derive *d, uint32_t leaf, uint32_t sub, X86Reg reg)
{
    X86CpuidEntry *entry = x86_cpuid_find(d->host->x86.supported, leaf, sub);

    if (!entry) {
        X86CpuidEntry fresh = {.function = leaf,
                               .index = sub,
                               .flags =
                                   x86_leaf_has_index(leaf) ? X86_CPUID_HAS_INDEX : 0};

        g_array_append_val(d->host->x86.supported, fresh);
        entry = x86_cpuid_find(d->host->x86.supported, leaf, sub);
    }
    return x86_entry_reg(entry, reg);
}

static void offer(Derive *d, X86FeatureId feature)
{
    const X86FeatureRow *row = &x86_feature_rows[feature];
    const X86WordRow *word = &x86_word_rows[row->word];

    *supported_reg(d, word->leaf, word->subleaf, word->reg) |= (uint32_t)row->mask;
}

/* Whole leaves that KVM repeats from the host. */
static void copy_leaves(Derive *d)
{
    static const uint32_t leaves[] = {0x0,        0x1,        0x2,        0x4,
                                      0x80000000, 0x80000001, 0x80000002, 0x80000003,
                                      0x80000004, 0x80000005, 0x80000006, 0x80000008,
                                      0x8000001d, 0x1d,       0x1e};

    for (unsigned i = 0; i < d->raw->len; i++) {
        X86CpuidEntry entry = g_array_index(d->raw, X86CpuidEntry, i);

        for (unsigned k = 0; k < ARRAY_LEN(leaves); k++) {
            if (entry.function == leaves[k]) {
                g_array_append_val(d->host->x86.supported, entry);
            }
        }
    }
}

static void derive_words(Derive *d)
{
    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        const X86WordRow *row = &x86_word_rows[word];
        uint32_t value;

        if (row->msr || (row->flags & X86_WORD_COMPUTED) ||
            (row->flags & X86_WORD_LATER) || row->leaf >> 28 == 4) {
            continue;
        }
        value = raw_reg(d, row->leaf, row->subleaf, row->reg);
        *supported_reg(d, row->leaf, row->subleaf, row->reg) =
            value & (uint32_t)(x86_word_named(word) & ~never_mask(word));
    }
    *supported_reg(d, 7, 0, X86_EAX) = MIN(raw_reg(d, 7, 0, X86_EAX), 2);
    /* Dumps taken in 32-bit mode miss what Intel shows in 64-bit mode only. */
    if (raw_reg(d, 0x80000001, 0, X86_EDX) & BIT64(29)) {
        offer(d, X86_SYSCALL);
    }
    /* KVM emulates these whatever the host has. */
    offer(d, X86_X2APIC);
    offer(d, X86_HYPERVISOR);
    offer(d, X86_TSC_ADJUST);
    offer(d, X86_ARCH_CAPABILITIES);
    *supported_reg(d, 0x40000000, 0, X86_EAX) = 0x40000001;
    *supported_reg(d, 0x40000000, 0, X86_EBX) = 0x4b4d564b;
    *supported_reg(d, 0x40000000, 0, X86_ECX) = 0x564b4d56;
    *supported_reg(d, 0x40000000, 0, X86_EDX) = 0x4d;
    *supported_reg(d, 0x40000001, 0, X86_EAX) = KVM_PV_FEATURES;
}

static void derive_xsave(Derive *d)
{
    uint64_t xcr0 = raw_reg(d, 0xd, 0, X86_EAX) & KVM_XCR0;

    for (unsigned i = 0; i < d->raw->len; i++) {
        X86CpuidEntry entry = g_array_index(d->raw, X86CpuidEntry, i);

        if (entry.function == 0xd && entry.index >= 2 && entry.index < 64 &&
            xcr0 & BIT64(entry.index)) {
            g_array_append_val(d->host->x86.supported, entry);
        }
    }
    *supported_reg(d, 0xd, 0, X86_EAX) = (uint32_t)xcr0;
    *supported_reg(d, 0xd, 0, X86_EBX) = raw_reg(d, 0xd, 0, X86_ECX);
    *supported_reg(d, 0xd, 0, X86_ECX) = raw_reg(d, 0xd, 0, X86_ECX);
}

/* PEBS works with nested paging on Ice Lake servers and from format 5 on. */
static bool pebs_is_ept_friendly(const Derive *d)
{
    uint32_t signature = raw_reg(d, 1, 0, X86_EAX);
    unsigned model = x86_signature_model(signature);
    uint64_t format =
        (d->options->perf_capabilities & X86_PEBS_FMT_MASK) >> X86_PEBS_FMT_SHIFT;

    return x86_signature_family(signature) == 6 &&
           ((format >= 4 && (model == 0x6a || model == 0x6c)) || format >= 5);
}

/* Of the PEBS features, those that KVM keeps from every guest. */
static uint64_t pebs_withheld(const Derive *d)
{
    uint64_t bits = x86_feature_rows[X86_PEBS_BASELINE].mask;

    return kernel_has(d, X86_KERNEL_PEBS_TIMING)
               ? bits
               : bits | x86_feature_rows[X86_PEBS_TIMING_INFO].mask;
}

static void derive_perf_capabilities(Derive *d)
{
    uint64_t raw = d->options->has_perf_capabilities ? d->options->perf_capabilities : 0;
    bool arch_lbr = raw_reg(d, 7, 0, X86_EDX) & BIT64(19);
    bool mediated = d->options->is_mediated;

    if (!d->pmu || d->is_amd) {
        return;
    }
    d->perf_capabilities = x86_feature_rows[X86_FULL_WIDTH_WRITE].mask;
    if (!arch_lbr && !mediated) {
        d->perf_capabilities |= raw & X86_LBR_FMT_MASK;
    }
    d->pebs = !mediated && kernel_has(d, X86_KERNEL_PEBS) && pebs_is_ept_friendly(d);
    if (d->pebs) {
        d->perf_capabilities |= raw & X86_PEBS_GROUP_MASK & ~pebs_withheld(d);
    }
    if (mediated && d->options->has_topdown) {
        d->perf_capabilities |= raw & x86_feature_rows[X86_PERF_METRICS].mask;
    }
}

static void derive_leaf_a(Derive *d)
{
    bool topdown = d->options->is_mediated && d->options->has_topdown;
    uint32_t eax = raw_reg(d, 0xa, 0, X86_EAX), edx = raw_reg(d, 0xa, 0, X86_EDX);
    uint64_t version = MIN(bits_get(eax, 0, 8), KVM_PMU_VERSION_MAX);
    uint64_t gp = MIN(bits_get(eax, 8, 8), KVM_INTEL_GP_MAX);
    uint64_t fixed = MIN(bits_get(edx, 0, 5), topdown ? 4 : KVM_FIXED_MAX);

    *supported_reg(d, 0xa, 0, X86_EAX) = 0;
    if (!d->pmu || d->is_amd) {
        return;
    }
    *supported_reg(d, 0xa, 0, X86_EAX) =
        (uint32_t)(version | gp << 8) | (eax & 0xffff0000);
    /* As many events as EAX counts. */
    *supported_reg(d, 0xa, 0, X86_EBX) =
        raw_reg(d, 0xa, 0, X86_EBX) &
        (uint32_t)bits_mask(0, (unsigned)bits_get(eax, 24, 8));
    *supported_reg(d, 0xa, 0, X86_EDX) = (uint32_t)fixed | (edx & 0x1fe0) | 1u << 15;
}

static void derive_pmu(Derive *d)
{
    uint32_t v2 =
        kernel_has(d, X86_KERNEL_PERFMON_V2) && raw_reg(d, 0x80000022, 0, X86_EAX) & 1;
    uint32_t cores = raw_reg(d, 0x80000022, 0, X86_EBX) & 0xf;

    d->pmu = !d->options->no_pmu && !d->is_hybrid &&
             (d->is_amd || bits_get(raw_reg(d, 0xa, 0, X86_EAX), 0, 8) != 0);
    derive_perf_capabilities(d);
    derive_leaf_a(d);
    if (d->pmu && !d->is_amd) {
        offer(d, X86_PDCM);
    }
    if (d->pebs) {
        offer(d, X86_DS);
        offer(d, X86_DTES64);
    }
    if (d->is_amd) {
        *supported_reg(d, 0x80000022, 0, X86_EAX) = d->pmu ? v2 : 0;
        *supported_reg(d, 0x80000022, 0, X86_EBX) =
            d->pmu && v2 ? MIN(cores, KVM_AMD_GP_MAX) : 0;
    }
    if (!d->pmu) {
        *supported_reg(d, 0x80000001, 0, X86_ECX) &=
            ~(uint32_t)x86_feature_rows[X86_PERFCTR_CORE].mask;
    }
    d->host->caps[KVM_CAPID_PMU_CAPABILITY] =
        d->pmu && kernel_has(d, X86_KERNEL_PMU_CAPABILITY);
}

static void add_feature_msr(Derive *d, uint32_t index, uint64_t value)
{
    X86Msr msr = {index, value};

    g_array_append_val(d->host->x86.feature_msrs, msr);
}

static void add_indices(Derive *d, uint32_t first, unsigned count, unsigned stride)
{
    for (unsigned i = 0; i < count; i++) {
        uint32_t index = first + i * stride;

        g_array_append_val(d->host->x86.msr_indices, index);
    }
}

/* Which PMU MSRs KVM lists for saving.  Source: Linux arch/x86/kvm/x86.c. */
static void derive_msrs(Derive *d, const GArray *raw_msrs)
{
    uint32_t eax = *supported_reg(d, 0xa, 0, X86_EAX);
    uint32_t edx = *supported_reg(d, 0xa, 0, X86_EDX);
    uint64_t arch_caps = 0;
    /* KVM's own: it breaks up huge pages itself.  Source: Linux arch/x86/kvm/x86.c,
     * kvm_get_arch_capabilities(). */
    const uint64_t kvms = x86_feature_rows[X86_PSCHANGE_MC_NO].mask;

    for (unsigned i = 0; i < raw_msrs->len; i++) {
        const X86Msr *msr = &g_array_index(raw_msrs, X86Msr, i);

        arch_caps = msr->index == X86_MSR_ARCH_CAPABILITIES ? msr->value : arch_caps;
    }
    add_feature_msr(d, X86_MSR_ARCH_CAPABILITIES, arch_caps | kvms);
    add_feature_msr(d, X86_MSR_PERF_CAPABILITIES, d->perf_capabilities);
    add_indices(d, X86_MSR_ARCH_CAPABILITIES, 1, 1);
    add_indices(d, X86_MSR_MISC_ENABLE, 1, 1);
    if (d->pmu && !d->is_amd) {
        add_indices(d, X86_MSR_PERF_CAPABILITIES, 1, 1);
        add_indices(d, 0xc1, (unsigned)bits_get(eax, 8, 8), 1);
        add_indices(d, 0x186, (unsigned)bits_get(eax, 8, 8), 1);
        add_indices(d, 0x309, (unsigned)bits_get(edx, 0, 5), 1);
        add_indices(d, 0x38d, 3, 1);
    }
    if (d->pebs) {
        add_indices(d, 0x3f1, 2, 1);
        add_indices(d, 0x600, 1, 1);
    }
    if (d->perf_capabilities & x86_feature_rows[X86_PERF_METRICS].mask) {
        add_indices(d, 0x329, 1, 1);
    }
    if (d->pmu && d->is_amd) {
        add_indices(d, 0xc0010000, 8, 1);
        if (raw_reg(d, 0x80000001, 0, X86_ECX) & BIT64(23)) {
            add_indices(d, 0xc0010200, KVM_AMD_GP_MAX, 2);
            add_indices(d, 0xc0010201, KVM_AMD_GP_MAX, 2);
        }
        if (*supported_reg(d, 0x80000022, 0, X86_EAX) & 1) {
            add_indices(d, 0xc0000300, kernel_has(d, X86_KERNEL_STATUS_SET) ? 4 : 3, 1);
        }
    }
}

static void derive_facts(Derive *d, const char *name, const char *source)
{
    HostProfile *host = d->host;
    const char *module = d->is_amd ? "kvm_amd" : "kvm_intel";
    GString *detail = g_string_new(NULL);

    g_string_append_printf(detail, "CPUID of %s (%s)", name, source);
    if (d->options->has_perf_capabilities) {
        g_string_append_printf(detail, ", PERF_CAPABILITIES 0x%" PRIx64 " as given",
                               d->options->perf_capabilities);
    }
    g_string_append_printf(detail, ", KVM's PMU rules of Linux %u.%u", d->kernel.major,
                           d->kernel.minor);
    if (!kernel_version_is_at_least(x86_kernel_newest, d->kernel)) {
        g_string_append_printf(detail, ", as far as those of %u.%u go",
                               x86_kernel_newest.major, x86_kernel_newest.minor);
    }
    host->kernel = g_strdup_printf("%u.%u", d->kernel.major, d->kernel.minor);
    if (d->options->is_mediated) {
        g_string_append(detail, ", mediated vPMU");
    }
    host->origin = HOST_DERIVED;
    host->origin_detail = g_string_free(detail, FALSE);
    host_profile_add_module_parameter(host, "kvm", "enable_pmu",
                                      d->options->no_pmu || d->is_hybrid ? "N" : "Y");
    host_profile_add_module_parameter(host, module, "enable_mediated_pmu",
                                      d->options->is_mediated ? "Y" : "N");
    /* Neither VMX nor SVM is derived. */
    host_profile_add_module_parameter(host, module, "nested", d->is_amd ? "0" : "N");
    host->caps[KVM_CAPID_SPLIT_IRQCHIP] = 1;
    host->caps[KVM_CAPID_GET_MSR_FEATURES] = 1;
    host->caps[KVM_CAPID_PMU_EVENT_FILTER] = 1;
    host->caps[KVM_CAPID_PMU_EVENT_MASKED_EVENTS] =
        kernel_has(d, X86_KERNEL_MASKED_EVENTS);
    host->caps[KVM_CAPID_DISABLE_QUIRKS2] = 0x1ff;
    host->caps[KVM_CAPID_TSC_CONTROL] = 1;
    host->caps[KVM_CAPID_X2APIC_API] = 3;
    host->caps[KVM_CAPID_XSAVE2] = 4096;
    host->caps[KVM_CAPID_NR_VCPUS] = 64;
    host->caps[KVM_CAPID_MAX_VCPUS] = 1024;
}

static void derive_model_name(Derive *d)
{
    char text[49] = {0};

    for (unsigned i = 0; i < 3; i++) {
        const X86CpuidEntry *entry = x86_cpuid_find(d->raw, 0x80000002 + i, 0);

        if (entry) {
            memcpy(text + 16 * i, &entry->eax, 16);
        }
    }
    if (g_utf8_validate(text, -1, NULL) && text[0]) {
        d->host->model_name = g_strdup(g_strstrip(text));
    }
}

static int by_leaf(gconstpointer a, gconstpointer b)
{
    const X86CpuidEntry *one = a, *two = b;

    if (one->function != two->function) {
        return one->function < two->function ? -1 : 1;
    }
    return one->index < two->index ? -1 : one->index > two->index;
}

bool x86_derive_kernel_parse(const char *text, KernelVersion *ret, GError **errp)
{
    if (!kernel_version_parse(text, ret)) {
        error_set(errp,
                  "'%s' is no version of Linux: 6.12 and 6.1.0-53-amd64 are, for example",
                  text);
        return false;
    }
    if (!kernel_version_is_at_least(*ret, x86_kernel_oldest)) {
        error_set(errp, "the rules of Linux %s are not known, those from %u.%u on are",
                  text, x86_kernel_oldest.major, x86_kernel_oldest.minor);
        return false;
    }
    return true;
}

/* What enable_mediated_pmu=1 wants.  Source: Linux arch/x86/kvm, vmx/pmu_intel.c and
 * svm/pmu.c. */
static bool check_mediated(const Derive *d, GError **errp)
{
    KernelVersion since = x86_kernel_rules[X86_KERNEL_MEDIATED].since;

    if (!kernel_has(d, X86_KERNEL_MEDIATED)) {
        error_set(errp, "Linux %u.%u has no mediated PMU: name a kernel from %u.%u on",
                  d->kernel.major, d->kernel.minor, since.major, since.minor);
        return false;
    }
    if (d->is_amd ? !(raw_reg(d, 0x80000022, 0, X86_EAX) & 1)
                  : bits_get(raw_reg(d, 0xa, 0, X86_EAX), 0, 8) < 4) {
        error_set(errp, "the mediated PMU needs %s, which this CPU lacks",
                  d->is_amd ? "PerfMonV2" : "version 4 of the architectural PMU");
        return false;
    }
    return true;
}

HostProfile *x86_host_derive(json_object *json, const X86DeriveOptions *options,
                             GError **errp)
{
    g_autoptr(HostProfile) host = host_profile_new(TARGET_ARCH_X86_64);
    g_autoptr(GArray) msrs = g_array_new(FALSE, TRUE, sizeof(X86Msr));
    Derive d = {.host = host,
                .options = options,
                .kernel = options->kernel.major ? options->kernel : default_kernel,
                .raw = host->x86.cpuid};
    const char *name, *source;
    char vendor[13];

    if (!json_get_string(json, "host", "name", &name, errp) ||
        !json_get_string(json, "host", "source", &source, errp) ||
        !cpuid_parse(json, "host", "cpuid", host->x86.cpuid, errp) ||
        (json_has(json, "msr") && !msrs_parse(json, "host", "msr", msrs, errp))) {
        return NULL;
    }
    if (!x86_cpuid_find(host->x86.cpuid, 0, 0) ||
        !x86_cpuid_find(host->x86.cpuid, 1, 0)) {
        error_set(errp, "host.cpuid: leaf %d is missing, so these are no facts of a CPU",
                  x86_cpuid_find(host->x86.cpuid, 0, 0) ? 1 : 0);
        return NULL;
    }
    host_profile_vendor(host, vendor);
    d.is_amd = x86_vendor_is_amd(vendor);
    if (options->is_mediated && !check_mediated(&d, errp)) {
        return NULL;
    }
    d.is_hybrid = host_profile_is_hybrid(host);
    copy_leaves(&d);
    derive_words(&d);
    derive_xsave(&d);
    derive_pmu(&d);
    derive_msrs(&d, msrs);
    derive_model_name(&d);
    derive_facts(&d, name, source);
    g_array_sort(host->x86.supported, by_leaf);
    return g_steal_pointer(&host);
}
