/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of rows, inside target/ only; everybody else walks contract_row().
 */
#ifndef TARGET_COMMON_CONTRACT_ROWS_H
#define TARGET_COMMON_CONTRACT_ROWS_H

#include <stddef.h>

#include "target/contract-row.h"

/* Where a value stands. */
#define ROW_PLACE(field)                                                                 \
    .place = offsetof(CpuContract, field), .size = sizeof(((CpuContract *)NULL)->field)

/* … and as it is written. */
#define ROW_PMU_MODE_MEMBER                                                              \
    {                                                                                    \
        .name = "pmu.mode", .member = "pmu.mode", .kind = ROW_CHOICE,                    \
        ROW_PLACE(pmu_mode), .names = host_mode_names, .max = HOST_MODE_COUNT - 1,       \
        .flags = ROW_OPTIONAL | ROW_UNSEEN                                               \
    }

/* What ends both tables, for loops that run once per host of a fleet. */
#define ROWS_END                                                                         \
    {                                                                                    \
        .name = NULL                                                                     \
    }
#define FOR_EACH_ROW(arch, row) for ((row) = contract_row(arch, 0); (row)->name; (row)++)

/* The rows that begin both tables. */
#define ROWS_OF_ALL                                                                      \
    {.name = "arch",                                                                     \
     .member = "arch",                                                                   \
     .kind = ROW_CHOICE,                                                                 \
     ROW_PLACE(arch),                                                                    \
     .names = target_arch_names,                                                         \
     .max = TARGET_ARCH_COUNT - 1,                                                       \
     .relation = RELATION_EQUAL,                                                         \
     .reason = CHECK_ARCH_DIFFERS,                                                       \
     .flags = ROW_OF_BOARD},                                                             \
        {.name = "machine",                                                              \
         .member = "machine",                                                            \
         .kind = ROW_TEXT,                                                               \
         ROW_PLACE(machine),                                                             \
         .among = RELATION_EQUAL,                                                        \
         .reason = CHECK_MACHINE_DIFFERS,                                                \
         .flags = ROW_OF_BOARD},                                                         \
    {                                                                                    \
        .name = "cpu-model", .member = "cpu-model", .kind = ROW_TEXT,                    \
        ROW_PLACE(cpu_model), .among = RELATION_KEPT                                     \
    }

extern const ContractRow x86_contract_rows[];
extern const unsigned x86_contract_row_count;
extern const ContractRow arm_contract_rows[];
extern const unsigned arm_contract_row_count;

/* The row that ends both tables: how KVM served the PMU where the guest was made. */
uint64_t contract_mode_get(const ContractRow *row, const CpuContract *contract);
char *contract_mode_text(const CpuContract *contract, const CpuContract *beside);
bool contract_mode_binds(const CpuContract *guest);
#define ROW_PMU_MODE                                                                     \
    {                                                                                    \
        .name = "pmu.mode", .kind = ROW_NUMBER, ROW_PLACE(pmu_mode),                     \
        .relation = RELATION_MODE, .reason = CHECK_MODE_DIFFERS,                         \
        .binds = contract_mode_binds, .changes = CHECK_MODE_CHANGES,                     \
        .get = contract_mode_get, .text = contract_mode_text,                            \
        .flags = ROW_UNSEEN | ROW_OF_HOST                                                \
    }

#endif
