/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "made-kernel.h"

#include <elf.h>
#include <glib/gstdio.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

GByteArray *made_kernel_pvh(void)
{
    struct {
        Elf64_Ehdr header;
        Elf64_Phdr load, note;
        struct {
            uint32_t name_bytes, value_bytes, type;
            char name[4];
            uint64_t entry;
        } entry_note;
        uint8_t code[16];
    } file = {0};
    GByteArray *bytes = g_byte_array_new();

    memcpy(file.header.e_ident, ELFMAG, SELFMAG);
    file.header.e_ident[EI_CLASS] = ELFCLASS64;
    file.header.e_ident[EI_DATA] = ELFDATA2LSB;
    file.header.e_machine = EM_X86_64;
    file.header.e_phoff = offsetof(__typeof__(file), load);
    file.header.e_phnum = 2;
    file.load = (Elf64_Phdr){.p_type = PT_LOAD,
                             .p_offset = offsetof(__typeof__(file), code),
                             .p_paddr = MADE_KERNEL_ENTRY,
                             .p_filesz = sizeof(file.code),
                             .p_memsz = 0x1000};
    file.note = (Elf64_Phdr){.p_type = PT_NOTE,
                             .p_offset = offsetof(__typeof__(file), entry_note),
                             .p_filesz = sizeof(file.entry_note)};
    file.entry_note.name_bytes = 4;
    file.entry_note.value_bytes = 8;
    file.entry_note.type = 18;
    memcpy(file.entry_note.name, "Xen", 4);
    file.entry_note.entry = MADE_KERNEL_ENTRY;
    memset(file.code, 0xf4, sizeof(file.code));
    g_byte_array_append(bytes, (const uint8_t *)&file, sizeof(file));
    return bytes;
}

char *made_kernel_write(const GByteArray *bytes)
{
    char *path = NULL;
    int fd = g_file_open_tmp("vpmu-XXXXXX", &path, NULL);
    bool ok;

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    ok = g_file_set_contents(path, (const char *)bytes->data, (gssize)bytes->len, NULL);
    g_assert_true(ok);
    return path;
}
