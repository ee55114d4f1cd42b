/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STUB_HW_CORE_BOARDS_H
#define STUB_HW_CORE_BOARDS_H

typedef struct CpuTopology {
    unsigned sockets, dies, modules, cores, threads;
} CpuTopology;

typedef struct MachineState {
    CpuTopology smp;
} MachineState;

extern MachineState *current_machine;

#endif
