/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What -machine accepts: the properties of each family of boards, whichever of them this
 * build has.  The monitor and the tool read a command line by the same rows.
 */
#ifndef HW_MACHINE_PROPS_H
#define HW_MACHINE_PROPS_H

#include <limits.h>

#include "qom/object.h"
#include "target/host-profile.h"

#define TYPE_MACHINE "machine"

/* Property.seen_by: any guest can tell; those of one architecture can. */
#define SEEN_BY_ALL UINT_MAX
#define SEEN_BY_X86 TARGET_ARCH_BIT(TARGET_ARCH_X86_64)
#define SEEN_BY_ARM TARGET_ARCH_BIT(TARGET_ARCH_AARCH64)

typedef enum GicVersion {
    GIC_VERSION_HOST, /* 3 where the host has it, else 2 */
    GIC_VERSION_2,
    GIC_VERSION_3,
    GIC_VERSION_MAX,
} GicVersion;

/*
 * The configuration of a board: -machine name,prop=value.  Types "<name>-machine".  Once
 * planned it says what there will be: "host" has become a number, -no-acpi acpi=off.
 */
typedef struct MachineConfig {
    Object object;
    bool acpi;
    bool pit;
    bool rtc;
    bool i8042;
    bool isa_serial;
    bool auto_kernel_cmdline;
    bool highmem;
    int gic_version; /* GicVersion */
    char *accel;     /* consumed by the command line */
    bool dump_guest_core;
    bool mem_merge;
    char *memory_backend;
} MachineConfig;

/* machine_props_register - TYPE_MACHINE, with what every machine accepts. */
void machine_props_register(TypeRegistry *registry);

/*
 * machine_props_register_family - the type of @family ("pc-q35", "microvm", "virt") with
 * what its boards accept, once; the name of the type, which is the parent of theirs.  A
 * family without properties of its own has TYPE_MACHINE.
 */
const char *machine_props_register_family(TypeRegistry *registry, const char *family);

#endif
