/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/unix-socket.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/error.h"

int unix_socket_open(const char *path, int flags, struct sockaddr_un *ret_address,
                     GError **errp)
{
    size_t len = strlen(path);
    int fd;

    if (len == 0 || len >= sizeof(ret_address->sun_path)) {
        error_set(errp, "socket path '%s' has %zu bytes, 1 to %zu are possible", path,
                  len, sizeof(ret_address->sun_path) - 1);
        return -1;
    }
    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(ret_address->sun_path, path, len);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0) {
        error_set_errno(errp, errno, "cannot make a unix socket");
    }
    return fd;
}

static bool is_socket(const char *path)
{
    struct stat info;

    return lstat(path, &info) == 0 && S_ISSOCK(info.st_mode);
}

static bool is_anybody_listening(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool is_refused =
        fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 &&
        errno == ECONNREFUSED;

    if (fd >= 0) {
        close(fd);
    }
    return !is_refused;
}

/* 0, or -1 with an error; only a socket that nobody listens on is replaced. */
static int bind_path(int fd, const struct sockaddr_un *address, GError **errp)
{
    const struct sockaddr *generic = (const struct sockaddr *)address;
    const char *path = address->sun_path;
    int result = bind(fd, generic, sizeof(*address));

    if (result < 0 && errno == EADDRINUSE) {
        if (!is_socket(path)) {
            error_set(errp, "cannot listen on %s: what is there is no socket", path);
            return -1;
        }
        if (is_anybody_listening(address)) {
            error_set(errp, "cannot listen on %s: another program does", path);
            return -1;
        }
        (void)unlink(path); /* where it stays, bind tells */
        result = bind(fd, generic, sizeof(*address));
    }
    if (result < 0) {
        error_set_errno(errp, errno, "cannot listen on %s", path);
    }
    return result;
}

int unix_socket_listen(const char *path, GError **errp)
{
    struct sockaddr_un address;
    int fd = unix_socket_open(path, 0, &address, errp);

    if (fd < 0) {
        return -1;
    }
    if (bind_path(fd, &address, errp) < 0) {
        close(fd);
        return -1;
    }
    if (listen(fd, SOMAXCONN) < 0) {
        error_set_errno(errp, errno, "cannot listen on %s", path);
        close(fd);
        return -1;
    }
    return fd;
}
