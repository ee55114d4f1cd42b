/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The JSON form of a HostProfile.
 */
#include "target/host-profile.h"

#include <stdlib.h>
#include <string.h>

#include "host-json.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"
#include "util/number.h"

#define PROFILE_FORMAT  "vpmu-host-profile"
#define PROFILE_VERSION 1

static json_object *format_cpus(const HostProfile *host)
{
    json_object *cpus = json_object_new_object();
    const struct {
        const char *name;
        const CpuSet *set;
    } rows[] = {{"possible", host->possible},
                {"present", host->present},
                {"online", host->online}};

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].set) {
            g_autofree char *text = cpu_set_format(rows[i].set);

            json_add_string(cpus, rows[i].name, text);
        }
    }
    if (host->cpus_problem) {
        json_add_string(cpus, "problem", host->cpus_problem);
    }
    return cpus;
}

static bool parse_set(json_object *object, const char *where, const char *name,
                      CpuSet **ret, GError **errp)
{
    const char *text;

    if (!json_has(object, name)) {
        return true;
    }
    if (!json_get_string(object, where, name, &text, errp)) {
        return false;
    }
    *ret = cpu_set_parse_list(text, errp);
    if (!*ret) {
        g_prefix_error(errp, "%s.%s: ", where, name);
    }
    return *ret != NULL;
}

/* An optional string member. */
static bool parse_text(json_object *object, const char *where, const char *name,
                       char **ret, GError **errp)
{
    const char *text;

    if (!json_has(object, name)) {
        return true;
    }
    if (!json_get_string(object, where, name, &text, errp)) {
        return false;
    }
    g_free(*ret);
    *ret = g_strdup(text);
    return true;
}

static bool parse_cpus(HostProfile *host, json_object *json, GError **errp)
{
    json_object *cpus;

    if (!json_has(json, "cpus")) {
        return true;
    }
    return json_get_object(json, "profile", "cpus", &cpus, errp) &&
           parse_set(cpus, "profile.cpus", "possible", &host->possible, errp) &&
           parse_set(cpus, "profile.cpus", "present", &host->present, errp) &&
           parse_set(cpus, "profile.cpus", "online", &host->online, errp) &&
           parse_text(cpus, "profile.cpus", "problem", &host->cpus_problem, errp);
}

static json_object *format_kvm(const HostProfile *host)
{
    json_object *kvm = json_object_new_object();
    json_object *caps = json_object_new_object();
    json_object *modules = json_object_new_object();

    for (unsigned i = 0; i < KVM_CAPID_COUNT; i++) {
        const KvmCapRow *row = &kvm_cap_rows[i];

        if (host->arch == TARGET_ARCH_X86_64 ? row->is_x86 : row->is_arm) {
            json_add(caps, row->name, json_object_new_int(host->caps[i]));
        }
    }
    for (unsigned i = 0; i < host->module_parameters->len; i++) {
        const ModuleParameter *parameter =
            &g_array_index(host->module_parameters, ModuleParameter, i);
        json_object *module;

        if (!json_object_object_get_ex(modules, parameter->module, &module)) {
            module = json_object_new_object();
            json_add(modules, parameter->module, module);
        }
        json_add_string(module, parameter->name, parameter->value);
    }
    json_add(kvm, "caps", caps);
    json_add(kvm, "modules", modules);
    return kvm;
}

static bool parse_modules(HostProfile *host, json_object *kvm, GError **errp)
{
    json_object *modules;

    if (!json_has(kvm, "modules")) {
        return true;
    }
    if (!json_get_object(kvm, "profile.kvm", "modules", &modules, errp)) {
        return false;
    }
    json_object_object_foreach(modules, module, parameters)
    {
        if (!json_object_is_type(parameters, json_type_object)) {
            error_set(errp, "profile.kvm.modules.%s: an object is expected", module);
            return false;
        }
        json_object_object_foreach(parameters, name, value)
        {
            if (!json_object_is_type(value, json_type_string)) {
                error_set(errp, "profile.kvm.modules.%s.%s: a string is expected", module,
                          name);
                return false;
            }
            host_profile_add_module_parameter(host, module, name,
                                              json_object_get_string(value));
        }
    }
    return true;
}

static bool parse_kvm(HostProfile *host, json_object *json, GError **errp)
{
    json_object *kvm, *caps;

    if (!json_get_object(json, "profile", "kvm", &kvm, errp) ||
        !json_get_object(kvm, "profile.kvm", "caps", &caps, errp)) {
        return false;
    }
    for (unsigned i = 0; i < KVM_CAPID_COUNT; i++) {
        uint64_t value = 0;

        if (json_has(caps, kvm_cap_rows[i].name) &&
            !json_get_uint(caps, "profile.kvm.caps", kvm_cap_rows[i].name, INT32_MAX,
                           &value, errp)) {
            return false;
        }
        host->caps[i] = (int)value;
    }
    return parse_modules(host, kvm, errp);
}

static json_object *format_sources(const HostProfile *host)
{
    json_object *sources = json_object_new_array();

    for (unsigned i = 0; i < host->sources->len; i++) {
        const PmuSource *source = &g_array_index(host->sources, PmuSource, i);
        json_object *object = json_object_new_object();

        json_add_string(object, "name", source->name);
        json_add_uint(object, "type", source->type);
        json_add_string(object, "location", source->location);
        if (source->cpus) {
            g_autofree char *text = cpu_set_format(source->cpus);

            json_add_string(object, "cpus", text);
        }
        if (source->cpumask) {
            g_autofree char *text = cpu_set_format(source->cpumask);

            json_add_string(object, "cpumask", text);
        }
        if (source->trial != PMU_TRIAL_NONE) {
            json_add_uint(object, "set-pmu-errno", (uint64_t)source->trial);
        }
        if (source->counters) {
            json_add_uint(object, "counters", source->counters);
        }
        if (source->midr) {
            json_add_hex(object, "midr", source->midr);
        }
        if (source->capacity) {
            json_add_uint(object, "capacity", source->capacity);
        }
        json_object_array_add(sources, object);
    }
    return sources;
}

static bool parse_source(PmuSource *source, json_object *object, GError **errp)
{
    const char *where = "profile.event-sources[]";
    const char *name, *location;
    uint64_t type, trial, counters = 0, capacity = 0;

    if (!json_get_string(object, where, "name", &name, errp) ||
        !json_get_uint(object, where, "type", UINT32_MAX, &type, errp) ||
        !json_get_string(object, where, "location", &location, errp) ||
        !parse_set(object, where, "cpus", &source->cpus, errp) ||
        !parse_set(object, where, "cpumask", &source->cpumask, errp)) {
        return false;
    }
    source->trial = PMU_TRIAL_NONE;
    if (json_has(object, "set-pmu-errno")) {
        if (!json_get_uint(object, where, "set-pmu-errno", 4095, &trial, errp)) {
            return false;
        }
        source->trial = (int)trial;
    }
    if (json_has(object, "counters") &&
        !json_get_uint(object, where, "counters", 31, &counters, errp)) {
        return false;
    }
    if ((json_has(object, "midr") &&
         !json_get_hex(object, where, "midr", &source->midr, errp)) ||
        (json_has(object, "capacity") &&
         !json_get_uint(object, where, "capacity", 1024, &capacity, errp))) {
        return false;
    }
    source->counters = (uint32_t)counters;
    source->capacity = (uint32_t)capacity;
    source->name = (char *)name;
    source->type = (uint32_t)type;
    source->location = (char *)location;
    return true;
}

static int source_by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(((const PmuSource *)a)->name, ((const PmuSource *)b)->name);
}

static bool parse_sources(HostProfile *host, json_object *json, GError **errp)
{
    json_object *array;

    if (!json_has(json, "event-sources")) {
        return true;
    }
    if (!json_get_array(json, "profile", "event-sources", &array, errp)) {
        return false;
    }
    if (json_object_array_length(array) > HOST_ITEMS_MAX) {
        error_set(errp, "profile.event-sources: more than %d entries", HOST_ITEMS_MAX);
        return false;
    }
    for (size_t i = 0; i < json_object_array_length(array); i++) {
        PmuSource source = {0};
        bool ok = parse_source(&source, json_object_array_get_idx(array, i), errp);

        if (ok) {
            host_profile_add_source(host, &source);
        }
        cpu_set_free(source.cpus);
        cpu_set_free(source.cpumask);
        if (!ok) {
            return false;
        }
    }
    g_array_sort(host->sources, source_by_name);
    return true;
}

json_object *host_profile_format(const HostProfile *host)
{
    json_object *json = json_object_new_object();
    json_object *origin = json_object_new_object();

    json_add_string(json, "format", PROFILE_FORMAT);
    json_add_uint(json, "version", PROFILE_VERSION);
    json_add_string(json, "arch", target_arch_name(host->arch));
    json_add_string(
        origin, "kind",
        host_origin_name(host->origin == HOST_LIVE ? HOST_RECORDED : host->origin));
    if (host->origin_detail) {
        json_add_string(origin, "detail", host->origin_detail);
    }
    json_add(json, "origin", origin);
    if (host->kernel) {
        json_add_string(json, "kernel", host->kernel);
    }
    if (host->model_name) {
        json_add_string(json, "model-name", host->model_name);
    }
    json_add(json, "cpus", format_cpus(host));
    if (host->nmi_watchdog >= 0) {
        json_add_bool(json, "nmi-watchdog", host->nmi_watchdog);
    }
    json_add(json, "kvm", format_kvm(host));
    json_add(json, "event-sources", format_sources(host));
    if (host->arch == TARGET_ARCH_X86_64) {
        json_add(json, "x86", x86_host_format(&host->x86));
    } else {
        json_add(json, "arm", arm_host_format(&host->arm));
    }
    return json;
}

static bool parse_header(json_object *json, TargetArch *ret_arch, GError **errp)
{
    const char *format, *arch;
    uint64_t version;

    if (!json_get_string(json, "profile", "format", &format, errp) ||
        !json_get_uint(json, "profile", "version", UINT32_MAX, &version, errp) ||
        !json_get_string(json, "profile", "arch", &arch, errp)) {
        return false;
    }
    if (strcmp(format, PROFILE_FORMAT) != 0 || version != PROFILE_VERSION) {
        error_set(errp,
                  "profile: format '%s' version %u is not understood, '%s' version %d is",
                  format, (unsigned)version, PROFILE_FORMAT, PROFILE_VERSION);
        return false;
    }
    for (TargetArch i = TARGET_ARCH_X86_64; i <= TARGET_ARCH_AARCH64; i++) {
        if (strcmp(arch, target_arch_name(i)) == 0) {
            *ret_arch = i;
            return true;
        }
    }
    error_set(errp, "profile.arch: '%s' is neither x86_64 nor aarch64", arch);
    return false;
}

static bool parse_origin(HostProfile *host, json_object *json, GError **errp)
{
    json_object *origin;
    const char *kind;

    if (!json_get_object(json, "profile", "origin", &origin, errp) ||
        !json_get_string(origin, "profile.origin", "kind", &kind, errp) ||
        !parse_text(origin, "profile.origin", "detail", &host->origin_detail, errp)) {
        return false;
    }
    for (HostOrigin i = HOST_LIVE; i <= HOST_DERIVED; i++) {
        if (strcmp(kind, host_origin_name(i)) == 0) {
            host->origin = i == HOST_LIVE ? HOST_RECORDED : i;
            return true;
        }
    }
    error_set(errp, "profile.origin.kind: '%s' is neither recorded nor derived", kind);
    return false;
}

HostProfile *host_profile_parse(json_object *json, GError **errp)
{
    g_autoptr(HostProfile) host = NULL;
    TargetArch arch;
    bool watchdog;

    if (!parse_header(json, &arch, errp)) {
        return NULL;
    }
    host = host_profile_new(arch);
    if (!parse_origin(host, json, errp) ||
        !parse_text(json, "profile", "kernel", &host->kernel, errp) ||
        !parse_text(json, "profile", "model-name", &host->model_name, errp) ||
        !parse_cpus(host, json, errp) || !parse_kvm(host, json, errp) ||
        !parse_sources(host, json, errp)) {
        return NULL;
    }
    if (json_has(json, "nmi-watchdog")) {
        if (!json_get_bool(json, "profile", "nmi-watchdog", &watchdog, errp)) {
            return NULL;
        }
        host->nmi_watchdog = watchdog;
    }
    if (arch == TARGET_ARCH_X86_64 ? !x86_host_parse(&host->x86, json, errp)
                                   : !arm_host_parse(&host->arm, json, errp)) {
        return NULL;
    }
    return g_steal_pointer(&host);
}

HostProfile *host_profile_parse_text(const char *text, gssize len, GError **errp)
{
    g_autojson *json = json_parse(text, len, errp);

    return json ? host_profile_parse(json, errp) : NULL;
}
