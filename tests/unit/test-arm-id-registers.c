/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ID registers of an arm64 guest: which they are, as JSON, and what is said where KVM
 * does not give one. */
#include "target/arm-id-registers.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "migration/handshake.h"
#include "migration/header.h"
#include "target/arm-registers.h"
#include "util/bits.h"
#include "util/json.h"

#define PFR0     UINT64_C(0x603000000013c020)
#define DFR0     UINT64_C(0x603000000013c028)
#define CTR      UINT64_C(0x603000000013d801)
#define CCSIDR_2 UINT64_C(0x6020000000110002)
#define WA1      UINT64_C(0x6030000000140001)
#define SCTLR    UINT64_C(0x603000000013c080)

/* All of the sysreg class: the names say which they are. */
static void test_kinds(void)
{
    static const char *const others[] = {"MIDR_EL1", "REVIDR_EL1", "CLIDR_EL1",
                                         "AIDR_EL1", "CTR_EL0",    NULL};
    unsigned count = 0;

    for (uint64_t number = 0; number < 0x10000; number++) {
        uint64_t id = UINT64_C(0x6030000000130000) | number;
        g_autofree char *name = arm_register_name(id);
        bool is_id = g_str_has_prefix(name, "ID_") || g_str_has_prefix(name, "MVFR") ||
                     g_strv_contains(others, name);
        bool is_unnamed = g_str_has_prefix(name, "S3_0_C0_C");

        g_assert_true(is_unnamed || (arm_id_kind(id) == ARM_ID_KEPT) == is_id);
        count += arm_id_kind(id) == ARM_ID_KEPT;
    }
    g_assert_cmpuint(count, ==, 7 * 8 + 5);
    g_assert_cmpint(arm_id_kind(CCSIDR_2), ==, ARM_ID_TAKEN);
    g_assert_cmpint(arm_id_kind(WA1), ==, ARM_ID_TAKEN);
    g_assert_cmpint(arm_id_kind(SCTLR), ==, ARM_ID_NONE);
    g_assert_cmpint(arm_id_kind(0x6040000000100054), ==, ARM_ID_NONE); /* v0 */
    g_assert_cmpint(arm_id_kind(DFR0 | BIT64(60)), ==, ARM_ID_NONE);
}

/* Every field of the registers concerned, by one value that KVM does not keep. */
static void test_what_never_was_may_go(void)
{
    static const struct {
        uint64_t id;
        unsigned field;
        uint64_t guest;
    } gone[] = {
        {PFR0 + 1, 10, 0},
        {DFR0, 2, 15},
    };
    const uint64_t ids[] = {PFR0, PFR0 + 1, DFR0, CTR};

    for (unsigned i = 0; i < ARRAY_LEN(ids); i++) {
        for (unsigned field = 0; field < 16; field++) {
            for (uint64_t guest = 0; guest < 16; guest++) {
                uint64_t asked = bits_set(0x1234567812345678, field * 4, 4, guest);
                uint64_t kept = bits_set(asked, field * 4, 4, guest ^ 8);
                bool is_row =
                    (ids[i] == PFR0 && field == 10) || (ids[i] == PFR0 + 1 && field == 4);

                for (unsigned j = 0; j < ARRAY_LEN(gone); j++) {
                    is_row |= gone[j].id == ids[i] && gone[j].field == field &&
                              gone[j].guest == guest;
                }
                g_assert_true(arm_id_is_kept(ids[i], asked, asked));
                g_assert_true(arm_id_is_kept(ids[i], asked, kept) == is_row);
                /* Another field beside it never may. */
                g_assert_true(field == 0 || !arm_id_is_kept(ids[i], asked, kept ^ 1));
            }
        }
    }
}

static GArray *set_of(uint64_t id, uint64_t value)
{
    GArray *set = g_array_new(FALSE, FALSE, sizeof(ArmIdValue));
    const ArmIdValue rows[] = {{PFR0, 0x11}, {id, value}};

    g_array_append_vals(set, rows, ARRAY_LEN(rows));
    return set;
}

static void check_round_trip(const GPtrArray *sets, unsigned vcpus, unsigned wanted)
{
    g_autojson *json = arm_id_sets_format(sets);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) back = arm_id_sets_parse(json, "x", vcpus, &error);

    g_assert_no_error(error);
    g_assert_cmpuint(back->len, ==, wanted);
    for (unsigned i = 0; i < vcpus; i++) {
        const GArray *a = g_ptr_array_index(sets, i), *b = arm_id_set_of(back, i);

        g_assert_cmpmem(a->data, a->len * sizeof(ArmIdValue), b->data,
                        b->len * sizeof(ArmIdValue));
    }
}

/* vCPUs that are alike are told once, others each. */
static void test_round_trip(void)
{
    g_autoptr(GPtrArray) sets = arm_id_sets_new();

    g_ptr_array_add(sets, set_of(CTR, UINT64_MAX));
    g_ptr_array_add(sets, set_of(CTR, UINT64_MAX));
    check_round_trip(sets, 2, 1);
    g_ptr_array_add(sets, set_of(CCSIDR_2, 5));
    check_round_trip(sets, 3, 3);
}

static void test_nonsense_is_refused(void)
{
    static const struct {
        const char *json, *says;
    } cases[] = {
        {"5", "header.id-registers: the values"},
        {"{}", "header.id-registers: the values"},
        {"[]", "header.id-registers: the values"},
        {"[{},{},{}]", "of one or of all 2 vCPUs"},
        {"[{},7]", "header.id-registers[1]: an object"},
        {"[null]", "header.id-registers[0]: an object"},
        {"[{\"x0\":\"0x1\"}]", "[0]: 'x0' is no register's number"},
        {"[{\"\":\"0x1\"}]", "[0]: '' is no register's number"},
        {"[{\"0x1603000000013c0280\":\"0x1\"}]", "is no register's number"},
        {"[{\"0x603000000013c080\":\"0x1\"}]", "SCTLR_EL1 (0x603000000013c080) is"},
        {"[{\"0x603000000013c028\":1}]", "0x603000000013c028"},
        {"[{\"0x603000000013c028\":\"one\"}]", "0x603000000013c028"},
        {"[{\"0x603000000013c028\":\"0x1ffffffffffffffff\"}]", "0x603000000013c028"},
        {"[{\"0x6020000000110002\":\"0x100000000\"}]",
         "0x100000000 is wider than the register"},
    };

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autojson *json = json_parse(cases[i].json, -1, NULL);
        g_autoptr(GError) error = NULL;

        g_assert_null(arm_id_sets_parse(json, "header.id-registers", 2, &error));
        g_assert_true(g_str_has_prefix(error->message, "header.id-registers"));
        g_assert_nonnull(strstr(error->message, cases[i].says));
    }
}

static void test_fields(void)
{
    static const struct {
        uint64_t id, guest, here;
        const char *text;
    } cases[] = {
        {DFR0, 0x10305408, 0x10305406, "DebugVer 8 (here 6)"},
        {DFR0, 0x10305608, 0x10305406, "DebugVer 8 (here 6), PMUVer 6 (here 4)"},
        {PFR0, 0x1100000000000011, 0x11, "CSV2 1 (here 0), CSV3 1 (here 0)"},
        {PFR0, 0x11, 0x11, NULL},
        {PFR0, UINT64_MAX, 0,
         "EL0 15 (here 0), EL1 15 (here 0), EL2 15 (here 0), EL3 15 (here 0), FP 15 "
         "(here "
         "0), AdvSIMD 15 (here 0) and 10 more"},
        {0x603000000013c030, 0xf, 0, "bits 3:0 15 (here 0)"},
        {CTR, 1, 2, NULL},
        {WA1, 1, 2, NULL},
    };

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autofree char *text = arm_id_fields(cases[i].id, cases[i].guest, cases[i].here);

        g_assert_cmpstr(text, ==, cases[i].text);
    }
}

static const Finding *judge(Report *report, ArmIdTrial trial)
{
    unsigned before = report_size(report);

    arm_id_judge(&trial, 0, report);
    return report_size(report) > before ? report_get(report, before) : NULL;
}

static void test_what_is_given_is_no_finding(void)
{
    g_autoptr(Report) report = report_new();

    g_assert_null(judge(report, (ArmIdTrial){DFR0, 8, 8, 8, true, false, 0}));
    g_assert_null(judge(report, (ArmIdTrial){DFR0, 8, 6, 8, true, true, 0}));
    /* Taken is enough: KVM shows how well the host itself is protected. */
    g_assert_null(judge(report, (ArmIdTrial){WA1, 0, 2, 2, true, true, 0}));
}

static void test_what_is_not_given_is_told(void)
{
    g_autoptr(Report) report = report_new();
    const Finding *refused =
        judge(report, (ArmIdTrial){DFR0, 8, 6, 6, true, true, EINVAL});
    const Finding *ignored = judge(report, (ArmIdTrial){PFR0, 0x11, 1, 1, true, true, 0});
    const Finding *absent = judge(report, (ArmIdTrial){CTR, 1, 0, 0, false, false, 0});
    const Finding *bare = judge(report, (ArmIdTrial){WA1, 2, 1, 1, true, true, EINVAL});

    g_assert_cmpstr(refused->row, ==, "ID_AA64DFR0_EL1");
    g_assert_cmpstr(refused->code, ==, "id-register-differs");
    g_assert_cmpstr(refused->asked, ==, "0x8");
    g_assert_cmpstr(refused->offered, ==, "0x6");
    g_assert_cmpstr(refused->given, ==, "0x6");
    g_assert_cmpstr(refused->cause, ==,
                    "equal: vCPU 0: KVM on the host refuses DebugVer 8 (here 6): Invalid "
                    "argument");
    g_assert_nonnull(strstr(refused->remedy, "guest's kernel"));
    g_assert_cmpstr(ignored->cause, ==,
                    "equal: vCPU 0: KVM on the host does not keep EL1 1 (here 0)");
    g_assert_cmpstr(absent->code, ==, "register-missing");
    g_assert_cmpstr(bare->cause, ==,
                    "equal: vCPU 0: KVM on the host refuses the value: Invalid argument");
    g_assert_cmpint(refused->level, ==, FINDING_ERROR);
    /* Another vCPU with the same register and value says nothing new. */
    g_assert_null(judge(report, (ArmIdTrial){DFR0, 8, 6, 6, true, true, EINVAL}));
    g_assert_nonnull(judge(report, (ArmIdTrial){DFR0, 9, 6, 6, true, true, EINVAL}));
}

/* Header with the member as a destination hears it; NULL with an error. */
static Handshake *hear(const char *member, GError **errp)
{
    g_autoptr(CpuContract) contract = cpu_contract_new(TARGET_ARCH_AARCH64);
    const GuestRange ram = {GIB, 2 * MIB};
    const GuestDescription own = {.machine = "virt-11.1",
                                  .contract = contract,
                                  .cpus = 2,
                                  .ram = &ram,
                                  .ranges = 1};
    g_autoptr(Handshake) said = handshake_new(&own, false);
    g_autoptr(GByteArray) payload = g_byte_array_new();
    g_autoptr(Stream) out = NULL, in = NULL;
    int fds[2];

    g_assert_cmpint(pipe(fds), ==, 0);
    out = stream_new(fds[1], -1);
    in = stream_new(fds[0], -1);
    if (member) {
        json_add(said->header, "id-registers", json_parse(member, -1, NULL));
    }
    g_assert_true(handshake_send(out, said, NULL));
    return handshake_receive(in, payload, errp);
}

static void test_handshake_carries_them(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Handshake) without = hear(NULL, &error);
    g_autoptr(Handshake) with = hear("[{\"0x603000000013c028\":\"0x6\"}]", &error);
    g_autoptr(Handshake) damaged = NULL;

    g_assert_no_error(error);
    g_assert_null(without->id_registers);
    g_assert_cmphex(
        g_array_index(arm_id_set_of(with->id_registers, 1), ArmIdValue, 0).value, ==, 6);
    damaged = hear("[{},{},{}]", &error);
    g_assert_null(damaged);
    g_assert_cmpstr(error->message, ==,
                    "header.id-registers: the values of one or of all 2 vCPUs are "
                    "expected");
}

/* A guest without ID registers, as on x86, has a header without the member. */
static void test_header_is_as_before_without_them(void)
{
    g_autoptr(GPtrArray) sets = arm_id_sets_new();
    g_autojson *header = json_object_new_object();

    migration_header_add_id_registers(header, NULL);
    migration_header_add_id_registers(header, sets);
    g_ptr_array_add(sets, g_array_new(FALSE, FALSE, sizeof(ArmIdValue)));
    migration_header_add_id_registers(header, sets);
    g_assert_cmpint(json_object_object_length(header), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/arm-id-registers/kinds", test_kinds);
    g_test_add_func("/arm-id-registers/what-never-was-may-go",
                    test_what_never_was_may_go);
    g_test_add_func("/arm-id-registers/round-trip", test_round_trip);
    g_test_add_func("/arm-id-registers/nonsense-is-refused", test_nonsense_is_refused);
    g_test_add_func("/arm-id-registers/fields", test_fields);
    g_test_add_func("/arm-id-registers/given-is-no-finding",
                    test_what_is_given_is_no_finding);
    g_test_add_func("/arm-id-registers/not-given-is-told",
                    test_what_is_not_given_is_told);
    g_test_add_func("/arm-id-registers/handshake-carries-them",
                    test_handshake_carries_them);
    g_test_add_func("/arm-id-registers/header-is-as-before-without-them",
                    test_header_is_as_before_without_them);
    return g_test_run();
}
