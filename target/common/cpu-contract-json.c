/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The canonical JSON of a contract.  Members always come in the same order, so the same
 * contract is the same bytes: those of rows in the order of the rows, each in the section
 * that its name begins with, and between them the lists that are no rows.
 */
#include "target/cpu-contract.h"

#include <string.h>

#include "contract-json.h"
#include "cpuid-json.h"
#include "target/contract-row.h"
#include "util/bits.h"
#include "util/json.h"

const char *contract_member_in(const ContractRow *row, const char *section)
{
    const char *dot = row->member ? strchr(row->member, '.') : NULL;
    size_t len = strlen(section);

    if (!row->member || (len ? !dot : dot != NULL)) {
        return NULL;
    }
    return !len ? row->member
           : strncmp(row->member, section, len) == 0 && row->member[len] == '.' ? dot + 1
                                                                                : NULL;
}

static void format_row(json_object *json, const char *name, const ContractRow *row,
                       const CpuContract *contract)
{
    uint64_t value = contract_row_number(row, contract);
    g_autofree char *text = contract_row_text(row, contract, NULL);

    if (!contract_row_is_of(row, contract)) {
        return;
    }
    if (row->flags & ROW_OPTIONAL && (!text || (row->kind == ROW_CHOICE && !value))) {
        return;
    }
    switch (row->kind) {
    case ROW_SWITCH:
    case ROW_FEATURE:
        json_add_bool(json, name, value != 0);
        break;
    case ROW_CHOICE:
    case ROW_TEXT:
        json_add_string(json, name, text ? text : "");
        break;
    default:
        if (row->flags & ROW_HEX_MEMBER) {
            json_add_hex(json, name, value);
        } else {
            json_add_uint(json, name, value);
        }
    }
}

/* A member for readers of earlier versions: as @read has it, where that is given. */
static void format_written(json_object *json, const char *name, const ContractRow *row,
                           const CpuContract *contract, json_object *read)
{
    json_object *value = NULL;

    if (!read) {
        format_row(json, name, row, contract);
    } else if (json_object_object_get_ex(read, name, &value)) {
        json_add(json, name, json_object_get(value));
    }
}

static void format_rows(json_object *json, const CpuContract *contract,
                        const char *section, json_object *read)
{
    const ContractRow *row;

    for (unsigned i = 0; (row = contract_row(contract->arch, i)); i++) {
        const char *name = contract_member_in(row, section);

        if (name && row->flags & ROW_WRITTEN) {
            format_written(json, name, row, contract, read);
        } else if (name) {
            format_row(json, name, row, contract);
        }
    }
}

/* @read: the contract in JSON that @contract was read from, or NULL */
static json_object *format_section(const CpuContract *contract, const char *section,
                                   json_object *read)
{
    json_object *json = json_object_new_object();

    format_rows(json, contract, section,
                read ? json_object_object_get(read, section) : NULL);
    return json;
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

static void format_x86(json_object *json, const CpuContract *contract, json_object *read)
{
    const X86Contract *x86 = &contract->x86;

    json_add(json, "features", format_features(x86, false));
    json_add(json, "cpuid", cpuid_format(x86->cpuid));
    json_add(json, "msrs", msrs_format(x86->msrs));
    json_add(json, "pmu", format_section(contract, "pmu", read));
    json_add(json, "identity", format_section(contract, "identity", read));
    json_add(json, "words", format_words(x86));
    json_add(json, "origins", format_origins(x86));
}

static void format_arm(json_object *json, const CpuContract *contract, json_object *read)
{
    json_add(json, "pmu", format_section(contract, "pmu", read));
    if (contract->arm.registers->len) {
        json_add(json, "registers", registers_format(contract->arm.registers));
    }
}

json_object *contract_format_body(const CpuContract *contract, json_object *read)
{
    json_object *json = json_object_new_object();

    format_rows(json, contract, "", read);
    if (contract->arch == TARGET_ARCH_X86_64) {
        format_x86(json, contract, read);
    } else {
        format_arm(json, contract, read);
    }
    return json;
}

/* Takes away what the guest does not see: who asked, and how the host serves it. */
static void drop_unseen_rows(json_object *json, TargetArch arch)
{
    const ContractRow *row;

    json_object_object_del(json, "origins");
    json_object_object_del(json, "registers");
    for (unsigned i = 0; (row = contract_row(arch, i)); i++) {
        const char *name = contract_member_in(row, "pmu");
        json_object *pmu = NULL;

        if (name && row->flags & ROW_UNSEEN &&
            json_object_object_get_ex(json, "pmu", &pmu)) {
            json_object_object_del(pmu, name);
        }
    }
}

char *contract_digest_of(json_object *body, const CpuContract *contract)
{
    g_autofree char *text = NULL;

    drop_unseen_rows(body, contract->arch);
    if (contract->arch == TARGET_ARCH_X86_64) {
        json_object_object_add(body, "features", format_features(&contract->x86, true));
    }
    text = json_format(body);
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
}

char *cpu_contract_digest(const CpuContract *contract)
{
    g_autojson *json = contract_format_body(contract, NULL);

    return contract_digest_of(json, contract);
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
    g_autojson *body = contract_format_body(contract, NULL);
    g_autofree char *digest = cpu_contract_digest(contract);

    return with_digest(body, digest);
}
