/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The floor of a migration: microseconds in which memcpy() moves so many MiB between two
 * places that are there already.  Prints the median of a few rounds.
 */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "util/bits.h"

#define ROUNDS 9

static int compare(gconstpointer a, gconstpointer b)
{
    gint64 left = *(const gint64 *)a, right = *(const gint64 *)b;

    return (left > right) - (left < right);
}

int main(int argc, char **argv)
{
    size_t bytes = (argc > 1 ? g_ascii_strtoull(argv[1], NULL, 10) : 64) * MIB;
    g_autofree uint8_t *from = g_malloc(bytes), *to = g_malloc(bytes);
    g_autoptr(GArray) rounds = g_array_new(FALSE, FALSE, sizeof(gint64));

    memset(from, 1, bytes);
    memset(to, 2, bytes);
    for (unsigned i = 0; i < ROUNDS; i++) {
        gint64 begin = g_get_monotonic_time(), took;

        memcpy(to, from, bytes);
        took = g_get_monotonic_time() - begin;
        g_array_append_val(rounds, took);
        from[i] = to[bytes - 1]; /* the copy is used, so it is made */
    }
    g_array_sort(rounds, compare);
    printf("%" G_GINT64_FORMAT "\n", g_array_index(rounds, gint64, ROUNDS / 2));
    return 0;
}
