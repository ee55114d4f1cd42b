/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "x86.h"

#define MULTIBOOT_HELLO 0x2BADB002u
#define PVH_MAGIC       0x336ec578u
#define MEMMAP_RAM      1

/* Source: Xen public interface, struct hvm_start_info and its lists, version 1. */
typedef struct PvhInfo {
    uint32_t magic;
    uint32_t version;
    uint32_t flags;
    uint32_t module_count;
    uint64_t modules;
    uint64_t cmdline;
    uint64_t rsdp;
    uint64_t memmap;
    uint32_t memmap_count;
    uint32_t reserved;
} PvhInfo;

typedef struct PvhModule {
    uint64_t start;
    uint64_t size;
    uint64_t cmdline;
    uint64_t reserved;
} PvhModule;

typedef struct PvhMemory {
    uint64_t start;
    uint64_t size;
    uint32_t type;
    uint32_t reserved;
} PvhMemory;

/* Source: Multiboot Specification 0.6.96, section 3.3. */
typedef struct MultibootInfo {
    uint32_t flags; /* bit 0 memory, bit 2 command line, bit 3 modules, bit 6 map */
    uint32_t mem_lower_kib;
    uint32_t mem_upper_kib;
    uint32_t boot_device;
    uint32_t cmdline;
    uint32_t module_count;
    uint32_t modules;
    uint32_t symbols[4];
    uint32_t memmap_bytes;
    uint32_t memmap;
} MultibootInfo;

static const void *at(uint64_t address)
{
    return (const void *)address;
}

static void decode_pvh(BootInfo *boot, const PvhInfo *info)
{
    const PvhModule *modules = at(info->modules);
    const PvhMemory *memmap = at(info->memmap);

    boot->protocol = "pvh";
    boot->rsdp = info->rsdp;
    (void)text_copy(boot->cmdline, sizeof(boot->cmdline), at(info->cmdline));
    boot->module_count = info->module_count;
    if (info->module_count) {
        boot->module_bytes = modules[0].size;
    }
    for (uint32_t i = 0; info->version >= 1 && i < info->memmap_count; i++) {
        if (memmap[i].type == MEMMAP_RAM) {
            boot->ram_bytes += memmap[i].size;
        }
    }
}

static void decode_multiboot(BootInfo *boot, const MultibootInfo *info)
{
    const uint32_t *modules = at(info->modules);

    boot->protocol = "multiboot";
    if (info->flags & 1) {
        boot->ram_bytes = ((uint64_t)info->mem_upper_kib + 1024) * 1024;
    }
    if (info->flags & 1u << 2) {
        (void)text_copy(boot->cmdline, sizeof(boot->cmdline), at(info->cmdline));
    }
    if (info->flags & 1u << 3) {
        boot->module_count = info->module_count;
        boot->module_bytes = info->module_count ? modules[1] - modules[0] : 0;
    }
}

void boot_info_decode(BootInfo *ret_boot, uint32_t magic, uint64_t info)
{
    ret_boot->protocol = "unknown";
    /* PVH says nothing about EAX; some firmware leaves the other protocol's hello there.
     */
    if (info && *(const uint32_t *)at(info) == PVH_MAGIC) {
        decode_pvh(ret_boot, at(info));
    } else if (magic == MULTIBOOT_HELLO) {
        decode_multiboot(ret_boot, at(info));
    }
}
