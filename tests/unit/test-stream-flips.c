/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Damage: every bit of a stream, flipped once.  The stream is a kept one. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hw/machine-state.h"
#include "migration/stream.h"
#include "target/cpu-contract.h"
#include "util/json.h"
#include "util/state-section.h"
#include "util/state-table.h"

#define MAGIC_BYTES 12 /* with the version */
#define HEAD_BYTES  12 /* of a frame */

static CpuContract *parse_contract(const GByteArray *payload)
{
    g_autoptr(GError) error = NULL;
    g_autojson *json = json_parse((const char *)payload->data, payload->len, &error);
    CpuContract *contract = json ? cpu_contract_parse(json, &error) : NULL;

    g_assert_no_error(error);
    return contract;
}

/* A section into every table of its name; false with an error where one refuses it. */
static bool try_section(const GByteArray *payload, const CpuContract *contract,
                        GError **errp)
{
    g_autoptr(GPtrArray) tables = machine_state_tables();
    StateSection *section = state_section_decode(payload->data, payload->len, errp);
    bool ok = section;

    for (unsigned i = 0; ok && i < tables->len; i++) {
        StateTable table = *(const StateTable *)g_ptr_array_index(tables, i);
        g_autofree void *object = g_malloc0(table.size);

        if (strcmp(table.name, section->name) == 0) {
            table.post_load = NULL; /* it needs a device that exists */
            ok = state_table_load(&table, object, contract, section->bytes->data,
                                  section->bytes->len, errp);
        }
        state_table_clear(&table, object);
    }
    state_section_free(section);
    return ok;
}

typedef struct Damaged {
    int fd; /* a copy of the stream that can be written to */
    uint8_t *bytes;
    gsize len;
} Damaged;

static void damaged_open(Damaged *damaged, const char *path)
{
    g_assert_true(
        g_file_get_contents(path, (char **)&damaged->bytes, &damaged->len, NULL));
    damaged->fd = memfd_create("stream", MFD_CLOEXEC);
    g_assert_cmpint(write(damaged->fd, damaged->bytes, damaged->len), ==,
                    (gssize)damaged->len);
}

static void damaged_close(Damaged *damaged)
{
    close(damaged->fd);
    g_free(damaged->bytes);
}

static void put_byte(const Damaged *damaged, gsize at, uint8_t byte)
{
    g_assert_cmpint(pwrite(damaged->fd, &byte, 1, (off_t)at), ==, 1);
}

static Stream *stream_from(const Damaged *damaged, gsize at)
{
    g_assert_cmpint(lseek(damaged->fd, (off_t)at, SEEK_SET), ==, (off_t)at);
    return stream_new(dup(damaged->fd), -1);
}

/* Reads from the frame at @start on, which the damage is in; those before are whole. */
static void check_flip(const Damaged *damaged, gsize start, gsize bit,
                       GByteArray *payload)
{
    uint8_t byte = damaged->bytes[bit / 8];
    g_autoptr(Stream) stream = stream_from(damaged, start);
    g_autoptr(GError) error = NULL;

    put_byte(damaged, bit / 8, byte ^ (uint8_t)(1u << bit % 8));
    if (start == 0) {
        g_assert_false(stream_read_magic(stream, &error));
    } else {
        g_assert_cmpint(stream_read(stream, payload, "a damaged stream", &error), ==,
                        STREAM_NOTHING);
        g_assert_nonnull(strstr(error->message, "a damaged stream at offset"));
    }
    g_assert_nonnull(error);
    put_byte(damaged, bit / 8, byte);
}

/* Where the frame at @at ends. */
static gsize frame_end(const Damaged *damaged, gsize at)
{
    uint32_t payload;

    memcpy(&payload, damaged->bytes + at + 4, sizeof(payload));
    return at + HEAD_BYTES + GUINT32_FROM_LE(payload);
}

static void test_every_bit_flip_is_an_error(gconstpointer path)
{
    g_autoptr(GByteArray) payload = g_byte_array_new();
    Damaged damaged;

    damaged_open(&damaged, path);
    for (gsize start = 0, end = MAGIC_BYTES; start < damaged.len;
         start = end, end = start < damaged.len ? frame_end(&damaged, start) : end) {
        for (gsize bit = start * 8; bit < end * 8; bit++) {
            check_flip(&damaged, start, bit, payload);
        }
    }
    damaged_close(&damaged);
}

/* What a peer could do that means harm: the bit is wrong and the checksum is right. */
static void load_flipped(StreamFrame kind, const GByteArray *payload,
                         const CpuContract *contract)
{
    if (kind == STREAM_STATE) {
        g_autoptr(GError) error = NULL;

        (void)try_section(payload, contract, &error);
    } else if (kind == STREAM_CONTRACT) {
        g_autojson *json =
            json_parse((const char *)payload->data, (gssize)payload->len, NULL);
        g_autoptr(GError) error = NULL;
        g_autoptr(CpuContract) other = json ? cpu_contract_parse(json, &error) : NULL;

        g_assert_true(!json || other || error);
    }
}

static void test_forged_bits_are_an_error_or_a_state(gconstpointer path)
{
    g_autoptr(Stream) stream = stream_new(open(path, O_RDONLY | O_CLOEXEC), -1);
    g_autoptr(GByteArray) payload = g_byte_array_new();
    g_autoptr(CpuContract) contract = NULL;
    StreamFrame kind;

    g_assert_true(stream_read_magic(stream, NULL));
    do {
        kind = stream_read(stream, payload, "a kept stream", NULL);
        if (kind == STREAM_CONTRACT) {
            contract = parse_contract(payload);
        }
        /* 5: every place in a byte comes up, and every byte. */
        for (gsize bit = 0; bit < payload->len * 8; bit += 5) {
            payload->data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            load_flipped(kind, payload, contract);
            payload->data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    } while (kind != STREAM_END);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/stream-flips/every-bit-flip-is-an-error",
                         STREAM_DIR "/x86-1.stream", test_every_bit_flip_is_an_error);
    g_test_add_data_func("/stream-flips/forged-bits-are-an-error-or-a-state",
                         STREAM_DIR "/x86-1.stream",
                         test_forged_bits_are_an_error_or_a_state);
    return g_test_run();
}
