/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All object types of the program.
 */
#ifndef SYSTEM_PLAN_TYPES_H
#define SYSTEM_PLAN_TYPES_H

#include "qom/object.h"

#define TYPE_CONTAINER      "container"
#define TYPE_MEMORY_BACKEND "memory-backend"

/* The configuration of -object memory-backend-ram. */
typedef struct MemoryBackend {
    Object object;
    uint64_t size; /* bytes; 0: not given */
    bool prealloc, share, merge, dump;
} MemoryBackend;

/* vm_types_register - every type: CPUs, accelerator, machines, devices, -object types. */
void vm_types_register(TypeRegistry *registry);

#endif
