/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage: kvm-pmu [--model PROFILE] [CPU-PROPERTIES]
 *
 * Without --model it asks /dev/kvm.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accel/host-probe.h"
#include "kvm-pmu.h"
#include "model-kvm.h"
#include "util/file.h"

#define PROFILE_MAX (1 << 24)

void say(const char *key, const char *format, ...)
{
    va_list args;
    g_autofree char *text = NULL;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    printf("kvm-pmu: %s=%s\n", key, text);
    fflush(stdout);
}

void say_bits(const char *key, uint64_t mask)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (unsigned bit = 0; bit < 64; bit++) {
        if (mask >> bit & 1) {
            g_string_append_printf(text, "%s%u", text->len ? "," : "", bit);
        }
    }
    say(key, "%s", text->len ? text->str : "none");
}

void fail(const char *what, const GError *err)
{
    say("failed", "%s: %s", what, err ? err->message : "no reason given");
    exit(1);
}

static HostProfile *load_profile(const char *path)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(FileSys) fs = file_sys_new("");
    size_t len = 0;
    g_autofree char *text = file_read(fs, path, PROFILE_MAX, &len, &err);
    HostProfile *host = text ? host_profile_parse_text(text, (gssize)len, &err) : NULL;

    if (!host) {
        fail(path, err);
    }
    return host;
}

static HostProfile *live_profile(KvmSys *sys)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(FileSys) fs = file_sys_new("");
    HostProfile *host = kvm_host_profile_probe(sys, fs, &err);

    if (!host) {
        fail("probing the host", err);
    }
    return host;
}

static ResolveCase *resolve_host(const Probe *probe, const char *profile, const char *pmu,
                                 const char *more)
{
    HostProfile *host = profile ? load_profile(profile) : live_profile(probe->sys);
    g_autofree char *cpu =
        g_strdup_printf("host,pmu=%s%s%s", pmu, *more ? "," : "", more);
    ResolveCase *c = resolve_case_new(host, "q35", cpu, NULL);

    for (unsigned i = 0; i < report_size(c->report); i++) {
        const Finding *finding = report_get(c->report, i);
        g_autofree char *line = finding_format(finding);

        say("finding", "%s: %s", finding_level_name(finding->level), line);
    }
    if (resolve_errors(c)) {
        fail(cpu, NULL);
    }
    return c;
}

static uint64_t offered_capability(const Probe *probe)
{
    uint64_t value = 0;

    return kvm_sys_get_feature_msr(probe->sys, MSR_PERF_CAPABILITIES, &value, NULL)
               ? value
               : 0;
}

int main(int argc, char **argv)
{
    bool is_model = argc > 2 && strcmp(argv[1], "--model") == 0;
    const char *profile = is_model ? argv[2] : NULL;
    const char *more = argc > (is_model ? 3 : 1) ? argv[is_model ? 3 : 1] : "";
    g_autoptr(GError) err = NULL;
    g_autoptr(HostProfile) model_host = NULL;
    ModelKvm *model = NULL;
    Probe probe = {0};

    if (is_model) {
        model_host = load_profile(profile);
        probe.sys = model_kvm_new(model_host, &model);
    } else {
        probe.sys = kvm_sys_new_real("/dev/kvm", &err);
    }
    if (!probe.sys) {
        fail("KVM", err);
    }
    probe.capability = offered_capability(&probe);
    probe.on = resolve_host(&probe, profile, "on", more);
    probe.off = resolve_host(&probe, profile, "off", "");
    say("capability", "0x%" PRIx64, probe.capability);
    say("pmu", "%s", probe.on->contract->pmu_enabled ? "on" : "off");
    probe_capability(&probe);
    probe_registers(&probe);
    probe_state(&probe);
    say("done", "ok");
    resolve_case_free(probe.on);
    resolve_case_free(probe.off);
    kvm_sys_free(probe.sys);
    return 0;
}
