/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/error.h"

#define LINK_MAX_BYTES 4096

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

static char *read_all(int fd, const char *path, size_t limit, size_t *ret_len,
                      GError **errp)
{
    size_t len = 0, room = 4096;
    g_autofree char *data = g_malloc(room + 1);

    for (;;) {
        ssize_t got = read(fd, data + len, room - len);

        if (got < 0 && errno == EINTR) {
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
            error_set(errp, "%s is larger than %zu bytes", path, limit);
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
    fd = open(full, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        error_set_errno(errp, errno, "cannot open %s", path);
        return NULL;
    }
    data = read_all(fd, path, limit, ret_len, errp);
    close(fd);
    return data;
}

GMappedFile *file_map(FileSys *fs, const char *path, GError **errp)
{
    g_autofree char *full = use_path(fs, path, errp);
    GMappedFile *map;
    int fd;

    if (!full) {
        return NULL;
    }
    fd = open(full, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        error_set_errno(errp, errno, "cannot open %s", path);
        return NULL;
    }
    map = g_mapped_file_new_from_fd(fd, FALSE, NULL);
    if (!map) {
        error_set(errp, "cannot map %s: is it a regular file?", path);
    }
    close(fd);
    return map;
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
