/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A contract from its JSON: the inverse of cpu_contract_format().
 */
#include <string.h>

#include "contract-json.h"
#include "cpuid-json.h"
#include "target/arm-cpu.h"
#include "target/contract-row.h"
#include "target/x86-encode.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"

static bool parse_number(json_object *json, const char *where, const char *name,
                         const ContractRow *row, uint64_t *ret, GError **errp)
{
    bool is_on;

    if (row->kind == ROW_SWITCH || row->kind == ROW_FEATURE) {
        if (!json_get_bool(json, where, name, &is_on, errp)) {
            return false;
        }
        *ret = row->mask ? (is_on ? row->mask : 0) : is_on;
        return true;
    }
    return row->flags & ROW_HEX_MEMBER
               ? json_get_hex(json, where, name, ret, errp)
               : json_get_uint(json, where, name, row->max, ret, errp);
}

static bool parse_choice(json_object *json, const char *where, const char *name,
                         const ContractRow *row, uint64_t *ret, GError **errp)
{
    const char *text;

    if (!json_get_string(json, where, name, &text, errp)) {
        return false;
    }
    /* What is optional is left out where it is the first. */
    for (*ret = row->flags & ROW_OPTIONAL ? 1 : 0; *ret <= row->max; ++*ret) {
        if (strcmp(row->names[*ret], text) == 0) {
            return true;
        }
    }
    error_set(errp, "%s.%s: '%s' is unknown", where, name, text);
    return false;
}

static bool parse_text(json_object *json, const char *where, const char *name,
                       const ContractRow *row, CpuContract *contract, GError **errp)
{
    char *at = (char *)contract + row->place;
    bool is_array = row->size != sizeof(char *);
    size_t most = is_array ? row->size - 1 : row->max;
    const char *text;

    if (!json_get_string(json, where, name, &text, errp)) {
        return false;
    }
    if (most && strlen(text) > most) {
        error_set(errp, "%s.%s is longer than %zu bytes", where, name, most);
        return false;
    }
    if (is_array) {
        g_strlcpy(at, text, row->size);
    } else {
        g_free(*(char **)at);
        *(char **)at = g_strdup(text);
    }
    return true;
}

static bool parse_row(json_object *json, const char *where, const char *name,
                      const ContractRow *row, CpuContract *contract, GError **errp)
{
    uint64_t value;

    if (!contract_row_is_of(row, contract) ||
        (row->flags & ROW_OPTIONAL && !json_has(json, name))) {
        return true;
    }
    if (row->kind == ROW_TEXT) {
        return parse_text(json, where, name, row, contract, errp);
    }
    if (row->kind == ROW_CHOICE ? !parse_choice(json, where, name, row, &value, errp)
                                : !parse_number(json, where, name, row, &value, errp)) {
        return false;
    }
    if (row->flags & ROW_WRITTEN) {
        return true;
    }
    if (row->flags & ROW_REPEATS) {
        uint64_t there = contract_row_number(row, contract);

        if (value != there) {
            error_set(errp,
                      "%s.%s is 0x%" G_GINT64_MODIFIER "x, what the contract says "
                      "elsewhere makes it 0x%" G_GINT64_MODIFIER "x",
                      where, name, value, there);
            return false;
        }
        return true;
    }
    contract_row_set(row, contract, value);
    return true;
}

/* The rows of @section with, or without, those that repeat others. */
static bool parse_rows(json_object *json, const char *section, bool repeats,
                       CpuContract *contract, GError **errp)
{
    g_autofree char *where =
        *section ? g_strconcat("contract.", section, NULL) : g_strdup("contract");
    const ContractRow *row;

    for (unsigned i = 0; (row = contract_row(contract->arch, i)); i++) {
        const char *name = contract_member_in(row, section);

        if (name && !(row->flags & ROW_REPEATS) == !repeats &&
            !parse_row(json, where, name, row, contract, errp)) {
            return false;
        }
    }
    return true;
}

static bool is_known(const CpuContract *contract, const char *section, const char *name)
{
    static const char *const others[] = {"arch",     "digest",   "pmu",   "features",
                                         "cpuid",    "msrs",     "words", "origins",
                                         "identity", "registers"};
    const ContractRow *row;

    for (unsigned i = 0; !*section && i < ARRAY_LEN(others); i++) {
        if (strcmp(others[i], name) == 0) {
            return true;
        }
    }
    for (unsigned i = 0; (row = contract_row(contract->arch, i)); i++) {
        if (g_strcmp0(contract_member_in(row, section), name) == 0) {
            return contract_row_is_of(row, contract);
        }
    }
    return false;
}

/* What is not known here the guest sees, and nobody could tell whether a host has it. */
static bool refuse_unknown(json_object *json, const char *section,
                           const CpuContract *contract, GError **errp)
{
    json_object_object_foreach(json, name, value)
    {
        (void)value;
        if (!is_known(contract, section, name)) {
            error_set(errp,
                      "contract%s%s: member '%s' is not known to this version: the guest "
                      "was made by a newer one",
                      *section ? "." : "", section, name);
            return false;
        }
    }
    return true;
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

static bool parse_origins(X86Contract *x86, json_object *json, GError **errp)
{
    json_object *origins;

    if (!json_get_object(json, "contract", "origins", &origins, errp)) {
        return false;
    }
    for (BitOrigin origin = BIT_MODEL; origin < BIT_ORIGIN_COUNT; origin++) {
        if (!parse_origin(x86, origins, origin, errp)) {
            return false;
        }
    }
    return true;
}

static bool parse_x86_lists(X86Contract *x86, json_object *json, GError **errp)
{
    if (!cpuid_parse(json, "contract", "cpuid", x86->cpuid, errp) ||
        !msrs_parse(json, "contract", "msrs", x86->msrs, errp) ||
        !parse_words(x86, json, errp)) {
        return false;
    }
    x86_contract_order_msrs(x86);
    return parse_origins(x86, json, errp);
}

/* The sections, lists between; at last what repeats a value that is read by then. */
static bool parse_body(CpuContract *contract, json_object *json, GError **errp)
{
    bool is_x86 = contract->arch == TARGET_ARCH_X86_64;
    json_object *pmu, *identity = NULL;

    if (!parse_rows(json, "", false, contract, errp) ||
        !json_get_object(json, "contract", "pmu", &pmu, errp) ||
        !parse_rows(pmu, "pmu", false, contract, errp) ||
        (is_x86 && (!json_get_object(json, "contract", "identity", &identity, errp) ||
                    !parse_rows(identity, "identity", false, contract, errp)))) {
        return false;
    }
    if (is_x86 ? !parse_x86_lists(&contract->x86, json, errp)
               : !registers_parse(json, "contract", contract->arm.registers, errp)) {
        return false;
    }
    return parse_rows(pmu, "pmu", true, contract, errp) &&
           refuse_unknown(json, "", contract, errp) &&
           refuse_unknown(pmu, "pmu", contract, errp) &&
           (!identity || refuse_unknown(identity, "identity", contract, errp));
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
}

/* As its writer had it, members that are for other readers included. */
static bool check_digest(json_object *json, const CpuContract *contract, GError **errp)
{
    g_autojson *body = contract_format_body(contract, json);
    g_autofree char *digest = contract_digest_of(body, contract);
    const char *claimed;

    if (!json_get_string(json, "contract", "digest", &claimed, errp)) {
        return false;
    }
    if (strcmp(digest, claimed) != 0) {
        error_set(errp, "contract.digest: the content does not match it");
        return false;
    }
    return true;
}

CpuContract *cpu_contract_parse(json_object *json, GError **errp)
{
    g_autoptr(CpuContract) contract = NULL;
    const char *arch;
    bool is_x86;

    if (!json_get_string(json, "contract", "arch", &arch, errp)) {
        return NULL;
    }
    is_x86 = strcmp(arch, "x86_64") == 0;
    if (!is_x86 && strcmp(arch, "aarch64") != 0) {
        error_set(errp, "contract.arch: '%s' is neither x86_64 nor aarch64", arch);
        return NULL;
    }
    contract = cpu_contract_new(is_x86 ? TARGET_ARCH_X86_64 : TARGET_ARCH_AARCH64);
    if (!parse_body(contract, json, errp) || !check_digest(json, contract, errp)) {
        return NULL;
    }
    drop_unseen(contract);
    if (is_x86 ? !x86_contract_check_agrees(contract, errp)
               : !arm_contract_check_agrees(contract, errp)) {
        return NULL;
    }
    return g_steal_pointer(&contract);
}
