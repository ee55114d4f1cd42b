/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/arm-registers.h"

#include "util/bits.h"

#define ID(class, number) (UINT64_C(0x6030000000000000) | (class) << 16 | (number))

static void test_names(void)
{
    static const struct {
        uint64_t id;
        const char *name;
    } cases[] = {
        {0x6030000000100000, "x0"},
        {0x603000000010003c, "x30"},
        {0x6030000000100040, "pc"},
        {0x6040000000100054, "v0"},
        {0x60400000001000d0, "v31"},
        {0x603000000013c080, "SCTLR_EL1"},
        {0x603000000013dce0, "PMCR_EL0"},
        {0x603000000013df45, "PMEVCNTR5_EL0"},
        {0x603000000013df7e, "PMEVTYPER30_EL0"},
        {0x603000000013df7f, "PMCCFILTR_EL0"},
        {0x603000000013c028, "ID_AA64DFR0_EL1"},
        {0x603000000013c026, "S3_0_C0_C4_6"},
        {0x6030000000140000, "firmware-0"},
        {0x6020000000110002, "ccsidr-2"},
        {0x6030000000ff0007, "class-ff-7"},
    };

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autofree char *name = arm_register_name(cases[i].id);

        g_assert_cmpstr(name, ==, cases[i].name);
    }
}

/* Every number there can be has a name, and no two have the same. */
static void test_names_are_unique(void)
{
    static const uint64_t classes[] = {0x10, 0x13};

    for (unsigned c = 0; c < ARRAY_LEN(classes); c++) {
        g_autoptr(GHashTable) seen =
            g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

        for (uint64_t number = 0; number < 0x10000; number++) {
            char *name = arm_register_name(ID(classes[c], number));

            g_assert_cmpstr(name, !=, "");
            g_assert_true(g_hash_table_add(seen, name));
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/arm-registers/names", test_names);
    g_test_add_func("/arm-registers/names-are-unique", test_names_are_unique);
    return g_test_run();
}
