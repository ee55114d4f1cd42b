/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The properties of an x86 CPU object and the types that have them.
 */
#include "target/x86-cpu.h"

#include <inttypes.h>
#include <string.h>

#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"
#include "util/number.h"

/* A switch, as JSON boolean or as text from a command line. */
static bool parse_switch(json_object *value, bool *ret, GError **errp)
{
    const char *text = json_object_get_string(value);

    if (json_object_is_type(value, json_type_boolean)) {
        *ret = json_object_get_boolean(value);
        return true;
    }
    if (strcmp(text, "on") == 0 || strcmp(text, "yes") == 0 ||
        strcmp(text, "true") == 0) {
        *ret = true;
        return true;
    }
    if (strcmp(text, "off") == 0 || strcmp(text, "no") == 0 ||
        strcmp(text, "false") == 0) {
        *ret = false;
        return true;
    }
    error_set(errp, "'%s' is neither on nor off", text);
    return false;
}

static bool feature_set(Object *object, const Property *prop, json_object *value,
                        PropertyOrigin origin, GError **errp)
{
    X86Cpu *cpu = (X86Cpu *)object;
    const X86FeatureRow *row = prop->data;
    bool on;

    if (!parse_switch(value, &on, errp)) {
        return false;
    }
    /* An alias has an origin of its own, so the strength is judged here again. */
    if (origin < ORIGIN_GLOBAL && cpu->user_mask[row->word] & row->mask) {
        return true;
    }
    cpu->set_mask[row->word] |= row->mask;
    cpu->set_value[row->word] &= ~row->mask;
    if (on) {
        cpu->set_value[row->word] |= row->mask;
    }
    if (origin >= ORIGIN_GLOBAL) {
        cpu->user_mask[row->word] |= row->mask;
    }
    return true;
}

/* What the object says before resolving: the model's bit, or what was set. */
static json_object *feature_get(const Object *object, const Property *prop)
{
    const X86Cpu *cpu = (const X86Cpu *)object;
    const X86FeatureRow *row = prop->data;
    uint64_t words[X86_WORD_COUNT];

    if (cpu->set_mask[row->word] & row->mask) {
        return json_object_new_boolean((cpu->set_value[row->word] & row->mask) ==
                                       row->mask);
    }
    x86_cpu_model_words(cpu, words);
    return json_object_new_boolean((words[row->word] & row->mask) == row->mask);
}

static bool pmu_set(Object *object, const Property *prop, json_object *value,
                    PropertyOrigin origin, GError **errp)
{
    X86Cpu *cpu = (X86Cpu *)object;
    bool on;

    (void)prop;
    (void)origin;
    if (strcmp(json_object_get_string(value), "auto") == 0) {
        cpu->pmu = ON_OFF_AUTO_AUTO;
        cpu->pmu_is_auto = true;
        return true;
    }
    if (!parse_switch(value, &on, errp)) {
        g_prefix_error(errp, "on, off or auto is expected: ");
        return false;
    }
    cpu->pmu = on ? ON_OFF_AUTO_ON : ON_OFF_AUTO_OFF;
    cpu->pmu_is_auto = false;
    return true;
}

static json_object *pmu_get(const Object *object, const Property *prop)
{
    (void)prop;
    return json_object_new_boolean(x86_cpu_pmu_wanted((const X86Cpu *)object));
}

/* data of the two rows: the largest number */
static X86Format *format_of(X86Cpu *cpu, const Property *prop)
{
    return &cpu->formats[(const X86FieldRow *)prop->data - x86_field_rows];
}

static bool format_set(Object *object, const Property *prop, json_object *value,
                       PropertyOrigin origin, GError **errp)
{
    X86Format *format = format_of((X86Cpu *)object, prop);
    uint64_t mask = ((const X86FieldRow *)prop->data)->mask;
    uint64_t max = mask >> __builtin_ctzll(mask);
    const char *text = json_object_get_string(value);
    uint64_t number;

    (void)origin;
    if (strcmp(text, "host") == 0) {
        *format = (X86Format){X86_FORMAT_HOST, 0};
        return true;
    }
    if (strcmp(text, "off") == 0) {
        *format = (X86Format){X86_FORMAT_NUMBER, 0};
        return true;
    }
    if (json_object_is_type(value, json_type_boolean) ||
        !number_parse_uint64(text, &number)) {
        error_set(errp,
                  "'%s' is not a format: a number of 0 to %" PRIu64
                  ", host or off is expected",
                  text, max);
        return false;
    }
    if (number > max) {
        error_set(errp,
                  "format 0x%" PRIx64 " has bits outside the field's mask 0x%" PRIx64
                  ": a number of 0 to %" PRIu64 ", host or off is expected",
                  number, max, max);
        return false;
    }
    *format = (X86Format){X86_FORMAT_NUMBER, number};
    return true;
}

/* Absent where nobody asked: a sentinel would be a number the property refuses. */
static json_object *format_get(const Object *object, const Property *prop)
{
    const X86Format *format = format_of((X86Cpu *)object, prop);

    switch (format->kind) {
    case X86_FORMAT_NUMBER:
        return json_object_new_uint64(format->value);
    case X86_FORMAT_HOST:
        return json_object_new_string("host");
    default:
        return NULL;
    }
}

#define FEATURE_PROP(id, n, word, mask, flags, d)                                        \
    {.name = n,                                                                          \
     .kind = PROP_CUSTOM,                                                                \
     .type_name = "bool",                                                                \
     .doc = d,                                                                           \
     .set = feature_set,                                                                 \
     .get = feature_get,                                                                 \
     .data = &x86_feature_rows[X86_##id]},

static const Property feature_props[] = {X86_FEATURE_LIST(FEATURE_PROP)};

#define ALIAS_PROP(n, id)                                                                \
    {                                                                                    \
        .name = n, .kind = PROP_CUSTOM, .type_name = "bool", .deprecated_alias = true,   \
        .set = feature_set, .get = feature_get, .data = &x86_feature_rows[X86_##id]      \
    }

/* The rows of x86_alias_rows; a test compares the two. */
static const Property alias_props[] = {
    ALIAS_PROP("ffxsr", FXSR_OPT), ALIAS_PROP("i64", LM),
    ALIAS_PROP("ibt", CET_IBT),    ALIAS_PROP("pclmuldq", PCLMULQDQ),
    ALIAS_PROP("shstk", CET_SS),   ALIAS_PROP("sse3", PNI),
    ALIAS_PROP("sse4-1", SSE4_1),  ALIAS_PROP("sse4-2", SSE4_2),
    ALIAS_PROP("xd", NX),
};

#define BOOL_PROP(n, field, value, d)                                                    \
    {                                                                                    \
        .name = n, .kind = PROP_BOOL, .offset = offsetof(X86Cpu, field),                 \
        .default_value = value, .doc = d                                                 \
    }
#define NUMBER_PROP(n, k, field, value, d)                                               \
    {                                                                                    \
        .name = n, .kind = k, .offset = offsetof(X86Cpu, field), .default_value = value, \
        .doc = d                                                                         \
    }

#define FORMAT_PROP(id, n, word, mask, flags, accepted, d)                               \
    {.name = n,                                                                          \
     .kind = PROP_CUSTOM,                                                                \
     .type_name = "uint64",                                                              \
     .set = format_set,                                                                  \
     .get = format_get,                                                                  \
     .data = &x86_field_rows[X86_##id],                                                  \
     .values = accepted,                                                                 \
     .doc = d},

static const Property plain_props[] = {
    {.name = "pmu",
     .kind = PROP_CUSTOM,
     .type_name = "bool",
     .values = "on|off|auto",
     .set = pmu_set,
     .get = pmu_get,
     .doc = "give the guest a performance monitoring unit; auto: where there is one, as "
            "host and max do"},
    X86_FIELD_LIST(FORMAT_PROP)
        BOOL_PROP("check", check, true, "warn about every feature the host cannot give"),
    BOOL_PROP("enforce", enforce, false, "refuse to start where check would warn"),
    BOOL_PROP("x-force-features", x_force_features, false,
              "keep features the host does not offer"),
    BOOL_PROP("kvm", kvm, true, "show the guest that it runs on KVM"),
    {.name = "vendor",
     .kind = PROP_STRING,
     .offset = offsetof(X86Cpu, vendor),
     .doc = "12 characters of CPUID leaf 0; the host's where not given"},
    {.name = "model-id",
     .kind = PROP_STRING,
     .offset = offsetof(X86Cpu, model_id),
     .doc = "name in leaves 0x80000002 to 0x80000004, at most 48 characters"},
    NUMBER_PROP("family", PROP_UINT64, family, X86_NUMBER_UNSET, "displayed family"),
    NUMBER_PROP("model", PROP_UINT64, model, X86_NUMBER_UNSET, "displayed model"),
    NUMBER_PROP("stepping", PROP_UINT64, stepping, X86_NUMBER_UNSET, "stepping"),
    NUMBER_PROP("pmu-version", PROP_UINT64, pmu_version, X86_NUMBER_UNSET,
                "version of the architectural PMU, KVM's or lower (Intel)"),
    NUMBER_PROP("pmu-counters", PROP_UINT64, pmu_counters, X86_NUMBER_UNSET,
                "general-purpose counters, KVM's number or fewer"),
    NUMBER_PROP("pmu-fixed-counters", PROP_UINT64, pmu_fixed_counters, X86_NUMBER_UNSET,
                "fixed counters, KVM's number or fewer (Intel)"),
    NUMBER_PROP("pmu-events", PROP_UINT64, pmu_events, X86_NUMBER_UNSET,
                "architectural events, a bit each, of those KVM gives (Intel)"),
    NUMBER_PROP("level", PROP_UINT64, level, X86_NUMBER_UNSET, "highest basic leaf"),
    NUMBER_PROP("xlevel", PROP_UINT64, xlevel, X86_NUMBER_UNSET, "highest extended leaf"),
    NUMBER_PROP("min-level", PROP_UINT64, min_level, 0, "highest basic leaf, at least"),
    NUMBER_PROP("min-xlevel", PROP_UINT64, min_xlevel, 0,
                "highest extended leaf, at least"),
    BOOL_PROP("full-cpuid-auto-level", full_cpuid_auto_level, true,
              "raise the highest leaves to what the features need"),
    NUMBER_PROP("phys-bits", PROP_UINT32, phys_bits, 0,
                "physical address bits, 0 takes the model's"),
    BOOL_PROP("host-phys-bits", host_phys_bits, false,
              "take the host's physical address bits"),
    NUMBER_PROP("host-phys-bits-limit", PROP_UINT32, host_phys_bits_limit, 0,
                "upper limit for host-phys-bits, 0 for none"),
    NUMBER_PROP("guest-phys-bits", PROP_UINT32, guest_phys_bits,
                X86_GUEST_PHYS_BITS_UNSET,
                "physical address bits of the guest's own nested paging, 0 says nothing"),
    {.name = "tsc-frequency",
     .kind = PROP_UINT64,
     .offset = offsetof(X86Cpu, tsc_frequency),
     .doc = "TSC frequency in Hz, 0 is the host's"},
    BOOL_PROP("l3-cache", l3_cache, true, "show a level 3 cache"),
    BOOL_PROP("legacy-cache", legacy_cache, true,
              "show the caches of old models, not those the model had"),
    BOOL_PROP("host-cache-info", host_cache_info, false, "show the host's caches"),
    BOOL_PROP("x-force-cpuid-0x1f", x_force_cpuid_0x1f, false,
              "show topology leaf 0x1f with every topology"),
    NUMBER_PROP("avx10-version", PROP_UINT32, avx10_version, 0,
                "highest AVX10 version, 0 for the host's"),
    BOOL_PROP("x-l1-cache-per-thread", x_l1_cache_per_thread, true,
              "threads of a core share their L1 caches"),
    BOOL_PROP("cpuid-0xb", cpuid_0xb, true, "show topology leaf 0xb"),
    BOOL_PROP("lmce", lmce, false, "local machine check exceptions"),
    BOOL_PROP("x-pdcm-on-even-without-pmu", x_pdcm_on_even_without_pmu, false,
              "pdcm asked for without a PMU is a note, no loss"),
    BOOL_PROP("x-arch-cap-always-on", x_arch_cap_always_on, false,
              "keep arch-capabilities on AMD hosts"),
    BOOL_PROP("x-debug-store-always-available", x_debug_store_always_available, false,
              "never set the BTS and PEBS unavailable bits of IA32_MISC_ENABLE"),
    BOOL_PROP("x-ds-without-pmu", x_ds_without_pmu, false, "keep ds without a PMU"),
    BOOL_PROP("x-intel-pt-without-pmu", x_intel_pt_without_pmu, false,
              "keep intel-pt without a PMU"),
    BOOL_PROP("x-auto-perf-capabilities", x_auto_perf_capabilities, true,
              "host and max take every named bit of IA32_PERF_CAPABILITIES over"),
    BOOL_PROP("x-amd-topoext-features-only", x_amd_topoext_features_only, true,
              "AMD: leaf 0x8000001d says nothing of how caches are indexed"),
    BOOL_PROP("x-consistent-cache", x_consistent_cache, true,
              "leaf 2 points to leaf 4 where there is one"),
    BOOL_PROP("legacy-multi-node", legacy_multi_node, false,
              "AMD: count dies as nodes in leaf 0x8000001e"),
    BOOL_PROP("x-vendor-cpuid-only-v2", x_vendor_cpuid_only_v2, true,
              "show AMD's cache and vendor leaves to AMD guests only"),
    BOOL_PROP("x-amd-perfmon-always-on", x_amd_perfmon_always_on, false,
              "keep perfctr-core without a PMU"),
};

/* Only where features come from the host. */
static const Property host_props[] = {
    BOOL_PROP("migratable", migratable, true,
              "take over only features that another host can be asked for"),
};

void x86_cpu_model_words(const X86Cpu *cpu, uint64_t ret[X86_WORD_COUNT])
{
    x86_model_words(x86_cpu_model(cpu), ret);
    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        X86FeatureId parent = x86_word_rows[word].parent;

        if (parent != X86_NO_FEATURE && !x86_words_have(ret, parent) &&
            !x86_words_have(cpu->set_value, parent)) {
            ret[word] = 0;
        }
    }
}

const X86CpuModel *x86_cpu_model(const X86Cpu *cpu)
{
    return cpu->parent.type->data;
}

bool x86_cpu_pmu_wanted(const X86Cpu *cpu)
{
    X86ModelKind kind = x86_cpu_model(cpu)->kind;

    if (cpu->pmu != ON_OFF_AUTO_AUTO) {
        return cpu->pmu == ON_OFF_AUTO_ON;
    }
    return cpu->pmu_is_auto || kind == X86_MODEL_HOST || kind == X86_MODEL_MAX;
}

static bool follows_host(const X86CpuModel *model)
{
    return model->kind == X86_MODEL_HOST || model->kind == X86_MODEL_MAX;
}

/* Defaults that differ from model to model. */
static void cpu_init(Object *object)
{
    X86Cpu *cpu = (X86Cpu *)object;
    const X86CpuModel *model = x86_cpu_model(cpu);

    cpu->host_phys_bits = follows_host(model);
    cpu->legacy_cache = !x86_model_caches(model);
    cpu->x_force_cpuid_0x1f = x86_model_has_leaf_1f(model);
    cpu->avx10_version = x86_model_avx10_version(model);
}

/* Whose processor base is; host and max are the host's, which says so itself. */
static const X86Identity base_identity = {.vendor = "GenuineIntel"};
static const X86Identity host_identity = {.vendor = ""};

static const X86CpuModel base_model = {
    .name = "base",
    .type_name = "base" X86_CPU_TYPE_SUFFIX,
    .doc = "no features at all",
    .kind = X86_MODEL_BASE,
    .identity = &base_identity,
    .model_id = "",
};
static const X86CpuModel max_model = {
    .name = "max",
    .type_name = "max" X86_CPU_TYPE_SUFFIX,
    .doc = "every feature this host and KVM can give",
    .kind = X86_MODEL_MAX,
    .identity = &host_identity,
    .model_id = "",
};
static const X86CpuModel host_model = {
    .name = "host",
    .type_name = "host" X86_CPU_TYPE_SUFFIX,
    .doc = "the host's processor, with every feature KVM can give",
    .kind = X86_MODEL_HOST,
    .identity = &host_identity,
    .model_id = "",
};

static void add_model(TypeRegistry *registry, const X86CpuModel *model,
                      const char *type_name)
{
    bool is_host = follows_host(model);
    ObjectType type = {
        .name = type_name,
        .parent = TYPE_X86_CPU,
        .doc = model->doc ? model->doc : x86_model_id(model),
        .instance_size = sizeof(X86Cpu),
        .props = is_host ? host_props : NULL,
        .prop_count = is_host ? ARRAY_LEN(host_props) : 0,
        .init = cpu_init,
        .data = model,
    };

    type_registry_add(registry, &type);
}

/* The abstract types: one per property table. */
static const ObjectType abstract_types[] = {
    {.name = "x86_64-cpu-features",
     .parent = "cpu",
     .is_abstract = true,
     .instance_size = sizeof(X86Cpu),
     .props = feature_props,
     .prop_count = ARRAY_LEN(feature_props)},
    {.name = "x86_64-cpu-aliases",
     .parent = "x86_64-cpu-features",
     .is_abstract = true,
     .instance_size = sizeof(X86Cpu),
     .props = alias_props,
     .prop_count = ARRAY_LEN(alias_props)},
    {.name = TYPE_X86_CPU,
     .parent = "x86_64-cpu-aliases",
     .doc = "an x86 processor",
     .is_abstract = true,
     .instance_size = sizeof(X86Cpu),
     .props = plain_props,
     .prop_count = ARRAY_LEN(plain_props)},
};

const char *x86_cpu_type_alias_of(const ObjectType *type)
{
    const X86CpuModel *model = type->data;

    return model && strcmp(model->type_name, type->name) != 0 ? model->type_name : NULL;
}

static void add_versions(TypeRegistry *registry, const X86ModelVersions *versions)
{
    for (unsigned i = 0; i < versions->count; i++) {
        const X86CpuModel *model = &versions->rows[i];

        add_model(registry, model, model->type_name);
        if (model->alias) {
            add_model(registry, model, model->alias);
        }
    }
}

void x86_cpu_register_types(TypeRegistry *registry)
{
    const X86ModelVersions *versions;

    for (unsigned i = 0; i < ARRAY_LEN(abstract_types); i++) {
        type_registry_add(registry, &abstract_types[i]);
    }
    add_model(registry, &base_model, base_model.type_name);
    add_model(registry, &max_model, max_model.type_name);
    add_model(registry, &host_model, host_model.type_name);
    for (unsigned i = 0; (versions = x86_model_versions(i)); i++) {
        add_versions(registry, versions);
    }
}
