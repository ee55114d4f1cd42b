/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a subcommand gets its hosts and contracts from.
 */
#include <string.h>

#include "accel/host-probe.h"
#include "util/error.h"
#include "util/file.h"
#include "util/json.h"
#include "vpmu.h"

#define FILE_MAX (16 * 1024 * 1024)
#define BOM      "\xef\xbb\xbf"

char *vpmu_read_text(const char *path, GError **errp)
{
    g_autoptr(FileSys) fs = file_sys_new("");
    size_t len = 0;
    g_autofree char *text = file_read(fs, path, FILE_MAX, &len, errp);
    bool is_wide = text && len >= 2 &&
                   (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0);
    g_autofree char *narrow =
        is_wide ? g_convert(text, (gssize)len, "UTF-8", "UTF-16", NULL, &len, NULL)
                : NULL;
    const char *content = is_wide ? narrow : text;

    if (!text) {
        return NULL;
    }
    if (!content) {
        error_set(errp, "%s: begins as UTF-16 and is none", path);
        return NULL;
    }
    if (strlen(content) != len) {
        error_set(errp, "%s: contains a NUL byte, text is expected", path);
        return NULL;
    }
    return g_strdup(content + (g_str_has_prefix(content, BOM) ? strlen(BOM) : 0));
}

json_object *vpmu_read_json(const char *path, GError **errp)
{
    g_autofree char *text = vpmu_read_text(path, errp);
    json_object *json = text ? json_parse(text, -1, errp) : NULL;

    if (text && !json) {
        g_prefix_error(errp, "%s: ", path);
    }
    return json;
}

static HostProfile *probe_live(GError **errp)
{
    g_autoptr(KvmSys) sys = kvm_sys_new_real("/dev/kvm", errp);
    g_autoptr(FileSys) fs = file_sys_new("");

    return sys ? kvm_host_profile_probe(sys, fs, errp) : NULL;
}

HostProfile *vpmu_load_host(const char *from, GError **errp)
{
    g_autojson *json = NULL;
    HostProfile *host;

    if (strcmp(from, "live") == 0) {
        return probe_live(errp);
    }
    json = vpmu_read_json(from, errp);
    if (!json) {
        return NULL;
    }
    host = host_profile_parse(json, errp);
    if (!host) {
        g_prefix_error(errp, "%s: ", from);
    }
    return host;
}

CpuContract *vpmu_load_contract(const char *path, GError **errp)
{
    g_autojson *json = vpmu_read_json(path, errp);
    json_object *inner = json;
    CpuContract *contract;
    bool resolved = true;

    if (!json) {
        return NULL;
    }
    if (json_has(json, "resolved") &&
        !json_get_bool(json, path, "resolved", &resolved, errp)) {
        return NULL;
    }
    if (!resolved) {
        error_set(errp,
                  "%s: this was refused when it was resolved: there is no guest "
                  "with such a contract",
                  path);
        return NULL;
    }
    if ((json_has(inner, "return") &&
         !json_get_object(inner, path, "return", &inner, errp)) ||
        (json_has(inner, "contract") &&
         !json_get_object(inner, path, "contract", &inner, errp))) {
        return NULL;
    }
    contract = cpu_contract_parse(inner, errp);
    if (!contract) {
        g_prefix_error(errp, "%s: ", path);
    }
    return contract;
}

static GuestArgs *args_of_cpu(TargetArch arch, const char *cpu, GError **errp)
{
    const char *const args[] = {"-cpu", cpu, NULL};
    g_autoptr(Report) report = report_new();

    return guest_args_parse((char **)args, arch, report, errp);
}

GuestArgs *vpmu_most_args(TargetArch arch, GError **errp)
{
    return args_of_cpu(
        arch, arch == TARGET_ARCH_X86_64 ? "host,pebs-fmt=host,lbr-fmt=host" : "host",
        errp);
}

CpuContract *vpmu_host_contract(const HostProfile *host, const char *cpu, GError **errp)
{
    g_autoptr(Report) report = report_new();
    g_autoptr(GuestArgs) guest =
        cpu ? args_of_cpu(host->arch, cpu, errp) : vpmu_most_args(host->arch, errp);
    CpuResolveInput in;

    if (!guest) {
        return NULL;
    }
    in = (CpuResolveInput){host, (const KvmAccel *)guest->accel, guest->machine};
    return cpu_resolve(guest->cpu, &in, report);
}
