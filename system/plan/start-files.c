/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "system/plan/start-files.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chardev/chardev.h"
#include "system/plan/fdset.h"
#include "util/error.h"
#include "util/unix-socket.h"

/* Returns 0, or the errno that opening @path for writing would give. */
static int cannot_write(const char *path)
{
    g_autofree char *folder = g_path_get_dirname(path);
    struct stat info;

    if (stat(path, &info) == 0) {
        return S_ISDIR(info.st_mode) ? EISDIR : access(path, W_OK) ? errno : 0;
    }
    if (errno != ENOENT) {
        return errno;
    }
    return access(folder, W_OK | X_OK) ? errno : 0;
}

static bool check_unix_socket(const ChardevConfig *config, GError **errp)
{
    g_autofree char *folder = g_path_get_dirname(config->path);
    struct sockaddr_un address;
    int fd = unix_socket_open(config->path, 0, &address, errp);

    if (fd < 0) {
        return false;
    }
    close(fd);
    if (config->is_server ? access(folder, W_OK | X_OK) : access(config->path, W_OK)) {
        error_set_errno(errp, errno, "cannot %s %s",
                        config->is_server ? "listen on" : "connect to", config->path);
        return false;
    }
    return true;
}

static bool check_chardev(const ChardevConfig *config, GError **errp)
{
    bool is_path = config->path && config->fd < 0;
    int cause = 0;

    if (is_path && config->backend == CHARDEV_SOCKET) {
        return check_unix_socket(config, errp);
    }
    if (is_path && config->backend == CHARDEV_FILE) {
        cause = cannot_write(config->path);
        if (cause) {
            error_set_errno(errp, cause, "cannot open %s", config->path);
            return false;
        }
    }
    if (config->log_path && config->log_fd < 0) {
        cause = cannot_write(config->log_path);
        if (cause) {
            error_set_errno(errp, cause, "cannot open log file %s", config->log_path);
        }
    }
    return cause == 0;
}

bool start_files_check(const VmSpec *spec, GError **errp)
{
    int cause = spec->pidfile ? cannot_write(spec->pidfile) : 0;

    if (cause) {
        error_set_errno(errp, cause, "-pidfile %s", spec->pidfile);
        return false;
    }
    for (unsigned i = 0; i < spec->chardevs->len; i++) {
        ChardevConfig *config = g_ptr_array_index(spec->chardevs, i);
        GError *error = NULL;

        if (!fdset_fill_config(spec, config, errp)) {
            return false;
        }
        if (!check_chardev(config, &error)) {
            error_set(errp, "chardev '%s': %s", config->id, error->message);
            g_error_free(error);
            return false;
        }
    }
    return true;
}
