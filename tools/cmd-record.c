/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vpmu record: a host profile from the running kernel, from raw CPUID facts, or from a
 * copied sysfs tree.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "accel/host-probe.h"
#include "target/x86-derive.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"
#include "util/keyval.h"
#include "util/number.h"
#include "vpmu.h"

typedef struct RecordArgs {
    const char *output, *from_cpuid, *sysfs, *kvm, *midr, *perf_capabilities, *kernel;
    X86DeriveOptions derive;
} RecordArgs;

/* Options with a value, and switches (value NULL). */
static bool read_args(char **args, RecordArgs *ret, GError **errp)
{
    const struct {
        const char *name;
        const char **value;
        bool *flag;
    } rows[] = {
        {"-o",                  &ret->output,            NULL                    },
        {"--from-cpuid",        &ret->from_cpuid,        NULL                    },
        {"--perf-capabilities", &ret->perf_capabilities, NULL                    },
        {"--kernel",            &ret->kernel,            NULL                    },
        {"--sysfs",             &ret->sysfs,             NULL                    },
        {"--kvm",               &ret->kvm,               NULL                    },
        {"--midr",              &ret->midr,              NULL                    },
        {"--mediated",          NULL,                    &ret->derive.is_mediated},
        {"--topdown",           NULL,                    &ret->derive.has_topdown},
        {"--no-pmu",            NULL,                    &ret->derive.no_pmu     },
    };

    while (*args) {
        unsigned i = 0;

        while (i < ARRAY_LEN(rows) && strcmp(rows[i].name, *args) != 0) {
            i++;
        }
        if (i == ARRAY_LEN(rows)) {
            error_set(errp, "'%s' is not an option, see vpmu help", *args);
            return false;
        }
        if (rows[i].flag) {
            *rows[i].flag = true;
        } else {
            const char *value = vpmu_take_value(&args, errp);

            if (!value) {
                return false;
            }
            *rows[i].value = value;
        }
        args++;
    }
    if (ret->from_cpuid && ret->sysfs) {
        error_set(errp, "--from-cpuid makes an x86 profile and --sysfs an arm64 one: "
                        "give one of them");
        return false;
    }
    if (!ret->from_cpuid &&
        (ret->perf_capabilities || ret->kernel || ret->derive.is_mediated ||
         ret->derive.has_topdown || ret->derive.no_pmu)) {
        error_set(errp,
                  "--perf-capabilities, --kernel, --mediated, --topdown and --no-pmu say "
                  "what --from-cpuid cannot know, and go with it alone");
        return false;
    }
    if (!ret->sysfs && (ret->kvm || ret->midr)) {
        error_set(errp, "--kvm and --midr say what --sysfs cannot know, and go with it "
                        "alone");
        return false;
    }
    if (ret->output && !*ret->output) {
        error_set(errp, "-o: the name of the file is empty");
        return false;
    }
    return true;
}

static bool read_hex(const char *option, const char *text, uint64_t *ret, GError **errp)
{
    if (!number_parse_uint64(text, ret)) {
        error_set(errp, "%s: '%s' is not a number", option, text);
        return false;
    }
    return true;
}

/*
 * An MSR as rdmsr prints it, in hex without a prefix; digits alone could be either, and
 * are refused.
 */
static bool read_msr(const char *option, const char *text, uint64_t *ret, GError **errp)
{
    g_autofree char *hex = g_strconcat("0x", text, NULL);
    uint64_t as_hex;

    if (g_ascii_strncasecmp(text, "0x", 2) == 0) {
        return read_hex(option, text, ret, errp);
    }
    if (!number_parse_uint64(hex, &as_hex)) {
        error_set(errp, "%s: '%s' is not a number", option, text);
        return false;
    }
    if (number_parse_uint64(text, ret) && *ret != as_hex) {
        error_set(errp, "%s: '%s' could be 0x%s or, in decimal, 0x%" PRIx64 ": write 0x",
                  option, text, text, *ret);
        return false;
    }
    *ret = as_hex;
    return true;
}

/* The format is told by the content: JSON begins with a brace. */
static json_object *read_facts(const char *path, GError **errp)
{
    g_autofree char *text = vpmu_read_text(path, errp);
    json_object *json;

    if (!text) {
        return NULL;
    }
    if (text[strspn(text, " \t\r\n")] != '{') {
        return vpmu_parse_cpuid_text(text, path, errp);
    }
    json = json_parse(text, -1, errp);
    if (!json) {
        g_prefix_error(errp, "%s: ", path);
    }
    return json;
}

static HostProfile *record_cpuid(RecordArgs *args, GError **errp)
{
    g_autojson *json = read_facts(args->from_cpuid, errp);
    HostProfile *host;

    if (!json) {
        return NULL;
    }
    if (args->perf_capabilities) {
        args->derive.has_perf_capabilities = true;
        if (!read_msr("--perf-capabilities", args->perf_capabilities,
                      &args->derive.perf_capabilities, errp)) {
            return NULL;
        }
    }
    if (args->kernel &&
        !x86_derive_kernel_parse(args->kernel, &args->derive.kernel, errp)) {
        g_prefix_error(errp, "--kernel: ");
        return NULL;
    }
    host = x86_host_derive(json, &args->derive, errp);
    if (!host) {
        g_prefix_error(errp, "%s: ", args->from_cpuid);
    }
    return host;
}

/* The value of @pair, no greater than KVM has it. */
static bool parse_kvm_number(const KeyvalPair *pair, uint64_t *ret, GError **errp)
{
    static const struct {
        const char *key;
        unsigned max;
    } limits[] = {
        {"pmu-v3",              1 },
        {"strict",              1 },
        {"pmu-v3-strict",       1 },
        {"set-pmu",             1 },
        {"nr-counters",         1 },
        {"fixed-counters-only", 1 },
        {"counters",            31}, /* PMCR_EL0.N */
        {"pmuver",              15}, /* ID_AA64DFR0_EL1.PMUVer */
    };

    if (!number_parse_uint64(strcmp(pair->value, "on") == 0 ? "1" : pair->value, ret) ||
        *ret > INT32_MAX) {
        error_set(errp, "--kvm: %s: '%s' is not a number", pair->key, pair->value);
        return false;
    }
    for (unsigned i = 0; i < ARRAY_LEN(limits); i++) {
        if (strcmp(pair->key, limits[i].key) == 0 && *ret > limits[i].max) {
            error_set(errp, "--kvm: %s=%s: 0 to %u is accepted", pair->key, pair->value,
                      limits[i].max);
            return false;
        }
    }
    return true;
}

/* What a copied tree cannot tell: --kvm pmu-v3=1,set-pmu=1,… */
static bool apply_kvm(const char *text, HostProfile *host, GError **errp)
{
    g_autoptr(KeyvalList) list = keyval_parse(text, NULL, errp);
    const struct {
        const char *name;
        bool *flag;
    } attributes[] = {
        {"set-pmu",             &host->arm.has_set_pmu            },
        {"nr-counters",         &host->arm.has_nr_counters        },
        {"fixed-counters-only", &host->arm.has_fixed_counters_only}
    };

    for (unsigned i = 0; list && i < keyval_count(list); i++) {
        const KeyvalPair *pair = keyval_at(list, i);
        const char *key = strcmp(pair->key, "strict") == 0 ? "pmu-v3-strict" : pair->key;
        uint64_t value;
        bool known = false;

        if (strcmp(key, "mode") == 0) {
            if (!host_mode_parse(pair->value, &host->arm.mode) ||
                host->arm.mode < HOST_MODE_VHE) {
                error_set(errp, "--kvm: mode: '%s' is none of vhe, nvhe, protected",
                          pair->value);
                return false;
            }
            continue;
        }
        if (!parse_kvm_number(pair, &value, errp)) {
            return false;
        }
        for (unsigned k = 0; k < ARRAY_LEN(attributes); k++) {
            if (strcmp(key, attributes[k].name) == 0) {
                *attributes[k].flag = value;
                known = true;
            }
        }
        for (unsigned k = 0; k < KVM_CAPID_COUNT; k++) {
            if (kvm_cap_rows[k].is_arm && strcmp(key, kvm_cap_rows[k].name) == 0) {
                host->caps[k] = (int)value;
                known = true;
            }
        }
        if (strcmp(key, "pmuver") == 0) {
            ArmIdReg reg = {g_strdup("ID_AA64DFR0_EL1"), value << 8};

            g_array_append_val(host->arm.id_regs, reg);
            known = true;
        }
        if (strcmp(key, "counters") == 0) {
            host->arm.pmu_counters = (uint32_t)value;
            known = true;
        }
        if (!known) {
            error_set(errp,
                      "--kvm: '%s' is unknown; pmu-v3, set-pmu, nr-counters, strict, "
                      "fixed-counters-only, counters, pmuver, mode and other arm64 "
                      "capabilities are known",
                      pair->key);
            return false;
        }
    }
    return list != NULL;
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
    error_set(errp, "--sysfs %s: there is no devices/system/cpu in it, so it is no sysfs",
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

/* What was lost is said; a tree that lost all is no evidence. */
static bool check_sources(const RecordArgs *args, FileSys *fs, const char *prefix,
                          const HostProfile *host, const Report *report, GError **errp)
{
    g_autofree char *folder = g_strconcat(prefix, "/bus/event_source/devices", NULL);
    g_auto(GStrv) names = file_list(fs, folder, NULL);
    const char *foreign = x86_source(names);

    if (foreign) {
        error_set(errp,
                  "--sysfs %s: the event source '%s' is one of an x86 host, and a tree "
                  "tells of arm64 ones; take --from-cpuid, or record on the host",
                  args->sysfs, foreign);
        return false;
    }
    if (names && names[0] && host->sources->len == 0) {
        g_autofree char *line = finding_format(report_get(report, 0));

        error_set(errp, "--sysfs %s: none of its %u event sources can be read; %s",
                  args->sysfs, g_strv_length(names), line);
        return false;
    }
    for (unsigned i = 0; i < report_size(report); i++) {
        g_autofree char *line = finding_format(report_get(report, i));

        fprintf(stderr, "vpmu record: warning: %s\n", line);
    }
    return true;
}

static HostProfile *record_sysfs(const RecordArgs *args, GError **errp)
{
    g_autoptr(FileSys) fs = file_sys_new(args->sysfs);
    g_autoptr(HostProfile) host = host_profile_new(TARGET_ARCH_AARCH64);
    g_autoptr(Report) report = report_new();
    g_autofree char *base = g_path_get_basename(args->sysfs);
    const char *prefix = sysfs_prefix(fs, args->sysfs, errp);

    if (!prefix) {
        return NULL;
    }
    host->origin = HOST_DERIVED;
    host->origin_detail = g_strdup_printf("sysfs tree %s, KVM as told: %s", base,
                                          args->kvm ? args->kvm : "-");
    host_probe_sysfs(fs, prefix, host, report);
    if (!check_sources(args, fs, prefix, host, report, errp)) {
        return NULL;
    }
    host_probe_cores(fs, prefix, host);
    if (args->kvm && !apply_kvm(args->kvm, host, errp)) {
        return NULL;
    }
    if (args->midr && !read_hex("--midr", args->midr, &host->arm.midr, errp)) {
        return NULL;
    }
    return g_steal_pointer(&host);
}

/* A file is there whole or not at all; a device, a pipe or a link is written through, not
 * put away. */
static bool write_file(const char *path, const char *text, GError **errp)
{
    struct stat status;
    bool is_special = lstat(path, &status) == 0 && !S_ISREG(status.st_mode);
    FILE *file;
    bool ok;

    if (!is_special) {
        if (!g_file_set_contents(path, text, -1, errp)) {
            g_prefix_error(errp, "-o %s: ", path);
            return false;
        }
        return true;
    }
    file = fopen(path, "we");
    ok = file && fputs(text, file) >= 0 && fflush(file) == 0;
    if (!ok) {
        error_set_errno(errp, errno, "-o %s: cannot write it", path);
    }
    if (file) {
        fclose(file);
    }
    return ok;
}

static bool write_profile(const HostProfile *host, const char *path, FILE *out,
                          GError **errp)
{
    g_autojson *json = host_profile_format(host);
    g_autofree char *text = json_format_pretty(json);
    g_autofree char *line = g_strconcat(text, "\n", NULL);

    if (path) {
        return write_file(path, line, errp);
    }
    fputs(line, out);
    return true;
}

VpmuExit vpmu_record(char **args, FILE *out, GError **errp)
{
    RecordArgs record = {0};
    g_autoptr(HostProfile) host = NULL;

    if (!read_args(args, &record, errp)) {
        return VPMU_EXIT_BAD_INPUT;
    }
    host = record.from_cpuid ? record_cpuid(&record, errp)
           : record.sysfs    ? record_sysfs(&record, errp)
                             : vpmu_load_host("live", errp);
    if (!host || !write_profile(host, record.output, out, errp)) {
        return VPMU_EXIT_BAD_INPUT;
    }
    return VPMU_EXIT_OK;
}
