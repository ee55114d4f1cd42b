/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/error.h"

#define LINK_MAX_BYTES   4096
#define FILE_PATIENCE_MS 5000

struct FileSys {
    char *root;
    unsigned uses;
    unsigned fault_at;
};

FileSys *file_sys_new(const char *root)
{
    FileSys *fs = g_new0(FileSys, 1);

    fs->root = g_strdup(root);
    return fs;
}

void file_sys_free(FileSys *fs)
{
    if (fs) {
        g_free(fs->root);
        g_free(fs);
    }
}

void file_sys_set_fault(FileSys *fs, unsigned nth)
{
    fs->fault_at = nth ? fs->uses + nth : 0;
}

unsigned file_sys_uses(const FileSys *fs)
{
    return fs->uses;
}

/* Counts a use; the full path, or NULL with an error where this use was told to fail. */
static char *use_path(FileSys *fs, const char *path, GError **errp)
{
    fs->uses++;
    if (fs->uses == fs->fault_at) {
        error_set_errno(errp, EIO, "cannot read %s", path);
        return NULL;
    }
    return g_strconcat(fs->root, path, NULL);
}

/* A file that is no regular one has something within this time, again and again. */
static bool wait_for_data(int fd, const char *path, GError **errp)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    int ready;

    do {
        ready = poll(&wait, 1, FILE_PATIENCE_MS);
    } while (ready < 0 && errno == EINTR);
    if (ready <= 0) {
        error_set(errp, "%s: nothing came within %d s; does anybody write to it?", path,
                  FILE_PATIENCE_MS / 1000);
    }
    return ready > 0;
}

static bool set_too_large(const char *path, size_t limit, GError **errp)
{
    error_set(errp, "%s is larger than %zu bytes", path, limit);
    return false;
}

/* Whether it can be read to an end: a file, or what another process writes. */
static bool check_kind(int fd, const char *path, size_t limit, struct stat *ret,
                       GError **errp)
{
    if (fstat(fd, ret) < 0) {
        error_set_errno(errp, errno, "cannot read %s", path);
        return false;
    }
    if (S_ISDIR(ret->st_mode)) {
        error_set_errno(errp, EISDIR, "cannot read %s", path);
        return false;
    }
    if (S_ISBLK(ret->st_mode) || S_ISCHR(ret->st_mode)) {
        error_set(errp, "%s is a device, a file is expected", path);
        return false;
    }
    return ret->st_size <= 0 || (uint64_t)ret->st_size <= limit ||
           set_too_large(path, limit, errp);
}

static char *read_all(int fd, const char *path, size_t limit, size_t *ret_len,
                      GError **errp)
{
    struct stat status;
    size_t len = 0, room;
    g_autofree char *data = NULL;

    if (!check_kind(fd, path, limit, &status, errp)) {
        return NULL;
    }
    room = status.st_size > 0 ? (size_t)status.st_size + 1 : 4096;
    data = g_malloc(room + 1);
    for (;;) {
        ssize_t got;

        if (!S_ISREG(status.st_mode) && !wait_for_data(fd, path, errp)) {
            return NULL;
        }
        got = read(fd, data + len, room - len);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
            continue;
        }
        if (got < 0) {
            error_set_errno(errp, errno, "cannot read %s", path);
            return NULL;
        }
        if (got == 0) {
            break;
        }
        len += (size_t)got;
        if (len > limit) {
            set_too_large(path, limit, errp);
            return NULL;
        }
        if (len == room) {
            room *= 2;
            data = g_realloc(data, room + 1);
        }
    }
    data[len] = '\0';
    *ret_len = len;
    return g_steal_pointer(&data);
}

char *file_read(FileSys *fs, const char *path, size_t limit, size_t *ret_len,
                GError **errp)
{
    g_autofree char *full = use_path(fs, path, errp);
    char *data;
    int fd;

    if (!full) {
        return NULL;
    }
    /* Not blocking: a named pipe would not even open before somebody writes to it. */
    fd = open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        error_set_errno(errp, errno, "cannot open %s", path);
        return NULL;
    }
    data = read_all(fd, path, limit, ret_len, errp);
    close(fd);
    return data;
}

char *file_read_line(FileSys *fs, const char *path, GError **errp)
{
    size_t len;
    char *data = file_read(fs, path, 1 << 20, &len, errp);

    if (data) {
        data[strcspn(data, "\n")] = '\0';
    }
    return data;
}

char *file_read_link(FileSys *fs, const char *path, GError **errp)
{
    g_autofree char *full = use_path(fs, path, errp);
    char target[LINK_MAX_BYTES];
    ssize_t len;

    if (!full) {
        return NULL;
    }
    len = readlink(full, target, sizeof(target));
    if (len < 0) {
        error_set_errno(errp, errno, "cannot read link %s", path);
        return NULL;
    }
    if ((size_t)len == sizeof(target)) {
        error_set(errp, "link %s is longer than %d bytes", path, LINK_MAX_BYTES - 1);
        return NULL;
    }
    return g_strndup(target, (size_t)len);
}

static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char **file_list(FileSys *fs, const char *path, GError **errp)
{
    g_autofree char *full = use_path(fs, path, errp);
    g_autoptr(GDir) dir = NULL;
    GPtrArray *names;
    const char *name;
    int saved_errno;

    if (!full) {
        return NULL;
    }
    errno = 0;
    dir = g_dir_open(full, 0, NULL);
    saved_errno = errno;
    if (!dir) {
        error_set_errno(errp, saved_errno ? saved_errno : EIO, "cannot list %s", path);
        return NULL;
    }
    names = g_ptr_array_new();
    while ((name = g_dir_read_name(dir))) {
        g_ptr_array_add(names, g_strdup(name));
    }
    g_ptr_array_sort(names, compare_names);
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}
