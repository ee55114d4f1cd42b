/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "migration/transport.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/error.h"
#include "util/number.h"

#define OFFSET_KEY ",offset="

void transport_free(Transport *transport)
{
    if (transport) {
        g_free(transport->address);
        g_free(transport->port);
        g_free(transport);
    }
}

/* ---- addresses ---- */

static bool parse_tcp(Transport *transport, const char *text, GError **errp)
{
    const char *colon = strrchr(text, ':');
    size_t len = colon ? (size_t)(colon - text) : 0;

    if (!colon || !colon[1]) {
        error_set(errp, "tcp:%s: HOST:PORT is expected", text);
        return false;
    }
    transport->port = g_strdup(colon + 1);
    if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
        text++;
        len -= 2;
    }
    transport->address = g_strndup(text, len);
    return true;
}

static bool parse_file(Transport *transport, const char *text, GError **errp)
{
    const char *key = g_strrstr(text, OFFSET_KEY);

    transport->address = key ? g_strndup(text, (gsize)(key - text)) : g_strdup(text);
    if (key && !number_parse_size(key + strlen(OFFSET_KEY), 'b', &transport->offset)) {
        error_set(errp, "file:%s: offset= takes a number of bytes", text);
        return false;
    }
    return true;
}

Transport *transport_parse(const char *uri, GError **errp)
{
    static const char *const schemes[] = {
        [TRANSPORT_UNIX] = "unix:", [TRANSPORT_TCP] = "tcp:",   [TRANSPORT_FD] = "fd:",
        [TRANSPORT_FILE] = "file:", [TRANSPORT_EXEC] = "exec:",
    };
    g_autoptr(Transport) transport = g_new0(Transport, 1);

    for (unsigned i = 0; i < G_N_ELEMENTS(schemes); i++) {
        const char *rest = uri + strlen(schemes[i]);

        if (!g_str_has_prefix(uri, schemes[i]) || !*rest) {
            continue;
        }
        transport->kind = i;
        if (i == TRANSPORT_TCP    ? !parse_tcp(transport, rest, errp)
            : i == TRANSPORT_FILE ? !parse_file(transport, rest, errp)
                                  : false) {
            return NULL;
        }
        if (!transport->address) {
            transport->address = g_strdup(rest);
        }
        return g_steal_pointer(&transport);
    }
    error_set(errp,
              "'%s' is no address of a migration: unix:PATH, tcp:HOST:PORT, fd:NAME, "
              "file:PATH[,offset=N] and exec:COMMAND are",
              uri);
    return NULL;
}

/* ---- sockets ---- */

static bool unix_address(const char *path, struct sockaddr_un *ret, GError **errp)
{
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(ret->sun_path)) {
        error_set(errp, "unix:%s: the path has more than %zu bytes", path,
                  sizeof(ret->sun_path) - 1);
        return false;
    }
    strcpy(ret->sun_path, path);
    return true;
}

static int open_unix(const char *path, bool is_listening, GError **errp)
{
    struct sockaddr_un address;
    int fd;

    if (!unix_address(path, &address, errp)) {
        return -1;
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        error_set_errno(errp, errno, "unix:%s: cannot make a socket", path);
        return -1;
    }
    if (is_listening) {
        (void)unlink(path); /* left by an earlier run; if not, bind tells */
    }
    if (is_listening
            ? bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 1)
            : connect(fd, (struct sockaddr *)&address, sizeof(address))) {
        error_set_errno(errp, errno, "unix:%s: cannot %s", path,
                        is_listening ? "listen" : "connect");
        close(fd);
        return -1;
    }
    return fd;
}

static int open_inet(const struct addrinfo *info, bool is_listening)
{
    const int on = 1;
    int fd = socket(info->ai_family, info->ai_socktype | SOCK_CLOEXEC, info->ai_protocol);

    if (fd < 0) {
        return -1;
    }
    /* Only helps a listener that is started again soon. */
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (is_listening ? bind(fd, info->ai_addr, info->ai_addrlen) || listen(fd, 1)
                     : connect(fd, info->ai_addr, info->ai_addrlen)) {
        int cause = errno;

        close(fd);
        errno = cause;
        return -1;
    }
    return fd;
}

static int open_tcp(const Transport *transport, bool is_listening, GError **errp)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = is_listening ? AI_PASSIVE : 0};
    struct addrinfo *list = NULL;
    int ret = getaddrinfo(*transport->address ? transport->address : NULL,
                          transport->port, &hints, &list);
    int fd = -1;

    if (ret) {
        error_set(errp, "tcp:%s:%s: %s", transport->address, transport->port,
                  gai_strerror(ret));
        return -1;
    }
    for (const struct addrinfo *info = list; info && fd < 0; info = info->ai_next) {
        fd = open_inet(info, is_listening);
    }
    if (fd < 0) {
        error_set_errno(errp, errno, "tcp:%s:%s: cannot %s", transport->address,
                        transport->port, is_listening ? "listen" : "connect");
    }
    freeaddrinfo(list);
    return fd;
}

bool transport_is_listening(const Transport *transport)
{
    return transport->kind == TRANSPORT_UNIX || transport->kind == TRANSPORT_TCP;
}

int transport_listen(const Transport *transport, GError **errp)
{
    return transport->kind == TRANSPORT_UNIX ? open_unix(transport->address, true, errp)
                                             : open_tcp(transport, true, errp);
}

/* ---- files and commands ---- */

static int open_file(const Transport *transport, bool is_out, GError **errp)
{
    int flags =
        is_out ? O_WRONLY | O_CREAT | (transport->offset ? 0 : O_TRUNC) : O_RDONLY;
    int fd = open(transport->address, flags | O_CLOEXEC, 0600);

    if (fd < 0) {
        error_set_errno(errp, errno, "file:%s: cannot open it", transport->address);
        return -1;
    }
    if (transport->offset && lseek(fd, (off_t)transport->offset, SEEK_SET) < 0) {
        error_set_errno(errp, errno, "file:%s: cannot go to offset %" G_GUINT64_FORMAT,
                        transport->address, transport->offset);
        close(fd);
        return -1;
    }
    return fd;
}

static bool start_command(const Transport *transport, bool is_out, TransportEnd *ret,
                          GError **errp)
{
    const char *argv[] = {"/bin/sh", "-c", transport->address, NULL};
    g_autoptr(GError) cause = NULL;
    int ours, theirs, ends[2];
    GPid child;

    if (pipe2(ends, O_CLOEXEC) < 0) {
        error_set_errno(errp, errno, "exec: cannot make a pipe");
        return false;
    }
    ours = ends[is_out ? 1 : 0];
    theirs = ends[is_out ? 0 : 1];
    if (!g_spawn_async_with_fds(NULL, (gchar **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD,
                                NULL, NULL, &child, is_out ? theirs : -1,
                                is_out ? -1 : theirs, -1, &cause)) {
        error_set(errp, "exec:%s: %s", transport->address, cause->message);
        close(ours);
        close(theirs);
        return false;
    }
    close(theirs);
    *ret = (TransportEnd){ours, child};
    return true;
}

static bool open_end(const Transport *transport, bool is_out, TransportEnd *ret,
                     GError **errp)
{
    int fd;

    switch (transport->kind) {
    case TRANSPORT_EXEC:
        return start_command(transport, is_out, ret, errp);
    case TRANSPORT_FILE:
        fd = open_file(transport, is_out, errp);
        break;
    case TRANSPORT_UNIX:
        fd = open_unix(transport->address, false, errp);
        break;
    case TRANSPORT_TCP:
        fd = open_tcp(transport, false, errp);
        break;
    default:
        error_set(errp, "fd:%s: there is no such descriptor", transport->address);
        return false;
    }
    *ret = (TransportEnd){fd, 0};
    return fd >= 0;
}

bool transport_open_out(const Transport *transport, TransportEnd *ret, GError **errp)
{
    return open_end(transport, true, ret, errp);
}

bool transport_open_in(const Transport *transport, TransportEnd *ret, GError **errp)
{
    return open_end(transport, false, ret, errp);
}

bool transport_finish(TransportEnd *end, GError **errp)
{
    int status = 0;

    if (!end->child) {
        return true;
    }
    while (waitpid(end->child, &status, 0) < 0 && errno == EINTR) {
    }
    end->child = 0;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        error_set(errp, "exec: the command failed with status %d",
                  WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
        return false;
    }
    return true;
}
