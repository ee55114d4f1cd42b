/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The formats kernels come in: what their headers say, judged before anything is loaded.
 * Every function takes the whole file and trusts no number in it.
 */
#ifndef HW_BOOT_FORMATS_H
#define HW_BOOT_FORMATS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accel/guest-memory.h"

/* Linux/x86 setup header.  Source: Linux Documentation/arch/x86/boot.rst. */
typedef struct BzImage {
    uint32_t setup_bytes; /* real-mode part, before the kernel proper */
    uint32_t header_end;  /* of the setup header, in the file */
    uint16_t version;
    uint32_t initrd_max;  /* highest byte of the initrd */
    uint32_t cmdline_max; /* without the terminator */
    uint64_t pref_address;
    uint32_t init_bytes; /* memory the kernel needs from its load address on */
} BzImage;

bool bzimage_is(const uint8_t *data, size_t len);
void bzimage_parse(const uint8_t *data, BzImage *ret);
bool bzimage_check(const uint8_t *data, size_t len, const char *path, GError **errp);

bool elf_is(const uint8_t *data, size_t len);

/*
 * pvh_find_entry - the entry point of note type 18, name "Xen".
 * Source: Xen docs/misc/pvh.pandoc.
 * False for a damaged file; @ret_found says whether there is a note.
 */
bool pvh_find_entry(const uint8_t *data, size_t len, const char *path, bool *ret_found,
                    uint64_t *ret_entry, GError **errp);

/*
 * elf_load - copy every PT_LOAD segment to its physical address.
 * @ret_end: first byte behind the last one
 */
bool elf_load(const uint8_t *data, size_t len, const char *path, GuestMemory *memory,
              uint64_t *ret_end, GError **errp);

/* Source: Multiboot Specification 0.6.96, section 3.1. */
bool multiboot_find(const uint8_t *data, size_t len, uint32_t *ret_offset);
bool multiboot_check(const uint8_t *data, size_t len, uint32_t offset, const char *path,
                     uint64_t *ret_entry, GError **errp);
bool multiboot_load(const uint8_t *data, size_t len, uint32_t offset, const char *path,
                    GuestMemory *memory, uint64_t *ret_end, GError **errp);

/* Source: Linux Documentation/arch/arm64/booting.rst. */
typedef struct Arm64Image {
    uint64_t text_offset;
    uint64_t image_bytes; /* memory it needs, at least the file's size */
} Arm64Image;

bool arm64_image_check(const uint8_t *data, size_t len, const char *path, GError **errp);
void arm64_image_parse(const uint8_t *data, size_t len, Arm64Image *ret);

/* efi_zboot_parse - where the packed kernel lies in an EFI zboot image; false for others.
 */
bool efi_zboot_parse(const uint8_t *data, size_t len, uint32_t *ret_offset,
                     uint32_t *ret_bytes);

#endif
