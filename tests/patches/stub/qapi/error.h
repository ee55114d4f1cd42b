/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STUB_QAPI_ERROR_H
#define STUB_QAPI_ERROR_H

#include "qemu/osdep.h"

extern Error *error_abort;

void error_setg(Error **errp, const char *text, ...) G_GNUC_PRINTF(2, 3);
void error_setg_errno(Error **errp, int number, const char *text, ...)
    G_GNUC_PRINTF(3, 4);
void error_prepend(Error *const *errp, const char *text, ...) G_GNUC_PRINTF(2, 3);
void error_propagate(Error **errp, Error *error);
void error_free(Error *error);
void error_report_err(Error *error);
void warn_report_err(Error *error);
void warn_reportf_err(Error *error, const char *text, ...) G_GNUC_PRINTF(2, 3);

/* For tests: the text of an error, which is freed; NULL for none. */
char *stub_error_take(Error **error);

#endif
