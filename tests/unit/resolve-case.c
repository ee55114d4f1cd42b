/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve-case.h"

#include <string.h>

#include "util/file.h"

HostProfile *resolve_profile(const char *name)
{
    g_autofree char *path = g_strdup_printf("%s/%s.json", PROFILE_DIR, name);
    g_autoptr(FileSys) fs = file_sys_new("");
    g_autoptr(GError) err = NULL;
    size_t len;
    g_autofree char *text = file_read(fs, path, 1 << 24, &len, &err);
    HostProfile *host;

    g_assert_no_error(err);
    host = host_profile_parse_text(text, (gssize)len, &err);
    g_assert_no_error(err);
    return host;
}

/* KVM without PT has the leaf, empty; this is an Ice Lake's with kvm_intel.pt_mode=1. */
HostProfile *resolve_profile_with_pt(const char *name)
{
    static const X86CpuidEntry windows = {.function = 0x14,
                                          .index = 1,
                                          .flags = X86_CPUID_HAS_INDEX,
                                          .eax = 0x2490002,
                                          .ebx = 0x3fff3fff};
    HostProfile *host = resolve_profile(name);
    X86CpuidEntry *leaf = x86_cpuid_find(host->x86.supported, 0x14, 0);

    g_assert_nonnull(leaf);
    g_assert_cmphex(leaf->ebx, ==, 0);
    leaf->eax = 1;
    leaf->ebx = 0xf;
    leaf->ecx = 0x80000007;
    x86_cpuid_find(host->x86.supported, 7, 0)->ebx |=
        (uint32_t)x86_feature_rows[X86_INTEL_PT].mask;
    g_array_append_val(host->x86.supported, windows);
    return host;
}

char **resolve_profile_names(const char *prefix)
{
    g_autoptr(FileSys) fs = file_sys_new("");
    g_auto(GStrv) files = file_list(fs, PROFILE_DIR, NULL);
    GPtrArray *names = g_ptr_array_new();

    for (unsigned i = 0; files && files[i]; i++) {
        if (g_str_has_suffix(files[i], ".json") && g_str_has_prefix(files[i], prefix)) {
            g_ptr_array_add(names, g_strndup(files[i], strlen(files[i]) - 5));
        }
    }
    g_assert_cmpuint(names->len, >, 0);
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}

static void set_accel(ResolveCase *c, const char *text)
{
    g_auto(GStrv) items = g_strsplit(text, ",", -1);
    g_autoptr(GError) err = NULL;

    for (unsigned i = 0; items[i]; i++) {
        g_auto(GStrv) pair = g_strsplit(items[i], "=", 2);

        object_set_string(c->accel, pair[0], pair[1], ORIGIN_USER, &err);
        g_assert_no_error(err);
    }
}

ResolveCase *resolve_case_new(HostProfile *host, const char *machine, const char *cpu,
                              const char *accel)
{
    ResolveCase *c = g_new0(ResolveCase, 1);
    const MachineVersion *version;
    g_autoptr(GError) err = NULL;
    g_autoptr(GArray) compat = NULL;
    CpuResolveInput in;

    c->registry = type_registry_new();
    c->report = report_new();
    c->host = host;
    target_register_types(c->registry);
    machine_name_parse(host->arch, machine, false, &c->machine, &version, &err);
    g_assert_no_error(err);
    compat = machine_version_compat(version);
    c->accel = object_new(c->registry, TYPE_KVM_ACCEL, NULL, &err);
    g_assert_no_error(err);
    object_apply_compat(c->accel, (const CompatProperty *)compat->data, compat->len,
                        ORIGIN_COMPAT, &err);
    g_assert_no_error(err);
    if (accel) {
        set_accel(c, accel);
    }
    c->cpu =
        cpu_new_from_string(c->registry, host->arch, cpu, compat, NULL, c->report, &err);
    g_assert_no_error(err);
    in = (CpuResolveInput){host, (const KvmAccel *)c->accel, c->machine};
    c->contract = cpu_resolve(c->cpu, &in, c->report);
    c->binding = cpu_bind(c->contract, host, (const KvmAccel *)c->accel);
    return c;
}

ResolveCase *resolve(const char *profile, const char *machine, const char *cpu)
{
    return resolve_case_new(resolve_profile(profile), machine, cpu, NULL);
}

void resolve_case_free(ResolveCase *c)
{
    if (c) {
        cpu_contract_free(c->contract);
        cpu_binding_free(c->binding);
        object_free(c->cpu);
        object_free(c->accel);
        type_registry_free(c->registry);
        host_profile_free(c->host);
        report_free(c->report);
        g_free(c->machine);
        g_free(c);
    }
}

unsigned resolve_errors(const ResolveCase *c)
{
    return report_count(c->report, FINDING_ERROR);
}

const Finding *resolve_finding(const ResolveCase *c, const char *row)
{
    const Finding *finding = report_find(c->report, row);

    if (!finding) {
        g_test_message("no finding about '%s'", row);
        g_assert_nonnull(finding);
    }
    return finding;
}

bool resolve_has(const ResolveCase *c, X86FeatureId feature)
{
    return x86_contract_has(c->contract, feature);
}

uint32_t resolve_cpuid(const ResolveCase *c, uint32_t leaf, uint32_t sub, X86Reg reg)
{
    return x86_cpuid_reg(c->contract->x86.cpuid, leaf, sub, reg);
}

bool resolve_sample(unsigned number)
{
    const char *text = g_getenv("VPMU_SAMPLE");
    guint64 step = text ? g_ascii_strtoull(text, NULL, 10) : 1;

    g_assert_cmpuint(step, >, 0);
    return number % step == 0;
}

char *resolve_cpu_error(TargetArch arch, const char *cpu)
{
    g_autoptr(TypeRegistry) registry = type_registry_new();
    g_autoptr(GError) err = NULL;
    g_autoptr(Object) object = NULL;

    target_register_types(registry);
    object = cpu_new_from_string(registry, arch, cpu, NULL, NULL, NULL, &err);
    g_assert_null(object);
    g_assert_nonnull(err);
    return g_strdup(err->message);
}
