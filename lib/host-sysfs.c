/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm64 hosts of which there is a copy of their sysfs.
 */
#include <string.h>

#include "accel/host-probe.h"
#include "internal.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/keyval.h"
#include "util/number.h"

/* The value of @pair, no greater than KVM has it. */
static bool parse_kvm_number(const KeyvalPair *pair, uint64_t *ret, GError **errp)
{
    static const struct {
        const char *key;
        unsigned max;
    } limits[] = {
        {"pmu-v3", 1},        {"strict", 1},
        {"pmu-v3-strict", 1}, {"counters", 31}, /* PMCR_EL0.N */
        {"pmuver", 15},                         /* ID_AA64DFR0_EL1.PMUVer */
    };
    unsigned most = INT32_MAX;

    if (!number_parse_uint64(strcmp(pair->value, "on") == 0 ? "1" : pair->value, ret) ||
        *ret > INT32_MAX) {
        error_set(errp, "kvm: %s: '%s' is not a number", pair->key, pair->value);
        return false;
    }
    for (unsigned i = 0; i < ARRAY_LEN(limits); i++) {
        most = strcmp(pair->key, limits[i].key) == 0 ? limits[i].max : most;
    }
    for (unsigned i = 0; i < ARM_ATTR_COUNT; i++) {
        most = strcmp(pair->key, arm_pmu_attr_rows[i].name) == 0 ? 1 : most;
    }
    if (*ret > most) {
        error_set(errp, "kvm: %s=%s: 0 to %u is accepted", pair->key, pair->value, most);
        return false;
    }
    return true;
}

/* False where there is no such fact. */
static bool set_fact(HostProfile *host, const char *name, uint64_t value)
{
    for (unsigned i = 0; i < ARM_ATTR_COUNT; i++) {
        if (strcmp(name, arm_pmu_attr_rows[i].name) == 0) {
            host->arm.has_pmu_attr[i] = value;
            return true;
        }
    }
    for (unsigned i = 0; i < KVM_CAPID_COUNT; i++) {
        if (kvm_cap_rows[i].is_arm && strcmp(name, kvm_cap_rows[i].name) == 0) {
            host->caps[i] = (int)value;
            return true;
        }
    }
    if (strcmp(name, "pmuver") == 0) {
        ArmIdReg reg = {g_strdup("ID_AA64DFR0_EL1"), value << 8};

        g_array_append_val(host->arm.id_regs, reg);
        return true;
    }
    if (strcmp(name, "counters") == 0) {
        host->arm.pmu_counters = (uint32_t)value;
        return true;
    }
    return false;
}

static bool apply_kvm_pair(const KeyvalPair *pair, HostProfile *host, GError **errp)
{
    const char *name = strcmp(pair->key, "strict") == 0 ? "pmu-v3-strict" : pair->key;
    uint64_t value;

    if (strcmp(name, "mode") == 0) {
        if (!host_mode_parse(pair->value, &host->arm.mode) ||
            host->arm.mode < HOST_MODE_VHE) {
            error_set(errp, "kvm: mode: '%s' is none of vhe, nvhe, protected",
                      pair->value);
            return false;
        }
        return true;
    }
    if (!parse_kvm_number(pair, &value, errp)) {
        return false;
    }
    if (!set_fact(host, name, value)) {
        error_set(errp,
                  "kvm: '%s' is unknown; pmu-v3, set-pmu, nr-counters, strict, "
                  "fixed-counters-only, counters, pmuver, mode and other arm64 "
                  "capabilities are known",
                  pair->key);
        return false;
    }
    return true;
}

/* What a copied tree cannot tell: pmu-v3=1,set-pmu=1,… */
static bool apply_kvm(const char *text, HostProfile *host, GError **errp)
{
    g_autoptr(KeyvalList) list = keyval_parse(text, NULL, errp);
    bool ok = list;

    if (!list) {
        g_prefix_error(errp, "kvm: ");
    }
    for (unsigned i = 0; ok && i < keyval_count(list); i++) {
        ok = apply_kvm_pair(keyval_at(list, i), host, errp);
    }
    return ok;
}

/* A tree may be a copy of /sys itself or of the root it hangs in; NULL where it is none.
 */
static const char *sysfs_prefix(FileSys *fs, const char *folder, GError **errp)
{
    static const char *const prefixes[] = {"", "/sys"};

    for (unsigned i = 0; i < ARRAY_LEN(prefixes); i++) {
        g_autofree char *path = g_strconcat(prefixes[i], "/devices/system/cpu", NULL);
        g_auto(GStrv) names = file_list(fs, path, NULL);

        if (names) {
            return prefixes[i];
        }
    }
    error_set(errp, "sysfs %s: there is no devices/system/cpu in it, so it is no sysfs",
              folder);
    return NULL;
}

/* Sources that only an x86 kernel has. */
static const char *x86_source(char *const *names)
{
    static const char *const known[] = {
        "cpu",    "cpu_core", "cpu_atom", "cpu_lowpower", "intel_pt", "intel_bts",
        "amd_df", "amd_l3",   "ibs_op",   "ibs_fetch",    "msr",      NULL};

    for (; names && *names; names++) {
        if (g_strv_contains(known, *names)) {
            return *names;
        }
    }
    return NULL;
}

/* A tree that lost all is no evidence. */
static bool check_sources(const char *folder, FileSys *fs, const char *prefix,
                          const HostProfile *host, const Report *lost, GError **errp)
{
    g_autofree char *path = g_strconcat(prefix, "/bus/event_source/devices", NULL);
    g_auto(GStrv) names = file_list(fs, path, NULL);
    const char *foreign = x86_source(names);

    if (foreign) {
        error_set(errp,
                  "sysfs %s: the event source '%s' is one of an x86 host, and a tree "
                  "tells of arm64 ones; take --from-cpuid, or record on the host",
                  folder, foreign);
        return false;
    }
    if (names && names[0] && host->sources->len == 0) {
        g_autofree char *line = finding_format(report_get(lost, 0));

        error_set(errp, "sysfs %s: none of its %u event sources can be read; %s", folder,
                  g_strv_length(names), line);
        return false;
    }
    return true;
}

static bool read_tree(const char *folder, const char *kvm, HostProfile *host,
                      Report *lost, GError **errp)
{
    g_autoptr(FileSys) fs = file_sys_new(folder);
    const char *prefix = sysfs_prefix(fs, folder, errp);

    if (!prefix) {
        return false;
    }
    host_probe_sysfs(fs, prefix, host, lost);
    if (!check_sources(folder, fs, prefix, host, lost, errp)) {
        return false;
    }
    host_probe_cores(fs, prefix, host);
    return !kvm || apply_kvm(kvm, host, errp);
}

VpmuStatus vpmu_host_read_sysfs(const char *folder, const char *kvm, uint64_t midr,
                                VpmuHost **ret, VpmuReport **ret_lost, char **message)
{
    g_autoptr(HostProfile) host = host_profile_new(TARGET_ARCH_AARCH64);
    g_autoptr(Report) lost = report_new();
    g_autofree char *base = g_path_get_basename(folder);
    GError *error = NULL;

    host->origin = HOST_DERIVED;
    host->origin_detail =
        g_strdup_printf("sysfs tree %s, KVM as told: %s", base, kvm ? kvm : "-");
    if (!read_tree(folder, kvm, host, lost, &error)) {
        return lib_fail(error, message);
    }
    host->arm.midr = midr;
    *ret = lib_host_new(g_steal_pointer(&host));
    lib_report_give(g_steal_pointer(&lost), ret_lost);
    return VPMU_OK;
}
