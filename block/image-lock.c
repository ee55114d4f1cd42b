/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "image-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>

#include "util/bits.h"
#include "util/error.h"

/* A read lock at the first says "I do this", at the second "nobody else may". */
#define USED_BASE     100
#define UNSHARED_BASE 200

/* Numbers of what can be done with an image. */
#define USE_READ            BIT64(0) /* and see a consistent content */
#define USE_WRITE           BIT64(1)
#define USE_WRITE_UNCHANGED BIT64(2)
#define USE_RESIZE          BIT64(3)
#define USE_COUNT           4

static const struct {
    uint64_t uses, shares;
} rows[] = {
    [IMAGE_UNUSED] = {0, USE_READ | USE_WRITE | USE_WRITE_UNCHANGED | USE_RESIZE},
    [IMAGE_READ] = {USE_READ, USE_READ | USE_WRITE_UNCHANGED},
    [IMAGE_WRITE] = {USE_READ | USE_WRITE | USE_RESIZE, USE_READ | USE_WRITE_UNCHANGED},
};

static const char *const names[USE_COUNT] = {"read", "write", "rewrite", "resize"};

static bool set_byte(int fd, off_t byte, short type)
{
    struct flock lock = {
        .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

    return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

/* Somebody else has a lock there. */
static bool is_taken(int fd, off_t byte)
{
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

    return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

static bool set_all(int fd, ImageUse use)
{
    bool ok = true;

    for (unsigned i = 0; i < USE_COUNT; i++) {
        bool uses = rows[use].uses & BIT64(i), shares = rows[use].shares & BIT64(i);

        ok = set_byte(fd, USED_BASE + (off_t)i, uses ? F_RDLCK : F_UNLCK) && ok;
        ok = set_byte(fd, UNSHARED_BASE + (off_t)i, shares ? F_UNLCK : F_RDLCK) && ok;
    }
    return ok;
}

static bool check(int fd, ImageUse use, GError **errp)
{
    for (unsigned i = 0; i < USE_COUNT; i++) {
        if ((rows[use].uses & BIT64(i)) && is_taken(fd, UNSHARED_BASE + (off_t)i)) {
            error_set(errp,
                      "another program uses the image and lets nobody else %s it; stop "
                      "it, or open the image read-only in both",
                      names[i]);
            return false;
        }
        if (!(rows[use].shares & BIT64(i)) && is_taken(fd, USED_BASE + (off_t)i)) {
            error_set(errp, "another program may %s the image; stop it first", names[i]);
            return false;
        }
    }
    return true;
}

bool image_lock_set(int fd, ImageUse use, GError **errp)
{
    /* First locked, then looked: of two who come at once at least one sees the other. */
    if (!set_all(fd, use)) {
        int error = errno;

        (void)set_all(fd, IMAGE_UNUSED);
        error_set(errp, "cannot lock the image: %s; locking=off goes without",
                  strerror(error));
        return false;
    }
    if (!check(fd, use, errp)) {
        (void)set_all(fd, IMAGE_UNUSED);
        return false;
    }
    return true;
}
