/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which kind of core an event source is of.
 *
 * Sources: Linux Documentation/arch/arm64/cpu-feature-registers.rst (regs/identification)
 * and Documentation/ABI/testing/sysfs-devices-system-cpu (cpu_capacity).
 */
#include "accel/host-probe.h"
#include "util/number.h"

#define CAPACITY_MAX 1024

/* A number that CPU @cpu has in @file below its folder; 0 where it does not tell. */
static uint64_t read_cpu_number(FileSys *fs, const char *prefix, unsigned cpu,
                                const char *file)
{
    g_autofree char *path =
        g_strdup_printf("%s/devices/system/cpu/cpu%u/%s", prefix, cpu, file);
    g_autofree char *line = file_read_line(fs, path, NULL);
    uint64_t value;

    return line && number_parse_uint64(line, &value) ? value : 0;
}

/* The registers of a CPU that is offline are not there. */
static uint64_t first_number(FileSys *fs, const char *prefix, const CpuSet *cpus,
                             const char *file)
{
    uint64_t value = 0;

    for (int cpu = cpu_set_next(cpus, 0); cpu >= 0 && !value;
         cpu = cpu_set_next(cpus, (unsigned)cpu + 1)) {
        value = read_cpu_number(fs, prefix, (unsigned)cpu, file);
    }
    return value;
}

void host_probe_cores(FileSys *fs, const char *prefix, HostProfile *host)
{
    for (unsigned i = 0; i < host->sources->len; i++) {
        PmuSource *source = &g_array_index(host->sources, PmuSource, i);
        uint64_t capacity;

        if (!source->cpus) {
            continue;
        }
        source->midr =
            first_number(fs, prefix, source->cpus, "regs/identification/midr_el1");
        capacity = first_number(fs, prefix, source->cpus, "cpu_capacity");
        source->capacity = capacity <= CAPACITY_MAX ? (uint32_t)capacity : 0;
    }
}
