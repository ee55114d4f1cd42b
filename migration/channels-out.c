/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/socket.h>

#include "migration/channels.h"

/* Runs waiting per channel: one being written, one to go on with. */
#define RUNS_PER_CHANNEL 2

typedef struct ChannelOut {
    ChannelsOut *all;
    GThread *thread;
    Stream *stream;
    RamWriter *writer;
    uint64_t frames;
} ChannelOut;

struct ChannelsOut {
    ChannelOut *channels;
    unsigned count;

    /* Under the mutex. */
    GMutex mutex;
    GCond changed;
    GQueue runs; /* RamRun */
    unsigned busy;
    bool is_ending;
    uint64_t sent, handed; /* bytes written; bytes of pages not written yet */
    RamCount counted;
    GError *error;
};

/* Writes @run, with the mutex free meanwhile. */
static void write_run(ChannelOut *channel, RamRun *run)
{
    ChannelsOut *all = channel->all;
    uint64_t before = stream_offset_out(channel->stream);
    RamCount count = {0};
    GError *error = NULL;

    all->busy++;
    g_mutex_unlock(&all->mutex);
    (void)ram_writer_send(channel->writer, run, channel->stream, &count, &error);
    g_mutex_lock(&all->mutex);
    all->busy--;
    channel->frames++;
    all->handed -= (uint64_t)run->pages * GUEST_PAGE_BYTES;
    all->sent += stream_offset_out(channel->stream) - before;
    all->counted.pages += count.pages;
    all->counted.zero_pages += count.zero_pages;
    if (error && !all->error) {
        all->error = g_steal_pointer(&error);
    }
    g_clear_error(&error);
    g_cond_broadcast(&all->changed);
}

static gpointer channel_main(gpointer data)
{
    ChannelOut *channel = data;
    ChannelsOut *all = channel->all;

    g_mutex_lock(&all->mutex);
    while (!all->is_ending) {
        g_autofree RamRun *run = g_queue_pop_head(&all->runs);

        if (run) {
            write_run(channel, run);
        } else {
            g_cond_wait(&all->changed, &all->mutex);
        }
    }
    g_mutex_unlock(&all->mutex);
    return NULL;
}

static bool connect_channel(ChannelOut *channel, const Transport *transport,
                            int cancel_fd, const char *token, GError **errp)
{
    TransportEnd end;

    if (!transport_open_out(transport, cancel_fd, &end, errp)) {
        return false;
    }
    channel->stream = stream_new(end.fd, cancel_fd);
    return stream_write_magic(channel->stream, errp) &&
           stream_write(channel->stream, STREAM_CHANNEL, token, CHANNEL_TOKEN_CHARS,
                        errp);
}

ChannelsOut *channels_out_open(const Transport *transport, int cancel_fd, unsigned count,
                               const char *token, const GuestMemory *memory, int level,
                               GError **errp)
{
    ChannelsOut *all = g_new0(ChannelsOut, 1);

    g_mutex_init(&all->mutex);
    g_cond_init(&all->changed);
    g_queue_init(&all->runs);
    all->channels = g_new0(ChannelOut, count);
    for (unsigned i = 0; i < count; i++) {
        ChannelOut *channel = &all->channels[all->count++];

        channel->all = all;
        channel->writer = ram_writer_new(memory, level);
        channel->thread = connect_channel(channel, transport, cancel_fd, token, errp)
                              ? channel_thread_new(channel_main, channel, errp)
                              : NULL;
        if (!channel->thread) {
            g_prefix_error(errp, "channel %u of %u: ", i + 1, count);
            channels_out_free(all);
            return NULL;
        }
    }
    return all;
}

void channels_out_free(ChannelsOut *all)
{
    bool is_busy;

    if (!all) {
        return;
    }
    g_mutex_lock(&all->mutex);
    all->is_ending = true;
    is_busy = all->busy;
    g_cond_broadcast(&all->changed);
    g_mutex_unlock(&all->mutex);
    for (unsigned i = 0; i < all->count; i++) {
        ChannelOut *channel = &all->channels[i];

        /* Whoever still writes will not be heard. */
        if (channel->stream && is_busy) {
            stream_shutdown(channel->stream, SHUT_RDWR);
        }
        if (channel->thread) {
            g_thread_join(channel->thread);
        }
        stream_free(channel->stream);
        ram_writer_free(channel->writer);
    }
    g_queue_clear_full(&all->runs, g_free);
    g_clear_error(&all->error);
    g_mutex_clear(&all->mutex);
    g_cond_clear(&all->changed);
    g_free(all->channels);
    g_free(all);
}

/* The error of a channel as the caller's.  With the mutex. */
static bool is_well(const ChannelsOut *all, GError **errp)
{
    if (all->error) {
        g_propagate_error(errp, g_error_copy(all->error));
    }
    return !all->error;
}

bool channels_out_send(ChannelsOut *all, const RamRun *run, GError **errp)
{
    bool ok;

    g_mutex_lock(&all->mutex);
    while (!all->error && all->runs.length >= all->count * RUNS_PER_CHANNEL) {
        g_cond_wait(&all->changed, &all->mutex);
    }
    ok = is_well(all, errp);
    if (ok) {
        all->handed += (uint64_t)run->pages * GUEST_PAGE_BYTES;
        g_queue_push_tail(&all->runs, g_memdup2(run, sizeof(*run)));
        g_cond_broadcast(&all->changed);
    }
    g_mutex_unlock(&all->mutex);
    return ok;
}

/* Nobody writes now, so the streams are the caller's until it hands over again. */
static bool wait_idle(ChannelsOut *all, GError **errp)
{
    bool ok;

    g_mutex_lock(&all->mutex);
    while (!all->error && (all->runs.length || all->busy)) {
        g_cond_wait(&all->changed, &all->mutex);
    }
    ok = is_well(all, errp);
    g_mutex_unlock(&all->mutex);
    return ok;
}

bool channels_out_end_pass(ChannelsOut *all, GError **errp)
{
    if (!wait_idle(all, errp)) {
        return false;
    }
    for (unsigned i = 0; i < all->count; i++) {
        if (!stream_write(all->channels[i].stream, STREAM_RAM_PASS, NULL, 0, errp)) {
            return false;
        }
        all->channels[i].frames++;
    }
    return true;
}

bool channels_out_finish(ChannelsOut *all, GError **errp)
{
    if (!wait_idle(all, errp)) {
        return false;
    }
    for (unsigned i = 0; i < all->count; i++) {
        if (!stream_write_end(all->channels[i].stream, all->channels[i].frames, errp)) {
            return false;
        }
    }
    return true;
}

uint64_t channels_out_handed(ChannelsOut *all)
{
    uint64_t handed;

    g_mutex_lock(&all->mutex);
    handed = all->handed;
    g_mutex_unlock(&all->mutex);
    return handed;
}

uint64_t channels_out_sent(ChannelsOut *all, RamCount *count)
{
    uint64_t sent;

    g_mutex_lock(&all->mutex);
    sent = all->sent;
    count->pages += all->counted.pages;
    count->zero_pages += all->counted.zero_pages;
    g_mutex_unlock(&all->mutex);
    return sent;
}
