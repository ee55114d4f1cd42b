/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The canonical JSON of a contract.  Members always come in the same order, so the same
 * contract is the same bytes.
 */
#include "target/cpu-contract.h"

#include <string.h>

#include "cpuid-json.h"
#include "target/arm-cpu.h"
#include "target/x86-encode.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"

/* Plain numbers of the x86 part: one row, written and read. */
typedef struct NumberRow {
    const char *name;
    size_t offset;
    size_t size;
    uint64_t max;
} NumberRow;

#define NUMBER(type, n, field, max)                                                      \
    {                                                                                    \
        n, offsetof(type, field), sizeof(((type *)NULL)->field), max                     \
    }

static const NumberRow x86_rows[] = {
    NUMBER(X86Contract, "family", family, 270),
    NUMBER(X86Contract, "model", model, 255),
    NUMBER(X86Contract, "stepping", stepping, 15),
    NUMBER(X86Contract, "level", level, UINT32_MAX),
    NUMBER(X86Contract, "xlevel", xlevel, UINT32_MAX),
    NUMBER(X86Contract, "phys-bits", phys_bits, 64),
    NUMBER(X86Contract, "linear-bits", linear_bits, 64),
    NUMBER(X86Contract, "disable-pmu", disable_pmu, 1),
    NUMBER(X86Contract, "tsc-khz", tsc_khz, UINT32_MAX),
    NUMBER(X86Contract, "amd-pmu", is_amd_pmu, 1),
    NUMBER(X86Contract, "l1-per-core", l1_per_core, 1),
    NUMBER(X86Contract, "dies-are-nodes", dies_are_nodes, 1),
};

static const NumberRow x86_pmu_rows[] = {
    NUMBER(X86Pmu, "version", version, 255),
    NUMBER(X86Pmu, "gp-counters", gp_counters, 255),
    NUMBER(X86Pmu, "gp-width", gp_width, 255),
    NUMBER(X86Pmu, "events", events, 255),
    NUMBER(X86Pmu, "events-missing", events_missing, UINT32_MAX),
    NUMBER(X86Pmu, "fixed-counters", fixed_counters, 31),
    NUMBER(X86Pmu, "fixed-bitmap", fixed_bitmap, UINT32_MAX),
    NUMBER(X86Pmu, "fixed-width", fixed_width, 255),
    NUMBER(X86Pmu, "anythread-deprecated", anythread_deprecated, 1),
};

static void format_numbers(json_object *json, const NumberRow *rows, unsigned count,
                           const void *from)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t value = 0;

        memcpy(&value, (const char *)from + rows[i].offset, rows[i].size);
        json_add_uint(json, rows[i].name, value);
    }
}

static bool parse_numbers(json_object *json, const char *where, const NumberRow *rows,
                          unsigned count, void *into, GError **errp)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t value;

        if (!json_get_uint(json, where, rows[i].name, rows[i].max, &value, errp)) {
            return false;
        }
        memcpy((char *)into + rows[i].offset, &value, rows[i].size);
    }
    return true;
}

/* As they are called today, or with @is_first as digests have always called them. */
static json_object *format_features(const X86Contract *x86, bool is_first)
{
    json_object *names = json_object_new_array();

    for (unsigned i = 0; i < X86_FEATURE_COUNT; i++) {
        const char *name =
            is_first ? x86_feature_first_name(i) : x86_feature_rows[i].name;

        if (name && x86_words_have(x86->words, i)) {
            json_object_array_add(names, json_object_new_string(name));
        }
    }
    return names;
}

static json_object *format_words(const X86Contract *x86)
{
    json_object *words = json_object_new_object();

    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        if (!(x86_word_rows[word].flags & X86_WORD_LATER)) {
            json_add_hex(words, x86_word_rows[word].name, x86->words[word]);
        }
    }
    return words;
}

/* {"compat": {"CPUID 1 ECX": "0x8000"}, …}: a mask per origin and word that has bits. */
static json_object *format_origins(const X86Contract *x86)
{
    json_object *origins = json_object_new_object();

    for (BitOrigin origin = BIT_MODEL; origin < BIT_ORIGIN_COUNT; origin++) {
        json_object *words = json_object_new_object();

        for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
            uint64_t mask = 0;

            for (unsigned bit = 0; bit < 64; bit++) {
                mask |= x86->origins[word][bit] == origin ? BIT64(bit) : 0;
            }
            if (mask) {
                json_add_hex(words, x86_word_rows[word].name, mask);
            }
        }
        json_add(origins, bit_origin_name(origin), words);
    }
    return origins;
}

static void format_mode(json_object *pmu, const CpuContract *contract)
{
    if (contract->pmu_mode) {
        json_add_string(pmu, "mode", host_mode_name(contract->pmu_mode));
    }
}

/* Optional: contracts from before there was a mode have none. */
static bool parse_mode(CpuContract *contract, json_object *pmu, GError **errp)
{
    const char *name;

    if (!json_has(pmu, "mode")) {
        return true;
    }
    if (!json_get_string(pmu, "contract.pmu", "mode", &name, errp)) {
        return false;
    }
    if (!host_mode_parse(name, &contract->pmu_mode)) {
        error_set(errp, "contract.pmu.mode: '%s' is unknown", name);
        return false;
    }
    return true;
}

static json_object *format_x86_pmu(const CpuContract *contract)
{
    json_object *pmu = json_object_new_object();
    const X86Contract *x86 = &contract->x86;

    json_add_bool(pmu, "enabled", contract->pmu_enabled);
    format_numbers(pmu, x86_pmu_rows, ARRAY_LEN(x86_pmu_rows), &x86->pmu);
    json_add_hex(pmu, "perf-capabilities", x86->words[X86_WORD_PERF_CAPABILITIES]);
    json_add_uint(pmu, "pebs-fmt",
                  (x86->words[X86_WORD_PERF_CAPABILITIES] & X86_PEBS_FMT_MASK) >>
                      X86_PEBS_FMT_SHIFT);
    json_add_uint(pmu, "lbr-fmt",
                  x86->words[X86_WORD_PERF_CAPABILITIES] & X86_LBR_FMT_MASK);
    format_mode(pmu, contract);
    return pmu;
}

static void format_x86(json_object *json, const CpuContract *contract)
{
    const X86Contract *x86 = &contract->x86;
    json_object *identity = json_object_new_object();

    json_add_string(identity, "vendor", x86->vendor);
    json_add_string(identity, "model-id", x86->model_id ? x86->model_id : "");
    format_numbers(identity, x86_rows, ARRAY_LEN(x86_rows), x86);
    json_add_hex(identity, "misc-enable", x86->misc_enable);
    json_add(json, "features", format_features(x86, false));
    json_add(json, "cpuid", cpuid_format(x86->cpuid));
    json_add(json, "msrs", msrs_format(x86->msrs));
    json_add(json, "pmu", format_x86_pmu(contract));
    json_add(json, "identity", identity);
    json_add(json, "words", format_words(x86));
    json_add(json, "origins", format_origins(x86));
}

static void format_arm(json_object *json, const CpuContract *contract)
{
    const ArmContract *arm = &contract->arm;
    json_object *pmu = json_object_new_object();

    json_add_uint(json, "vcpu-features", arm->vcpu_features);
    json_add_hex(json, "midr", arm->midr);
    json_add_bool(pmu, "enabled", contract->pmu_enabled);
    json_add_string(pmu, "kind", arm_pmu_kind_name(arm->pmu_kind));
    if (arm->pmu_source) {
        json_add_string(pmu, "source", arm->pmu_source);
    }
    if (arm->pmu_cpus) {
        g_autofree char *text = cpu_set_format(arm->pmu_cpus);

        json_add_string(pmu, "cpus", text);
    }
    json_add_uint(pmu, "version", arm->pmu_version);
    if (arm->pmu_counters >= 0) {
        json_add_uint(pmu, "counters", (uint64_t)arm->pmu_counters);
    }
    json_add_bool(pmu, "set-nr-counters", arm->set_nr_counters);
    json_add_bool(pmu, "strict", arm->is_strict);
    json_add_bool(pmu, "partial", arm->is_partial);
    json_add_bool(pmu, "confine", arm->confine);
    format_mode(pmu, contract);
    json_add(json, "pmu", pmu);
    if (arm->registers->len) {
        json_add(json, "registers", registers_format(arm->registers));
    }
}

/* Everything but the digest. */
static json_object *format_body(const CpuContract *contract)
{
    json_object *json = json_object_new_object();

    json_add_string(json, "arch", target_arch_name(contract->arch));
    json_add_string(json, "machine", contract->machine ? contract->machine : "");
    json_add_string(json, "cpu-model", contract->cpu_model ? contract->cpu_model : "");
    if (contract->arch == TARGET_ARCH_X86_64) {
        format_x86(json, contract);
    } else {
        format_arm(json, contract);
    }
    return json;
}

char *cpu_contract_digest(const CpuContract *contract)
{
    g_autojson *json = format_body(contract);
    g_autofree char *text = NULL;
    json_object *pmu = NULL;

    if (contract->arch == TARGET_ARCH_X86_64) {
        json_object_object_add(json, "features", format_features(&contract->x86, true));
    }
    /* What the guest sees, not who asked for it, nor how the host serves it. */
    json_object_object_del(json, "origins");
    json_object_object_del(json, "registers");
    if (json_object_object_get_ex(json, "pmu", &pmu)) {
        json_object_object_del(pmu, "mode");
    }
    text = json_format(json);
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
}

/* A copy of @body with the digest as fourth member. */
static json_object *with_digest(json_object *body, const char *digest)
{
    json_object *json = json_object_new_object();
    unsigned position = 0;

    json_object_object_foreach(body, name, value)
    {
        if (position++ == 3) {
            json_add_string(json, "digest", digest);
        }
        json_add(json, name, json_object_get(value));
    }
    return json;
}

json_object *cpu_contract_format(const CpuContract *contract)
{
    g_autojson *body = format_body(contract);
    g_autofree char *digest = cpu_contract_digest(contract);

    return with_digest(body, digest);
}

static bool parse_words(X86Contract *x86, json_object *json, GError **errp)
{
    json_object *words;

    if (!json_get_object(json, "contract", "words", &words, errp)) {
        return false;
    }
    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        if (!(x86_word_rows[word].flags & X86_WORD_LATER) &&
            !json_get_hex(words, "contract.words", x86_word_rows[word].name,
                          &x86->words[word], errp)) {
            return false;
        }
    }
    x86_words_read_later(x86->cpuid, x86->msrs, x86->words);
    return true;
}

static bool parse_origin(X86Contract *x86, json_object *origins, BitOrigin origin,
                         GError **errp)
{
    json_object *words;

    if (!json_get_object(origins, "contract.origins", bit_origin_name(origin), &words,
                         errp)) {
        return false;
    }
    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        uint64_t mask;

        if (!json_has(words, x86_word_rows[word].name)) {
            continue;
        }
        if (!json_get_hex(words, "contract.origins[]", x86_word_rows[word].name, &mask,
                          errp)) {
            return false;
        }
        for (unsigned bit = 0; bit < 64; bit++) {
            if (mask & BIT64(bit)) {
                x86->origins[word][bit] = (uint8_t)origin;
            }
        }
    }
    return true;
}

static bool parse_identity(X86Contract *x86, json_object *json, GError **errp)
{
    json_object *identity;
    const char *vendor, *model_id;

    if (!json_get_object(json, "contract", "identity", &identity, errp) ||
        !json_get_string(identity, "contract.identity", "vendor", &vendor, errp) ||
        !json_get_string(identity, "contract.identity", "model-id", &model_id, errp) ||
        !parse_numbers(identity, "contract.identity", x86_rows, ARRAY_LEN(x86_rows), x86,
                       errp) ||
        !json_get_hex(identity, "contract.identity", "misc-enable", &x86->misc_enable,
                      errp)) {
        return false;
    }
    if (strlen(vendor) > 12 || strlen(model_id) > 48) {
        error_set(errp, "contract.identity: vendor or model-id is too long");
        return false;
    }
    g_strlcpy(x86->vendor, vendor, sizeof(x86->vendor));
    x86->model_id = g_strdup(model_id);
    return true;
}

static bool parse_x86(CpuContract *contract, json_object *json, GError **errp)
{
    X86Contract *x86 = &contract->x86;
    json_object *pmu, *origins;

    if (!cpuid_parse(json, "contract", "cpuid", x86->cpuid, errp) ||
        !msrs_parse(json, "contract", "msrs", x86->msrs, errp) ||
        !json_get_object(json, "contract", "pmu", &pmu, errp) ||
        !json_get_bool(pmu, "contract.pmu", "enabled", &contract->pmu_enabled, errp) ||
        !parse_numbers(pmu, "contract.pmu", x86_pmu_rows, ARRAY_LEN(x86_pmu_rows),
                       &x86->pmu, errp) ||
        !json_get_hex(pmu, "contract.pmu", "perf-capabilities",
                      &x86->words[X86_WORD_PERF_CAPABILITIES], errp) ||
        !parse_mode(contract, pmu, errp) || !parse_identity(x86, json, errp) ||
        !parse_words(x86, json, errp) ||
        !json_get_object(json, "contract", "origins", &origins, errp)) {
        return false;
    }
    for (BitOrigin origin = BIT_MODEL; origin < BIT_ORIGIN_COUNT; origin++) {
        if (!parse_origin(x86, origins, origin, errp)) {
            return false;
        }
    }
    return true;
}

static bool parse_arm_kind(ArmContract *arm, json_object *pmu, GError **errp)
{
    const char *kind;

    if (!json_get_string(pmu, "contract.pmu", "kind", &kind, errp)) {
        return false;
    }
    for (ArmPmuKind i = 0; i < ARM_PMU_KIND_COUNT; i++) {
        if (strcmp(kind, arm_pmu_kind_name(i)) == 0) {
            arm->pmu_kind = i;
            return true;
        }
    }
    error_set(errp, "contract.pmu.kind: '%s' is unknown", kind);
    return false;
}

static bool parse_arm_source(ArmContract *arm, json_object *pmu, GError **errp)
{
    const char *text;
    uint64_t counters;

    if (json_has(pmu, "source")) {
        if (!json_get_string(pmu, "contract.pmu", "source", &text, errp)) {
            return false;
        }
        arm->pmu_source = g_strdup(text);
    }
    if (json_has(pmu, "cpus")) {
        if (!json_get_string(pmu, "contract.pmu", "cpus", &text, errp)) {
            return false;
        }
        arm->pmu_cpus = cpu_set_parse_list(text, errp);
        if (!arm->pmu_cpus) {
            return false;
        }
    }
    if (json_has(pmu, "counters")) {
        if (!json_get_uint(pmu, "contract.pmu", "counters", 31, &counters, errp)) {
            return false;
        }
        arm->pmu_counters = (int)counters;
    }
    return true;
}

static bool parse_arm(CpuContract *contract, json_object *json, GError **errp)
{
    ArmContract *arm = &contract->arm;
    uint64_t features, version;
    json_object *pmu;

    if (!json_get_uint(json, "contract", "vcpu-features", UINT32_MAX, &features, errp) ||
        !json_get_hex(json, "contract", "midr", &arm->midr, errp) ||
        !json_get_object(json, "contract", "pmu", &pmu, errp) ||
        !json_get_bool(pmu, "contract.pmu", "enabled", &contract->pmu_enabled, errp) ||
        !parse_arm_kind(arm, pmu, errp) || !parse_arm_source(arm, pmu, errp) ||
        !json_get_uint(pmu, "contract.pmu", "version", 15, &version, errp) ||
        !json_get_bool(pmu, "contract.pmu", "set-nr-counters", &arm->set_nr_counters,
                       errp) ||
        !json_get_bool(pmu, "contract.pmu", "strict", &arm->is_strict, errp) ||
        !json_get_bool(pmu, "contract.pmu", "partial", &arm->is_partial, errp) ||
        !json_get_bool(pmu, "contract.pmu", "confine", &arm->confine, errp) ||
        !parse_mode(contract, pmu, errp) ||
        !registers_parse(json, "contract", arm->registers, errp)) {
        return false;
    }
    arm->vcpu_features = (uint32_t)features;
    arm->pmu_version = (unsigned)version;
    return true;
}

/*
 * Contracts of machines up to 10.0 once kept pdcm, and the MSR it announces, in the words
 * of guests without a PMU, who saw neither.  What the guest sees is its contract.
 */
static void drop_unseen(CpuContract *contract)
{
    static const X86Word words[] = {X86_WORD_1_ECX, X86_WORD_PERF_CAPABILITIES};
    X86Contract *x86 = &contract->x86;
    uint64_t pdcm = x86_feature_rows[X86_PDCM].mask;
    uint64_t unseen[] = {pdcm, ~UINT64_C(0)};

    if (contract->pmu_enabled || !x86_contract_has(contract, X86_PDCM) ||
        x86_cpuid_reg(x86->cpuid, 1, 0, X86_ECX) & pdcm) {
        return;
    }
    for (unsigned i = 0; i < ARRAY_LEN(words); i++) {
        x86->words[words[i]] &= ~unseen[i];
        for (unsigned bit = 0; bit < 64; bit++) {
            if (unseen[i] & BIT64(bit) && x86->origins[words[i]][bit] != BIT_USER_OFF) {
                x86->origins[words[i]][bit] = BIT_UNSET;
            }
        }
    }
    x86->words[X86_WORD_PERF_CAPABILITIES] = 0;
}

CpuContract *cpu_contract_parse(json_object *json, GError **errp)
{
    g_autoptr(CpuContract) contract = NULL;
    g_autofree char *digest = NULL;
    const char *arch, *machine, *model, *claimed;
    bool is_x86;

    if (!json_get_string(json, "contract", "arch", &arch, errp) ||
        !json_get_string(json, "contract", "machine", &machine, errp) ||
        !json_get_string(json, "contract", "cpu-model", &model, errp) ||
        !json_get_string(json, "contract", "digest", &claimed, errp)) {
        return NULL;
    }
    is_x86 = strcmp(arch, "x86_64") == 0;
    if (!is_x86 && strcmp(arch, "aarch64") != 0) {
        error_set(errp, "contract.arch: '%s' is neither x86_64 nor aarch64", arch);
        return NULL;
    }
    contract = cpu_contract_new(is_x86 ? TARGET_ARCH_X86_64 : TARGET_ARCH_AARCH64);
    contract->machine = g_strdup(machine);
    contract->cpu_model = g_strdup(model);
    if (is_x86 ? !parse_x86(contract, json, errp) : !parse_arm(contract, json, errp)) {
        return NULL;
    }
    digest = cpu_contract_digest(contract);
    if (strcmp(digest, claimed) != 0) {
        error_set(errp, "contract.digest: the content does not match it");
        return NULL;
    }
    drop_unseen(contract);
    if (is_x86 ? !x86_contract_check_agrees(contract, errp)
               : !arm_contract_check_agrees(contract, errp)) {
        return NULL;
    }
    return g_steal_pointer(&contract);
}
