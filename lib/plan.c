/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a host answers to a request.
 */
#include "internal.h"
#include "util/error.h"
#include "util/json.h"

static void add_all(Report *to, const Report *from)
{
    for (unsigned i = 0; i < report_size(from); i++) {
        report_add(to, report_get(from, i));
    }
}

VpmuPlan *lib_plan_new(const VpmuRequest *request, const VpmuHost *host)
{
    const CpuResolveInput in = {host->profile, (const KvmAccel *)request->accel,
                                request->machine};
    VpmuPlan *plan = g_new0(VpmuPlan, 1);
    Report *report = report_new();

    plan->host = lib_host_ref(host);
    plan->request = lib_request_ref(request);
    add_all(report, request->report);
    plan->contract.inner = cpu_resolve(request->cpu, &in, report);
    plan->table = cpu_table(request->cpu, &in, plan->contract.inner);
    plan->report = lib_report_new(report);
    return plan;
}

VpmuStatus vpmu_resolve(const VpmuRequest *request, const VpmuHost *host, VpmuPlan **ret,
                        char **message)
{
    if (request->arch != host->profile->arch) {
        GError *error = NULL;

        error_set(&error, "the request is for %s, the host is %s",
                  target_arch_name(request->arch), target_arch_name(host->profile->arch));
        return lib_fail(error, message);
    }
    *ret = lib_plan_new(request, host);
    return VPMU_OK;
}

void vpmu_plan_free(VpmuPlan *plan)
{
    if (plan) {
        g_array_unref(plan->table);
        vpmu_report_free(plan->report);
        cpu_contract_free(plan->contract.inner);
        vpmu_request_free(plan->request);
        vpmu_host_free(plan->host);
        g_free(plan);
    }
}

bool vpmu_plan_is_resolved(const VpmuPlan *plan)
{
    return vpmu_report_errors(plan->report) == 0;
}

const VpmuContract *vpmu_plan_contract(const VpmuPlan *plan)
{
    return vpmu_plan_is_resolved(plan) ? &plan->contract : NULL;
}

const VpmuReport *vpmu_plan_report(const VpmuPlan *plan)
{
    return plan->report;
}

const char *vpmu_plan_machine(const VpmuPlan *plan)
{
    return plan->contract.inner->machine;
}

const char *vpmu_plan_cpu(const VpmuPlan *plan)
{
    return plan->contract.inner->cpu_model;
}

char *vpmu_plan_to_json(const VpmuPlan *plan)
{
    g_autojson *json = json_object_new_object();
    bool is_resolved = vpmu_plan_is_resolved(plan);

    json_add_bool(json, "resolved", is_resolved);
    if (is_resolved) {
        json_add(json, "contract", cpu_contract_format(plan->contract.inner));
    }
    json_add(json, "findings", report_to_json(plan->report->inner));
    return json_format_pretty(json);
}

char *vpmu_plan_to_text(const VpmuPlan *plan)
{
    const HostProfile *host = plan->host->profile;
    g_autofree char *table = cpu_table_format(plan->table);
    /* What is refused is nobody's contract, so it has no name either. */
    g_autofree char *digest =
        vpmu_plan_is_resolved(plan) ? cpu_contract_digest(plan->contract.inner) : NULL;
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "host: %s %s%s%s\n", host_origin_name(host->origin),
                           target_arch_name(host->arch), host->model_name ? ", " : "",
                           host->model_name ? host->model_name : "");
    g_string_append_printf(text, "guest: machine %s, cpu %s\n\n%s\n",
                           vpmu_plan_machine(plan), vpmu_plan_cpu(plan), table);
    for (unsigned i = 0; i < vpmu_report_size(plan->report); i++) {
        const VpmuFinding *finding = vpmu_report_get(plan->report, i);
        g_autofree char *line = vpmu_finding_to_text(finding);

        g_string_append_printf(text, "%s: %s\n", vpmu_level_name(finding->level), line);
    }
    if (digest) {
        g_string_append_printf(text, "resolved, contract %s\n", digest);
    } else {
        g_string_append(text, "refused\n");
    }
    return g_string_free(text, FALSE);
}

char *vpmu_plan_table_to_json(const VpmuPlan *plan)
{
    g_autojson *json = cpu_table_to_json(plan->table);

    return json_format(json);
}

char *vpmu_plan_table_to_text(const VpmuPlan *plan)
{
    return cpu_table_format(plan->table);
}

/* A host that samples precisely itself takes the debug store from its guests meanwhile.
 * Source: Linux arch/x86/kvm/vmx/pmu_intel.c, intel_pmu_cross_mapped_check(). */
char *vpmu_plan_advice(const VpmuPlan *plan)
{
    const X86Contract *x86 = &plan->contract.inner->x86;
    bool has_pebs = x86->words[X86_WORD_PERF_CAPABILITIES] & X86_PEBS_FMT_MASK;

    return g_strdup(
        has_pebs
            ? "PEBS: silent in the guest while the host uses PEBS itself, or while a "
              "counter of the guest is served by another one of the host: run no "
              "perf record -e …:p on the host meanwhile\n"
            : "");
}

VpmuStatus vpmu_plan_try(const VpmuPlan *plan, VpmuReport **ret_kept, char **message)
{
    g_autoptr(Report) found = report_new();
    g_autoptr(Report) judged = report_new();
    GError *error = NULL;

    if (!lib_can_try(plan->request->arch)) {
        error_set(&error, "a vCPU of %s cannot be tried here",
                  target_arch_name(plan->request->arch));
        return lib_fail_with(VPMU_UNSUPPORTED, error, message);
    }
    if (!lib_try_vcpu(plan->contract.inner, plan->host->profile, found, &error)) {
        return lib_fail_with(VPMU_REFUSED, error, message);
    }
    cpu_judge_found(plan->request->cpu, found, judged);
    /* check=off silences a start, not an examination. */
    lib_report_give(report_size(judged) ? g_steal_pointer(&judged)
                                        : g_steal_pointer(&found),
                    ret_kept);
    return VPMU_OK;
}
