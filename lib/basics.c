/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How errors and text leave the library, and how text comes in.
 */
#include <string.h>

#include "internal.h"
#include "util/error.h"
#include "util/file.h"
#include "util/json.h"

#define FILE_MAX (16 * 1024 * 1024)
#define BOM      "\xef\xbb\xbf"

const char *vpmu_version(void)
{
    return VPMU_VERSION;
}

void vpmu_free(char *text)
{
    g_free(text);
}

const char *vpmu_arch_name(VpmuArch arch)
{
    switch (arch) {
    case VPMU_X86_64:
        return target_arch_name(TARGET_ARCH_X86_64);
    case VPMU_AARCH64:
        return target_arch_name(TARGET_ARCH_AARCH64);
    }
    return NULL;
}

VpmuStatus lib_fail_with(VpmuStatus status, GError *error, char **message)
{
    if (message) {
        *message = g_strdup(error->message);
    }
    g_error_free(error);
    return status;
}

VpmuStatus lib_fail(GError *error, char **message)
{
    bool is_system = g_error_matches(error, VPMU_ERROR, VPMU_ERROR_NO_FILE) ||
                     g_error_matches(error, VPMU_ERROR, VPMU_ERROR_TIMEOUT);

    return lib_fail_with(is_system ? VPMU_SYSTEM : VPMU_INVALID, error, message);
}

char *lib_read_text(const char *path, GError **errp)
{
    g_autoptr(FileSys) fs = file_sys_new("");
    size_t len = 0;
    g_autofree char *text = file_read(fs, path, FILE_MAX, &len, errp);
    bool is_wide = text && len >= 2 &&
                   (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0);
    g_autofree char *narrow =
        is_wide ? g_convert(text, (gssize)len, "UTF-8", "UTF-16", NULL, &len, NULL)
                : NULL;
    const char *content = is_wide ? narrow : text;

    if (!text) {
        return NULL;
    }
    if (!content) {
        error_set(errp, "%s: begins as UTF-16 and is none", path);
        return NULL;
    }
    if (strlen(content) != len) {
        error_set(errp, "%s: contains a NUL byte, text is expected", path);
        return NULL;
    }
    return g_strdup(content + (g_str_has_prefix(content, BOM) ? strlen(BOM) : 0));
}

json_object *lib_parse_json(const char *text, size_t len, const char *path, GError **errp)
{
    json_object *json = NULL;

    if (len > FILE_MAX) {
        error_set(errp, "text of %zu bytes; at most %u are accepted", len, FILE_MAX);
    } else {
        json = json_parse(len ? text : "", (gssize)len, errp);
    }
    if (!json && path) {
        g_prefix_error(errp, "%s: ", path);
    }
    return json;
}

json_object *lib_read_json(const char *path, GError **errp)
{
    g_autofree char *text = lib_read_text(path, errp);

    return text ? lib_parse_json(text, strlen(text), path, errp) : NULL;
}
