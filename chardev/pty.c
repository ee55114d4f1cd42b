/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "util/error.h"

#include "backend.h"

/* A pty does not tell when somebody opens it; this is how often we look. */
#define LOOK_INTERVAL_MS 200

typedef struct Pty {
    int master_fd;
    char *name;
    GSource *timer;
} Pty;

static bool has_peer(const Pty *pty)
{
    struct pollfd poll_fd = {.fd = pty->master_fd, .events = POLLOUT};

    return poll(&poll_fd, 1, 0) >= 0 && !(poll_fd.revents & POLLHUP);
}

static gboolean look(gpointer data)
{
    Chardev *chardev = data;
    Pty *pty = chardev->backend;

    if (!has_peer(pty)) {
        return G_SOURCE_CONTINUE;
    }
    g_clear_pointer(&pty->timer, g_source_unref);
    chardev_attach_fds(chardev, pty->master_fd, pty->master_fd, false);
    return G_SOURCE_REMOVE;
}

static void start_looking(Chardev *chardev)
{
    Pty *pty = chardev->backend;

    pty->timer = g_timeout_source_new(LOOK_INTERVAL_MS);
    g_source_set_callback(pty->timer, look, chardev, NULL);
    g_source_attach(pty->timer, NULL);
}

/* The slave's settings stay for as long as the master is open. */
static bool make_slave_raw(const char *name, GError **errp)
{
    struct termios settings;
    int fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    bool ok;

    if (fd < 0) {
        error_set_errno(errp, errno, "cannot open %s", name);
        return false;
    }
    ok = tcgetattr(fd, &settings) == 0;
    if (ok) {
        cfmakeraw(&settings);
        ok = tcsetattr(fd, TCSAFLUSH, &settings) == 0;
    }
    if (!ok) {
        error_set_errno(errp, errno, "cannot set up %s", name);
    }
    close(fd);
    return ok;
}

static bool pty_open(Chardev *chardev, ChardevConfig *config, GError **errp)
{
    Pty *pty = g_new0(Pty, 1);
    char name[64];

    (void)config; /* a pty has no settings */
    chardev->backend = pty;
    pty->master_fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (pty->master_fd < 0 || grantpt(pty->master_fd) || unlockpt(pty->master_fd) ||
        ptsname_r(pty->master_fd, name, sizeof(name))) {
        error_set_errno(errp, errno, "cannot make a pty");
        return false;
    }
    pty->name = g_strdup(name);
    if (!make_slave_raw(name, errp)) {
        return false;
    }
    chardev_set_blocking(pty->master_fd, false);
    start_looking(chardev);
    return true;
}

static void pty_clear(Chardev *chardev)
{
    Pty *pty = chardev->backend;

    if (!pty) {
        return;
    }
    if (pty->timer) {
        g_source_destroy(pty->timer);
        g_source_unref(pty->timer);
    }
    if (pty->master_fd >= 0) {
        close(pty->master_fd);
    }
    g_free(pty->name);
    g_free(pty);
}

static char *pty_filename(const Chardev *chardev)
{
    const Pty *pty = chardev->backend;

    return g_strdup_printf("pty:%s", pty->name);
}

const ChardevClass chardev_class_pty = {
    .open = pty_open,
    .closed = start_looking,
    .clear = pty_clear,
    .filename = pty_filename,
};
