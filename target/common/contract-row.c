/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/contract-row.h"

#include <inttypes.h>
#include <string.h>

#include "checks.h"
#include "contract-rows.h"
#include "target/compat.h"
#include "util/bits.h"

const ContractRow *contract_row(TargetArch arch, unsigned i)
{
    bool is_x86 = arch == TARGET_ARCH_X86_64;

    return i >= (is_x86 ? x86_contract_row_count : arm_contract_row_count) ? NULL
           : is_x86 ? &x86_contract_rows[i]
                    : &arm_contract_rows[i];
}

const ContractRow *contract_pmu_row(TargetArch arch)
{
    const ContractRow *row;

    for (unsigned i = 0; (row = contract_row(arch, i)); i++) {
        if (row->kind == ROW_SWITCH && row->place == offsetof(CpuContract, pmu_enabled)) {
            return row;
        }
    }
    return NULL;
}

/* What stands in @row's place, whatever computes the value from it. */
static uint64_t placed(const ContractRow *row, const CpuContract *contract)
{
    const char *at = (const char *)contract + row->place;
    uint64_t value = 0;

    if (row->kind == ROW_TEXT || row->kind == ROW_LIST || row->size > sizeof(value)) {
        return 0;
    }
    memcpy(&value, at, row->size);
    if (!row->mask) {
        return value;
    }
    value &= row->mask;
    return row->kind == ROW_FIELD ? value >> __builtin_ctzll(row->mask) : value;
}

uint64_t contract_row_number(const ContractRow *row, const CpuContract *contract)
{
    return row->get ? row->get(row, contract) : placed(row, contract);
}

void contract_row_set(const ContractRow *row, CpuContract *contract, uint64_t value)
{
    char *at = (char *)contract + row->place;
    uint64_t old = 0;

    if (row->mask) {
        memcpy(&old, at, row->size);
        value <<= row->kind == ROW_FIELD ? __builtin_ctzll(row->mask) : 0;
        value = (old & ~row->mask) | (value & row->mask);
    }
    memcpy(at, &value, row->size);
}

const char *contract_row_string(const ContractRow *row, const CpuContract *contract)
{
    const char *at = (const char *)contract + row->place;

    return row->kind != ROW_TEXT         ? NULL
           : row->size == sizeof(char *) ? *(char *const *)at
                                         : at;
}

/* A feature of several bits is there where all are. */
static bool is_on(const ContractRow *row, const CpuContract *contract)
{
    uint64_t value = contract_row_number(row, contract);

    return row->mask ? value == row->mask : value != 0;
}

char *contract_row_text(const ContractRow *row, const CpuContract *contract,
                        const CpuContract *beside)
{
    if (row->text) {
        return row->text(contract, beside);
    }
    switch (row->kind) {
    case ROW_SWITCH:
    case ROW_FEATURE:
        return g_strdup(is_on(row, contract) ? "on" : "off");
    case ROW_CHOICE:
        return g_strdup(row->names[contract_row_number(row, contract)]);
    case ROW_TEXT:
        return g_strdup(contract_row_string(row, contract));
    default:
        return g_strdup_printf(
            row->kind == ROW_BITS || row->flags & ROW_HEX ? "0x%" PRIx64 : "%" PRIu64,
            contract_row_number(row, contract));
    }
}

bool contract_row_equal(const ContractRow *row, const CpuContract *a,
                        const CpuContract *b)
{
    g_autofree char *more = NULL, *less = NULL;

    switch (row->kind) {
    case ROW_TEXT:
        return g_strcmp0(contract_row_string(row, a), contract_row_string(row, b)) == 0;
    case ROW_LIST:
        more = row->text(a, b);
        less = row->text(b, a);
        return !more && !less;
    default:
        if (row->flags & ROW_PART && placed(row, a) == placed(row, b)) {
            return true;
        }
        /* A mode that is not known is no other one. */
        return row->relation == RELATION_MODE
                   ? !placed(row, a) || !placed(row, b) ||
                         placed(row, a) == placed(row, b)
                   : contract_row_number(row, a) == contract_row_number(row, b);
    }
}

bool contract_row_is_of(const ContractRow *row, const CpuContract *contract)
{
    return !row->since || machine_is_since(contract->machine, row->since);
}

bool contract_row_binds(const ContractRow *row, const CpuContract *guest)
{
    return contract_row_is_of(row, guest) && (!row->binds || row->binds(guest));
}

Relation contract_row_among(const ContractRow *row)
{
    return row->among ? row->among : row->relation;
}

static bool numbers_hold(Relation relation, uint64_t guest, uint64_t other)
{
    switch (relation) {
    case RELATION_NONE:
    case RELATION_KEPT:
        return true;
    case RELATION_SUBSET:
    case RELATION_COVERAGE:
        return !(guest & ~other);
    case RELATION_AT_MOST:
        return guest <= other;
    case RELATION_EQUAL_OR_ABSENT:
        return !guest || guest == other;
    default:
        return guest == other;
    }
}

static bool list_holds(const ContractRow *row, const CpuContract *guest,
                       const CpuContract *other)
{
    g_autofree char *missing = row->text(guest, other);

    return !missing;
}

/* Bits that are all there: so it is with nearly all rows of nearly all hosts, and a fleet
 * has millions of them. */
static bool is_plainly_there(const ContractRow *row, const CpuContract *guest,
                             const CpuContract *other)
{
    uint64_t had, has;

    if (row->kind != ROW_FEATURE && !(row->flags & ROW_PART)) {
        return false;
    }
    memcpy(&had, (const char *)guest + row->place, sizeof(had));
    memcpy(&has, (const char *)other + row->place, sizeof(has));
    return !(had & ~has & (row->mask ? row->mask : ~UINT64_C(0)));
}

bool contract_row_holds(const ContractRow *row, Relation relation,
                        const CpuContract *guest, const CpuContract *other)
{
    uint64_t had;

    if (relation == RELATION_NONE || relation == RELATION_KEPT ||
        (relation == RELATION_SUBSET && row->size == sizeof(uint64_t) &&
         is_plainly_there(row, guest, other))) {
        return true;
    }
    if (row->kind == ROW_TEXT) {
        return contract_row_equal(row, guest, other);
    }
    if (row->kind == ROW_LIST) {
        return list_holds(row, guest, other);
    }
    if (relation == RELATION_MODE) {
        /* What the guest needs, or had; what serves it there. */
        uint64_t has = placed(row, other);

        had = contract_row_number(row, guest);
        return !had || !has || had == has;
    }
    /* Where nothing is asked for, nothing is missing: a part of a word is costly to get.
     */
    had = contract_row_number(row, guest);
    return (relation == RELATION_SUBSET && !had) ||
           numbers_hold(relation, had, contract_row_number(row, other));
}

HostMode contract_needs_mode(const CpuContract *contract)
{
    return contract->arch == TARGET_ARCH_X86_64 ? x86_contract_needs_mode(contract)
                                                : HOST_MODE_UNKNOWN;
}

uint64_t contract_mode_get(const ContractRow *row, const CpuContract *contract)
{
    HostMode needed = contract_needs_mode(contract);

    (void)row;
    return !contract->pmu_enabled ? HOST_MODE_UNKNOWN
           : needed               ? needed
                                  : contract->pmu_mode;
}

char *contract_mode_text(const CpuContract *contract, const CpuContract *beside)
{
    (void)beside;
    return g_strdup(host_mode_name((HostMode)contract_mode_get(NULL, contract)));
}

bool contract_mode_binds(const CpuContract *guest)
{
    return contract_needs_mode(guest) != HOST_MODE_UNKNOWN;
}
