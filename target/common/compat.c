/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/compat.h"

#include <string.h>

#include "util/bits.h"
#include "util/error.h"

#define CPU_X86 "x86_64-cpu"

/* vpmu1.0 introduced, and no QEMU has: */
static const CompatRow upto_11_1[] = {
    {{CPU_X86, "x-debug-store-always-available", "on", false},
     "IA32_MISC_ENABLE says that BTS and PEBS are available, whether they are or not"},
    {{CPU_X86, "x-ds-without-pmu", "on", false},
     "CPUID shows the debug store although the guest has no PMU"},
    {{CPU_X86, "x-intel-pt-without-pmu", "on", false},
     "CPUID shows Intel PT and leaf 0x14, where KVM offers them, without a PMU too"},
    {{CPU_X86, "x-auto-perf-capabilities", "off", false},
     "host and max do not take perf-metrics and the PEBS features over by themselves"},
    {{CPU_X86, "x-amd-perfmon-always-on", "on", false},
     "perfctr-core stays in CPUID although the guest has no PMU"},
    {{"kvm-accel", "backcompat-pmu", "on", false},
     "KVM itself picks the host PMU that serves an Arm guest"},
};

/* 10.1 introduced: */
static const CompatRow upto_10_0[] = {
    {{CPU_X86, "x-pdcm-on-even-without-pmu", "on", false},
     "no other CPU: pdcm asked for without a PMU is a note, no warning and no error"},
    {{CPU_X86, "x-arch-cap-always-on", "on", false},
     "AMD hosts show arch-capabilities too"},
    {{CPU_X86, "x-vendor-cpuid-only-v2", "off", false},
     "Intel guests see AMD's cache leaves, and the vendor in leaf 0x80000000"},
    {{CPU_X86, "x-consistent-cache", "off", false},
     "leaf 2 describes the caches although leaf 4 does, too"},
};

/* 10.0 introduced: */
static const CompatRow upto_9_2[] = {
    {{"virtio-balloon-pci", "vectors", "0", true},
     "the balloon has an interrupt line and no messages"},
    {{"virtio-balloon-pci-non-transitional", "vectors", "0", true}, "likewise"},
};

/* 9.1 introduced: */
static const CompatRow upto_9_0[] = {
    {{CPU_X86, "x-l1-cache-per-thread", "off", false},
     "leaf 4 says that each thread has L1 caches of its own"},
    {{CPU_X86, "legacy-multi-node", "on", false}, "leaf 0x8000001e counts dies as nodes"},
    {{CPU_X86, "x-amd-topoext-features-only", "off", false},
     "leaf 0x8000001d says that the L3 cache has a complex index"},
    {{CPU_X86, "guest-phys-bits", "0", false},
     "leaf 0x80000008 says nothing of the guest's own nested paging"},
};

#define NO_ROWS NULL, 0
#define ROWS(a) a, ARRAY_LEN(a)

/*
 * Newest first.  A changed default is one row in the list of the version before.  The
 * project's own versions come before QEMU's, from which they differ by its list alone.
 */
static const MachineVersion versions[] = {
    {"vpmu1.0", NO_ROWS},    {"11.1", ROWS(upto_11_1)}, {"11.0", NO_ROWS},
    {"10.2", NO_ROWS},       {"10.1", NO_ROWS},         {"10.0", ROWS(upto_10_0)},
    {"9.2", ROWS(upto_9_2)}, {"9.1", NO_ROWS},          {"9.0", ROWS(upto_9_0)},
    {"8.2", NO_ROWS},        {"8.1", NO_ROWS},          {"8.0", NO_ROWS},
    {"7.2", NO_ROWS},
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

bool machine_is_since(const char *machine, const char *since)
{
    const MachineVersion *own = machine && since ? machine_version_find(machine) : NULL;

    return !own || own <= machine_version_find(since); /* newest first */
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

/* Machines by architecture.  A versioned one has an alias for its newest version. */
static const struct {
    TargetArch arch;
    const char *name;
    const char *alias;        /* NULL: the machine has no versions */
    bool takes_newest_models; /* a CPU model's plain name is its newest version */
    bool is_qemus;            /* no board of ours, and with QEMU's versions alone */
} machine_rows[] = {
    {TARGET_ARCH_X86_64, "pc-q35", "q35", false},
    {TARGET_ARCH_X86_64, "pc-i440fx", "pc", false, .is_qemus = true},
    {TARGET_ARCH_X86_64, "microvm", NULL, true},
    {TARGET_ARCH_X86_64, "none", NULL, false},
    {TARGET_ARCH_AARCH64, "virt", "virt", false},
    {TARGET_ARCH_AARCH64, "none", NULL, false},
};

/* Defaults of a machine whatever its version. */
static const struct {
    const char *machine;
    CompatProperty property;
} own_rows[] = {
    {"microvm", {CPU_X86, "host-phys-bits", "on", false}},
};

void machine_own_defaults(const char *name, GArray *list)
{
    for (unsigned i = 0; i < ARRAY_LEN(own_rows); i++) {
        if (strcmp(own_rows[i].machine, name) == 0) {
            g_array_append_val(list, own_rows[i].property);
        }
    }
}

bool machine_takes_newest_models(const char *name)
{
    for (unsigned i = 0; i < ARRAY_LEN(machine_rows); i++) {
        if (strcmp(machine_rows[i].name, name) == 0) {
            return machine_rows[i].takes_newest_models;
        }
    }
    return false;
}

static bool is_ours(const MachineVersion *version)
{
    return g_str_has_prefix(version->name, "vpmu");
}

/* The newest that there is of a machine. */
static const MachineVersion *newest_of(bool is_qemus)
{
    const MachineVersion *version = versions;

    while (is_qemus && is_ours(version)) {
        version++;
    }
    return version;
}

static const MachineVersion *version_of(const char *machine, bool is_qemus,
                                        const char *name)
{
    size_t len = strlen(machine);
    const MachineVersion *version = strncmp(name, machine, len) == 0 && name[len] == '-'
                                        ? machine_version_find(name + len + 1)
                                        : NULL;

    return version && is_qemus && is_ours(version) ? NULL : version;
}

bool machine_name_parse(TargetArch arch, const char *name, bool with_qemus,
                        char **ret_name, const MachineVersion **ret_version,
                        GError **errp)
{
    for (unsigned i = 0; i < ARRAY_LEN(machine_rows); i++) {
        const char *alias = machine_rows[i].alias;
        bool is_qemus = machine_rows[i].is_qemus;

        if (machine_rows[i].arch != arch || (is_qemus && !with_qemus)) {
            continue;
        }
        if (strcmp(name, alias ? alias : machine_rows[i].name) == 0) {
            *ret_version = newest_of(is_qemus);
            *ret_name = alias ? g_strdup_printf("%s-%s", machine_rows[i].name,
                                                (*ret_version)->name)
                              : g_strdup(name);
            return true;
        }
        if (alias && version_of(machine_rows[i].name, is_qemus, name)) {
            *ret_version = version_of(machine_rows[i].name, is_qemus, name);
            *ret_name = g_strdup(name);
            return true;
        }
    }
    error_set(errp,
              "-machine: there is no machine '%s' for %s, %s are: the last with "
              "versions %s to %s",
              name, target_arch_name(arch),
              arch == TARGET_ARCH_AARCH64 ? "none, virt and virt-VERSION"
              : with_qemus
                  ? "microvm, none, pc, pc-i440fx-VERSION, q35 and pc-q35-VERSION"
                  : "microvm, none, q35 and pc-q35-VERSION",
              versions[ARRAY_LEN(versions) - 1].name, versions[0].name);
    return false;
}
