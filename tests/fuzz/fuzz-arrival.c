/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole guest from a peer that means harm, with the checksums right: what -incoming
 * does from the first byte to the machine that is loaded, on a modelled kernel.  Memory
 * is not asked for; fuzz-stream has it.  The input: frames of kind, length (2 bytes),
 * payload.
 */
#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hw/machine-state.h"
#include "made-kernel.h"
#include "made-machine.h"
#include "migration/handshake.h"
#include "migration/stream.h"
#include "system/plan/plan-guest.h"
#include "system/vm/program-state.h"
#include "target/cpu-contract.h"
#include "util/state-section.h"

/* Of tests/migration/streams/x86-guest-amd-1.stream, which the seed was made of. */
#define HOST "amd-zen1-naples"

static int write_stream(const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    g_autoptr(Stream) stream = stream_new(dup(fd), -1);

    fuzz_promise(stream_write_magic(stream, NULL));
    for (size_t at = 0; at + 3 <= size;) {
        size_t len = MIN((size_t)(data[at + 1] | data[at + 2] << 8), size - at - 3);

        fuzz_promise(stream_write(stream, data[at], data + at + 3, (uint32_t)len, NULL));
        at += 3 + len;
    }
    (void)lseek(fd, 0, SEEK_SET);
    return fd;
}

static MadeMachine *plan_machine(void)
{
    static char *kernel;
    const char *args[] = {"-M",
                          "pc-q35-11.1",
                          "-cpu",
                          "qemu64,pmu=off,pni=off",
                          "-smp",
                          "2",
                          "-m",
                          "4",
                          "-nodefaults",
                          "-serial",
                          "chardev:out",
                          "-chardev",
                          "ringbuf,id=out",
                          "-kernel",
                          NULL,
                          NULL};
    MadeMachine *made;

    if (!kernel) {
        g_autoptr(GByteArray) bytes = made_kernel_pvh();

        kernel = made_kernel_write(bytes);
    }
    args[G_N_ELEMENTS(args) - 2] = kernel;
    made = made_machine_plan(HOST, NULL, args, NULL);
    fuzz_promise(made != NULL);
    return made;
}

/* The guest's contract, where it may come here. */
static CpuContract *judge(const MadeMachine *made, Stream *stream, GByteArray *payload)
{
    const GuestDescription own = vm_plan_describe(made->plan, made->host);
    g_autoptr(GError) error = NULL;
    g_autoptr(Report) report = report_new();
    g_autoptr(Handshake) handshake = handshake_receive(stream, payload, &error);
    CpuContract *guest;

    fuzz_promise_error(!handshake, error);
    guest = handshake ? handshake_judge(handshake, &own, report, &error) : NULL;
    fuzz_promise_error(!guest, error);
    if (guest && report_count(report, FINDING_ERROR)) {
        g_clear_pointer(&guest, cpu_contract_free);
    }
    return guest;
}

/* Up to the end; false where the stream has none. */
static bool read_sections(Stream *stream, GByteArray *payload, GPtrArray *sections)
{
    for (;;) {
        g_autoptr(GError) error = NULL;
        StreamFrame kind = stream_read(stream, payload, "fuzzing", &error);
        StateSection *section;

        fuzz_promise_error(kind == STREAM_NOTHING, error);
        if (kind != STREAM_STATE) {
            return kind == STREAM_END;
        }
        section = state_section_decode(payload->data, payload->len, &error);
        fuzz_promise_error(!section, error);
        if (!section) {
            return false;
        }
        g_ptr_array_add(sections, section);
    }
}

static void load(MadeMachine *made, const GPtrArray *sections)
{
    g_autoptr(GPtrArray) rest = g_ptr_array_new();
    g_autoptr(GError) error = NULL;
    ProgramState state = {0};
    bool ok =
        program_state_split(sections, made->plan->machine->name, &state, rest, &error);

    fuzz_promise_error(!ok, error);
    if (ok) {
        made->rtc_offset_s = state.rtc_offset_s;
        ok = machine_load_state(made->machine, rest, &error);
        fuzz_promise_error(!ok, error);
        (void)program_state_run_state(&state);
    }
    /* What is there can be looked at and saved, loaded whole or in part. */
    for (unsigned i = 0; i < 128; i++) {
        io_bus_write(made->machine->pio, 0x70, 1, i);
        (void)io_bus_read(made->machine->pio, 0x71, 1);
    }
    if (ok) {
        g_autoptr(GPtrArray) again = machine_save_state(made->machine, NULL);

        fuzz_promise(again != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(MadeMachine) made = plan_machine();
    g_autoptr(Stream) stream = stream_new(write_stream(data, size), -1);
    g_autoptr(GByteArray) payload = g_byte_array_new();
    g_autoptr(GPtrArray) sections =
        g_ptr_array_new_with_free_func((GDestroyNotify)state_section_free);
    g_autoptr(GError) error = NULL;
    CpuContract *guest = judge(made, stream, payload);
    bool ok;

    if (!guest) {
        return 0;
    }
    cpu_contract_free(made->plan->machine->contract);
    made->plan->machine->contract = guest;
    ok = made_machine_realize(made, &error);
    fuzz_promise_error(!ok, error);
    if (ok && read_sections(stream, payload, sections)) {
        load(made, sections);
    }
    return 0;
}
