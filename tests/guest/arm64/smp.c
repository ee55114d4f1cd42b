/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arm64.h"

#define PSCI_CPU_ON_64 0xc4000003u
#define MPIDR_AFFINITY 0xff00ffffffull

static volatile uint8_t arrived[CPU_MAX];

uint64_t psci_call(const Board *board, uint64_t function, uint64_t a, uint64_t b,
                   uint64_t c)
{
    if (board->psci_method[0] == 's') {
        return psci_smc(function, a, b, c);
    }
    return psci_hvc(function, a, b, c);
}

static uint64_t counter(void)
{
    uint64_t value;

    __asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(value));
    return value;
}

static uint64_t frequency(void)
{
    uint64_t value;

    __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(value));
    return value ? value : 1000000;
}

unsigned smp_start(const Board *board)
{
    uint64_t self;
    uint64_t start;
    unsigned asked = 0;
    unsigned count = 0;

    __asm__ volatile("mrs %0, mpidr_el1" : "=r"(self));
    for (unsigned i = 0; i < board->cpu_count; i++) {
        uint64_t target = board->cpu_mpidr[i];

        if (target == (self & MPIDR_AFFINITY)) {
            continue;
        }
        if (psci_call(board, PSCI_CPU_ON_64, target, (uint64_t)secondary_entry,
                      (uint64_t)&arrived[i]) == 0) {
            asked++;
        }
    }
    /* Ten seconds: an emulated machine under load takes its time. */
    for (start = counter(); count < asked && counter() - start < 10 * frequency();) {
        count = 0;
        for (unsigned i = 0; i < board->cpu_count; i++) {
            count += arrived[i];
        }
    }
    return count + 1;
}
