/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hosts of which only the CPUID is known.
 */
#include <inttypes.h>
#include <string.h>

#include "internal.h"
#include "target/x86-derive.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"
#include "util/keyval.h"
#include "util/number.h"

static bool parse_switch(const KeyvalPair *pair, bool *ret, GError **errp)
{
    bool is_on = strcmp(pair->value, "on") == 0;

    if (!is_on && strcmp(pair->value, "off") != 0) {
        error_set(errp, "%s: '%s' is neither on nor off", pair->key, pair->value);
        return false;
    }
    *ret = is_on;
    return true;
}

/*
 * An MSR as rdmsr prints it, in hex without a prefix; digits alone could be either, and
 * are refused.
 */
static bool parse_msr(const KeyvalPair *pair, uint64_t *ret, GError **errp)
{
    const char *text = pair->value;
    bool has_prefix = g_ascii_strncasecmp(text, "0x", 2) == 0;
    g_autofree char *hex = g_strconcat(has_prefix ? "" : "0x", text, NULL);
    uint64_t as_hex;

    if (!number_parse_uint64(hex, &as_hex)) {
        error_set(errp, "%s: '%s' is not a number", pair->key, text);
        return false;
    }
    if (number_parse_uint64(text, ret) && *ret != as_hex) {
        error_set(errp, "%s: '%s' could be 0x%s or, in decimal, 0x%" PRIx64 ": write 0x",
                  pair->key, text, text, *ret);
        return false;
    }
    *ret = as_hex;
    return true;
}

static bool parse_setting(const KeyvalPair *pair, X86DeriveOptions *options,
                          GError **errp)
{
    const struct {
        const char *name;
        bool *flag;
    } switches[] = {
        {"mediated", &options->is_mediated},
        {"topdown", &options->has_topdown},
        {"no-pmu", &options->no_pmu},
    };

    for (unsigned i = 0; i < ARRAY_LEN(switches); i++) {
        if (strcmp(pair->key, switches[i].name) == 0) {
            return parse_switch(pair, switches[i].flag, errp);
        }
    }
    if (strcmp(pair->key, "perf-capabilities") == 0) {
        options->has_perf_capabilities = true;
        return parse_msr(pair, &options->perf_capabilities, errp);
    }
    if (strcmp(pair->key, "kernel") != 0) {
        error_set(errp,
                  "%s: there is no such setting; kernel, perf-capabilities, mediated, "
                  "topdown and no-pmu are known",
                  pair->key);
        return false;
    }
    if (!x86_derive_kernel_parse(pair->value, &options->kernel, errp)) {
        g_prefix_error(errp, "kernel: ");
        return false;
    }
    return true;
}

static bool parse_settings(const char *text, X86DeriveOptions *ret, GError **errp)
{
    g_autoptr(KeyvalList) list = text ? keyval_parse(text, NULL, errp) : NULL;
    bool ok = list || !text;

    if (!ok) {
        g_prefix_error(errp, "settings: ");
    }
    for (unsigned i = 0; ok && list && i < keyval_count(list); i++) {
        ok = parse_setting(keyval_at(list, i), ret, errp);
    }
    return ok;
}

/* The format is told by the content: JSON begins with a brace.  @text ends with a NUL. */
static json_object *parse_facts(const char *text, size_t len, const char *name,
                                GError **errp)
{
    if (text[strspn(text, " \t\r\n")] == '{') {
        return lib_parse_json(text, len, NULL, errp);
    }
    if (strlen(text) != len) {
        error_set(errp, "contains a NUL byte, text is expected");
        return NULL;
    }
    return lib_parse_cpuid_text(text, name, errp);
}

/* @path: for messages about the dump, or NULL */
static VpmuStatus derive(const char *text, size_t len, const char *name, const char *path,
                         const char *settings, VpmuHost **ret, char **message)
{
    X86DeriveOptions options = {0};
    GError *error = NULL;
    g_autojson *facts = parse_facts(text, len, name, &error);
    HostProfile *profile = NULL;

    if (!facts || !parse_settings(settings, &options, &error)) {
        if (!facts && path) {
            g_prefix_error(&error, "%s: ", path);
        }
        return lib_fail(error, message);
    }
    profile = x86_host_derive(facts, &options, &error);
    if (!profile) {
        if (path) {
            g_prefix_error(&error, "%s: ", path);
        }
        return lib_fail(error, message);
    }
    *ret = lib_host_new(profile);
    return VPMU_OK;
}

VpmuStatus vpmu_host_parse_cpuid(const char *text, size_t len, const char *name,
                                 const char *settings, VpmuHost **ret, char **message)
{
    g_autofree char *copy = len ? g_strndup(text, len) : g_strdup("");

    return derive(copy, len, name, NULL, settings, ret, message);
}

VpmuStatus vpmu_host_read_cpuid(const char *path, const char *settings, VpmuHost **ret,
                                char **message)
{
    GError *error = NULL;
    g_autofree char *text = lib_read_text(path, &error);
    g_autofree char *name = g_path_get_basename(path);

    return text ? derive(text, strlen(text), name, path, settings, ret, message)
                : lib_fail(error, message);
}
