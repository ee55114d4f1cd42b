/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "../core/boot-formats.h"
#include "util/error.h"
#include "util/number.h"
#include "virt-layout.h"
#include "virt.h"

static bool need_ram(const Machine *machine, const char *what, const char *path,
                     uint64_t gpa, uint64_t bytes, GError **errp)
{
    const GuestRange *ram = &machine->plan->ram[0];
    g_autofree char *have = NULL;

    if (gpa >= ram->gpa && range_fits(gpa - ram->gpa, bytes, ram->bytes)) {
        return true;
    }
    have = number_format_size(machine->plan->ram_bytes);
    error_set(errp,
              "%s %s: needs 0x%" PRIx64 " bytes at offset 0x%" PRIx64
              " of RAM; -m gives %s",
              what, path, bytes, gpa - ram->gpa, have);
    return false;
}

/* Nothing to boot: the processor waits, as it would behind firmware that found no disk.
 */
static bool load_nothing(Machine *machine, VirtBoot *ret, GError **errp)
{
    static const uint8_t code[] = {0x7f, 0x20, 0x03, 0xd5,  /* wfi */
                                   0xff, 0xff, 0xff, 0x17}; /* again */
    const GuestRange *ram = &machine->plan->ram[0];

    *ret = (VirtBoot){.entry = ram->gpa + VIRT_FDT_BYTES, .fdt_gpa = ram->gpa};
    return guest_memory_write(machine->memory, ret->entry, code, sizeof(code), errp);
}

bool boot_arm_load(Machine *machine, const BootImages *images, VirtBoot *ret,
                   GError **errp)
{
    const ImageFile *kernel = &images->kernel, *initrd = &images->initrd;
    const GuestRange *ram = &machine->plan->ram[0];
    Arm64Image image;
    uint64_t kernel_gpa;

    if (images->kind == KERNEL_NONE) {
        return load_nothing(machine, ret, errp);
    }
    arm64_image_parse(kernel->data, kernel->len, &image);
    kernel_gpa = ram->gpa + VIRT_KERNEL_ALIGN + image.text_offset;
    *ret = (VirtBoot){.entry = kernel_gpa, .fdt_gpa = ram->gpa};
    if (!need_ram(machine, "kernel", kernel->path, kernel_gpa, image.image_bytes, errp) ||
        !guest_memory_write(machine->memory, kernel_gpa, kernel->data, kernel->len,
                            errp)) {
        return false;
    }
    if (!initrd->data) {
        return true;
    }
    ret->initrd_gpa = align_up(kernel_gpa + image.image_bytes, VIRT_KERNEL_ALIGN);
    ret->initrd_bytes = initrd->len;
    return need_ram(machine, "initrd", initrd->path, ret->initrd_gpa, initrd->len,
                    errp) &&
           guest_memory_write(machine->memory, ret->initrd_gpa, initrd->data, initrd->len,
                              errp);
}
