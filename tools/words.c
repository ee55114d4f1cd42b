/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words after a subcommand.
 */
#include <string.h>

#include "tool.h"

/* Longer words are no slip of a command's name. */
#define WORD_MAX 31

char **tool_split_words(char **args)
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

const char *tool_take_value(char ***args, GError **errp)
{
    const char *value = (*args)[1];

    if (!value) {
        tool_error(errp, "%s: a value is missing", **args);
        return NULL;
    }
    (*args)++;
    return value;
}

bool tool_check_guest_words(char **args, GError **errp)
{
    for (; *args; args++) {
        if (strcmp(*args, "--json") == 0 || strcmp(*args, "--host") == 0) {
            tool_error(errp, "%s stands before --, which the guest's options follow",
                       *args);
            return false;
        }
    }
    return true;
}

bool tool_parse_number(const char *text, uint64_t *ret)
{
    bool is_hex = g_ascii_strncasecmp(text, "0x", 2) == 0;
    guint64 value;

    if (!g_ascii_string_to_unsigned(text + (is_hex ? 2 : 0), is_hex ? 16 : 10, 0,
                                    UINT64_MAX, &value, NULL)) {
        return false;
    }
    *ret = value;
    return true;
}

/* Power of 1024 a suffix stands for; -1 for no suffix. */
static int suffix_power(char suffix)
{
    static const char suffixes[] = "bkmgtpe";
    const char *place = suffix ? strchr(suffixes, g_ascii_tolower(suffix)) : NULL;

    return place ? (int)(place - suffixes) : -1;
}

bool tool_parse_bytes(const char *text, uint64_t *ret)
{
    size_t len = strlen(text);
    bool is_hex = g_ascii_strncasecmp(text, "0x", 2) == 0;
    int power = len && !is_hex ? suffix_power(text[len - 1]) : -1;
    g_autofree char *number = g_strndup(text, len - (power >= 0));
    uint64_t unit = UINT64_C(1) << (10 * MAX(power, 0)), value;
    char *end = NULL;
    double bytes;

    if (tool_parse_number(number, &value)) {
        *ret = value * unit;
        return value <= UINT64_MAX / unit;
    }
    /* "1.5G", where that is a whole number of bytes. */
    bytes = g_ascii_strtod(number, &end) * (double)unit;
    if (!g_ascii_isdigit(number[0]) || is_hex || *end ||
        strspn(number, "0123456789.") != strlen(number) || bytes >= (double)INT64_MAX ||
        bytes != (double)(uint64_t)bytes) {
        return false;
    }
    *ret = (uint64_t)bytes;
    return true;
}

/* How many characters must be added, dropped or changed (Levenshtein). */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[WORD_MAX + 1];
    size_t len = strlen(b);

    for (unsigned k = 0; k <= len; k++) {
        row[k] = k;
    }
    for (unsigned i = 0; a[i]; i++) {
        unsigned diagonal = row[0];

        row[0] = i + 1;
        for (unsigned k = 1; k <= len; k++) {
            unsigned change = diagonal + (g_ascii_tolower(a[i]) != b[k - 1]);

            diagonal = row[k];
            row[k] = MIN(change, MIN(row[k], row[k - 1]) + 1);
        }
    }
    return row[len];
}

const char *tool_near_word(const char *const *words, const char *word)
{
    size_t len = strlen(word);
    unsigned least = (unsigned)(len / 3 + 2); /* a slip of the pen is less */
    const char *nearest = NULL;

    for (; len > 1 && len <= WORD_MAX && *words; words++) {
        unsigned far = distance(word, *words);

        if (far < least) {
            least = far;
            nearest = *words;
        }
    }
    return nearest;
}
