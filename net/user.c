/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * user: a network in this program, by libslirp.  Its descriptors are those of one
 * GSource, which asks it for them before every poll.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <slirp/libslirp.h>
#include <stddef.h>
#include <string.h>

#include "netdev-class.h"
#include "util/error.h"

typedef struct User {
    Netdev netdev;
    Slirp *slirp;
    GSource *source;
    GArray *fds;        /* GPollFD, as slirp wants them now */
    gint64 deadline_us; /* of its clocks */
} User;

typedef struct UserSource {
    GSource source;
    User *user;
} UserSource;

/* ---- descriptors ---- */

static const struct {
    int slirp;
    GIOCondition glib;
} conditions[] = {
    {SLIRP_POLL_IN, G_IO_IN},   {SLIRP_POLL_OUT, G_IO_OUT}, {SLIRP_POLL_PRI, G_IO_PRI},
    {SLIRP_POLL_ERR, G_IO_ERR}, {SLIRP_POLL_HUP, G_IO_HUP},
};

static int add_poll(int fd, int events, void *opaque)
{
    User *user = opaque;
    GPollFD poll = {.fd = fd};

    for (unsigned i = 0; i < G_N_ELEMENTS(conditions); i++) {
        if (events & conditions[i].slirp) {
            poll.events |= (gushort)conditions[i].glib;
        }
    }
    g_array_append_val(user->fds, poll);
    return (int)user->fds->len - 1;
}

static int get_revents(int index, void *opaque)
{
    const User *user = opaque;
    gushort revents = g_array_index(user->fds, GPollFD, index).revents;
    int events = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(conditions); i++) {
        events |= revents & conditions[i].glib ? conditions[i].slirp : 0;
    }
    return events;
}

static void forget_fds(User *user)
{
    for (unsigned i = 0; i < user->fds->len; i++) {
        g_source_remove_poll(user->source, &g_array_index(user->fds, GPollFD, i));
    }
    g_array_set_size(user->fds, 0);
}

static gboolean source_prepare(GSource *source, gint *ret_timeout)
{
    User *user = ((UserSource *)source)->user;
    uint32_t timeout = UINT32_MAX;

    forget_fds(user);
    slirp_pollfds_fill(user->slirp, &timeout, add_poll, user);
    for (unsigned i = 0; i < user->fds->len; i++) {
        g_source_add_poll(source, &g_array_index(user->fds, GPollFD, i));
    }
    *ret_timeout = timeout > G_MAXINT ? -1 : (gint)timeout;
    user->deadline_us = timeout > G_MAXINT
                            ? G_MAXINT64
                            : g_source_get_time(source) + timeout * INT64_C(1000);
    return FALSE;
}

static gboolean source_check(GSource *source)
{
    const User *user = ((UserSource *)source)->user;

    for (unsigned i = 0; i < user->fds->len; i++) {
        if (g_array_index(user->fds, GPollFD, i).revents) {
            return TRUE;
        }
    }
    return g_source_get_time(source) >= user->deadline_us;
}

static gboolean source_dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
    User *user = ((UserSource *)source)->user;

    (void)callback;
    (void)data;
    slirp_pollfds_poll(user->slirp, 0, get_revents, user);
    return G_SOURCE_CONTINUE;
}

static const GSourceFuncs source_funcs = {
    .prepare = source_prepare,
    .check = source_check,
    .dispatch = source_dispatch,
};

/* ---- what slirp asks for ---- */

static ssize_t send_packet(const void *frame, size_t bytes, void *opaque)
{
    netdev_deliver(opaque, NULL, frame, bytes);
    return (ssize_t)bytes;
}

static void guest_error(const char *message, void *opaque)
{
    (void)message; /* a guest may send what it likes */
    (void)opaque;
}

static int64_t clock_get_ns(void *opaque)
{
    (void)opaque;
    return g_get_monotonic_time() * 1000;
}

typedef struct UserTimer {
    User *user;
    SlirpTimerId id;
    void *opaque;
    guint source;
} UserTimer;

static void *timer_new(SlirpTimerId id, void *timer_opaque, void *opaque)
{
    UserTimer *timer = g_new0(UserTimer, 1);

    *timer = (UserTimer){.user = opaque, .id = id, .opaque = timer_opaque};
    return timer;
}

static gboolean on_timer(gpointer data)
{
    UserTimer *timer = data;

    timer->source = 0;
    slirp_handle_timer(timer->user->slirp, timer->id, timer->opaque);
    return G_SOURCE_REMOVE;
}

static void timer_free(void *data, void *opaque)
{
    UserTimer *timer = data;

    (void)opaque;
    g_clear_handle_id(&timer->source, g_source_remove);
    g_free(timer);
}

static void timer_mod(void *data, int64_t expire_ms, void *opaque)
{
    UserTimer *timer = data;
    int64_t left = expire_ms - clock_get_ns(opaque) / 1000000;

    g_clear_handle_id(&timer->source, g_source_remove);
    timer->source = g_timeout_add((guint)CLAMP(left, 0, G_MAXINT), on_timer, timer);
}

static void no_fd(int fd, void *opaque)
{
    (void)fd; /* they are asked for before every poll */
    (void)opaque;
}

/* From a vCPU: the loop asks for descriptors again. */
static void notify(void *opaque)
{
    (void)opaque;
    g_main_context_wakeup(NULL);
}

static const SlirpCb callbacks = {
    .send_packet = send_packet,
    .guest_error = guest_error,
    .clock_get_ns = clock_get_ns,
    .timer_free = timer_free,
    .timer_mod = timer_mod,
    .register_poll_fd = no_fd,
    .unregister_poll_fd = no_fd,
    .notify = notify,
    .timer_new_opaque = timer_new,
};

/* ---- life ---- */

static bool add_forwards(const User *user, GError **errp)
{
    const GArray *forwards = user->netdev.config->user.forwards;

    for (unsigned i = 0; i < forwards->len; i++) {
        const NetForward *forward = &g_array_index(forwards, NetForward, i);

        if (slirp_add_hostfwd(user->slirp, forward->is_udp, forward->host,
                              forward->host_port, forward->guest,
                              forward->guest_port) < 0) {
            char host[INET_ADDRSTRLEN];

            error_set_errno(errp, errno, "hostfwd: %s %s:%u",
                            forward->is_udp ? "udp" : "tcp",
                            inet_ntop(AF_INET, &forward->host, host, sizeof(host)),
                            forward->host_port);
            return false;
        }
    }
    return true;
}

static SlirpConfig slirp_config(const NetUser *user)
{
    return (SlirpConfig){
        .version = 4,
        .restricted = user->is_restricted,
        .in_enabled = user->has_ipv4,
        .vnetwork = user->net,
        .vnetmask = user->mask,
        .vhost = user->host,
        .in6_enabled = user->has_ipv6,
        .vprefix_addr6 = user->prefix6,
        .vprefix_len = (uint8_t)user->prefix6_bits,
        .vhost6 = user->host6,
        .vhostname = user->hostname,
        .tftp_server_name = user->tftp_server_name,
        .tftp_path = user->tftp,
        .bootfile = user->bootfile,
        .vdhcp_start = user->dhcp_start,
        .vnameserver = user->dns,
        .vnameserver6 = user->dns6,
        .vdnssearch = user->dnssearch ? (const char **)user->dnssearch->pdata : NULL,
        .vdomainname = user->domainname,
    };
}

static bool user_open(Netdev *netdev, GError **errp)
{
    User *user = (User *)netdev;
    SlirpConfig config = slirp_config(&netdev->config->user);

    user->fds = g_array_new(FALSE, TRUE, sizeof(GPollFD));
    user->slirp = slirp_new(&config, &callbacks, user);
    if (!user->slirp) {
        error_set(errp, "libslirp %s does not take these settings",
                  slirp_version_string());
        return false;
    }
    if (!add_forwards(user, errp)) {
        return false;
    }
    user->source = g_source_new((GSourceFuncs *)&source_funcs, sizeof(UserSource));
    ((UserSource *)user->source)->user = user;
    g_source_attach(user->source, NULL);
    return true;
}

static void user_close(Netdev *netdev)
{
    User *user = (User *)netdev;

    if (user->source) {
        forget_fds(user);
        g_source_destroy(user->source);
        g_source_unref(user->source);
    }
    if (user->slirp) {
        slirp_cleanup(user->slirp);
    }
    g_array_unref(user->fds);
}

static void user_send(Netdev *netdev, const struct virtio_net_hdr_v1 *header,
                      const struct iovec *iov, unsigned count)
{
    User *user = (User *)netdev;
    uint8_t frame[NET_FRAME_MAX];
    size_t bytes = net_gather(iov, count, frame, sizeof(frame));

    (void)header; /* there are no offloads */
    if (bytes) {
        slirp_input(user->slirp, frame, (int)bytes);
        g_main_context_wakeup(NULL);
    }
}

const NetClass net_user_class = {
    .bytes = sizeof(User),
    .open = user_open,
    .close = user_close,
    .send = user_send,
};
