/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boot-formats.h"

#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "util/bits.h"
#include "util/error.h"

static uint16_t get16(const uint8_t *p)
{
    uint16_t value;

    memcpy(&value, p, sizeof(value));
    return GUINT16_FROM_LE(value);
}

static uint32_t get32(const uint8_t *p)
{
    uint32_t value;

    memcpy(&value, p, sizeof(value));
    return GUINT32_FROM_LE(value);
}

static uint64_t get64(const uint8_t *p)
{
    uint64_t value;

    memcpy(&value, p, sizeof(value));
    return GUINT64_FROM_LE(value);
}

/* ---- Linux/x86 bzImage ---- */

#define BZ_SETUP_SECTS  0x1f1
#define BZ_BOOT_FLAG    0x1fe
#define BZ_JUMP         0x200
#define BZ_MAGIC        0x202
#define BZ_VERSION      0x206
#define BZ_LOADFLAGS    0x211
#define BZ_INITRD_MAX   0x22c
#define BZ_XLOADFLAGS   0x236
#define BZ_CMDLINE_SIZE 0x238
#define BZ_PREF_ADDRESS 0x258
#define BZ_INIT_SIZE    0x260
#define BZ_HEADER_MIN   0x268
#define BZ_ENTRY_64     0x200

#define BZ_LOADED_HIGH 0x01
#define BZ_KERNEL_64   0x01
#define BZ_VERSION_MIN 0x020c /* the first with xloadflags */

bool bzimage_is(const uint8_t *data, size_t len)
{
    return len >= BZ_MAGIC + 4 && memcmp(data + BZ_MAGIC, "HdrS", 4) == 0;
}

void bzimage_parse(const uint8_t *data, BzImage *ret)
{
    uint8_t sectors = data[BZ_SETUP_SECTS];

    *ret = (BzImage){
        .setup_bytes = ((sectors ? sectors : 4u) + 1) * 512,
        .header_end = BZ_MAGIC + data[BZ_JUMP + 1],
        .version = get16(data + BZ_VERSION),
        .initrd_max = get32(data + BZ_INITRD_MAX),
        .cmdline_max = get32(data + BZ_CMDLINE_SIZE),
        .pref_address = get64(data + BZ_PREF_ADDRESS),
        .init_bytes = get32(data + BZ_INIT_SIZE),
    };
}

bool bzimage_check(const uint8_t *data, size_t len, const char *path, GError **errp)
{
    BzImage image;

    if (len < BZ_HEADER_MIN || get16(data + BZ_BOOT_FLAG) != 0xaa55) {
        error_set(errp, "kernel %s: the bzImage header is truncated or damaged", path);
        return false;
    }
    bzimage_parse(data, &image);
    if (image.version < BZ_VERSION_MIN || !(data[BZ_LOADFLAGS] & BZ_LOADED_HIGH) ||
        !(get16(data + BZ_XLOADFLAGS) & BZ_KERNEL_64)) {
        error_set(errp,
                  "kernel %s: boot protocol %u.%u without a 64-bit entry; 2.12 or later "
                  "of a 64-bit kernel is accepted",
                  path, image.version >> 8, image.version & 0xff);
        return false;
    }
    if (len < image.setup_bytes + BZ_ENTRY_64 + 16) {
        error_set(errp,
                  "kernel %s: truncated: %zu bytes, the setup part alone has %" PRIu32,
                  path, len, image.setup_bytes);
        return false;
    }
    if (image.init_bytes < len - image.setup_bytes) {
        error_set(errp,
                  "kernel %s: damaged: the header asks for less memory than the file "
                  "fills",
                  path);
        return false;
    }
    return true;
}

/* ---- ELF ---- */

#define NOTE_PVH_ENTRY 18 /* XEN_ELFNOTE_PHYS32_ENTRY */

/* The part of a program header both classes share. */
typedef struct Segment {
    uint32_t type;
    uint64_t offset, paddr, file_bytes, memory_bytes;
} Segment;

bool elf_is(const uint8_t *data, size_t len)
{
    return len >= EI_NIDENT && memcmp(data, ELFMAG, SELFMAG) == 0;
}

/* Number of program headers; 0 with an error for a file that is not a usable ELF. */
static unsigned elf_segments(const uint8_t *data, size_t len, const char *path,
                             uint64_t *ret_table, GError **errp)
{
    bool is_64 = data[EI_CLASS] == ELFCLASS64;
    size_t header_bytes = is_64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
    size_t entry_bytes = is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
    uint64_t table;
    unsigned count;

    if (len < header_bytes || data[EI_DATA] != ELFDATA2LSB ||
        (!is_64 && data[EI_CLASS] != ELFCLASS32)) {
        error_set(errp, "kernel %s: the ELF header is truncated or damaged", path);
        return 0;
    }
    table = is_64 ? get64(data + offsetof(Elf64_Ehdr, e_phoff))
                  : get32(data + offsetof(Elf32_Ehdr, e_phoff));
    count = get16(
        data + (is_64 ? offsetof(Elf64_Ehdr, e_phnum) : offsetof(Elf32_Ehdr, e_phnum)));
    if (count == 0 || !range_fits(table, count * entry_bytes, len)) {
        error_set(errp, "kernel %s: the ELF program headers lie outside the file", path);
        return 0;
    }
    *ret_table = table;
    return count;
}

static bool elf_segment(const uint8_t *data, size_t len, const char *path, uint64_t table,
                        unsigned index, Segment *ret, GError **errp)
{
    if (data[EI_CLASS] == ELFCLASS64) {
        Elf64_Phdr header;

        memcpy(&header, data + table + index * sizeof(header), sizeof(header));
        *ret = (Segment){header.p_type, header.p_offset, header.p_paddr, header.p_filesz,
                         header.p_memsz};
    } else {
        Elf32_Phdr header;

        memcpy(&header, data + table + index * sizeof(header), sizeof(header));
        *ret = (Segment){header.p_type, header.p_offset, header.p_paddr, header.p_filesz,
                         header.p_memsz};
    }
    if (!range_fits(ret->offset, ret->file_bytes, len) ||
        (ret->type == PT_LOAD && ret->file_bytes > ret->memory_bytes)) {
        error_set(errp, "kernel %s: truncated: ELF segment %u lies outside the file",
                  path, index);
        return false;
    }
    return true;
}

/* Looks through the notes of one segment; sizes are padded to 4 bytes. */
static bool note_find(const uint8_t *notes, uint64_t bytes, uint64_t *ret_entry)
{
    uint64_t at = 0;

    while (range_fits(at, 12, bytes)) {
        uint64_t name_bytes = get32(notes + at), value_bytes = get32(notes + at + 4);
        uint32_t type = get32(notes + at + 8);
        uint64_t name = at + 12, value = name + align_up(name_bytes, 4);

        if (!range_fits(name, align_up(name_bytes, 4), bytes) ||
            !range_fits(value, value_bytes, bytes)) {
            return false;
        }
        if (type == NOTE_PVH_ENTRY && name_bytes == 4 &&
            memcmp(notes + name, "Xen", 4) == 0 && value_bytes >= 4) {
            *ret_entry = value_bytes >= 8 ? get64(notes + value) : get32(notes + value);
            return true;
        }
        at = value + align_up(value_bytes, 4);
    }
    return false;
}

bool pvh_find_entry(const uint8_t *data, size_t len, const char *path, bool *ret_found,
                    uint64_t *ret_entry, GError **errp)
{
    uint64_t table;
    unsigned count = elf_segments(data, len, path, &table, errp);

    *ret_found = false;
    for (unsigned i = 0; i < count; i++) {
        Segment segment;

        if (!elf_segment(data, len, path, table, i, &segment, errp)) {
            return false;
        }
        if (segment.type == PT_NOTE &&
            note_find(data + segment.offset, segment.file_bytes, ret_entry)) {
            *ret_found = true;
        }
    }
    return count > 0;
}

bool elf_load(const uint8_t *data, size_t len, const char *path, GuestMemory *memory,
              uint64_t *ret_end, GError **errp)
{
    uint64_t table, end = 0;
    unsigned count = elf_segments(data, len, path, &table, errp);

    for (unsigned i = 0; i < count; i++) {
        Segment segment;

        if (!elf_segment(data, len, path, table, i, &segment, errp)) {
            return false;
        }
        if (segment.type != PT_LOAD || segment.memory_bytes == 0) {
            continue;
        }
        if (!guest_memory_write(memory, segment.paddr, data + segment.offset,
                                segment.file_bytes, errp) ||
            !guest_memory_clear(memory, segment.paddr + segment.file_bytes,
                                segment.memory_bytes - segment.file_bytes, errp)) {
            g_prefix_error(
                errp, "kernel %s: ELF segment %u does not fit in RAM (see -m): ", path,
                i);
            return false;
        }
        end = MAX(end, segment.paddr + segment.memory_bytes);
    }
    *ret_end = end;
    return count > 0;
}

/* ---- multiboot 1 ---- */

#define MULTIBOOT_MAGIC     0x1badb002
#define MULTIBOOT_SEARCH    8192
#define MULTIBOOT_ADDRESSES BIT64(16)
#define MULTIBOOT_REFUSED   0xfff8 /* required features this loader does not have */

enum {
    MB_HEADER = 12,
    MB_LOAD = 16,
    MB_LOAD_END = 20,
    MB_BSS_END = 24,
    MB_ENTRY = 28
};

bool multiboot_find(const uint8_t *data, size_t len, uint32_t *ret_offset)
{
    size_t end = MIN(len, MULTIBOOT_SEARCH);

    for (uint32_t at = 0; at + 12 <= end; at += 4) {
        if (get32(data + at) == MULTIBOOT_MAGIC &&
            get32(data + at) + get32(data + at + 4) + get32(data + at + 8) == 0) {
            *ret_offset = at;
            return true;
        }
    }
    return false;
}

static bool multiboot_has_addresses(const uint8_t *data, uint32_t offset)
{
    return get32(data + offset + 4) & MULTIBOOT_ADDRESSES;
}

bool multiboot_check(const uint8_t *data, size_t len, uint32_t offset, const char *path,
                     uint64_t *ret_entry, GError **errp)
{
    uint32_t flags = get32(data + offset + 4);

    if (flags & MULTIBOOT_REFUSED & ~UINT32_C(7)) {
        error_set(errp,
                  "kernel %s: multiboot flags 0x%" PRIx32 " ask for a feature that is "
                  "not there",
                  path, flags);
        return false;
    }
    if (flags & MULTIBOOT_ADDRESSES) {
        if (offset + 32 > len ||
            get32(data + offset + MB_LOAD) > get32(data + offset + MB_HEADER)) {
            error_set(errp, "kernel %s: the multiboot header is truncated or damaged",
                      path);
            return false;
        }
        *ret_entry = get32(data + offset + MB_ENTRY);
        return true;
    }
    if (!elf_is(data, len) || data[EI_CLASS] != ELFCLASS32 || len < sizeof(Elf32_Ehdr)) {
        error_set(errp,
                  "kernel %s: a multiboot image without addresses must be a 32-bit ELF",
                  path);
        return false;
    }
    *ret_entry = get32(data + offsetof(Elf32_Ehdr, e_entry));
    return true;
}

bool multiboot_load(const uint8_t *data, size_t len, uint32_t offset, const char *path,
                    GuestMemory *memory, uint64_t *ret_end, GError **errp)
{
    uint32_t load, load_end, bss_end, skip;
    uint64_t start, bytes;

    if (!multiboot_has_addresses(data, offset)) {
        return elf_load(data, len, path, memory, ret_end, errp);
    }
    load = get32(data + offset + MB_LOAD);
    load_end = get32(data + offset + MB_LOAD_END);
    bss_end = get32(data + offset + MB_BSS_END);
    skip = get32(data + offset + MB_HEADER) - load;
    if (skip > offset) {
        error_set(errp, "kernel %s: the multiboot header is damaged", path);
        return false;
    }
    start = offset - skip;
    bytes = load_end ? (uint64_t)load_end - load : len - start;
    if (load_end && (load_end < load || !range_fits(start, bytes, len))) {
        error_set(errp, "kernel %s: truncated: the multiboot image lies outside the file",
                  path);
        return false;
    }
    *ret_end = MAX(load + bytes, (uint64_t)bss_end);
    if (!guest_memory_write(memory, load, data + start, bytes, errp) ||
        !guest_memory_clear(memory, load + bytes, *ret_end - (load + bytes), errp)) {
        g_prefix_error(errp, "kernel %s: does not fit in RAM (see -m): ", path);
        return false;
    }
    return true;
}

/* ---- arm64 Image ---- */

#define ARM64_TEXT_OFFSET  8
#define ARM64_IMAGE_SIZE   16
#define ARM64_FLAGS        24
#define ARM64_MAGIC        56
#define ARM64_HEADER_BYTES 64
#define ARM64_OLD_OFFSET   0x80000

bool arm64_image_check(const uint8_t *data, size_t len, const char *path, GError **errp)
{
    if (len < ARM64_HEADER_BYTES || memcmp(data + ARM64_MAGIC, "ARM\x64", 4) != 0) {
        error_set(errp,
                  "kernel %s: not an arm64 Image (also gzip-compressed); nothing else "
                  "is accepted",
                  path);
        return false;
    }
    if (get64(data + ARM64_FLAGS) & 1) {
        error_set(errp, "kernel %s: a big-endian kernel; little-endian ones are accepted",
                  path);
        return false;
    }
    if (get64(data + ARM64_IMAGE_SIZE) > UINT32_MAX ||
        get64(data + ARM64_TEXT_OFFSET) > 64 * MIB) {
        error_set(errp, "kernel %s: the arm64 Image header is damaged", path);
        return false;
    }
    return true;
}

void arm64_image_parse(const uint8_t *data, size_t len, Arm64Image *ret)
{
    uint64_t bytes = get64(data + ARM64_IMAGE_SIZE);

    /* Kernels before 3.17 leave the size 0 and mean the old fixed offset. */
    ret->text_offset = bytes ? get64(data + ARM64_TEXT_OFFSET) : ARM64_OLD_OFFSET;
    ret->image_bytes = MAX(bytes, len);
}

bool efi_zboot_parse(const uint8_t *data, size_t len, uint32_t *ret_offset,
                     uint32_t *ret_bytes)
{
    if (len < ARM64_HEADER_BYTES || memcmp(data, "MZ", 2) != 0 ||
        memcmp(data + 4, "zimg", 4) != 0) {
        return false;
    }
    *ret_offset = get32(data + 8);
    *ret_bytes = get32(data + 12);
    return range_fits(*ret_offset, *ret_bytes, len);
}
