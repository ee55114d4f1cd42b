/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which known name somebody may have meant, for messages about unknown ones.
 */
#ifndef UTIL_NEAR_NAME_H
#define UTIL_NEAR_NAME_H

#include <glib.h>

/* A search: set @name, offer every candidate, read @best. */
typedef struct NearName {
    const char *name;
    const char *best;  /* borrowed from the candidates; NULL: none is near */
    unsigned distance; /* of @best */
} NearName;

/*
 * near_name_offer - take @candidate where it is nearer than the best so far.
 *
 * Near is what needs few changes of a character, upper and lower case and '_' and '-'
 * being the same; or what only lacks one part of the candidate, at begin or end.
 */
void near_name_offer(NearName *near, const char *candidate);

/* near_name_hint - "; did you mean 'best'?", or "" where none is near; g_free(). */
char *near_name_hint(const NearName *near);

#endif
