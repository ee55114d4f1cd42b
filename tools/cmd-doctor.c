/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vpmu doctor: what a guest can have of a host's PMU, and who took the rest.
 */
#include <string.h>

#include "target/pmu-select.h"
#include "util/error.h"
#include "vpmu.h"

static void print_host(FILE *out, const HostProfile *host)
{
    const char *parameter = host_profile_module_parameter(host, "kvm", "enable_pmu");

    fprintf(out, "host: %s %s\n", host_origin_name(host->origin),
            target_arch_name(host->arch));
    if (host->model_name) {
        fprintf(out, "CPU: %s\n", host->model_name);
    }
    if (host->kernel) {
        fprintf(out, "kernel: %s\n", host->kernel);
    }
    if (host->origin_detail) {
        fprintf(out, "derived from: %s\n", host->origin_detail);
    }
    if (parameter) {
        fprintf(out, "module kvm: enable_pmu=%s\n", parameter);
    }
    if (host->arch == TARGET_ARCH_X86_64 &&
        x86_cpuid_reg(host->x86.cpuid, 1, 0, X86_ECX) >> 31) {
        fprintf(out,
                "this host is itself a guest: a hypervisor above decides what its CPU "
                "shows\n");
    }
    if (host->nmi_watchdog == 1) {
        fprintf(out, "NMI watchdog: on, it holds one counter%s\n",
                host_profile_module_flag(host, "enable_mediated_pmu", false)
                    ? "; with the mediated vPMU no vCPU can be created: write 0 to "
                      "/proc/sys/kernel/nmi_watchdog"
                    : "");
    }
}

static void print_sources(FILE *out, const HostProfile *host)
{
    for (unsigned i = 0; i < host->sources->len; i++) {
        const PmuSource *source = &g_array_index(host->sources, PmuSource, i);
        g_autofree char *cpus = source->cpus ? cpu_set_format(source->cpus) : NULL;

        if (!cpus) {
            continue;
        }
        fprintf(out, "event source %s: type %u, CPUs %s: %s%s\n", source->name,
                source->type, cpus,
                pmu_source_covers(host, source) ? "covers every possible CPU"
                                                : "covers part of the CPUs",
                source->trial > 0 ? ", refused by KVM" : "");
    }
}

static bool same_story(const Finding *a, const Finding *b)
{
    return a->level == b->level && g_strcmp0(a->cause, b->cause) == 0 &&
           g_strcmp0(a->remedy, b->remedy) == 0;
}

/* The rows that have the story of finding @at, or NULL where an earlier one told it. */
static GPtrArray *rows_of_story(const Report *report, unsigned at)
{
    const Finding *finding = report_get(report, at);
    GPtrArray *rows = g_ptr_array_new();

    for (unsigned i = 0; i < report_size(report); i++) {
        if (same_story(report_get(report, i), finding)) {
            if (i < at) {
                g_ptr_array_unref(rows);
                return NULL;
            }
            g_ptr_array_add(rows, report_get(report, i)->row);
        }
    }
    g_ptr_array_add(rows, NULL);
    return rows;
}

/* One cause may take a lot: it is told once, with all it took. */
static void print_findings(FILE *out, const Report *report)
{
    for (unsigned i = 0; i < report_size(report); i++) {
        const Finding *finding = report_get(report, i);
        g_autoptr(GPtrArray) rows = rows_of_story(report, i);
        g_autofree char *names = NULL;
        g_autofree char *line = NULL;

        if (!rows) {
            continue;
        }
        if (rows->len == 2) { /* one, and the end */
            line = finding_format(finding);
        } else {
            names = g_strjoinv(", ", (char **)rows->pdata);
            line = finding_format(&(Finding){
                .row = names, .cause = finding->cause, .remedy = finding->remedy});
        }
        fprintf(out, "%s: %s\n", finding_level_name(finding->level), line);
    }
}

/* Deciding is one thing; the kernel has the last word. */
static void try_contract(FILE *out, const Object *cpu, const CpuContract *contract)
{
    g_autoptr(Report) found = report_new();
    g_autoptr(Report) report = report_new();
    g_autoptr(GError) error = NULL;

    fprintf(out, "\na vCPU of it, made and released: ");
    if (!vpmu_try_vcpu(contract, found, &error)) {
        fprintf(out, "refused: %s\n", error->message);
        return;
    }
    fprintf(out, "%s\n",
            report_size(found) ? "taken, but kept otherwise than told:"
                               : "taken, CPUID and MSRs read back as told");
    cpu_judge_found(cpu, found, report);
    /* check=off silences a start, not an examination. */
    print_findings(out, report_size(report) ? report : found);
}

/* A host that samples precisely itself takes the debug store from its guests meanwhile.
 * Source: Linux arch/x86/kvm/vmx/pmu_intel.c, intel_pmu_cross_mapped_check(). */
static void print_pebs(FILE *out, const CpuContract *contract)
{
    if (contract->x86.words[X86_WORD_PERF_CAPABILITIES] & X86_PEBS_FMT_MASK) {
        fprintf(out,
                "PEBS: silent in the guest while the host uses PEBS itself, or while a "
                "counter of the guest is served by another one of the host: run no "
                "perf record -e …:p on the host meanwhile\n");
    }
}

static bool examine(FILE *out, const HostProfile *host, bool is_live, char **args,
                    GError **errp)
{
    g_autoptr(Report) report = report_new();
    g_autoptr(GuestArgs) guest = guest_args_parse(args, host->arch, report, errp);
    g_autoptr(CpuContract) contract = NULL;
    g_autoptr(GArray) table = NULL;
    g_autofree char *text = NULL;
    CpuResolveInput in;

    if (!guest) {
        return false;
    }
    print_host(out, host);
    print_sources(out, host);
    in = (CpuResolveInput){host, (const KvmAccel *)guest->accel, guest->machine};
    contract = cpu_resolve(guest->cpu, &in, report);
    table = cpu_table(guest->cpu, &in, contract);
    text = cpu_table_format(table);
    fprintf(out, "\na guest of machine %s with cpu %s:\n\n%s\n", guest->machine,
            contract->cpu_model, text);
    print_findings(out, report);
    print_pebs(out, contract);
    if (is_live && vpmu_can_try(host->arch)) {
        try_contract(out, guest->cpu, contract);
    }
    return true;
}

VpmuExit vpmu_doctor(char **args, FILE *out, GError **errp)
{
    /* Ask for everything, so that each thing the host lacks gets its reason. */
    static const char *const x86_wish[] = {
        "-cpu",
        "host,pmu=on,pdcm=on,full-width-write=on,pebs-fmt=host,lbr-fmt=host,"
        "pebs-baseline=on,perf-metrics=on",
        NULL};
    static const char *const amd_wish[] = {
        "-cpu", "host,pmu=on,perfctr-core=on,perfmon-v2=on", NULL};
    static const char *const arm_wish[] = {"-cpu", "host", NULL};
    const char *from = "live";
    g_autoptr(HostProfile) host = NULL;
    const char *const *wish;
    char vendor[13];

    for (; *args && strcmp(*args, "--") != 0; args++) {
        if (strcmp(*args, "--host") != 0) {
            error_set(errp, "'%s' is not an option here; the guest's options follow --",
                      *args);
            return VPMU_EXIT_BAD_INPUT;
        }
        from = vpmu_take_value(&args, errp);
        if (!from) {
            return VPMU_EXIT_BAD_INPUT;
        }
    }
    host = vpmu_load_host(from, errp);
    if (!host) {
        return VPMU_EXIT_BAD_INPUT;
    }
    host_profile_vendor(host, vendor);
    wish = host->arch == TARGET_ARCH_AARCH64 ? arm_wish
           : x86_vendor_is_amd(vendor)       ? amd_wish
                                             : x86_wish;
    return examine(out, host, strcmp(from, "live") == 0, *args ? args + 1 : (char **)wish,
                   errp)
               ? VPMU_EXIT_OK
               : VPMU_EXIT_BAD_INPUT;
}
