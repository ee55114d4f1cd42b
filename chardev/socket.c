/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "util/error.h"
#include "util/unix-socket.h"

#include "backend.h"

/* Peers that may wait while one is connected. */
#define BACKLOG 16
/* Until descriptors or memory may be there again. */
#define RETRY_MS 200

typedef struct Socket {
    int listen_fd;          /* -1: a client */
    GSource *accept_source; /* waits for the next peer, or for the time to ask again */
    char *unlink_path;      /* the path we bound */
} Socket;

static int connect_unix(const char *path, GError **errp)
{
    struct sockaddr_un address;
    int fd = unix_socket_open(path, 0, &address, errp);

    if (fd < 0) {
        return -1;
    }
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
        error_set_errno(errp, errno, "cannot connect to %s", path);
        close(fd);
        return -1;
    }
    return fd;
}

static int open_unix(const ChardevConfig *config, GError **errp)
{
    return config->is_server ? unix_socket_listen(config->path, errp)
                             : connect_unix(config->path, errp);
}

static int open_inet_address(const struct addrinfo *info, bool is_server)
{
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1, saved;

    if (fd < 0) {
        return -1;
    }
    if (is_server) {
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0) {
            return fd;
        }
    } else if (connect(fd, info->ai_addr, info->ai_addrlen) == 0) {
        return fd;
    }
    saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

static int open_inet(const ChardevConfig *config, GError **errp)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = config->is_server ? AI_PASSIVE : 0};
    struct addrinfo *list = NULL;
    const char *host = config->host && config->host[0] ? config->host : NULL;
    int result = getaddrinfo(host, config->port, &hints, &list);
    int fd = -1, saved = 0;

    if (result) {
        error_set(errp, "cannot resolve %s:%s: %s", host ? host : "", config->port,
                  gai_strerror(result));
        return -1;
    }
    for (struct addrinfo *info = list; info && fd < 0; info = info->ai_next) {
        fd = open_inet_address(info, config->is_server);
        saved = errno;
    }
    freeaddrinfo(list);
    if (fd < 0) {
        error_set_errno(errp, saved, "cannot %s %s:%s",
                        config->is_server ? "listen on" : "connect to", host ? host : "",
                        config->port);
    }
    return fd;
}

static int take_inherited(ChardevConfig *config, GError **errp)
{
    int fd = config->fd;
    int is_listening = 0;
    socklen_t len = sizeof(is_listening);
    int flags = fcntl(fd, F_GETFD);

    /* What would not outlive an exec() was not inherited: the program opened it. */
    if (flags >= 0 && flags & FD_CLOEXEC) {
        error_set(errp, "fd=%d is in use, or was not inherited", fd);
        return -1;
    }
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &len)) {
        error_set_errno(errp, errno, "fd=%d is no socket", fd);
        return -1;
    }
    if (is_listening != config->is_server) {
        error_set(errp, "fd=%d %s, but server=%s was given", fd,
                  is_listening ? "listens" : "does not listen",
                  config->is_server ? "on" : "off");
        return -1;
    }
    config->fd = -1;
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

static void start_listening(Chardev *chardev);

static void adopt_peer(Chardev *chardev, int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof(address);

    chardev_set_blocking(fd, false);
    chardev->has_fd_passing = getsockname(fd, (struct sockaddr *)&address, &len) == 0 &&
                              address.ss_family == AF_UNIX;
    chardev_attach_fds(chardev, fd, fd, true);
}

static void stop_listening(Socket *sock)
{
    if (sock->accept_source) {
        g_source_destroy(sock->accept_source);
        g_clear_pointer(&sock->accept_source, g_source_unref);
    }
}

static gboolean accept_again(gpointer data)
{
    Chardev *chardev = data;

    stop_listening(chardev->backend);
    start_listening(chardev);
    return G_SOURCE_REMOVE;
}

/* Who left before it was accepted; otherwise it is this process that cannot. */
static bool is_peers_affair(int cause)
{
    return cause == EAGAIN || cause == EINTR || cause == ECONNABORTED || cause == EPROTO;
}

static gboolean accept_ready(gint fd, GIOCondition condition, gpointer data)
{
    Chardev *chardev = data;
    Socket *sock = chardev->backend;
    int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

    (void)condition; /* accept() tells */
    if (peer < 0 && is_peers_affair(errno)) {
        return G_SOURCE_CONTINUE;
    }
    if (peer < 0) {
        /* Who waits there keeps the descriptor readable: asked at once, it would spin. */
        stop_listening(sock);
        sock->accept_source = g_timeout_source_new(RETRY_MS);
        g_source_set_callback(sock->accept_source, accept_again, chardev, NULL);
        g_source_attach(sock->accept_source, NULL);
        return G_SOURCE_REMOVE;
    }
    if (chardev_is_open(chardev)) {
        chardev_detach_fds(chardev); /* one that left, and was not read to its end */
    }
    stop_listening(sock);
    adopt_peer(chardev, peer);
    return G_SOURCE_REMOVE;
}

/* One peer at a time: the next one is accepted after this one has gone. */
static void start_listening(Chardev *chardev)
{
    Socket *sock = chardev->backend;

    if (sock->listen_fd < 0 || sock->accept_source) {
        return;
    }
    sock->accept_source = g_unix_fd_source_new(sock->listen_fd, G_IO_IN);
    /* The cast GLib's own macro G_SOURCE_FUNC makes. */
    g_source_set_callback(sock->accept_source, (GSourceFunc)(void (*)(void))accept_ready,
                          chardev, NULL);
    g_source_attach(sock->accept_source, NULL);
}

static bool wait_for_peer(Chardev *chardev, GError **errp)
{
    Socket *sock = chardev->backend;
    struct pollfd poll_fd = {.fd = sock->listen_fd, .events = POLLIN};
    int peer = -1;

    while (peer < 0) {
        if (poll(&poll_fd, 1, -1) > 0) {
            peer = accept4(sock->listen_fd, NULL, NULL, SOCK_CLOEXEC);
        }
        if (peer < 0 && !is_peers_affair(errno)) {
            error_set_errno(errp, errno, "waiting for a connection");
            return false;
        }
    }
    adopt_peer(chardev, peer);
    return true;
}

static bool socket_open(Chardev *chardev, ChardevConfig *config, GError **errp)
{
    Socket *sock = g_new0(Socket, 1);
    int fd;

    chardev->backend = sock;
    sock->listen_fd = -1;
    fd = config->fd >= 0 ? take_inherited(config, errp)
         : config->path  ? open_unix(config, errp)
                         : open_inet(config, errp);
    if (fd < 0) {
        return false;
    }
    if (!config->is_server) {
        adopt_peer(chardev, fd);
        return true;
    }
    sock->listen_fd = fd;
    sock->unlink_path = g_strdup(config->path);
    chardev_set_blocking(fd, false);
    if (config->is_wait) {
        return wait_for_peer(chardev, errp);
    }
    start_listening(chardev);
    return true;
}

static void socket_clear(Chardev *chardev)
{
    Socket *sock = chardev->backend;

    if (!sock) {
        return;
    }
    stop_listening(sock);
    if (sock->listen_fd >= 0) {
        close(sock->listen_fd);
    }
    if (sock->unlink_path) {
        unlink(sock->unlink_path);
    }
    g_free(sock->unlink_path);
    g_free(sock);
}

static char *socket_filename(const Chardev *chardev)
{
    const ChardevConfig *config = chardev->config;
    const char *state = chardev_is_open(chardev) ? "" : "disconnected:";
    const char *tail = config->is_server ? ",server=on" : "";

    if (config->path) {
        return g_strdup_printf("%sunix:%s%s", state, config->path, tail);
    }
    if (config->port) {
        return g_strdup_printf("%stcp:%s:%s%s", state, config->host ? config->host : "",
                               config->port, tail);
    }
    return g_strdup_printf("%sfd:%s%s", state, config->fd_name, tail);
}

const ChardevClass chardev_class_socket = {
    .open = socket_open,
    .closed = start_listening,
    .left = start_listening,
    .clear = socket_clear,
    .filename = socket_filename,
};
