/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames, memory and headers of a migration stream, without a guest. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "migration/handshake.h"
#include "migration/header.h"
#include "migration/pack.h"
#include "migration/ram.h"
#include "migration/stream.h"
#include "migration/transport.h"
#include "qom/object.h"
#include "resolve-case.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"

static const GuestRange ranges[] = {
    {0, 3 * MIB},
    {4 * GIB, 1 * MIB + 4 * KIB},
};

/* A stream over a file in memory, at its beginning. */
static Stream *open_bytes(const void *data, size_t len)
{
    int fd = memfd_create("stream", MFD_CLOEXEC);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(write(fd, data, len), ==, (ssize_t)len);
    g_assert_cmpint(lseek(fd, 0, SEEK_SET), ==, 0);
    return stream_new(fd, -1);
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
static GByteArray *memory_stream_level(GuestMemory *memory, int level)
{
    int fd = memfd_create("stream", MFD_CLOEXEC);
    g_autoptr(Stream) stream = stream_new(dup(fd), -1);
    g_autoptr(RamSender) sender = ram_sender_new(memory);
    g_autoptr(RamWriter) writer = ram_writer_new(memory, level);
    RamCount count = {0};
    GByteArray *bytes;
    RamRun run;

    g_assert_true(stream_write_magic(stream, NULL));
    while (ram_sender_next(sender, &run)) {
        g_assert_true(ram_writer_send(writer, &run, stream, &count, NULL));
    }
    g_assert_true(stream_write(stream, STREAM_END, NULL, 0, NULL));
    bytes = read_back(fd);
    close(fd);
    return bytes;
}

static GByteArray *memory_stream(GuestMemory *memory)
{
    return memory_stream_level(memory, 0);
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
        case STREAM_RAM_PACKED:
            if (!ram_receiver_load_packed(receiver, payload, errp)) {
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

/* ---- packed pages ---- */

static bool can_pack(void)
{
    if (!pack_is_available()) {
        g_test_skip("this build is without libzstd");
    }
    return pack_is_available();
}

static void test_packed_memory_round_trip(void)
{
    g_autoptr(GuestMemory) memory = memory_new(true), copy = memory_new(false);
    g_autoptr(GByteArray) plain = memory_stream(memory);

    for (int level = PACK_LEVEL_LEAST; can_pack() && level <= PACK_LEVEL_MOST;
         level += 9) {
        g_autoptr(GByteArray) bytes = memory_stream_level(memory, level);
        g_autoptr(GError) error = NULL;

        memset(guest_memory_at(copy, 0, 3 * MIB), 0xff, 3 * MIB);
        g_assert_true(load(bytes->data, bytes->len, copy, &error));
        g_assert_no_error(error);
        g_assert_true(same_memory(memory, copy));
        g_assert_cmpuint(bytes->len * 10, <, plain->len);
    }
}

/* Pages nothing can be won from travel as they are. */
static void test_noise_is_not_packed(void)
{
    g_autoptr(GuestMemory) memory = memory_new(false), copy = memory_new(false);
    uint32_t *words = guest_memory_at(memory, 0, MIB);
    g_autoptr(GRand) noise = g_rand_new_with_seed(1);
    g_autoptr(GByteArray) plain = NULL, packed = NULL;

    for (unsigned i = 0; i < MIB / sizeof(*words); i++) {
        words[i] = g_rand_int(noise);
    }
    plain = memory_stream(memory);
    packed = memory_stream_level(memory, 1);
    g_assert_cmpuint(packed->len, <=, plain->len);
    g_assert_true(load(packed->data, packed->len, copy, NULL));
    g_assert_true(same_memory(memory, copy));
}

static void check_unpack_refused(const GByteArray *packed)
{
    g_autoptr(GuestMemory) memory = memory_new(false);
    g_autoptr(RamReceiver) receiver = ram_receiver_new(memory);
    g_autoptr(GError) error = NULL;

    g_assert_false(ram_receiver_load_packed(receiver, packed, &error));
    g_assert_true(g_str_has_prefix(error->message, "packed: ") ||
                  g_str_has_prefix(error->message, "RAM: "));
}

/* Wrong lengths, cuts, content that is no frame, and each bit: hostile, checksum right.
 */
static void test_packed_nonsense_is_refused(void)
{
    g_autoptr(GByteArray) in = g_byte_array_new(), packed = g_byte_array_new();
    static const uint32_t lengths[] = {0,         1, 4999, 5001, STREAM_PAYLOAD_MAX + 1,
                                       UINT32_MAX};
    unsigned whole;

    if (!can_pack()) {
        return;
    }
    g_byte_array_set_size(in, 5000); /* no frame of pages, even when unpacked */
    memset(in->data, 0x5a, in->len);
    g_assert_true(pack(in, packed, 1));
    check_unpack_refused(packed);
    for (unsigned i = 0; i < ARRAY_LEN(lengths); i++) {
        g_autoptr(GByteArray) other = g_byte_array_new();

        g_byte_array_append(other, packed->data, packed->len);
        memcpy(other->data, &lengths[i], sizeof(lengths[i]));
        check_unpack_refused(other);
    }
    for (unsigned bit = 0; bit < packed->len * 8; bit++) {
        packed->data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        check_unpack_refused(packed);
        packed->data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    whole = packed->len;
    for (unsigned len = 0; len < whole; len++) {
        g_byte_array_set_size(packed, whole - 1 - len);
        check_unpack_refused(packed);
    }
}

/* A stream that was kept: it must load for ever. */
static void test_kept_packed_stream_loads(void)
{
    g_autoptr(GuestMemory) memory = memory_new(true), copy = memory_new(false);
    g_autofree char *bytes = NULL;
    g_autoptr(GError) error = NULL;
    gsize len;

    if (!can_pack()) {
        return;
    }
    g_assert_true(
        g_file_get_contents(STREAM_DIR "/ram-packed-1.stream", &bytes, &len, &error));
    g_assert_true(load((const uint8_t *)bytes, len, copy, &error));
    g_assert_no_error(error);
    g_assert_true(same_memory(memory, copy));
}

static void test_unknown_packing_is_refused_by_name(void)
{
    g_autoptr(CpuContract) contract = cpu_contract_new(TARGET_ARCH_X86_64);
    g_autoptr(Report) report = report_new(), known = report_new();
    g_autojson *own = migration_header_new("q35", contract, 2, ranges, 2);
    g_autojson *other = migration_header_new("q35", contract, 2, ranges, 2);

    json_add_string(other, "packed", "brotli");
    migration_header_check(other, own, report);
    g_assert_nonnull(report_find(report, "packed"));
    json_add_string(other, "packed", PACK_METHOD);
    migration_header_check(other, own, known);
    g_assert_cmpuint(report_count(known, FINDING_ERROR), ==, pack_is_available() ? 0 : 1);
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

static void check_flip(const GByteArray *bytes, unsigned bit, GuestMemory *copy)
{
    g_autoptr(GError) error = NULL;

    bytes->data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    g_assert_false(load(bytes->data, bytes->len, copy, &error));
    g_assert_nonnull(error);
    bytes->data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
}

/* Every single bit that is wrong is noticed: all that are not the content of a page, and
 * of the pages some. */
static void test_every_bit_flip_is_refused(void)
{
    g_autoptr(GuestMemory) memory = memory_new(true), copy = memory_new(false);
    g_autoptr(GByteArray) bytes = memory_stream(memory);
    unsigned start = 12, size; /* behind magic number and version */

    for (unsigned bit = 0; bit < 12 * 8; bit++) {
        check_flip(bytes, bit, copy);
    }
    for (; start < bytes->len; start += 12 + size) {
        unsigned plain;

        memcpy(&size, bytes->data + start + 4, sizeof(size));
        plain = MIN(12 + size, 12u + 12u + 32u) * 8; /* heads, and a bit per page */
        for (unsigned bit = 0; bit < (12 + size) * 8; bit += bit < plain ? 1 : 991) {
            check_flip(bytes, start * 8 + bit, copy);
        }
    }
    g_assert_cmpuint(start, ==, bytes->len);
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
        {3 * MIB, 1, {0}},           /* no RAM there */
        {3 * MIB - 4 * KIB, 2, {0}}, /* over its end */
        {UINT64_MAX - 4095, 1, {0}},
        {4 * KIB + 1, 1, {0}}, /* no page */
        {0, 0, {0}},
        {0, 257, {0}}, /* more than a frame has */
        {0, UINT32_MAX, {0}},
        {0, 8, {1}}, /* its page is missing */
    };

    for (unsigned i = 0; i < ARRAY_LEN(frames); i++) {
        check_refused(&frames[i], 12 + MIN((frames[i].pages + 7) / 8, 32u));
    }
    check_refused(&frames[0], 5);
}

/* The polynomial of Ethernet, a bit at a time. */
static uint32_t slow_crc32(const uint8_t *data, size_t len)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < len * 8; i++) {
        uint32_t bit = (crc ^ data[i / 8] >> i % 8) & 1;

        crc = crc >> 1 ^ (bit ? 0xedb88320 : 0);
    }
    return ~crc;
}

/* Every length around the sizes that are treated apart, at every alignment,
 * in one piece and in two. */
static void test_checksum_is_that_of_ethernet(void)
{
    g_autoptr(GRand) noise = g_rand_new_with_seed(2);
    g_autofree uint8_t *data = g_malloc(70000);

    for (unsigned i = 0; i < 70000; i++) {
        data[i] = (uint8_t)g_rand_int(noise);
    }
    g_assert_cmphex(stream_crc32(0, "123456789", 9), ==, 0xcbf43926);
    g_assert_cmphex(stream_crc32(0, NULL, 0), ==, 0);
    for (unsigned len = 0; len < 70000; len += len < 600 ? 1 : 7777) {
        for (unsigned start = 0; start < 17 && start + len < 70000; start++) {
            uint32_t wanted = slow_crc32(data + start, len);
            unsigned half = len * 3 / 7;

            g_assert_cmphex(stream_crc32(0, data + start, len), ==, wanted);
            g_assert_cmphex(stream_crc32(stream_crc32(0, data + start, half),
                                         data + start + half, len - half),
                            ==, wanted);
        }
    }
}

static void test_addresses(void)
{
    static const char *const good[] = {"unix:/a",      "tcp:host:1", "tcp:[::1]:2",
                                       "tcp::3",       "fd:4",       "file:/b,offset=4k",
                                       "exec:cat > /c"};
    static const char *const bad[] = {"",          "unix:",           "tcp:host",
                                      "tcp:host:", "tcp:host:65536",  "/path",
                                      "http:x",    "file:/b,offset=x"};

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

/* A call that would go on for ever ends; the last word gets out all the same. */
static void test_waits_end(void)
{
    g_autoptr(GByteArray) payload = g_byte_array_new();
    int cancel_fd = eventfd(0, EFD_CLOEXEC), fds[2];
    g_autoptr(Stream) here = NULL, there = NULL;
    g_autoptr(GError) late = NULL, cancelled = NULL, refused = NULL;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    here = stream_new(fds[0], cancel_fd);
    there = stream_new(fds[1], -1);
    stream_set_deadline(here, g_get_monotonic_time() + 10000);
    g_assert_false(stream_wait_begin(here));
    g_assert_cmpint(stream_read(here, payload, "a test", &late), ==, STREAM_NOTHING);
    g_assert_error(late, VPMU_ERROR, VPMU_ERROR_TIMEOUT);
    stream_set_deadline(here, 0);
    g_assert_cmpint(eventfd_write(cancel_fd, 1), ==, 0);
    g_assert_false(stream_wait_begin(here));
    g_assert_cmpint(stream_read(here, payload, "a test", &cancelled), ==, STREAM_NOTHING);
    g_assert_false(stream_write(here, STREAM_LOADED, NULL, 0, &refused));
    g_assert_cmpstr(cancelled->message, ==, refused->message);
    stream_write_last(here, STREAM_FAILED, "why");
    g_assert_cmpint(stream_read(there, payload, "a test", NULL), ==, STREAM_FAILED);
    g_assert_cmpmem(payload->data, payload->len, "why", 3);
    close(cancel_fd);
}

static int socket_option(int fd, int level, int name)
{
    int value = -1;
    socklen_t len = sizeof(value);

    g_assert_cmpint(getsockopt(fd, level, name, &value, &len), ==, 0);
    return value;
}

static Transport *transport_to(int listen_fd)
{
    struct sockaddr_in own;
    socklen_t len = sizeof(own);
    g_autofree char *uri = NULL;

    g_assert_cmpint(getsockname(listen_fd, (struct sockaddr *)&own, &len), ==, 0);
    uri = g_strdup_printf("tcp:127.0.0.1:%u", ntohs(own.sin_port));
    return transport_parse(uri, NULL);
}

/* Answers do not wait to be packed together, and a host that is gone is noticed, on both
 * sides. */
static void test_tcp_is_tuned(void)
{
    g_autoptr(Transport) any = transport_parse("tcp:127.0.0.1:0", NULL);
    int listen_fd = transport_listen(any, NULL);
    g_autoptr(Transport) there = transport_to(listen_fd);
    TransportEnd end;
    int fds[2];

    g_assert_true(transport_open_out(there, -1, &end, NULL));
    fds[0] = end.fd;
    fds[1] = transport_accept(listen_fd, -1, 0, NULL);
    for (unsigned i = 0; i < ARRAY_LEN(fds); i++) {
        g_assert_cmpint(socket_option(fds[i], IPPROTO_TCP, TCP_NODELAY), ==, 1);
        g_assert_cmpint(socket_option(fds[i], SOL_SOCKET, SO_KEEPALIVE), ==, 1);
        g_assert_cmpint(socket_option(fds[i], IPPROTO_TCP, TCP_USER_TIMEOUT), ==, 60000);
        g_assert_cmpint(socket_option(fds[i], IPPROTO_TCP, TCP_KEEPIDLE) +
                            socket_option(fds[i], IPPROTO_TCP, TCP_KEEPINTVL) *
                                socket_option(fds[i], IPPROTO_TCP, TCP_KEEPCNT),
                        ==, 60);
        close(fds[i]);
    }
    transport_unlisten(any, listen_fd);
}

/* What the peer says is told from what goes wrong here by a code, not by its words. */
static void test_words_of_a_peer_have_a_code(void)
{
    static const struct {
        StreamFrame kind;
        const char *payload, *message;
    } cases[] = {
        {STREAM_FAILED, "no room", "the destination failed: no room"},
        {STREAM_LOADED, "", "the destination answers 'loaded', expected is 'accept'"},
        {STREAM_NOTHING, NULL, NULL}, /* it ends */
    };

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autoptr(GError) error = NULL;
        json_object *findings = NULL;
        int fd = memfd_create("answer", MFD_CLOEXEC);
        g_autoptr(Stream) out = stream_new(dup(fd), -1), in = NULL;
        bool ok;

        g_assert_true(!cases[i].payload ||
                      stream_write(out, cases[i].kind, cases[i].payload,
                                   (uint32_t)strlen(cases[i].payload), NULL));
        g_assert_cmpint(lseek(fd, 0, SEEK_SET), ==, 0);
        in = stream_new(fd, -1);
        g_assert_false(handshake_read_answer(in, &findings, &ok, &error));
        g_assert_true(error->domain == VPMU_ERROR);
        g_assert_cmpint(error->code, ==,
                        cases[i].payload ? VPMU_ERROR_PEER : VPMU_ERROR_FAILED);
        g_assert_true(!cases[i].message || g_str_equal(error->message, cases[i].message));
    }
}

/* A peer may send any JSON where findings belong. */
static void test_odd_findings_are_told(void)
{
    static const struct {
        const char *json, *text;
    } cases[] = {
        {"[]", ""},
        {"{}", ""},
        {"[null, 5, [], {\"level\": 5}]", ""},
        {"[{\"level\": null}]", ""},
        {"[{\"level\": \"error\", \"row\": null, \"asked\": 1}]",
         "-: the guest has 1, offered is - (-)"},
    };

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autojson *findings = json_parse(cases[i].json, strlen(cases[i].json), NULL);
        g_autofree char *text = migration_refusal_text(findings);

        g_assert_cmpstr(text, ==, cases[i].text);
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

static void check_header(json_object *own, const char *devices, const char *asked,
                         const char *offered)
{
    g_autofree char *text = json_format(own);
    g_autojson *theirs = json_parse(text, -1, NULL);
    g_autoptr(Report) report = report_new();
    const Finding *finding;

    if (devices) {
        json_add(theirs, "devices", json_parse(devices, -1, NULL));
    } else {
        json_object_object_del(theirs, "devices");
    }
    migration_header_check(theirs, own, report);
    finding = report_find(report, "devices");
    g_assert_cmpuint(report_size(report), ==, asked ? 1 : 0);
    if (asked) {
        g_assert_cmpstr(finding->code, ==, "devices-differ");
        g_assert_cmpstr(finding->asked, ==, asked);
        g_assert_cmpstr(finding->offered, ==, offered);
    }
}

/* By type and number, in any order; a stream that does not tell them is taken. */
static void test_header_compares_devices(void)
{
    g_autoptr(CpuContract) contract = cpu_contract_new(TARGET_ARCH_X86_64);
    g_autojson *own = migration_header_new("q35", contract, 2, ranges, 2);
    const ObjectType uart = {.name = "uart"}, clock = {.name = "clock"};
    Object devices[] = {{.type = &uart}, {.type = &clock}, {.type = &uart}};
    g_autoptr(GPtrArray) list = g_ptr_array_new();

    for (unsigned i = 0; i < ARRAY_LEN(devices); i++) {
        g_ptr_array_add(list, &devices[i]);
    }
    migration_header_add_devices(own, list);
    check_header(own, NULL, NULL, NULL);
    check_header(own, "[\"clock\",\"uart\",\"uart\"]", NULL, NULL);
    check_header(own, "[\"uart\",\"clock\"]", "1 uart", "2 uart");
    check_header(own, "[\"uart\",\"uart\",\"pvpanic\"]", "0 clock, 1 pvpanic",
                 "1 clock, 0 pvpanic");
    check_header(own, "[]", "0 clock, 0 uart", "1 clock, 2 uart");
    check_header(own, "[\"clock\",\"uart\",\"uart\",{\"a\":[1]},null,7]",
                 "1 7, 1 null, 1 { \"a\": [ 1 ] }", "0 7, 0 null, 0 { \"a\": [ 1 ] }");
    check_header(own, "5", "1 5, 0 clock, 0 uart", "0 5, 1 clock, 2 uart");
}

typedef struct Uart {
    Object object;
    uint32_t port, irq;
    char *chardev;
    bool is_fast;
} Uart;

static const Property uart_props[] = {
    {.name = "chardev", .kind = PROP_STRING, .offset = offsetof(Uart, chardev)},
    {.name = "port",
     .kind = PROP_UINT32,
     .offset = offsetof(Uart, port),
     .seen_by = UINT_MAX},
    {.name = "irq",
     .kind = PROP_UINT32,
     .offset = offsetof(Uart, irq),
     .seen_by = TARGET_ARCH_BIT(TARGET_ARCH_AARCH64)},
    {.name = "fast",
     .kind = PROP_BOOL,
     .offset = offsetof(Uart, is_fast),
     .seen_by = TARGET_ARCH_BIT(TARGET_ARCH_X86_64)},
};

static const ObjectType uart_type = {
    .name = "uart", .props = uart_props, .prop_count = G_N_ELEMENTS(uart_props)};

/* @header with @member instead of its own, or without it (NULL), is judged by @own: the
 * findings as "row code asked offered;". */
static char *judge_with(json_object *header, const char *name, const char *member,
                        json_object *own)
{
    g_autofree char *text = json_format(header);
    g_autojson *theirs = json_parse(text, -1, NULL);
    g_autoptr(Report) report = report_new();
    GString *said = g_string_new(NULL);

    if (member) {
        json_add(theirs, name, json_parse(member, -1, NULL));
    } else {
        json_object_object_del(theirs, name);
    }
    migration_header_check(theirs, own, report);
    for (unsigned i = 0; i < report_size(report); i++) {
        const Finding *finding = report_get(report, i);

        g_string_append_printf(said, "%s %s %s %s;", finding->row, finding->code,
                               finding->asked, finding->offered);
    }
    return g_string_free(said, FALSE);
}

/* What a guest can tell of each device, the n-th of a type with the n-th. */
static void test_header_compares_where_devices_are(void)
{
    static const struct {
        const char *properties, *said;
    } cases[] = {
        {NULL, ""},
        {"[{\"port\":1016,\"irq\":4,\"fast\":true},"
         "{\"port\":760,\"irq\":3,\"fast\":false}]",
         ""},
        {"[{\"port\":1016},{}]", ""},
        {"[{\"port\":760,\"irq\":4},{\"fast\":true,\"port\":760}]",
         "uart[0].port device-differs 0x2f8 0x3f8;uart[1].fast device-differs on off;"},
        {"[{\"irq\":-1},{\"depth\":64,\"size\":null}]",
         "uart[0].irq device-differs -1 4;uart[1].depth device-differs 64 nothing;"
         "uart[1].size device-differs null nothing;"},
        {"[{}]", "device-properties device-differs [ { } ] an object for each device;"},
        {"[{},7]",
         "device-properties device-differs [ { }, 7 ] an object for each device;"},
        {"5", "device-properties device-differs 5 an object for each device;"},
    };
    g_autoptr(CpuContract) contract = cpu_contract_new(TARGET_ARCH_X86_64);
    g_autojson *own = migration_header_new("q35", contract, 2, ranges, 2);
    Uart uarts[] = {{{.type = &uart_type}, 0x3f8, 4, (char *)"a", true},
                    {{.type = &uart_type}, 0x2f8, 3, NULL, false}};
    g_autoptr(GPtrArray) list = g_ptr_array_new();

    g_ptr_array_add(list, &uarts[0]);
    g_ptr_array_add(list, &uarts[1]);
    migration_header_add_devices(own, list);
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autofree char *said =
            judge_with(own, "device-properties", cases[i].properties, own);

        g_assert_cmpstr(said, ==, cases[i].said);
    }
}

/* Types that are no list have no places. */
static void test_header_of_one_device_that_is_no_list(void)
{
    g_autoptr(CpuContract) contract = cpu_contract_new(TARGET_ARCH_X86_64);
    g_autojson *own = migration_header_new("q35", contract, 2, ranges, 2);
    Uart uart = {{.type = &uart_type}, 0x3f8, 4, NULL, true};
    g_autoptr(GPtrArray) list = g_ptr_array_new();
    g_autofree char *said = NULL;

    g_ptr_array_add(list, &uart);
    migration_header_add_devices(own, list);
    said = judge_with(own, "devices", "\"uart\"", own);
    g_assert_true(g_str_has_prefix(said, "device-properties device-differs "));
}

/* Each architecture's guests see their own. */
static void test_header_compares_the_machine(void)
{
    g_autoptr(CpuContract) contract = cpu_contract_new(TARGET_ARCH_X86_64);
    g_autojson *own = migration_header_new("q35", contract, 2, ranges, 2);
    g_autojson *arm = json_object_new_object();
    Uart board = {{.type = &uart_type}, 0x3f8, 4, (char *)"a", true};
    const SmpTopology smp = {2, 4, 1, 1, 1, 2, 2};
    static const struct {
        const char *name, *member, *said;
    } cases[] = {
        {"machine-properties", NULL, ""},
        {"machine-properties", "{\"fast\":true}", ""},
        {"machine-properties", "{\"fast\":false,\"irq\":4}",
         "machine.fast machine-property-differs off on;"
         "machine.irq machine-property-differs 4 nothing;"},
        {"machine-properties", "[]",
         "machine-properties machine-property-differs [ ] an object;"},
        {"machine-properties", "{\"fast\":{\"a\":[1]}}",
         "machine.fast machine-property-differs { \"a\": [ 1 ] } on;"},
        {"smp", NULL, ""},
        {"smp", "{\"cpus\":2,\"sockets\":2,\"dies\":1,\"cores\":1,\"threads\":2}",
         "smp.sockets topology-differs 2 1;smp.cores topology-differs 1 2;"},
        {"cpus", "3", "cpus cpus-differ 3 2;"},
    };

    migration_header_add_machine(own, TARGET_ARCH_X86_64, &board.object, &smp);
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autofree char *said = judge_with(own, cases[i].name, cases[i].member, own);

        g_assert_cmpstr(said, ==, cases[i].said);
    }
    migration_header_add_machine(arm, TARGET_ARCH_AARCH64, &board.object, &smp);
    g_assert_cmpstr(json_object_to_json_string_ext(arm, JSON_C_TO_STRING_PLAIN), ==,
                    "{\"machine-properties\":{\"port\":1016,\"irq\":4}}");
}

/* As a person would say it; what is no list of ranges as it came. */
static void test_header_says_ram_in_words(void)
{
    static const struct {
        const char *ram, *asked;
    } cases[] = {
        {"[{\"gpa\":\"0x0\",\"bytes\":\"0x1000\"},{\"gpa\":\"0x100000\",\"bytes\":"
         "\"0x2000\"}]",
         "4 KiB at 0x0, 8 KiB at 0x100000"},
        {"[]", "[ ]"},
        {"[7]", "[ 7 ]"},
        {"[null]", "[ null ]"},
        {"\"all\"", "\"all\""},
    };
    g_autoptr(CpuContract) contract = cpu_contract_new(TARGET_ARCH_X86_64);
    g_autojson *own = migration_header_new("q35", contract, 2, ranges, 2);

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autofree char *text = json_format(own);
        g_autojson *theirs = json_parse(text, -1, NULL);
        g_autoptr(Report) report = report_new();

        json_add(theirs, "ram", json_parse(cases[i].ram, -1, NULL));
        migration_header_check(theirs, own, report);
        g_assert_cmpstr(report_find(report, "ram")->asked, ==, cases[i].asked);
    }
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
    g_test_add_func("/migration/checksum-is-that-of-ethernet",
                    test_checksum_is_that_of_ethernet);
    g_test_add_func("/migration/addresses", test_addresses);
    g_test_add_func("/migration/waits-end", test_waits_end);
    g_test_add_func("/migration/tcp-is-tuned", test_tcp_is_tuned);
    g_test_add_func("/migration/words-of-a-peer-have-a-code",
                    test_words_of_a_peer_have_a_code);
    g_test_add_func("/migration/odd-findings-are-told", test_odd_findings_are_told);
    g_test_add_func("/migration/header-names-what-differs",
                    test_header_names_what_differs);
    g_test_add_func("/migration/header-compares-devices", test_header_compares_devices);
    g_test_add_func("/migration/header-compares-where-devices-are",
                    test_header_compares_where_devices_are);
    g_test_add_func("/migration/header-of-one-device-that-is-no-list",
                    test_header_of_one_device_that_is_no_list);
    g_test_add_func("/migration/header-compares-the-machine",
                    test_header_compares_the_machine);
    g_test_add_func("/migration/header-says-ram-in-words", test_header_says_ram_in_words);
    g_test_add_func("/migration/packed/round-trip", test_packed_memory_round_trip);
    g_test_add_func("/migration/packed/noise-is-not-packed", test_noise_is_not_packed);
    g_test_add_func("/migration/packed/nonsense-is-refused",
                    test_packed_nonsense_is_refused);
    g_test_add_func("/migration/packed/kept-stream-loads", test_kept_packed_stream_loads);
    g_test_add_func("/migration/packed/unknown-way-is-refused-by-name",
                    test_unknown_packing_is_refused_by_name);
    return g_test_run();
}
