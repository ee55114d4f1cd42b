/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vpmu check, diff and baseline: contracts against hosts and each other.
 */
#include <string.h>

#include "target/contract-check.h"
#include "util/error.h"
#include "util/file.h"
#include "util/json.h"
#include "vpmu.h"

/* A contract, bare or as "vpmu resolve --json --full" wraps it. */
static CpuContract *load_contract(const char *path, GError **errp)
{
    g_autojson *json = vpmu_read_json(path, errp);
    json_object *inner = json;
    CpuContract *contract;

    if (!json) {
        return NULL;
    }
    if (json_has(json, "contract") &&
        !json_get_object(json, path, "contract", &inner, errp)) {
        return NULL;
    }
    contract = cpu_contract_parse(inner, errp);
    if (!contract) {
        g_prefix_error(errp, "%s: ", path);
    }
    return contract;
}

static void add_path(GPtrArray *paths, const char *path)
{
    g_autoptr(FileSys) fs = file_sys_new("");
    g_auto(GStrv) names =
        g_file_test(path, G_FILE_TEST_IS_DIR) ? file_list(fs, path, NULL) : NULL;

    if (!names) {
        g_ptr_array_add(paths, g_strdup(path));
    }
    for (unsigned i = 0; names && names[i]; i++) {
        if (g_str_has_suffix(names[i], ".json")) {
            g_ptr_array_add(paths, g_build_filename(path, names[i], NULL));
        }
    }
}

static json_object *verdict_json(const char *path, bool ok, const Report *report)
{
    json_object *json = json_object_new_object();

    json_add_string(json, "host", path);
    json_add_bool(json, "ok", ok);
    json_add(json, "findings", report_to_json(report));
    return json;
}

static void print_verdict(FILE *out, const char *path, bool ok, const Report *report)
{
    fprintf(out, "%s: %s\n", path, ok ? "ok" : "refused");
    for (unsigned i = 0; i < report_size(report); i++) {
        g_autofree char *line = finding_format(report_get(report, i));

        fprintf(out, "  %s\n", line);
    }
}

/* Returns the number of hosts that can run the guest, or -1. */
static int check_hosts(const CpuContract *contract, const GPtrArray *paths,
                       json_object *array, FILE *out, GError **errp)
{
    int good = 0;

    for (unsigned i = 0; i < paths->len; i++) {
        const char *path = g_ptr_array_index(paths, i);
        g_autoptr(HostProfile) host = vpmu_load_host(path, errp);
        g_autoptr(Report) report = report_new();
        bool ok;

        if (!host) {
            return -1;
        }
        ok = contract_check_host(contract, host, report);
        good += ok;
        if (array) {
            json_object_array_add(array, verdict_json(path, ok, report));
        } else {
            print_verdict(out, path, ok, report);
        }
    }
    return good;
}

VpmuExit vpmu_check(char **args, FILE *out, GError **errp)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(CpuContract) contract = NULL;
    g_autojson *json = NULL;
    g_autofree char *text = NULL;
    const char *from = NULL;
    bool in_hosts = false;
    int good;

    for (; *args; args++) {
        if (strcmp(*args, "--json") == 0) {
            json = json ? json : json_object_new_array();
        } else if (strcmp(*args, "--contract") == 0 && args[1]) {
            from = *++args;
        } else if (strcmp(*args, "--host") == 0 && args[1]) {
            add_path(paths, *++args);
            in_hosts = true;
        } else if (in_hosts && (*args)[0] != '-') {
            add_path(paths, *args);
        } else {
            error_set(errp, "'%s' is not an option, see vpmu help", *args);
            return VPMU_EXIT_BAD_INPUT;
        }
    }
    if (!from || !paths->len) {
        error_set(errp, "--contract FILE and --host FILE… are both needed");
        return VPMU_EXIT_BAD_INPUT;
    }
    contract = load_contract(from, errp);
    good = contract ? check_hosts(contract, paths, json, out, errp) : -1;
    if (good < 0) {
        return VPMU_EXIT_BAD_INPUT;
    }
    if (json) {
        text = json_format_pretty(json);
        fprintf(out, "%s\n", text);
    }
    return (unsigned)good == paths->len ? VPMU_EXIT_OK : VPMU_EXIT_REFUSED;
}

VpmuExit vpmu_diff(char **args, FILE *out, GError **errp)
{
    g_autoptr(CpuContract) a = NULL;
    g_autoptr(CpuContract) b = NULL;
    g_autoptr(Report) report = report_new();
    bool same;

    if (!args[0] || !args[1] || args[2]) {
        error_set(errp, "two contracts are needed");
        return VPMU_EXIT_BAD_INPUT;
    }
    a = load_contract(args[0], errp);
    b = a ? load_contract(args[1], errp) : NULL;
    if (!b) {
        return VPMU_EXIT_BAD_INPUT;
    }
    same = contract_diff(a, b, report);
    for (unsigned i = 0; i < report_size(report); i++) {
        const Finding *finding = report_get(report, i);

        fprintf(out, "%s: %s -> %s\n", finding->row, finding->asked, finding->given);
    }
    fprintf(out, "%s\n", same ? "the same" : "different");
    return same ? VPMU_EXIT_OK : VPMU_EXIT_REFUSED;
}

/* The contract of -cpu host on @host, machine version the newest. */
static CpuContract *host_contract(const HostProfile *host, const char *cpu, GError **errp)
{
    const char *const args[] = {"-cpu", cpu, NULL};
    g_autoptr(Report) report = report_new();
    g_autoptr(GuestArgs) guest =
        guest_args_parse((char **)args, host->arch, report, errp);
    CpuResolveInput in;

    if (!guest) {
        return NULL;
    }
    in = (CpuResolveInput){host, (const KvmAccel *)guest->accel, guest->machine};
    return cpu_resolve(guest->cpu, &in, report);
}

VpmuExit vpmu_baseline(char **args, FILE *out, GError **errp)
{
    g_autofree char *cpu = g_strdup("host,pebs-fmt=host,lbr-fmt=host");
    g_autoptr(CpuContract) so_far = NULL;
    g_autoptr(HostProfile) first = NULL;

    for (; *args; args++) {
        g_autoptr(HostProfile) host = vpmu_load_host(*args, errp);
        g_autoptr(CpuContract) next =
            host ? host_contract(host, "host,pebs-fmt=host,lbr-fmt=host", errp) : NULL;

        if (!next) {
            return VPMU_EXIT_BAD_INPUT;
        }
        if (next->arch != TARGET_ARCH_X86_64) {
            error_set(errp,
                      "%s: on arm64 the guest's CPU is the host's, there is no "
                      "baseline",
                      *args);
            return VPMU_EXIT_BAD_INPUT;
        }
        g_free(cpu);
        cpu = x86_contract_baseline(so_far ? so_far : next, next);
        if (!first) {
            first = g_steal_pointer(&host);
        }
        cpu_contract_free(so_far);
        so_far = host_contract(first, cpu, errp);
        if (!so_far) {
            return VPMU_EXIT_BAD_INPUT;
        }
    }
    if (!so_far) {
        error_set(errp, "host profiles are needed");
        return VPMU_EXIT_BAD_INPUT;
    }
    fprintf(out, "%s\n", cpu);
    return VPMU_EXIT_OK;
}
