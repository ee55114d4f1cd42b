/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "accel/host-affinity.h"

#include <errno.h>
#include <sched.h>

#include "util/error.h"

struct HostAffinity {
    size_t bytes;
    cpu_set_t *mask;
};

void host_affinity_free(HostAffinity *saved)
{
    if (saved) {
        CPU_FREE(saved->mask);
        g_free(saved);
    }
}

/* The kernel wants a mask at least as long as its own. */
HostAffinity *host_affinity_get(GError **errp)
{
    g_autoptr(HostAffinity) saved = g_new0(HostAffinity, 1);

    saved->bytes = CPU_ALLOC_SIZE(CPU_SET_LIMIT);
    saved->mask = CPU_ALLOC(CPU_SET_LIMIT);
    if (!saved->mask || sched_getaffinity(0, saved->bytes, saved->mask) < 0) {
        error_set_errno(errp, errno, "cannot read the CPU affinity");
        return NULL;
    }
    return g_steal_pointer(&saved);
}

static CpuSet *mask_to_set(const HostAffinity *affinity)
{
    CpuSet *set = cpu_set_new();

    for (unsigned cpu = 0; cpu < CPU_SET_LIMIT; cpu++) {
        if (CPU_ISSET_S(cpu, affinity->bytes, affinity->mask)) {
            cpu_set_add(set, cpu);
        }
    }
    return set;
}

CpuSet *host_affinity_allowed(void)
{
    g_autoptr(HostAffinity) affinity = host_affinity_get(NULL);

    return affinity ? mask_to_set(affinity) : NULL;
}

static bool set_affinity(const CpuSet *cpus, GError **errp)
{
    size_t bytes = CPU_ALLOC_SIZE(CPU_SET_LIMIT);
    cpu_set_t *mask = CPU_ALLOC(CPU_SET_LIMIT);
    bool ok;

    CPU_ZERO_S(bytes, mask);
    for (int cpu = cpu_set_next(cpus, 0); cpu >= 0; cpu = cpu_set_next(cpus, cpu + 1u)) {
        CPU_SET_S((unsigned)cpu, bytes, mask);
    }
    ok = sched_setaffinity(0, bytes, mask) == 0;
    if (!ok) {
        g_autofree char *text = cpu_set_format(cpus);

        error_set_errno(errp, errno, "cannot move to CPUs %s", text);
    }
    CPU_FREE(mask);
    return ok;
}

HostAffinity *host_affinity_confine(const CpuSet *cpus, GError **errp)
{
    g_autoptr(HostAffinity) saved = host_affinity_get(errp);
    g_autoptr(CpuSet) allowed = saved ? mask_to_set(saved) : NULL;
    g_autoptr(CpuSet) common = allowed ? cpu_set_intersect(cpus, allowed) : NULL;

    if (!common) {
        return NULL;
    }
    if (cpu_set_count(common) == 0) {
        g_autofree char *wanted = cpu_set_format(cpus), *have = cpu_set_format(allowed);

        error_set(
            errp,
            "needs one of the CPUs %s, but this process may run on %s only (taskset, "
            "cgroup or pinning)",
            wanted, have);
        return NULL;
    }
    return set_affinity(common, errp) ? g_steal_pointer(&saved) : NULL;
}

void host_affinity_restore(const HostAffinity *saved)
{
    /* It was this thread's own mask a moment ago; a CPU that went away since is no loss.
     */
    (void)sched_setaffinity(0, saved->bytes, saved->mask);
}
