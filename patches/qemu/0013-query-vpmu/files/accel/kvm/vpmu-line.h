/*
 * The command line of this QEMU, in libvpmu's terms
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_KVM_VPMU_LINE_H
#define ACCEL_KVM_VPMU_LINE_H

#include <vpmu/vpmu.h>

#include "qapi/error.h"

/* Keep the words, before anything is made of them. */
void vpmu_line_keep(int argc, char **argv);

/*
 * What is asked of the guest's CPU.
 * @cpu: one of its kind, with the defaults of the machine type
 * @model: as after -cpu, in place of the line's own; or NULL
 *
 * NULL with @errp set where libvpmu does not understand it.
 */
VpmuRequest *vpmu_line_request(Object *cpu, const char *model, Error **errp);

#endif
