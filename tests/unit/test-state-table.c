/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/state-table.h"

#include <string.h>

#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"

typedef struct Toy {
    uint8_t a;
    uint16_t b[3];
    uint32_t c;
    uint64_t d;
    bool e;
    GByteArray *f;
    uint8_t late;
} Toy;

static bool has_d(const void *context)
{
    return context != NULL;
}

static bool toy_post_load(void *object, GError **errp)
{
    const Toy *toy = object;

    if (toy->a == 0xee) {
        error_set(errp, "toy.a: 0xee cannot be");
        return false;
    }
    return true;
}

/* clang-format off */
static const StateRow toy_rows[] = {
    {"a", STATE_U8, offsetof(Toy, a)},
    {"b", STATE_U16, offsetof(Toy, b), 3},
    {"c", STATE_U32, offsetof(Toy, c)},
    {"d", STATE_U64, offsetof(Toy, d), .applies = has_d},
    {"e", STATE_BOOL, offsetof(Toy, e)},
    {"f", STATE_BLOB, offsetof(Toy, f), 8},
    {"late", STATE_U8, offsetof(Toy, late), .since = 2},
};
/* clang-format on */

static const StateTable toy_table = {
    "toy", 2, sizeof(Toy), toy_rows, ARRAY_LEN(toy_rows), toy_post_load};
/* The same struct as an older build saved it. */
static const StateTable old_table = {"toy", 1, sizeof(Toy), toy_rows, 6, toy_post_load};

static const int full_context = 1;

static Toy toy_new(void)
{
    Toy toy = {
        .a = 1, .b = {2, 3, 0xffff}, .c = 4, .d = UINT64_MAX, .e = true, .late = 9};

    toy.f = g_byte_array_new();
    g_byte_array_append(toy.f, (const uint8_t *)"abc", 3);
    return toy;
}

static GByteArray *save(const StateTable *table, Toy *toy, const void *context)
{
    GByteArray *bytes = g_byte_array_new();

    state_table_save(table, toy, context, bytes);
    return bytes;
}

static void test_round_trip(void)
{
    Toy toy = toy_new(), back = {0};
    g_autoptr(GByteArray) bytes = save(&toy_table, &toy, &full_context);
    g_autoptr(GError) error = NULL;

    g_assert_true(state_table_load(&toy_table, &back, &full_context, bytes->data,
                                   bytes->len, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(back.a, ==, 1);
    g_assert_cmpmem(back.b, sizeof(back.b), toy.b, sizeof(toy.b));
    g_assert_cmpuint(back.c, ==, 4);
    g_assert_cmpuint(back.d, ==, UINT64_MAX);
    g_assert_true(back.e);
    g_assert_cmpmem(back.f->data, back.f->len, "abc", 3);
    g_assert_cmpuint(back.late, ==, 9);
    state_table_clear(&toy_table, &toy);
    state_table_clear(&toy_table, &back);
}

static void test_condition(void)
{
    Toy toy = toy_new(), back = {.d = 7};
    g_autoptr(GByteArray) bytes = save(&toy_table, &toy, NULL);
    g_autoptr(GError) error = NULL;

    g_assert_true(
        state_table_load(&toy_table, &back, NULL, bytes->data, bytes->len, NULL));
    g_assert_cmpuint(back.d, ==, 7);
    g_assert_false(state_table_load(&toy_table, &back, &full_context, bytes->data,
                                    bytes->len, &error));
    g_assert_nonnull(strstr(error->message, "toy.d"));
    g_assert_nonnull(strstr(error->message, "missing"));
    state_table_clear(&toy_table, &toy);
    state_table_clear(&toy_table, &back);
}

static void test_versions(void)
{
    Toy toy = toy_new(), back = {.late = 42};
    g_autoptr(GByteArray) old = save(&old_table, &toy, NULL);
    g_autoptr(GByteArray) new = save(&toy_table, &toy, NULL);
    g_autoptr(GError) error = NULL;

    g_assert_true(state_table_load(&toy_table, &back, NULL, old->data, old->len, NULL));
    g_assert_cmpuint(back.late, ==, 42);
    g_assert_false(
        state_table_load(&old_table, &back, NULL, new->data, new->len, &error));
    g_assert_nonnull(strstr(error->message, "version 2"));
    state_table_clear(&toy_table, &toy);
    state_table_clear(&toy_table, &back);
}

static void test_post_load(void)
{
    Toy toy = toy_new(), back = {0};
    g_autoptr(GByteArray) bytes = NULL;

    toy.a = 0xee;
    bytes = save(&toy_table, &toy, NULL);
    g_assert_false(
        state_table_load(&toy_table, &back, NULL, bytes->data, bytes->len, NULL));
    state_table_clear(&toy_table, &toy);
    state_table_clear(&toy_table, &back);
}

/* Every prefix is refused, and leaves the object as it was. */
static void test_truncated(void)
{
    Toy toy = toy_new();
    g_autoptr(GByteArray) bytes = save(&toy_table, &toy, &full_context);

    for (unsigned len = 0; len < bytes->len; len++) {
        g_autofree uint8_t *copy = g_memdup2(bytes->data, len);
        g_autoptr(GError) error = NULL;
        Toy back = {.c = 77};

        g_assert_false(
            state_table_load(&toy_table, &back, &full_context, copy, len, &error));
        g_assert_nonnull(strstr(error->message, "toy"));
        g_assert_cmpuint(back.c, ==, 77);
        g_assert_null(back.f);
    }
    g_byte_array_append(bytes, (const uint8_t *)"", 1);
    {
        Toy back = {0};

        g_assert_false(state_table_load(&toy_table, &back, &full_context, bytes->data,
                                        bytes->len, NULL));
    }
    state_table_clear(&toy_table, &toy);
}

/* Every single-bit error is refused or loads something; nothing is read out of bounds. */
static void test_bit_flips(void)
{
    Toy toy = toy_new();
    g_autoptr(GByteArray) bytes = save(&toy_table, &toy, &full_context);

    for (unsigned bit = 0; bit < bytes->len * 8; bit++) {
        g_autofree uint8_t *copy = g_memdup2(bytes->data, bytes->len);
        g_autoptr(GError) error = NULL;
        Toy back = {0};
        bool ok;

        copy[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        ok = state_table_load(&toy_table, &back, &full_context, copy, bytes->len, &error);
        g_assert_true(ok == (error == NULL));
        state_table_clear(&toy_table, &back);
    }
    state_table_clear(&toy_table, &toy);
}

static void test_saved_rows(void)
{
    Toy toy = toy_new();
    g_autoptr(GByteArray) bytes = save(&toy_table, &toy, &full_context);
    g_autoptr(GArray) rows = state_saved_rows(bytes->data, bytes->len, NULL);
    const SavedRow *row;

    g_assert_nonnull(rows);
    g_assert_cmpuint(rows->len, ==, ARRAY_LEN(toy_rows));
    for (unsigned i = 0; i < rows->len; i++) {
        g_assert_cmpstr(g_array_index(rows, SavedRow, i).name, ==, toy_rows[i].name);
        g_assert_cmpint(g_array_index(rows, SavedRow, i).kind, ==, toy_rows[i].kind);
    }
    row = &g_array_index(rows, SavedRow, 1);
    g_assert_cmpuint(row->count, ==, 3);
    g_assert_cmpuint(state_saved_element(row, 2), ==, 0xffff);
    g_assert_cmpuint(state_saved_element(&g_array_index(rows, SavedRow, 3), 0), ==,
                     UINT64_MAX);
    row = &g_array_index(rows, SavedRow, 5);
    g_assert_cmpmem(row->data, row->count, "abc", 3);
    for (unsigned len = 0; len < bytes->len; len++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(state_saved_rows(bytes->data, len, &error));
        g_assert_nonnull(error);
    }
    state_table_clear(&toy_table, &toy);
}

static void test_describe_and_dump(void)
{
    Toy toy = toy_new();
    g_autojson *table = state_table_describe(&toy_table);
    g_autojson *values = state_table_dump(&toy_table, &toy, NULL);
    const char *text = NULL;

    g_assert_cmpuint(json_object_array_length(json_object_object_get(table, "rows")), ==,
                     7);
    g_assert_true(json_get_string(values, "toy", "c", &text, NULL));
    g_assert_cmpstr(text, ==, "0x4");
    g_assert_true(json_get_string(values, "toy", "f", &text, NULL));
    g_assert_cmpstr(text, ==, "616263");
    g_assert_false(json_has(values, "d"));
    state_table_clear(&toy_table, &toy);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/state-table/round-trip", test_round_trip);
    g_test_add_func("/state-table/rows-follow-their-condition", test_condition);
    g_test_add_func("/state-table/old-state-loads-new-state-does-not", test_versions);
    g_test_add_func("/state-table/post-load-may-refuse", test_post_load);
    g_test_add_func("/state-table/every-prefix-is-refused", test_truncated);
    g_test_add_func("/state-table/bit-flips-do-no-harm", test_bit_flips);
    g_test_add_func("/state-table/saved-rows-without-the-table", test_saved_rows);
    g_test_add_func("/state-table/describe-and-dump", test_describe_and_dump);
    return g_test_run();
}
