/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU's errors and reports, as far as the tests of patches/qemu need them.
 */
#include "qapi/error.h"
#include "qemu/cutils.h"
#include "qemu/error-report.h"

struct Error {
    char *text;
};

Error *error_abort;

static char *last_report;

void error_setg(Error **errp, const char *text, ...)
{
    va_list args;

    va_start(args, text);
    if (errp) {
        g_assert_null(*errp);
        *errp = g_new0(Error, 1);
        (*errp)->text = g_strdup_vprintf(text, args);
    }
    va_end(args);
}

void error_setg_errno(Error **errp, int number, const char *text, ...)
{
    g_autofree char *why = NULL;
    va_list args;

    va_start(args, text);
    why = g_strdup_vprintf(text, args);
    va_end(args);
    error_setg(errp, "%s: %s", why, g_strerror(number));
}

void error_prepend(Error *const *errp, const char *text, ...)
{
    g_autofree char *old = (*errp)->text;
    g_autofree char *front = NULL;
    va_list args;

    va_start(args, text);
    front = g_strdup_vprintf(text, args);
    va_end(args);
    (*errp)->text = g_strconcat(front, old, NULL);
}

void error_propagate(Error **errp, Error *error)
{
    g_assert_null(*errp);
    *errp = error;
}

void error_free(Error *error)
{
    g_free(stub_error_take(&error));
}

void warn_report_err(Error *error)
{
    error_report_err(error);
}

void warn_reportf_err(Error *error, const char *text, ...)
{
    g_autofree char *rest = stub_error_take(&error);
    g_autofree char *front = NULL;
    va_list args;

    va_start(args, text);
    front = g_strdup_vprintf(text, args);
    va_end(args);
    warn_report("%s%s", front, rest);
}

void error_report_err(Error *error)
{
    g_autofree char *text = stub_error_take(&error);

    error_report("%s", text);
}

char *stub_error_take(Error **error)
{
    char *text = *error ? (*error)->text : NULL;

    g_free(*error);
    *error = NULL;
    return text;
}

static void keep(const char *text, va_list args)
{
    g_free(last_report);
    last_report = g_strdup_vprintf(text, args);
}

void error_report(const char *text, ...)
{
    va_list args;

    va_start(args, text);
    keep(text, args);
    va_end(args);
}

void warn_report(const char *text, ...)
{
    va_list args;

    va_start(args, text);
    keep(text, args);
    va_end(args);
}

char *stub_report_take(void)
{
    return g_steal_pointer(&last_report);
}

int qemu_strtou64(const char *text, const char **end, int base, uint64_t *value)
{
    char *rest;

    errno = 0;
    *value = g_ascii_strtoull(text, &rest, base);
    if (rest == text || errno || (!end && *rest)) {
        return -EINVAL;
    }
    if (end) {
        *end = rest;
    }
    return 0;
}
