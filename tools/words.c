/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words after a subcommand.
 */
#include <string.h>

#include "util/error.h"
#include "vpmu.h"

char **vpmu_split_words(char **args)
{
    GPtrArray *list = g_ptr_array_new();
    bool is_ours = true;

    for (; *args; args++) {
        const char *equals = strchr(*args, '=');

        is_ours = is_ours && strcmp(*args, "--") != 0;
        if (is_ours && equals && g_str_has_prefix(*args, "--")) {
            g_ptr_array_add(list, g_strndup(*args, (gsize)(equals - *args)));
            g_ptr_array_add(list, g_strdup(equals + 1));
        } else {
            g_ptr_array_add(list, g_strdup(*args));
        }
    }
    g_ptr_array_add(list, NULL);
    return (char **)g_ptr_array_free(list, FALSE);
}

const char *vpmu_take_value(char ***args, GError **errp)
{
    const char *value = (*args)[1];

    if (!value) {
        error_set(errp, "%s: a value is missing", **args);
        return NULL;
    }
    (*args)++;
    return value;
}
