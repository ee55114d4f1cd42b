/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many CPUs a guest has and how they are arranged. */
#ifndef TARGET_SMP_TOPOLOGY_H
#define TARGET_SMP_TOPOLOGY_H

typedef struct json_object json_object;

/* The product of the levels is max_cpus. */
typedef struct SmpTopology {
    unsigned cpus, max_cpus, sockets, dies, modules, cores, threads;
} SmpTopology;

/* smp_topology_format - the numbers by the names of -smp; a new reference. */
json_object *smp_topology_format(const SmpTopology *smp);

#endif
