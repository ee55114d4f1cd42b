/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doc-tables NAME - print one table of the manual, from the rows that the program runs
 * on.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../unit/resolve-case.h"
#include "target/contract-check.h"
#include "target/x86-absent.h"
#include "target/x86-kernel-rules.h"
#include "target/x86-msr-rules.h"
#include "target/x86-pmu-state.h"
#include "util/bits.h"

static void print_bits(void)
{
    printf("| feature | word | bit | what it is |\n|---|---|---|---|\n");
    for (unsigned i = 0; i < X86_FEATURE_COUNT; i++) {
        const X86FeatureRow *row = &x86_feature_rows[i];

        if (row->word == X86_WORD_PERF_CAPABILITIES || i == X86_PDCM || i == X86_DS ||
            i == X86_DTES64 || i == X86_DS_CPL || i == X86_ARCH_LBR ||
            i == X86_INTEL_PT || i == X86_PERFCTR_CORE || i == X86_PERFCTR_NB ||
            i == X86_PERFMON_V2) {
            printf("| `%s` | %s | %d | %s |\n", row->name, x86_word_rows[row->word].name,
                   __builtin_ctzll(row->mask), row->doc);
        }
    }
}

static void print_compat(void)
{
    const MachineVersion *versions;
    unsigned count;

    versions = machine_versions(&count);
    printf("| up to | property | value | what a guest sees |\n|---|---|---|---|\n");
    for (unsigned i = 0; i < count; i++) {
        for (unsigned k = 0; k < versions[i].row_count; k++) {
            const CompatRow *row = &versions[i].rows[k];

            printf("| %s | `%s.%s` | %s | %s |\n", versions[i].name, row->property.type,
                   row->property.property, row->property.value, row->why);
        }
    }
}

static void print_versions(void)
{
    unsigned count;
    const MachineVersion *versions = machine_versions(&count);

    printf("| version | x86-64 | arm64 |\n|---|---|---|\n");
    for (unsigned i = 0; i < count; i++) {
        printf("| %s | `pc-q35-%s`%s | `virt-%s`%s |\n", versions[i].name,
               versions[i].name, i ? "" : ", `q35`, `microvm`, `none`", versions[i].name,
               i ? "" : ", `virt`, `none`");
    }
}

static void print_kernel_rules(void)
{
    printf("| since Linux | guests can have |\n|---|---|\n");
    for (unsigned i = 0; i < X86_KERNEL_RULE_COUNT; i++) {
        const X86KernelRuleRow *row = &x86_kernel_rules[i];

        printf("| %u.%u | %s |\n", row->since.major, row->since.minor, row->what);
    }
}

static void print_msrs(void)
{
    printf("| MSR | number | written in phase | a guest has it with | KVM takes |\n"
           "|---|---|---|---|---|\n");
    for (unsigned i = 0; i < x86_pmu_msr_row_count; i++) {
        const X86MsrRow *row = &x86_pmu_msr_rows[i];

        const X86MsrRule *rule = x86_msr_rule(row->index);

        printf("| %s | 0x%x%s | %s | %s | %s |\n", row->name, row->index,
               row->stride > 1 ? " and every second" : "", x86_msr_phase_name(row->phase),
               row->when, rule ? rule->takes : "any value");
    }
}

static void print_msr_counts(void)
{
    static const struct {
        const char *guest, *host, *cpu;
    } rows[] = {
        {"no PMU", "intel-icelake-sp", "host,pmu=off"},
        {"architectural PMU", "intel-icelake-sp", "host"},
        {"+ PEBS", "intel-icelake-sp", "host,pebs-fmt=host"},
        {"+ LBR", "intel-icelake-sp", "host,lbr-fmt=host"},
        {"+ PEBS + LBR", "intel-icelake-sp", "host,pebs-fmt=host,lbr-fmt=host"},
        {"architectural PMU + perf-metrics", "intel-sapphirerapids-topdown", "host"},
        {"AMD, four counters", "amd-zen4-genoa", "host,perfctr-core=off"},
        {"AMD, core counters", "amd-zen3-milan", "host"},
        {"AMD, PerfMonV2", "amd-zen4-genoa", "host"},
    };

    printf("| guest | PMU MSRs in a save | writes of a reset |\n|---|---|---|\n");
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(ResolveCase) c = resolve(rows[i].host, "q35", rows[i].cpu);
        X86Msr msrs[X86_PMU_STATE_MAX];
        unsigned saved = x86_pmu_state_list(c->contract, msrs);

        printf("| %s | %u | %u |\n", rows[i].guest, saved,
               x86_pmu_state_reset(c->contract, msrs));
    }
}

/* Each cause once, in the order of the findings. */
static char *causes(const Report *report)
{
    g_autoptr(GPtrArray) told = g_ptr_array_new();

    for (unsigned i = 0; i < report_size(report); i++) {
        const char *cause = report_get(report, i)->cause;

        if (cause && !g_ptr_array_find_with_equal_func(told, cause, g_str_equal, NULL)) {
            g_ptr_array_add(told, (char *)cause);
        }
    }
    g_ptr_array_add(told, NULL);
    return g_strjoinv("; ", (char **)told->pdata);
}

static void print_x86_hosts(void)
{
    g_auto(GStrv) profiles = resolve_profile_names("");

    printf("| host | PMU | counters | PEBS | LBR | perf-metrics | why not more |\n"
           "|---|---|---|---|---|---|---|\n");
    for (unsigned i = 0; profiles[i]; i++) {
        g_autoptr(ResolveCase) c = NULL;
        g_autofree char *why = NULL;
        const X86Contract *x86;

        if (g_str_has_prefix(profiles[i], "arm-")) {
            continue;
        }
        c = resolve(profiles[i], "q35", "host,pmu=on,pebs-fmt=host,lbr-fmt=host");
        x86 = &c->contract->x86;
        why = causes(c->report);
        printf("| %s | %s | %u + %u | %u | %u | %s | %s |\n", profiles[i],
               c->contract->pmu_enabled ? "on" : "off", x86->pmu.gp_counters,
               x86->pmu.fixed_counters,
               (unsigned)((x86->words[X86_WORD_PERF_CAPABILITIES] & X86_PEBS_FMT_MASK) >>
                          X86_PEBS_FMT_SHIFT),
               (unsigned)(x86->words[X86_WORD_PERF_CAPABILITIES] & X86_LBR_FMT_MASK),
               resolve_has(c, X86_PERF_METRICS) ? "on" : "off", why);
    }
}

static void print_arm_outcome(const char *profile, const char *machine, const char *accel)
{
    g_autoptr(ResolveCase) c =
        resolve_case_new(resolve_profile(profile), machine, "host", accel);
    const ArmContract *arm = &c->contract->arm;
    g_autofree char *cpus =
        c->binding->pmu_cpus ? cpu_set_format(c->binding->pmu_cpus) : NULL;

    printf(" %s%s%s%s%s |", arm_pmu_kind_name(arm->pmu_kind), arm->pmu_source ? " " : "",
           arm->pmu_source ? arm->pmu_source : "", cpus ? ", CPUs " : "",
           cpus ? cpus : "");
}

static void print_check_reasons(void)
{
    printf("| code | relation | what it says |\n|---|---|---|\n");
    for (unsigned i = CHECK_NO_REASON + 1; i < CHECK_REASON_COUNT; i++) {
        const CheckReasonRow *row = &check_reason_rows[i];

        printf("| `%s` | %s | %s |\n", row->code, relation_name(row->relation),
               row->sentence);
    }
}

static void print_arm_hosts(void)
{
    g_auto(GStrv) profiles = resolve_profile_names("arm-");

    printf("| host | possible CPUs | `virt` | `virt`, last source named | "
           "`virt-11.1` |\n|---|---|---|---|---|\n");
    for (unsigned i = 0; profiles[i]; i++) {
        g_autoptr(HostProfile) host = resolve_profile(profiles[i]);
        g_autofree char *possible = cpu_set_format(host->possible);
        g_autofree char *accel = NULL;

        for (unsigned k = 0; k < host->sources->len; k++) {
            const PmuSource *source = &g_array_index(host->sources, PmuSource, k);

            if (source->cpus) {
                g_free(accel);
                accel = g_strdup_printf("pmu=%s", source->name);
            }
        }
        printf("| %s | %s |", profiles[i], possible);
        print_arm_outcome(profiles[i], "virt", NULL);
        print_arm_outcome(profiles[i], "virt", accel);
        print_arm_outcome(profiles[i], "virt-11.1", NULL);
        printf("\n");
    }
}

/* One letter per kind of reason, for tables where a word has no room. */
static const struct {
    char letter;
    const char *what;
    CheckReason first, last;
} matrix_letters[] = {
    {'V', "another vendor", CHECK_ARCH_DIFFERS, CHECK_VENDOR_DIFFERS},
    {'I', "another family or model", CHECK_FAMILY_DIFFERS, CHECK_MODEL_DIFFERS},
    {'A', "fewer address bits", CHECK_PHYS_BITS_FEWER, CHECK_PHYS_BITS_FEWER},
    {'T', "no frequency for the TSC", CHECK_TSC_NOT_SCALED, CHECK_TSC_NOT_SCALED},
    {'F', "features missing", CHECK_FEATURE_MISSING, CHECK_UNNAMED_BITS_MISSING},
    {'L', "another LBR format", CHECK_LBR_FORMAT_DIFFERS, CHECK_LBR_FORMAT_DIFFERS},
    {'B', "another PEBS format or group", CHECK_PEBS_FORMAT_DIFFERS,
     CHECK_PEBS_GROUP_DIFFERS},
    {'N', "no PMU, or one that stays", CHECK_PMU_MISSING, CHECK_PMU_STAYS_ON},
    {'C', "fewer counters or events", CHECK_PMU_VERSION_LOWER, CHECK_EVENT_MISSING},
    {'M', "another MIDR", CHECK_MIDR_DIFFERS, CHECK_MIDR_DIFFERS},
    {'K', "a capability of KVM missing", CHECK_VCPU_FEATURE_MISSING,
     CHECK_VCPU_FEATURE_MISSING},
    {'S', "no such event source, or not for all CPUs", CHECK_SOURCE_MISSING,
     CHECK_BACKEND_MISSING},
    {'E', "other event counters", CHECK_COUNTERS_FEWER, CHECK_COUNTERS_DIFFER},
    {'P', "another PMUVer", CHECK_PMUVER_DIFFERS, CHECK_PMUVER_DIFFERS},
    {'R', "registers of a vCPU missing", CHECK_REGISTER_MISSING, CHECK_REGISTER_MISSING},
    {'O', "KVM in another mode", CHECK_MODE_DIFFERS, CHECK_MODE_DIFFERS},
};

static CheckReason reason_of(const char *code)
{
    CheckReason reason = 0;

    while (strcmp(check_reason_rows[reason].code, code) != 0) {
        reason++;
    }
    return reason;
}

static void print_cell(const CpuContract *contract, const HostProfile *host)
{
    g_autoptr(Report) report = report_new();
    g_autoptr(GString) letters = g_string_new(NULL);

    if (contract_check_host(contract, host, report)) {
        printf(" yes |");
        return;
    }
    for (unsigned i = 0; i < report_size(report); i++) {
        const Finding *finding = report_get(report, i);
        CheckReason reason = reason_of(finding->code);

        for (unsigned k = 0;
             finding->level == FINDING_ERROR && k < ARRAY_LEN(matrix_letters); k++) {
            if (reason >= matrix_letters[k].first && reason <= matrix_letters[k].last &&
                !strchr(letters->str, matrix_letters[k].letter)) {
                g_string_append_c(letters, matrix_letters[k].letter);
            }
        }
    }
    printf(" %s |", letters->str);
}

/* From each host, down, to each host, across, with one command line. */
static void print_matrix(const char *prefix, const char *machine, const char *cpu)
{
    g_auto(GStrv) all = resolve_profile_names(prefix);
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (unsigned i = 0; all[i]; i++) {
        if (*prefix || !g_str_has_prefix(all[i], "arm-")) {
            g_ptr_array_add(names, all[i]);
        }
    }
    printf("| from | |");
    for (unsigned i = 0; i < names->len; i++) {
        printf(" %u |", i + 1);
    }
    printf("\n|---|---|");
    for (unsigned i = 0; i < names->len; i++) {
        printf("---|");
    }
    printf("\n");
    for (unsigned i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        g_autoptr(ResolveCase) c = resolve(name, machine, cpu);

        printf("| %s | %u |", name, i + 1);
        for (unsigned k = 0; k < names->len; k++) {
            g_autoptr(HostProfile) host = resolve_profile(g_ptr_array_index(names, k));

            print_cell(c->contract, host);
        }
        printf("\n");
    }
}

static void print_matrix_x86(void)
{
    print_matrix("", "q35", "host");
}

static void print_matrix_x86_pebs(void)
{
    print_matrix("intel-", "q35", "host,pebs-fmt=host,lbr-fmt=host");
}

static void print_matrix_x86_model(void)
{
    print_matrix("intel-", "q35",
                 "Skylake-Server-v4,pku=off,pmu=on,pdcm=on,full-width-write=on");
}

static void print_matrix_arm(void)
{
    print_matrix("arm-", "virt", "host");
}

static void print_matrix_letters(void)
{
    printf("| letter | reason | codes |\n|---|---|---|\n");
    for (unsigned i = 0; i < ARRAY_LEN(matrix_letters); i++) {
        printf("| %c | %s | `%s`", matrix_letters[i].letter, matrix_letters[i].what,
               check_reason_rows[matrix_letters[i].first].code);
        for (CheckReason reason = matrix_letters[i].first + 1;
             reason <= matrix_letters[i].last; reason++) {
            printf(", `%s`", check_reason_rows[reason].code);
        }
        printf(" |\n");
    }
}

static bool says_the_same(const X86AbsentRow *one, const X86AbsentRow *two)
{
    return strcmp(one->why, two->why) == 0 && strcmp(one->value, two->value) == 0;
}

/* Names that are known and have no other value, with the reason; one line a reason. */
static void print_absent(void)
{
    const X86AbsentRow *row, *other;

    printf("| property | can only be | because it |\n|---|---|---|\n");
    for (unsigned i = 0; (row = x86_absent_row(i)); i++) {
        bool is_said = false;

        for (unsigned k = 0; k < i; k++) {
            is_said |= says_the_same(x86_absent_row(k), row);
        }
        if (is_said) {
            continue;
        }
        for (unsigned k = i; (other = x86_absent_row(k)); k++) {
            if (says_the_same(other, row)) {
                printf("%s`%s`", k == i ? "| " : ", ", other->name);
            }
        }
        printf(" | %s | %s |\n", *row->value ? row->value : "empty", row->why);
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } tables[] = {
        {"x86-bits", print_bits},
        {"x86-hosts", print_x86_hosts},
        {"x86-msrs", print_msrs},
        {"x86-msr-counts", print_msr_counts},
        {"compat", print_compat},
        {"absent", print_absent},
        {"versions", print_versions},
        {"kernel-rules", print_kernel_rules},
        {"arm-hosts", print_arm_hosts},
        {"check-reasons", print_check_reasons},
        {"matrix-x86", print_matrix_x86},
        {"matrix-x86-pebs", print_matrix_x86_pebs},
        {"matrix-x86-model", print_matrix_x86_model},
        {"matrix-arm", print_matrix_arm},
        {"matrix-letters", print_matrix_letters},
    };

    for (unsigned i = 0; argc == 2 && i < ARRAY_LEN(tables); i++) {
        if (strcmp(argv[1], tables[i].name) == 0) {
            tables[i].print();
            return 0;
        }
    }
    fprintf(stderr, "usage: doc-tables NAME\n");
    return 2;
}
