/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The floor of judging hosts: microseconds per file in which every recorded host of a
 * folder is read and parsed as JSON, and nothing is asked of it.
 */
#include <stdio.h>

#include "util/file.h"
#include "util/json.h"

int main(int argc, char **argv)
{
    g_autoptr(FileSys) fs = file_sys_new("");
    g_auto(GStrv) names = argc > 1 ? file_list(fs, argv[1], NULL) : NULL;
    gint64 begin = g_get_monotonic_time();
    unsigned count = 0;

    for (; names && names[count]; count++) {
        g_autofree char *path = g_build_filename(argv[1], names[count], NULL);
        g_autofree char *text = NULL;
        gsize len;
        g_autojson *json = NULL;

        if (!g_file_get_contents(path, &text, &len, NULL) ||
            !(json = json_parse(text, (gssize)len, NULL))) {
            fprintf(stderr, "%s: not JSON\n", path);
            return 1;
        }
    }
    if (!count) {
        fprintf(stderr, "usage: bench-parse FOLDER\n");
        return 1;
    }
    printf("%.3f\n", (double)(g_get_monotonic_time() - begin) / count);
    return 0;
}
