/*
 * What libvpmu has to say against something, as QEMU's errors
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_KVM_VPMU_ERRORS_H
#define ACCEL_KVM_VPMU_ERRORS_H

#include <vpmu/vpmu.h>

#include "qapi/error.h"

/* An error of the library about @what; its @message goes. */
void vpmu_set_error(Error **errp, const char *what, char *message);

/* The errors of a report as one line, which is the caller's. */
char *vpmu_errors_text(const VpmuReport *report);

#endif
