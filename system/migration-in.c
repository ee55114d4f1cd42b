/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The destination: judges the contract, takes memory and state, and runs the guest once
 * the source said that it does not.
 *
 * Where the source goes silent after everything was loaded, the guest stays here, whole
 * and stopped: it is not known whether the source goes on.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hw/machine-state.h"
#include "migration-internal.h"
#include "migration/header.h"
#include "util/error.h"
#include "util/json.h"

/* No machine has more things with state. */
#define SECTIONS_MAX 4096

typedef struct In {
    Migration *migration;
    Stream *stream;
    GByteArray *payload;
    json_object *header, *contract;
    bool has_return_path;
    Report *report; /* of a refusal */
    RamReceiver *ram;
    GPtrArray *sections;
    uint64_t frames;
    bool was_running; /* on the source */
    bool may_run;     /* the source gave the guest away */
} In;

/* ---- in the main thread ---- */

static bool step_judge(Migration *migration, void *data, GError **errp)
{
    In *in = data;
    Program *program = migration->program;
    const MachinePlan *plan = program->plan->machine;
    g_autojson *own = migration_header_new(plan->name, plan->contract, plan->smp.cpus,
                                           plan->ram, plan->ram_ranges);
    g_autoptr(CpuContract) guest = cpu_contract_parse(in->contract, errp);
    g_autofree char *digest = guest ? cpu_contract_digest(guest) : NULL;
    g_autofree char *own_digest = cpu_contract_digest(plan->contract);
    const char *said = NULL;

    if (!guest || !json_get_string(in->header, "header", "digest", &said, errp)) {
        return false;
    }
    if (strcmp(said, digest) != 0) {
        error_set(errp, "header: the digest is not that of the contract");
        return false;
    }
    migration_header_check(in->header, own, in->report);
    migration_contract_check(guest, plan->contract, program->host, in->report);
    if (report_count(in->report, FINDING_ERROR)) {
        return true;
    }
    if (plan->contract->arch == TARGET_ARCH_X86_64 && strcmp(digest, own_digest) != 0 &&
        !vm_adopt_contract(program->vm, g_steal_pointer(&guest), errp)) {
        return false;
    }
    migration_set_status(migration, MIGRATION_STATUS_ACTIVE);
    return true;
}

static bool step_load(Migration *migration, void *data, GError **errp)
{
    In *in = data;

    return vm_load_state(migration->program->vm, in->sections, &in->was_running, errp);
}

static bool step_done(Migration *migration, void *data, GError **errp)
{
    In *in = data;
    Vm *vm = migration->program->vm;

    migration->is_expecting = false;
    migration->end_us = g_get_monotonic_time();
    vm_stop(vm, RUN_STATE_PAUSED);
    migration_set_status(migration, MIGRATION_STATUS_COMPLETED);
    return !in->may_run || !in->was_running || !migration->autostart || vm_cont(vm, errp);
}

static bool step_failed(Migration *migration, void *data, GError **errp)
{
    Program *program = migration->program;
    g_autofree char *text = g_strdup_printf("incoming migration: %s", migration->error);

    (void)data;
    (void)errp; /* cannot fail */
    migration->end_us = g_get_monotonic_time();
    program->vm_host.log(program->vm_host.opaque, text);
    migration_set_status(migration, MIGRATION_STATUS_FAILED);
    if (migration->exit_on_error) {
        vm_quit(program->vm, SHUTDOWN_CAUSE_HOST_ERROR, 1);
    }
    return true;
}

/* ---- in the migration's thread ---- */

static json_object *read_json(In *in, StreamFrame wanted, const char *doing,
                              GError **errp)
{
    StreamFrame kind = stream_read(in->stream, in->payload, doing, errp);
    json_object *json;

    if (kind == 0) {
        return NULL;
    }
    if (kind != wanted) {
        error_set(errp, "migration stream: '%s' where %s belongs, before offset %" PRIu64,
                  stream_frame_name(kind), doing, stream_offset_in(in->stream));
        return NULL;
    }
    in->frames++;
    json = json_parse((char *)in->payload->data, in->payload->len, errp);
    if (!json) {
        g_prefix_error(errp, "%s: ", doing);
    }
    return json;
}

static bool answer(In *in, StreamFrame kind, const char *text, GError **errp)
{
    return !in->has_return_path ||
           stream_write(in->stream, kind, text, text ? (uint32_t)strlen(text) : 0, errp);
}

static bool refuse(In *in, GError **errp)
{
    g_autojson *rows = report_to_json(in->report);
    g_autofree char *text = json_format(rows);
    g_autofree char *reasons = migration_refusal_text(rows);

    /* The source may be gone; then it needs no answer. */
    (void)answer(in, STREAM_REFUSE, text, NULL);
    in->has_return_path = false;
    error_set(errp, "the guest's contract does not hold here: %s", reasons);
    return false;
}

static bool read_hello(In *in, GError **errp)
{
    if (!stream_read_magic(in->stream, errp)) {
        return false;
    }
    in->header = read_json(in, STREAM_HEADER, "the header", errp);
    if (!in->header ||
        !json_get_bool(in->header, "header", "return-path", &in->has_return_path, errp)) {
        return false;
    }
    in->has_return_path &= stream_is_socket(in->stream);
    in->contract = read_json(in, STREAM_CONTRACT, "the contract", errp);
    if (!in->contract || !migration_call(in->migration, step_judge, in, errp)) {
        return false;
    }
    if (report_count(in->report, FINDING_ERROR)) {
        return refuse(in, errp);
    }
    return answer(in, STREAM_ACCEPT, NULL, errp);
}

static bool take_section(In *in, GError **errp)
{
    MachineSection *section;

    if (in->sections->len >= SECTIONS_MAX) {
        error_set(errp, "migration stream: more than %d states", SECTIONS_MAX);
        return false;
    }
    section = machine_section_decode(in->payload->data, in->payload->len, errp);
    if (section) {
        g_ptr_array_add(in->sections, section);
    }
    return section;
}

static bool check_end(const In *in, GError **errp)
{
    uint64_t frames = 0;

    memcpy(&frames, in->payload->data, MIN(in->payload->len, sizeof(frames)));
    if (in->payload->len != sizeof(frames) || GUINT64_FROM_LE(frames) != in->frames) {
        error_set(errp, "migration stream: %" PRIu64 " frames came, not as many as sent",
                  in->frames);
        return false;
    }
    return ram_receiver_check(in->ram, errp);
}

/* One frame; *ret_is_end after the last. */
static bool take_frame(In *in, bool *ret_is_end, GError **errp)
{
    uint64_t start = stream_offset_in(in->stream);
    StreamFrame kind = stream_read(in->stream, in->payload, "memory and state", errp);
    bool ok;

    switch (kind) {
    case STREAM_NOTHING:
        return false;
    case STREAM_RAM:
        ok = ram_receiver_load(in->ram, in->payload, errp);
        break;
    case STREAM_RAM_PASS:
        ok = true;
        break;
    case STREAM_STATE:
        ok = take_section(in, errp);
        break;
    case STREAM_END:
        *ret_is_end = true;
        return check_end(in, errp);
    default:
        error_set(errp, "a frame '%s' does not belong here", stream_frame_name(kind));
        ok = false;
        break;
    }
    in->frames++;
    if (!ok) {
        g_prefix_error(errp, "migration stream at offset %" PRIu64 ": ", start);
    }
    return ok;
}

/* Whether the source gave the guest away; silence means it did not say. */
static bool wait_given(In *in)
{
    if (!in->has_return_path) {
        return true;
    }
    return stream_read(in->stream, in->payload, "the last word of the source", NULL) ==
           STREAM_RUNNING;
}

static bool receive(In *in, GError **errp)
{
    bool is_end = false;

    if (!read_hello(in, errp)) {
        return false;
    }
    while (!is_end) {
        if (!take_frame(in, &is_end, errp)) {
            return false;
        }
    }
    if (!migration_call(in->migration, step_load, in, errp) ||
        !answer(in, STREAM_LOADED, NULL, errp)) {
        return false;
    }
    in->may_run = wait_given(in);
    return migration_call(in->migration, step_done, in, errp);
}

static bool open_source(Migration *migration, GError **errp)
{
    int fd;

    if (migration->end.fd >= 0) {
        return true;
    }
    if (migration->listen_fd < 0) {
        return transport_open_in(migration->transport, &migration->end, errp);
    }
    do {
        fd = accept4(migration->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0) {
        error_set_errno(errp, errno, "cannot accept the source's connection");
        return false;
    }
    migration->end = (TransportEnd){fd, 0};
    return true;
}

static bool run(Migration *migration, GError **errp)
{
    In in = {.migration = migration};
    g_autoptr(GError) error = NULL;
    bool ok;

    if (!open_source(migration, errp)) {
        return false;
    }
    in.stream = stream_new(migration->end.fd);
    migration->end.fd = -1;
    in.payload = g_byte_array_new();
    in.report = report_new();
    in.ram = ram_receiver_new(vm_memory(migration->program->vm));
    in.sections = g_ptr_array_new_with_free_func((GDestroyNotify)machine_section_free);
    migration_attach_stream(migration, in.stream);
    ok = receive(&in, &error);
    if (!ok) {
        /* The source may be gone; then it needs no answer. */
        (void)answer(&in, STREAM_FAILED, error->message, NULL);
        g_propagate_error(errp, g_steal_pointer(&error));
    }
    migration_attach_stream(migration, NULL);
    stream_free(in.stream);
    g_byte_array_unref(in.payload);
    report_free(in.report);
    ram_receiver_free(in.ram);
    g_ptr_array_unref(in.sections);
    json_object_put(in.header);
    json_object_put(in.contract);
    return ok;
}

gpointer migration_in_main(gpointer data)
{
    Migration *migration = data;
    g_autoptr(GError) error = NULL;

    if (!run(migration, &error)) {
        migration_fail(migration, error);
        /* Fails only where the program ends anyway. */
        (void)migration_call(migration, step_failed, NULL, NULL);
    }
    return NULL;
}
