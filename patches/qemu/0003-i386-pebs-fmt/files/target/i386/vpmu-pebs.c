/*
 * x86 virtual PMU: PEBS, decided as a group
 *
 * When a guest's PEBS format is not zero, KVM compares every PEBS feature
 * with its own and refuses a guest that differs in one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "vpmu-pebs.h"

const VpmuFormat vpmu_pebs_fmt = { "pebs-fmt", 8, 4 };

/* Members of the group besides the format, by bit. */
static const struct {
    unsigned bit;
    const char *name;
} pebs_members[] = {
    { 6, "pebs-trap" },
    { 7, "pebs-arch-reg" },
    { 14, "pebs-baseline" },
    { 17, "pebs-timing-info" },
};

/* The first member in a mask, for messages; NULL for an empty one. */
static const char *first_member(uint64_t mask)
{
    for (int i = 0; i < ARRAY_SIZE(pebs_members); i++) {
        if (mask >> pebs_members[i].bit & 1) {
            return pebs_members[i].name;
        }
    }
    return NULL;
}

static uint64_t member_mask(void)
{
    uint64_t mask = 0;

    for (int i = 0; i < ARRAY_SIZE(pebs_members); i++) {
        mask |= 1ull << pebs_members[i].bit;
    }
    return mask;
}

/* What every format wants, and what PEBS does besides. */
static bool pebs_possible(const VpmuFacts *facts, uint64_t asked, Error **errp)
{
    const char *missing = !facts->ds ? "ds" : !facts->dtes64 ? "dtes64" : NULL;

    if (!vpmu_format_possible(&vpmu_pebs_fmt, facts, asked, errp)) {
        return false;
    }
    if (missing) {
        error_setg(errp, "pebs-fmt=%" PRIu64 " needs the feature '%s'", asked,
                   missing);
        return false;
    }
    return true;
}

/*
 * The format where none was asked for: that of features asked for by name, or
 * of a host model that took PEBS over; 0 where the guest cannot have it.
 * What was named and cannot be had is a warning, or an error with @enforce.
 */
static bool implied_format(const VpmuFacts *facts, uint64_t inherited,
                           uint64_t *wanted, bool enforce, uint64_t *format,
                           Error **errp)
{
    Error *why = NULL;

    *format = *wanted ? vpmu_format_of(&vpmu_pebs_fmt, facts->offered)
                      : inherited;
    if (!*format || pebs_possible(facts, *format, &why)) {
        return true;
    }
    *format = 0;
    if (!*wanted) {
        error_free(why);
        return true;
    }
    error_prepend(&why, "%s is left out: ", first_member(*wanted));
    *wanted = 0;
    if (enforce) {
        error_propagate(errp, why);
        return false;
    }
    warn_report_err(why);
    return true;
}

bool vpmu_pebs_decide(const VpmuFacts *facts, uint64_t *asked, uint64_t *word,
                      bool enforce, Error **errp)
{
    uint64_t group = member_mask();
    uint64_t wanted = *word & facts->named & group;
    uint64_t cleared = ~*word & facts->named & group;
    uint64_t inherited = vpmu_format_of(&vpmu_pebs_fmt, *word);

    if (*asked == 0 && wanted) {
        error_setg(errp, "%s=on asks for PEBS and pebs-fmt=0 for none",
                   first_member(wanted));
        return false;
    }
    if (*asked == VPMU_FORMAT_UNSET && (wanted || inherited) &&
        !implied_format(facts, inherited, &wanted, enforce, asked, errp)) {
        return false;
    }
    if (!vpmu_format_decide(&vpmu_pebs_fmt, facts, asked, word, errp)) {
        return false;
    }
    if (!vpmu_format_of(&vpmu_pebs_fmt, *word)) {
        *word = (*word & ~group) | wanted;
        return true;
    }
    if (!pebs_possible(facts, *asked, errp)) {
        return false;
    }
    if (cleared & facts->offered) {
        error_setg(errp, "%s=off cannot be had with pebs-fmt=%" PRIu64
                   ": KVM wants all PEBS features as the host has them; "
                   "pebs-fmt=0 turns them off together",
                   first_member(cleared & facts->offered), *asked);
        return false;
    }
    *word = (*word & ~group) | (facts->offered & group) | wanted;
    return true;
}
