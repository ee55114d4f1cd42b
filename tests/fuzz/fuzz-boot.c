/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel image of either architecture: judged, then loaded into a small RAM. */
#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "boot-formats.h"
#include "hw/boot-images.h"
#include "util/bits.h"

#define RAM_BYTES (8 * MIB)

static void load(const BootImages *images, GuestMemory *memory)
{
    g_autoptr(GError) error = NULL;
    const ImageFile *kernel = &images->kernel;
    uint64_t end = 0;
    bool ok = true;

    if (images->kind == KERNEL_PVH) {
        ok = elf_load(kernel->data, kernel->len, "fuzz", memory, &end, &error);
    } else if (images->kind == KERNEL_MULTIBOOT) {
        ok = multiboot_load(kernel->data, kernel->len, images->multiboot_offset, "fuzz",
                            memory, &end, &error);
    }
    fuzz_promise_error(!ok, error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const GuestRange ram = {0, RAM_BYTES};
    g_autoptr(FileSys) fs = file_sys_new("");
    g_autoptr(GError) error = NULL;
    g_autoptr(BootImages) images = NULL;
    g_autoptr(GuestMemory) memory = NULL;
    g_autofree char *path = NULL;
    int fd;

    if (size < 1) {
        return 0;
    }
    fd = memfd_create("kernel", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data + 1, size - 1) != (ssize_t)(size - 1)) {
        return 0;
    }
    path = g_strdup_printf("/proc/self/fd/%d", fd);
    images = boot_images_open(fs, path, NULL, data[0] & 1, &error);
    close(fd);
    fuzz_promise_error(!images, error);
    if (images) {
        memory = guest_memory_new(&ram, 1, NULL);
        load(images, memory);
    }
    return 0;
}
