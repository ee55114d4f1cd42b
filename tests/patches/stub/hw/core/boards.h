/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STUB_HW_CORE_BOARDS_H
#define STUB_HW_CORE_BOARDS_H

typedef struct CpuTopology {
    unsigned sockets, dies, modules, cores, threads;
} CpuTopology;

typedef struct MachineClass {
    const char *name;
} MachineClass;

typedef struct MachineState {
    CpuTopology smp;
    MachineClass *class;
} MachineState;

#define MACHINE_GET_CLASS(machine) ((machine)->class)

extern MachineState *current_machine;

#endif
