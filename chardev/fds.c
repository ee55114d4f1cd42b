/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors that come along with bytes. */
#include <sys/socket.h>
#include <unistd.h>

#include "util/bits.h"

#include "backend.h"

/* Those that came go to the end of chardev->fds; what nobody took in time is enough. */
static void keep_fds(Chardev *chardev, struct msghdr *message)
{
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
         header = CMSG_NXTHDR(message, header)) {
        const int *fds = (const int *)(const void *)CMSG_DATA(header);
        size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(*fds);

        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        for (size_t i = 0; i < count; i++) {
            if (chardev->fds->len < CHARDEV_FDS_MAX) {
                g_array_append_val(chardev->fds, fds[i]);
            } else {
                close(fds[i]);
            }
        }
    }
}

ssize_t chardev_receive(Chardev *chardev, int fd, void *buffer, size_t len)
{
    union {
        struct cmsghdr header; /* for alignment */
        char bytes[CMSG_SPACE(sizeof(int) * CHARDEV_FDS_MAX)];
    } control = {{0}};
    struct iovec part = {.iov_base = buffer, .iov_len = len};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};
    ssize_t got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

    if (got >= 0) {
        keep_fds(chardev, &message);
    }
    return got;
}

int chardev_take_fd(Chardev *chardev)
{
    int fd = -1;

    if (chardev->fds->len) {
        fd = g_array_index(chardev->fds, int, 0);
        g_array_remove_index(chardev->fds, 0);
    }
    return fd;
}

void chardev_drop_fds(Chardev *chardev)
{
    for (unsigned i = 0; i < chardev->fds->len; i++) {
        close(g_array_index(chardev->fds, int, i));
    }
    g_array_set_size(chardev->fds, 0);
}
