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

extern const ContractRow common_contract_rows[];
extern const unsigned common_contract_row_count;
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
