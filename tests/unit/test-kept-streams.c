/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Streams of earlier versions are taken and still load: tests/migration/streams.  The
 * kernel is modelled; tests/functional/test_kept_guest.py lets one go on on a real one.
 * The arm64 stream is test-kept-arm64.c's.
 */
#include <fcntl.h>
#include <string.h>

#include "hw/machine-state.h"
#include "made-kernel.h"
#include "made-machine.h"
#include "migration/handshake.h"
#include "migration/pack.h"
#include "migration/ram.h"
#include "migration/stream.h"
#include "system/plan/plan-guest.h"
#include "system/vm/program-state.h"
#include "target/cpu-contract.h"
#include "target/saved-lists.h"
#include "target/x86-pmu-state.h"
#include "target/x86-state.h"
#include "util/json.h"
#include "util/state-section.h"
#include "util/state-table.h"

#define MSR_WIRE_BYTES 12 /* number, value */

/* Registers that have no row of their own have one in a list: each is named. */
static void check_names(const GByteArray *bytes, const CpuContract *contract)
{
    g_autoptr(GArray) rows = state_saved_rows(bytes->data, bytes->len, NULL);

    for (unsigned i = 0; i < rows->len; i++) {
        const SavedRow *row = &g_array_index(rows, SavedRow, i);
        bool is_pmu = strcmp(row->name, "pmu-msrs") == 0;

        for (unsigned at = 0; (is_pmu || strcmp(row->name, "msrs") == 0) &&
                              at + MSR_WIRE_BYTES <= row->count;
             at += MSR_WIRE_BYTES) {
            uint32_t index;

            memcpy(&index, row->data + at, sizeof(index));
            index = GUINT32_FROM_LE(index);
            g_assert_true(is_pmu ? x86_pmu_msr_row(contract, index) != NULL
                                 : x86_state_row(contract, index) != NULL);
        }
    }
}

/* A kept stream, and the host and options it is for. */
typedef struct Kept {
    const char *name, *path, *host, *cpu, *memory;
    unsigned states; /* sections that were saved */
} Kept;

static const Kept kept_streams[] = {
    {"x86-1", STREAM_DIR "/x86-1.stream", "intel-nested-nopmu-linux618", "host", "128",
     9},
    {"x86-2", STREAM_DIR "/x86-2.stream", "intel-nested-nopmu-linux618", "host", "128",
     9},
    {"x86-guest-amd-1", STREAM_DIR "/x86-guest-amd-1.stream", "amd-zen1-naples",
     "qemu64,pmu=off,pni=off", "4", 9},
};

/* As -incoming has it: a machine of the same command line, and what came. */
typedef struct Arrival {
    MadeMachine *made;
    Stream *stream;
    GByteArray *payload;
    Handshake *handshake;
    GPtrArray *sections; /* of the machine */
    bool has_program;
} Arrival;

static void arrival_free(Arrival *arrival)
{
    made_machine_free(arrival->made);
    stream_free(arrival->stream);
    g_byte_array_unref(arrival->payload);
    handshake_free(arrival->handshake);
    g_ptr_array_unref(arrival->sections);
    g_free(arrival);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Arrival, arrival_free)

static Arrival *arrival_new(const Kept *kept)
{
    const char *const args[] = {
        "-M",          "pc-q35-11.1", "-cpu",           kept->cpu,     "-smp",
        "2",           "-m",          kept->memory,     "-nodefaults", "-serial",
        "chardev:out", "-chardev",    "ringbuf,id=out", NULL};
    Arrival *arrival = g_new0(Arrival, 1);
    int fd = open(kept->path, O_RDONLY | O_CLOEXEC);
    g_autoptr(GByteArray) kernel = made_kernel_pvh();
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(fd, >=, 0);
    arrival->stream = stream_new(fd, -1);
    arrival->payload = g_byte_array_new();
    arrival->sections =
        g_ptr_array_new_with_free_func((GDestroyNotify)state_section_free);
    arrival->made = made_machine_plan(kept->host, kernel, args, &error);
    g_assert_no_error(error);
    arrival->handshake = handshake_receive(arrival->stream, arrival->payload, &error);
    g_assert_no_error(error);
    return arrival;
}

static CpuContract *judge(const Arrival *arrival)
{
    const GuestDescription own =
        vm_plan_describe(arrival->made->plan, arrival->made->host);
    g_autoptr(Report) report = report_new();
    g_autoptr(GError) error = NULL;
    CpuContract *guest = handshake_judge(arrival->handshake, &own, report, &error);

    g_assert_no_error(error);
    for (unsigned i = 0; i < report_size(report); i++) {
        const Finding *finding = report_get(report, i);

        g_error("%s: asked %s, offered %s: %s", finding->row, finding->asked,
                finding->offered, finding->cause);
    }
    return guest;
}

/*
 * The command line of then takes the guest without a finding on the host of then; what
 * this build writes of its contract is read as the same.  The seal of then was checked as
 * it was read: it may have been about what the digest of today leaves out.
 */
static void test_is_accepted(gconstpointer data)
{
    g_autoptr(Arrival) arrival = arrival_new(data);
    g_autoptr(CpuContract) guest = judge(arrival);
    g_autofree char *digest = cpu_contract_digest(guest);
    g_autojson *json = cpu_contract_format(guest);
    g_autoptr(GError) error = NULL;
    g_autoptr(CpuContract) again = cpu_contract_parse(json, &error);
    g_autofree char *same = again ? cpu_contract_digest(again) : NULL;

    g_assert_no_error(error);
    g_assert_cmpstr(same, ==, digest);
}

static void take_program(Arrival *arrival, StateSection *section)
{
    ProgramState state = {0};
    g_autoptr(GError) error = NULL;

    state_table_load(program_state_table(), &state, NULL, section->bytes->data,
                     section->bytes->len, &error);
    g_assert_no_error(error);
    g_assert_false(arrival->has_program);
    arrival->has_program = true;
    state_section_free(section);
}

static void take_section(Arrival *arrival, const CpuContract *contract)
{
    g_autoptr(GError) error = NULL;
    StateSection *section =
        state_section_decode(arrival->payload->data, arrival->payload->len, &error);

    g_assert_no_error(error);
    check_names(section->bytes, contract);
    if (strcmp(section->name, program_state_table()->name) == 0) {
        take_program(arrival, section);
    } else {
        g_ptr_array_add(arrival->sections, section);
    }
}

/* The rest of the stream; its memory is whole, where it came with it. */
static void read_rest(Arrival *arrival, const CpuContract *contract)
{
    g_autoptr(RamReceiver) ram = ram_receiver_new(arrival->made->memory);
    g_autoptr(GError) error = NULL;
    StreamFrame kind;
    unsigned frames = 0;

    while ((kind = stream_read(arrival->stream, arrival->payload, "a kept stream",
                               &error)) != STREAM_END) {
        g_assert_no_error(error);
        if (kind == STREAM_STATE) {
            take_section(arrival, contract);
        } else if (kind == STREAM_RAM) {
            g_assert_true(ram_receiver_load(ram, arrival->payload, &error));
            frames++;
        } else if (kind == STREAM_RAM_PACKED && pack_is_available()) {
            g_assert_true(ram_receiver_load_packed(ram, arrival->payload, &error));
            frames++;
        }
        g_assert_no_error(error);
    }
    g_assert_true(!frames || ram_receiver_check(ram, &error));
}

/* Into a machine with the guest's own contract, on a modelled kernel: every register of
 * every vCPU and device, and what is derived from them after loading. */
static void test_loads(gconstpointer data)
{
    const Kept *kept = data;
    g_autoptr(Arrival) arrival = arrival_new(kept);
    MachinePlan *plan = arrival->made->plan->machine;
    CpuContract *guest = judge(arrival);
    g_autoptr(GError) error = NULL;

    cpu_contract_free(plan->contract);
    plan->contract = guest;
    made_machine_realize(arrival->made, &error);
    g_assert_no_error(error);
    read_rest(arrival, guest);
    g_assert_true(arrival->has_program);
    g_assert_cmpuint(arrival->sections->len + 1, ==, kept->states);
    machine_load_state(arrival->made->machine, arrival->sections, &error);
    g_assert_no_error(error);
}

/* Who reads a stream without the tables finds each list of registers by its name. */
static void test_lists_are_found_by_name(void)
{
    g_autoptr(GPtrArray) tables = machine_state_tables();
    unsigned lists = 0;

    for (unsigned i = 0; i < tables->len; i++) {
        const StateTable *table = g_ptr_array_index(tables, i);

        for (unsigned k = 0; k < table->row_count; k++) {
            const StateRow *row = &table->rows[k];

            g_assert_true(saved_list_find(table->name, row->name) == row->list);
            lists += row->list != NULL;
        }
    }
    g_assert_cmpuint(lists, ==, 2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(kept_streams); i++) {
        g_autofree char *accepted =
            g_strdup_printf("/kept-streams/%s/is-accepted", kept_streams[i].name);
        g_autofree char *loads =
            g_strdup_printf("/kept-streams/%s/loads", kept_streams[i].name);

        g_test_add_data_func(accepted, &kept_streams[i], test_is_accepted);
        g_test_add_data_func(loads, &kept_streams[i], test_loads);
    }
    g_test_add_func("/kept/lists-are-found-by-name", test_lists_are_found_by_name);
    return g_test_run();
}
