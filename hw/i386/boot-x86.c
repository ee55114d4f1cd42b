/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boot-x86.h"

#include <inttypes.h>
#include <string.h>

#include "../core/boot-formats.h"
#include "pc-layout.h"
#include "util/error.h"
#include "util/number.h"

#define PAGE_PRESENT_WRITE 0x03
#define PAGE_LARGE         0x80

/* Linux boot_params.  Source: Linux Documentation/arch/x86/zero-page.rst, boot.rst. */
#define ZP_ACPI_RSDP     0x070
#define ZP_E820_COUNT    0x1e8
#define ZP_HEADER        0x1f1
#define ZP_LOADER_TYPE   0x210
#define ZP_RAMDISK_IMAGE 0x218
#define ZP_RAMDISK_SIZE  0x21c
#define ZP_CMDLINE_PTR   0x228
#define ZP_E820_TABLE    0x2d0
#define ZP_BYTES         0x1000
#define LOADER_UNDEFINED 0xff
#define LINUX_ENTRY_64   0x200

#define E820_RAM      1
#define E820_RESERVED 2
#define E820_MAX      8

/* PVH start info.  Source: Xen public/arch-x86/hvm/start_info.h, version 1. */
#define PVH_MAGIC 0x336ec578

typedef struct __attribute__((packed)) PvhStartInfo {
    uint32_t magic, version, flags, module_count;
    uint64_t module_list, cmdline, rsdp, memmap;
    uint32_t memmap_entries, reserved;
} PvhStartInfo;

typedef struct __attribute__((packed)) PvhModule {
    uint64_t base, bytes, cmdline, reserved;
} PvhModule;

typedef struct __attribute__((packed)) PvhMemmapEntry {
    uint64_t base, bytes;
    uint32_t type, reserved;
} PvhMemmapEntry;

typedef struct __attribute__((packed)) E820Entry {
    uint64_t base, bytes;
    uint32_t type;
} E820Entry;

#define MULTIBOOT_BOOTLOADER_MAGIC 0x2badb002
#define MB_INFO_MEMORY             BIT64(0)
#define MB_INFO_CMDLINE            BIT64(2)
#define MB_INFO_MODULES            BIT64(3)
#define MB_INFO_MEMMAP             BIT64(6)
#define MB_INFO_LOADER             BIT64(9)

/* Multiboot information, up to the loader's name.  Specification 0.6.96, section 3.3. */
typedef struct __attribute__((packed)) MultibootInfo {
    uint32_t flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr;
    uint32_t syms[4];
    uint32_t mmap_length, mmap_addr, drives_length, drives_addr, config_table;
    uint32_t loader_name;
} MultibootInfo;

typedef struct __attribute__((packed)) MultibootModule {
    uint32_t start, end, string, reserved;
} MultibootModule;

typedef struct __attribute__((packed)) MultibootMemmapEntry {
    uint32_t size; /* of what follows */
    E820Entry entry;
} MultibootMemmapEntry;

static unsigned memory_map(const MachinePlan *plan, E820Entry map[E820_MAX])
{
    unsigned n = 0;

    map[n++] = (E820Entry){0, PC_EBDA_GPA, E820_RAM};
    map[n++] = (E820Entry){PC_EBDA_GPA, 0xa0000 - PC_EBDA_GPA, E820_RESERVED};
    map[n++] = (E820Entry){PC_ACPI_GPA, PC_ACPI_BYTES, E820_RESERVED};
    map[n++] =
        (E820Entry){PC_HIGH_RAM_GPA, plan->ram[0].bytes - PC_HIGH_RAM_GPA, E820_RAM};
    if (plan->pci) {
        map[n++] = (E820Entry){plan->pci->ecam_gpa, plan->pci->ecam_bytes, E820_RESERVED};
    }
    map[n++] = (E820Entry){PC_KVM_PAGES_GPA, 4 * 4 * KIB, E820_RESERVED};
    if (plan->ram_ranges > 1) {
        map[n++] = (E820Entry){plan->ram[1].gpa, plan->ram[1].bytes, E820_RAM};
    }
    return n;
}

/* One-to-one page tables for the first 4 GiB, in 2 MiB pages. */
static bool write_page_tables(GuestMemory *memory, GError **errp)
{
    uint64_t page[512] = {PC_PML4_GPA + 0x1000 + PAGE_PRESENT_WRITE};

    if (!guest_memory_write(memory, PC_PML4_GPA, page, sizeof(page), errp)) {
        return false;
    }
    memset(page, 0, sizeof(page));
    for (unsigned i = 0; i < 4; i++) {
        page[i] = PC_PML4_GPA + 0x2000 + i * 0x1000 + PAGE_PRESENT_WRITE;
    }
    if (!guest_memory_write(memory, PC_PML4_GPA + 0x1000, page, sizeof(page), errp)) {
        return false;
    }
    for (uint64_t i = 0; i < 4; i++) {
        for (uint64_t k = 0; k < 512; k++) {
            page[k] = (i * 512 + k) * 2 * MIB + PAGE_PRESENT_WRITE + PAGE_LARGE;
        }
        if (!guest_memory_write(memory, PC_PML4_GPA + 0x2000 + i * 0x1000, page,
                                sizeof(page), errp)) {
            return false;
        }
    }
    return true;
}

/* What -append says, and what a kernel without ACPI cannot find: slots of virtio-mmio. */
static char *kernel_cmdline(const MachinePlan *plan)
{
    GString *text = g_string_new(plan->append);

    for (unsigned i = 0; i < plan->devices->len; i++) {
        const DevicePlan *device = g_ptr_array_index(plan->devices, i);

        if (device->class->bus == DEVICE_BUS_VIRTIO_MMIO && !plan->config->acpi &&
            plan->config->auto_kernel_cmdline) {
            g_string_append_printf(
                text, " virtio_mmio.device=%" PRIu64 "@0x%" PRIx64 ":%d",
                device->ranges[0].bytes, device->ranges[0].base, device->irq);
        }
    }
    return g_string_free(text, FALSE);
}

/* @max: longest command line the kernel takes, without the terminator */
static bool write_cmdline(Machine *machine, uint64_t max, GError **errp)
{
    g_autofree char *text = kernel_cmdline(machine->plan);
    size_t len = strlen(text);

    max = MIN(max, PC_CMDLINE_BYTES - 1);
    if (len > max) {
        error_set(errp, "-append: %zu characters; this kernel takes %" PRIu64 " at most",
                  len, max);
        return false;
    }
    return guest_memory_write(machine->memory, PC_CMDLINE_GPA, text, len + 1, errp);
}

static bool need_ram(const Machine *machine, const char *what, const char *path,
                     uint64_t end, GError **errp)
{
    g_autofree char *have = NULL;

    if (end <= machine->plan->ram[0].bytes) {
        return true;
    }
    have = number_format_size(machine->plan->ram_bytes);
    error_set(errp, "%s %s: needs RAM up to address 0x%" PRIx64 "; -m gives %s", what,
              path, end, have);
    return false;
}

/* Puts the initrd as high as @max and RAM allow, above @kernel_end. */
static bool load_initrd(Machine *machine, const ImageFile *initrd, uint64_t kernel_end,
                        uint64_t max, uint64_t *ret_gpa, GError **errp)
{
    uint64_t end = MIN(max, machine->plan->ram[0].bytes);
    uint64_t gpa;

    *ret_gpa = 0;
    if (!initrd->data) {
        return true;
    }
    gpa = initrd->len <= end ? (end - initrd->len) & ~UINT64_C(0xfff) : 0;
    if (gpa < kernel_end) {
        return need_ram(machine, "initrd", initrd->path,
                        MAX(kernel_end + initrd->len, machine->plan->ram[0].bytes + 1),
                        errp);
    }
    *ret_gpa = gpa;
    return guest_memory_write(machine->memory, gpa, initrd->data, initrd->len, errp);
}

static void put32(uint8_t *at, uint32_t value)
{
    memcpy(at, &value, sizeof(value));
}

static void put64(uint8_t *at, uint64_t value)
{
    memcpy(at, &value, sizeof(value));
}

static bool write_zero_page(Machine *machine, const BootImages *images,
                            const BzImage *image, uint64_t initrd_gpa, GError **errp)
{
    uint8_t page[ZP_BYTES] = {0};
    E820Entry map[E820_MAX];
    unsigned entries = memory_map(machine->plan, map);

    memcpy(page + ZP_HEADER, images->kernel.data + ZP_HEADER,
           MIN(image->header_end, ZP_E820_TABLE) - ZP_HEADER);
    page[ZP_LOADER_TYPE] = LOADER_UNDEFINED;
    put32(page + ZP_RAMDISK_IMAGE, (uint32_t)initrd_gpa);
    put32(page + ZP_RAMDISK_SIZE, initrd_gpa ? (uint32_t)images->initrd.len : 0);
    put32(page + ZP_CMDLINE_PTR, PC_CMDLINE_GPA);
    put64(page + ZP_ACPI_RSDP, machine->plan->config->acpi ? PC_ACPI_GPA : 0);
    page[ZP_E820_COUNT] = (uint8_t)entries;
    memcpy(page + ZP_E820_TABLE, map, entries * sizeof(map[0]));
    return guest_memory_write(machine->memory, PC_ZERO_PAGE_GPA, page, sizeof(page),
                              errp);
}

static bool load_bzimage(Machine *machine, const BootImages *images, X86Start *ret,
                         GError **errp)
{
    const ImageFile *kernel = &images->kernel;
    uint64_t initrd_gpa, end;
    BzImage image;

    bzimage_parse(kernel->data, &image);
    /* It moves itself to its preferred address, and needs the room there. */
    end = MAX(image.pref_address, PC_HIGH_RAM_GPA) + image.init_bytes;
    if (!need_ram(machine, "kernel", kernel->path, end, errp) ||
        !guest_memory_write(machine->memory, PC_HIGH_RAM_GPA,
                            kernel->data + image.setup_bytes,
                            kernel->len - image.setup_bytes, errp) ||
        !load_initrd(machine, &images->initrd, end, (uint64_t)image.initrd_max + 1,
                     &initrd_gpa, errp) ||
        !write_cmdline(machine, image.cmdline_max ? image.cmdline_max : 255, errp) ||
        !write_zero_page(machine, images, &image, initrd_gpa, errp) ||
        !write_page_tables(machine->memory, errp)) {
        return false;
    }
    *ret = (X86Start){.state = &x86_start_long_64,
                      .rip = PC_HIGH_RAM_GPA + LINUX_ENTRY_64,
                      .rsp = PC_STACK_GPA,
                      .rsi = PC_ZERO_PAGE_GPA,
                      .cr3 = PC_PML4_GPA};
    return true;
}

static bool load_pvh(Machine *machine, const BootImages *images, X86Start *ret,
                     GError **errp)
{
    E820Entry map[E820_MAX];
    PvhMemmapEntry pvh_map[E820_MAX];
    unsigned entries = memory_map(machine->plan, map);
    PvhStartInfo info = {.magic = PVH_MAGIC,
                         .version = 1,
                         .cmdline = PC_CMDLINE_GPA,
                         .rsdp = machine->plan->config->acpi ? PC_ACPI_GPA : 0,
                         .memmap = PC_MEMMAP_GPA,
                         .memmap_entries = entries};
    PvhModule module = {.bytes = images->initrd.len};
    uint64_t end, initrd_gpa;

    for (unsigned i = 0; i < entries; i++) {
        pvh_map[i] = (PvhMemmapEntry){map[i].base, map[i].bytes, map[i].type, 0};
    }
    if (!elf_load(images->kernel.data, images->kernel.len, images->kernel.path,
                  machine->memory, &end, errp) ||
        !load_initrd(machine, &images->initrd, end, PC_4G_GPA, &initrd_gpa, errp) ||
        !write_cmdline(machine, PC_CMDLINE_BYTES, errp) ||
        !guest_memory_write(machine->memory, PC_MEMMAP_GPA, pvh_map,
                            entries * sizeof(pvh_map[0]), errp)) {
        return false;
    }
    if (initrd_gpa) {
        module.base = initrd_gpa;
        info.module_count = 1;
        info.module_list = PC_MEMMAP_GPA + sizeof(pvh_map);
        if (!guest_memory_write(machine->memory, info.module_list, &module,
                                sizeof(module), errp)) {
            return false;
        }
    }
    *ret = (X86Start){
        .state = &x86_start_protected_32, .rip = images->entry, .rbx = PC_START_INFO_GPA};
    return guest_memory_write(machine->memory, PC_START_INFO_GPA, &info, sizeof(info),
                              errp);
}

static bool write_multiboot_info(Machine *machine, uint64_t initrd_gpa,
                                 uint64_t initrd_bytes, GError **errp)
{
    static const char loader[] = "vpmu";
    E820Entry map[E820_MAX];
    unsigned entries = memory_map(machine->plan, map);
    struct {
        MultibootInfo info;
        MultibootModule module;
        MultibootMemmapEntry map[E820_MAX];
        char loader[sizeof(loader)];
    } block = {0};
    uint32_t gpa = PC_START_INFO_GPA;

    block.info.flags = MB_INFO_MEMORY | MB_INFO_CMDLINE | MB_INFO_MEMMAP | MB_INFO_LOADER;
    block.info.mem_lower = PC_EBDA_GPA / KIB;
    block.info.mem_upper =
        (uint32_t)((machine->plan->ram[0].bytes - PC_HIGH_RAM_GPA) / KIB);
    block.info.cmdline = PC_CMDLINE_GPA;
    block.info.mmap_addr = gpa + (uint32_t)((uint8_t *)block.map - (uint8_t *)&block);
    block.info.mmap_length = entries * sizeof(block.map[0]);
    block.info.loader_name =
        gpa + (uint32_t)((uint8_t *)block.loader - (uint8_t *)&block);
    memcpy(block.loader, loader, sizeof(loader));
    for (unsigned i = 0; i < entries; i++) {
        block.map[i] = (MultibootMemmapEntry){sizeof(E820Entry), map[i]};
    }
    if (initrd_gpa) {
        block.info.flags |= MB_INFO_MODULES;
        block.info.mods_count = 1;
        block.info.mods_addr =
            gpa + (uint32_t)((uint8_t *)&block.module - (uint8_t *)&block);
        block.module.start = (uint32_t)initrd_gpa;
        block.module.end = (uint32_t)(initrd_gpa + initrd_bytes);
    }
    return guest_memory_write(machine->memory, gpa, &block, sizeof(block), errp);
}

static bool load_multiboot(Machine *machine, const BootImages *images, X86Start *ret,
                           GError **errp)
{
    const ImageFile *kernel = &images->kernel;
    uint64_t end, initrd_gpa;

    *ret = (X86Start){.state = &x86_start_protected_32,
                      .rip = images->entry,
                      .rax = MULTIBOOT_BOOTLOADER_MAGIC,
                      .rbx = PC_START_INFO_GPA};
    return multiboot_load(kernel->data, kernel->len, images->multiboot_offset,
                          kernel->path, machine->memory, &end, errp) &&
           load_initrd(machine, &images->initrd, end, PC_4G_GPA, &initrd_gpa, errp) &&
           write_cmdline(machine, PC_CMDLINE_BYTES, errp) &&
           write_multiboot_info(machine, initrd_gpa, images->initrd.len, errp);
}

/* Nothing to boot: the processor waits, as it would behind firmware that found no disk.
 */
static bool load_nothing(Machine *machine, const BootImages *images, X86Start *ret,
                         GError **errp)
{
    static const uint8_t code[] = {0xfa, 0xf4, 0xeb, 0xfd}; /* cli; hlt; again */

    (void)images;
    *ret = (X86Start){.state = &x86_start_protected_32, .rip = PC_WAIT_GPA};
    return guest_memory_write(machine->memory, PC_WAIT_GPA, code, sizeof(code), errp);
}

bool boot_x86_load(Machine *machine, const BootImages *images, X86Start *ret,
                   GError **errp)
{
    static bool (*const loaders[])(Machine *, const BootImages *, X86Start *,
                                   GError **) = {
        [KERNEL_NONE] = load_nothing,
        [KERNEL_BZIMAGE] = load_bzimage,
        [KERNEL_PVH] = load_pvh,
        [KERNEL_MULTIBOOT] = load_multiboot,
    };

    if (!loaders[images->kind](machine, images, ret, errp)) {
        return false;
    }
    ret->gdt_base = PC_GDT_GPA;
    return guest_memory_write(machine->memory, PC_GDT_GPA, ret->state->gdt,
                              sizeof(ret->state->gdt), errp);
}
