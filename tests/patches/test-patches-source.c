/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which host PMU patches/qemu choose, over made sysfs trees of hosts.
 */
#include "qemu/osdep.h"

#include "kvm-pmu-source.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include <glib/gstdio.h>

static void lists_are_read_strictly(void)
{
    static const char *const good[] = {"\n", "0\n", "0-3\n", "0,2-3,8\n", "65535\n"};
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
        "all\n",
        "0-3\n4\n",
        "0-3:1/2\n",
        "0\n\n",
        "65536\n",
        "0-18446744073709551615\n",
        "18446744073709551616\n",
    };
    g_autofree ArmPmuCpus *cpus = g_new0(ArmPmuCpus, 1);

    for (unsigned i = 0; i < ARRAY_SIZE(good); i++) {
        g_assert_true(arm_pmu_parse_cpus(good[i], cpus));
    }
    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        g_assert_false(arm_pmu_parse_cpus(bad[i], cpus));
    }
    g_assert_true(arm_pmu_parse_cpus("0,62-65\n", cpus));
    g_assert_cmphex(cpus->words[0], ==, 0xc000000000000001);
    g_assert_cmphex(cpus->words[1], ==, 3);
}

static void nothing_covers_an_empty_list(void)
{
    g_autofree ArmPmuCpus *all = g_new0(ArmPmuCpus, 1);
    g_autofree ArmPmuCpus *none = g_new0(ArmPmuCpus, 1);

    arm_pmu_parse_cpus("0-7\n", all);
    g_assert_false(arm_pmu_covers(all, none));
    g_assert_true(arm_pmu_covers(all, all));
    g_assert_false(arm_pmu_covers(none, all));
}

static void put(const char *root, const char *path, const char *text)
{
    g_autofree char *full = g_build_filename(root, path, NULL);
    g_autofree char *folder = g_path_get_dirname(full);

    g_mkdir_with_parents(folder, 0700);
    g_assert_true(g_file_set_contents(full, text, -1, NULL));
}

/* An event source "name type cpus location", or with '-' for a file that is not there. */
static void put_source(const char *root, const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    g_autofree char *device = g_strdup_printf("devices/%s", words[3]);
    g_autofree char *link =
        g_strdup_printf("%s/bus/event_source/devices/%s", root, words[0]);
    g_autofree char *target = g_strdup_printf("../../../devices/%s", words[3]);
    const char *files[] = {"type", "cpus"};
    g_autofree char *folder = g_path_get_dirname(link);

    g_autofree char *full = g_build_filename(root, device, NULL);

    g_mkdir_with_parents(folder, 0700);
    g_mkdir_with_parents(full, 0700);
    for (int i = 0; i < 2; i++) {
        if (strcmp(words[1 + i], "-")) {
            g_autofree char *path = g_build_filename(device, files[i], NULL);
            g_autofree char *text = g_strconcat(words[1 + i], "\n", NULL);

            put(root, path, text);
        }
    }
    g_assert_cmpint(symlink(target, link), ==, 0);
}

static uint32_t refused_type;

static int try_type(void *opaque, uint32_t type)
{
    return type == refused_type ? -ENXIO : 0;
}

/*
 * One host and request.  @sources are lines of put_source() with | between them; @flags
 * say what is unusual; what is expected is "none", "default", a type, or an error.
 */
typedef struct Row {
    const char *name;
    const char *possible;
    const char *present;
    const char *sources;
    const char *asked;
    const char *flags;
    const char *expected;
} Row;

static const Row rows[] = {
    {"one", "0-3", "0-3", "pmu 8 0-3 pmu", NULL, "", "8"},
    {"big-little", "0-3", "0-3", "a53 8 0-1 a53|a72 9 2-3 a72", NULL, "", "none"},
    {"by-type", "0-3", "0-3", "a53 8 0-1 a53|a72 9 2-3 a72", "9", "partial", "9"},
    {"by-name", "0-3", "0-3", "a53 8 0-1 a53|a72 9 2-3 a72", "a53", "partial", "8"},
    {"software-type", "0-3", "0-3", "a53 8 0-1 a53|a72 9 2-3 a72|software 1 - software",
     "1", "",
     "pmu=1 is not a CPU PMU of this host; there is a53 (type 8, CPUs 0-1), a72 (type 9, "
     "CPUs 2-3), 'auto' or 'none'"},
    {"out-of-range", "0-3", "0-3", "pmu 8 0-3 pmu", "4294967296", "",
     "pmu=4294967296 is not a CPU PMU of this host; there is pmu (type 8, CPUs 0-3), "
     "'auto' or 'none'"},
    {"old-machine", "0-3", "0-3", "pmu 8 0-3 pmu", NULL, "old-machine", "default"},
    {"old-machine-and-type", "0-3", "0-3", "pmu 8 0-3 pmu", "8", "old-machine", "8"},
    {"old-machine-and-auto", "0-3", "0-3", "pmu 8 0-3 pmu", "auto", "old-machine", "8"},
    {"no-kvm-pmu", "0-3", "0-3", "pmu 8 0-3 pmu", NULL, "no-pmu", "none"},
    {"no-kvm-pmu-and-type", "0-3", "0-3", "pmu 8 0-3 pmu", "8", "no-pmu",
     "pmu=8: KVM has no PMU for guests here"},
    {"old-kernel", "0-3", "0-3", "pmu 8 0-3 pmu", NULL, "old-kernel", "default"},
    {"old-kernel-big-little", "0-3", "0-3", "a53 8 0-1 a53|a72 9 2-3 a72", NULL,
     "old-kernel", "none"},
    {"old-kernel-and-type", "0-3", "0-3", "pmu 8 0-3 pmu", "8", "old-kernel",
     "pmu=8: choosing one needs Linux 5.18"},
    {"location-decides", "0-3", "0-3", "a53 8 0-3 pmu-z|a72 9 0-3 pmu-a", NULL, "", "9"},
    {"not-the-type", "0-3", "0-3", "a53 9 0-3 pmu-z|a72 8 0-3 pmu-a", NULL, "", "8"},
    {"first-is-refused", "0-3", "0-3", "a53 8 0-3 a53|a72 9 0-3 a72", NULL, "refuses-8",
     "9"},
    {"only-is-refused", "0-3", "0-3", "pmu 8 0-3 pmu", NULL, "refuses-8", "none"},
    {"named-is-refused", "0-3", "0-3", "pmu 8 0-3 pmu", "pmu", "refuses-8",
     "pmu=pmu: KVM refuses pmu, type 8: No such device or address"},
    {"not-present", "0-7", "0-3", "pmu 8 0-3 pmu", NULL, "", "8"},
    {"superset", "0-3", "0-3", "pmu 8 0-7 pmu", NULL, "", "8"},
    {"one-cpu", "0", "0", "pmu 8 0 pmu", NULL, "", "8"},
    {"past-64", "0-64", "0-64", "pmu 8 0-64 pmu", NULL, "", "8"},
    {"possible-unreadable", "0-3,", "0-3,", "pmu 8 0-3 pmu", NULL, "", "none"},
    {"no-cpus-file", "0-3", "0-3", "cmn 8 - cmn", NULL, "", "none"},
    {"no-type-file", "0-3", "0-3", "pmu - 0-3 pmu", NULL, "", "none"},
    {"bad-type", "0-3", "0-3", "pmu 8x 0-3 pmu", NULL, "", "none"},
    {"none-asked", "0-3", "0-3", "pmu 8 0-3 pmu", "none", "", "none"},
};

static void choose(gconstpointer data)
{
    const Row *row = data;
    g_autofree char *root = g_dir_make_tmp("vpmu-patches-XXXXXX", NULL);
    g_autofree ArmPmuCpus *possible = g_new0(ArmPmuCpus, 1);
    g_autofree ArmPmuCpus *present = g_new0(ArmPmuCpus, 1);
    g_autofree char *possible_text = g_strconcat(row->possible, "\n", NULL);
    g_autofree char *present_text = g_strconcat(row->present, "\n", NULL);
    g_auto(GStrv) sources = g_strsplit(row->sources, "|", -1);
    g_autofree char *clean = g_strdup_printf("rm -rf '%s'", root);
    ArmPmuChoice choice;
    Error *error = NULL;

    put(root, "devices/system/cpu/possible", possible_text);
    put(root, "devices/system/cpu/present", present_text);
    for (int i = 0; sources[i]; i++) {
        put_source(root, sources[i]);
    }
    arm_pmu_read_cpus(root, "possible", possible);
    arm_pmu_read_cpus(root, "present", present);
    refused_type = strstr(row->flags, "refuses-8") ? 8 : 0;

    g_autoptr(GPtrArray) found = arm_pmu_read_sources(root);
    ArmPmuFacts facts = {
        .asked = row->asked,
        .backcompat = strstr(row->flags, "old-machine"),
        .has_pmu = !strstr(row->flags, "no-pmu"),
        .can_set = !strstr(row->flags, "old-kernel"),
        .sources = found,
        .possible = possible,
        .present = present,
        .try = try_type,
    };
    bool chosen = arm_pmu_choose(&facts, &choice, &error);
    g_autofree char *text = stub_error_take(&error);
    g_autofree char *got = !chosen                       ? g_strdup(text)
                           : choice.kind == ARM_PMU_NONE ? g_strdup("none")
                           : choice.kind == ARM_PMU_DEFAULT
                               ? g_strdup("default")
                               : g_strdup_printf("%u", choice.source->type);

    g_assert_cmpstr(got, ==, row->expected);
    g_assert_cmpint(choice.partial, ==, strstr(row->flags, "partial") != NULL);
    g_free(stub_report_take());
    g_assert_cmpint(system(clean), ==, 0);
}

static void a_host_without_a_choice_is_told_what_there_is(void)
{
    choose(&rows[1]);
    g_autoptr(GPtrArray) sources = g_ptr_array_new();
    g_autofree ArmPmuCpus *cpus = g_new0(ArmPmuCpus, 1);
    ArmPmuFacts facts = {
        .has_pmu = true, .sources = sources, .possible = cpus, .present = cpus};
    ArmPmuChoice choice;

    g_assert_true(arm_pmu_choose(&facts, &choice, NULL));
    g_autofree char *warned = stub_report_take();
    g_assert_cmpstr(
        warned, ==,
        "no PMU for guests: none of this host's covers all CPUs; there is none; "
        "name one with -accel kvm,pmu=NAME");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/patches/cpu-lists", lists_are_read_strictly);
    g_test_add_func("/patches/empty-list", nothing_covers_an_empty_list);
    g_test_add_func("/patches/no-choice", a_host_without_a_choice_is_told_what_there_is);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autofree char *path = g_strdup_printf("/patches/choice/%s", rows[i].name);

        g_test_add_data_func(path, &rows[i], choose);
    }
    return g_test_run();
}
