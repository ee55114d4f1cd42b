/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The x86 rows of comparing a contract with a host, and with another contract.
 */
#include <inttypes.h>
#include <string.h>

#include "common/checks.h"
#include "geometry.h"
#include "host-words.h"
#include "target/x86-kernel-rules.h"
#include "util/bits.h"
#include "util/error.h"

#define PERFCAP X86_WORD_PERF_CAPABILITIES
#define FORMATS (X86_LBR_FMT_MASK | X86_PEBS_FMT_MASK)
/* Had whole or not at all. */
#define GROUPS (X86_LBR_FMT_MASK | X86_PEBS_GROUP_MASK)

static void check_named(const X86Contract *x86, const uint64_t *host, Report *report)
{
    for (unsigned i = 0; i < X86_FEATURE_COUNT; i++) {
        const X86FeatureRow *row = &x86_feature_rows[i];

        if (x86->words[row->word] & row->mask & ~host[row->word] &&
            !(row->word == PERFCAP && row->mask & X86_PEBS_GROUP_MASK)) {
            check_fail_less(report, CHECK_FEATURE_MISSING, row->name, "on", "off",
                            row->name, "off");
        }
    }
}

static void check_words(const X86Contract *x86, const uint64_t *host, Report *report)
{
    bool is_missing = false;

    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        is_missing = is_missing || x86->words[word] & ~host[word];
    }
    /* Walking the rows is what costs; most hosts of a fleet lack nothing. */
    if (!is_missing) {
        return;
    }
    check_named(x86, host, report);
    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        if (x86->words[word] & ~host[word] &&
            x86_word_unnamed(x86->words, word) & ~host[word]) {
            g_autofree char *asked = g_strdup_printf("0x%" PRIx64, x86->words[word]);
            g_autofree char *offered = g_strdup_printf("0x%" PRIx64, host[word]);

            check_fail(report, CHECK_UNNAMED_BITS_MISSING, x86_word_rows[word].name,
                       asked, offered, NULL);
        }
    }
}

/*
 * What to do where the groups differ by the timing alone: which PEBS features a CPU has
 * goes by its model, and the models are compared, so it is the kernels that differ.
 */
static char *pebs_group_remedy(uint64_t guest, uint64_t differ)
{
    const X86FeatureRow *timing = &x86_feature_rows[X86_PEBS_TIMING_INFO];
    KernelVersion since = x86_kernel_rules[X86_KERNEL_PEBS_TIMING].since;

    if (differ != timing->mask) {
        return NULL;
    }
    return guest & timing->mask
               ? g_strdup_printf(
                     "use a host with Linux %u.%u or later, as the guest's own: "
                     "older kernels give no guest %s",
                     since.major, since.minor, timing->name)
               : g_strdup_printf("use a host with a kernel before Linux %u.%u, as the "
                                 "guest's own: it gives no guest %s, and this one does",
                                 since.major, since.minor, timing->name);
}

static void check_formats(const X86Contract *x86, uint64_t host, Report *report)
{
    uint64_t differ =
        (x86->words[X86_WORD_PERF_CAPABILITIES] ^ host) & X86_PEBS_GROUP_MASK;

    check_number(report, CHECK_LBR_FORMAT_DIFFERS, "lbr-fmt",
                 x86->words[X86_WORD_PERF_CAPABILITIES] & X86_LBR_FMT_MASK,
                 host & X86_LBR_FMT_MASK);
    check_number(report, CHECK_PEBS_FORMAT_DIFFERS, "pebs-fmt",
                 (x86->words[X86_WORD_PERF_CAPABILITIES] & X86_PEBS_FMT_MASK) >>
                     X86_PEBS_FMT_SHIFT,
                 (host & X86_PEBS_FMT_MASK) >> X86_PEBS_FMT_SHIFT);
    if (x86->words[X86_WORD_PERF_CAPABILITIES] & X86_PEBS_FMT_MASK &&
        differ & ~X86_PEBS_FMT_MASK) {
        g_autofree char *asked = g_strdup_printf(
            "0x%" PRIx64, x86->words[X86_WORD_PERF_CAPABILITIES] & X86_PEBS_GROUP_MASK);
        g_autofree char *offered =
            g_strdup_printf("0x%" PRIx64, host & X86_PEBS_GROUP_MASK);

        g_autofree char *remedy =
            pebs_group_remedy(x86->words[X86_WORD_PERF_CAPABILITIES], differ);

        check_fail_as(report, CHECK_PEBS_GROUP_DIFFERS,
                      &(Finding){.row = (char *)"pebs",
                                 .asked = asked,
                                 .offered = offered,
                                 .remedy = remedy});
    }
}

static void check_phys_bits(uint32_t asked, uint32_t offered, Report *report)
{
    g_autofree char *asked_text = g_strdup_printf("%u", asked);
    g_autofree char *offered_text = g_strdup_printf("%u", offered);

    if (asked > offered) {
        check_fail_less(report, CHECK_PHYS_BITS_FEWER, "phys-bits", asked_text,
                        offered_text, "phys-bits", offered_text);
    }
}

static void check_processor(const X86Contract *x86, const HostProfile *host,
                            Report *report)
{
    uint32_t signature = host_profile_signature(host);
    char vendor[13];

    host_profile_vendor(host, vendor);
    /* Not the guest's: vendor= may have given it another than its host's. */
    if (x86_vendor_is_amd(vendor) != x86->is_amd_pmu) {
        check_fail(report, CHECK_VENDOR_DIFFERS, "vendor", x86->vendor, vendor, NULL);
    }
    if (x86->words[X86_WORD_PERF_CAPABILITIES] & FORMATS) {
        check_number(report, CHECK_FAMILY_DIFFERS, "family", x86->family,
                     x86_signature_family(signature));
        check_number(report, CHECK_MODEL_DIFFERS, "model", x86->model,
                     x86_signature_model(signature));
    }
    check_phys_bits(x86->phys_bits,
                    x86_cpuid_reg(host->x86.supported, 0x80000008, 0, X86_EAX) & 0xff,
                    report);
    if (x86->tsc_khz && !host->caps[KVM_CAPID_TSC_CONTROL]) {
        g_autofree char *asked =
            g_strdup_printf("%" PRIu64, UINT64_C(1000) * x86->tsc_khz);

        check_fail(report, CHECK_TSC_NOT_SCALED, "tsc-frequency", asked, NULL, NULL);
    }
}

static void check_geometry(const X86GeometryRow *row, const X86Pmu *guest,
                           const X86Pmu *host, Report *report)
{
    unsigned asked = x86_geometry_get(row, guest), offered = x86_geometry_get(row, host);
    g_autofree char *asked_text = g_strdup_printf("%u", asked);
    g_autofree char *offered_text = g_strdup_printf("%u", offered);

    if (asked > offered) {
        check_fail_less(report, row->reason, row->row, asked_text, offered_text,
                        row->property, offered_text);
    }
}

static void check_events(const X86Pmu *guest, const X86Pmu *host, Report *report)
{
    g_autofree char *asked = g_strdup_printf("0x%" PRIx32, x86_pmu_events(guest));
    g_autofree char *offered = g_strdup_printf("0x%" PRIx32, x86_pmu_events(host));
    g_autofree char *both =
        g_strdup_printf("0x%" PRIx32, x86_pmu_events(guest) & x86_pmu_events(host));

    check_fail_less(report, CHECK_EVENT_MISSING, "pmu.events", asked, offered,
                    "pmu-events", both);
}

static void check_pmu(const CpuContract *contract, const CpuResolveInput *in,
                      Report *report)
{
    X86HostPmu host = x86_host_pmu(in);
    const X86Pmu *guest = &contract->x86.pmu;

    if (!contract->pmu_enabled) {
        if (host.is_amd && host.is_there &&
            !(in->host->caps[KVM_CAPID_PMU_CAPABILITY] & 1)) {
            check_fail(report, CHECK_PMU_STAYS_ON, "pmu", "off", "on", NULL);
        }
        return;
    }
    if (!host.is_there) {
        check_fail(report, CHECK_PMU_MISSING, "pmu", "on", "off", host.missing_cause);
        return;
    }
    for (unsigned i = 0; i < X86_GEOMETRY_ROWS; i++) {
        check_geometry(&x86_geometry_rows[i], guest, &host.pmu, report);
    }
    /* An event the guest counts on must be there. */
    if (x86_pmu_events(guest) & ~x86_pmu_events(&host.pmu)) {
        check_events(guest, &host.pmu, report);
    }
}

void x86_contract_check_host(const CpuContract *contract, const HostProfile *host,
                             Report *report)
{
    const CpuResolveInput in = {.host = host};
    uint64_t words[X86_WORD_COUNT];

    x86_host_words(&in, words);
    if (x86_vendor_is_amd(contract->x86.vendor)) {
        /* Of the guest's vendor, whatever the host's: they say what leaf 1 does. */
        words[X86_WORD_80000001_EDX] |= words[X86_WORD_1_EDX] & X86_AMD_ALIASES;
    }
    check_processor(&contract->x86, host, report);
    check_words(&contract->x86, words, report);
    check_formats(&contract->x86, words[PERFCAP], report);
    check_pmu(contract, &in, report);
}

HostMode x86_contract_needs_mode(const CpuContract *contract)
{
    uint64_t capabilities = contract->x86.words[X86_WORD_PERF_CAPABILITIES];

    return capabilities & FORMATS                         ? HOST_MODE_HOST_PERF
           : x86_contract_has(contract, X86_PERF_METRICS) ? HOST_MODE_MEDIATED
                                                          : HOST_MODE_UNKNOWN;
}

unsigned x86_contract_surplus(const CpuContract *contract, const HostProfile *host)
{
    const CpuResolveInput in = {.host = host};
    const X86Contract *x86 = &contract->x86;
    X86HostPmu pmu = x86_host_pmu(&in);
    uint64_t words[X86_WORD_COUNT];
    unsigned surplus = 0;

    x86_host_words(&in, words);
    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        uint64_t more = words[word] & ~x86->words[word];

        surplus += (unsigned)__builtin_popcountll(more & ~(word == PERFCAP ? GROUPS : 0));
    }
    surplus += !(x86->words[X86_WORD_PERF_CAPABILITIES] & X86_LBR_FMT_MASK) &&
               words[PERFCAP] & X86_LBR_FMT_MASK;
    surplus += !(x86->words[X86_WORD_PERF_CAPABILITIES] & X86_PEBS_FMT_MASK) &&
               words[PERFCAP] & X86_PEBS_FMT_MASK;
    return surplus + pmu.pmu.gp_counters -
           MIN(x86->pmu.gp_counters, pmu.pmu.gp_counters) + pmu.pmu.fixed_counters -
           MIN(x86->pmu.fixed_counters, pmu.pmu.fixed_counters);
}

/* The property of a CPU model that a row of a difference is about. */
static const char *property_of(const char *row)
{
    if (g_str_has_prefix(row, "pmu.")) {
        return "pmu";
    }
    if (g_str_has_prefix(row, "CPUID ") || g_str_has_prefix(row, "MSR ")) {
        return "migratable"; /* only its absence brings bits without a name */
    }
    return strcmp(row, "pebs") == 0 ? "pebs-fmt" : row;
}

static void add_properties(GPtrArray *names, const Report *report)
{
    for (unsigned i = 0; i < report_size(report); i++) {
        const char *name = property_of(report_get(report, i)->row);

        if (!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL)) {
            g_ptr_array_add(names, g_strdup(name));
        }
    }
}

ContractOrder x86_contract_compare(const CpuContract *a, const CpuContract *b,
                                   GPtrArray **ret_responsible)
{
    g_autoptr(Report) to_b =
        report_new(); /* why a guest of the one cannot be the other */
    g_autoptr(Report) to_a = report_new();
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    contract_diff(a, b, NULL, to_b, to_a);
    add_properties(names, to_b);
    add_properties(names, to_a);
    *ret_responsible = names;
    return report_size(to_b) && report_size(to_a) ? CONTRACT_INCOMPATIBLE
           : report_size(to_b)                    ? CONTRACT_SUPERSET
           : report_size(to_a)                    ? CONTRACT_SUBSET
                                                  : CONTRACT_IDENTICAL;
}
