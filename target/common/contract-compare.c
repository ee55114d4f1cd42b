/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one comparator: what a guest has beside what a host offers, what a command line
 * gives, or what another guest has.  All of it is a walk over the rows.
 */
#include <inttypes.h>
#include <string.h>

#include "checks.h"
#include "contract-rows.h"
#include "target/arm-registers.h"
#include "target/contract-check.h"
#include "target/contract-row.h"
#include "target/cpu-offer.h"
#include "util/bits.h"

/* What a guest that is started with @row's property would have to say. */
static char *less_value(const ContractRow *row, const CpuContract *guest,
                        const CpuContract *offer)
{
    uint64_t had = contract_row_number(row, guest);
    uint64_t has = contract_row_number(row, offer);

    switch (row->kind) {
    case ROW_SWITCH:
    case ROW_FEATURE:
        return row->relation == RELATION_SUBSET ? g_strdup("off") : NULL;
    case ROW_BITS:
        return row->relation == RELATION_SUBSET ? g_strdup_printf("0x%" PRIx64, had & has)
                                                : NULL;
    default:
        return row->relation == RELATION_AT_MOST ? g_strdup_printf("%" PRIu64, has)
                                                 : NULL;
    }
}

static void refuse(const ContractRow *row, CheckReason reason, const CpuContract *guest,
                   const CpuOffer *offer, Report *report)
{
    const OfferLimit *limit = cpu_offer_limit(offer, row->reason);
    const char *property = limit && limit->property ? limit->property : row->property;
    g_autofree char *asked = contract_row_text(row, guest, offer->contract);
    g_autofree char *offered = contract_row_text(row, offer->contract, NULL);
    g_autofree char *value = less_value(row, guest, offer->contract);
    g_autofree char *less = NULL;
    const char *remedy = limit ? (limit->advice ? limit->advice : limit->remedy) : NULL;

    if (limit && limit->as) {
        reason = limit->as;
        if (limit->property) {
            g_free(g_steal_pointer(&value));
            value = g_strdup(offered);
        }
    }
    if (!remedy && property && value) {
        remedy = less = check_less_remedy(property, value);
    }
    check_fail_as(
        report, reason,
        &(Finding){.of = row->feature ? row->feature : row,
                   .row = row->name,
                   .asked = asked,
                   .offered = limit && limit->offered ? limit->offered : offered,
                   .cause = limit ? limit->cause : NULL,
                   .remedy = remedy});
}

static void judge_host(const ContractRow *row, const CpuContract *guest,
                       const CpuOffer *offer, Report *report)
{
    if (row->flags & ROW_IN_GROUP ||
        (row->flags & ROW_OF_PMU && !offer->contract->pmu_enabled) ||
        contract_row_holds(row, row->relation, guest, offer->contract)) {
        return;
    }
    if (contract_row_binds(row, guest)) {
        refuse(row, row->reason, guest, offer, report);
    } else if (row->changes) {
        refuse(row, row->changes, guest, offer, report);
    }
}

bool contract_check_unmigratable(const CpuContract *contract, Report *report)
{
    const ContractRow *row;
    bool is_free = true;

    FOR_EACH_ROW(contract->arch, row)
    {
        const X86FeatureRow *feature = row->feature;
        g_autofree char *why = NULL;

        if (!(row->flags & ROW_STAYS) || !contract_row_number(row, contract)) {
            continue;
        }
        why = x86_contract_why_held(contract, (X86FeatureId)(feature - x86_feature_rows));
        if (why) {
            check_fail_as(report, CHECK_TIED_TO_HOST,
                          &(Finding){.of = row->feature ? row->feature : row,
                                     .row = row->name,
                                     .asked = "on",
                                     .cause = why});
            is_free = false;
        }
    }
    return is_free;
}

bool contract_check_host(const CpuContract *contract, const HostProfile *host,
                         Report *report)
{
    const CpuResolveInput in = {.host = host};
    g_autoptr(CpuOffer) offer = cpu_offer_new(&in, contract);
    g_autoptr(Report) unread = report_new();
    Report *into = report ? report : unread;
    unsigned before = report_count(into, FINDING_ERROR);
    const ContractRow *row;

    if (contract->arch != host->arch) {
        refuse(contract_row(contract->arch, 0), CHECK_ARCH_DIFFERS, contract, offer,
               into);
        return false;
    }
    (void)contract_check_unmigratable(contract, into); /* counted below */
    FOR_EACH_ROW(contract->arch, row)
    {
        judge_host(row, contract, offer, into);
    }
    return report_count(into, FINDING_ERROR) == before;
}

/* Whether a guest with @guest may be one with @other. */
static bool may_be(const ContractRow *row, const CpuContract *guest,
                   const CpuContract *other)
{
    return !contract_row_binds(row, guest) ||
           contract_row_holds(row, contract_row_among(row), guest, other);
}

void contract_check_line(const CpuContract *guest, const CpuContract *own,
                         const HostProfile *host, Report *report)
{
    const ContractRow *row;

    /* What the host lacks the command line cannot promise: one reason is enough. */
    if (!contract_check_host(guest, host, report) || guest->arch != own->arch) {
        return;
    }
    FOR_EACH_ROW(guest->arch, row)
    {
        CheckReason reason = row->differs ? row->differs : CHECK_CPU_PROMISES_LESS;

        if (!(row->flags & (ROW_OF_BOARD | ROW_OF_HOST | ROW_IN_GROUP)) &&
            !may_be(row, guest, own)) {
            g_autofree char *asked = contract_row_text(row, guest, own);
            g_autofree char *offered = contract_row_text(row, own, guest);

            check_fail_as(report, reason,
                          &(Finding){.of = row->feature ? row->feature : row,
                                     .row = row->name,
                                     .asked = asked,
                                     .offered = offered});
        }
    }
}

static void note(Report *report, const ContractRow *row, const char *a, const char *b,
                 const char *code, const char *meaning)
{
    report_add(report, &(Finding){.level = FINDING_NOTE,
                                  .of = row->feature ? row->feature : row,
                                  .row = row->name,
                                  .asked = a ? a : "none",
                                  .given = b ? b : "none",
                                  .code = code,
                                  .cause = meaning});
}

/* Where the rows go: what differs, and what refuses a guest each way; any may be NULL. */
typedef struct Diff {
    Report *rows, *to_right, *to_left;
} Diff;

static void refuse_way(Report *report, const ContractRow *row, CheckReason reason,
                       const char *guest, const char *other)
{
    check_fail_as(report, reason,
                  &(Finding){.of = row->feature ? row->feature : row,
                             .row = row->name,
                             .asked = guest,
                             .offered = other});
}

static void note_difference(const ContractRow *row, const CpuContract *a,
                            const CpuContract *b, const Diff *diff)
{
    CheckReason reason = row->differs ? row->differs : row->reason;
    Relation relation = contract_row_among(row);
    bool to_right = may_be(row, a, b), to_left = may_be(row, b, a);
    g_autofree char *one = contract_row_text(row, a, b);
    g_autofree char *two = contract_row_text(row, b, a);
    g_autofree char *meaning = NULL;

    if (relation == RELATION_KEPT ||
        !(row->changes || contract_row_binds(row, a) || contract_row_binds(row, b))) {
        note(diff->rows, row, one, two, NULL, "not compared: the guest keeps its own");
        return;
    }
    meaning =
        g_strdup_printf("%s: left to right %s, right to left %s", relation_name(relation),
                        to_right ? "holds" : "refused", to_left ? "holds" : "refused");
    note(diff->rows, row, one, two,
         to_right && to_left ? NULL : check_reason_rows[reason].code, meaning);
    if (!to_right) {
        refuse_way(diff->to_right, row, reason, one, two);
    }
    if (!to_left) {
        refuse_way(diff->to_left, row, reason, two, one);
    }
}

/* Two guests are told apart by it. */
static bool is_compared(const ContractRow *row)
{
    return contract_row_among(row) != RELATION_NONE && !(row->flags & ROW_IN_GROUP);
}

bool contract_diff(const CpuContract *a, const CpuContract *b, Report *report,
                   Report *to_right, Report *to_left)
{
    const Diff diff = {report, to_right, to_left};
    g_autofree char *one = cpu_contract_digest(a);
    g_autofree char *two = cpu_contract_digest(b);
    const ContractRow *row;
    unsigned i = 0;

    while ((row = contract_row(a->arch, i++))) {
        if (is_compared(row) && !contract_row_equal(row, a, b)) {
            note_difference(row, a, b, &diff);
        }
        /* Beyond what all have, two architectures have no row in common. */
        if (a->arch != b->arch && contract_row(b->arch, i) != contract_row(a->arch, i)) {
            break;
        }
    }
    return strcmp(one, two) == 0;
}

static void add_responsible(GPtrArray *names, const ContractRow *row)
{
    /* Without a property of its own: only its absence brings bits without a name. */
    const char *name = row->property             ? row->property
                       : row->kind == ROW_BITS   ? "migratable"
                       : row->flags & ROW_OF_PMU ? "pmu"
                                                 : row->name;

    if (!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL)) {
        g_ptr_array_add(names, g_strdup(name));
    }
}

ContractOrder contract_order(const CpuContract *a, const CpuContract *b,
                             GPtrArray **ret_responsible)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    bool to_b = true, to_a = true;
    const ContractRow *row;

    FOR_EACH_ROW(a->arch, row)
    {
        bool may_b = !is_compared(row) || may_be(row, a, b);
        bool may_a = !is_compared(row) || may_be(row, b, a);

        if (!may_b || !may_a) {
            add_responsible(names, row);
        }
        to_b = to_b && may_b;
        to_a = to_a && may_a;
    }
    *ret_responsible = names;
    return to_b && to_a ? CONTRACT_IDENTICAL
           : to_a       ? CONTRACT_SUPERSET
           : to_b       ? CONTRACT_SUBSET
                        : CONTRACT_INCOMPATIBLE;
}

/* What is there of @row beyond what the guest has. */
static unsigned spare(const ContractRow *row, const CpuContract *guest,
                      const CpuContract *offer)
{
    uint64_t had, has;

    /* The other way round: the guest lacks nothing of it. */
    if (row->relation == RELATION_SUBSET &&
        contract_row_holds(row, RELATION_SUBSET, offer, guest)) {
        return 0;
    }
    had = contract_row_number(row, guest);
    has = contract_row_number(row, offer);
    switch (row->kind) {
    case ROW_FIELD:
        return !had && has;
    case ROW_NUMBER:
        return has > had ? (unsigned)(has - had) : 0;
    default:
        return (unsigned)__builtin_popcountll(has & ~had);
    }
}

unsigned contract_distance(const CpuContract *contract, const HostProfile *host)
{
    const CpuResolveInput in = {.host = host};
    g_autoptr(CpuOffer) offer = NULL;
    const ContractRow *row;
    unsigned distance;

    if (contract->arch != host->arch) {
        return 0;
    }
    offer = cpu_offer_new(&in, contract);
    distance = offer->spares;
    FOR_EACH_ROW(contract->arch, row)
    {
        distance += (row->flags & (ROW_SPARES | ROW_IN_GROUP)) == ROW_SPARES
                        ? spare(row, contract, offer->contract)
                        : 0;
    }
    return distance;
}

void contract_settle(CpuContract *contract, const HostProfile *host)
{
    contract->pmu_mode =
        contract->pmu_enabled ? host_profile_mode(host) : HOST_MODE_UNKNOWN;
    if (contract->arch == TARGET_ARCH_AARCH64) {
        g_array_set_size(contract->arm.registers, 0);
        arm_registers_take(contract->arm.registers, host->arm.registers,
                           contract->pmu_enabled);
    }
}
