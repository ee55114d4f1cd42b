/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which PMU registers user space can reach, with the PMU and without.
 */
#include "kvm-pmu.h"
#include "util/bits.h"

static const struct {
    const char *key;
    uint32_t first;
    unsigned count, step;
} groups[] = {
    {"gp-counters",            0xc1,       8, 1},
    {"gp-full-width",          0x4c1,      8, 1},
    {"event-selects",          0x186,      8, 1},
    {"fixed-counters",         0x309,      4, 1},
    {"fixed-ctrl",             0x38d,      1, 1},
    {"global-status",          0x38e,      1, 1},
    {"global-ctrl",            0x38f,      1, 1},
    {"pebs-enable",            0x3f1,      1, 1},
    {"pebs-data-cfg",          0x3f2,      1, 1},
    {"ds-area",                0x600,      1, 1},
    {"lbr-select-tos",         0x1c8,      2, 1},
    {"amd-k7-event-selects",   0xc0010000, 4, 1},
    {"amd-k7-counters",        0xc0010004, 4, 1},
    {"amd-core-event-selects", 0xc0010200, 6, 2},
    {"amd-core-counters",      0xc0010201, 6, 2},
    {"amd-global-status",      0xc0000300, 1, 1},
    {"amd-global-ctl",         0xc0000301, 1, 1},
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

void probe_registers(const Probe *probe)
{
    Guest guest = guest_full(probe, probe->on->contract);

    walk(&guest, "on");
    guest_close(&guest);
    guest = guest_full(probe, probe->off->contract);
    walk(&guest, "off");
    guest_close(&guest);
}
