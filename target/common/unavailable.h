/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties that are known by name and cannot be had yet, inside target/ only.
 */
#ifndef TARGET_COMMON_UNAVAILABLE_H
#define TARGET_COMMON_UNAVAILABLE_H

#include "target/cpu-resolve.h"

/* A switch or number that may be given only as off or 0. */
typedef struct UnavailableRow {
    const char *property;
    const char *why;
} UnavailableRow;

/*
 * check_unavailable - an error for each property of @rows that @object has switched on or
 * set; @object may be NULL.
 */
void check_unavailable(const Object *object, const UnavailableRow *rows, unsigned count,
                       Report *report);

/* Properties of the accelerator that cannot be had yet, on both architectures. */
extern const UnavailableRow accel_unavailable[];
extern const unsigned accel_unavailable_count;

#endif
