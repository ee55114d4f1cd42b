/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A migration stream from a peer that means harm.  The first byte says whether the rest
 * is the stream itself, or frames to be given the right checksum: kind, length (2 bytes),
 * payload.
 */
#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hw/machine-state.h"
#include "migration/ram.h"
#include "migration/stream.h"
#include "target/cpu-contract.h"
#include "util/bits.h"
#include "util/state-section.h"
#include "util/state-table.h"

#define RAM_BYTES (2 * MIB)

static int write_stream(const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    if (size && data[0] & 1) {
        g_autoptr(Stream) stream = stream_new(dup(fd), -1);
        size_t at = 1;

        fuzz_promise(stream_write_magic(stream, NULL));
        while (at + 3 <= size) {
            size_t len = MIN((size_t)(data[at + 1] | data[at + 2] << 8), size - at - 3);

            fuzz_promise(
                stream_write(stream, data[at], data + at + 3, (uint32_t)len, NULL));
            at += 3 + len;
        }
    } else if (size) {
        fuzz_promise(write(fd, data + 1, size - 1) == (ssize_t)(size - 1));
    }
    (void)lseek(fd, 0, SEEK_SET);
    return fd;
}

/* What loads, saves as what loads to the same. */
static void load_table(const StateTable *known, const GByteArray *bytes,
                       const CpuContract *contract)
{
    StateTable table = *known;
    g_autofree void *object = g_malloc0(table.size);
    g_autofree void *again = g_malloc0(table.size);
    g_autoptr(GByteArray) saved = g_byte_array_new(), twice = g_byte_array_new();
    g_autoptr(GError) error = NULL;
    bool ok;

    table.post_load = NULL; /* they belong to devices that exist */
    table.pre_save = NULL;
    ok = state_table_load(&table, object, contract, bytes->data, bytes->len, &error);
    fuzz_promise_error(!ok, error);
    if (ok) {
        state_table_save(&table, object, contract, saved);
        fuzz_promise(
            state_table_load(&table, again, contract, saved->data, saved->len, NULL));
        state_table_save(&table, again, contract, twice);
        fuzz_promise(saved->len == twice->len &&
                     memcmp(saved->data, twice->data, saved->len) == 0);
    }
    state_table_clear(&table, object);
    state_table_clear(&table, again);
}

static void load_section(const GByteArray *payload, const CpuContract *contract)
{
    g_autoptr(GPtrArray) tables = machine_state_tables();
    g_autoptr(GError) error = NULL;
    StateSection *section = state_section_decode(payload->data, payload->len, &error);

    fuzz_promise_error(!section, error);
    for (unsigned i = 0; section && i < tables->len; i++) {
        const StateTable *table = g_ptr_array_index(tables, i);

        if (strcmp(table->name, section->name) == 0) {
            load_table(table, section->bytes, contract);
        }
    }
    state_section_free(section);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const GuestRange range = {0, RAM_BYTES};
    g_autoptr(GuestMemory) memory = guest_memory_new(&range, 1, NULL);
    g_autoptr(RamReceiver) receiver = ram_receiver_new(memory);
    g_autoptr(CpuContract) contract = cpu_contract_new(TARGET_ARCH_X86_64);
    g_autoptr(Stream) stream = stream_new(write_stream(data, size), -1);
    g_autoptr(GByteArray) payload = g_byte_array_new();
    const X86FeatureRow *xsave = &x86_feature_rows[X86_XSAVE];
    bool ok = stream_read_magic(stream, NULL);

    contract->x86.words[xsave->word] |= xsave->mask;

    while (ok) {
        g_autoptr(GError) error = NULL;
        StreamFrame kind = stream_read(stream, payload, "fuzzing", &error);

        fuzz_promise_error(kind == STREAM_NOTHING, error);
        if (kind == STREAM_RAM) {
            ok = ram_receiver_load(receiver, payload, &error);
            fuzz_promise_error(!ok, error);
        } else if (kind == STREAM_RAM_PACKED) {
            ok = ram_receiver_load_packed(receiver, payload, &error);
            fuzz_promise_error(!ok, error);
        } else if (kind == STREAM_STATE) {
            load_section(payload, contract);
        }
        ok = ok && kind != STREAM_NOTHING && kind != STREAM_END;
    }
    return 0;
}
