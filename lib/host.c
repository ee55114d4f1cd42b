/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hosts: live, and from their profiles.
 */
#include <string.h>

#include "accel/host-probe.h"
#include "internal.h"
#include "target/pmu-select.h"
#include "util/json.h"

VpmuHost *lib_host_new(HostProfile *profile)
{
    VpmuHost *host = g_new0(VpmuHost, 1);

    g_atomic_ref_count_init(&host->refs);
    host->profile = profile;
    return host;
}

VpmuHost *lib_host_ref(const VpmuHost *host)
{
    VpmuHost *shared = (VpmuHost *)host; /* the count is no part of its value */

    g_atomic_ref_count_inc(&shared->refs);
    return shared;
}

void vpmu_host_free(VpmuHost *host)
{
    if (host && g_atomic_ref_count_dec(&host->refs)) {
        host_profile_free(host->profile);
        g_free(host);
    }
}

VpmuStatus vpmu_host_probe(VpmuHost **ret, char **message)
{
    GError *error = NULL;
    g_autoptr(KvmSys) sys = kvm_sys_new_real("/dev/kvm", &error);
    g_autoptr(FileSys) fs = file_sys_new("");
    HostProfile *profile = sys ? kvm_host_profile_probe(sys, fs, &error) : NULL;

    if (!profile) {
        return lib_fail_with(VPMU_SYSTEM, error, message);
    }
    *ret = lib_host_new(profile);
    return VPMU_OK;
}

VpmuStatus lib_host_of_json(json_object *json, const char *path, VpmuHost **ret,
                            char **message)
{
    GError *error = NULL;
    HostProfile *profile = host_profile_parse(json, &error);

    if (!profile) {
        if (path) {
            g_prefix_error(&error, "%s: ", path);
        }
        return lib_fail(error, message);
    }
    *ret = lib_host_new(profile);
    return VPMU_OK;
}

VpmuStatus vpmu_host_parse(const char *text, size_t len, VpmuHost **ret, char **message)
{
    GError *error = NULL;
    g_autojson *json = lib_parse_json(text, len, NULL, &error);

    return json ? lib_host_of_json(json, NULL, ret, message) : lib_fail(error, message);
}

VpmuStatus vpmu_host_read(const char *path, VpmuHost **ret, char **message)
{
    GError *error = NULL;
    g_autojson *json = lib_read_json(path, &error);

    return json ? lib_host_of_json(json, path, ret, message) : lib_fail(error, message);
}

VpmuArch vpmu_host_arch(const VpmuHost *host)
{
    return host->profile->arch == TARGET_ARCH_AARCH64 ? VPMU_AARCH64 : VPMU_X86_64;
}

char *vpmu_host_to_json(const VpmuHost *host)
{
    g_autojson *json = host_profile_format(host->profile);

    return json_format_pretty(json);
}

static void add_line(GString *text, const char *what, const char *value)
{
    if (value) {
        g_string_append_printf(text, "%s%s\n", what, value);
    }
}

static void add_sources(GString *text, const HostProfile *host)
{
    for (unsigned i = 0; i < host->sources->len; i++) {
        const PmuSource *source = &g_array_index(host->sources, PmuSource, i);
        g_autofree char *cpus = source->cpus ? cpu_set_format(source->cpus) : NULL;

        if (!cpus) {
            continue;
        }
        g_string_append_printf(text, "event source %s: type %u, CPUs %s: %s%s\n",
                               source->name, source->type, cpus,
                               pmu_source_covers(host, source)
                                   ? "covers every possible CPU"
                                   : "covers part of the CPUs",
                               source->trial > 0 ? ", refused by KVM" : "");
    }
}

char *vpmu_host_to_text(const VpmuHost *host)
{
    const HostProfile *profile = host->profile;
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "host: %s %s\n", host_origin_name(profile->origin),
                           target_arch_name(profile->arch));
    add_line(text, "CPU: ", profile->model_name);
    add_line(text, "kernel: ", profile->kernel);
    add_line(text, "derived from: ", profile->origin_detail);
    add_line(text, "module kvm: enable_pmu=",
             host_profile_module_parameter(profile, "kvm", "enable_pmu"));
    if (profile->arch == TARGET_ARCH_X86_64 &&
        x86_cpuid_reg(profile->x86.cpuid, 1, 0, X86_ECX) >> 31) {
        add_line(text, "this host is itself a guest: ",
                 "a hypervisor above decides what its CPU shows");
    }
    if (profile->nmi_watchdog == 1) {
        add_line(text, "NMI watchdog: on, it holds one counter",
                 host_profile_module_flag(profile, "enable_mediated_pmu", false)
                     ? "; with the mediated vPMU no vCPU can be created: write 0 to "
                       "/proc/sys/kernel/nmi_watchdog"
                     : "");
    }
    add_sources(text, profile);
    return g_string_free(text, FALSE);
}
