/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <sys/socket.h>

#include "migration/channels.h"
#include "util/error.h"

#define ACCEPT_SECONDS 10
#define BEGIN_US       (G_TIME_SPAN_SECOND / 2)

typedef struct ChannelIn {
    ChannelsIn *all;
    GThread *thread;
    Stream *stream;
    RamReceiver *ram;
} ChannelIn;

struct ChannelsIn {
    ChannelIn *channels;
    unsigned count;
    Stream *main;

    /* Under the mutex. */
    GMutex mutex;
    GCond changed;
    unsigned arrived; /* at the end of the pass */
    unsigned pass;
    bool is_broken;
    GError *error;
};

/* The last of all lets all go on.  False where one will not come. */
static bool meet(ChannelsIn *all)
{
    unsigned pass;
    bool ok;

    g_mutex_lock(&all->mutex);
    pass = all->pass;
    if (++all->arrived == all->count + 1) {
        all->arrived = 0;
        all->pass++;
        g_cond_broadcast(&all->changed);
    }
    while (all->pass == pass && !all->is_broken) {
        g_cond_wait(&all->changed, &all->mutex);
    }
    ok = all->pass != pass;
    g_mutex_unlock(&all->mutex);
    return ok;
}

static void break_off(ChannelsIn *all, GError *error)
{
    g_mutex_lock(&all->mutex);
    all->is_broken = true;
    if (error && !all->error) {
        all->error = error;
        error = NULL;
    }
    g_cond_broadcast(&all->changed);
    g_mutex_unlock(&all->mutex);
    g_clear_error(&error);
}

static bool take_frame(ChannelIn *channel, StreamFrame kind, const GByteArray *payload,
                       GError **errp)
{
    switch (kind) {
    case STREAM_RAM:
        return ram_receiver_load(channel->ram, payload, errp);
    case STREAM_RAM_PACKED:
        return ram_receiver_load_packed(channel->ram, payload, errp);
    case STREAM_RAM_PASS:
        if (!meet(channel->all)) {
            error_set(errp, "another channel ended within the pass");
            return false;
        }
        return true;
    default:
        error_set(errp, "a frame '%s' does not belong here", stream_frame_name(kind));
        return false;
    }
}

static bool receive(ChannelIn *channel, GError **errp)
{
    g_autoptr(GByteArray) payload = g_byte_array_new();
    uint64_t frames = 0;

    while (true) {
        uint64_t start = stream_offset_in(channel->stream);
        StreamFrame kind = stream_read(channel->stream, payload, "memory", errp);

        if (kind == STREAM_NOTHING) {
            return false;
        }
        if (kind == STREAM_END) {
            return stream_check_end(payload, frames, errp);
        }
        if (!take_frame(channel, kind, payload, errp)) {
            g_prefix_error(errp, "at offset %" G_GUINT64_FORMAT ": ", start);
            return false;
        }
        frames++;
    }
}

static gpointer channel_main(gpointer data)
{
    ChannelIn *channel = data;
    ChannelsIn *all = channel->all;
    GError *error = NULL;

    if (!receive(channel, &error)) {
        g_prefix_error(&error, "migration stream: channel %u of %u: ",
                       (unsigned)(channel - all->channels) + 1, all->count);
        break_off(all, error);
        stream_shutdown(all->main, SHUT_RD); /* it can still say why */
    }
    return NULL;
}

/* A stranger is given up soon: a source sends at once what a channel begins with. */
static bool knows_token(Stream *stream, const char *token, int64_t deadline)
{
    g_autoptr(GByteArray) payload = g_byte_array_new();
    bool knows;

    stream_set_deadline(stream, MIN(deadline, g_get_monotonic_time() + BEGIN_US));
    knows = stream_read_magic(stream, NULL) &&
            stream_read(stream, payload, "a channel", NULL) == STREAM_CHANNEL &&
            payload->len == CHANNEL_TOKEN_CHARS &&
            memcmp(payload->data, token, CHANNEL_TOKEN_CHARS) == 0;
    stream_set_deadline(stream, 0);
    return knows;
}

/* The next connection that knows the token; others are let go. */
static Stream *accept_channel(int listen_fd, int cancel_fd, const char *token,
                              int64_t deadline, GError **errp)
{
    g_autoptr(GError) error = NULL;
    int fd;

    while ((fd = transport_accept(listen_fd, cancel_fd, deadline, &error)) >= 0) {
        g_autoptr(Stream) stream = stream_new(fd, cancel_fd);

        if (knows_token(stream, token, deadline)) {
            return g_steal_pointer(&stream);
        }
    }
    if (g_error_matches(error, VPMU_ERROR, VPMU_ERROR_TIMEOUT)) {
        error_set(errp, "the source did not connect within %d seconds", ACCEPT_SECONDS);
    } else {
        g_propagate_error(errp, g_steal_pointer(&error));
    }
    return NULL;
}

ChannelsIn *channels_in_accept(int listen_fd, int cancel_fd, unsigned count,
                               const char *token, GuestMemory *memory, Stream *main,
                               GError **errp)
{
    ChannelsIn *all = g_new0(ChannelsIn, 1);
    int64_t deadline = g_get_monotonic_time() + ACCEPT_SECONDS * G_TIME_SPAN_SECOND;
    bool ok = true;

    g_mutex_init(&all->mutex);
    g_cond_init(&all->changed);
    all->main = main;
    all->channels = g_new0(ChannelIn, count);
    all->count = count;
    for (unsigned i = 0; ok && i < count; i++) {
        ChannelIn *channel = &all->channels[i];

        channel->all = all;
        channel->ram = ram_receiver_new(memory);
        channel->stream = accept_channel(listen_fd, cancel_fd, token, deadline, errp);
        channel->thread =
            channel->stream ? channel_thread_new(channel_main, channel, errp) : NULL;
        ok = channel->thread;
        if (!ok) {
            g_prefix_error(errp, "channel %u of %u: ", i + 1, count);
        }
    }
    if (!ok) {
        g_clear_pointer(&all, channels_in_free);
    }
    return all;
}

/* Who still reads gets no more. */
static void end_all(ChannelsIn *all)
{
    break_off(all, NULL);
    for (unsigned i = 0; i < all->count && all->channels[i].stream; i++) {
        stream_shutdown(all->channels[i].stream, SHUT_RDWR);
    }
}

static void join(ChannelsIn *all)
{
    for (unsigned i = 0; i < all->count; i++) {
        if (all->channels[i].thread) {
            g_thread_join(g_steal_pointer(&all->channels[i].thread));
        }
    }
}

void channels_in_free(ChannelsIn *all)
{
    if (!all) {
        return;
    }
    end_all(all);
    join(all);
    for (unsigned i = 0; i < all->count; i++) {
        stream_free(all->channels[i].stream);
        ram_receiver_free(all->channels[i].ram);
    }
    g_clear_error(&all->error);
    g_mutex_clear(&all->mutex);
    g_cond_clear(&all->changed);
    g_free(all->channels);
    g_free(all);
}

bool channels_in_end_pass(ChannelsIn *all, GError **errp)
{
    bool ok = meet(all);

    if (!ok) {
        error_set(errp, "a channel ended within the pass");
    }
    return ok;
}

bool channels_in_finish(ChannelsIn *all, RamReceiver *ram, GError **errp)
{
    join(all);
    for (unsigned i = 0; i < all->count; i++) {
        ram_receiver_merge(ram, all->channels[i].ram);
    }
    if (all->error) {
        g_propagate_error(errp, g_error_copy(all->error));
    }
    return !all->error;
}

const GError *channels_in_error(ChannelsIn *all)
{
    const GError *error;

    g_mutex_lock(&all->mutex);
    error = all->error;
    g_mutex_unlock(&all->mutex);
    return error;
}
