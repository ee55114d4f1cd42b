/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Machine versions and the past they promise to keep.
 *
 * A version's compat list is its own entries and those of every newer version: each entry
 * undoes one change of default for machines that are older than it.  Boards walk these
 * rows for their names; target/ resolves with them.
 */
#ifndef TARGET_COMPAT_H
#define TARGET_COMPAT_H

#include <glib.h>

#include "qom/object.h"
#include "target/host-profile.h"

/* One change of default and the last version that still has the old one. */
typedef struct CompatRow {
    CompatProperty property;
    const char *why; /* what a guest would see, and since when */
} CompatRow;

typedef struct MachineVersion {
    const char *name;      /* "9.0" as QEMU's machine, or "vpmu1.0" */
    const CompatRow *rows; /* apply to this version and older ones */
    unsigned row_count;
} MachineVersion;

/* machine_versions - every version, newest first. */
const MachineVersion *machine_versions(unsigned *ret_count);

/* machine_version_find - by "9.0", or by a machine's name such as "pc-q35-9.0"; or NULL.
 */
const MachineVersion *machine_version_find(const char *name);

/*
 * machine_is_since - guests of @machine have what came with machine version @since: it is
 * a machine of that version or a newer one, or has no versions and follows the newest.
 * @since NULL: what all guests have; @machine NULL: as one that follows the newest
 *
 * So a guest of an older version is the same in a build that knows more of it: its
 * contract, its digest and its saved state are those of the build that introduced it.
 */
bool machine_is_since(const char *machine, const char *since);

/*
 * machine_version_compat - the whole list for @version: entries of every version from the
 * newest down to @version, so that a later (older) entry overrides.
 * An array of CompatProperty; free with g_array_unref().  The strings are constant.
 */
GArray *machine_version_compat(const MachineVersion *version);

/*
 * machine_name_parse - the versioned name and version that @name stands for.
 * @name: "pc-q35-9.0", an alias such as "q35" (the newest version), or one of the
 * machines without versions, "microvm" (x86) and "none", which follow the newest version
 * @with_qemus: "pc-i440fx-9.0" and "pc", too: no boards of ours, with the CPUs of pc-q35
 * @ret_name: owned by the caller
 *
 * False with a message that lists what is accepted.
 */
bool machine_name_parse(TargetArch arch, const char *name, bool with_qemus,
                        char **ret_name, const MachineVersion **ret_version,
                        GError **errp);

/* machine_own_defaults - append the defaults of machine @name itself to @list, an array
 * of CompatProperty. */
void machine_own_defaults(const char *name, GArray *list);

/* machine_takes_newest_models - on machine @name a CPU model without version is its
 * newest one, as in QEMU; elsewhere its first. */
bool machine_takes_newest_models(const char *name);

#endif
