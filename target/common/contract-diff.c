/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What two guests would see differently, and what each difference means for a guest that
 * moves from the one's host to the other's.
 */
#include <inttypes.h>
#include <string.h>

#include "checks.h"
#include "target/arm-registers.h"
#include "util/bits.h"

#define KEPT "not compared: the guest keeps its own"

static void note(Report *report, const char *row, const char *a, const char *b,
                 const char *code, const char *meaning)
{
    report_add(report, &(Finding){.level = FINDING_NOTE,
                                  .row = (char *)row,
                                  .asked = (char *)(a ? a : "none"),
                                  .given = (char *)(b ? b : "none"),
                                  .code = (char *)code,
                                  .cause = (char *)meaning});
}

/* Where the rows go: what differs, and what refuses a guest each way; any may be NULL. */
typedef struct Diff {
    Report *rows, *to_right, *to_left;
} Diff;

/* A difference under the relation of @reason; whether a guest may go each way. */
static void judged(const Diff *diff, CheckReason reason, const char *row, const char *a,
                   const char *b, bool to_right, bool to_left)
{
    const CheckReasonRow *why = &check_reason_rows[reason];
    g_autofree char *meaning = g_strdup_printf(
        "%s: left to right %s, right to left %s", relation_name(why->relation),
        to_right ? "holds" : "refused", to_left ? "holds" : "refused");

    note(diff->rows, row, a, b, to_right && to_left ? NULL : why->code, meaning);
    if (!to_right) {
        check_fail(diff->to_right, reason, row, a, b, NULL);
    }
    if (!to_left) {
        check_fail(diff->to_left, reason, row, b, a, NULL);
    }
}

static void diff_kept(const Diff *diff, const char *row, const char *a, const char *b)
{
    if (g_strcmp0(a, b) != 0) {
        note(diff->rows, row, a, b, NULL, KEPT);
    }
}

static void diff_kept_number(const Diff *diff, const char *row, uint64_t a, uint64_t b)
{
    g_autofree char *one = g_strdup_printf("0x%" PRIx64, a);
    g_autofree char *two = g_strdup_printf("0x%" PRIx64, b);

    diff_kept(diff, row, one, two);
}

static void diff_equal(const Diff *diff, CheckReason reason, const char *row,
                       const char *a, const char *b)
{
    if (g_strcmp0(a, b) != 0) {
        judged(diff, reason, row, a, b, false, false);
    }
}

/* Alike for a guest the row binds; one without a PMU, say, keeps its own. */
static void diff_bound(const Diff *diff, CheckReason reason, const char *row,
                       const char *a, const char *b, bool a_is_bound, bool b_is_bound)
{
    if (g_strcmp0(a, b) != 0) {
        judged(diff, reason, row, a, b, !a_is_bound, !b_is_bound);
    }
}

/* Numbers by the relation of @reason: equal, at-most or equal-or-absent. */
static void diff_number(const Diff *diff, CheckReason reason, const char *row, uint64_t a,
                        uint64_t b)
{
    Relation relation = check_reason_rows[reason].relation;
    g_autofree char *one = g_strdup_printf("%" PRIu64, a);
    g_autofree char *two = g_strdup_printf("%" PRIu64, b);

    if (a != b) {
        judged(diff, reason, row, one, two,
               relation == RELATION_AT_MOST ? a < b
                                            : relation == RELATION_EQUAL_OR_ABSENT && !a,
               relation == RELATION_AT_MOST ? b < a
                                            : relation == RELATION_EQUAL_OR_ABSENT && !b);
    }
}

static void diff_features(const X86Contract *one, const X86Contract *two,
                          const Diff *diff)
{
    for (unsigned i = 0; i < X86_FEATURE_COUNT; i++) {
        bool has = x86_words_have(one->words, i);

        if (has != x86_words_have(two->words, i) &&
            !(x86_feature_rows[i].word == X86_WORD_PERF_CAPABILITIES &&
              x86_feature_rows[i].mask & X86_PEBS_GROUP_MASK)) {
            judged(diff, CHECK_FEATURE_MISSING, x86_feature_rows[i].name,
                   has ? "on" : "off", has ? "off" : "on", !has, has);
        }
    }
    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        uint64_t a = x86_word_unnamed(one->words, word);
        uint64_t b = x86_word_unnamed(two->words, word);
        g_autofree char *left = g_strdup_printf("0x%" PRIx64, a);
        g_autofree char *right = g_strdup_printf("0x%" PRIx64, b);

        if (a != b) {
            judged(diff, CHECK_UNNAMED_BITS_MISSING, x86_word_rows[word].name, left,
                   right, !(a & ~b), !(b & ~a));
        }
    }
}

static void diff_formats(const X86Contract *one, const X86Contract *two, const Diff *diff)
{
    uint64_t a = one->words[X86_WORD_PERF_CAPABILITIES],
             b = two->words[X86_WORD_PERF_CAPABILITIES];
    uint64_t group = X86_PEBS_GROUP_MASK & ~X86_PEBS_FMT_MASK;

    diff_number(diff, CHECK_LBR_FORMAT_DIFFERS, "lbr-fmt", a & X86_LBR_FMT_MASK,
                b & X86_LBR_FMT_MASK);
    diff_number(diff, CHECK_PEBS_FORMAT_DIFFERS, "pebs-fmt",
                (a & X86_PEBS_FMT_MASK) >> X86_PEBS_FMT_SHIFT,
                (b & X86_PEBS_FMT_MASK) >> X86_PEBS_FMT_SHIFT);
    if ((a ^ b) & group) {
        g_autofree char *left = g_strdup_printf("0x%" PRIx64, a & X86_PEBS_GROUP_MASK);
        g_autofree char *right = g_strdup_printf("0x%" PRIx64, b & X86_PEBS_GROUP_MASK);

        judged(diff, CHECK_PEBS_GROUP_DIFFERS, "pebs", left, right,
               !(a & X86_PEBS_FMT_MASK), !(b & X86_PEBS_FMT_MASK));
    }
}

/* Architectural events that the one counts and the other cannot. */
static void diff_events(const X86Contract *one, const X86Contract *two, const Diff *diff)
{
    uint32_t a = x86_pmu_events(&one->pmu), b = x86_pmu_events(&two->pmu);
    g_autofree char *left = g_strdup_printf("0x%" PRIx32, a);
    g_autofree char *right = g_strdup_printf("0x%" PRIx32, b);

    if (a != b) {
        judged(diff, CHECK_EVENT_MISSING, "pmu.events", left, right, !(a & ~b),
               !(b & ~a));
    }
}

/* Family and model matter to a guest that has a format of its processor. */
static void diff_identity(const Diff *diff, CheckReason reason, const char *row,
                          unsigned one, unsigned two, bool one_binds, bool two_binds)
{
    g_autofree char *left = g_strdup_printf("%u", one);
    g_autofree char *right = g_strdup_printf("%u", two);

    if (one != two && (one_binds || two_binds)) {
        judged(diff, reason, row, left, right, !one_binds, !two_binds);
    } else {
        diff_kept(diff, row, left, right);
    }
}

static void diff_x86(const CpuContract *a, const CpuContract *b, const Diff *diff)
{
    const X86Contract *one = &a->x86, *two = &b->x86;
    uint64_t formats = X86_LBR_FMT_MASK | X86_PEBS_FMT_MASK;
    bool one_binds = one->words[X86_WORD_PERF_CAPABILITIES] & formats;
    bool two_binds = two->words[X86_WORD_PERF_CAPABILITIES] & formats;

    diff_equal(diff, CHECK_VENDOR_DIFFERS, "vendor", one->vendor, two->vendor);
    diff_kept(diff, "model-id", one->model_id, two->model_id);
    diff_identity(diff, CHECK_FAMILY_DIFFERS, "family", one->family, two->family,
                  one_binds, two_binds);
    diff_identity(diff, CHECK_MODEL_DIFFERS, "model", one->model, two->model, one_binds,
                  two_binds);
    diff_kept_number(diff, "stepping", one->stepping, two->stepping);
    diff_kept_number(diff, "level", one->level, two->level);
    diff_kept_number(diff, "xlevel", one->xlevel, two->xlevel);
    diff_number(diff, CHECK_PHYS_BITS_FEWER, "phys-bits", one->phys_bits, two->phys_bits);
    diff_features(one, two, diff);
    diff_number(diff, CHECK_PMU_VERSION_LOWER, "pmu.version", one->pmu.version,
                two->pmu.version);
    diff_number(diff, CHECK_GP_COUNTERS_FEWER, "pmu.gp-counters", one->pmu.gp_counters,
                two->pmu.gp_counters);
    diff_number(diff, CHECK_FIXED_COUNTERS_FEWER, "pmu.fixed-counters",
                one->pmu.fixed_counters, two->pmu.fixed_counters);
    diff_number(diff, CHECK_GP_WIDTH_LESS, "pmu.gp-width", one->pmu.gp_width,
                two->pmu.gp_width);
    diff_number(diff, CHECK_FIXED_WIDTH_LESS, "pmu.fixed-width", one->pmu.fixed_width,
                two->pmu.fixed_width);
    diff_events(one, two, diff);
    diff_formats(one, two, diff);
    diff_kept_number(diff, "tsc-khz", one->tsc_khz, two->tsc_khz);
    diff_kept_number(diff, "misc-enable", one->misc_enable, two->misc_enable);
}

/* What the vCPUs of a guest with @from's contract would be made with where @to's is. */
static uint32_t features_for(const CpuContract *from, const CpuContract *to)
{
    const uint32_t pmu_bits =
        (uint32_t)(BIT64(ARM_VCPU_PMU_V3) | BIT64(ARM_VCPU_PMU_V3_STRICT));

    return to->arm.vcpu_features & ~(from->pmu_enabled ? 0 : pmu_bits);
}

static void diff_vcpu_features(const CpuContract *a, const CpuContract *b,
                               const Diff *diff)
{
    uint32_t one = a->arm.vcpu_features, two = b->arm.vcpu_features;
    g_autofree char *left = g_strdup_printf("0x%x", (unsigned)one);
    g_autofree char *right = g_strdup_printf("0x%x", (unsigned)two);

    if (one != two) {
        judged(diff, CHECK_VCPU_FEATURES_DIFFER, "vcpu-features", left, right,
               one == features_for(a, b), two == features_for(b, a));
    }
}

static void diff_arm(const CpuContract *a, const CpuContract *b, const Diff *diff)
{
    const ArmContract *one = &a->arm, *two = &b->arm;
    g_autofree char *cpus_a = one->pmu_cpus ? cpu_set_format(one->pmu_cpus) : NULL;
    g_autofree char *cpus_b = two->pmu_cpus ? cpu_set_format(two->pmu_cpus) : NULL;
    g_autofree char *only_a = arm_registers_missing(one->registers, two->registers);
    g_autofree char *only_b = arm_registers_missing(two->registers, one->registers);
    g_autofree char *midr_a = g_strdup_printf("0x%" PRIx64, one->midr);
    g_autofree char *midr_b = g_strdup_printf("0x%" PRIx64, two->midr);
    g_autofree char *version_a = g_strdup_printf("%u", one->pmu_version);
    g_autofree char *version_b = g_strdup_printf("%u", two->pmu_version);

    diff_equal(diff, CHECK_MIDR_DIFFERS, "midr", midr_a, midr_b);
    diff_vcpu_features(a, b, diff);
    diff_bound(diff, CHECK_KIND_DIFFERS, "pmu.kind", arm_pmu_kind_name(one->pmu_kind),
               arm_pmu_kind_name(two->pmu_kind), a->pmu_enabled, b->pmu_enabled);
    diff_bound(diff, CHECK_SOURCE_DIFFERS, "pmu.source", one->pmu_source, two->pmu_source,
               a->pmu_enabled, b->pmu_enabled);
    diff_kept(diff, "pmu.cpus", cpus_a, cpus_b);
    if (only_a || only_b) {
        judged(diff, CHECK_REGISTER_MISSING, "registers", only_a, only_b, !only_a,
               !only_b);
    }
    diff_bound(diff, CHECK_PMUVER_DIFFERS, "pmu.version", version_a, version_b,
               a->pmu_enabled, b->pmu_enabled);
    if (one->pmu_counters >= 0 && two->pmu_counters >= 0) {
        diff_number(diff, CHECK_COUNTERS_DIFFER, "pmu.counters",
                    (uint64_t)one->pmu_counters, (uint64_t)two->pmu_counters);
    }
}

static void diff_mode(const CpuContract *a, const CpuContract *b, const Diff *diff)
{
    bool one_binds = x86_contract_needs_mode(a), two_binds = x86_contract_needs_mode(b);

    if (a->pmu_mode && b->pmu_mode && a->pmu_mode != b->pmu_mode) {
        judged(diff, CHECK_MODE_DIFFERS, "pmu.mode", host_mode_name(a->pmu_mode),
               host_mode_name(b->pmu_mode), !one_binds, !two_binds);
    }
}

bool contract_diff(const CpuContract *a, const CpuContract *b, Report *report,
                   Report *to_right, Report *to_left)
{
    const Diff rows = {report, to_right, to_left}, *diff = &rows;
    g_autofree char *one = cpu_contract_digest(a);
    g_autofree char *two = cpu_contract_digest(b);

    diff_equal(diff, CHECK_ARCH_DIFFERS, "arch", target_arch_name(a->arch),
               target_arch_name(b->arch));
    diff_equal(diff, CHECK_MACHINE_DIFFERS, "machine", a->machine, b->machine);
    diff_kept(diff, "cpu-model", a->cpu_model, b->cpu_model);
    diff_bound(diff, CHECK_PMU_SWITCH_DIFFERS, "pmu", a->pmu_enabled ? "on" : "off",
               b->pmu_enabled ? "on" : "off", a->pmu_enabled, b->pmu_enabled);
    diff_mode(a, b, diff);
    if (a->arch == b->arch) {
        if (a->arch == TARGET_ARCH_X86_64) {
            diff_x86(a, b, diff);
        } else {
            diff_arm(a, b, diff);
        }
    }
    return strcmp(one, two) == 0;
}

/* Facts of hosts that decide nothing by themselves, but explain. */
static void diff_caps(const HostProfile *a, const HostProfile *b, Report *report)
{
    for (unsigned i = 0; i < KVM_CAPID_COUNT; i++) {
        g_autofree char *one = g_strdup_printf("%d", a->caps[i]);
        g_autofree char *two = g_strdup_printf("%d", b->caps[i]);
        g_autofree char *row = g_strconcat("kvm.", kvm_cap_rows[i].name, NULL);

        if (a->caps[i] != b->caps[i]) {
            note(report, row, one, two, NULL, "what KVM can do");
        }
    }
}

static void diff_parameters(const HostProfile *a, const HostProfile *b, Report *report,
                            bool is_swapped)
{
    for (unsigned i = 0; i < a->module_parameters->len; i++) {
        const ModuleParameter *parameter =
            &g_array_index(a->module_parameters, ModuleParameter, i);
        const char *other =
            host_profile_module_parameter(b, parameter->module, parameter->name);
        g_autofree char *row =
            g_strdup_printf("%s.%s", parameter->module, parameter->name);

        /* The second walk only finds what the first could not see. */
        if (is_swapped ? !other : g_strcmp0(parameter->value, other) != 0) {
            note(report, row, is_swapped ? NULL : parameter->value,
                 is_swapped ? parameter->value : other, NULL, "module parameter");
        }
    }
}

void host_diff(const HostProfile *a, const HostProfile *b, Report *report)
{
    if (g_strcmp0(a->model_name, b->model_name) != 0) {
        note(report, "model-name", a->model_name, b->model_name, NULL, "for people");
    }
    if (g_strcmp0(a->kernel, b->kernel) != 0) {
        note(report, "kernel", a->kernel, b->kernel, NULL, "release");
    }
    diff_caps(a, b, report);
    diff_parameters(a, b, report, false);
    diff_parameters(b, a, report, true);
}
