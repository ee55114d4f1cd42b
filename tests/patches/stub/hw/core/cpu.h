/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STUB_HW_CORE_CPU_H
#define STUB_HW_CORE_CPU_H

#include "../../cpu.h"

typedef union run_on_cpu_data {
    void *host_ptr;
} run_on_cpu_data;

#define RUN_ON_CPU_NULL ((run_on_cpu_data){NULL})

extern CPUState *first_cpu;

void run_on_cpu(CPUState *cpu, void (*function)(CPUState *cpu, run_on_cpu_data data),
                run_on_cpu_data data);

#endif
