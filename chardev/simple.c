/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The backends that are a few lines each: null and file. */
#include <errno.h>
#include <fcntl.h>

#include "util/error.h"

#include "backend.h"

static bool null_open(Chardev *chardev, ChardevConfig *config, GError **errp)
{
    (void)config;
    (void)errp; /* nothing can fail */
    chardev_attach_fds(chardev, -1, -1, false);
    return true;
}

static size_t null_write(Chardev *chardev, const void *data, size_t len)
{
    (void)chardev;
    (void)data; /* swallowed */
    return len;
}

const ChardevClass chardev_class_null = {.open = null_open, .write = null_write};

static bool file_open(Chardev *chardev, ChardevConfig *config, GError **errp)
{
    int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (config->is_append ? O_APPEND : O_TRUNC);
    int fd = config->fd >= 0 ? config->fd : open(config->path, flags, 0666);

    if (fd < 0) {
        error_set_errno(errp, errno, "cannot open %s", config->path);
        return false;
    }
    config->fd = -1;
    chardev_attach_fds(chardev, -1, fd, true);
    return true;
}

const ChardevClass chardev_class_file = {.open = file_open};
