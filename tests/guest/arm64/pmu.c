/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What this CPU says about its performance monitoring unit, and what it does.
 * Source: Arm Architecture Reference Manual, chapter D13, "The Performance Monitors
 * Extension".
 */
#include "arm64.h"

#define PMCR_ENABLE        0x1u
#define PMCR_RESET_EVENTS  0x2u
#define PMCR_RESET_CYCLES  0x4u
#define PMCR_LONG_CYCLES   0x40u
#define CYCLES_BIT         (1ull << 31)
#define EVENT_INST_RETIRED 0x08u
#define EVENT_CPU_CYCLES   0x11u

static void report_register(const char *key, bool exists, uint64_t value)
{
    if (exists) {
        report_hex(key, value);
    } else {
        report_text(key, "fault");
    }
}

/* Everything off and cleared: reset values are unknown, and an overflow would pend. */
static bool counters_stop(void)
{
    return TRY_WRITE("pmcntenclr_el0", 0xffffffffu) &&
           TRY_WRITE("pmintenclr_el1", 0xffffffffu) &&
           TRY_WRITE("pmovsclr_el0", 0xffffffffu);
}

static void report_cycles(uint64_t pmcr)
{
    uint64_t before = 0;
    uint64_t after = 0;
    bool exists = counters_stop() && TRY_WRITE("pmccfiltr_el0", 0) &&
                  TRY_WRITE("pmcntenset_el0", CYCLES_BIT) &&
                  TRY_WRITE("pmcr_el0",
                            pmcr | PMCR_ENABLE | PMCR_LONG_CYCLES | PMCR_RESET_CYCLES) &&
                  TRY_READ("pmccntr_el0", &before);

    if (exists) {
        run_loop(LOOP_ROUNDS);
        exists = TRY_READ("pmccntr_el0", &after);
        (void)counters_stop();
    }
    report_count("counts.cycles", exists, after - before);
}

static void report_event(const char *key, uint64_t pmcr, unsigned counters,
                         uint32_t event)
{
    uint64_t before = 0;
    uint64_t after = 0;
    bool exists = counters && counters_stop() && TRY_WRITE("pmevtyper0_el0", event) &&
                  TRY_WRITE("pmcntenset_el0", 1) &&
                  TRY_WRITE("pmcr_el0", pmcr | PMCR_ENABLE | PMCR_RESET_EVENTS) &&
                  TRY_READ("pmevcntr0_el0", &before);

    if (exists) {
        run_loop(LOOP_ROUNDS);
        exists = TRY_READ("pmevcntr0_el0", &after);
        (void)counters_stop();
    }
    report_count(key, exists, after - before);
}

void pmu_report(uint64_t repeat)
{
    uint64_t dfr0 = 0;
    uint64_t pmcr = 0;
    uint64_t pmceid0 = 0;
    uint64_t pmceid1 = 0;
    bool has_pmu;
    bool has_dfr0 = TRY_READ("id_aa64dfr0_el1", &dfr0);

    report_register("id_aa64dfr0", has_dfr0, dfr0);
    report_dec("pmuver", dfr0 >> 8 & 0xf);
    has_pmu = TRY_READ("pmcr_el0", &pmcr);
    report_register("pmcr", has_pmu, pmcr);
    if (has_pmu) {
        report_dec("pmcr.n", pmcr >> 11 & 0x1f);
    }
    has_pmu = TRY_READ("pmceid0_el0", &pmceid0);
    report_register("pmceid0", has_pmu, pmceid0);
    has_pmu = TRY_READ("pmceid1_el0", &pmceid1);
    report_register("pmceid1", has_pmu, pmceid1);
    for (uint64_t i = 0; i < repeat; i++) {
        report_cycles(pmcr);
        report_event("counts.event-cycles", pmcr, pmcr >> 11 & 0x1f, EVENT_CPU_CYCLES);
        if (pmceid0 >> EVENT_INST_RETIRED & 1) {
            report_event("counts.event-instructions", pmcr, pmcr >> 11 & 0x1f,
                         EVENT_INST_RETIRED);
        }
    }
}
