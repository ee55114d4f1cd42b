/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/compat.h"

#include <string.h>

#include "util/bits.h"

#define CPU_X86 "x86_64-cpu"

/* 11.1 introduced: */
static const CompatRow upto_11_0[] = {
    {{CPU_X86, "x-debug-store-always-available", "on", false},
     "IA32_MISC_ENABLE says that BTS and PEBS are available, whether they are or not"},
    {{CPU_X86, "x-ds-without-pmu", "on", false},
     "CPUID shows the debug store although the guest has no PMU"                     },
    {{CPU_X86, "x-auto-perf-capabilities", "off", false},
     "host and max do not take perf-metrics and the PEBS features over by themselves"},
    {{CPU_X86, "x-amd-perfmon-always-on", "on", false},
     "perfctr-core stays in CPUID although the guest has no PMU"                     },
};

/* 11.0 introduced: */
static const CompatRow upto_10_2[] = {
    {{"kvm-accel", "backcompat-pmu", "on", false},
     "KVM itself picks the host PMU that serves an Arm guest"},
};

/* 10.1 introduced: */
static const CompatRow upto_10_0[] = {
    {{CPU_X86, "x-pdcm-on-even-without-pmu", "on", false},
     "the feature word keeps pdcm, and with it MSR 0x345, although the guest has no PMU"},
    {{CPU_X86, "x-arch-cap-always-on", "on", false},
     "AMD hosts show arch-capabilities too"                                             },
};

#define NO_ROWS NULL, 0
#define ROWS(a) a, ARRAY_LEN(a)

/* Newest first.  A changed default is one row in the list of the version before. */
static const MachineVersion versions[] = {
    {"11.1", 11, 1, NO_ROWS        },
    {"11.0", 11, 0, ROWS(upto_11_0)},
    {"10.2", 10, 2, ROWS(upto_10_2)},
    {"10.1", 10, 1, NO_ROWS        },
    {"10.0", 10, 0, ROWS(upto_10_0)},
    {"9.2",  9,  2, NO_ROWS        },
    {"9.1",  9,  1, NO_ROWS        },
    {"9.0",  9,  0, NO_ROWS        },
    {"8.2",  8,  2, NO_ROWS        },
    {"8.1",  8,  1, NO_ROWS        },
    {"8.0",  8,  0, NO_ROWS        },
    {"7.2",  7,  2, NO_ROWS        },
};

const MachineVersion *machine_versions(unsigned *ret_count)
{
    *ret_count = ARRAY_LEN(versions);
    return versions;
}

const MachineVersion *machine_version_find(const char *name)
{
    const char *dash = strrchr(name, '-');
    const char *version = dash ? dash + 1 : name;

    for (unsigned i = 0; i < ARRAY_LEN(versions); i++) {
        if (strcmp(versions[i].name, version) == 0) {
            return &versions[i];
        }
    }
    return NULL;
}

GArray *machine_version_compat(const MachineVersion *version)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(CompatProperty));

    for (const MachineVersion *v = versions; v <= version; v++) {
        for (unsigned i = 0; i < v->row_count; i++) {
            g_array_append_val(list, v->rows[i].property);
        }
    }
    return list;
}
