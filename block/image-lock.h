/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Locks on an image, in the bytes where QEMU has them: what a program does with the image
 * and what it lets others do.  They are open file description locks, so they go with the
 * descriptor and are seen by every program that locks in this way.
 *
 * Source: QEMU docs/system/images (image locking), fcntl(2) F_OFD_SETLK.
 */
#ifndef BLOCK_IMAGE_LOCK_H
#define BLOCK_IMAGE_LOCK_H

#include <glib.h>
#include <stdbool.h>

typedef enum ImageUse {
    IMAGE_UNUSED,
    IMAGE_READ,
    IMAGE_WRITE,
} ImageUse;

/*
 * image_lock_set - use the image behind @fd as @use says, and no other way.
 * False where somebody else's use does not go with it; what was locked before stays.
 */
bool image_lock_set(int fd, ImageUse use, GError **errp);

#endif
