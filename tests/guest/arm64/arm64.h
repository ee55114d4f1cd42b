/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arm64 guest's own pieces.
 */
#ifndef VPMU_GUEST_ARM64_H
#define VPMU_GUEST_ARM64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report.h"

#define CPU_MAX 64

/* What the device tree says, as far as this guest cares. */
typedef struct Board {
    bool is_tree; /* a device tree was handed over at all */
    char cmdline[512];
    char psci_method[8];     /* "hvc", "smc" or empty */
    char pmu_compatible[40]; /* empty: no PMU node */
    uint64_t uart;           /* address of the PL011, 0 if none is described */
    uint64_t ram_bytes;
    uint64_t initrd_bytes;
    uint64_t cpu_mpidr[CPU_MAX];
    unsigned cpu_count;
} Board;

extern uint64_t resume_pc; /* boot.S: where to go on after a fault, 0: nowhere */

/* Read system register @name to *@into; false when the instruction faulted. */
#define TRY_READ(name, into)                                                             \
    ({                                                                                   \
        uint64_t done_;                                                                  \
        uint64_t read_ = 0;                                                              \
        __asm__ volatile("adr x9, 1f\n"                                                  \
                         "str x9, [%[resume]]\n"                                         \
                         "mov %[done], #0\n"                                             \
                         "mrs %[value], " name "\n"                                      \
                         "mov %[done], #1\n"                                             \
                         "1: str xzr, [%[resume]]\n"                                     \
                         : [value] "+&r"(read_), [done] "=&r"(done_)                     \
                         : [resume] "r"(&resume_pc)                                      \
                         : "x9", "x10", "memory");                                       \
        *(into) = read_;                                                                 \
        done_ != 0;                                                                      \
    })

/* Write @from to system register @name; false when the instruction faulted. */
#define TRY_WRITE(name, from)                                                            \
    ({                                                                                   \
        uint64_t done_;                                                                  \
        __asm__ volatile("adr x9, 1f\n"                                                  \
                         "str x9, [%[resume]]\n"                                         \
                         "mov %[done], #0\n"                                             \
                         "msr " name ", %[value]\n"                                      \
                         "isb\n"                                                         \
                         "mov %[done], #1\n"                                             \
                         "1: str xzr, [%[resume]]\n"                                     \
                         : [done] "=&r"(done_)                                           \
                         : [value] "r"((uint64_t)(from)), [resume] "r"(&resume_pc)       \
                         : "x9", "x10", "memory");                                       \
        done_ != 0;                                                                      \
    })

/* boot.S */
void run_loop(uint64_t rounds);
uint64_t psci_hvc(uint64_t function, uint64_t a, uint64_t b, uint64_t c);
uint64_t psci_smc(uint64_t function, uint64_t a, uint64_t b, uint64_t c);
extern const uint8_t secondary_entry[];

/* fdt.c: read the flattened tree at @tree; a wrong magic gives an empty board. */
void board_decode(Board *ret_board, const uint8_t *tree);

/* console.c: use the PL011 at @address. */
void console_init(uint64_t address);

/* smp.c: wake all CPUs of the tree and count those that came, ourselves included. */
unsigned smp_start(const Board *board);

/* smp.c: a PSCI call by the method the tree names; hvc when it names none. */
uint64_t psci_call(const Board *board, uint64_t function, uint64_t a, uint64_t b,
                   uint64_t c);

/* pmu.c: all facts about the performance monitoring unit. */
void pmu_report(uint64_t repeat);

#endif
