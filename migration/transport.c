/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "migration/transport.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd-wait.h"
#include "lookup.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/number.h"
#include "util/unix-socket.h"

#define OFFSET_KEY ",offset="
/* Between two looks at what cannot be waited for. */
#define LOOK_MS 10
/* A command that was asked to end is killed after so many looks. */
#define LOOKS_TO_KILL 100
/* Its standard streams are closed a moment before it can be waited for. */
#define LOOKS_TO_EXPLAIN 20

void transport_free(Transport *transport)
{
    if (transport) {
        g_free(transport->uri);
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
    if (!number_is_port(colon + 1)) {
        error_set(errp, "tcp:%s: ports are 0 to %d, or a service's name", text,
                  UINT16_MAX);
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
        transport->uri = g_strdup(uri);
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

/* ---- waiting ---- */

/* Whether @cancel_fd is readable within @timeout_ms. */
static bool is_cancelled(int cancel_fd, int timeout_ms)
{
    struct pollfd cancel = {cancel_fd, POLLIN, 0};

    return poll(&cancel, 1, timeout_ms) > 0;
}

/* connect(), which comes back where it is cancelled; 0, or -1 with errno. */
static int connect_or_cancel(int fd, const struct sockaddr *address, socklen_t len,
                             int cancel_fd)
{
    struct pollfd fds[2] = {{fd, POLLOUT, 0}, {cancel_fd, POLLIN, 0}};
    int cause = 0;
    socklen_t cause_len = sizeof(cause);

    while (connect(fd, address, len) < 0) {
        if (errno == EINPROGRESS) {
            while (poll(fds, 2, -1) < 0 && errno == EINTR) {
            }
            if (!fds[1].revents) {
                (void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &cause, &cause_len);
            }
            errno = fds[1].revents ? ECANCELED : cause;
            return errno ? -1 : 0;
        }
        /* A Unix socket whose listener is behind says no more than this. */
        if (errno != EAGAIN && errno != EINTR) {
            return -1;
        }
        if (is_cancelled(cancel_fd, LOOK_MS)) {
            errno = ECANCELED;
            return -1;
        }
    }
    return 0;
}

/* ---- sockets ---- */

void transport_tune(int fd)
{
    static const struct {
        int level, name, value;
    } options[] = {
        {IPPROTO_TCP, TCP_NODELAY, 1}, /* answers are waited for */
        {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, 15}, /* seconds; with what follows a minute */
        {IPPROTO_TCP, TCP_KEEPINTVL, 15},
        {IPPROTO_TCP, TCP_KEEPCNT, 3},
        {IPPROTO_TCP, TCP_USER_TIMEOUT, 60000}, /* ms, where something was sent */
    };

    /* The first fails for whatever is no TCP connection. */
    for (unsigned i = 0; i < ARRAY_LEN(options); i++) {
        if (setsockopt(fd, options[i].level, options[i].name, &options[i].value,
                       sizeof(options[i].value)) < 0) {
            break;
        }
    }
}

static int listen_unix(const char *path, GError **errp)
{
    int fd = unix_socket_listen(path, errp);

    if (fd < 0) {
        g_prefix_error(errp, "unix:%s: ", path);
    }
    return fd;
}

static int connect_unix(const char *path, int cancel_fd, GError **errp)
{
    struct sockaddr_un address;
    int fd = unix_socket_open(path, SOCK_NONBLOCK, &address, errp);

    if (fd < 0) {
        g_prefix_error(errp, "unix:%s: ", path);
        return -1;
    }
    if (connect_or_cancel(fd, (struct sockaddr *)&address, sizeof(address), cancel_fd)) {
        error_set_errno(errp, errno, "unix:%s: cannot connect", path);
        close(fd);
        return -1;
    }
    return fd;
}

static int open_inet(const struct addrinfo *info, bool is_listening, int cancel_fd)
{
    const int on = 1;
    int flags = SOCK_CLOEXEC | (is_listening ? 0 : SOCK_NONBLOCK);
    int fd = socket(info->ai_family, info->ai_socktype | flags, info->ai_protocol);

    if (fd < 0) {
        return -1;
    }
    /* Only helps a listener that is started again soon. */
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (is_listening
            ? bind(fd, info->ai_addr, info->ai_addrlen) || listen(fd, SOMAXCONN)
            : connect_or_cancel(fd, info->ai_addr, info->ai_addrlen, cancel_fd)) {
        int cause = errno;

        close(fd);
        errno = cause;
        return -1;
    }
    if (!is_listening) {
        transport_tune(fd);
    }
    return fd;
}

static int open_tcp(const Transport *transport, bool is_listening, int cancel_fd,
                    GError **errp)
{
    struct addrinfo *list = NULL;
    int fd = -1;

    if (!lookup_host(transport->address, transport->port, is_listening ? AI_PASSIVE : 0,
                     cancel_fd, &list, errp)) {
        g_prefix_error(errp, "tcp:%s:%s: ", transport->address, transport->port);
        return -1;
    }
    for (const struct addrinfo *info = list; info && fd < 0; info = info->ai_next) {
        fd = open_inet(info, is_listening, cancel_fd);
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
    int fd = transport->kind == TRANSPORT_UNIX ? listen_unix(transport->address, errp)
                                               : open_tcp(transport, true, -1, errp);

    /* Who was there when it was waited for may be gone when it is accepted. */
    if (fd >= 0) {
        (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    }
    return fd;
}

int transport_accept(int listen_fd, int cancel_fd, int64_t deadline_us, GError **errp)
{
    while (fd_wait(listen_fd, POLLIN, cancel_fd, deadline_us, errp)) {
        int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);

        if (fd >= 0) {
            transport_tune(fd);
            return fd;
        }
        if (errno != EINTR && errno != EAGAIN && errno != ECONNABORTED) {
            error_set_errno(errp, errno, "cannot accept the source's connection");
            return -1;
        }
    }
    return -1;
}

void transport_unlisten(const Transport *transport, int fd)
{
    close(fd);
    if (transport->kind == TRANSPORT_UNIX) {
        (void)unlink(transport->address); /* somebody else's affair where it fails */
    }
}

/* ---- files and commands ---- */

static bool is_fifo(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISFIFO(status.st_mode);
}

/*
 * Where @fd is a regular file, it ends where the stream begins: nothing of what was there
 * can be taken for what comes.
 */
static bool cut_file(const Transport *transport, int fd, GError **errp)
{
    struct stat status;

    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
        ftruncate(fd, (off_t)transport->offset) < 0) {
        error_set_errno(errp, errno,
                        "file:%s: cannot cut it to %" G_GUINT64_FORMAT " bytes",
                        transport->address, transport->offset);
        return false;
    }
    return true;
}

bool transport_discard(const Transport *transport, int fd, GError **errp)
{
    return transport->kind != TRANSPORT_FILE || cut_file(transport, fd, errp);
}

/* Not blocking, so that nobody is stuck in a named pipe without another end: there the
 * reader waits in poll(), and the writer here. */
static int open_file(const Transport *transport, bool is_out, int cancel_fd,
                     GError **errp)
{
    int flags = (is_out ? O_WRONLY | O_CREAT : O_RDONLY) | O_CLOEXEC | O_NONBLOCK;
    int fd;

    while ((fd = open(transport->address, flags, 0600)) < 0 && errno == ENXIO &&
           is_fifo(transport->address) && !is_cancelled(cancel_fd, LOOK_MS)) {
    }
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
    if (is_out && !cut_file(transport, fd, errp)) {
        close(fd);
        return -1;
    }
    return fd;
}

/* In the child: a group of its own, so that all it starts can be ended, and the signals
 * that this program does without. */
static void prepare_command(gpointer data)
{
    (void)data;
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    (void)setpgid(0, 0); /* -sandbox may deny it: see signal_command() */
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
                                prepare_command, NULL, &child, is_out ? theirs : -1,
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

static bool open_end(const Transport *transport, bool is_out, int cancel_fd,
                     TransportEnd *ret, GError **errp)
{
    int fd;

    switch (transport->kind) {
    case TRANSPORT_EXEC:
        return start_command(transport, is_out, ret, errp);
    case TRANSPORT_FILE:
        fd = open_file(transport, is_out, cancel_fd, errp);
        break;
    case TRANSPORT_UNIX:
        fd = connect_unix(transport->address, cancel_fd, errp);
        break;
    case TRANSPORT_TCP:
        fd = open_tcp(transport, false, cancel_fd, errp);
        break;
    default:
        error_set(errp, "fd:%s: there is no such descriptor", transport->address);
        return false;
    }
    *ret = (TransportEnd){fd, 0};
    return fd >= 0;
}

bool transport_open_out(const Transport *transport, int cancel_fd, TransportEnd *ret,
                        GError **errp)
{
    return open_end(transport, true, cancel_fd, ret, errp);
}

bool transport_open_in(const Transport *transport, TransportEnd *ret, GError **errp)
{
    return open_end(transport, false, -1, ret, errp);
}

/* To all of its group, or where it could not lead one to itself. */
static void signal_command(pid_t child, int number)
{
    if (kill(-child, number) < 0) {
        (void)kill(child, number); /* not waited for yet, so it is ours */
    }
}

void transport_abandon(const TransportEnd *end)
{
    if (end->child) {
        signal_command(end->child, SIGTERM);
    }
}

void transport_explain(const TransportEnd *end, GError **error)
{
    siginfo_t info = {0};

    /* It is only looked at; transport_finish() waits for it. */
    for (unsigned looks = 0; end->child && !info.si_pid && looks < LOOKS_TO_EXPLAIN;
         looks++) {
        g_usleep(LOOK_MS * 1000);
        (void)waitid(P_PID, (id_t)end->child, &info, WEXITED | WNOHANG | WNOWAIT);
    }
    if (info.si_pid && info.si_status != 0) {
        g_prefix_error(error, "exec: the command failed with status %d; ",
                       info.si_code == CLD_EXITED ? info.si_status
                                                  : 128 + info.si_status);
    }
}

/* Its status; looks, because no wait for a child can be cancelled. */
static int wait_child(pid_t child, int cancel_fd)
{
    unsigned looks = 0;
    int status = 0;

    while (waitpid(child, &status, WNOHANG) == 0) {
        /* Once cancelled, it is counted how long the command takes to end. */
        if (is_cancelled(looks ? -1 : cancel_fd, LOOK_MS) || looks) {
            looks++;
        }
        if (looks == 1 || looks == LOOKS_TO_KILL) {
            signal_command(child, looks == 1 ? SIGTERM : SIGKILL);
        }
    }
    return status;
}

bool transport_finish(TransportEnd *end, int cancel_fd, GError **errp)
{
    int status;

    if (!end->child) {
        return true;
    }
    status = wait_child(end->child, cancel_fd);
    end->child = 0;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        error_set(errp, "exec: the command failed with status %d",
                  WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
        return false;
    }
    return true;
}
