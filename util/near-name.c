/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/near-name.h"

#include <stdbool.h>
#include <string.h>

#define NAME_MAX_LEN 63
/* Changes that still count as a slip of the pen; fewer in short names. */
#define DISTANCE_MAX 3
/* Parts of a name that are shorter are part of too many. */
#define PART_MIN 4
/* A part is nearer than three changes. */
#define PART_DISTANCE 2

static char fold(char c)
{
    return c == '_' ? '-' : g_ascii_tolower(c);
}

/* How many characters must be added, dropped or changed (Levenshtein). */
static unsigned edit_distance(const char *a, const char *b)
{
    unsigned row[NAME_MAX_LEN + 1];
    size_t len = strlen(b);

    for (unsigned k = 0; k <= len; k++) {
        row[k] = k;
    }
    for (unsigned i = 0; a[i]; i++) {
        unsigned diagonal = row[0];

        row[0] = i + 1;
        for (unsigned k = 1; k <= len; k++) {
            unsigned up = row[k];
            unsigned change = diagonal + (fold(a[i]) != fold(b[k - 1]));

            row[k] = MIN(change, MIN(up, row[k - 1]) + 1);
            diagonal = up;
        }
    }
    return row[len];
}

static bool is_part(const char *part, const char *whole)
{
    size_t len = strlen(part), rest = strlen(whole);

    return len >= PART_MIN && len < rest &&
           (g_ascii_strncasecmp(whole, part, len) == 0 ||
            g_ascii_strcasecmp(whole + rest - len, part) == 0);
}

void near_name_offer(NearName *near, const char *candidate)
{
    size_t len = strlen(near->name), other = strlen(candidate);
    unsigned distance;

    if (len < 2 || len > NAME_MAX_LEN || other > NAME_MAX_LEN) {
        return;
    }
    distance = edit_distance(near->name, candidate);
    if (is_part(near->name, candidate)) {
        distance = MIN(distance, PART_DISTANCE);
    } else if (distance > MIN(DISTANCE_MAX, len / 3 + 1) || distance >= len ||
               distance >= other) {
        return;
    }
    if (!near->best || distance < near->distance ||
        (distance == near->distance && other < strlen(near->best))) {
        near->best = candidate;
        near->distance = distance;
    }
}

char *near_name_hint(const NearName *near)
{
    return near->best ? g_strdup_printf("; did you mean '%s'?", near->best)
                      : g_strdup("");
}
