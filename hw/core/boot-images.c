/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/boot-images.h"

#include <gio/gio.h>
#include <string.h>

#include "boot-formats.h"
#include "util/bits.h"
#include "util/error.h"

/* Far above any real kernel; keeps a typing error from eating the host's memory. */
#define IMAGE_BYTES_MAX (UINT64_C(2) * GIB)
#define BLOB_BYTES_MAX  (16 * MIB)

/* Copied: a guest can reset itself, whatever has become of the file. */
static bool image_open(FileSys *fs, const char *path, const char *what, ImageFile *image,
                       GError **errp)
{
    char *data = file_read(fs, path, IMAGE_BYTES_MAX, &image->len, errp);

    image->path = g_strdup(path);
    if (!data) {
        g_prefix_error(errp, "%s: ", what);
        return false;
    }
    image->bytes = g_bytes_new_take(data, image->len);
    image->data = (const uint8_t *)data;
    if (image->len == 0) {
        error_set(errp, "%s %s: the file is empty", what, path);
        return false;
    }
    return true;
}

static void image_clear(ImageFile *image)
{
    g_free(image->path);
    g_clear_pointer(&image->bytes, g_bytes_unref);
}

void boot_images_free(BootImages *images)
{
    if (images) {
        image_clear(&images->kernel);
        image_clear(&images->initrd);
        g_clear_pointer(&images->blobs, g_ptr_array_unref);
        g_free(images);
    }
}

/* Replaces @image's content by what @len bytes of gzip at @data unpack to. */
static bool image_unpack(ImageFile *image, const uint8_t *data, size_t len, GError **errp)
{
    g_autoptr(GConverter) gunzip =
        G_CONVERTER(g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP));
    g_autoptr(GByteArray) out = g_byte_array_new();
    GConverterResult result = G_CONVERTER_CONVERTED;

    while (result != G_CONVERTER_FINISHED) {
        uint8_t chunk[65536];
        gsize read = 0, written = 0;
        g_autoptr(GError) cause = NULL;

        result = g_converter_convert(gunzip, data, len, chunk, sizeof(chunk),
                                     G_CONVERTER_INPUT_AT_END, &read, &written, &cause);
        if (result == G_CONVERTER_ERROR) {
            error_set(errp, "kernel %s: gzip data is damaged or truncated: %s",
                      image->path, cause->message);
            return false;
        }
        g_byte_array_append(out, chunk, (guint)written);
        data += read;
        len -= read;
        if (out->len > IMAGE_BYTES_MAX / 2) {
            error_set(errp, "kernel %s: unpacks to more than 1 GiB", image->path);
            return false;
        }
    }
    g_bytes_unref(image->bytes);
    image->bytes = g_byte_array_free_to_bytes(g_steal_pointer(&out));
    image->data = g_bytes_get_data(image->bytes, &image->len);
    return true;
}

static bool is_gzip(const uint8_t *data, size_t len)
{
    return len >= 2 && data[0] == 0x1f && data[1] == 0x8b;
}

static bool check_arm64(BootImages *images, GError **errp)
{
    ImageFile *kernel = &images->kernel;
    uint32_t offset, bytes;

    if (is_gzip(kernel->data, kernel->len) &&
        !image_unpack(kernel, kernel->data, kernel->len, errp)) {
        return false;
    }
    if (efi_zboot_parse(kernel->data, kernel->len, &offset, &bytes)) {
        if (!is_gzip(kernel->data + offset, bytes)) {
            error_set(errp,
                      "kernel %s: EFI zboot image packed with something else than gzip",
                      kernel->path);
            return false;
        }
        if (!image_unpack(kernel, kernel->data + offset, bytes, errp)) {
            return false;
        }
    }
    images->kind = KERNEL_ARM64_IMAGE;
    return arm64_image_check(kernel->data, kernel->len, kernel->path, errp);
}

static bool check_x86(BootImages *images, GError **errp)
{
    const ImageFile *kernel = &images->kernel;

    if (bzimage_is(kernel->data, kernel->len)) {
        images->kind = KERNEL_BZIMAGE;
        return bzimage_check(kernel->data, kernel->len, kernel->path, errp);
    }
    if (elf_is(kernel->data, kernel->len)) {
        bool found;

        if (!pvh_find_entry(kernel->data, kernel->len, kernel->path, &found,
                            &images->entry, errp)) {
            return false;
        }
        if (found) {
            images->kind = KERNEL_PVH;
            return true;
        }
    }
    if (multiboot_find(kernel->data, kernel->len, &images->multiboot_offset)) {
        images->kind = KERNEL_MULTIBOOT;
        return multiboot_check(kernel->data, kernel->len, images->multiboot_offset,
                               kernel->path, &images->entry, errp);
    }
    error_set(errp,
              "kernel %s: %s; a bzImage, an ELF with a PVH note or a multiboot image "
              "is accepted",
              kernel->path,
              elf_is(kernel->data, kernel->len)
                  ? "an ELF file with neither PVH note nor multiboot header"
                  : "not a kernel this monitor knows");
    return false;
}

BootImages *boot_images_open(FileSys *fs, const char *kernel, const char *initrd,
                             bool is_arm, GError **errp)
{
    g_autoptr(BootImages) images = g_new0(BootImages, 1);

    images->blobs = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    if (!kernel) {
        if (initrd) {
            error_set(errp, "-initrd %s: there is no -kernel to go with it", initrd);
            return NULL;
        }
        return g_steal_pointer(&images);
    }
    if (!image_open(fs, kernel, "kernel", &images->kernel, errp) ||
        !(is_arm ? check_arm64(images, errp) : check_x86(images, errp))) {
        return NULL;
    }
    if (initrd && !image_open(fs, initrd, "initrd", &images->initrd, errp)) {
        return NULL;
    }
    return g_steal_pointer(&images);
}

bool boot_images_add_blob(BootImages *images, FileSys *fs, const char *text,
                          const char *path, GError **errp)
{
    char *data = NULL;
    size_t len;

    if (text) {
        g_ptr_array_add(images->blobs, NULL); /* the plan has it */
        return true;
    }
    data = file_read(fs, path, BLOB_BYTES_MAX, &len, errp);
    if (!data) {
        g_prefix_error(errp, "-fw_cfg: ");
        return false;
    }
    g_ptr_array_add(images->blobs, g_bytes_new_take(data, len));
    return true;
}
