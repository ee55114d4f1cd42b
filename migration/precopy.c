/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Precopy: passes over the memory of a guest that runs, each of what it wrote during the
 * last, until what is left fits the downtime; and the guest slowed down where it does not
 * come to that.
 */
#include "outgoing.h"

#include <inttypes.h>

#include "qapi/events.h"
#include "util/error.h"

#define WINDOW_US       100000 /* over which the bandwidth is kept */
#define FRAMES_PER_LOOK 16     /* between two updates of the statistics */
/* Passes in a row that brought back more than half of what they sent. */
#define PASSES_TO_SLOW_DOWN 2
#define PASSES_TO_TELL      5

/* ---- in the main thread ---- */

static bool step_pass(Migration *migration, void *data, GError **errp)
{
    Outgoing *out = data;
    MigrationPassEvent event;

    if (!ram_sender_sync(out->ram, migration->guest, errp)) {
        return false;
    }
    g_mutex_lock(&migration->mutex);
    event.pass = (int64_t)++migration->stats.dirty_sync_count;
    g_mutex_unlock(&migration->mutex);
    if (migration->capabilities[MIGRATION_CAPABILITY_EVENTS]) {
        migration->guest->ops->emit(migration->guest->opaque,
                                    qapi_event_migration_pass(&event));
    }
    return true;
}

void migration_throttle(Migration *migration, unsigned percent)
{
    migration->guest->ops->throttle(migration->guest->opaque, percent);
    g_mutex_lock(&migration->mutex);
    migration->throttle = percent;
    g_mutex_unlock(&migration->mutex);
}

/* The guest is slowed down by the percentage in @data. */
static bool step_throttle(Migration *migration, void *data, GError **errp)
{
    (void)errp; /* cannot fail */
    migration_throttle(migration, GPOINTER_TO_UINT(data));
    return true;
}

static bool step_tell(Migration *migration, void *data, GError **errp)
{
    g_autofree char *text = g_strdup_printf("migrate: %s", (char *)data);

    (void)errp; /* cannot fail */
    migration_log(migration, text);
    return true;
}

/* ---- in the migration's thread ---- */

/* Over all connections; @count, where wanted, gets what the channels held added. */
static uint64_t bytes_out(const Outgoing *out, RamCount *count)
{
    RamCount ignored = {0};

    return stream_offset_out(out->stream) +
           (out->channels ? channels_out_sent(out->channels, count ? count : &ignored)
                          : 0);
}

/* What is in the hands of channels is as good as sent: they do not ask for the limit. */
static uint64_t bytes_due(const Outgoing *out)
{
    return bytes_out(out, NULL) +
           (out->channels ? channels_out_handed(out->channels) : 0);
}

void precopy_update_stats(Outgoing *out)
{
    Migration *migration = out->migration;
    RamCount count = out->count;
    uint64_t sent = bytes_out(out, &count);

    g_mutex_lock(&migration->mutex);
    migration->stats.transferred = sent;
    migration->stats.duplicate = count.zero_pages;
    migration->stats.normal = count.pages;
    migration->stats.normal_bytes = count.pages * GUEST_PAGE_BYTES;
    migration->stats.remaining = ram_sender_left(out->ram) * GUEST_PAGE_BYTES;
    g_mutex_unlock(&migration->mutex);
}

/* Bytes per window by max-bandwidth; 0: no limit.  Under the mutex. */
static uint64_t window_limit(const Migration *migration)
{
    uint64_t limit = migration->parameters.max_bandwidth;

    return limit ? MAX(limit / (1000000 / WINDOW_US), 1) : 0;
}

/* Sleeps where more was sent than the limit allows; what is too much counts for later. */
static void keep_bandwidth(Outgoing *out)
{
    Migration *migration = out->migration;
    uint64_t allowed;

    precopy_update_stats(out); /* who waits is looked at */
    g_mutex_lock(&migration->mutex);
    /* The limit may be changed while it is waited for. */
    while ((allowed = window_limit(migration)) && !migration->is_cancelled &&
           bytes_due(out) > out->window_bytes + allowed) {
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
        out->window_bytes = bytes_out(out, NULL);
    }
}

static bool send_run(Outgoing *out, GError **errp)
{
    RamRun run;

    if (!ram_sender_next(out->ram, &run)) {
        return true;
    }
    if (out->channels) {
        return channels_out_send(out->channels, &run, errp);
    }
    out->frames++;
    return ram_writer_send(out->writer, &run, out->stream, &out->count, errp);
}

bool precopy_end_pass(Outgoing *out, GError **errp)
{
    out->frames++;
    return (!out->channels || channels_out_end_pass(out->channels, errp)) &&
           stream_write(out->stream, STREAM_RAM_PASS, NULL, 0, errp);
}

bool precopy_send_pages(Outgoing *out, bool is_limited, GError **errp)
{
    while (ram_sender_left(out->ram)) {
        for (unsigned i = 0; i < FRAMES_PER_LOOK && ram_sender_left(out->ram); i++) {
            if (!send_run(out, errp)) {
                return false;
            }
            if (is_limited) {
                keep_bandwidth(out);
            }
        }
        precopy_update_stats(out);
    }
    return true;
}

/* What the pass has shown: how fast pages go, how fast they come back. */
static void judge_pass(Outgoing *out, uint64_t left, int64_t *ret_expected_us)
{
    Migration *migration = out->migration;
    int64_t took_us = MAX(g_get_monotonic_time() - out->pass_us, 1);
    uint64_t bytes = bytes_out(out, NULL) - out->pass_bytes;
    double per_us = MAX((double)bytes / (double)took_us, 0.001);

    *ret_expected_us = (int64_t)((double)left * GUEST_PAGE_BYTES / per_us);
    g_mutex_lock(&migration->mutex);
    migration->expected_us = *ret_expected_us;
    migration->stats.mbps = (double)bytes * 8 / (double)took_us;
    migration->stats.dirty_pages_rate = left * 1000000 / (uint64_t)took_us;
    migration->stats.remaining = left * GUEST_PAGE_BYTES;
    g_mutex_unlock(&migration->mutex);
}

static void set_not_converging(Migration *migration, const char *text)
{
    g_mutex_lock(&migration->mutex);
    g_free(migration->not_converging);
    migration->not_converging = g_strdup(text);
    g_mutex_unlock(&migration->mutex);
}

static void tell_not_converging(Outgoing *out, int64_t expected_us)
{
    Migration *migration = out->migration;
    bool is_slowed = migration->throttle;
    g_autofree char *text = g_strdup_printf(
        "it does not end: the guest writes %" PRIu64 " pages per second%s, %.0f Mbit/s "
        "are sent; stopping it now would take %" PRId64 " ms: raise downtime-limit or "
        "max-bandwidth%s, or migrate_cancel",
        migration->stats.dirty_pages_rate,
        is_slowed ? ", slowed down as far as it may be" : "", migration->stats.mbps,
        expected_us / 1000,
        is_slowed ? " or max-cpu-throttle" : ", switch on auto-converge");

    out->has_told = true;
    set_not_converging(migration, text);
    /* Fails only where the program ends. */
    (void)migration_call(migration, step_tell, text, NULL);
}

/* The percentage the guest is to be slowed down by now; what it is where that is all. */
static unsigned next_throttle(const Migration *migration)
{
    const MigrationParameters *wanted = &migration->parameters;
    uint64_t next = migration->throttle
                        ? migration->throttle + wanted->cpu_throttle_increment
                        : wanted->cpu_throttle_initial;

    if (!migration->capabilities[MIGRATION_CAPABILITY_AUTO_CONVERGE]) {
        return migration->throttle;
    }
    return (unsigned)MAX(MIN(next, wanted->max_cpu_throttle), migration->throttle);
}

/* A pass that brought it no nearer: slow the guest down, or say that there is no end. */
static bool answer_stalled_pass(Outgoing *out, int64_t expected_us, GError **errp)
{
    Migration *migration = out->migration;
    unsigned throttle;

    out->stalled_passes++;
    g_mutex_lock(&migration->mutex);
    throttle = next_throttle(migration);
    g_mutex_unlock(&migration->mutex);
    if (throttle != migration->throttle) {
        if (out->stalled_passes < PASSES_TO_SLOW_DOWN) {
            return true;
        }
        out->stalled_passes = 0;
        return migration_call(migration, step_throttle, GUINT_TO_POINTER(throttle), errp);
    }
    if (out->stalled_passes >= PASSES_TO_TELL && !out->has_told) {
        tell_not_converging(out, expected_us);
    }
    return true;
}

/* More than half of what the pass sent is to be sent again. */
static bool is_stalled(const Outgoing *out)
{
    uint64_t sent = bytes_out(out, NULL) - out->pass_bytes;

    return ram_sender_left(out->ram) * GUEST_PAGE_BYTES > sent / 2;
}

void precopy_begin(Outgoing *out)
{
    Migration *migration = out->migration;

    g_mutex_lock(&migration->mutex);
    migration->stats.page_size = GUEST_PAGE_BYTES;
    migration->stats.total = ram_sender_left(out->ram) * GUEST_PAGE_BYTES;
    migration->stats.remaining = migration->stats.total;
    g_mutex_unlock(&migration->mutex);
}

bool precopy_run(Outgoing *out, GError **errp)
{
    Migration *migration = out->migration;
    int64_t expected_us = INT64_MAX;

    out->window_us = g_get_monotonic_time();
    out->window_bytes = bytes_out(out, NULL);
    while (true) {
        int64_t limit_us;

        if (!migration_call(migration, step_pass, out, errp)) {
            return false;
        }
        /* An operator may have raised it since the last pass. */
        g_mutex_lock(&migration->mutex);
        limit_us = (int64_t)MIN(migration->parameters.downtime_limit, 2000000) * 1000;
        g_mutex_unlock(&migration->mutex);
        /* Before the first pass all pages are left, which says nothing of the guest.  The
         * count is written by the main thread, in the call that has just returned. */
        if (migration->stats.dirty_sync_count > 1) {
            judge_pass(out, ram_sender_left(out->ram), &expected_us);
            if (expected_us <= limit_us) {
                set_not_converging(migration, NULL);
                return true;
            }
            if (!is_stalled(out)) {
                out->stalled_passes = 0;
                set_not_converging(migration, NULL);
            } else if (!answer_stalled_pass(out, expected_us, errp)) {
                return false;
            }
        }
        out->pass_us = g_get_monotonic_time();
        out->pass_bytes = bytes_out(out, NULL);
        if (!precopy_send_pages(out, true, errp) || !precopy_end_pass(out, errp)) {
            return false;
        }
    }
}
