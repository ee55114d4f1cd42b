/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether pages a guest writes are logged in rings, and how large they are.
 *
 * Source: Linux kvm/api.rst 8.29: entries of 16 bytes, a power of two; the capability is
 * the largest ring in bytes.  The smallest and the largest size that is accepted are
 * QEMU's.
 */
#include "target/kvm-accel.h"

#include <inttypes.h>

#define ENTRY_BYTES   16u
#define LEAST_ENTRIES 1024u
#define MOST_ENTRIES  65536u

static void refuse(Report *report, uint32_t asked, uint32_t most, const char *cause)
{
    g_autofree char *want = g_strdup_printf("%" PRIu32, asked);
    g_autofree char *have =
        most ? g_strdup_printf("%u to %" PRIu32, LEAST_ENTRIES, most) : g_strdup("none");

    if (report) {
        report_add(report, &(Finding){.level = FINDING_ERROR,
                                      .row = "dirty-ring-size",
                                      .asked = want,
                                      .offered = have,
                                      .cause = cause,
                                      .remedy = "leave it out"});
    }
}

uint32_t kvm_dirty_ring_entries(const KvmAccel *accel, const HostProfile *host,
                                Report *report)
{
    uint32_t asked = accel ? accel->dirty_ring_size : 0;
    uint32_t most = host && host->caps[KVM_CAPID_DIRTY_RING] > 0
                        ? (uint32_t)host->caps[KVM_CAPID_DIRTY_RING] / ENTRY_BYTES
                        : 0;

    most = MIN(most, MOST_ENTRIES);
    if (!asked) {
        return 0;
    }
    if (!most) {
        refuse(report, asked, 0, "KVM on this host has no dirty rings");
        return 0;
    }
    if (asked < LEAST_ENTRIES || asked > most || (asked & (asked - 1))) {
        refuse(report, asked, most, "a ring has a power of two of entries");
        return 0;
    }
    return asked;
}
