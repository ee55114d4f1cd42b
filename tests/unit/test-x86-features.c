/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of target/i386, walked.
 */
#include "target/x86-features.h"

#include <string.h>

#include "resolve-case.h"
#include "util/bits.h"
#include "util/json.h"

static void test_no_two_rows_overlap(void)
{
    uint64_t seen[X86_WORD_COUNT] = {0};

    for (unsigned i = 0; i < X86_FEATURE_COUNT; i++) {
        const X86FeatureRow *row = &x86_feature_rows[i];

        g_assert_cmpuint(row->mask, !=, 0);
        g_assert_cmpuint(seen[row->word] & row->mask, ==, 0);
        seen[row->word] |= row->mask;
        if (x86_word_rows[row->word].msr == 0) {
            g_assert_cmpuint(row->mask >> 32, ==, 0);
        }
    }
}

static void test_rows_are_sorted_and_documented(void)
{
    for (unsigned i = 0; i < X86_FEATURE_COUNT; i++) {
        const X86FeatureRow *row = &x86_feature_rows[i];

        g_assert_nonnull(row->doc);
        g_assert_cmpint(row->doc[strlen(row->doc) - 1], !=, '.');
        g_assert_null(strchr(row->name, '_'));
        if (i && row[-1].word == row->word) {
            g_assert_cmpuint(row[-1].mask & -row[-1].mask, <, row->mask & -row->mask);
        }
    }
}

static void test_names_are_unique(void)
{
    for (unsigned i = 0; i < X86_FEATURE_COUNT; i++) {
        g_assert_cmpuint(x86_feature_find(x86_feature_rows[i].name), ==, i);
    }
    for (unsigned i = 0; i < x86_alias_count; i++) {
        g_assert_cmpuint(x86_feature_find(x86_alias_rows[i].name), ==,
                         x86_alias_rows[i].feature);
    }
    g_assert_cmpuint(x86_feature_find("pebs_baseline"), ==, X86_PEBS_BASELINE);
    g_assert_cmpuint(x86_feature_find("pebs-fmt1"), ==, X86_NO_FEATURE);
    g_assert_cmpuint(x86_feature_find(""), ==, X86_NO_FEATURE);
}

static void test_no_two_words_share_a_place(void)
{
    for (unsigned i = 0; i < X86_WORD_COUNT; i++) {
        for (unsigned k = 0; k < i; k++) {
            const X86WordRow *a = &x86_word_rows[i], *b = &x86_word_rows[k];

            g_assert_false(a->msr == b->msr && a->leaf == b->leaf &&
                           a->subleaf == b->subleaf && a->reg == b->reg);
            g_assert_cmpstr(a->name, !=, b->name);
        }
    }
}

/* Following "needs" from any feature never comes back to it. */
static void visit(X86FeatureId feature, X86FeatureId start, unsigned depth)
{
    X86FeatureId parent = x86_word_rows[x86_feature_rows[feature].word].parent;

    g_assert_cmpuint(depth, <, 16);
    if (parent != X86_NO_FEATURE) {
        g_assert_cmpuint(parent, !=, start);
        visit(parent, start, depth + 1);
    }
    for (unsigned i = 0; i < x86_dependency_count; i++) {
        const X86DependencyRow *row = &x86_dependency_rows[i];

        if (row->dependent == feature) {
            g_assert_cmpuint(row->needed, !=, start);
            visit(row->needed, start, depth + 1);
        }
    }
}

static void test_dependencies_have_no_cycle(void)
{
    for (unsigned i = 0; i < x86_dependency_count; i++) {
        const X86DependencyRow *row = &x86_dependency_rows[i];
        uint64_t mask = x86_dependency_mask(row);

        g_assert_cmphex(mask, !=, 0);
        g_assert_cmphex(mask & ~x86_feature_rows[row->dependent].mask, ==, 0);
    }
    for (unsigned i = 0; i < X86_FEATURE_COUNT; i++) {
        visit(i, i, 0);
    }
}

/* B1-B4: the posted names stand for these bits and nothing else. */
static void test_perf_capabilities_bits(void)
{
    static const struct {
        const char *name;
        unsigned bit;
    } rows[] = {{"pebs-trap", 6},      {"pebs-arch-reg", 7}, {"full-width-write", 13},
                {"pebs-baseline", 14}, {"perf-metrics", 15}, {"pebs-timing-info", 17}};
    uint64_t all = 0;

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        const X86FeatureRow *row = &x86_feature_rows[x86_feature_find(rows[i].name)];

        g_assert_cmpuint(row->word, ==, X86_WORD_PERF_CAPABILITIES);
        g_assert_cmphex(row->mask, ==, BIT64(rows[i].bit));
        all |= row->mask;
    }
    g_assert_cmphex(x86_word_named(X86_WORD_PERF_CAPABILITIES), ==, all);
    g_assert_cmphex(X86_PEBS_GROUP_MASK, ==,
                    BIT64(6) | BIT64(7) | X86_PEBS_FMT_MASK | BIT64(14) | BIT64(17));
}

static void test_every_feature_is_a_property(void)
{
    g_autoptr(TypeRegistry) registry = type_registry_new();
    const ObjectType *type;

    target_register_types(registry);
    type = type_registry_find(registry, "host-x86_64-cpu");
    for (unsigned i = 0; i < X86_FEATURE_COUNT; i++) {
        const Property *prop =
            type_find_property(registry, type, x86_feature_rows[i].name);

        g_assert_nonnull(prop);
        g_assert_true(prop->data == &x86_feature_rows[i]);
    }
    for (unsigned i = 0; i < x86_alias_count; i++) {
        const Property *prop = type_find_property(registry, type, x86_alias_rows[i].name);

        g_assert_nonnull(prop);
        g_assert_true(prop->data == &x86_feature_rows[x86_alias_rows[i].feature]);
    }
}

static void test_compat_rows_name_things_that_exist(void)
{
    g_autoptr(TypeRegistry) registry = type_registry_new();
    const MachineVersion *versions;
    unsigned count;

    target_register_types(registry);
    versions = machine_versions(&count);
    for (unsigned i = 0; i < count; i++) {
        for (unsigned k = 0; k < versions[i].row_count; k++) {
            const CompatRow *row = &versions[i].rows[k];
            const ObjectType *type = type_registry_find(registry, row->property.type);

            g_assert_nonnull(row->why);
            if (row->property.is_optional) { /* a device's: test-devices */
                continue;
            }
            g_assert_nonnull(type);
            g_assert_nonnull(type_find_property(registry, type, row->property.property));
        }
    }
    g_assert_cmpuint(versions[0].row_count, ==, 0);
}

/* The project's own before QEMU's, each kind newest first. */
static unsigned version_order(const char *name)
{
    bool is_own = g_str_has_prefix(name, "vpmu");
    g_auto(GStrv) parts = g_strsplit(is_own ? name + 4 : name, ".", 0);

    g_assert_cmpuint(g_strv_length(parts), ==, 2);
    return (is_own ? 1000000u : 0) + (unsigned)atoi(parts[0]) * 1000 +
           (unsigned)atoi(parts[1]);
}

static void test_versions_are_newest_first(void)
{
    unsigned count;
    const MachineVersion *versions = machine_versions(&count);

    g_assert_cmpstr(versions[0].name, ==, "vpmu1.0");
    for (unsigned i = 1; i < count; i++) {
        g_assert_cmpuint(version_order(versions[i].name), <,
                         version_order(versions[i - 1].name));
    }
}

static void test_signature_round_trip(void)
{
    for (unsigned family = 4; family < 40; family++) {
        for (unsigned model = 0; model < (family >= 6 ? 256u : 16u); model++) {
            uint32_t signature = x86_signature_encode(family, model, 3);

            g_assert_cmpuint(x86_signature_family(signature), ==, family);
            g_assert_cmpuint(x86_signature_model(signature), ==, model);
        }
    }
    g_assert_cmphex(x86_signature_encode(6, 0x8f, 8), ==, 0x806f8);
    g_assert_cmphex(x86_signature_encode(7, 0x5b, 3), ==, 0x507b3);
    g_assert_cmphex(x86_signature_encode(25, 0x11, 1), ==, 0xa10f11);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/x86-features/no-two-rows-overlap", test_no_two_rows_overlap);
    g_test_add_func("/x86-features/rows-are-sorted-and-documented",
                    test_rows_are_sorted_and_documented);
    g_test_add_func("/x86-features/names-are-unique", test_names_are_unique);
    g_test_add_func("/x86-features/no-two-words-share-a-place",
                    test_no_two_words_share_a_place);
    g_test_add_func("/x86-features/dependencies-are-named-and-have-no-cycle",
                    test_dependencies_have_no_cycle);
    g_test_add_func("/x86-features/b1-b2-b3-b4-perf-capabilities-bits",
                    test_perf_capabilities_bits);
    g_test_add_func("/x86-features/every-feature-is-a-property",
                    test_every_feature_is_a_property);
    g_test_add_func("/x86-features/compat-rows-name-things-that-exist",
                    test_compat_rows_name_things_that_exist);
    g_test_add_func("/x86-features/versions-are-newest-first",
                    test_versions_are_newest_first);
    g_test_add_func("/x86-features/signature-round-trip", test_signature_round_trip);
    return g_test_run();
}
