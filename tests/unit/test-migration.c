/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames, memory and headers of a migration stream, without a guest. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "migration/header.h"
#include "migration/ram.h"
#include "migration/stream.h"
#include "migration/transport.h"
#include "resolve-case.h"
#include "util/bits.h"
#include "util/json.h"

static const GuestRange ranges[] = {
    {0,       3 * MIB          },
    {4 * GIB, 1 * MIB + 4 * KIB},
};

/* A stream over a file in memory, at its beginning. */
static Stream *open_bytes(const void *data, size_t len)
{
    int fd = memfd_create("stream", MFD_CLOEXEC);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(write(fd, data, len), ==, (ssize_t)len);
    g_assert_cmpint(lseek(fd, 0, SEEK_SET), ==, 0);
    return stream_new(fd);
}

static GByteArray *read_back(int fd)
{
    GByteArray *bytes = g_byte_array_new();
    off_t len = lseek(fd, 0, SEEK_END);

    g_byte_array_set_size(bytes, (guint)len);
    g_assert_cmpint(pread(fd, bytes->data, bytes->len, 0), ==, len);
    return bytes;
}

/* Two ranges with a few pages that are not zero, as a stream. */
static GByteArray *memory_stream(GuestMemory *memory)
{
    int fd = memfd_create("stream", MFD_CLOEXEC);
    g_autoptr(Stream) stream = stream_new(dup(fd));
    g_autoptr(RamSender) sender = ram_sender_new(memory);
    GByteArray *bytes;

    g_assert_true(stream_write_magic(stream, NULL));
    while (ram_sender_left(sender)) {
        g_assert_true(ram_sender_send(sender, stream, NULL));
    }
    g_assert_true(stream_write(stream, STREAM_END, NULL, 0, NULL));
    bytes = read_back(fd);
    close(fd);
    return bytes;
}

static GuestMemory *memory_new(bool is_filled)
{
    GuestMemory *memory = guest_memory_new(ranges, ARRAY_LEN(ranges), NULL);

    g_assert_nonnull(memory);
    if (is_filled) {
        memset(guest_memory_at(memory, 8 * KIB, 5), 0x11, 5);
        memset(guest_memory_at(memory, 2 * MIB, 9000), 0x22, 9000);
        memset(guest_memory_at(memory, 4 * GIB + MIB, 4 * KIB), 0x33, 4 * KIB);
    }
    return memory;
}

/* Everything of @bytes into @memory, as the destination does it. */
static bool load(const uint8_t *bytes, size_t len, GuestMemory *memory, GError **errp)
{
    g_autoptr(Stream) stream = open_bytes(bytes, len);
    g_autoptr(RamReceiver) receiver = ram_receiver_new(memory);
    g_autoptr(GByteArray) payload = g_byte_array_new();

    if (!stream_read_magic(stream, errp)) {
        return false;
    }
    while (true) {
        switch (stream_read(stream, payload, "a test", errp)) {
        case STREAM_RAM:
            if (!ram_receiver_load(receiver, payload, errp)) {
                return false;
            }
            break;
        case STREAM_END:
            return ram_receiver_check(receiver, errp);
        case STREAM_NOTHING:
            return false;
        default:
            g_set_error_literal(errp, g_quark_from_static_string("test"), 0, "kind");
            return false;
        }
    }
}

static bool same_memory(const GuestMemory *a, const GuestMemory *b)
{
    for (unsigned i = 0; i < ARRAY_LEN(ranges); i++) {
        if (memcmp(guest_memory_at(a, ranges[i].gpa, ranges[i].bytes),
                   guest_memory_at(b, ranges[i].gpa, ranges[i].bytes),
                   ranges[i].bytes) != 0) {
            return false;
        }
    }
    return true;
}

static void test_memory_round_trip(void)
{
    g_autoptr(GuestMemory) memory = memory_new(true), copy = memory_new(false);
    g_autoptr(GByteArray) bytes = memory_stream(memory);
    g_autoptr(GError) error = NULL;

    /* What was there before does not shine through. */
    memset(guest_memory_at(copy, MIB, 4 * KIB), 0xff, 4 * KIB);
    g_assert_true(load(bytes->data, bytes->len, copy, &error));
    g_assert_no_error(error);
    g_assert_true(same_memory(memory, copy));
    g_assert_cmpuint(bytes->len, <, 64 * KIB);
}

static void test_every_cut_is_refused(void)
{
    g_autoptr(GuestMemory) memory = memory_new(true), copy = memory_new(false);
    g_autoptr(GByteArray) bytes = memory_stream(memory);

    for (unsigned len = 0; len < bytes->len; len += len < 200 ? 1 : 97) {
        g_autoptr(GError) error = NULL;

        g_assert_false(load(bytes->data, len, copy, &error));
        g_assert_nonnull(strstr(error->message, "offset"));
    }
}

/* Every single bit that is wrong is noticed. */
static void test_every_bit_flip_is_refused(void)
{
    g_autoptr(GuestMemory) memory = memory_new(true), copy = memory_new(false);
    g_autoptr(GByteArray) bytes = memory_stream(memory);

    for (unsigned bit = 0; bit < bytes->len * 8; bit += bit < 2000 ? 1 : 991) {
        g_autoptr(GError) error = NULL;

        bytes->data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        g_assert_false(load(bytes->data, bytes->len, copy, &error));
        g_assert_nonnull(error);
        bytes->data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
}

static void check_refused(const void *payload, unsigned len)
{
    g_autoptr(GuestMemory) memory = memory_new(false);
    g_autoptr(RamReceiver) receiver = ram_receiver_new(memory);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autoptr(GError) error = NULL;

    g_byte_array_append(bytes, payload, len);
    g_assert_false(ram_receiver_load(receiver, bytes, &error));
    g_assert_true(g_str_has_prefix(error->message, "RAM: "));
}

static void test_memory_outside_is_refused(void)
{
    const struct __attribute__((packed)) {
        uint64_t gpa;
        uint32_t pages;
        uint8_t bits[32];
    } frames[] = {
        {3 * MIB,           1,          {0}}, /* no RAM there */
        {3 * MIB - 4 * KIB, 2,          {0}}, /* over its end */
        {UINT64_MAX - 4095, 1,          {0}},
        {4 * KIB + 1,       1,          {0}}, /* no page */
        {0,                 0,          {0}},
        {0,                 257,        {0}}, /* more than a frame has */
        {0,                 UINT32_MAX, {0}},
        {0,                 8,          {1}}, /* its page is missing */
    };

    for (unsigned i = 0; i < ARRAY_LEN(frames); i++) {
        check_refused(&frames[i], 12 + MIN((frames[i].pages + 7) / 8, 32u));
    }
    check_refused(&frames[0], 5);
}

static void test_addresses(void)
{
    static const char *const good[] = {"unix:/a",      "tcp:host:1", "tcp:[::1]:2",
                                       "tcp::3",       "fd:4",       "file:/b,offset=4k",
                                       "exec:cat > /c"};
    static const char *const bad[] = {
        "", "unix:", "tcp:host", "tcp:host:", "/path", "http:x", "file:/b,offset=x"};

    for (unsigned i = 0; i < ARRAY_LEN(good); i++) {
        g_autoptr(Transport) transport = transport_parse(good[i], NULL);

        g_assert_nonnull(transport);
    }
    for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(transport_parse(bad[i], &error));
        g_assert_nonnull(error);
    }
}

static void test_header_names_what_differs(void)
{
    g_autoptr(CpuContract) contract = cpu_contract_new(TARGET_ARCH_X86_64);
    g_autoptr(Report) report = report_new(), same = report_new();
    g_autojson *own = migration_header_new("q35", contract, 2, ranges, 2);
    g_autojson *other = migration_header_new("microvm", contract, 3, ranges, 1);
    g_autojson *odd = json_object_new_array();

    migration_header_check(own, own, same);
    g_assert_cmpuint(report_size(same), ==, 0);
    migration_header_check(other, own, report);
    g_assert_nonnull(report_find(report, "machine"));
    g_assert_nonnull(report_find(report, "cpus"));
    g_assert_nonnull(report_find(report, "ram"));
    migration_header_check(odd, own, report);
    g_assert_cmpuint(report_count(report, FINDING_ERROR), ==, 6);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/migration/memory-round-trip", test_memory_round_trip);
    g_test_add_func("/migration/every-cut-is-refused", test_every_cut_is_refused);
    g_test_add_func("/migration/every-bit-flip-is-refused",
                    test_every_bit_flip_is_refused);
    g_test_add_func("/migration/memory-outside-is-refused",
                    test_memory_outside_is_refused);
    g_test_add_func("/migration/addresses", test_addresses);
    g_test_add_func("/migration/header-names-what-differs",
                    test_header_names_what_differs);
    return g_test_run();
}
