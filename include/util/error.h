/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one GError domain of the program.
 *
 * A code other than VPMU_ERROR_FAILED exists only where a caller acts on it.
 */
#ifndef UTIL_ERROR_H
#define UTIL_ERROR_H

#include <glib.h>

typedef enum VpmuError {
    VPMU_ERROR_FAILED,        /* GenericError on the wire */
    VPMU_ERROR_NOT_FOUND,     /* DeviceNotFound on the wire */
    VPMU_ERROR_NOT_ACTIVE,    /* DeviceNotActive on the wire */
    VPMU_ERROR_NO_FILE,       /* ENOENT */
    VPMU_ERROR_NOT_SUPPORTED, /* the kernel or host does not have it */
    VPMU_ERROR_TIMEOUT,       /* it did not come in time */
    VPMU_ERROR_PEER           /* what the other side says went wrong */
} VpmuError;

#define VPMU_ERROR (vpmu_error_quark())

/* vpmu_error_quark - the error domain. */
GQuark vpmu_error_quark(void);

/*
 * error_set - set @errp to a plain failure with a formatted message.
 * Control characters that arrive through the arguments become "?", bad UTF-8 is replaced.
 */
void error_set(GError **errp, const char *format, ...) G_GNUC_PRINTF(2, 3);

/*
 * error_set_errno - as error_set(), with ": " and the text of @errnum appended.
 * ENOENT becomes VPMU_ERROR_NO_FILE.
 */
void error_set_errno(GError **errp, int errnum, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* error_set_code - as error_set(), with a code some caller acts on. */
void error_set_code(GError **errp, VpmuError code, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

#endif
