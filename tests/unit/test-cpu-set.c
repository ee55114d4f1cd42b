/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/cpu-set.h"

#include <string.h>

#include "util/bits.h"

/* The kernel's way to print a set, straight from an array of flags. */
static char *print_like_kernel(const bool *has, unsigned count)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < count; i++) {
        unsigned last = i;

        if (!has[i]) {
            continue;
        }
        while (last + 1 < count && has[last + 1]) {
            last++;
        }
        g_string_append_printf(text, text->len ? ",%u" : "%u", i);
        if (last > i) {
            g_string_append_printf(text, "-%u", last);
        }
        i = last;
    }
    g_string_append_c(text, '\n');
    return g_string_free(text, FALSE);
}

static void check_against_flags(const bool *has, unsigned count)
{
    g_autofree char *text = print_like_kernel(has, count);
    g_autoptr(GError) err = NULL;
    g_autoptr(CpuSet) set = cpu_set_parse(text, strlen(text), &err);
    g_autofree char *again = NULL;

    g_assert_no_error(err);
    for (unsigned i = 0; i < count + 70; i++) {
        g_assert_cmpint(cpu_set_has(set, i), ==, i < count && has[i]);
    }
    again = cpu_set_format(set);
    g_assert_cmpint(strlen(again) + 1, ==, strlen(text));
    g_assert_true(strncmp(again, text, strlen(again)) == 0);
}

static void test_every_set_of_twelve(void)
{
    for (unsigned mask = 0; mask < 4096; mask++) {
        bool has[12];

        for (unsigned i = 0; i < 12; i++) {
            has[i] = mask & BIT64(i);
        }
        check_against_flags(has, 12);
    }
}

static void test_random_large_sets(void)
{
    for (unsigned round = 0; round < 200; round++) {
        unsigned count = (unsigned)g_test_rand_int_range(1, 1025);
        g_autofree bool *has = g_new0(bool, count);

        for (unsigned i = 0; i < count; i++) {
            has[i] = g_test_rand_int_range(0, 4) != 0;
        }
        check_against_flags(has, count);
    }
}

/* Sizes around the words the set is kept in. */
static void test_word_boundaries(void)
{
    static const unsigned counts[] = {1, 63, 64, 65, 127, 128, 129, 65536};

    for (unsigned i = 0; i < ARRAY_LEN(counts); i++) {
        g_autofree bool *has = g_new(bool, counts[i]);

        memset(has, true, counts[i]);
        check_against_flags(has, counts[i]);
    }
}

static void test_rejects_what_the_kernel_never_prints(void)
{
    static const char *const bad[] = {
        "",
        "0-3",
        "3-0\n",
        "0-3,\n",
        ",0\n",
        "0,,1\n",
        "0 1\n",
        "0-\n",
        "-3\n",
        "0x0-3\n",
        "00-03\n",
        "0-3:1/2\n",
        "all\n",
        "0-3\n4",
        "0-3\n4\n",
        "0-3\n\n",
        " 0-3\n",
        "+1\n",
        "1-2-3\n",
        "N\n",
        "65536\n",
        "4294967296\n",
        "0-18446744073709551615\n",
        "1,0\n",
        "0-3,2\n",
        "0,0\n",
        "\n\n",
        "0-3\r\n",
        "1\t\n",
        "08\n",
    };

    for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
        g_autoptr(GError) err = NULL;
        g_autoptr(CpuSet) set = cpu_set_parse(bad[i], strlen(bad[i]), &err);

        g_assert_null(set);
        g_assert_nonnull(err);
    }
    {
        g_autoptr(CpuSet) nul = cpu_set_parse("0\0,1\n", 5, NULL);

        g_assert_null(nul);
    }
}

static void test_every_cut_is_noticed(void)
{
    const char *text = "0-3,8,10-200\n";

    for (size_t len = 0; len < strlen(text); len++) {
        g_autoptr(CpuSet) set = cpu_set_parse(text, len, NULL);

        g_assert_null(set);
    }
}

static void test_lone_newline_is_empty(void)
{
    g_autoptr(CpuSet) set = cpu_set_parse("\n", 1, NULL);
    g_autofree char *text = cpu_set_format(set);

    g_assert_cmpuint(cpu_set_count(set), ==, 0);
    g_assert_cmpstr(text, ==, "");
    g_assert_cmpint(cpu_set_next(set, 0), ==, -1);
}

static void test_algebra(void)
{
    g_autoptr(CpuSet) small = cpu_set_parse_list("0-3", NULL);
    g_autoptr(CpuSet) large = cpu_set_parse_list("2-3,100", NULL);
    g_autoptr(CpuSet) both = cpu_set_intersect(large, small);
    g_autoptr(CpuSet) rest = cpu_set_subtract(large, small);
    g_autofree char *both_text = cpu_set_format(both);
    g_autofree char *rest_text = cpu_set_format(rest);

    g_assert_cmpstr(both_text, ==, "2-3");
    g_assert_cmpstr(rest_text, ==, "100");
    g_assert_true(cpu_set_covers(small, both));
    g_assert_true(cpu_set_covers(large, both));
    g_assert_false(cpu_set_covers(small, large));
    g_assert_false(cpu_set_covers(large, small));
    g_assert_cmpint(cpu_set_next(large, 4), ==, 100);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cpu-set/every-set-of-twelve", test_every_set_of_twelve);
    g_test_add_func("/cpu-set/random-large-sets", test_random_large_sets);
    g_test_add_func("/cpu-set/word-boundaries", test_word_boundaries);
    g_test_add_func("/cpu-set/rejects-what-the-kernel-never-prints",
                    test_rejects_what_the_kernel_never_prints);
    g_test_add_func("/cpu-set/every-cut-is-noticed", test_every_cut_is_noticed);
    g_test_add_func("/cpu-set/lone-newline-is-empty", test_lone_newline_is_empty);
    g_test_add_func("/cpu-set/algebra", test_algebra);
    return g_test_run();
}
