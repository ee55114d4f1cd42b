/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Streams of earlier versions still load: tests/migration/streams. */
#include <fcntl.h>
#include <string.h>

#include "hw/machine-state.h"
#include "migration/stream.h"
#include "target/cpu-contract.h"
#include "util/json.h"
#include "util/state-table.h"

static CpuContract *parse_contract(const GByteArray *payload)
{
    g_autoptr(GError) error = NULL;
    g_autojson *json = json_parse((const char *)payload->data, payload->len, &error);
    CpuContract *contract = json ? cpu_contract_parse(json, &error) : NULL;

    g_assert_no_error(error);
    return contract;
}

static void load_section(const GByteArray *payload, const CpuContract *contract)
{
    g_autoptr(GPtrArray) tables = machine_state_tables();
    MachineSection *section = machine_section_decode(payload->data, payload->len, NULL);

    g_assert_nonnull(section);
    for (unsigned i = 0; i < tables->len; i++) {
        StateTable table = *(const StateTable *)g_ptr_array_index(tables, i);
        g_autofree void *object = g_malloc0(table.size);
        g_autoptr(GError) error = NULL;

        if (strcmp(table.name, section->name) == 0) {
            table.post_load = NULL; /* it needs a device that exists */
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
    g_autoptr(Stream) stream = stream_new(fd);
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
    return g_test_run();
}
