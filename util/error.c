/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/error.h"

#include <errno.h>
#include <stdarg.h>

GQuark vpmu_error_quark(void)
{
    return g_quark_from_static_string("vpmu-error");
}

/*
 * Messages quote what a user, a file or a peer wrote; whatever that was, a message stays
 * one line of valid UTF-8.  Takes over @text.
 */
static void set_text(GError **errp, VpmuError code, char *text)
{
    g_autofree char *owned = text;
    g_autofree char *line = NULL;

    if (!errp) {
        return;
    }
    line = g_utf8_make_valid(owned, -1);
    for (char *at = line; *at; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f) {
            *at = '?';
        }
    }
    *errp = g_error_new_literal(VPMU_ERROR, code, line);
}

void error_set(GError **errp, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set_text(errp, VPMU_ERROR_FAILED, g_strdup_vprintf(format, args));
    va_end(args);
}

void error_set_errno(GError **errp, int errnum, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    set_text(errp, errnum == ENOENT ? VPMU_ERROR_NO_FILE : VPMU_ERROR_FAILED,
             g_strdup_printf("%s: %s", text, g_strerror(errnum)));
}

void error_set_code(GError **errp, VpmuError code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set_text(errp, code, g_strdup_vprintf(format, args));
    va_end(args);
}
