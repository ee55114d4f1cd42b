/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/x86-absent.h"

#include <string.h>

#include "util/bits.h"
#include "util/json.h"
#include "util/number.h"

#define HYPERV    "is a Hyper-V enlightenment, and vpmu offers none"
#define NUMBERING "is a number that -smp gives each processor"
#define OBJECT    "is a matter of QEMU's device objects, not of the CPU"
#define FOLLOWS   "follows from the features that need the leaf"

/* Sorted by name. */
static const X86AbsentRow rows[] = {
    {"apic-id", "4294967295", false, NUMBERING},
    {"core-id", "-1", false, NUMBERING},
    {"die-id", "-1", false, NUMBERING},
    {"fill-mtrr-mask", "on", false, "is always on: address masks have all bits"},
    {"hv-apicv", "off", false, HYPERV},
    {"hv-avic", "off", false, HYPERV},
    {"hv-crash", "off", false, HYPERV},
    {"hv-emsr-bitmap", "off", false, HYPERV},
    {"hv-enforce-cpuid", "off", false, HYPERV},
    {"hv-evmcs", "off", false, HYPERV},
    {"hv-frequencies", "off", false, HYPERV},
    {"hv-ipi", "off", false, HYPERV},
    {"hv-no-nonarch-coresharing", "off", false, HYPERV},
    {"hv-passthrough", "off", false, HYPERV},
    {"hv-reenlightenment", "off", false, HYPERV},
    {"hv-relaxed", "off", false, HYPERV},
    {"hv-reset", "off", false, HYPERV},
    {"hv-runtime", "off", false, HYPERV},
    {"hv-spinlocks", "4294967295", false, HYPERV},
    {"hv-stimer", "off", false, HYPERV},
    {"hv-stimer-direct", "off", false, HYPERV},
    {"hv-syndbg", "off", false, HYPERV},
    {"hv-synic", "off", false, HYPERV},
    {"hv-time", "off", false, HYPERV},
    {"hv-tlbflush", "off", false, HYPERV},
    {"hv-tlbflush-direct", "off", false, HYPERV},
    {"hv-tlbflush-ext", "off", false, HYPERV},
    {"hv-vapic", "off", false, HYPERV},
    {"hv-vendor-id", "", true, HYPERV},
    {"hv-version-id-build", "14393", true, HYPERV},
    {"hv-version-id-major", "10", true, HYPERV},
    {"hv-version-id-minor", "0", true, HYPERV},
    {"hv-version-id-sbranch", "0", true, HYPERV},
    {"hv-version-id-snumber", "0", true, HYPERV},
    {"hv-version-id-spack", "0", true, HYPERV},
    {"hv-vpindex", "off", false, HYPERV},
    {"hv-xmm-input", "off", false, HYPERV},
    {"kvm-pv-enforce-cpuid", "off", false,
     "is not offered: KVM serves a paravirtual register whatever CPUID says"},
    {"level-func7", "0", false, FOLLOWS},
    {"memory", "", false, OBJECT},
    {"min-xlevel2", "0", false, FOLLOWS},
    {"module-id", "-1", false, NUMBERING},
    {"node-id", "-1", false, "is said with -numa, for each processor"},
    {"realized", "off", false, OBJECT},
    {"socket-id", "-1", false, NUMBERING},
    {"start-powered-off", "off", false,
     "is for machines whose firmware starts processors"},
    {"tcg-cpuid", "on", true, "is about emulation"},
    {"thread-id", "-1", false, NUMBERING},
    {"ucode-rev", "0", false, "is not offered: the guest reads what KVM says"},
    {"vmware-cpuid-freq", "off", false,
     "is not offered: there is no leaf 0x40000010 with frequencies"},
    {"x-hv-max-vps", "-1", false, HYPERV},
    {"x-migrate-smi-count", "on", false, "is always on: the count of SMIs is saved"},
    {"x-vendor-cpuid-only", "on", false,
     "is on for all machines there are: a guest sees its vendor's leaves alone"},
    {"xen-vapic", "off", false, "is for guests of Xen, and vpmu emulates none"},
    {"xlevel2", "0", false, FOLLOWS},
};

static bool name_matches(const char *row, const char *name)
{
    while (*row && (*row == *name || (*row == '-' && *name == '_'))) {
        row++;
        name++;
    }
    return *row == *name;
}

const X86AbsentRow *x86_absent_row(unsigned index)
{
    return index < ARRAY_LEN(rows) ? &rows[index] : NULL;
}

const X86AbsentRow *x86_absent_find(const char *name)
{
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        if (name_matches(rows[i].name, name)) {
            return &rows[i];
        }
    }
    return NULL;
}

/* @text as a switch; false where it is none. */
static bool parse_switch(const char *text, bool *ret)
{
    static const char *const words[] = {"off", "on", "no", "yes", "false", "true"};

    for (unsigned i = 0; i < ARRAY_LEN(words); i++) {
        if (strcmp(text, words[i]) == 0) {
            *ret = i % 2;
            return true;
        }
    }
    return false;
}

json_object *x86_absent_value(const X86AbsentRow *row)
{
    uint64_t number;
    bool on;

    if (parse_switch(row->value, &on)) {
        return json_object_new_boolean(on);
    }
    if (strcmp(row->value, "-1") == 0) {
        return json_object_new_int(-1);
    }
    return number_parse_uint64(row->value, &number) ? json_object_new_uint64(number)
                                                    : json_object_new_string(row->value);
}

static bool is_same(const char *one, const char *two)
{
    uint64_t a, b;
    bool on, also;

    if (parse_switch(one, &on) && parse_switch(two, &also)) {
        return on == also;
    }
    if (number_parse_uint64(one, &a) && number_parse_uint64(two, &b)) {
        return a == b;
    }
    return strcmp(one, two) == 0;
}

bool x86_absent_check(const X86AbsentRow *row, json_object *value, GError **errp)
{
    const char *text = value ? json_object_get_string(value) : "null";

    if (row->takes_any || is_same(row->value, text)) {
        return true;
    }
    error_set(errp, "-cpu: '%s' %s%s%s", row->name, row->why,
              *row->value ? ", so it can only be " : "", row->value);
    return false;
}
