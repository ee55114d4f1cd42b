/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kept arm64 stream, on any machine: its frames, its memory, its contract, the names
 * of its registers.  That it goes on as a guest is shown in the rig.
 */
#include <fcntl.h>
#include <string.h>

#include "migration/handshake.h"
#include "migration/ram.h"
#include "migration/stream.h"
#include "resolve-case.h"
#include "target/arm-registers.h"
#include "target/contract-check.h"
#include "util/bits.h"
#include "util/json.h"
#include "util/state-section.h"
#include "util/state-table.h"

/* Where it was made, and with which command line. */
#define PROFILE "arm-rig-stock-linux61"
#define MACHINE "virt-11.1"
/* The build that made it chose the PMU on this version, as virt-vpmu1.0 does now. */
#define ACCEL "backcompat-pmu=off"

static const GuestRange ram_range = {GIB, 32 * MIB};

static Stream *open_kept(void)
{
    int fd = open(STREAM_DIR "/arm64-1.stream", O_RDONLY | O_CLOEXEC);

    g_assert_cmpint(fd, >=, 0);
    return stream_new(fd, -1);
}

/* Handshake, memory and sections; all of it is whole. */
static GPtrArray *read_kept(Handshake **ret_handshake)
{
    g_autoptr(Stream) stream = open_kept();
    g_autoptr(GByteArray) payload = g_byte_array_new();
    g_autoptr(GError) error = NULL;
    GPtrArray *sections =
        g_ptr_array_new_with_free_func((GDestroyNotify)state_section_free);
    g_autoptr(GuestMemory) memory = guest_memory_new(&ram_range, 1, &error);
    g_autoptr(RamReceiver) ram = ram_receiver_new(memory);
    StreamFrame kind;

    *ret_handshake = handshake_receive(stream, payload, &error);
    g_assert_no_error(error);
    while ((kind = stream_read(stream, payload, "a kept stream", &error)) != STREAM_END) {
        g_assert_no_error(error);
        if (kind == STREAM_RAM) {
            g_assert_true(ram_receiver_load(ram, payload, &error));
        } else if (kind == STREAM_STATE) {
            g_ptr_array_add(sections,
                            state_section_decode(payload->data, payload->len, &error));
        }
        g_assert_no_error(error);
    }
    g_assert_true(ram_receiver_check(ram, &error));
    return sections;
}

static void test_frames_and_memory(void)
{
    g_autoptr(Handshake) handshake = NULL;
    g_autoptr(GPtrArray) sections = read_kept(&handshake);
    static const char *const names[] = {"arm64-vcpu", "arm64-vcpu", "arm64-vm",
                                        "fw_cfg",     "pl011",      "pl031",
                                        "pl061",      "program"};

    g_assert_cmpuint(sections->len, ==, ARRAY_LEN(names));
    for (unsigned i = 0; i < sections->len; i++) {
        const StateSection *section = g_ptr_array_index(sections, i);
        g_autoptr(GArray) rows =
            state_saved_rows(section->bytes->data, section->bytes->len, NULL);

        g_assert_true(g_strv_contains((const char *const[]){names[0], names[1], names[2],
                                                            names[3], names[4], names[5],
                                                            names[6], names[7], NULL},
                                      section->name));
        g_assert_nonnull(rows);
        g_assert_cmpuint(rows->len, >, 0);
    }
}

/* What the guest was promised then is what it would be promised now on the same host. */
static void test_contract(void)
{
    g_autoptr(Handshake) handshake = NULL;
    g_autoptr(GPtrArray) sections = read_kept(&handshake);
    g_autoptr(ResolveCase) now =
        resolve_case_new(resolve_profile(PROFILE), MACHINE, "host", ACCEL);
    g_autoptr(HostProfile) other = resolve_profile("arm-rk3588");
    g_autoptr(Report) report = report_new();
    g_autoptr(Report) refused = report_new();
    g_autoptr(Report) changed = report_new();
    g_autoptr(GError) error = NULL;
    const GuestDescription own = {.machine = MACHINE,
                                  .contract = now->contract,
                                  .cpus = 2,
                                  .ram = &ram_range,
                                  .ranges = 1,
                                  .host = now->host};
    g_autoptr(CpuContract) guest = handshake_judge(handshake, &own, report, &error);

    g_assert_no_error(error);
    g_assert_cmpuint(report_size(report), ==, 0);
    g_assert_true(contract_diff(guest, now->contract, changed, NULL, NULL));
    g_assert_cmpuint(report_size(changed), ==, 0);
    g_assert_cmpstr(guest->arm.pmu_source, ==, "armv8_pmuv3");
    g_assert_false(contract_check_host(guest, other, refused));
    g_assert_cmpstr(report_find(refused, "pmu.source")->code, ==, "source-missing");
    g_assert_cmpstr(report_find(refused, "midr")->code, ==, "midr-differs");
}

static const SavedRow *find_row(const GArray *rows, const char *name)
{
    for (unsigned i = 0; i < rows->len; i++) {
        const SavedRow *row = &g_array_index(rows, SavedRow, i);

        if (strcmp(row->name, name) == 0) {
            return row;
        }
    }
    g_assert_not_reached();
}

/* The 74 registers of a PMU are among them; it was on, and counted. */
static void test_registers_have_names(void)
{
    g_autoptr(Handshake) handshake = NULL;
    g_autoptr(GPtrArray) sections = read_kept(&handshake);
    const StateSection *vcpu = g_ptr_array_index(sections, 0);
    g_autoptr(GArray) rows = state_saved_rows(vcpu->bytes->data, vcpu->bytes->len, NULL);
    const SavedRow *regs = find_row(rows, "regs");
    unsigned at = 0, count = 0, pmu = 0;
    uint64_t pmcr = 0;

    while (at < regs->count) {
        uint64_t id;
        g_autofree char *name = NULL;

        memcpy(&id, regs->data + at, sizeof(id));
        id = GUINT64_FROM_LE(id);
        name = arm_register_name(id);
        g_assert_false(g_str_has_prefix(name, "class-"));
        pmu += g_str_has_prefix(name, "PM");
        if (strcmp(name, "PMCR_EL0") == 0) {
            memcpy(&pmcr, regs->data + at + sizeof(id), sizeof(pmcr));
        }
        at += (unsigned)sizeof(id) + (1u << bits_get(id, 52, 4));
        count++;
    }
    g_assert_cmpuint(count, >, 200);
    g_assert_cmpuint(pmu, ==, 74);
    g_assert_true(GUINT64_FROM_LE(pmcr) & 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kept-arm64/frames-and-memory", test_frames_and_memory);
    g_test_add_func("/kept-arm64/contract", test_contract);
    g_test_add_func("/kept-arm64/registers-have-names", test_registers_have_names);
    return g_test_run();
}
