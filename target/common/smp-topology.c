/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/smp-topology.h"

#include "util/json.h"

json_object *smp_topology_format(const SmpTopology *smp)
{
    json_object *object = json_object_new_object();

    json_add_uint(object, "cpus", smp->cpus);
    json_add_uint(object, "sockets", smp->sockets);
    json_add_uint(object, "dies", smp->dies);
    /* Streams from before there were any do not say it. */
    if (smp->modules > 1) {
        json_add_uint(object, "modules", smp->modules);
    }
    json_add_uint(object, "cores", smp->cores);
    json_add_uint(object, "threads", smp->threads);
    return object;
}
