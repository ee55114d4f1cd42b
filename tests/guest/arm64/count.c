/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two counters that run beside the work: counter 1 from 0, never touched again, and
 * counter 0, which overflows every so often and is set anew.
 *
 * The cycle counter is not looked at, and half the range of 32 bits is no advance: on an
 * emulated machine Linux adds that to a counter, not quite, and takes it away, whenever
 * it likes.
 */
#include "arm64.h"

#define PMCR_RUN         0x7u /* enable, reset both kinds */
#define EVENT_CPU_CYCLES 0x11u
#define EVENTS_TO_GO     2000000u
#define LEAST_COUNTERS   2u
#define COUNTER_MASK     0x7fffffffu

static uint32_t last;
static uint64_t total, last_line;
static uint64_t seen; /* overflows */

static bool arm_overflow(void)
{
    return TRY_WRITE("pmovsclr_el0", 1) &&
           TRY_WRITE("pmevcntr0_el0", (uint32_t)-EVENTS_TO_GO);
}

bool count_start(void)
{
    uint64_t pmcr = 0;

    return TRY_READ("pmcr_el0", &pmcr) && (pmcr >> 11 & 0x1f) >= LEAST_COUNTERS &&
           TRY_WRITE("pmevtyper0_el0", EVENT_CPU_CYCLES) &&
           TRY_WRITE("pmevtyper1_el0", EVENT_CPU_CYCLES) &&
           TRY_WRITE("pmcr_el0", pmcr | PMCR_RUN) && arm_overflow() &&
           TRY_WRITE("pmcntenset_el0", 3);
}

void count_look(void)
{
    uint64_t now = 0;
    uint64_t overflows = 0;
    bool is_there = TRY_READ("pmevcntr1_el0", &now);
    bool has_jumped = ((uint32_t)now ^ last) >> 31;
    uint32_t advance = ((uint32_t)now - last) & COUNTER_MASK;

    /* A quarter of its range takes longer than from one look to the next. */
    if (advance >> 30 && has_jumped) {
        advance = 0;
    }
    if (!is_there || advance >> 30) {
        report_hex("count.bad-before", last);
        report_hex("count.bad", now);
    }
    last = (uint32_t)now;
    total += advance;
    if (TRY_READ("pmovsset_el0", &overflows) && overflows & 1) {
        seen++;
        (void)arm_overflow();
    }
}

void count_report(void)
{
    if (total == last_line) {
        report_hex("count.bad-stuck", last);
    }
    last_line = total;
    report_dec("count.value", total);
    report_dec("count.overflows", seen);
}
