/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading CPU sets and event sources: odd trees are read as "not there", never trusted.
 * The numbers are those of the decision table in docs/vpmu-arm.md.
 */
#include "accel/host-probe.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "util/bits.h"

typedef struct Tree {
    char *root;
} Tree;

static Tree tree_new(void)
{
    Tree tree = {g_dir_make_tmp("vpmu-probe-XXXXXX", NULL)};

    g_assert_nonnull(tree.root);
    return tree;
}

static void remove_below(const char *path)
{
    g_autoptr(GDir) dir =
        g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *child = g_build_filename(path, name, NULL);

        remove_below(child);
    }
    g_remove(path);
}

static void tree_clear(Tree *tree)
{
    remove_below(tree->root);
    g_free(tree->root);
}

static void put_bytes(const Tree *tree, const char *path, const char *text, size_t len)
{
    g_autofree char *full = g_build_filename(tree->root, path, NULL);
    g_autofree char *dir = g_path_get_dirname(full);

    g_assert_cmpint(g_mkdir_with_parents(dir, 0755), ==, 0);
    g_assert_true(g_file_set_contents(full, text, (gssize)len, NULL));
}

static void put(const Tree *tree, const char *path, const char *text)
{
    put_bytes(tree, path, text, strlen(text));
}

/* A well-formed source; type and cpus as the files hold them, NULL for no file. */
static void put_source(const Tree *tree, const char *name, const char *type,
                       const char *cpus)
{
    g_autofree char *type_path = g_strdup_printf("devices/%s/type", name);
    g_autofree char *cpus_path = g_strdup_printf("devices/%s/cpus", name);
    g_autofree char *other_path = g_strdup_printf("devices/%s/uevent", name);
    g_autofree char *links =
        g_build_filename(tree->root, "bus/event_source/devices", NULL);
    g_autofree char *link = g_build_filename(links, name, NULL);
    g_autofree char *target = g_strdup_printf("../../../devices/%s", name);

    put(tree, other_path, "");
    if (type) {
        put(tree, type_path, type);
    }
    if (cpus) {
        put(tree, cpus_path, cpus);
    }
    g_assert_cmpint(g_mkdir_with_parents(links, 0755), ==, 0);
    g_assert_cmpint(symlink(target, link), ==, 0);
}

static HostProfile *probe(const Tree *tree)
{
    g_autoptr(FileSys) fs = file_sys_new(tree->root);
    HostProfile *host = host_profile_new(TARGET_ARCH_AARCH64);

    host_probe_sysfs(fs, "", host, NULL);
    return host;
}

static void put_cpu_sets(const Tree *tree, const char *text)
{
    put(tree, "devices/system/cpu/possible", text);
    put(tree, "devices/system/cpu/present", text);
    put(tree, "devices/system/cpu/online", text);
}

/* Which kind of core: of the first CPU that tells; odd numbers are not told. */
static void test_cores(void)
{
    Tree tree = tree_new();
    g_autoptr(FileSys) fs = file_sys_new(tree.root);
    g_autoptr(HostProfile) host = NULL;
    static const struct {
        const char *name;
        uint64_t midr;
        uint32_t capacity;
    } rows[] = {
        {"a_little", 0x410fd034, 446}, /* CPU 0 is offline: it has no registers */
        {"b_big", 0x410fd082, 1024},
        {"c_odd", 0, 0},
        {"software", 0, 0},
    };

    put_cpu_sets(&tree, "0-5\n");
    put_source(&tree, "a_little", "8\n", "0-1\n");
    put_source(&tree, "b_big", "9\n", "2-3\n");
    put_source(&tree, "c_odd", "10\n", "4-5\n");
    put_source(&tree, "software", "1\n", NULL);
    put(&tree, "devices/system/cpu/cpu0/cpu_capacity", "446\n");
    put(&tree, "devices/system/cpu/cpu1/regs/identification/midr_el1",
        "0x00000000410fd034\n");
    put(&tree, "devices/system/cpu/cpu2/regs/identification/midr_el1",
        "0x00000000410fd082\n");
    put(&tree, "devices/system/cpu/cpu2/cpu_capacity", "1024\n");
    put(&tree, "devices/system/cpu/cpu4/cpu_capacity", "1025\n");
    put(&tree, "devices/system/cpu/cpu4/regs/identification/midr_el1", "cortex\n");
    host = probe(&tree);
    host_probe_cores(fs, "", host);
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        const PmuSource *source = &g_array_index(host->sources, PmuSource, i);

        g_assert_cmpstr(source->name, ==, rows[i].name);
        g_assert_cmphex(source->midr, ==, rows[i].midr);
        g_assert_cmpuint(source->capacity, ==, rows[i].capacity);
    }
    tree_clear(&tree);
}

static void test_well_formed(void)
{
    Tree tree = tree_new();
    g_autoptr(HostProfile) host = NULL;
    const PmuSource *source;

    put_cpu_sets(&tree, "0-3\n");
    put_source(&tree, "armv8_cortex_a53", "8\n", "0-3\n");
    put_source(&tree, "software", "1\n", NULL);
    host = probe(&tree);
    g_assert_cmpuint(cpu_set_count(host->possible), ==, 4);
    g_assert_null(host->cpus_problem);
    g_assert_cmpuint(host->sources->len, ==, 2);
    source = &g_array_index(host->sources, PmuSource, 0);
    g_assert_cmpstr(source->name, ==, "armv8_cortex_a53");
    g_assert_cmpstr(source->location, ==, "../../../devices/armv8_cortex_a53");
    g_assert_cmpuint(source->type, ==, 8);
    g_assert_cmpuint(cpu_set_count(source->cpus), ==, 4);
    g_assert_null(source->cpumask);
    g_assert_cmpint(source->trial, ==, PMU_TRIAL_NONE);
    tree_clear(&tree);
}

/* 29, 30, 31 */
static void test_possible_must_be_whole(void)
{
    static const struct {
        const char *text; /* NULL: no file */
        bool known;
    } cases[] = {{NULL, false}, {"", false},       {"0-3", false},
                 {"\n", true},  {"0-3,\n", false}, {"0-3\n", true}};

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        Tree tree = tree_new();
        g_autoptr(HostProfile) host = NULL;

        put_cpu_sets(&tree, "0-3\n");
        if (cases[i].text) {
            put(&tree, "devices/system/cpu/possible", cases[i].text);
        } else {
            g_autofree char *path =
                g_build_filename(tree.root, "devices/system/cpu/possible", NULL);

            g_remove(path);
        }
        host = probe(&tree);
        g_assert_cmpint(host->possible != NULL, ==, cases[i].known);
        g_assert_cmpint(host->cpus_problem == NULL, ==, cases[i].known);
        if (host->cpus_problem) {
            g_assert_nonnull(strstr(host->cpus_problem, "possible"));
        }
        tree_clear(&tree);
    }
}

/* 32, 33, 34, 42 */
static void test_odd_lists_make_no_source(void)
{
    static const char *const lists[] = {"3-0\n",
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
                                        "0-18446744073709551615\n",
                                        "4294967296\n",
                                        "0-3"};
    Tree tree = tree_new();
    g_autoptr(HostProfile) host = NULL;
    g_autoptr(GString) cut = g_string_new("0");

    for (unsigned i = 0; i < ARRAY_LEN(lists); i++) {
        g_autofree char *name = g_strdup_printf("odd%u", i);

        put_source(&tree, name, "8\n", lists[i]);
    }
    for (unsigned cpu = 2; cut->len < 4095; cpu += 2) {
        g_string_append_printf(cut, ",%u", cpu);
    }
    g_string_truncate(cut, 4095);
    put_source(&tree, "cut", "8\n", cut->str);
    put_source(&tree, "nul", "8\n", "0");
    put_bytes(&tree, "devices/nul/cpus", "0\0\n", 3);
    host = probe(&tree);
    g_assert_cmpuint(host->sources->len, ==, 0);
    tree_clear(&tree);
}

/* 36, 38 */
static void test_odd_types_make_no_source(void)
{
    static const char *const types[] = {"8x\n", "",     "\n",    "-8\n",  "99999999999\n",
                                        "8",    " 8\n", "0x8\n", "8\n8\n"};
    Tree tree = tree_new();
    g_autoptr(HostProfile) host = NULL;

    for (unsigned i = 0; i < ARRAY_LEN(types); i++) {
        g_autofree char *name = g_strdup_printf("odd%u", i);

        put_source(&tree, name, types[i], "0-3\n");
    }
    put_source(&tree, "without", NULL, "0-3\n");
    put_source(&tree, "folder", NULL, "0-3\n");
    put(&tree, "devices/folder/type/x", "8\n");
    host = probe(&tree);
    g_assert_cmpuint(host->sources->len, ==, 0);
    tree_clear(&tree);
}

/* 37, 39, 40, 41 */
static void test_odd_entries_make_no_source(void)
{
    Tree tree = tree_new();
    g_autofree char *dangling =
        g_build_filename(tree.root, "bus/event_source/devices/dangling", NULL);
    g_autoptr(HostProfile) empty = probe(&tree);
    g_autoptr(HostProfile) host = NULL;

    g_assert_cmpuint(empty->sources->len, ==, 0);
    put(&tree, "bus/event_source/devices/real/type", "8\n");
    put(&tree, "bus/event_source/devices/real/cpus", "0-3\n");
    g_assert_cmpint(symlink("nowhere", dangling), ==, 0);
    put_source(&tree, "arm_spe_0", "9\n", NULL);
    put(&tree, "devices/arm_spe_0/cpumask", "0-3\n");
    host = probe(&tree);
    g_assert_cmpuint(host->sources->len, ==, 1);
    g_assert_null(g_array_index(host->sources, PmuSource, 0).cpus);
    g_assert_nonnull(g_array_index(host->sources, PmuSource, 0).cpumask);
    tree_clear(&tree);
}

/* 52: every use of the door fails once; facts go missing, nothing else happens. */
static void test_every_read_fails_once(void)
{
    Tree tree = tree_new();
    g_autoptr(FileSys) fs = file_sys_new(tree.root);
    unsigned uses;

    put_cpu_sets(&tree, "0-3\n");
    put_source(&tree, "a", "8\n", "0-3\n");
    put_source(&tree, "b", "9\n", "0-3\n");
    {
        g_autoptr(HostProfile) host = host_profile_new(TARGET_ARCH_AARCH64);

        host_probe_sysfs(fs, "", host, NULL);
        g_assert_cmpuint(host->sources->len, ==, 2);
    }
    uses = file_sys_uses(fs);
    g_assert_cmpuint(uses, >, 8);
    for (unsigned n = 1; n <= uses; n++) {
        g_autoptr(HostProfile) host = host_profile_new(TARGET_ARCH_AARCH64);

        file_sys_set_fault(fs, n);
        host_probe_sysfs(fs, "", host, NULL);
        g_assert_true(host->cpus_problem || host->sources->len < 2);
    }
    tree_clear(&tree);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/host-probe/cores", test_cores);
    g_test_add_func("/host-probe/well-formed", test_well_formed);
    g_test_add_func("/host-probe/29-31-possible-must-be-whole",
                    test_possible_must_be_whole);
    g_test_add_func("/host-probe/32-34-42-odd-lists-make-no-source",
                    test_odd_lists_make_no_source);
    g_test_add_func("/host-probe/36-38-odd-types-make-no-source",
                    test_odd_types_make_no_source);
    g_test_add_func("/host-probe/37-39-41-odd-entries-make-no-source",
                    test_odd_entries_make_no_source);
    g_test_add_func("/host-probe/52-every-read-fails-once", test_every_read_fails_once);
    return g_test_run();
}
