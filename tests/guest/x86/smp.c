/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "x86.h"

#define AP_PAGE          0x8000u
#define ICR_PENDING      (1u << 12)
#define ICR_ALL_BUT_SELF 0x000c0000u
#define ICR_INIT         0x00004500u
#define ICR_STARTUP      0x00004600u

/* In TSC ticks; exact times do not matter, virtual CPUs start without delay. */
#define SHORT_WAIT 1000000u
#define QUIET_WAIT 20000000u
#define LONG_WAIT  2000000000u

extern const uint8_t ap_start[];
extern const uint8_t ap_count[];
extern const uint8_t ap_end[];

static void wait(uint64_t ticks)
{
    uint64_t start = rdtsc();

    while (rdtsc() - start < ticks) {
        cpu_pause();
    }
}

static void apic_send(uint32_t command)
{
    apic_write(APIC_ICR, command);
    for (unsigned i = 0; i < 1000 && apic_read(APIC_ICR) & ICR_PENDING; i++) {
        cpu_pause();
    }
}

/* Done when everybody expected is there and nobody came for a while. */
static void wait_for_arrivals(volatile uint32_t *count, unsigned expected)
{
    uint64_t start = rdtsc();
    uint64_t changed = start;
    uint32_t seen = 0;

    for (;;) {
        uint64_t now = rdtsc();

        if (*count != seen) {
            seen = *count;
            changed = now;
        }
        if (now - changed > QUIET_WAIT &&
            (seen + 1 >= expected || now - start > LONG_WAIT)) {
            return;
        }
        cpu_pause();
    }
}

unsigned smp_start(unsigned expected)
{
    uint8_t *page = (uint8_t *)(uintptr_t)AP_PAGE;
    volatile uint32_t *count = (volatile uint32_t *)(page + (ap_count - ap_start));

    if (!apic_init()) {
        return 1;
    }
    for (size_t i = 0; i < (size_t)(ap_end - ap_start); i++) {
        page[i] = ap_start[i];
    }
    apic_send(ICR_ALL_BUT_SELF | ICR_INIT);
    wait(SHORT_WAIT);
    apic_send(ICR_ALL_BUT_SELF | ICR_STARTUP | AP_PAGE >> 12);
    wait_for_arrivals(count, expected);
    return *count + 1;
}
