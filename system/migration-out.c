/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The source: contract first, then memory while the guest runs, then the rest.
 *
 * The guest is given away at one place: after the destination said that it has loaded
 * everything, the source says that the guest is not going on here.  Before that, every
 * failure leaves the guest running here; after it, nothing does.
 */
#include <inttypes.h>
#include <string.h>

#include "hw/machine-state.h"
#include "migration-internal.h"
#include "migration/header.h"
#include "monitors.h"
#include "qapi/events.h"
#include "util/error.h"
#include "util/json.h"

#define WINDOW_US       100000 /* over which the bandwidth is kept */
#define FRAMES_PER_LOOK 16     /* between two updates of the statistics */
#define PASSES_TO_TELL  30 /* passes after which a guest that writes too fast is told */

typedef struct Out {
    Migration *migration;
    Stream *stream;
    RamSender *ram;
    GPtrArray *sections;
    uint64_t frames;
    /* The pass under way. */
    int64_t pass_us;
    uint64_t pass_bytes;
    /* What the limit is kept by. */
    int64_t window_us;
    uint64_t window_bytes;
    bool has_told;
} Out;

/* ---- in the main thread ---- */

typedef struct Hello {
    json_object *header, *contract;
} Hello;

static bool step_hello(Migration *migration, void *data, GError **errp)
{
    const MachinePlan *plan = migration->program->plan->machine;
    Hello *hello = data;

    (void)errp; /* cannot fail */
    hello->header = migration_header_new(plan->name, plan->contract, plan->smp.cpus,
                                         plan->ram, plan->ram_ranges);
    hello->contract = cpu_contract_format(plan->contract);
    return true;
}

static bool step_active(Migration *migration, void *data, GError **errp)
{
    Vm *vm = migration->program->vm;

    (void)data;
    if (!vm_kvm(vm)) {
        error_set(errp, "there is no machine since a reset that failed");
        return false;
    }
    migration->was_running = vm_is_running(vm);
    migration->old_state = vm_run_state(vm);
    migration->is_logging =
        guest_memory_set_dirty_log(vm_memory(vm), vm_kvm(vm), true, errp);
    if (migration->is_logging) {
        migration_set_status(migration, MIGRATION_STATUS_ACTIVE);
    }
    return migration->is_logging;
}

static bool take_dirty(Migration *migration, Out *out, GError **errp)
{
    Vm *vm = migration->program->vm;

    if (!vm_kvm(vm)) {
        error_set(errp, "the guest was reset and could not be made anew");
        return false;
    }
    return ram_sender_add(out->ram, vm_kvm(vm), errp);
}

static bool step_pass(Migration *migration, void *data, GError **errp)
{
    const MigrationPassEvent event = {.pass = (int64_t)migration->stats.dirty_sync_count};

    if (!take_dirty(migration, data, errp)) {
        return false;
    }
    if (migration->capabilities[MIGRATION_CAPABILITY_EVENTS]) {
        monitors_emit(migration->program->monitors, qapi_event_migration_pass(&event));
    }
    return true;
}

static bool step_stop(Migration *migration, void *data, GError **errp)
{
    Vm *vm = migration->program->vm;
    Out *out = data;

    migration->was_running = vm_is_running(vm);
    migration->old_state = vm_run_state(vm);
    migration->stop_us = g_get_monotonic_time();
    vm_stop(vm, RUN_STATE_FINISH_MIGRATE);
    out->sections = vm_save_state(vm, migration->was_running, errp);
    if (!out->sections || !take_dirty(migration, out, errp)) {
        return false;
    }
    if (migration->capabilities[MIGRATION_CAPABILITY_PAUSE_BEFORE_SWITCHOVER]) {
        migration_set_status(migration, MIGRATION_STATUS_PRE_SWITCHOVER);
    }
    return true;
}

static bool step_device(Migration *migration, void *data, GError **errp)
{
    (void)data;
    (void)errp; /* cannot fail */
    migration_set_status(migration, MIGRATION_STATUS_DEVICE);
    return true;
}

static void stop_logging(Migration *migration)
{
    Vm *vm = migration->program->vm;

    if (migration->is_logging && vm_kvm(vm)) {
        /* A log that stays on costs speed, nothing else. */
        (void)guest_memory_set_dirty_log(vm_memory(vm), vm_kvm(vm), false, NULL);
    }
    migration->is_logging = false;
}

static bool step_completed(Migration *migration, void *data, GError **errp)
{
    (void)data;
    (void)errp; /* cannot fail */
    stop_logging(migration);
    migration->end_us = g_get_monotonic_time();
    migration->downtime_us = migration->end_us - migration->stop_us;
    vm_stop(migration->program->vm, RUN_STATE_POSTMIGRATE);
    migration_set_status(migration, MIGRATION_STATUS_COMPLETED);
    return true;
}

static bool step_failed(Migration *migration, void *data, GError **errp)
{
    Vm *vm = migration->program->vm;
    bool was_stopped = vm_run_state(vm) == RUN_STATE_FINISH_MIGRATE;

    (void)data;
    (void)errp; /* cannot fail */
    stop_logging(migration);
    migration->end_us = g_get_monotonic_time();
    migration_set_status(migration, migration->is_cancelled ? MIGRATION_STATUS_CANCELLED
                                                            : MIGRATION_STATUS_FAILED);
    if (!migration->is_cancelled && migration->error) {
        g_autofree char *text = g_strdup_printf("migrate: %s", migration->error);

        migration->program->vm_host.log(migration->program->vm_host.opaque, text);
    }
    if (was_stopped) {
        vm_stop(vm, migration->old_state == RUN_STATE_RUNNING ? RUN_STATE_PAUSED
                                                              : migration->old_state);
        /* It ran a moment ago, so it can go on. */
        (void)(migration->was_running && vm_cont(vm, NULL));
    }
    return true;
}

static bool step_tell(Migration *migration, void *data, GError **errp)
{
    (void)errp; /* cannot fail */
    migration->program->vm_host.log(migration->program->vm_host.opaque, data);
    return true;
}

/* ---- in the migration's thread ---- */

static bool send_json(Out *out, StreamFrame kind, json_object *json, GError **errp)
{
    g_autofree char *text = json_format(json);

    out->frames++;
    return stream_write(out->stream, kind, text, (uint32_t)strlen(text), errp);
}

/* An answer of the destination; what is not @wanted becomes the error. */
static bool expect_answer(Out *out, StreamFrame wanted, GError **errp)
{
    g_autoptr(GByteArray) payload = g_byte_array_new();
    StreamFrame kind = stream_read(out->stream, payload, "the answer", errp);
    g_autofree char *text = g_strndup((char *)payload->data, payload->len);

    if (kind == 0 || kind == wanted) {
        return kind;
    }
    if (kind == STREAM_REFUSE) {
        json_object *rows = json_parse(text, -1, NULL);
        g_autofree char *reasons = migration_refusal_text(rows);

        g_mutex_lock(&out->migration->mutex);
        out->migration->refusal = rows && json_object_is_type(rows, json_type_array)
                                      ? json_object_get(rows)
                                      : NULL;
        g_mutex_unlock(&out->migration->mutex);
        error_set(errp, "the destination refuses the guest's contract: %s", reasons);
        json_object_put(rows);
    } else if (kind == STREAM_FAILED) {
        error_set(errp, "the destination failed: %s", text);
    } else {
        error_set(errp, "the destination answers '%s', expected is '%s'",
                  stream_frame_name(kind), stream_frame_name(wanted));
    }
    return false;
}

static bool say_hello(Out *out, GError **errp)
{
    Hello hello = {NULL, NULL};
    bool ok;

    if (!migration_call(out->migration, step_hello, &hello, errp)) {
        return false;
    }
    json_add_bool(hello.header, "return-path", stream_is_socket(out->stream));
    ok = stream_write_magic(out->stream, errp) &&
         send_json(out, STREAM_HEADER, hello.header, errp) &&
         send_json(out, STREAM_CONTRACT, hello.contract, errp) &&
         (!stream_is_socket(out->stream) || expect_answer(out, STREAM_ACCEPT, errp));
    json_object_put(hello.header);
    json_object_put(hello.contract);
    return ok;
}

static void update_stats(Out *out)
{
    Migration *migration = out->migration;
    RamCount count = ram_sender_count(out->ram);

    g_mutex_lock(&migration->mutex);
    migration->stats.transferred = stream_offset_out(out->stream);
    migration->stats.duplicate = count.zero_pages;
    migration->stats.normal = count.pages;
    migration->stats.normal_bytes = count.pages * GUEST_PAGE_BYTES;
    g_mutex_unlock(&migration->mutex);
}

/* Sleeps where more was sent than the limit allows; what is too much counts for later. */
static void keep_bandwidth(Out *out)
{
    Migration *migration = out->migration;
    uint64_t allowed;

    g_mutex_lock(&migration->mutex);
    allowed = migration->parameters.max_bandwidth;
    allowed = allowed ? MAX(allowed / (1000000 / WINDOW_US), 1) : 0;
    while (allowed && !migration->is_cancelled &&
           stream_offset_out(out->stream) > out->window_bytes + allowed) {
        if (g_get_monotonic_time() < out->window_us + WINDOW_US) {
            (void)g_cond_wait_until(&migration->changed, &migration->mutex,
                                    out->window_us + WINDOW_US);
        } else {
            out->window_us += WINDOW_US;
            out->window_bytes += allowed;
        }
    }
    g_mutex_unlock(&migration->mutex);
    if (g_get_monotonic_time() >= out->window_us + WINDOW_US) {
        out->window_us = g_get_monotonic_time();
        out->window_bytes = stream_offset_out(out->stream);
    }
}

/* Sends what is dirty now. */
static bool send_pages(Out *out, bool is_limited, GError **errp)
{
    while (ram_sender_left(out->ram)) {
        for (unsigned i = 0; i < FRAMES_PER_LOOK && ram_sender_left(out->ram); i++) {
            if (!ram_sender_send(out->ram, out->stream, errp)) {
                return false;
            }
            out->frames++;
            if (is_limited) {
                keep_bandwidth(out);
            }
        }
        update_stats(out);
    }
    return true;
}

/* What the pass has shown: how fast pages go, how fast they come back. */
static void judge_pass(Out *out, uint64_t left, int64_t *ret_expected_us)
{
    Migration *migration = out->migration;
    int64_t took_us = MAX(g_get_monotonic_time() - out->pass_us, 1);
    uint64_t bytes = stream_offset_out(out->stream) - out->pass_bytes;
    double per_us = MAX((double)bytes / (double)took_us, 0.001);

    *ret_expected_us = (int64_t)((double)left * GUEST_PAGE_BYTES / per_us);
    g_mutex_lock(&migration->mutex);
    migration->expected_us = *ret_expected_us;
    migration->stats.mbps = (double)bytes * 8 / (double)took_us;
    migration->stats.dirty_pages_rate = left * 1000000 / (uint64_t)took_us;
    migration->stats.remaining = left * GUEST_PAGE_BYTES;
    g_mutex_unlock(&migration->mutex);
}

static void tell_no_end(Out *out, int64_t expected_us)
{
    const Migration *migration = out->migration;
    g_autofree char *text = NULL;

    if (out->has_told || migration->stats.dirty_sync_count < PASSES_TO_TELL) {
        return;
    }
    out->has_told = true;
    text = g_strdup_printf(
        "migrate: it does not end: the guest writes %" PRIu64 " pages per second, %.0f "
        "Mbit/s are sent; stopping it now would take %" PRId64
        " ms: raise downtime-limit "
        "or max-bandwidth, or migrate_cancel",
        migration->stats.dirty_pages_rate, migration->stats.mbps, expected_us / 1000);
    /* Fails only where the program ends. */
    (void)migration_call(out->migration, step_tell, text, NULL);
}

/* Passes over the memory, until what is left fits the downtime. */
static bool send_while_running(Out *out, GError **errp)
{
    Migration *migration = out->migration;
    int64_t expected_us = INT64_MAX;

    while (true) {
        int64_t limit_us;

        migration->stats.dirty_sync_count++;
        if (!migration_call(migration, step_pass, out, errp)) {
            return false;
        }
        g_mutex_lock(&migration->mutex);
        limit_us = (int64_t)MIN(migration->parameters.downtime_limit, 2000000) * 1000;
        g_mutex_unlock(&migration->mutex);
        if (migration->stats.dirty_sync_count > 1) {
            judge_pass(out, ram_sender_left(out->ram), &expected_us);
            if (expected_us <= limit_us) {
                return true;
            }
            tell_no_end(out, expected_us);
        }
        out->pass_us = g_get_monotonic_time();
        out->pass_bytes = stream_offset_out(out->stream);
        if (!send_pages(out, true, errp) ||
            !stream_write(out->stream, STREAM_RAM_PASS, NULL, 0, errp)) {
            return false;
        }
        out->frames++;
    }
}

static bool wait_continue(Migration *migration, GError **errp)
{
    bool go;

    g_mutex_lock(&migration->mutex);
    while (!migration->may_continue && !migration->is_cancelled) {
        g_cond_wait(&migration->changed, &migration->mutex);
    }
    go = !migration->is_cancelled;
    g_mutex_unlock(&migration->mutex);
    if (!go) {
        error_set(errp, "the migration was cancelled");
    }
    return go && migration_call(migration, step_device, NULL, errp);
}

static bool send_sections(Out *out, GError **errp)
{
    for (unsigned i = 0; i < out->sections->len; i++) {
        const MachineSection *section = g_ptr_array_index(out->sections, i);
        g_autoptr(GByteArray) payload = machine_section_encode(section);

        out->frames++;
        if (!stream_write(out->stream, STREAM_STATE, payload->data, payload->len, errp)) {
            return false;
        }
    }
    return true;
}

static bool send_end(Out *out, GError **errp)
{
    uint64_t frames = GUINT64_TO_LE(out->frames);

    return stream_write(out->stream, STREAM_END, &frames, sizeof(frames), errp);
}

static bool send_rest(Out *out, GError **errp)
{
    Migration *migration = out->migration;

    if (!migration_call(migration, step_stop, out, errp) ||
        (migration->status == MIGRATION_STATUS_PRE_SWITCHOVER &&
         !wait_continue(migration, errp))) {
        return false;
    }
    return send_pages(out, false, errp) && send_sections(out, errp) &&
           send_end(out, errp) &&
           (!stream_is_socket(out->stream) || expect_answer(out, STREAM_LOADED, errp));
}

/* After a write error the destination may have said why. */
static void read_last_words(Out *out, GError **errp)
{
    g_autoptr(GError) words = NULL;

    if (stream_is_socket(out->stream) && !out->migration->is_cancelled &&
        stream_wait_readable(out->stream, 100) &&
        !expect_answer(out, STREAM_LOADED, &words) && words && errp &&
        g_str_has_prefix(words->message, "the destination")) {
        g_clear_error(errp);
        g_propagate_error(errp, g_steal_pointer(&words));
    }
}

static bool send_all(Out *out, GError **errp)
{
    g_autoptr(GError) error = NULL;

    out->migration->stats.page_size = GUEST_PAGE_BYTES;
    out->migration->stats.total = ram_sender_left(out->ram) * GUEST_PAGE_BYTES;
    out->migration->stats.remaining = out->migration->stats.total;
    if (say_hello(out, &error) &&
        migration_call(out->migration, step_active, NULL, &error)) {
        out->migration->setup_us = g_get_monotonic_time();
        out->window_us = out->migration->setup_us;
        out->window_bytes = stream_offset_out(out->stream);
        if (send_while_running(out, &error) && send_rest(out, &error)) {
            return true;
        }
    }
    read_last_words(out, &error);
    g_propagate_error(errp, g_steal_pointer(&error));
    return false;
}

/* The guest is given away.  The destination may be gone, which changes nothing here. */
static void give_away(Out *out)
{
    if (stream_is_socket(out->stream)) {
        (void)stream_write(out->stream, STREAM_RUNNING, NULL, 0, NULL);
    }
}

static bool run(Migration *migration, GError **errp)
{
    Out out = {.migration = migration};
    bool ok;

    if (migration->end.fd < 0 &&
        !transport_open_out(migration->transport, &migration->end, errp)) {
        return false;
    }
    out.stream = stream_new(migration->end.fd);
    migration->end.fd = -1;
    out.ram = ram_sender_new(vm_memory(migration->program->vm));
    migration_attach_stream(migration, out.stream);
    ok = send_all(&out, errp);
    if (ok) {
        give_away(&out);
    }
    update_stats(&out);
    migration->stats.remaining = ram_sender_left(out.ram) * GUEST_PAGE_BYTES;
    migration_attach_stream(migration, NULL);
    stream_free(out.stream);
    ram_sender_free(out.ram);
    g_clear_pointer(&out.sections, g_ptr_array_unref);
    return transport_finish(&migration->end, ok ? errp : NULL) && ok;
}

gpointer migration_out_main(gpointer data)
{
    Migration *migration = data;
    g_autoptr(GError) error = NULL;
    bool ok = run(migration, &error);

    if (!ok) {
        migration_fail(migration, error);
    }
    /* Fails only where the program ends, and then nothing is left to say. */
    (void)migration_call(migration, ok ? step_completed : step_failed, NULL, NULL);
    return NULL;
}
