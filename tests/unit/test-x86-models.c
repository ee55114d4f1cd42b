/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of CPU models, walked: what is true of every row.
 */
#include "target/x86-models.h"

#include <string.h>

#include "resolve-case.h"
#include "util/bits.h"

/* Calls @judge for every version: row @number of @versions. */
static void walk(void (*judge)(const X86ModelVersions *versions, unsigned number))
{
    const X86ModelVersions *versions;
    unsigned models = 0;

    for (; (versions = x86_model_versions(models)); models++) {
        for (unsigned i = 0; i < versions->count; i++) {
            g_test_message("%s", versions->rows[i].name);
            judge(versions, i);
        }
    }
    g_assert_cmpuint(models, >, 0);
}

static void judge_name(const X86ModelVersions *versions, unsigned number)
{
    const X86CpuModel *model = &versions->rows[number];
    const char *first = versions->rows[0].name;
    g_autofree char *stem = g_strndup(first, strlen(first) - strlen("-v1"));
    g_autofree char *name = g_strdup_printf("%s-v%u", stem, number + 1);
    g_autofree char *type_name = g_strconcat(name, X86_CPU_TYPE_SUFFIX, NULL);
    g_autofree char *plain = g_strconcat(stem, X86_CPU_TYPE_SUFFIX, NULL);

    g_assert_cmpstr(model->name, ==, name);
    g_assert_cmpstr(model->type_name, ==, type_name);
    if (number == 0) {
        g_assert_cmpstr(model->alias, ==, plain);
    }
    g_assert_cmpint(model->kind, ==, X86_MODEL_NAMED);
}

static void test_a_version_is_numbered_by_its_place(void)
{
    walk(judge_name);
}

static void test_no_two_rows_share_a_name(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    const X86ModelVersions *versions;

    for (unsigned i = 0; (versions = x86_model_versions(i)); i++) {
        for (unsigned k = 0; k < versions->count; k++) {
            const X86CpuModel *model = &versions->rows[k];

            g_assert_true(g_hash_table_add(seen, (char *)model->type_name));
            g_assert_true(!model->alias || g_hash_table_add(seen, (char *)model->alias));
        }
    }
}

static void judge_base(const X86ModelVersions *versions, unsigned number)
{
    const X86CpuModel *model = &versions->rows[number];
    const X86CpuModel *base = model->base;
    unsigned steps = 0;

    if (number) {
        g_assert_true(base >= versions->rows && base < model);
    } else {
        g_assert_false(base >= versions->rows && base < versions->rows + versions->count);
    }
    for (; base; base = base->base) {
        g_assert_cmpuint(++steps, <, 32);
    }
}

static void test_a_version_starts_from_an_earlier_one(void)
{
    walk(judge_base);
}

static void judge_identity(const X86ModelVersions *versions, unsigned number)
{
    static const char *const vendors[] = {"GenuineIntel", "AuthenticAMD", "HygonGenuine",
                                          "CentaurHauls", NULL};
    const X86CpuModel *model = &versions->rows[number];
    const X86Identity *identity = x86_model_identity(model);
    uint32_t signature =
        x86_signature_encode(identity->family, identity->model, identity->stepping);

    g_assert_true(g_strv_contains(vendors, identity->vendor));
    g_assert_cmpuint(identity->family, >=, 4);
    g_assert_cmpuint(x86_signature_family(signature), ==, identity->family);
    g_assert_cmpuint(x86_signature_model(signature), ==, identity->model);
    g_assert_cmpuint(signature & 0xf, ==, identity->stepping);
    g_assert_cmpuint(identity->level, >=, 1);
    g_assert_cmpuint(identity->level, <, 0x100);
    if (identity->xlevel) {
        g_assert_cmphex(identity->xlevel & ~0xffu, ==, 0x80000000);
    }
    g_assert_cmpuint(strlen(x86_model_id(model)), <=, 48);
    g_assert_true(g_str_is_ascii(x86_model_id(model)));
}

static void test_every_identity_can_be_shown(void)
{
    walk(judge_identity);
}

/* What a first version states, and a later one only where it differs. */
static void judge_statement(const X86ModelVersions *versions, unsigned number)
{
    const X86CpuModel *model = &versions->rows[number];
    const X86Identity *own = model->identity, *given;

    if (number == 0) {
        g_assert_nonnull(own);
        g_assert_nonnull(model->model_id);
        return;
    }
    if (own) {
        given = x86_model_identity(model->base);
        g_assert_cmpstr(own->vendor, ==, given->vendor);
        g_assert_cmpuint(own->family, ==, given->family);
        g_assert_cmpuint(own->level, >=, given->level);
        g_assert_cmpuint(own->xlevel, >=, given->xlevel);
        g_assert_cmpuint(own->xlevel2, ==, given->xlevel2);
        g_assert_false(own->model == given->model && own->stepping == given->stepping &&
                       own->level == given->level && own->xlevel == given->xlevel);
    }
    if (model->model_id) {
        g_assert_cmpstr(model->model_id, !=, x86_model_id(model->base));
    }
}

static void test_a_row_states_what_differs(void)
{
    walk(judge_statement);
}

/* Removes, then adds, one by one. */
static void judge_features(const X86ModelVersions *versions, unsigned number)
{
    static const X86CpuModel nothing = {.kind = X86_MODEL_NAMED};
    static const uint16_t none[] = {X86_NO_FEATURE};
    const X86CpuModel *model = &versions->rows[number];
    const uint16_t *removed = model->removed ? model->removed : none;
    const uint16_t *added = model->added ? model->added : none;
    uint64_t words[X86_WORD_COUNT], seen[X86_WORD_COUNT] = {0}, all[X86_WORD_COUNT];

    x86_model_words(model->base ? model->base : &nothing, words);
    for (; *removed != X86_NO_FEATURE; removed++) {
        const X86FeatureRow *row = &x86_feature_rows[*removed];

        g_test_message("without %s", row->name);
        g_assert_true(x86_words_have(words, *removed));
        words[row->word] &= ~row->mask;
        seen[row->word] |= row->mask;
    }
    for (; *added != X86_NO_FEATURE; added++) {
        const X86FeatureRow *row = &x86_feature_rows[*added];

        g_test_message("with %s", row->name);
        g_assert_false(x86_words_have(words, *added));
        g_assert_cmphex(seen[row->word] & row->mask, ==, 0);
        words[row->word] |= row->mask;
    }
    x86_model_words(model, all);
    g_assert_cmpmem(all, sizeof(all), words, sizeof(words));
}

static void test_what_goes_was_there_and_what_comes_was_not(void)
{
    walk(judge_features);
}

static void judge_dependencies(const X86ModelVersions *versions, unsigned number)
{
    static const X86FeatureId switched_on[] = {X86_SVM, X86_VMX};
    uint64_t words[X86_WORD_COUNT];

    x86_model_words(&versions->rows[number], words);
    /* What comes whole with what the user may switch on. */
    for (unsigned i = 0; i < ARRAY_LEN(switched_on); i++) {
        words[x86_feature_rows[switched_on[i]].word] |=
            x86_feature_rows[switched_on[i]].mask;
    }
    for (unsigned i = 0; i < x86_dependency_count; i++) {
        const X86DependencyRow *row = &x86_dependency_rows[i];

        if (words[x86_feature_rows[row->dependent].word] & x86_dependency_mask(row)) {
            g_test_message("%s", x86_feature_rows[row->dependent].name);
            g_assert_true(x86_words_have(words, row->needed));
        }
    }
}

static void test_a_feature_comes_with_what_it_needs(void)
{
    walk(judge_dependencies);
}

static void judge_levels(const X86ModelVersions *versions, unsigned number)
{
    const X86Identity *identity = x86_model_identity(&versions->rows[number]);
    uint64_t words[X86_WORD_COUNT];

    x86_model_words(&versions->rows[number], words);
    for (X86Word i = 0; i < X86_WORD_COUNT; i++) {
        const X86WordRow *row = &x86_word_rows[i];

        if (words[i] && row->leaf >= 0xc0000000) {
            g_test_message("%s", row->name);
            g_assert_cmphex(row->leaf, <=, identity->xlevel2);
        } else if (words[i] && row->leaf >= 0x80000000) {
            g_test_message("%s", row->name);
            g_assert_cmphex(row->leaf, <=, identity->xlevel);
        } else if (words[i] && !row->msr && row->leaf < 0x40000000) {
            g_test_message("%s", row->name);
            g_assert_cmphex(row->leaf, <=, identity->level);
        }
    }
}

static void test_the_leaves_reach_to_every_feature(void)
{
    walk(judge_levels);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/x86-models/a-version-is-numbered-by-its-place",
                    test_a_version_is_numbered_by_its_place);
    g_test_add_func("/x86-models/no-two-rows-share-a-name",
                    test_no_two_rows_share_a_name);
    g_test_add_func("/x86-models/a-version-starts-from-an-earlier-one",
                    test_a_version_starts_from_an_earlier_one);
    g_test_add_func("/x86-models/every-identity-can-be-shown",
                    test_every_identity_can_be_shown);
    g_test_add_func("/x86-models/a-row-states-what-differs",
                    test_a_row_states_what_differs);
    g_test_add_func("/x86-models/what-goes-was-there-and-what-comes-was-not",
                    test_what_goes_was_there_and_what_comes_was_not);
    g_test_add_func("/x86-models/a-feature-comes-with-what-it-needs",
                    test_a_feature_comes_with_what_it_needs);
    g_test_add_func("/x86-models/the-leaves-reach-to-every-feature",
                    test_the_leaves_reach_to_every_feature);
    return g_test_run();
}
