/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Work that notices when the guest's memory or registers are not what they were: every
 * round each page must hold what the round before stored there.
 */
#include "report.h"

#define WORK_PAGES      64
#define WORDS_PER_PAGE  512
#define ROUNDS_PER_LINE 100
#define ROUNDS_PER_LOOK 10

static volatile uint64_t pages[WORK_PAGES][WORDS_PER_PAGE];

static uint64_t expected(uint64_t round, unsigned page)
{
    return round * 0x9e3779b97f4a7c15u + page;
}

void work_report(uint64_t rounds, bool with_counters)
{
    bool is_counting = with_counters && count_start();

    if (with_counters) {
        report_text("count", is_counting ? "runs" : "absent");
    }
    for (uint64_t round = 1; round <= rounds; round++) {
        for (unsigned page = 0; page < WORK_PAGES; page++) {
            volatile uint64_t *place = &pages[page][(page * 7) % WORDS_PER_PAGE];

            if (round > 1 && *place != expected(round - 1, page)) {
                report_dec("work.bad-round", round);
                report_dec("work.bad-page", page);
                return;
            }
            *place = expected(round, page);
        }
        if (is_counting && round % ROUNDS_PER_LOOK == 0) {
            count_look();
        }
        if (round % ROUNDS_PER_LINE == 0) {
            report_dec("work.round", round);
        }
        if (is_counting && round % ROUNDS_PER_LINE == 0) {
            count_report();
        }
    }
    if (rounds) {
        report_text("work", "ok");
    }
}
