/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which PMU registers user space can reach, with the PMU and without.
 */
#include <inttypes.h>

#include "kvm-pmu.h"
#include "util/bits.h"

static const struct {
    const char *key;
    uint32_t first;
    unsigned count, step;
} groups[] = {
    {"gp-counters", 0xc1, 8, 1},
    {"gp-full-width", 0x4c1, 8, 1},
    {"event-selects", 0x186, 8, 1},
    {"fixed-counters", 0x309, 4, 1},
    {"fixed-ctrl", 0x38d, 1, 1},
    {"global-status", 0x38e, 1, 1},
    {"global-ctrl", 0x38f, 1, 1},
    {"pebs-enable", 0x3f1, 1, 1},
    {"pebs-data-cfg", 0x3f2, 1, 1},
    {"ds-area", 0x600, 1, 1},
    {"lbr-select-tos", 0x1c8, 2, 1},
    {"amd-k7-event-selects", 0xc0010000, 4, 1},
    {"amd-k7-counters", 0xc0010004, 4, 1},
    {"amd-core-event-selects", 0xc0010200, 6, 2},
    {"amd-core-counters", 0xc0010201, 6, 2},
    {"amd-global-status", 0xc0000300, 1, 1},
    {"amd-global-ctl", 0xc0000301, 1, 1},
    {"amd-global-status-set", 0xc0000303, 1, 1},
};

/* Those of which single bits are asked. */
static const struct {
    const char *key;
    uint32_t index;
} registers[] = {
    {"gp-counter", 0xc1},
    {"gp-full-width", 0x4c1},
    {"fixed-counter", 0x309},
    {"fixed-ctrl", 0x38d},
    {"global-status", 0x38e},
    {"global-ctrl", 0x38f},
    {"pebs-enable", 0x3f1},
    {"ds-area", 0x600},
    {"amd-k7-counter", 0xc0010004},
    {"amd-core-counter", 0xc0010201},
    {"amd-global-status", 0xc0000300},
    {"amd-global-ctl", 0xc0000301},
    {"misc-enable", 0x1a0},
};

static void walk(Guest *guest, const char *prefix)
{
    for (unsigned i = 0; i < ARRAY_LEN(groups); i++) {
        g_autofree char *reads = g_strdup_printf("%s.get.%s", prefix, groups[i].key);
        g_autofree char *writes = g_strdup_printf("%s.set.%s", prefix, groups[i].key);
        uint64_t given = 0, taken = 0, value;

        for (unsigned n = 0; n < groups[i].count; n++) {
            uint32_t index = groups[i].first + n * groups[i].step;

            given |= (uint64_t)msr_try_get(guest, index, &value) << n;
            taken |= (uint64_t)msr_try_set(guest, index, 1) << n;
            (void)msr_try_set(guest, index, 0);
        }
        say_bits(reads, given);
        say_bits(writes, taken);
    }
}

/* Which bits each register takes, one at a time, and which of them it keeps. */
static void walk_bits(Guest *guest)
{
    for (unsigned i = 0; i < ARRAY_LEN(registers); i++) {
        g_autofree char *takes = g_strdup_printf("takes.%s", registers[i].key);
        g_autofree char *keeps = g_strdup_printf("keeps.%s", registers[i].key);
        uint64_t taken = 0, kept = 0, value;

        for (unsigned bit = 0; bit < 64; bit++) {
            if (msr_try_set(guest, registers[i].index, BIT64(bit))) {
                taken |= BIT64(bit);
                (void)msr_try_get(guest, registers[i].index, &value);
                kept |= value;
            }
        }
        (void)msr_try_set(guest, registers[i].index, 0);
        say(takes, "0x%" PRIx64, taken);
        say(keeps, "0x%" PRIx64, kept);
    }
}

/* What KVM begins with where nobody has said anything but CPUID. */
static void say_initial(Guest *guest)
{
    static const uint32_t indices[] = {0x38f, 0xc0000301, 0x1a0};
    uint64_t value;

    for (unsigned i = 0; i < ARRAY_LEN(indices); i++) {
        g_autofree char *key = g_strdup_printf("initial.0x%x", indices[i]);

        if (msr_try_get(guest, indices[i], &value)) {
            say(key, "0x%" PRIx64, value);
        } else {
            say(key, "refused");
        }
    }
}

void probe_registers(const Probe *probe)
{
    Guest guest = guest_bare(probe, probe->on->contract, NULL);

    say_initial(&guest);
    guest_close(&guest);
    guest = guest_full(probe, probe->on->contract);
    walk(&guest, "on");
    walk_bits(&guest);
    guest_close(&guest);
    guest = guest_full(probe, probe->off->contract);
    walk(&guest, "off");
    guest_close(&guest);
}
