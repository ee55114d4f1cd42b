/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "system/plan/fdset.h"

#include <errno.h>
#include <fcntl.h>

#include "util/error.h"
#include "util/number.h"

#define PREFIX "/dev/fdset/"

/* A copy of the first writable descriptor of @set; -1 with an error. */
static int copy_writable(const VmSpec *spec, uint64_t set, const char *path,
                         GError **errp)
{
    for (unsigned i = 0; i < spec->fds->len; i++) {
        const SpecFd *item = g_ptr_array_index(spec->fds, i);
        int flags, fd;

        if (item->set != set) {
            continue;
        }
        flags = fcntl(item->fd, F_GETFL);
        if (flags < 0) {
            error_set_errno(errp, errno, "%s", item->text);
            return -1;
        }
        if ((flags & O_ACCMODE) == O_RDONLY) {
            continue;
        }
        fd = fcntl(item->fd, F_DUPFD_CLOEXEC, 0);
        if (fd < 0) {
            error_set_errno(errp, errno, "%s: cannot copy it", item->text);
        }
        return fd;
    }
    error_set(errp, "%s: there is no -add-fd with this set and a writable descriptor",
              path);
    return -1;
}

static bool fill(const VmSpec *spec, const char *path, int *place, GError **errp)
{
    uint64_t set;
    int fd;

    if (!path || !g_str_has_prefix(path, PREFIX)) {
        return true;
    }
    if (!number_parse_uint64(path + sizeof(PREFIX) - 1, &set)) {
        error_set(errp, "%s: the set must be a number", path);
        return false;
    }
    fd = copy_writable(spec, set, path, errp);
    if (fd < 0) {
        return false;
    }
    *place = fd;
    return true;
}

bool fdset_fill_config(const VmSpec *spec, ChardevConfig *config, GError **errp)
{
    return (config->backend != CHARDEV_FILE ||
            fill(spec, config->path, &config->fd, errp)) &&
           fill(spec, config->log_path, &config->log_fd, errp);
}
