/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FileSys: the door to files the program reads.
 *
 * Everything read from the host outside KVM (kernel images, sysfs, profiles) passes here,
 * so that a test can hand in a door whose Nth use fails, or another root folder.
 */
#ifndef UTIL_FILE_H
#define UTIL_FILE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct FileSys FileSys;

/* file_sys_new - the real files, below @root ("" is the whole machine). */
FileSys *file_sys_new(const char *root);

/*
 * file_sys_set_fault - make use number @nth (1 is the next) fail with EIO; 0 is never.
 * For tests.
 */
void file_sys_set_fault(FileSys *fs, unsigned nth);

/* file_sys_uses - how many uses the door has seen. */
unsigned file_sys_uses(const FileSys *fs);

/* file_sys_free - NULL is nothing. */
void file_sys_free(FileSys *fs);

/*
 * file_read - the whole of a file, copied: what happens to the file later is no matter.
 * @limit: more bytes than this is an error
 *
 * A pipe is read to its end, as long as something comes every five seconds; a device is
 * refused.  Returns the content, always followed by a NUL that is not counted in
 * @ret_len, owned by the caller; or NULL with a message that names the path.  A missing
 * file has the code VPMU_ERROR_NO_FILE.
 */
char *file_read(FileSys *fs, const char *path, size_t limit, size_t *ret_len,
                GError **errp);

/* file_read_line - as file_read(), one line without its end; "" for an empty file. */
char *file_read_line(FileSys *fs, const char *path, GError **errp);

/* file_read_link - target of a symbolic link, at most 4095 bytes; owned by the caller. */
char *file_read_link(FileSys *fs, const char *path, GError **errp);

/* file_list - names in a folder, sorted bytewise, without "." and ".."; g_strfreev(). */
char **file_list(FileSys *fs, const char *path, GError **errp);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(FileSys, file_sys_free)

#endif
