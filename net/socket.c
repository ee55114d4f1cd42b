/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stream and dgram: frames to another program.  In a stream each has its length before
 * it, 32 bits in network order; a datagram is one.
 */
#include <errno.h>
#include <glib-unix.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "netdev-class.h"
#include "util/error.h"
#include "util/unix-socket.h"

#define LENGTH_BYTES 4

/* Of one turn of the main loop. */
#define BURST 64

typedef struct NetSocket {
    Netdev netdev;
    int fd, listener; /* -1: none */
    guint in_watch, out_watch, accept_watch, timer;
    struct sockaddr_storage peer; /* of datagrams */
    socklen_t peer_bytes;
    GByteArray *out; /* what the stream did not take yet */
    size_t in_bytes;
    uint8_t in[LENGTH_BYTES + NET_FRAME_MAX];
} NetSocket;

static gboolean on_in(gint fd, GIOCondition condition, gpointer data);

static void watch_in(NetSocket *net)
{
    if (net->fd >= 0 && !net->in_watch) {
        net->in_watch = g_unix_fd_add(net->fd, G_IO_IN, on_in, net);
    }
}

static void socket_resume(Netdev *netdev)
{
    watch_in((NetSocket *)netdev);
}

/* ---- addresses ---- */

static bool resolve(const char *key, const NetAddress *address, int kind, bool is_passive,
                    struct sockaddr_storage *ret, socklen_t *ret_bytes, GError **errp)
{
    const struct addrinfo hints = {.ai_socktype = kind,
                                   .ai_flags = is_passive ? AI_PASSIVE : 0};
    struct addrinfo *found;
    int error;

    if (address->type == NET_ADDRESS_UNIX) {
        struct sockaddr_un *path = (struct sockaddr_un *)ret;

        if (strlen(address->path) >= sizeof(path->sun_path)) {
            error_set(errp, "%s.path=%s is longer than %zu", key, address->path,
                      sizeof(path->sun_path) - 1);
            return false;
        }
        *ret = (struct sockaddr_storage){.ss_family = AF_UNIX};
        g_strlcpy(path->sun_path, address->path, sizeof(path->sun_path));
        *ret_bytes = sizeof(*path);
        return true;
    }
    error =
        getaddrinfo(*address->host ? address->host : NULL, address->port, &hints, &found);
    if (error) {
        error_set(errp, "%s: %s:%s: %s", key, address->host, address->port,
                  gai_strerror(error));
        return false;
    }
    memcpy(ret, found->ai_addr, found->ai_addrlen);
    *ret_bytes = found->ai_addrlen;
    freeaddrinfo(found);
    return true;
}

/* ---- streams ---- */

static gboolean on_reconnect(gpointer data);

/* The other side is gone; whoever listens or asks again has the next one. */
static void lose(NetSocket *net)
{
    g_clear_handle_id(&net->in_watch, g_source_remove);
    g_clear_handle_id(&net->out_watch, g_source_remove);
    close(net->fd);
    net->fd = -1;
    net->in_bytes = 0;
    g_byte_array_set_size(net->out, 0);
    if (net->netdev.config->reconnect_ms && !net->timer) {
        net->timer = g_timeout_add(net->netdev.config->reconnect_ms, on_reconnect, net);
    }
    netdev_sent(&net->netdev);
}

static void have(NetSocket *net, int fd)
{
    net->fd = fd;
    watch_in(net);
}

static gboolean on_out(gint fd, GIOCondition condition, gpointer data)
{
    NetSocket *net = data;
    ssize_t sent = send(fd, net->out->data, net->out->len, MSG_NOSIGNAL | MSG_DONTWAIT);

    (void)condition;
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        net->out_watch = 0;
        lose(net);
        return G_SOURCE_REMOVE;
    }
    g_byte_array_remove_range(net->out, 0, (guint)MAX(sent, 0));
    if (net->out->len) {
        return G_SOURCE_CONTINUE;
    }
    net->out_watch = 0;
    netdev_sent(&net->netdev);
    return G_SOURCE_REMOVE;
}

static bool stream_can_send(const Netdev *netdev)
{
    return ((const NetSocket *)netdev)->out->len == 0;
}

static void stream_send(Netdev *netdev, const struct virtio_net_hdr_v1 *header,
                        const struct iovec *iov, unsigned count)
{
    NetSocket *net = (NetSocket *)netdev;
    uint8_t out[LENGTH_BYTES + NET_FRAME_MAX];
    size_t bytes = net_gather(iov, count, out + LENGTH_BYTES, NET_FRAME_MAX);
    uint32_t length = GUINT32_TO_BE((uint32_t)bytes);
    ssize_t sent;

    (void)header; /* there are no offloads */
    if (net->fd < 0 || !bytes) {
        return;
    }
    memcpy(out, &length, LENGTH_BYTES);
    bytes += LENGTH_BYTES;
    /* An error is seen by those who look at the stream next. */
    sent = net->out->len ? 0 : send(net->fd, out, bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
    sent = MAX(sent, 0);
    if ((size_t)sent < bytes) {
        g_byte_array_append(net->out, out + sent, (guint)(bytes - (size_t)sent));
        if (!net->out_watch) {
            net->out_watch = g_unix_fd_add(net->fd, G_IO_OUT, on_out, net);
        }
    }
}

/* Bytes of the frame that is coming, length and all; 0: it cannot be. */
static size_t frame_bytes(const NetSocket *net)
{
    uint32_t length;

    if (net->in_bytes < LENGTH_BYTES) {
        return LENGTH_BYTES;
    }
    memcpy(&length, net->in, LENGTH_BYTES);
    length = GUINT32_FROM_BE(length);
    return length && length <= NET_FRAME_MAX ? LENGTH_BYTES + length : 0;
}

/* One part of a frame; false: the stream has ended. */
static bool read_some(NetSocket *net, bool *ret_more)
{
    size_t want = frame_bytes(net);
    ssize_t got =
        want ? recv(net->fd, net->in + net->in_bytes, want - net->in_bytes, MSG_DONTWAIT)
             : 0;

    *ret_more = got > 0;
    if (got <= 0) {
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    }
    net->in_bytes += (size_t)got;
    if (net->in_bytes > LENGTH_BYTES && net->in_bytes == frame_bytes(net)) {
        size_t bytes = net->in_bytes - LENGTH_BYTES;

        net->in_bytes = 0;
        netdev_deliver(&net->netdev, NULL, net->in + LENGTH_BYTES, bytes);
    }
    return true;
}

/* ---- datagrams ---- */

static void read_datagram(NetSocket *net, bool *ret_more)
{
    ssize_t got = recv(net->fd, net->in, NET_FRAME_MAX, MSG_DONTWAIT);

    *ret_more = got > 0;
    if (got > 0) {
        netdev_deliver(&net->netdev, NULL, net->in, (size_t)got);
    }
}

static void dgram_send(Netdev *netdev, const struct virtio_net_hdr_v1 *header,
                       const struct iovec *iov, unsigned count)
{
    NetSocket *net = (NetSocket *)netdev;
    struct msghdr message = {.msg_name = net->peer_bytes ? &net->peer : NULL,
                             .msg_namelen = net->peer_bytes,
                             .msg_iov = (struct iovec *)iov,
                             .msg_iovlen = count};
    ssize_t ignored;

    (void)header; /* there are no offloads */
    /* Nobody there, or full: the frame is lost, as on a wire. */
    ignored = sendmsg(net->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)ignored;
}

/* ---- both ---- */

static gboolean on_in(gint fd, GIOCondition condition, gpointer data)
{
    NetSocket *net = data;
    bool is_stream = net->netdev.config->type == NET_STREAM, more = true;

    (void)fd;
    (void)condition;
    for (unsigned i = 0; i < BURST && more; i++) {
        if (!is_stream) {
            read_datagram(net, &more);
        } else if (!read_some(net, &more)) {
            net->in_watch = 0;
            lose(net);
            return G_SOURCE_REMOVE;
        }
        if (net->netdev.is_paused) {
            net->in_watch = 0;
            return G_SOURCE_REMOVE;
        }
    }
    return G_SOURCE_CONTINUE;
}

static gboolean on_accept(gint fd, GIOCondition condition, gpointer data)
{
    NetSocket *net = data;
    int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    (void)condition;
    if (peer >= 0 && net->fd >= 0) {
        close(peer); /* one at a time */
    } else if (peer >= 0) {
        have(net, peer);
    }
    return G_SOURCE_CONTINUE;
}

/* @flags: SOCK_NONBLOCK has errors of the other side come when the stream is used. */
static int connect_stream(const NetAddress *address, int flags, GError **errp)
{
    struct sockaddr_storage to;
    socklen_t bytes;
    int fd;

    if (!resolve("addr", address, SOCK_STREAM, false, &to, &bytes, errp)) {
        return -1;
    }
    fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0 ||
        (connect(fd, (struct sockaddr *)&to, bytes) < 0 && errno != EINPROGRESS)) {
        error_set_errno(errp, errno, "cannot connect to %s%s%s",
                        address->path ? address->path : address->host,
                        address->path ? "" : ":", address->path ? "" : address->port);
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

static gboolean on_reconnect(gpointer data)
{
    NetSocket *net = data;
    int fd = connect_stream(&net->netdev.config->address, SOCK_NONBLOCK, NULL);

    if (fd < 0) {
        return G_SOURCE_CONTINUE;
    }
    net->timer = 0;
    have(net, fd);
    return G_SOURCE_REMOVE;
}

static int bind_socket(const char *key, const NetAddress *address, int kind,
                       GError **errp)
{
    struct sockaddr_storage at;
    const int one = 1;
    socklen_t bytes;
    int fd;

    if (kind == SOCK_STREAM && address->type == NET_ADDRESS_UNIX) {
        return unix_socket_listen(address->path, errp);
    }
    if (!resolve(key, address, kind, true, &at, &bytes, errp)) {
        return -1;
    }
    if (address->type == NET_ADDRESS_UNIX) {
        (void)unlink(address->path); /* of one that was here before */
    }
    fd = socket(at.ss_family, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && address->type == NET_ADDRESS_INET) {
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    }
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, bytes) < 0 ||
        (kind == SOCK_STREAM && listen(fd, 1) < 0)) {
        error_set_errno(errp, errno, "%s: cannot be at that address", key);
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

static bool stream_open(Netdev *netdev, GError **errp)
{
    NetSocket *net = (NetSocket *)netdev;
    const NetConfig *config = netdev->config;

    net->fd = net->listener = -1;
    net->out = g_byte_array_new();
    if (config->is_server && config->address.type != NET_ADDRESS_FD) {
        net->listener = bind_socket("addr", &config->address, SOCK_STREAM, errp);
        if (net->listener >= 0) {
            net->accept_watch = g_unix_fd_add(net->listener, G_IO_IN, on_accept, net);
        }
        return net->listener >= 0;
    }
    net->fd = config->address.type == NET_ADDRESS_FD
                  ? net_fd_parse(config->address.text, errp)
                  : connect_stream(&config->address, 0, errp);
    watch_in(net);
    return net->fd >= 0;
}

static bool dgram_open(Netdev *netdev, GError **errp)
{
    NetSocket *net = (NetSocket *)netdev;
    const NetConfig *config = netdev->config;

    net->fd = net->listener = -1;
    net->out = g_byte_array_new();
    if (config->local.type == NET_ADDRESS_FD) {
        net->fd = net_fd_parse(config->local.text, errp);
    } else if (resolve("remote", &config->remote, SOCK_DGRAM, false, &net->peer,
                       &net->peer_bytes, errp)) {
        net->fd = bind_socket("local", &config->local, SOCK_DGRAM, errp);
    }
    watch_in(net);
    return net->fd >= 0;
}

static void close_fd(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

static void socket_close(Netdev *netdev)
{
    NetSocket *net = (NetSocket *)netdev;
    const NetAddress *own = netdev->config->type == NET_DGRAM ? &netdev->config->local
                                                              : &netdev->config->address;
    bool is_ours =
        net->listener >= 0 || (netdev->config->type == NET_DGRAM && net->fd >= 0);

    g_clear_handle_id(&net->in_watch, g_source_remove);
    g_clear_handle_id(&net->out_watch, g_source_remove);
    g_clear_handle_id(&net->accept_watch, g_source_remove);
    g_clear_handle_id(&net->timer, g_source_remove);
    close_fd(net->fd);
    close_fd(net->listener);
    if (is_ours && own->type == NET_ADDRESS_UNIX) {
        (void)unlink(own->path);
    }
    g_byte_array_unref(net->out);
}

const NetClass net_stream_class = {
    .bytes = sizeof(NetSocket),
    .open = stream_open,
    .close = socket_close,
    .send = stream_send,
    .can_send = stream_can_send,
    .resume = socket_resume,
};

const NetClass net_dgram_class = {
    .bytes = sizeof(NetSocket),
    .open = dgram_open,
    .close = socket_close,
    .send = dgram_send,
    .resume = socket_resume,
};
