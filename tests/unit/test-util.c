/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/bits.h"
#include "util/error.h"
#include "util/file.h"
#include "util/json.h"
#include "util/kernel-version.h"
#include "util/near-name.h"
#include "util/number.h"
#include "util/report.h"

#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void test_number_is_strict(void)
{
    static const char *const bad[] = {
        "", " 1", "1 ", "+1", "-1", "0x", "0xg", "1x", "18446744073709551616"};
    uint64_t value = 7;

    for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
        g_assert_false(number_parse_uint64(bad[i], &value));
        g_assert_cmpuint(value, ==, 7);
    }
    g_assert_true(number_parse_uint64("18446744073709551615", &value));
    g_assert_cmpuint(value, ==, UINT64_MAX);
    g_assert_true(number_parse_uint64("0x345", &value));
    g_assert_cmpuint(value, ==, 0x345);
}

static void test_kernel_versions(void)
{
    static const char *const bad[] = {"",     "6",    "6.",   "v6.1",
                                      "6.1x", " 6.1", "-6.1", "6.-1"};
    KernelVersion version = {1, 2};

    for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
        g_assert_false(kernel_version_parse(bad[i], &version));
        g_assert_cmpuint(version.major, ==, 1);
    }
    g_assert_true(kernel_version_parse("6.1.0-53-amd64", &version));
    g_assert_cmpuint(version.major * 1000 + version.minor, ==, 6001);
    g_assert_true(kernel_version_parse("6.19-rc1", &version));
    g_assert_true(kernel_version_is_at_least(version, (KernelVersion){6, 18}));
    g_assert_true(kernel_version_is_at_least(version, (KernelVersion){5, 99}));
    g_assert_false(kernel_version_is_at_least(version, (KernelVersion){7, 0}));
    g_assert_true(kernel_version_is_at_least(version, version));
}

static void test_size_suffixes(void)
{
    uint64_t value;

    g_assert_true(number_parse_size("512", 'M', &value));
    g_assert_cmpuint(value, ==, 512 * MIB);
    g_assert_true(number_parse_size("1.5G", 'M', &value));
    g_assert_cmpuint(value, ==, 1536 * MIB);
    g_assert_true(number_parse_size("65536k", 'M', &value));
    g_assert_cmpuint(value, ==, 64 * MIB);
    g_assert_false(number_parse_size("16E", 'M', &value));
    g_assert_false(number_parse_size("1Q", 'M', &value));
    g_assert_false(number_parse_size("1.3b", 'M', &value));
    g_assert_false(number_parse_size("1GB", 'M', &value));
}

static void test_json_refuses_what_is_not_json(void)
{
    static const char *const bad[] = {"",
                                      "{",
                                      "{}x",
                                      "null",
                                      "[1,]",
                                      "\xff",
                                      "nul",
                                      "{\"a\" 1}",
                                      "[NaN]",
                                      "[-Infinity]",
                                      "{\"a\":-Infinity}"};

    for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *shown = g_strescape(bad[i], NULL);

        g_test_message("%s", shown);
        g_assert_null(json_parse(bad[i], -1, &error));
        g_assert_nonnull(error);
    }
}

static void test_json_depth_is_limited(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    for (int i = 0; i < 100000; i++) {
        g_string_append_c(text, '[');
    }
    g_assert_null(json_parse(text->str, (gssize)text->len, &error));
    g_assert_nonnull(error);
}

/* Nothing is taken for its neighbour. */
static void test_json_integers_have_64_bits(void)
{
    static const struct {
        const char *text;
        bool is_good;
    } rows[] = {
        {"[18446744073709551615]", true},
        {"[18446744073709551616]", false},
        {"18446744073709551616", false},
        {"{\"a\":99999999999999999999}", false},
        {"[123456789012345678901234567890123456789012345678901234567]", false},
        {"[-9223372036854775808]", true},
        {"[-9223372036854775809,1]", false},
        {"[18446744073709551616.5]", true},
        {"[1e30, -0, 0, true, \"n\"]", true},
        {"{'18446744073709551616':1}", true},
        {"[\"18446744073709551616\"]", true},
        {"{\"18446744073709551616\":\"\\\"99999999999999999999 NaN\"}", true},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_autojson *value = json_parse(rows[i].text, -1, &error);

        g_test_message("%s", rows[i].text);
        g_assert_cmpint(value != NULL, ==, rows[i].is_good);
        g_assert_cmpint(error != NULL, ==, !rows[i].is_good);
        if (error) {
            g_assert_nonnull(strstr(error->message, "out of range"));
        }
    }
}

static void test_json_members(void)
{
    g_autojson *object =
        json_parse("{\"n\":5,\"h\":\"0x10\",\"neg\":-1,\"s\":\"a\"}", -1, NULL);
    g_autoptr(GError) error = NULL;
    uint64_t value;

    g_assert_true(json_get_uint(object, "t", "n", 5, &value, NULL));
    g_assert_cmpuint(value, ==, 5);
    g_assert_false(json_get_uint(object, "t", "n", 4, &value, NULL));
    g_assert_false(json_get_uint(object, "t", "neg", 5, &value, NULL));
    g_assert_true(json_get_hex(object, "t", "h", &value, NULL));
    g_assert_cmpuint(value, ==, 16);
    g_assert_false(json_get_hex(object, "t", "s", &value, &error));
    g_assert_nonnull(strstr(error->message, "'s'"));
}

static void test_report_folds_errors(void)
{
    g_autoptr(Report) report = report_new();
    g_autoptr(GError) error = NULL;
    const Finding warning = {FINDING_WARNING, .row = "ds", .cause = "x"};
    const Finding failure = {FINDING_ERROR, .row = "pebs-fmt", .asked = "4",
                             .offered = "5", .cause = "host CPU"};

    report_add(report, &warning);
    g_assert_true(report_to_error(report, &error));
    report_add(report, &failure);
    g_assert_cmpuint(report_count(report, FINDING_WARNING), ==, 2);
    g_assert_false(report_to_error(report, &error));
    g_assert_cmpstr(error->message, ==, "pebs-fmt: asked 4, offered 5: host CPU");
}

static void test_file_door_fails_on_demand(void)
{
    g_autofree char *dir = g_dir_make_tmp("vpmu-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "f", NULL);
    g_autoptr(FileSys) fs = file_sys_new(dir);
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    size_t len;

    g_assert_true(g_file_set_contents(path, "abc\ndef", -1, NULL));
    text = file_read_line(fs, "/f", NULL);
    g_assert_cmpstr(text, ==, "abc");
    g_assert_null(file_read(fs, "/f", 3, &len, NULL));
    file_sys_set_fault(fs, 1);
    g_assert_null(file_read(fs, "/f", 100, &len, &error));
    g_assert_nonnull(strstr(error->message, "/f"));
    g_clear_error(&error);
    g_assert_null(file_read(fs, "/none", 100, &len, &error));
    g_assert_true(g_error_matches(error, VPMU_ERROR, VPMU_ERROR_NO_FILE));
    g_unlink(path);
    g_rmdir(dir);
}

static gpointer write_slowly(gpointer data)
{
    static const char words[] = "one two three";
    int fd = open(data, O_WRONLY | O_CLOEXEC);

    for (unsigned i = 0; i < strlen(words); i++) {
        g_usleep(2000);
        g_assert_cmpint(write(fd, words + i, 1), ==, 1);
    }
    close(fd);
    return NULL;
}

/* A pipe is read to its end, however its bytes come. */
static void test_pipe_is_read(void)
{
    g_autofree char *dir = g_dir_make_tmp("vpmu-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "pipe", NULL);
    g_autoptr(FileSys) fs = file_sys_new("");
    g_autofree char *text = NULL;
    GThread *writer;
    size_t len = 0;

    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    writer = g_thread_new("writer", write_slowly, path);
    text = file_read(fs, path, 100, &len, NULL);
    g_thread_join(writer);
    g_assert_cmpstr(text, ==, "one two three");
    g_assert_cmpuint(len, ==, strlen(text));
    g_unlink(path);
    g_rmdir(dir);
}

/* Each kind of file that has no end, or none that comes. */
static void test_endless_files_are_refused(void)
{
    g_autofree char *dir = g_dir_make_tmp("vpmu-XXXXXX", NULL);
    g_autofree char *pipe = g_build_filename(dir, "pipe", NULL);
    g_autofree char *large = g_build_filename(dir, "large", NULL);
    const struct {
        const char *path, *why;
    } cases[] = {
        {pipe, "nothing came"},          {large, "larger than"},
        {"/dev/zero", "is a device"},    {"/dev/full", "is a device"},
        {"/dev/urandom", "is a device"}, {dir, "Is a directory"},
    };
    g_autoptr(FileSys) fs = file_sys_new("");
    int fd;

    g_assert_cmpint(mkfifo(pipe, 0600), ==, 0);
    fd = open(large, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    g_assert_cmpint(ftruncate(fd, INT64_C(1) << 40), ==, 0); /* never read */
    close(fd);
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autoptr(GError) error = NULL;
        size_t len;

        g_assert_null(file_read(fs, cases[i].path, 1000, &len, &error));
        g_assert_nonnull(strstr(error->message, cases[i].path));
        g_assert_nonnull(strstr(error->message, cases[i].why));
    }
    g_unlink(pipe);
    g_unlink(large);
    g_rmdir(dir);
}

static void test_message_stays_one_line_of_utf8(void)
{
    g_autoptr(GError) error = NULL;

    error_set(&error, "bad value '%s'", "a\nb\x7f\xff");
    g_assert_cmpstr(error->message, ==, "bad value 'a?b?\xef\xbf\xbd'");
}

static const char *near_of(const char *name)
{
    static const char *const known[] = {
        "pmu",  "pebs-fmt", "pebs-trap",      "arch-lbr",
        "acpi", "host",     "Icelake-Server", "arch-capabilities"};
    NearName near = {.name = name};

    for (unsigned i = 0; i < ARRAY_LEN(known); i++) {
        near_name_offer(&near, known[i]);
    }
    return near.best;
}

static void test_near_names(void)
{
    static const struct {
        const char *name, *near;
    } rows[] = {
        {"Host", "host"},
        {"apci", "acpi"},
        {"pebs-format", "pebs-fmt"},
        {"pebs_trp", "pebs-trap"},
        {"icelake_server", "Icelake-Server"},
        {"Icelake", "Icelake-Server"},
        {"server", "Icelake-Server"},
        {"arch-cap", "arch-capabilities"},
        {"quite another", NULL},
        {"x", NULL},
        {"", NULL},
    };
    g_autofree char *longest = g_strnfill(1000, 'a');
    NearName none = {.name = "x"};
    g_autofree char *empty = near_name_hint(&none);
    NearName one = {.name = "pnu"};
    g_autofree char *hint = NULL;

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_assert_cmpstr(near_of(rows[i].name), ==, rows[i].near);
    }
    g_assert_null(near_of(longest));
    g_assert_cmpstr(empty, ==, "");
    near_name_offer(&one, longest);
    near_name_offer(&one, "pmu");
    hint = near_name_hint(&one);
    g_assert_cmpstr(hint, ==, "; did you mean 'pmu'?");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/util/message-stays-one-line-of-utf8",
                    test_message_stays_one_line_of_utf8);
    g_test_add_func("/util/kernel-versions", test_kernel_versions);
    g_test_add_func("/util/number-is-strict", test_number_is_strict);
    g_test_add_func("/util/near-names", test_near_names);
    g_test_add_func("/util/size-suffixes", test_size_suffixes);
    g_test_add_func("/util/json-refuses-what-is-not-json",
                    test_json_refuses_what_is_not_json);
    g_test_add_func("/util/json-depth-is-limited", test_json_depth_is_limited);
    g_test_add_func("/util/json-integers-have-64-bits", test_json_integers_have_64_bits);
    g_test_add_func("/util/json-members", test_json_members);
    g_test_add_func("/util/report-folds-errors", test_report_folds_errors);
    g_test_add_func("/util/file-door-fails-on-demand", test_file_door_fails_on_demand);
    g_test_add_func("/util/file/pipe", test_pipe_is_read);
    g_test_add_func("/util/file/endless", test_endless_files_are_refused);
    return g_test_run();
}
