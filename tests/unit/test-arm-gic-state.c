/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The registers of the GIC: which, in which order, and what of a stream is taken. */
#include "target/arm-gic-state.h"

#include <fcntl.h>
#include <string.h>

#include "migration/stream.h"
#include "util/bits.h"
#include "util/json.h"
#include "util/state-section.h"
#include "util/state-table.h"

#define ENTRY_BYTES 20
#define IRQS        288 /* of the virt board */

static const uint64_t cpus[] = {0, BIT64(32)};

static GArray *list_of(unsigned version)
{
    return arm_gic_list(version, IRQS, "virt-11.1", cpus, ARRAY_LEN(cpus));
}

/* The GIC of the kept arm64 guest: two vCPUs, GICv3, Linux 6.1. */
static GByteArray *kept_gic(void)
{
    int fd = open(STREAM_DIR "/arm64-1.stream", O_RDONLY | O_CLOEXEC);
    g_autoptr(Stream) stream = stream_new(fd, -1);
    g_autoptr(GByteArray) payload = g_byte_array_new();
    GByteArray *gic = g_byte_array_new();
    StreamFrame kind;

    g_assert_cmpint(fd, >=, 0);
    g_assert_true(stream_read_magic(stream, NULL));
    while ((kind = stream_read(stream, payload, "a kept stream", NULL)) != STREAM_END) {
        StateSection *section =
            kind == STREAM_STATE ? state_section_decode(payload->data, payload->len, NULL)
                                 : NULL;
        g_autoptr(GArray) rows =
            section && strcmp(section->name, "arm64-vm") == 0
                ? state_saved_rows(section->bytes->data, section->bytes->len, NULL)
                : NULL;

        g_assert_cmpint(kind, !=, STREAM_NOTHING);
        if (rows) {
            const SavedRow *row = &g_array_index(rows, SavedRow, 0);

            g_byte_array_append(gic, row->data, row->count);
        }
        state_section_free(section);
    }
    g_assert_cmpuint(gic->len, ==, 685 * ENTRY_BYTES);
    return gic;
}

/* What was saved then is what would be saved now, in the same order. */
static void test_kept_state_round_trip(void)
{
    g_autoptr(GByteArray) kept = kept_gic(), again = g_byte_array_new();
    g_autoptr(GArray) list = list_of(3);
    g_autoptr(GError) error = NULL;

    g_assert_true(arm_gic_decode(list, kept->data, kept->len, &error));
    g_assert_no_error(error);
    arm_gic_encode(list, again);
    g_assert_cmpmem(again->data, again->len, kept->data, kept->len);
}

/* Which register an entry is says itself, not its place. */
static void test_order_of_a_stream_is_free(void)
{
    g_autoptr(GByteArray) kept = kept_gic(), reversed = g_byte_array_new(),
                          again = g_byte_array_new();
    g_autoptr(GArray) list = list_of(3);

    for (unsigned at = kept->len; at > 0; at -= ENTRY_BYTES) {
        g_byte_array_append(reversed, kept->data + at - ENTRY_BYTES, ENTRY_BYTES);
    }
    g_assert_true(arm_gic_decode(list, reversed->data, reversed->len, NULL));
    arm_gic_encode(list, again);
    g_assert_cmpmem(again->data, again->len, kept->data, kept->len);
}

/* Every entry left out in turn: it is named, or it was optional. */
static void test_what_is_missing_is_named(void)
{
    g_autoptr(GByteArray) kept = kept_gic();
    unsigned optional = 0;

    for (unsigned at = 0; at < kept->len; at += ENTRY_BYTES) {
        g_autoptr(GByteArray) less = g_byte_array_new();
        g_autoptr(GArray) list = list_of(3);
        g_autoptr(GError) error = NULL;

        g_byte_array_append(less, kept->data, at);
        g_byte_array_append(less, kept->data + at + ENTRY_BYTES,
                            kept->len - at - ENTRY_BYTES);
        if (arm_gic_decode(list, less->data, less->len, &error)) {
            optional++;
        } else {
            g_assert_true(g_str_has_prefix(error->message, "gic: register G") ||
                          g_str_has_prefix(error->message, "gic: register ICC_"));
            g_assert_true(g_str_has_suffix(error->message, " is missing"));
        }
    }
    /* Of each CPU control, waker and levels; the levels of 256 shared interrupts. */
    g_assert_cmpuint(optional, ==, 2 * 3 + 8);
}

static void check_refused(const uint8_t *data, size_t len, unsigned version,
                          const char *message)
{
    g_autoptr(GArray) list = list_of(version);
    g_autoptr(GError) error = NULL;

    g_assert_false(arm_gic_decode(list, data, len, &error));
    g_assert_cmpstr(error->message, ==, message);
}

static void test_what_does_not_belong_is_named(void)
{
    g_autoptr(GByteArray) kept = kept_gic(), twice = kept_gic(), strange = kept_gic();

    check_refused(kept->data, kept->len - 1, 3,
                  "gic: the list of registers ends within one, at byte 13680 of 13699");
    g_byte_array_append(twice, kept->data + ENTRY_BYTES, ENTRY_BYTES);
    check_refused(twice->data, twice->len, 3,
                  "gic: register GICR_CTLR (5:0x0) is there twice");
    strange->data[0] = 9;
    check_refused(strange->data, strange->len, 3,
                  "gic: register group-9-0x0 (9:0x0) is none that the GIC here has");
    check_refused(kept->data, kept->len, 2,
                  "gic: register GICR_CTLR (5:0x0) is none that the GIC here has");
}

static void test_names(void)
{
    static const struct {
        uint32_t group;
        uint64_t attr;
        const char *name;
    } cases[] = {
        {1, 0x0, "GICD_CTLR"},
        {1, 0x84, "GICD_IGROUPR1"},
        {1, 0xc08, "GICD_ICFGR2"},
        {1, 0x420, "GICD_IPRIORITYR8"},
        {1, 0x100000400, "GICD_IPRIORITYR0"},
        {1, 0x6100, "GICD_IROUTER32"},
        {1, 0x6104, "GICD_IROUTER32.high"},
        {1, 0x820, "GICD_ITARGETSR8"},
        {2, 0x200000004, "GICC_PMR"},
        {5, 0x100010100, "GICR_ISENABLER0"},
        {6, 0x10000c665, "ICC_SRE_EL1"},
        {7, 0x100000000, "private-level"},
        {7, 0x40, "shared-level-64"},
        {1, 0x2, "group-1-0x2"},
        {UINT32_MAX, UINT64_MAX, "group-4294967295-0xffffffffffffffff"},
    };

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autofree char *name = arm_gic_register_name(cases[i].group, cases[i].attr);

        g_assert_cmpstr(name, ==, cases[i].name);
    }
}

/* No two registers of a guest are the same one, and a CPU has no two of one name. */
static void test_registers_are_told_apart(gconstpointer data)
{
    g_autoptr(GArray) list = list_of(GPOINTER_TO_UINT(data));
    g_autoptr(GHashTable) seen =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    g_assert_cmpuint(list->len, >, 100);
    for (unsigned i = 0; i < list->len; i++) {
        const ArmGicRegister *reg = &g_array_index(list, ArmGicRegister, i);
        g_autofree char *name = arm_gic_register_name(reg->row->group, reg->attr);

        g_assert_false(g_str_has_prefix(name, "group-"));
        g_assert_true(g_hash_table_add(
            seen, g_strdup_printf("%u %s", (unsigned)(reg->attr >> 32), name)));
    }
}

/* A GICv2 has the first 32 interrupts of each CPU in the distributor. */
static void test_private_interrupts_of_gicv2(void)
{
    g_autoptr(GArray) list = list_of(2);
    unsigned private = 0;

    for (unsigned i = 0; i < list->len; i++) {
        const ArmGicRegister *reg = &g_array_index(list, ArmGicRegister, i);

        private += reg->row->group == ARM_GIC_DIST && reg->attr >> 32 == 1;
    }
    /* Of 32 interrupts: four times a bit, once two, twice eight. */
    g_assert_cmpuint(private, ==, 4 + 2 + 2 * 8);
}

static void test_rows_are_described(void)
{
    g_autojson *rows = arm_gic_saved.describe();
    json_object *run = NULL;

    g_assert_cmpuint(json_object_array_length(rows), ==, arm_gic_row_count);
    for (size_t i = 0; i < json_object_array_length(rows); i++) {
        json_object *row = json_object_array_get_idx(rows, i);
        const char *name = json_object_get_string(json_object_object_get(row, "name"));

        run = strcmp(name, "GICD_IPRIORITYR%u") == 0 ? row : run;
    }
    g_assert_cmpstr(
        json_object_to_json_string_ext(run, JSON_C_TO_STRING_PLAIN), ==,
        "{\"name\":\"GICD_IPRIORITYR%u\",\"group\":1,\"number\":\"0x400\",\"count\":256,"
        "\"when\":\"any GIC, interrupts\",\"needed\":true}");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/arm-gic-state/kept-state-round-trip", test_kept_state_round_trip);
    g_test_add_func("/arm-gic-state/order-of-a-stream-is-free",
                    test_order_of_a_stream_is_free);
    g_test_add_func("/arm-gic-state/what-is-missing-is-named",
                    test_what_is_missing_is_named);
    g_test_add_func("/arm-gic-state/what-does-not-belong-is-named",
                    test_what_does_not_belong_is_named);
    g_test_add_func("/arm-gic-state/names", test_names);
    g_test_add_data_func("/arm-gic-state/registers-of-gicv2-are-told-apart",
                         GUINT_TO_POINTER(2), test_registers_are_told_apart);
    g_test_add_data_func("/arm-gic-state/registers-of-gicv3-are-told-apart",
                         GUINT_TO_POINTER(3), test_registers_are_told_apart);
    g_test_add_func("/arm-gic-state/private-interrupts-of-gicv2",
                    test_private_interrupts_of_gicv2);
    g_test_add_func("/arm-gic-state/rows-are-described", test_rows_are_described);
    return g_test_run();
}
