/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/keyval.h"

#include <inttypes.h>
#include <string.h>

#include "util/bits.h"
#include "util/error.h"
#include "util/number.h"

#define KEY_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

struct KeyvalList {
    GArray *pairs; /* KeyvalPair */
};

static void pair_clear(gpointer data)
{
    KeyvalPair *pair = data;

    g_free(pair->key);
    g_free(pair->value);
}

KeyvalList *keyval_new(void)
{
    KeyvalList *list = g_new0(KeyvalList, 1);

    list->pairs = g_array_new(FALSE, FALSE, sizeof(KeyvalPair));
    g_array_set_clear_func(list->pairs, pair_clear);
    return list;
}

void keyval_free(KeyvalList *list)
{
    if (list) {
        g_array_unref(list->pairs);
        g_free(list);
    }
}

unsigned keyval_count(const KeyvalList *list)
{
    return list->pairs->len;
}

const KeyvalPair *keyval_at(const KeyvalList *list, unsigned index)
{
    return &g_array_index(list->pairs, KeyvalPair, index);
}

const char *keyval_get(const KeyvalList *list, const char *key)
{
    for (unsigned i = keyval_count(list); i > 0; i--) {
        if (strcmp(keyval_at(list, i - 1)->key, key) == 0) {
            return keyval_at(list, i - 1)->value;
        }
    }
    return NULL;
}

void keyval_add(KeyvalList *list, const char *key, const char *value)
{
    KeyvalPair pair = {g_strdup(key), g_strdup(value)};

    g_array_append_val(list->pairs, pair);
}

void keyval_merge(KeyvalList *list, const KeyvalList *other)
{
    for (unsigned i = 0; i < keyval_count(other); i++) {
        keyval_add(list, keyval_at(other, i)->key, keyval_at(other, i)->value);
    }
}

char *keyval_take(KeyvalList *list, const char *key)
{
    char *value = g_strdup(keyval_get(list, key));

    for (unsigned i = keyval_count(list); i > 0; i--) {
        if (strcmp(keyval_at(list, i - 1)->key, key) == 0) {
            g_array_remove_index(list->pairs, i - 1);
        }
    }
    return value;
}

/* The item up to a comma that is not doubled; moves *@text behind that comma. */
static char *next_item(const char **text)
{
    GString *item = g_string_new(NULL);
    const char *p = *text;

    for (; *p; p++) {
        if (*p == ',') {
            if (p[1] != ',') {
                p++;
                break;
            }
            p++;
        }
        g_string_append_c(item, *p);
    }
    *text = p;
    return g_string_free(item, FALSE);
}

static bool check_key(const char *key, const char *item, GError **errp)
{
    if (key[0] == '\0') {
        error_set(errp, "there is no name in '%s'", item);
        return false;
    }
    if (key[strspn(key, KEY_CHARS)] != '\0') {
        error_set(errp, "'%s' is no name of a setting", key);
        return false;
    }
    return true;
}

KeyvalList *keyval_parse(const char *text, const char *implied_key, GError **errp)
{
    g_autoptr(KeyvalList) list = keyval_new();
    bool is_first = true;

    while (*text) {
        g_autofree char *item = next_item(&text);
        char *equals = strchr(item, '=');
        g_autofree char *key = NULL;

        if (!equals && is_first && implied_key) {
            keyval_add(list, implied_key, item);
        } else {
            key = equals ? g_strndup(item, (gsize)(equals - item)) : g_strdup(item);
            if (!check_key(key, item, errp)) {
                return NULL;
            }
            keyval_add(list, key, equals ? equals + 1 : "on");
        }
        is_first = false;
    }
    return g_steal_pointer(&list);
}

bool keyval_parse_bool(const char *key, const char *value, bool *ret, GError **errp)
{
    static const char *const words[] = {"off",   "on",   "no", "yes",
                                        "false", "true", "n",  "y"};

    for (unsigned i = 0; i < ARRAY_LEN(words); i++) {
        if (strcmp(words[i], value) == 0) {
            *ret = i % 2;
            return true;
        }
    }
    error_set(errp, "%s: '%s' is neither 'on' nor 'off'", key, value);
    return false;
}

static bool apply_uint(const KeyvalPair *pair, unsigned *place, GError **errp)
{
    uint64_t value;

    if (!number_parse_uint64(pair->value, &value) || value > UINT32_MAX) {
        error_set(errp, "%s: '%s' is not a number from 0 to %u", pair->key, pair->value,
                  UINT32_MAX);
        return false;
    }
    *place = (unsigned)value;
    return true;
}

static bool apply_enum(const KeyvalRow *row, const KeyvalPair *pair, int *place,
                       GError **errp)
{
    g_autofree char *all = NULL;

    for (int i = 0; row->names[i]; i++) {
        if (strcmp(row->names[i], pair->value) == 0) {
            *place = i;
            return true;
        }
    }
    all = g_strjoinv(", ", (char **)row->names);
    error_set(errp, "%s: '%s' is not one of: %s", pair->key, pair->value, all);
    return false;
}

static bool apply_row(const KeyvalRow *row, const KeyvalPair *pair, void *place,
                      GError **errp)
{
    bool flag;

    switch (row->kind) {
    case KEYVAL_STRING:
        g_free(*(char **)place);
        *(char **)place = g_strdup(pair->value);
        return true;
    case KEYVAL_BOOL:
        return keyval_parse_bool(pair->key, pair->value, place, errp);
    case KEYVAL_UINT:
        return apply_uint(pair, place, errp);
    case KEYVAL_SIZE:
        if (!number_parse_size(pair->value, 'b', place)) {
            error_set(errp, "%s: '%s' is not a size such as 4096, 64k or 2M", pair->key,
                      pair->value);
            return false;
        }
        return true;
    case KEYVAL_ENUM:
        return apply_enum(row, pair, place, errp);
    case KEYVAL_IGNORE:
        return true;
    case KEYVAL_REFUSE:
        if (!keyval_parse_bool(pair->key, pair->value, &flag, NULL) || flag) {
            error_set(errp, "%s=%s: %s", pair->key, pair->value, row->doc);
            return false;
        }
        return true;
    }
    return false;
}

static void set_unknown(const char *key, const KeyvalRow *rows, unsigned count,
                        GError **errp)
{
    g_autoptr(GString) known = g_string_new(NULL);

    for (unsigned i = 0; i < count; i++) {
        if (rows[i].kind != KEYVAL_IGNORE && rows[i].kind != KEYVAL_REFUSE) {
            g_string_append_printf(known, "%s%s", known->len ? ", " : "", rows[i].key);
        }
    }
    error_set(errp, "there is no setting '%s', known are: %s", key, known->str);
}

static void add_place(GError **errp, const char *where)
{
    if (where) {
        g_prefix_error(errp, "%s: ", where);
    }
}

bool keyval_apply(const KeyvalList *list, const KeyvalRow *rows, unsigned count,
                  void *target, const char *where, GError **errp)
{
    for (unsigned i = 0; i < keyval_count(list); i++) {
        const KeyvalPair *pair = keyval_at(list, i);
        unsigned k = 0;

        while (k < count && strcmp(rows[k].key, pair->key) != 0) {
            k++;
        }
        if (k == count) {
            set_unknown(pair->key, rows, count, errp);
            add_place(errp, where);
            return false;
        }
        if (!apply_row(&rows[k], pair, (char *)target + rows[k].offset, errp)) {
            add_place(errp, where);
            return false;
        }
    }
    return true;
}

KeyvalList *keyval_pick(const KeyvalList *list, const KeyvalRow *rows, unsigned count,
                        bool known)
{
    KeyvalList *picked = keyval_new();

    for (unsigned i = 0; i < keyval_count(list); i++) {
        const KeyvalPair *pair = keyval_at(list, i);
        bool is_known = false;

        for (unsigned k = 0; k < count && !is_known; k++) {
            is_known = strcmp(rows[k].key, pair->key) == 0;
        }
        if (is_known == known) {
            keyval_add(picked, pair->key, pair->value);
        }
    }
    return picked;
}
