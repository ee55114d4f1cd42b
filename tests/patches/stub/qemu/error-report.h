/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STUB_QEMU_ERROR_REPORT_H
#define STUB_QEMU_ERROR_REPORT_H

#include "qemu/osdep.h"

void error_report(const char *text, ...) G_GNUC_PRINTF(1, 2);
void warn_report(const char *text, ...) G_GNUC_PRINTF(1, 2);

/* For tests: what was reported last, and forgets it; NULL for nothing. */
char *stub_report_take(void);

#endif
