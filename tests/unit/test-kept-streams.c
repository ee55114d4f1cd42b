/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Streams of earlier versions still load: tests/migration/streams. */
#include <fcntl.h>
#include <string.h>

#include "hw/machine-state.h"
#include "migration/stream.h"
#include "system/program-state.h"
#include "target/cpu-contract.h"
#include "target/x86-pmu-state.h"
#include "target/x86-state.h"
#include "util/json.h"
#include "util/state-table.h"

#define MSR_WIRE_BYTES 12 /* number, value */

static CpuContract *parse_contract(const GByteArray *payload)
{
    g_autoptr(GError) error = NULL;
    g_autojson *json = json_parse((const char *)payload->data, payload->len, &error);
    CpuContract *contract = json ? cpu_contract_parse(json, &error) : NULL;

    g_assert_no_error(error);
    return contract;
}

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

static void load_section(const GByteArray *payload, const CpuContract *contract)
{
    g_autoptr(GPtrArray) tables = machine_state_tables();
    MachineSection *section = machine_section_decode(payload->data, payload->len, NULL);

    g_assert_nonnull(section);
    g_ptr_array_add(tables, (gpointer)program_state_table());
    check_names(section->bytes, contract);
    for (unsigned i = 0; i < tables->len; i++) {
        StateTable table = *(const StateTable *)g_ptr_array_index(tables, i);
        g_autofree void *object = g_malloc0(table.size);
        g_autoptr(GError) error = NULL;

        if (strcmp(table.name, section->name) == 0) {
            if (strcmp(table.name, "program") != 0) {
                table.post_load = NULL; /* it needs a device that exists */
            }
            state_table_load(&table, object, contract, section->bytes->data,
                             section->bytes->len, &error);
            g_assert_no_error(error);
        }
        state_table_clear(&table, object);
    }
    machine_section_free(section);
}

static void test_kept_stream(gconstpointer path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    g_autoptr(Stream) stream = stream_new(fd, -1);
    g_autoptr(GByteArray) payload = g_byte_array_new();
    g_autoptr(CpuContract) contract = NULL;
    g_autoptr(GError) error = NULL;
    unsigned states = 0;
    StreamFrame kind;

    g_assert_cmpint(fd, >=, 0);
    g_assert_true(stream_read_magic(stream, NULL));
    do {
        kind = stream_read(stream, payload, "a kept stream", &error);
        g_assert_no_error(error);
        if (kind == STREAM_CONTRACT) {
            contract = parse_contract(payload);
        } else if (kind == STREAM_STATE) {
            load_section(payload, contract);
            states++;
        }
    } while (kind != STREAM_END);
    g_assert_cmpuint(states, >=, 5);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/kept-streams/x86-1", STREAM_DIR "/x86-1.stream",
                         test_kept_stream);
    g_test_add_data_func("/kept-streams/x86-2", STREAM_DIR "/x86-2.stream",
                         test_kept_stream);
    g_test_add_data_func("/kept-streams/arm64-1", STREAM_DIR "/arm64-1.stream",
                         test_kept_stream);
    return g_test_run();
}
