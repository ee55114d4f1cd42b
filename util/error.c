/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/error.h"

#include <errno.h>
#include <stdarg.h>

GQuark vpmu_error_quark(void)
{
    return g_quark_from_static_string("vpmu-error");
}

void error_set(GError **errp, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (errp) {
        *errp = g_error_new_valist(VPMU_ERROR, VPMU_ERROR_FAILED, format, args);
    }
    va_end(args);
}

void error_set_errno(GError **errp, int errnum, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    if (!errp) {
        return;
    }
    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    *errp = g_error_new(VPMU_ERROR,
                        errnum == ENOENT ? VPMU_ERROR_NOT_FOUND : VPMU_ERROR_FAILED,
                        "%s: %s", text, g_strerror(errnum));
}

void error_set_code(GError **errp, VpmuError code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (errp) {
        *errp = g_error_new_valist(VPMU_ERROR, code, format, args);
    }
    va_end(args);
}
