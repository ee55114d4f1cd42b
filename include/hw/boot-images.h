/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BootImages: the files a guest starts from, read and judged before KVM is asked
 * anything.
 *
 * A reset loads them again, so they stay for as long as the VM; as copies, because a file
 * that is cut while it is mapped ends who reads it.
 */
#ifndef HW_BOOT_IMAGES_H
#define HW_BOOT_IMAGES_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/file.h"

typedef enum KernelKind {
    KERNEL_NONE,
    KERNEL_BZIMAGE,     /* Linux/x86 boot protocol 2.10 or later, 64-bit entry */
    KERNEL_PVH,         /* x86 ELF with the PVH start note */
    KERNEL_MULTIBOOT,   /* multiboot 1 */
    KERNEL_ARM64_IMAGE, /* arm64 Image, also gzip-compressed */
} KernelKind;

typedef struct ImageFile {
    char *path;
    const uint8_t *data;
    size_t len;
    GBytes *bytes; /* keeps data, as it was read or unpacked */
} ImageFile;

typedef struct BootImages {
    KernelKind kind;
    ImageFile kernel, initrd;
    uint64_t entry;            /* of PVH and multiboot: physical address */
    uint32_t multiboot_offset; /* of the header in the file */
    GPtrArray *blobs;          /* GBytes: content of the plan's fw_cfg items, in order */
} BootImages;

/*
 * boot_images_open - read and check kernel and initrd.
 * @kernel, @initrd: paths; NULL where not given
 * @is_arm: which architecture's kernels are understood
 *
 * A truncated, oversized or unknown image is one error that names the file, what was
 * found and what is accepted.
 */
BootImages *boot_images_open(FileSys *fs, const char *kernel, const char *initrd,
                             bool is_arm, GError **errp);

/*
 * boot_images_add_blob - read what one fw_cfg item offers.
 * @text: its text, which is read from the plan; NULL: the content of the file @path,
 * 16 MiB at most
 */
bool boot_images_add_blob(BootImages *images, FileSys *fs, const char *text,
                          const char *path, GError **errp);

/* boot_images_free - NULL is nothing. */
void boot_images_free(BootImages *images);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BootImages, boot_images_free)

#endif
