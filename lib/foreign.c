/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What QEMU's machines and its accelerator can be told and our monitors cannot: most of
 * it is no matter to a guest's CPU, and what is has no place in a contract.
 */
#include <string.h>

#include "internal.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/keyval.h"

#define ENCRYPTED "what the CPU of an encrypted guest is, is not KVM's alone to say"

/* Of a setting with members ("smp.cpus") the name before the dot.  Sorted by name. */
static const ForeignRow machine_rows[] = {
    {"append", NULL},
    {"auto-kernel-cmdline", NULL},
    {"aux-ram-share", NULL},
    {"boot", NULL},
    {"bus-lock-ratelimit", NULL},
    {"compact-highmem", NULL},
    {"confidential-guest-support", ENCRYPTED},
    {"cxl", NULL},
    {"cxl-fmw", NULL},
    {"default-bus-bypass-iommu", NULL},
    {"dt-compatible", NULL},
    {"dtb", NULL},
    {"dtb-randomness", NULL},
    {"dump-guest-core", NULL},
    {"dumpdtb", NULL},
    {"fd-bootchk", NULL},
    {"firmware", NULL},
    {"graphics", NULL},
    {"highmem-cxl", NULL},
    {"highmem-ecam", NULL},
    {"highmem-mmio", NULL},
    {"highmem-mmio-size", NULL},
    {"highmem-redists", NULL},
    {"hmat", NULL},
    {"hpet", NULL},
    {"igd-passthru", NULL},
    {"initrd", NULL},
    {"ioapic2", NULL},
    {"iommu", NULL},
    {"its", NULL},
    {"kernel", NULL},
    {"max-fw-size", NULL},
    {"max-ram-below-4g", NULL},
    {"memory", NULL},
    {"memory-encryption", ENCRYPTED},
    {"mte", "a guest with memory tags has other ID registers than its contract"},
    {"nvdimm", NULL},
    {"nvdimm-persistence", NULL},
    {"pcie", NULL},
    {"pflash0", NULL},
    {"pflash1", NULL},
    {"phandle-start", NULL},
    {"pic", NULL},
    {"ras", NULL},
    {"sata", NULL},
    {"secure", "a secure world is emulated, and contracts are of guests with KVM"},
    {"sgx-epc", "leaf 0x12 of CPUID, which it fills, is in no contract"},
    {"shim", NULL},
    {"smbios-entry-point-type", NULL},
    {"smbus", NULL},
    {"smm", NULL},
    {"smp", NULL},
    {"smp-cache", "it rearranges the caches in CPUID, and contracts have QEMU's own"},
    {"spcr", NULL},
    {"suppress-vmdesc", NULL},
    {"usb", NULL},
    {"virtualization", "a guest with EL2 has other ID registers than its contract"},
    {"vmport", NULL},
    {"x-oem-id", NULL},
    {"x-oem-table-id", NULL},
    {"x-option-roms", NULL},
    {"x-south-bridge", NULL},
};

static const ForeignRow accel_rows[] = {
    {"eager-split-size", NULL},
    {"kvm-shadow-mem", NULL},
    {"notify-vmexit", NULL},
    {"notify-window", NULL},
    {"pmu-filter", "it takes events from the guest that its contract has"},
    {"rapl", NULL},
    {"rapl-helper-socket", NULL},
    {"xen-evtchn-max-pirq", NULL},
    {"xen-gnttab-max-frames", NULL},
    {"xen-version", "a guest of Xen has leaves of CPUID that are in no contract"},
};

static bool is_named(const char *name, const char *text)
{
    size_t len = strlen(name);

    return strncmp(name, text, len) == 0 && (text[len] == '\0' || text[len] == '.');
}

const ForeignRow *lib_foreign_find(bool is_accel, const char *name)
{
    const ForeignRow *rows = is_accel ? accel_rows : machine_rows;
    unsigned count = is_accel ? ARRAY_LEN(accel_rows) : ARRAY_LEN(machine_rows);

    for (unsigned i = 0; i < count; i++) {
        if (is_named(rows[i].name, name)) {
            return &rows[i];
        }
    }
    return NULL;
}

bool lib_foreign_pass(const ForeignRow *row, const char *option, const char *value,
                      GPtrArray *passed, GError **errp)
{
    bool on;

    if (row->cause && strcmp(value, "none") != 0 &&
        !(keyval_parse_bool(row->name, value, &on, NULL) && !on)) {
        error_set(errp, "%s: %s=%s: %s; leave it out", option, row->name, value,
                  row->cause);
        return false;
    }
    g_ptr_array_add(passed, g_strdup_printf("%s %s", option, row->name));
    return true;
}
