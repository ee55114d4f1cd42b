/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vpmu resolve: the plan for a guest's CPU on a host, with reasons.
 */
#include <string.h>

#include "util/error.h"
#include "util/json.h"
#include "vpmu.h"

static void print_text(FILE *out, const GuestArgs *guest, const CpuResolveInput *in,
                       const CpuContract *contract, const Report *report)
{
    g_autoptr(GArray) table = cpu_table(guest->cpu, in, contract);
    g_autofree char *text = cpu_table_format(table);
    /* What is refused is nobody's contract, so it has no name either. */
    g_autofree char *digest =
        report_count(report, FINDING_ERROR) ? NULL : cpu_contract_digest(contract);

    fprintf(out, "host: %s %s%s%s\n", host_origin_name(in->host->origin),
            target_arch_name(in->host->arch), in->host->model_name ? ", " : "",
            in->host->model_name ? in->host->model_name : "");
    fprintf(out, "guest: machine %s, cpu %s\n\n%s\n", contract->machine,
            contract->cpu_model, text);
    for (unsigned i = 0; i < report_size(report); i++) {
        const Finding *finding = report_get(report, i);
        g_autofree char *line = finding_format(finding);

        fprintf(out, "%s: %s\n", finding_level_name(finding->level), line);
    }
    if (digest) {
        fprintf(out, "resolved, contract %s\n", digest);
    } else {
        fprintf(out, "refused\n");
    }
}

static void print_json(FILE *out, const CpuContract *contract, const Report *report)
{
    g_autojson *json = json_object_new_object();
    g_autofree char *text = NULL;
    bool is_resolved = report_count(report, FINDING_ERROR) == 0;

    json_add_bool(json, "resolved", is_resolved);
    if (is_resolved) {
        json_add(json, "contract", cpu_contract_format(contract));
    }
    json_add(json, "findings", report_to_json(report));
    text = json_format_pretty(json);
    fprintf(out, "%s\n", text);
}

VpmuExit vpmu_resolve(char **args, FILE *out, GError **errp)
{
    const char *from = NULL;
    bool as_json = false;
    g_autoptr(HostProfile) host = NULL;
    g_autoptr(Report) report = report_new();
    g_autoptr(GuestArgs) guest = NULL;
    g_autoptr(CpuContract) contract = NULL;
    CpuResolveInput in;

    for (; *args && strcmp(*args, "--") != 0; args++) {
        if (strcmp(*args, "--json") == 0) {
            as_json = true;
        } else if (strcmp(*args, "--host") == 0) {
            from = vpmu_take_value(&args, errp);
            if (!from) {
                return VPMU_EXIT_BAD_INPUT;
            }
        } else {
            error_set(errp, "'%s' is not an option here; the guest's options follow --",
                      *args);
            return VPMU_EXIT_BAD_INPUT;
        }
    }
    if (!from) {
        error_set(errp, "--host FILE or --host live is missing");
        return VPMU_EXIT_BAD_INPUT;
    }
    host = vpmu_load_host(from, errp);
    guest =
        host ? guest_args_parse(args + (*args != NULL), host->arch, report, errp) : NULL;
    if (!guest) {
        return VPMU_EXIT_BAD_INPUT;
    }
    in = (CpuResolveInput){host, (const KvmAccel *)guest->accel, guest->machine};
    contract = cpu_resolve(guest->cpu, &in, report);
    if (as_json) {
        print_json(out, contract, report);
    } else {
        print_text(out, guest, &in, contract, report);
    }
    return report_count(report, FINDING_ERROR) ? VPMU_EXIT_REFUSED : VPMU_EXIT_OK;
}
