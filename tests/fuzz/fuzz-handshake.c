/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The handshake with a peer that means harm: what a destination hears and judges, and
 * what a source is answered.  The first byte says which; then the stream, or with bit 1
 * frames to be given the right checksum: kind, length (2 bytes), payload.
 */
#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "migration/handshake.h"
#include "migration/header.h"
#include "util/bits.h"
#include "util/json.h"

static Stream *open_input(const uint8_t *data, size_t size, bool is_answer)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    g_autoptr(Stream) out = stream_new(dup(fd), -1);

    if (data[0] & 2) {
        fuzz_promise(is_answer || stream_write_magic(out, NULL));
        for (size_t at = 1; at + 3 <= size;) {
            size_t len = MIN((size_t)(data[at + 1] | data[at + 2] << 8), size - at - 3);

            fuzz_promise(stream_write(out, data[at], data + at + 3, (uint32_t)len, NULL));
            at += 3 + len;
        }
    } else {
        fuzz_promise(write(fd, data + 1, size - 1) == (ssize_t)(size - 1));
    }
    (void)lseek(fd, 0, SEEK_SET);
    return stream_new(fd, -1);
}

/* Something with a place. */
typedef struct Thing {
    Object object;
    uint32_t place;
} Thing;

static const Property thing_props[] = {
    {.name = "place",
     .kind = PROP_UINT32,
     .offset = offsetof(Thing, place),
     .seen_by = UINT_MAX},
};

static const ObjectType thing_type = {
    .name = "a", .props = thing_props, .prop_count = ARRAY_LEN(thing_props)};

/* Whatever the verdict, it can be told. */
static void judge(const Handshake *handshake, TargetArch arch)
{
    const GuestRange ram = {0, 2 * MIB};
    g_autoptr(HostProfile) host = host_profile_new(arch);
    g_autoptr(CpuContract) own = cpu_contract_new(arch);
    g_autoptr(Report) report = report_new();
    g_autoptr(GError) error = NULL;
    const SmpTopology smp = {1, 1, 1, 1, 1, 1, 1};
    Thing things[] = {{{.type = &thing_type}, 1}, {{.type = &thing_type}, 2}};
    void *pointers[] = {&things[0], &things[1]};
    GPtrArray devices = {pointers, ARRAY_LEN(pointers)};
    const GuestDescription here = {.machine = "virt-11.1",
                                   .contract = own,
                                   .cpus = 1,
                                   .ram = &ram,
                                   .ranges = 1,
                                   .host = host,
                                   .config = &things[0].object,
                                   .smp = &smp,
                                   .devices = &devices};
    g_autoptr(CpuContract) guest = handshake_judge(handshake, &here, report, &error);
    g_autojson *findings = report_to_json(report);
    g_autofree char *text = migration_refusal_text(findings);

    fuzz_promise_error(!guest, error);
    fuzz_promise(text != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool is_answer = size && data[0] & 1;
    g_autoptr(Stream) stream = size ? open_input(data, size, is_answer) : NULL;
    g_autoptr(GByteArray) payload = g_byte_array_new();
    g_autoptr(GError) error = NULL;

    if (is_answer) {
        g_autojson *findings = NULL;
        bool verdict;
        bool ok = handshake_read_answer(stream, &findings, &verdict, &error);
        g_autofree char *text = ok ? migration_refusal_text(findings) : NULL;

        fuzz_promise_error(!ok, error);
        fuzz_promise(!ok || text);
    } else if (size) {
        g_autoptr(Handshake) handshake = handshake_receive(stream, payload, &error);

        fuzz_promise_error(!handshake, error);
        for (TargetArch arch = TARGET_ARCH_X86_64;
             handshake && arch <= TARGET_ARCH_AARCH64; arch++) {
            judge(handshake, arch);
        }
    }
    return 0;
}
