/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is full, and memory that never rests: what migration is measured and tried
 * with.  Begins 16 MiB behind the image, where no loader puts anything.
 */
#include "report.h"

#define FILL_OFFSET   0x1000000u
#define MIB_BYTES     0x100000u
#define PAGE_WORDS    512u
#define LAPS_PER_LINE 100u
#define GOLDEN        0x9e3779b97f4a7c15u

/* What a page of a full memory begins with; never 0. */
static uint64_t word_at(uint64_t index)
{
    return ((index + 1) * GOLDEN) | 1;
}

/* A word per page makes it one that has to travel; more would only take longer. */
static void fill(volatile uint64_t *memory, uint64_t words)
{
    for (uint64_t i = 0; i < words; i += PAGE_WORDS) {
        memory[i] = word_at(i);
    }
}

/* Every page is written each lap, after a look at what the lap before left there. */
static void dirty(volatile uint64_t *memory, uint64_t words) __attribute__((noreturn));
static void dirty(volatile uint64_t *memory, uint64_t words)
{
    for (uint64_t lap = 1;; lap++) {
        for (uint64_t i = 0; i < words; i += PAGE_WORDS) {
            if (memory[i] != word_at(i) + lap - 1) {
                report_hex("dirty.bad", (uint64_t)(uintptr_t)&memory[i]);
            }
            memory[i] = word_at(i) + lap;
        }
        if (lap % LAPS_PER_LINE == 0) {
            report_dec("dirty.lap", lap);
        }
    }
}

void fill_report(uint64_t image, uint64_t fill_mib, uint64_t dirty_mib)
{
    volatile uint64_t *memory =
        (volatile uint64_t *)((image & ~(uint64_t)(MIB_BYTES - 1)) + FILL_OFFSET);
    uint64_t mib = fill_mib > dirty_mib ? fill_mib : dirty_mib;

    if (mib) {
        fill(memory, mib * MIB_BYTES / sizeof(*memory));
        report_dec("fill.mib", mib);
    }
    if (dirty_mib) {
        dirty(memory, dirty_mib * MIB_BYTES / sizeof(*memory));
    }
}
