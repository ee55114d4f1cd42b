/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/keyval.h"

#include "util/bits.h"

/* The inverse of keyval_parse(), so that a test says what was read in one line. */
static char *format_list(const KeyvalList *list)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < keyval_count(list); i++) {
        const KeyvalPair *pair = keyval_at(list, i);

        g_string_append_printf(text, "%s%s=", i ? "," : "", pair->key);
        for (const char *p = pair->value; *p; p++) {
            g_string_append_c(text, *p);
            if (*p == ',') {
                g_string_append_c(text, ',');
            }
        }
    }
    return g_string_free(text, FALSE);
}

static void test_pairs_parse_and_format(void)
{
    static const struct {
        const char *text;
        const char *implied;
        const char *formatted; /* NULL: an error */
    } cases[] = {
        {"", NULL, ""},
        {"a=1", NULL, "a=1"},
        {"a=1,b", NULL, "a=1,b=on"},
        {"x,a=1", "type", "type=x,a=1"},
        {"a=1,x", "type", "a=1,x=on"},
        {"x,,y,a=,,", "type", "type=x,,y,a=,,"},
        {"a=b=c", NULL, "a=b=c"},
        {"a=,b=2", NULL, "a=,b=2"},
        {"a=1,a=2", NULL, "a=1,a=2"},
        {"pc-q35-9.0,accel=kvm:tcg", "type", "type=pc-q35-9.0,accel=kvm:tcg"},
        {"=1", NULL, NULL},
        {"a=1,,b", NULL, "a=1,,b"},
        {"a=1,=2", NULL, NULL},
        {"a b=1", NULL, NULL},
        {"a=1,,,b=2", NULL, "a=1,,,b=2"},
    };

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(KeyvalList) list =
            keyval_parse(cases[i].text, cases[i].implied, &error);
        g_autofree char *text = list ? format_list(list) : NULL;

        g_test_message("%s", cases[i].text);
        g_assert_cmpstr(text, ==, cases[i].formatted);
        g_assert_true((error != NULL) == (list == NULL));
    }
}

static void test_last_value_wins(void)
{
    g_autoptr(KeyvalList) list = keyval_parse("a=1,b=2,a=3", NULL, NULL);
    g_autofree char *taken = NULL;

    g_assert_cmpstr(keyval_get(list, "a"), ==, "3");
    g_assert_null(keyval_get(list, "c"));
    taken = keyval_take(list, "a");
    g_assert_cmpstr(taken, ==, "3");
    g_assert_null(keyval_get(list, "a"));
    g_assert_cmpuint(keyval_count(list), ==, 1);
}

typedef struct Target {
    char *name;
    bool flag;
    unsigned number;
    uint64_t size_bytes;
    int colour;
} Target;

static void test_rows_store_and_refuse(void)
{
    static const char *const colours[] = {"red", "green", NULL};
    static const KeyvalRow rows[] = {
        {"name", KEYVAL_STRING, offsetof(Target, name), NULL, NULL},
        {"flag", KEYVAL_BOOL, offsetof(Target, flag), NULL, NULL},
        {"number", KEYVAL_UINT, offsetof(Target, number), NULL, NULL},
        {"size", KEYVAL_SIZE, offsetof(Target, size_bytes), NULL, NULL},
        {"colour", KEYVAL_ENUM, offsetof(Target, colour), NULL, colours},
        {"old", KEYVAL_IGNORE, 0, NULL, NULL},
        {"tls", KEYVAL_REFUSE, 0, "there is no TLS", NULL},
    };
    static const char *const good[] = {
        "name=a,flag=on,number=7,size=2M,colour=green,old=x,tls=off", "flag", ""};
    static const char *const bad[] = {
        "flag=1", "number=x", "number=-1", "number=4294967296", "size=big", "colour=blue",
        "tls=on", "other=1",  "Name=a"};
    Target target = {0};

    for (unsigned i = 0; i < ARRAY_LEN(good); i++) {
        g_autoptr(KeyvalList) list = keyval_parse(good[i], NULL, NULL);

        g_assert_true(keyval_apply(list, rows, ARRAY_LEN(rows), &target, "-t", NULL));
    }
    g_assert_cmpstr(target.name, ==, "a");
    g_assert_true(target.flag);
    g_assert_cmpuint(target.number, ==, 7);
    g_assert_cmpuint(target.size_bytes, ==, 2 * MIB);
    g_assert_cmpint(target.colour, ==, 1);
    for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
        g_autoptr(KeyvalList) list = keyval_parse(bad[i], NULL, NULL);
        g_autoptr(GError) error = NULL;

        g_test_message("%s", bad[i]);
        g_assert_false(keyval_apply(list, rows, ARRAY_LEN(rows), &target, "-t", &error));
        g_assert_true(g_str_has_prefix(error->message, "-t: "));
    }
    g_free(target.name);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/keyval/parse-and-format", test_pairs_parse_and_format);
    g_test_add_func("/keyval/last-value-wins", test_last_value_wins);
    g_test_add_func("/keyval/rows", test_rows_store_and_refuse);
    return g_test_run();
}
