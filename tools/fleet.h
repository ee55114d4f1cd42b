/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judging many recorded hosts: as many at a time as there are CPUs, in their order.
 */
#ifndef TOOLS_FLEET_H
#define TOOLS_FLEET_H

#include <glib.h>
#include <stdbool.h>

#include "vpmu/vpmu.h"

/* fleet_add_path - @path, or of a folder the profiles (*.json) in it, by name. */
void fleet_add_path(GPtrArray *paths, const char *path);

/* Makes a result of one host; in any thread, for several at a time. */
typedef gpointer FleetWork(const char *path, void *opaque);

/* Takes a result over; in the calling thread, in the order of the paths. */
typedef void FleetTake(const char *path, gpointer result, void *opaque);

/* fleet_map - @work for each of @paths (char *), as many at a time as there are CPUs. */
void fleet_map(const GPtrArray *paths, FleetWork *work, FleetTake *take, void *opaque);

typedef enum FleetVerdict {
    FLEET_OK,
    FLEET_REFUSED,
    FLEET_UNREADABLE, /* the profile could not be read */
    FLEET_VERDICT_COUNT,
} FleetVerdict;

/* What is kept of a host once its verdict is printed. */
typedef struct FleetHost {
    const char *path;
    FleetVerdict verdict;
    unsigned surplus; /* vpmu_surplus(), of FLEET_OK */
    unsigned reasons; /* error findings */
    unsigned kind;    /* 0 as the guest's, 1 another vendor, 2 another architecture */
} FleetHost;

/* fleet_verdict_name - "ok", "refused", "unreadable". */
const char *fleet_verdict_name(FleetVerdict verdict);

/*
 * Called in the order of the paths.
 * @text: the verdict as one line of JSON, or as lines for people
 */
typedef void FleetPrint(const FleetHost *host, const char *text, void *opaque);

/*
 * fleet_judge - can a guest with @contract run on each host?
 * @paths: char *, of profiles; live as long as the result
 * @as_json: the form of the text @print gets
 * @codes: code of a reason, owned, -> how many hosts have it (GUINT_TO_POINTER); filled
 *
 * Returns FleetHost in the order of @paths; g_array_unref().
 */
GArray *fleet_judge(const VpmuContract *contract, const GPtrArray *paths, bool as_json,
                    FleetPrint *print, void *opaque, GHashTable *codes);

/*
 * fleet_rank - targets, best first: hosts that can run the guest, the one with the least
 * beyond it first; in the order of their names where equal.
 * Returns const FleetHost * that live as long as @hosts; g_ptr_array_unref().
 */
GPtrArray *fleet_rank(const GArray *hosts);

/* fleet_nearest - the refused host of the nearest kind with the fewest reasons, or NULL.
 */
const FleetHost *fleet_nearest(const GArray *hosts);

#endif
