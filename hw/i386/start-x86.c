/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processor as a boot loader hands it over, and what firmware would have left in it.
 * Sources: Intel SDM volume 3, 3.4 and 11.11; Linux Documentation/arch/x86/boot.rst; the
 * PVH and multiboot protocols.
 */
#include "boot-x86.h"
#include "util/bits.h"

#define EFER_LME BIT64(8)
#define EFER_LMA BIT64(10)
#define CR0_PE   BIT64(0)
#define CR0_ET   BIT64(4)
#define CR0_PG   BIT64(31)
#define CR4_PAE  BIT64(5)

#define CODE_SEL 0x10
#define DATA_SEL 0x18

/* Memory is write-back: MTRRs and fixed ranges on, default type 6.  The legacy interrupt
 * controller arrives at LINT0, NMI at LINT1. */
const X86PowerOn x86_power_on = {.mtrr_def_type = 0xc06, .lint0 = 0x700, .lint1 = 0x400};

#define FLAT_DATA                                                                        \
    {                                                                                    \
        .selector = DATA_SEL, .limit = 0xffffffff, .type = 0x3, .is_code_or_data = true, \
        .is_32 = true                                                                    \
    }
#define TASK                                                                             \
    {                                                                                    \
        .limit = 0x67, .type = 0xb                                                       \
    }

const X86StartState x86_start_protected_32 = {
    .gdt = {0, 0, UINT64_C(0x00cf9b000000ffff), UINT64_C(0x00cf93000000ffff)},
    .code = {.selector = CODE_SEL,
             .limit = 0xffffffff,
             .type = 0xb,
             .is_code_or_data = true,
             .is_32 = true},
    .data = FLAT_DATA,
    .task = TASK,
    .cr0 = CR0_PE | CR0_ET,
};

const X86StartState x86_start_long_64 = {
    .gdt = {0, 0, UINT64_C(0x00af9b000000ffff), UINT64_C(0x00cf93000000ffff)},
    .code = {.selector = CODE_SEL,
             .limit = 0xffffffff,
             .type = 0xb,
             .is_code_or_data = true,
             .is_64 = true},
    .data = FLAT_DATA,
    .task = TASK,
    .cr0 = CR0_PE | CR0_ET | CR0_PG,
    .cr4 = CR4_PAE,
    .efer = EFER_LME | EFER_LMA,
};
