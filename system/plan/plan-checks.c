/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan-checks.h"

#include <inttypes.h>

#include "target/cpu-contract.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/number.h"

/* Pages of a memory slot.  Source: Linux include/linux/kvm_host.h, KVM_MEM_MAX_NR_PAGES.
 */
#define SLOT_BYTES_MAX (((UINT64_C(1) << 31) - 1) * 4 * KIB)

/* Levels a machine has not are there once. */
bool plan_check_levels(const MachinePlan *machine, const SpecSmp *smp, GError **errp)
{
    const Board *board = machine->board;
    const struct {
        const char *name, *instead;
        unsigned count;
        bool is_there;
    } levels[] = {
        {"dies", "", smp->dies, board->has_dies},
        {"clusters", board->has_modules ? "modules" : "", smp->clusters,
         board->has_clusters},
        {"modules", board->has_clusters ? "clusters" : "", smp->modules,
         board->has_modules},
    };

    for (unsigned i = 0; i < ARRAY_LEN(levels); i++) {
        if (levels[i].count > 1 && !levels[i].is_there) {
            error_set(errp, "-smp %s=%u: %s are no level of machine %s%s%s",
                      levels[i].name, levels[i].count, levels[i].name, machine->name,
                      levels[i].instead[0] ? ", which has " : "", levels[i].instead);
            return false;
        }
    }
    return true;
}

/* Address bits needed for what ends at @end. */
static unsigned bits_for(uint64_t end)
{
    return end > 1 ? 64 - (unsigned)__builtin_clzll(end - 1) : 0;
}

static void check_address_bits(uint64_t end, unsigned bits, Report *report)
{
    g_autofree char *asked =
        g_strdup_printf("RAM up to 0x%" PRIx64 ", %u bits", end - 1, bits_for(end));
    g_autofree char *offered = g_strdup_printf("%u bits", bits);
    g_autofree char *remedy = g_strdup_printf(
        "give it less with -m, or -cpu ...,phys-bits=%u where the host has as many",
        bits_for(end));

    report_add(report, &(Finding){.level = FINDING_ERROR,
                                  .row = "phys-bits",
                                  .asked = asked,
                                  .offered = offered,
                                  .cause = "the guest's CPU has fewer physical "
                                           "address bits than its memory needs",
                                  .remedy = remedy});
}

bool plan_check_ram(const MachinePlan *machine, Report *report, GError **errp)
{
    uint64_t end = 0;

    for (unsigned i = 0; i < machine->ram_ranges; i++) {
        const GuestRange *range = &machine->ram[i];

        if (range->bytes > SLOT_BYTES_MAX) {
            g_autofree char *size = number_format_size(machine->ram_bytes);

            error_set(errp, "-m %s: KVM maps less than 8 TiB in one piece", size);
            return false;
        }
        end = MAX(end, range->gpa + range->bytes);
    }
    if (machine->contract && machine->contract->arch == TARGET_ARCH_X86_64 &&
        bits_for(end) > machine->contract->x86.phys_bits) {
        check_address_bits(end, machine->contract->x86.phys_bits, report);
    }
    return true;
}
