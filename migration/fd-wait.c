/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fd-wait.h"

#include <errno.h>
#include <poll.h>

#include "util/error.h"

/* Milliseconds until @deadline_us, none of them lost; -1: for ever. */
static int left_ms(int64_t deadline_us)
{
    int64_t left_us = deadline_us - g_get_monotonic_time();

    return deadline_us ? (int)CLAMP((left_us + 999) / 1000, 0, G_MAXINT) : -1;
}

bool fd_wait(int fd, short events, int cancel_fd, int64_t deadline_us, GError **errp)
{
    struct pollfd fds[2] = {{fd, events, 0}, {cancel_fd, POLLIN, 0}};
    int ready;

    do {
        ready = poll(fds, 2, left_ms(deadline_us));
    } while (ready < 0 && errno == EINTR);
    if (ready < 0) {
        error_set_errno(errp, errno, "cannot wait");
        return false;
    }
    if (fds[1].revents) {
        error_set(errp, "the migration was cancelled");
        return false;
    }
    if (ready == 0) {
        error_set_code(errp, VPMU_ERROR_TIMEOUT, "the time for it is over");
        return false;
    }
    return true;
}
